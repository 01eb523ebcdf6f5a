"""Ignore files: what git would ignore, and new patterns that leave old decisions alone.

How files, lines and folders are combined is written here: git asks for each folder on the way down and never looks
into one that is ignored, where pathspec matches a pattern against everything below a folder at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from fixers.editors import gates
from fixers.editors.gitignore_pattern import Pattern, patterns
from fixers.editors.gitignore_pattern import pattern as pattern_of
from fixers.editors.splice import BOM, Edit, insert_lines
from fixers.model import Refused


class Matcher:
    """All ignore files of a tree as git combines them: the deepest file speaks first, its last match wins."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        """`read` gives the bytes of an ignore file by its path, none for one that is not there; asked once each."""
        self._read = read
        self._files: dict[bytes, tuple[Pattern, ...]] = {}
        self._known: dict[bytes, bool] = {}

    def ignores(self, path: str) -> bool:
        """Whether git would ignore an untracked file of that path (a folder: with a slash at its end)."""
        raw = path.encode("utf-8", "surrogateescape").strip(b"/") + (b"/" if path.endswith("/") else b"")
        folders = (raw[: slash.end()] for slash in re.finditer(rb"/", raw))
        return any(map(self._decided, folders)) or self._decided(raw)

    def _decided(self, path: bytes) -> bool:
        if path not in self._known:
            match = self._match(path)
            self._known[path] = match is not None and not match.negated
        return self._known[path]

    def _match(self, path: bytes) -> Pattern | None:
        folder = path.rstrip(b"/")
        while folder:
            folder = folder.rpartition(b"/")[0]
            below = path[len(folder) + 1 :] if folder else path
            for one in reversed(self._lines(folder)):
                if one.matches(below):
                    return one
        return None

    def _lines(self, folder: bytes) -> tuple[Pattern, ...]:
        if folder not in self._files:
            above = folder.decode("utf-8", "surrogateescape")
            self._files[folder] = patterns(self._read(f"{above}/.gitignore" if above else ".gitignore"))
        return self._files[folder]


def matcher(files: Mapping[str, bytes]) -> Matcher:
    """The decisions of these ignore files (path -> bytes) together."""
    return Matcher(lambda path: files.get(path, b""))


def load(data: bytes) -> list[str]:
    """The effective patterns in order, trailing spaces gone."""
    return [p.text.decode("utf-8", "surrogateescape") for p in patterns(data)]


def add(data: bytes, *new: str, comment: str = "") -> bytes:
    """The file with these patterns in one block, at the end or above a `!` line that has to stay effective.

    A pattern that is there already is not added again; a block under the same comment is continued.
    Raises Refused when a path that a `!` line keeps would be ignored wherever the patterns stand.
    """
    gates.decoded(data)
    known = {p.text.decode() for p in patterns(data)}
    lines: list[str] = []
    for pattern in new:
        parsed = pattern_of(pattern.encode())
        if "\n" in pattern or parsed is None or pattern != pattern.strip():
            raise Refused(f"not a pattern: {pattern!r}")
        wider = {pattern, pattern.rstrip("/"), pattern.removeprefix("/"), pattern.strip("/")}
        if pattern not in lines and not wider & known:
            lines.append(pattern)
    if not lines:
        return data
    kept = _kept(data)
    for edit in _places(data, lines, comment):
        after_lines = _merged(load(data), lines, _before(data, edit))
        after = gates.edited(data, (edit,), load, after_lines)
        decide = matcher({".gitignore": after})
        if not any(decide.ignores(path) for path in kept):
            return after
    raise Refused("a `!` line keeps a path that the new patterns would ignore")


def _before(data: bytes, edit: Edit) -> int:
    return len(patterns(data[: edit.start]))


def _merged(old: list[str], new: list[str], at: int) -> list[str]:
    return [*old[:at], *new, *old[at:]]


def _kept(data: bytes) -> list[str]:
    """A sample path for each `!` line that is effective now."""
    decide = matcher({".gitignore": data})
    samples = []
    for pattern in patterns(data):
        if pattern.negated:
            body = re.sub(rb"\*\*/|^/|\\(?=.)", b"", pattern.text[1:])
            body = re.sub(rb"\[[^\]]*\]|\*+|\?", b"x", body)
            samples.append(body.decode("utf-8", "surrogateescape"))
    return [s for s in samples if not decide.ignores(s)]


def _places(data: bytes, lines: list[str], comment: str) -> Iterable[Edit]:
    """The end of the file (or of the block that has the comment), then the first paragraph with a `!`."""
    rows = [row.rstrip(b"\r") for row in data.removeprefix(BOM).split(b"\n")]
    while rows and not rows[-1].strip():
        rows.pop()
    body = "\n".join(lines)
    title = f"# {comment}\n" if comment else ""
    if comment and title.strip().encode() in rows:
        at = rows.index(title.strip().encode())
        while at < len(rows) and rows[at].strip():
            at += 1
        yield insert_lines(data, at + 1, body.encode())
    gap = "\n" if comment and rows else ""
    yield insert_lines(data, len(rows) + 1, f"{gap}{title}{body}".encode())
    first = next((n for n, row in enumerate(rows) if row.startswith(b"!")), None)
    if first is not None:
        while first and rows[first - 1].strip():
            first -= 1
        yield insert_lines(data, first + 1, f"{title}{body}\n\n".encode())
