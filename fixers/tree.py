"""The files of one tree as a Reader gives them, and the globs that choose among them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fixers.globs import LONG, fits, goes_back
from fixers.model import REGULAR, Change


@dataclass(frozen=True, slots=True)
class Entry:
    """A tracked path: its git mode, its size in bytes (-1 when not known), and its blob's name."""

    mode: str
    size: int = -1
    oid: str = ""


class Reader(Protocol):
    """Where a Project's files come from: a commit, a folder, or an example."""

    @property
    def remotes(self) -> tuple[str, ...]:
        """URLs of the remotes, `origin` first."""
        ...

    @property
    def branch(self) -> str:
        """The branch that HEAD is on."""
        ...

    @property
    def untracked(self) -> tuple[str, ...]:
        """Names in the work tree that git does not track."""
        ...

    @property
    def dirty(self) -> frozenset[str]:
        """Tracked files with uncommitted edits."""
        ...

    def entries(self) -> Mapping[str, Entry]:
        """Every tracked path with its mode and size."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a tracked path."""
        ...

    def authors(self, under: str) -> tuple[tuple[str, str, int], ...]:
        """Who committed below a path: (name, mail, commits), most first; bounded."""
        ...


@dataclass
class Reads:
    """What a rule (or a fact) looked at, so that it is asked again only when that changed; and what it met there.

    `names` are paths of which only the existence was asked; `facts` are those that were asked for.
    `skipped` gives the reason why a file was not read, `hushed` that of a comment which took a place away:
    (path, the comment's line, rule).
    """

    paths: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    globs: set[tuple[str, ...]] = field(default_factory=set)
    facts: set[object] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)
    hushed: dict[tuple[str, int, str], str] = field(default_factory=dict)

    def touched_by(self, changes: Iterable[Change]) -> bool:
        """Whether one of the changes could alter what was seen."""
        for change in changes:
            if change.path in self.paths:
                return True
            if (change.before is None or change.after is None) and (
                change.path in self.names or any(matches(change.path, globs) for globs in self.globs)
            ):
                return True
        return False

    def add(self, other: Reads) -> None:
        """Take over what another looked at."""
        self.paths |= other.paths
        self.names |= other.names
        self.globs |= other.globs
        self.facts |= other.facts
        self.met(other)

    def met(self, other: Reads) -> None:
        """Take over what another met."""
        self.hushed |= other.hushed
        for path, reason in other.skipped.items():
            self.skipped.setdefault(path, reason)


@functools.lru_cache(maxsize=4096)
def _patterns(globs: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...], tuple[str, ...]]:
    """Expressions for short paths and for any, and the globs that each leaves over."""
    costs = [(g, goes_back(g)) for g in globs]
    short, always = (
        re.compile("|".join(f"(?:{_translate(g)})" for g, c in costs if c <= most) or r"(?!)", re.S) for most in (2, 1)
    )
    return short, always, tuple(g for g, c in costs if c > 2), tuple(g for g, c in costs if c > 1)


def _translate(glob: str) -> str:
    """`**/` is any folder or none, `*` stays within a name; a glob without a slash matches the name anywhere."""
    if "/" not in glob:
        glob = "**/" + glob
    out, i = "", 0
    glob = glob.removeprefix("/")
    while i < len(glob):
        if glob.startswith("**/", i):
            out, i = out + "(?:[^/]+/)*", i + 3
        elif glob.startswith("**", i):
            out, i = out + ".*", i + 2
        elif glob[i] == "*":
            out, i = out + "[^/]*", i + 1
        elif glob[i] == "?":
            out, i = out + "[^/]", i + 1
        elif glob[i] == "{" and "}" in glob[i:]:
            end = glob.index("}", i)
            out += "(?:" + "|".join(_translate("/" + part) for part in glob[i + 1 : end].split(",")) + ")"
            i = end + 1
        else:
            out, i = out + re.escape(glob[i]), i + 1
    return out


def matches(path: str, globs: tuple[str, ...]) -> bool:
    """Whether a path matches one of the globs (`*.rs` anywhere, `/Cargo.toml` at the root, `a/**/b`)."""
    short, always, few, more = _patterns(globs)
    if len(path) <= LONG:
        return short.fullmatch(path) is not None or (few != () and any(fits(path, g) for g in few))
    return always.fullmatch(path) is not None or any(fits(path, g) for g in more)


class MemoryReader:
    """Files held in memory: the examples of the rules, and tests."""

    def __init__(
        self,
        files: Mapping[str, str | bytes],
        *,
        remotes: tuple[str, ...] = (),
        branch: str = "main",
        untracked: tuple[str, ...] = (),
        dirty: frozenset[str] = frozenset(),
        authors: Mapping[str, tuple[tuple[str, str, int], ...]] | None = None,
    ) -> None:
        self._files = {p: t.encode() if isinstance(t, str) else t for p, t in files.items()}
        self._authors = dict(authors or {})
        self.remotes, self.branch, self.untracked, self.dirty = remotes, branch, untracked, dirty

    def entries(self) -> Mapping[str, Entry]:
        """Every file, as a regular one."""
        return {p: Entry(REGULAR, len(b)) for p, b in self._files.items()}

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return self._files[path]

    def authors(self, under: str) -> tuple[tuple[str, str, int], ...]:
        """What the example says of the path."""
        return self._authors.get(under, ())
