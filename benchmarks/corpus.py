"""Real files out of local git dirs, for a run only: nothing of them is ever kept."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fixers.tree import matches

LIST = "READINESS_CORPUS"
"""Environment variable: a file with one git dir a line, or a table whose first absolute path counts."""
FIXTURES = "READINESS_FIXTURES"
"""Environment variable: clones or git dirs of the peers whose own examples are run, with the path separator between."""
EACH = "READINESS_CORPUS_EACH"
"""Environment variable: at most so many files of a kind in one repository, for a shorter run."""


@dataclass(frozen=True, slots=True)
class Real:
    """One file as somebody committed it: its repository's name, its path, its bytes."""

    repository: str
    path: str
    data: bytes = field(repr=False)


def git_dirs(listing: str = "") -> tuple[Path, ...]:
    """The git dirs that the file (or the one that READINESS_CORPUS names) lists; none without such a file."""
    name = listing or os.environ.get(LIST, "")
    if not name:
        return ()
    rows = Path(name).read_text().splitlines()
    found = [next((Path(w) for w in row.split("\t") if w.startswith("/") and Path(w).is_dir()), None) for row in rows]
    return tuple(p for p in found if p is not None)


def each() -> int:
    """How many files of a kind one repository may give at most."""
    return int(os.environ.get(EACH, "100000"))


def files(
    where: tuple[Path, ...], *globs: str, each: int = 100_000, most: int = 200_000, twice: bool = False
) -> Iterator[Real]:
    """Regular files of the newest commits that match a glob and are smaller than `most` bytes, no text `twice`.

    At most `each` of a repository, chosen by their blobs' names: the same ones in every run.
    """
    seen: set[str] = set()
    for git_dir in where:
        wanted: list[tuple[str, str]] = []
        for row in filter(None, _git(git_dir, "ls-tree", "-r", "-z", "-l", "HEAD").split("\0")):
            facts, _, path = row.partition("\t")
            mode, _, oid, size = facts.split()
            known = size.isdigit() and 0 < int(size) < most and (twice or oid not in seen)
            if mode in ("100644", "100755") and known and matches(path, globs):
                seen.add(oid)
                wanted.append((oid, path))
        wanted = sorted(wanted)[:each]
        name = git_dir.parent.name if git_dir.name in ("repo", ".git") else git_dir.name
        for (_, path), data in zip(wanted, _blobs(git_dir, [oid for oid, _ in wanted]), strict=True):
            yield Real(name, path, data)


def _git(git_dir: Path, *args: str) -> str:
    done = subprocess.run(["git", "--git-dir", str(git_dir), *args], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def _blobs(git_dir: Path, oids: list[str]) -> Iterator[bytes]:
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    argv = ["git", "--git-dir", str(git_dir), "cat-file", "--batch"]
    answer = subprocess.run(argv, input=asked, capture_output=True, check=True).stdout
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        words = answer[at:end].split()
        size = int(words[2]) if len(words) == 3 else 0
        yield answer[end + 1 : end + 1 + size]
        at = end + size + (2 if len(words) == 3 else 1)
