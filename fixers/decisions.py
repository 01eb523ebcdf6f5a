"""What a person decided about each finding: kept on disk at once, so that a crash loses nothing.

Two sessions may decide at the same time: each brings only what it decided itself to what lies on the disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_VERSION: Final = 1
_UNDO: Final = 500


@dataclass(frozen=True, slots=True)
class State:
    """Selected findings with the name of the fix, and skipped ones with the reason."""

    selected: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


class Decisions:
    """Selections and skips by finding id, with undo and redo; `path=None` keeps them in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._state = self._saved = _load(path) if path else State()
        self._past: list[State] = []
        self._future: list[State] = []

    @property
    def selected(self) -> Mapping[str, str]:
        """Finding id to the name of the chosen fix; another mapping after each decision."""
        return self._state.selected

    @property
    def skipped(self) -> Mapping[str, str]:
        """Finding id to the reason, which may be empty."""
        return self._state.skipped

    def select(self, finding: str, fix: str = "default") -> None:
        """Choose a fix for a finding."""
        self.decide(select={finding: fix})

    def skip(self, finding: str, reason: str = "") -> None:
        """Leave a finding, for a reason."""
        self.decide(skip={finding: reason})

    def clear(self, finding: str) -> None:
        """Take the decision back."""
        self.decide(clear=(finding,))

    def decide(
        self,
        *,
        select: Mapping[str, str] | None = None,
        skip: Mapping[str, str] | None = None,
        clear: Iterable[str] = (),
    ) -> None:
        """Decide about many findings as one step: one write, one undo."""
        select, skip = select or {}, skip or {}
        gone = {*select, *skip, *clear}
        selected = {k: v for k, v in self._state.selected.items() if k not in gone}
        skipped = {k: v for k, v in self._state.skipped.items() if k not in gone}
        self._become({**selected, **select}, {**skipped, **skip})

    def undo(self) -> bool:
        """Take the last decision back; False when there is none."""
        return self._step(self._past, self._future)

    def redo(self) -> bool:
        """Decide again what was taken back; False when there is nothing."""
        return self._step(self._future, self._past)

    def forget(self, findings: tuple[str, ...]) -> None:
        """Drop decisions about findings that are mended now; this is no step that undo takes back."""
        gone = set(findings)
        self._state = State(
            {k: v for k, v in self._state.selected.items() if k not in gone},
            {k: v for k, v in self._state.skipped.items() if k not in gone},
        )
        self._save()

    def _become(self, selected: dict[str, str], skipped: dict[str, str]) -> None:
        new = State(selected, skipped)
        if new == self._state:
            return
        self._past = [*self._past[-_UNDO:], self._state]
        self._future = []
        self._state = new
        self._save()

    def _step(self, source: list[State], target: list[State]) -> bool:
        if not source:
            return False
        target.append(self._state)
        self._state = source.pop()
        self._save()
        return True

    def _save(self) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):  # a full disk must not end the session; the decisions live on in memory
                _keep(self._path, self._saved, self._state)
                self._saved = self._state


def _keep(path: Path, before: State, after: State) -> None:
    """Bring what was decided between two states to what lies on the disk."""
    lock, fresh = path.with_suffix(".lock"), path.with_suffix(".new")
    for made in (lock, fresh):
        made.touch(mode=0o600)
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        there = _load(path)
        own = {f for f in _decided(before) | _decided(after) if _about(before, f) != _about(after, f)}
        now = {
            name: {f: w for f, w in old.items() if f not in own} | {f: w for f, w in new.items() if f in own}
            for name, old, new in (
                ("selected", there.selected, after.selected),
                ("skipped", there.skipped, after.skipped),
            )
        }
        with fresh.open("w") as file:
            file.write(json.dumps({"version": _VERSION, **now}))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _decided(state: State) -> set[str]:
    return {*state.selected, *state.skipped}


def _about(state: State, finding: str) -> tuple[str | None, str | None]:
    return state.selected.get(finding), state.skipped.get(finding)


def _load(path: Path) -> State:
    try:
        data = json.loads(path.read_text())
        return State(_words(data["selected"]), _words(data["skipped"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return State()


def _words(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("a table was expected")
    return {str(k): str(v) for k, v in value.items()}
