"""A commit as a Reader: `ls-tree` once, blobs from one `cat-file` that is asked ahead; nothing is checked out."""

from __future__ import annotations

import functools
import secrets
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final

from fixers.model import EXECUTABLE, REGULAR
from fixers.tree import Entry
from fixers.vcs.blobs import Blobs
from fixers.vcs.private import PrivateGit
from fixers.vcs.refs import Refs
from fixers.vcs.settings import remotes
from fixers.vcs.worktree import dirty_files, untracked_names

_AHEAD_FILES: Final = 256
_AHEAD_BYTES: Final = 4_000_000
_AHEAD_LIMIT: Final = 5_000_000
_AUTHORED: Final = 2000
"""Commits that are looked at to know who works where."""


class CommitReader:
    """The files of one commit (none when there is no commit yet); implements `fixers.tree.Reader`."""

    def __init__(self, git: PrivateGit, refs: Refs, commit: str | None) -> None:
        self._git, self._refs, self.commit = git, refs, commit
        self._blobs = Blobs(git)
        self._ready: dict[str, bytes] = {}
        self._guard = threading.Lock()

    @functools.cached_property
    def _entries(self) -> dict[str, Entry]:
        if self.commit is None:
            return {}
        found = {}
        for row in self._git.read("ls-tree", "-rzl", "--full-tree", self.commit).split(b"\0"):
            meta, _, path = row.partition(b"\t")
            words = meta.split()
            if len(words) == 4:
                size = int(words[3]) if words[3].isdigit() else -1
                found[path.decode("utf-8", "surrogateescape")] = Entry(words[0].decode(), size, words[2].decode())
        return found

    @functools.cached_property
    def _order(self) -> tuple[dict[str, list[str]], dict[str, int]]:
        """Paths by suffix as they are listed, and where each stands: rules read all of one kind in turn."""
        kinds: dict[str, list[str]] = {}
        places: dict[str, int] = {}
        for path, entry in self._entries.items():
            if entry.mode in (REGULAR, EXECUTABLE):
                same = kinds.setdefault(_kind(path), [])
                places[path] = len(same)
                same.append(path)
        return kinds, places

    def entries(self) -> Mapping[str, Entry]:
        """Every path of the commit with its mode, size and blob."""
        return self._entries

    def read(self, path: str) -> bytes:
        """The bytes of a path; OSError when the blob is not in this clone."""
        with self._guard:
            if path not in self._ready:
                self._fetch(path)
            data = self._ready.pop(path, None)
        if data is None:
            raise OSError("its content is not in this clone (partial or damaged)")
        return data

    def _fetch(self, path: str) -> None:
        entry = self._entries[path]
        kinds, places = self._order
        wanted, weight = [path], entry.size
        if path in places:
            at, same = places[path] + 1, kinds[_kind(path)]
            for following in same[at : at + _AHEAD_FILES]:
                size = self._entries[following].size
                if weight + size > _AHEAD_BYTES:
                    break
                if 0 <= size <= _AHEAD_LIMIT and following not in self._ready:
                    wanted.append(following)
                    weight += size
        if len(self._ready) > 8 * _AHEAD_FILES:
            self._ready.clear()
        for name, data in zip(wanted, self._blobs.get([self._entries[p].oid for p in wanted]), strict=True):
            if data is not None:
                self._ready[name] = data

    def authors(self, under: str = "") -> tuple[tuple[str, str, int], ...]:
        """Who wrote the last 2,000 commits that touch a path, most first; `.mailmap` is honoured."""
        counts: Counter[tuple[str, str]] = Counter()
        for name, mail, touched in self._history:
            if not under or any(p == under or p.startswith(under + "/") for p in touched):
                counts[(name, mail)] += 1
        return tuple((name, mail, n) for (name, mail), n in sorted(counts.items(), key=lambda c: (-c[1], c[0])))

    @functools.cached_property
    def _history(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """Name, mail and the paths that were touched, of each of the last commits that is no merge."""
        if self.commit is None:
            return ()
        first = self._git.read("rev-list", f"--skip={_AUTHORED}", "--max-count=1", self.commit).decode().strip()
        limits = [f"^{first}"] if first else []
        whose = ["-c", f"mailmap.blob={self.commit}:.mailmap", "-c", "diff.renames=false"]
        mark = secrets.token_hex(8)  # no path of the repository can hold it
        flags = ["log", "-z", f"--format={mark}%aN%x00%aE", "--no-merges", "--name-only", "--no-ext-diff"]
        text = self._git.read(*whose, *flags, self.commit, *limits).decode("utf-8", "replace")
        found = []
        for commit in text.split(mark)[1:]:
            name, mail, *touched = commit.split("\0")
            found.append((name, mail, tuple(p.lstrip("\n") for p in touched if p.strip("\n"))))
        return tuple(found)

    @property
    def remotes(self) -> tuple[str, ...]:
        """URLs of the remotes, `origin` first, without passwords."""
        return remotes(self._git.layout.settings)

    @functools.cached_property
    def branch(self) -> str:
        """The branch that work lands on: origin's default, else the one that HEAD is on, else main or master."""
        default = self._refs.target("refs/remotes/origin/HEAD").removeprefix("refs/remotes/origin/")
        current = self._refs.head().branch
        known = [n for n in ("main", "master") if self._refs.read(f"refs/heads/{n}")]
        return default or ("" if current.startswith("readiness") else current) or (known[0] if known else "main")

    @functools.cached_property
    def untracked(self) -> tuple[str, ...]:
        """Untracked names in the work tree that look like keys, databases or settings; never opened."""
        layout = self._git.layout
        return () if layout.bare else untracked_names(layout.root, self._entries.keys())

    @functools.cached_property
    def dirty(self) -> frozenset[str]:
        """Tracked files whose bytes in the work tree differ from the commit."""
        return self.dirty_among(tuple(self._entries))

    def dirty_among(self, paths: tuple[str, ...]) -> frozenset[str]:
        """The same for some paths only, which is much quicker in a large repository."""
        layout = self._git.layout
        if layout.bare:
            return frozenset()
        chosen = {p: e for p in paths if (e := self._entries.get(p)) and e.mode in (REGULAR, EXECUTABLE)}
        return dirty_files(layout.root, chosen, self.read, layout.algorithm, layout.gitdir / "index")

    def close(self) -> None:
        """End the child process."""
        self._blobs.close()


def _kind(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2] if "." in name else name
