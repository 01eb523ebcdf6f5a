"""Tree objects read by ourselves: what a path is in a commit, and in what two commits differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.vcs.blobs import Blobs
from fixers.vcs.errors import RepositoryError
from fixers.vcs.private import PrivateGit

_FOLDER: Final = "040000"
_KEPT: Final = 2000
Side = tuple[str, str]
"""Mode and object name; ``("", "")`` where there is nothing."""
NOTHING: Final[Side] = ("", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One path from one tree to another."""

    path: str
    old: Side
    new: Side


class Trees:
    """The trees of one repository, each read once through a child that stays."""

    def __init__(self, git: PrivateGit) -> None:
        self._blobs = Blobs(git)
        self._size = 32 if git.layout.algorithm == "sha256" else 20
        self._known: dict[str, dict[str, Side]] = {}

    def side(self, commit: str, path: str) -> Side:
        """What a path is in a commit (or tree); a folder counts as nothing."""
        *folders, name = path.split("/")
        level = self._root(commit)
        for folder in folders:
            mode, oid = level.get(folder, NOTHING)
            if mode != _FOLDER:
                return NOTHING
            level = self._level(oid)
        found = level.get(name, NOTHING)
        return NOTHING if found[0] == _FOLDER else found

    def steps(self, old: str, new: str) -> Iterator[Step]:
        """The paths in which two commits (or trees) differ, ordered; renames are a removal and an addition."""
        yield from self._differing(self._root(old), self._root(new), "")

    def _differing(self, old: dict[str, Side], new: dict[str, Side], folder: str) -> Iterator[Step]:
        for name in sorted(old.keys() | new.keys()):
            before, after = old.get(name, NOTHING), new.get(name, NOTHING)
            if before == after:
                continue
            inner = [self._level(oid) if mode == _FOLDER else {} for mode, oid in (before, after)]
            if inner[0] or inner[1]:
                yield from self._differing(inner[0], inner[1], f"{folder}{name}/")
            sides = [NOTHING if side[0] == _FOLDER else side for side in (before, after)]
            if sides[0] != sides[1]:
                yield Step(folder + name, sides[0], sides[1])

    def content(self, oids: list[str]) -> list[bytes]:
        """The bytes of some blobs."""
        found = self._blobs.get(oids)
        if None in found:
            raise RepositoryError(f"the object {oids[found.index(None)]} is not in this clone", "git fsck")
        return [data for data in found if data is not None]

    def _root(self, commit: str) -> dict[str, Side]:
        return self._level(commit + "^{tree}")

    def _level(self, name: str) -> dict[str, Side]:
        if name not in self._known:
            if len(self._known) > _KEPT:
                self._known.clear()
            self._known[name] = self._parsed(self.content([name])[0])
        return self._known[name]

    def _parsed(self, data: bytes) -> dict[str, Side]:
        found, at = {}, 0
        while at < len(data):
            space = data.index(b" ", at)
            end = data.index(b"\0", space)
            oid = data[end + 1 : end + 1 + self._size].hex()
            found[data[space + 1 : end].decode("utf-8", "surrogateescape")] = (data[at:space].decode().zfill(6), oid)
            at = end + 1 + self._size
        return found

    def close(self) -> None:
        """End the child."""
        self._blobs.close()
