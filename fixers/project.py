"""Project: the files of one tree, each read and parsed at most once, and what was asked of them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from fixers.draft import Draft
from fixers.model import EXECUTABLE, REGULAR, Change, Refused, Skip
from fixers.suppress import MARK, Comment, comments
from fixers.tree import Entry, MemoryReader, Reader, Reads, matches

if TYPE_CHECKING:
    from fixers.editors.gitignore import Matcher

__all__ = ["Draft", "Entry", "MemoryReader", "Project", "Reader", "Reads", "matches"]
T = TypeVar("T")
SCAN_LIMIT: Final = 5_000_000
"""Bytes over which a file is not scanned (reliability.md)."""
_GENERATED: Final = re.compile(rb"^.{0,80}(?:DO NOT EDIT|@generated|[Aa]uto-?generated)", re.M)
_VENDORED: Final = re.compile(r"(?:^|/)(?:vendor|third_party|third-party|node_modules|\.venv|bower_components)/")


@dataclass
class _Shared:
    """What all views of one tree hold in common: nothing that depends on which rules ran, or in which order."""

    reader: Reader
    entries: dict[str, Entry]
    overlay: dict[str, bytes]
    names: tuple[str, ...]
    blobs: dict[str, bytes] = field(default_factory=dict)
    parsed: dict[tuple[str, object], Any] = field(default_factory=dict)
    weights: dict[tuple[str, object], int] = field(default_factory=dict)
    facts: dict[object, tuple[Any, Reads]] = field(default_factory=dict)
    listed: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    comments: dict[str, tuple[Comment, ...]] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)
    held: int = 0
    weight: int = 0


_PARSED_LIMIT: Final = 8_000_000
"""Bytes of source whose trees are kept at once, the oldest go first; Rust takes 33 bytes a byte (measured)."""


_BLOBS_LIMIT: Final = 128_000_000
"""Bytes of files that are kept at once; the oldest are read again when they are wanted."""


class Project:
    """One tree as the rules see it. A view knows which rule asks, and notes what it looked at."""

    def __init__(
        self,
        reader: Reader,
        *,
        under: str = "",
        excluded: tuple[str, ...] = (),
        entries: Mapping[str, Entry] | None = None,
        overlay: Mapping[str, bytes] | None = None,
    ) -> None:
        self.under = under.strip("/")
        self.excluded = excluded
        known = dict(reader.entries() if entries is None else entries)
        self._shared = _Shared(reader, known, dict(overlay or {}), tuple(sorted(known)))
        self.reads = Reads()
        self.rule = ""
        self._options: Mapping[str, Any] = {}

    def view(self, rule: str = "", options: Mapping[str, Any] | None = None) -> Project:
        """The same tree for one rule: its options, and a record of its own of what it looked at."""
        view = copy.copy(self)
        view.reads = Reads()
        view.rule, view._options = rule, options or {}
        return view

    def evolved(self, changes: Iterable[Change]) -> Project:
        """The tree after the changes; everything that they do not touch stays parsed."""
        changes = tuple(changes)
        old = self._shared
        entries, overlay = dict(old.entries), dict(old.overlay)
        for change in changes:
            overlay.pop(change.path, None)
            if change.after is None:
                entries.pop(change.path, None)
            else:
                entries[change.path] = Entry(change.mode, len(change.after))
                overlay[change.path] = change.after
        new = Project(old.reader, under=self.under, excluded=self.excluded, entries=entries, overlay=overlay)
        touched = {c.path for c in changes}
        shared = new._shared
        shared.blobs = {p: b for p, b in old.blobs.items() if p not in touched}
        shared.held = sum(map(len, shared.blobs.values()))
        shared.marked = old.marked - touched
        shared.parsed = {k: v for k, v in old.parsed.items() if k[0] not in touched}
        shared.weights = {k: w for k, w in old.weights.items() if k[0] not in touched}
        shared.weight = sum(shared.weights.values())
        shared.facts = {k: v for k, v in old.facts.items() if not v[1].touched_by(changes)}
        shared.unread = {p: r for p, r in old.unread.items() if p not in touched}
        shared.comments = {p: c for p, c in old.comments.items() if p not in touched}
        if shared.names == old.names:
            shared.listed = dict(old.listed.items())
        return new

    # what there is

    def files(self, *globs: str) -> tuple[str, ...]:
        """Sorted paths of regular files that match a glob; without one, all of them.

        Vendored trees, files excluded by the configuration, symlinks and submodules are left out. Of a part (`under`)
        a glob that begins at the root still sees the whole tree: the CI, the licence and the bots serve every part.
        """
        self.reads.globs.add(globs or ("**",))
        listed = self._shared.listed
        if globs not in listed:
            found = {p for p in self._base() if not globs or matches(p, globs)}
            rooted = tuple(g for g in globs if g.startswith("/") and not g.startswith("/*"))
            if self.under and rooted:
                found.update(p for p in self._base(whole=True) if matches(p, rooted))
            listed[globs] = tuple(sorted(found))
        return listed[globs]

    def _base(self, *, whole: bool = False) -> tuple[str, ...]:
        key = ("\0whole",) if whole else ("\0base",)
        listed = self._shared.listed
        if key not in listed:
            entries = self._shared.entries
            inside = self.under + "/" if self.under and not whole else ""
            listed[key] = tuple(
                p
                for p in self._shared.names
                if entries[p].mode in (REGULAR, EXECUTABLE)
                and p.startswith(inside)
                and not _VENDORED.search(p)
                and not (self.excluded and matches(p, self.excluded))
            )
        return listed[key]

    def exists(self, path: str) -> bool:
        """Whether the path is tracked, in whatever mode, excluded or not."""
        self.reads.names.add(path)
        return path in self._shared.entries

    def folders(self) -> frozenset[str]:
        """Every folder that holds a tracked file, the root as ``""``."""
        self.reads.globs.add(("**",))
        found = {""}
        for path in self._shared.names:
            while "/" in path:
                path = path.rpartition("/")[0]
                if path in found:
                    break
                found.add(path)
        return frozenset(found)

    def entry(self, path: str) -> Entry | None:
        """Mode and size of a tracked path, or None."""
        self.reads.paths.add(path)
        return self._shared.entries.get(path)

    def mode(self, path: str) -> str:
        """The git mode of a path; a regular file's for one that does not exist yet."""
        entry = self.entry(path)
        return entry.mode if entry else REGULAR

    @property
    def paths(self) -> frozenset[str]:
        """Every tracked path; for those who do not ask on behalf of a rule."""
        return frozenset(self._shared.names)

    @property
    def count(self) -> int:
        """How many files are tracked."""
        return len(self._shared.names)

    # what is in it

    def read(self, path: str) -> bytes:
        """The bytes of a tracked file; empty for one that is missing or was skipped (the reason is kept)."""
        self.reads.paths.add(path)
        shared = self._shared
        data = shared.blobs.get(path)
        if data is None:
            data = self._fetched(path)
        if path in shared.unread:
            self.skip(path, shared.unread[path])
        return data

    def _fetched(self, path: str) -> bytes:
        """The bytes from where they are; `unread` says why there are none."""
        shared = self._shared
        entry = shared.entries.get(path)
        if entry is None or entry.mode not in (REGULAR, EXECUTABLE):
            return b""
        data = b""
        if entry.size > SCAN_LIMIT:
            shared.unread[path] = f"larger than {SCAN_LIMIT // 1_000_000} MB"
        elif path in shared.overlay:
            data = shared.overlay[path]
        else:
            try:
                data = shared.reader.read(path)
            except (OSError, Refused) as error:
                shared.unread[path] = f"could not be read: {error}"
        if len(data) > SCAN_LIMIT:
            shared.unread[path] = f"larger than {SCAN_LIMIT // 1_000_000} MB"
            data = b""
        if MARK in data:
            shared.marked.add(path)
        shared.blobs[path] = data
        shared.held += len(data)
        while shared.held > _BLOBS_LIMIT and len(shared.blobs) > 1:
            shared.held -= len(shared.blobs.pop(next(iter(shared.blobs))))
        return data

    def text(self, path: str) -> str:
        """The file as text (BOM dropped); empty for binary or wrongly encoded files, with the reason kept."""
        data = self.read(path)
        if b"\0" in data[:8192]:
            self.skip(path, "binary")
            return ""
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.skip(path, "not UTF-8")
            return ""

    def grep(self, literals: Iterable[bytes | str], *globs: str) -> tuple[str, ...]:
        """Paths that match a glob and contain one of the literals: the prefilter before any parse."""
        words = tuple(w.encode() if isinstance(w, str) else w for w in literals)
        found = []
        for path in self.files(*globs):
            data = self.read(path)
            for word in words:
                if word in data:
                    found.append(path)
                    break
        return tuple(found)

    def parsed(self, path: str, parser: Callable[[bytes], T]) -> T:
        """`parser(bytes)` of the file, kept until the file changes (the oldest go when there are many).

        A parser that raises Refused is remembered too, and raises it again each time.
        """
        data = self.read(path)
        key = (path, parser)
        shared = self._shared
        if key not in shared.parsed:
            try:
                shared.parsed[key] = parser(data)
            except Refused as refused:
                shared.parsed[key] = refused
            shared.weights[key] = len(data)
            shared.weight += len(data)
            while shared.weight > _PARSED_LIMIT and len(shared.parsed) > 1:
                oldest = next(iter(shared.parsed))
                del shared.parsed[oldest]
                shared.weight -= shared.weights.pop(oldest)
        value = shared.parsed[key]
        if isinstance(value, Refused):
            self.skip(path, str(value))
            raise Refused(str(value))
        return cast(T, value)

    def fact(self, worked_out: Callable[[Project], T]) -> T:
        """`worked_out(project)`, once per tree; whoever asks has looked at what it looked at."""
        facts = self._shared.facts
        if worked_out not in facts:
            view = self.view()
            value = worked_out(view)
            facts[worked_out] = (value, view.reads)
        value, reads = facts[worked_out]
        self.reads.add(reads)
        self.reads.facts.add(worked_out)
        return cast(T, value)

    def recorded(self, fact: Callable[[Project], object], value: object) -> Project:
        """The same tree with a fact that it cannot tell itself: what a build of it said."""
        project = self.evolved(())
        project._shared.facts[fact] = (value, Reads())
        return project

    def ignores(self, path: str) -> bool:
        """Whether git would ignore an untracked file of that path (a folder: with a slash at its end).

        All tracked .gitignore files count; info/exclude and a user's own excludes are not the project's.
        """
        return self.fact(_ignore_files).ignores(path)

    def is_generated(self, path: str) -> bool:
        """Whether the file says near its top that a tool wrote it; such files are never edited."""
        head = self.read(path)[:2000]
        return (b"DO NOT EDIT" in head or b"generated" in head) and _GENERATED.search(head) is not None

    def keep(self, path: str, line: int) -> bool:
        """False when a comment there sets the asking rule aside, with a reason, for this very place."""
        self.reads.paths.add(path)
        for comment in self.comments(path):
            if line in comment.covers and self.rule in comment.rules and comment.reason:
                self.reads.hushed[(path, comment.line, self.rule)] = comment.reason
                return False
        return True

    def comments(self, path: str) -> tuple[Comment, ...]:
        """The comments of a file that set a finding aside."""
        known = self._shared.comments
        if path not in known:
            known[path] = comments(self.read(path), path)
        return known[path]

    @property
    def marked(self) -> frozenset[str]:
        """Files with such comments, of those that were read."""
        return frozenset(self._shared.marked)

    def skip(self, path: str, reason: str) -> None:
        """Keep the reason why a file was not read or not edited."""
        self.reads.skipped.setdefault(path, reason)

    @property
    def skipped(self) -> tuple[Skip, ...]:
        """Files that this view met and could not use, and why."""
        return tuple(Skip(p, r) for p, r in sorted(self.reads.skipped.items()))

    # what surrounds it

    @property
    def remotes(self) -> tuple[str, ...]:
        """URLs of the remotes, `origin` first."""
        return self._shared.reader.remotes

    @property
    def branch(self) -> str:
        """The name of the branch that HEAD is on (`main`, `master`, ...)."""
        return self._shared.reader.branch

    @property
    def untracked(self) -> tuple[str, ...]:
        """Names of files in the work tree that git does not track (names only, never read)."""
        return self._shared.reader.untracked

    @property
    def dirty(self) -> frozenset[str]:
        """Tracked files with uncommitted edits."""
        return self._shared.reader.dirty

    def authors(self, under: str = "") -> tuple[tuple[str, str, int], ...]:
        """Who committed below a path: (name, mail, commits), most first."""
        return self._shared.reader.authors(under)

    def option(self, name: str) -> Any:
        """An option of the rule that asks; its declared default when the configuration says nothing."""
        return self._options[name]

    # what could become of it

    def draft(self) -> Draft:
        """A fix in the making: several edits to several files, all or nothing."""
        return Draft(self)

    def edit(self, path: str, editor: Callable[..., bytes], *args: Any, **options: Any) -> tuple[Change, ...]:
        """The one Change that `editor(bytes, *args)` makes of a file (made when missing); () when it refuses."""
        draft = self.draft()
        draft.edit(path, editor, *args, **options)
        return draft.changes


def _ignore_files(project: Project) -> Matcher:
    from fixers.editors.gitignore import matcher

    project.reads.globs.add(("**/.gitignore",))
    names = project._shared.names
    return matcher({p: project.read(p) for p in names if p.rpartition("/")[2] == ".gitignore"})
