"""Refs and HEAD, read by ourselves: bounded, no symlinks, no git."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fixers.text import safe_text
from fixers.vcs.errors import RepositoryError
from fixers.vcs.files import is_symlink, small

_HEX: Final = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_PACKED_LIMIT: Final = 200_000_000
_BAD_PART: Final = re.compile(r"(?:^|/)(?:\.|$)|\.\.|[\x00-\x20\x7f~^:?*\[\\]|@\{|\.lock(?:/|$)|\.(?:$|/)|/$|//")


@dataclass(frozen=True, slots=True)
class Head:
    """Where HEAD stands: the branch's full ref ("" when detached) and its commit (None when unborn)."""

    ref: str
    commit: str | None

    @property
    def branch(self) -> str:
        """The short name of the branch, "" when detached."""
        return self.ref.removeprefix("refs/heads/")


def is_valid(ref: str) -> bool:
    """Whether a full ref name is one that git allows (`git check-ref-format`)."""
    return ref.startswith("refs/") and not _BAD_PART.search(ref) and ref.count("/") >= 2 and len(ref) < 230


class Refs:
    """The refs of one repository; `common` holds the shared ones."""

    def __init__(self, gitdir: Path, common: Path) -> None:
        self.gitdir, self.common = gitdir, common

    def head(self, gitdir: Path | None = None) -> Head:
        """HEAD of the work tree that was opened, or of another git dir of the same repository."""
        path = (gitdir or self.gitdir) / "HEAD"
        raw = b"ref: " + os.fsencode(path.readlink()) if is_symlink(path) else small(path, 4096) or b""
        if raw.startswith(b"ref:"):
            ref = raw[4:].strip().decode("utf-8", "surrogateescape")
            if not is_valid(ref):
                raise RepositoryError(f"HEAD names {safe_text(ref, limit=80)}, which is no valid ref")
            return Head(ref, self.read(ref))
        if _HEX.fullmatch(raw.strip()):
            return Head("", raw.strip().decode())
        raise RepositoryError("HEAD cannot be read", "git symbolic-ref HEAD")

    def read(self, ref: str, depth: int = 0) -> str | None:
        """The commit that a ref names, through symbolic refs; None when there is no such ref."""
        if not is_valid(ref) or depth > 5:
            return None
        raw = self._loose(ref)
        if raw is not None and raw.startswith(b"ref:"):
            return self.read(raw[4:].strip().decode("utf-8", "surrogateescape"), depth + 1)
        if raw is not None and _HEX.fullmatch(raw.strip()):
            return raw.strip().decode()
        return self.packed().get(ref)

    def target(self, ref: str) -> str:
        """What a symbolic ref points at, "" when it is none."""
        raw = self._loose(ref) or b""
        return raw[4:].strip().decode("utf-8", "surrogateescape") if raw.startswith(b"ref:") else ""

    def _loose(self, ref: str) -> bytes | None:
        path = self.common
        for part in ref.split("/"):
            path = path / part
            if is_symlink(path):
                raise RepositoryError(f"{safe_text(str(path))} is a symbolic link")
        return None if path.is_dir() else small(path, 4096)

    def packed(self) -> dict[str, str]:
        """The refs in packed-refs."""
        raw = small(self.common / "packed-refs", _PACKED_LIMIT) or b""
        found = {}
        for line in raw.split(b"\n"):
            name, _, ref = line.partition(b" ")
            if _HEX.fullmatch(name):
                found[ref.strip().decode("utf-8", "surrogateescape")] = name.decode()
        return found

    def blocked_by(self, ref: str) -> str:
        """A ref that stands in the way of making this one: a parent as a ref, or the name as a folder."""
        parts = ref.split("/")
        packed = self.packed()
        for end in range(3, len(parts)):
            parent = "/".join(parts[:end])
            if self.read(parent):
                return parent
        inside = next((name for name in packed if name.startswith(ref + "/")), "")
        return inside or next(self._loose_below(ref), "")

    def _loose_below(self, ref: str) -> Iterator[str]:
        for folder, _, names in os.walk(self.common / ref):
            for name in names:
                yield str((Path(folder) / name).relative_to(self.common))

    def checked_out(self) -> dict[str, str]:
        """Full refs that a work tree has checked out or is rebasing, and the git dir of that work tree."""
        places = [self.common]
        linked = self.common / "worktrees"
        if linked.is_dir() and not is_symlink(linked):
            places += sorted(p for p in linked.iterdir() if p.is_dir() and not is_symlink(p))
        found: dict[str, str] = {}
        for place in places:
            try:
                named = [small(place / step / "head-name", 4096) or b"" for step in ("rebase-merge", "rebase-apply")]
                refs = [self.head(place).ref, *(n.strip().decode("utf-8", "surrogateescape") for n in named)]
            except RepositoryError:
                continue
            found |= {ref: str(place) for ref in refs if ref and ref not in found}
        return found
