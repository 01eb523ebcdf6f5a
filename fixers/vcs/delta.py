"""What differs between two commits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixers.model import GITLINK, Change
from fixers.vcs.blobs import Blobs
from fixers.vcs.private import PrivateGit


@dataclass(frozen=True, slots=True)
class Step:
    """One path from one tree to another; mode and blob are "" on the side that does not have it."""

    path: str
    old: tuple[str, str]
    new: tuple[str, str]


def steps(git: PrivateGit, old: str, new: str) -> Iterator[Step]:
    """The paths in which two commits differ, without renames."""
    out = git.read("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", old, new)
    fields = out.decode("utf-8", "surrogateescape").split("\0")
    for meta, path in zip(fields[::2], fields[1::2], strict=False):
        modes_and_blobs = meta.removeprefix(":").split()
        sides = list(zip(modes_and_blobs[:2], modes_and_blobs[2:4], strict=True))
        before, after = (("", "") if mode == "000000" else (mode, oid) for mode, oid in sides)
        yield Step(path, before, after)


def changes_between(git: PrivateGit, old: str, new: str) -> tuple[Change, ...]:
    """The difference of two commits as Changes; submodules are left out."""
    found = [s for s in steps(git, old, new) if GITLINK not in (s.old[0], s.new[0])]
    blobs = Blobs(git)
    try:
        wanted = list({oid for s in found for _, oid in (s.old, s.new) if oid})
        content: dict[str, bytes] = {}
        for at in range(0, len(wanted), 200):
            some = wanted[at : at + 200]
            content |= {o: b for o, b in zip(some, blobs.get(some), strict=True) if b is not None}
    finally:
        blobs.close()
    return tuple(Change(s.path, content.get(s.old[1]), content.get(s.new[1]), s.new[0] or s.old[0]) for s in found)
