"""What a person decided about each finding: kept on disk at once, with its undo, so that a crash loses nothing.

Two sessions may decide at the same time: each brings only what it decided itself to what lies on the disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

_VERSION: Final = 2
_UNDO: Final = 500
"""Steps that can be taken back."""
_KEPT: Final = 5_000
"""Findings in the steps that are kept on disk: the file is written at every key."""
_SELECT: Final = "select"
_SKIP: Final = "skip"

Decision = tuple[str, str]
"""(select, name of the fix) or (skip, reason)."""
Step = dict[str, Decision | None]
"""What a step changes: finding id to its decision, None for no decision."""


class Decisions:
    """Selections and skips by finding id, with undo and redo; `path=None` keeps them in memory only.

    A run that applies fixes forgets what it has committed in its own thread, while a person decides on.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._made, self._past, self._future = _load(path) if path else ({}, [], [])
        self._unsaved: Step = {}
        self._tell()

    def _tell(self) -> None:
        self.selected: Mapping[str, str] = _of(_SELECT, self._made)
        """Finding id to the name of the chosen fix; another mapping after each decision."""
        self.skipped: Mapping[str, str] = _of(_SKIP, self._made)
        """Finding id to the reason, which may be empty."""

    def decide(
        self,
        *,
        select: Mapping[str, str] | None = None,
        skip: Mapping[str, str] | None = None,
        clear: Iterable[str] = (),
    ) -> None:
        """Decide about many findings as one step: one write, one undo."""
        step: Step = dict.fromkeys(clear)
        step |= {k: (_SKIP, reason) for k, reason in (skip or {}).items()}
        step |= {k: (_SELECT, name) for k, name in (select or {}).items()}
        with self._lock:
            back = self._make(step)
            if back:
                self._past = [*self._past[1 - _UNDO :], back]
                self._future = []
                self._save()

    def undo(self) -> bool:
        """Take the last decision back; False when there is none."""
        return self._step(self._past, self._future)

    def redo(self) -> bool:
        """Decide again what was taken back; False when there is nothing."""
        return self._step(self._future, self._past)

    def forget(self, findings: Iterable[str]) -> None:
        """Drop decisions about findings that are mended now; this is no step that undo takes back."""
        gone = set(findings)
        with self._lock:
            self._make(dict.fromkeys(gone))
            for steps in (self._past, self._future):
                steps[:] = [left for s in steps if (left := {k: v for k, v in s.items() if k not in gone})]
            self._save()

    def _make(self, step: Step) -> Step:
        """Change what is decided; the step that would take that back, without what stays as it is."""
        back = {k: self._made.get(k) for k, v in step.items() if self._made.get(k) != v}
        for finding in back:
            self._made.pop(finding, None)
        self._made |= {k: v for k in back if (v := step[k]) is not None}
        self._unsaved |= {k: step[k] for k in back}
        self._tell()
        return back

    def _step(self, source: list[Step], target: list[Step]) -> bool:
        with self._lock:
            if not source:
                return False
            target.append(self._make(source.pop()))
            self._save()
            return True

    def _save(self) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):  # a full disk must not end the session; the decisions live on in memory
                _keep(self._path, self._unsaved, {"past": _newest(self._past), "future": _newest(self._future)})
                self._unsaved = {}


def _keep(path: Path, step: Step, history: dict[str, list[Step]]) -> None:
    """Bring what was decided to what lies on the disk."""
    lock, fresh = path.with_suffix(".lock"), path.with_suffix(".new")
    for made in (lock, fresh):
        made.touch(mode=0o600)
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        now = {k: v for k, v in {**_load(path)[0], **step}.items() if v is not None}
        data = {"version": _VERSION, "selected": _of(_SELECT, now), "skipped": _of(_SKIP, now), **history}
        with fresh.open("w") as file:
            file.write(json.dumps(data))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _load(path: Path) -> tuple[dict[str, Decision], list[Step], list[Step]]:
    """Decisions, and the steps that undo and redo them; nothing where there is no file or one that nobody can read."""
    try:
        data = json.loads(path.read_text())
        made = {str(k): (_SELECT, str(v)) for k, v in data["selected"].items()}
        made |= {str(k): (_SKIP, str(v)) for k, v in data["skipped"].items()}
        past, future = ([*map(_step, data.get(name, ()))] for name in ("past", "future"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}, [], []
    return made, past, future


def _of(kind: str, made: Mapping[str, Decision]) -> dict[str, str]:
    return {k: word for k, (known, word) in made.items() if known == kind}


def _newest(steps: list[Step]) -> list[Step]:
    """The last steps, as many as are worth writing."""
    room = _KEPT
    for number, step in enumerate(reversed(steps)):
        room -= len(step)
        if room < 0:
            return steps[len(steps) - number :]
    return steps


def _step(data: Any) -> Step:
    """A step as it was written. Raises ValueError, TypeError or AttributeError when it is none."""
    step: Step = {}
    for finding, decision in data.items():
        step[str(finding)] = None
        if decision is not None:
            kind, word = decision
            if kind not in (_SELECT, _SKIP):
                raise ValueError(kind)
            step[str(finding)] = (kind, str(word))
    return step
