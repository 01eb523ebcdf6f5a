"""The person's own editor, on a copy in our state folder: no name of the repository reaches a command line."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fixers.model import Finding, Fix, Refused
from tui.protocol import Session
from tui.review import Review

_PLUS: Final = frozenset(
    ["vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "kak", "micro", "joe", "mg", "pico"]
)
"""Editors that take `+LINE` before the file."""
_TAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


def command(environ: Mapping[str, str], path: Path, line: int) -> list[str]:
    """The argv that opens an absolute path at a line; VISUAL, then EDITOR, then vi."""
    words = shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "vi") or ["vi"]
    at = [f"+{line}"] if line > 0 and Path(words[0]).name in _PLUS else []
    return [*words, *at, str(path)]


def tame(path: str) -> str:
    """A file name that no editor reads as an option or a command, with the suffix kept for its colours."""
    name = path.rpartition("/")[2]
    if _TAME.fullmatch(name):
        return name
    suffix = re.search(r"\.[A-Za-z0-9]{1,10}$", name)
    return "file" + (suffix.group() if suffix else "")


def folder(session: Session, finding: Finding) -> Path:
    """Where the copies of one finding are kept."""
    return Path(session.state).absolute() / "edit" / re.sub(r"[^0-9a-z]", "", finding.id)


def write_copy(where: Path, path: str, data: bytes) -> Path:
    """A private copy of some bytes, under a tame name."""
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = where / tame(path)
    copy.unlink(missing_ok=True)
    handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return copy


def remember(where: Path, fix: Fix, path: str) -> None:
    """Note what a copy is the result of, so that it can be taken up after a crash; several files make several notes."""
    note = where / (tame(path) + ".edit.json")
    note.write_text(json.dumps({"fix": fix.name, "path": path}), encoding="utf-8")


def forget(where: Path) -> None:
    """Drop the copies of a finding."""
    for file in where.glob("*") if where.is_dir() else ():
        file.unlink(missing_ok=True)


def restore(session: Session, finding: Finding) -> Fix | None:
    """The fix as a person edited it in an earlier run, when it still holds; else None."""
    where, fix = folder(session, finding), None
    try:
        for file in sorted(where.glob("*.edit.json")):
            note = json.loads(file.read_text(encoding="utf-8"))
            data = (where / tame(note["path"])).read_bytes()
            fix = fix or next(f for f in finding.fixes if f.changes and note["fix"].startswith(f.name))
            fix = session.edited(finding, fix, note["path"], data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration, Refused):
        return None
    return fix


def restore_all(review: Review) -> None:
    """Take up the edits of an earlier run that are selected; a choice that is gone is no choice."""
    gone = []
    for finding_id, name in review.session.decisions.selected.items():
        finding = review.find(finding_id)
        if finding is None or any(f.name == name for f in review.fixes(finding)):
            continue
        edited = restore(review.session, finding)
        if edited is not None and edited.name == name:
            review.edits[finding_id] = edited
        else:
            gone.append(finding_id)
    if gone:
        review.session.decisions.decide(clear=gone)
