""".gitignore: what git would ignore, and new patterns that leave old decisions alone.

Written here rather than on pathspec, which matches a pattern against everything below a folder at once:
git asks for each folder on the way down, and never looks into one that is ignored.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fixers.editors import gates
from fixers.editors.splice import BOM, Edit, insert_lines
from fixers.model import Refused

_CLASSES: Final = {
    b"alnum": b"a-zA-Z0-9",
    b"alpha": b"a-zA-Z",
    b"blank": b" \\t",
    b"cntrl": b"\\x00-\\x1f\\x7f",
    b"digit": b"0-9",
    b"graph": b"!-~",
    b"lower": b"a-z",
    b"print": b" -~",
    b"punct": b"!-/:-@\\[-`{-~",
    b"space": b" \\t\\n\\r\\f\\v",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}
_ANY: Final = b"**"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: what it matches, and whether it takes back (`!`) what an earlier line ignored."""

    text: bytes
    line: int
    negated: bool
    folders_only: bool
    anchored: bool
    parts: tuple[re.Pattern[bytes] | None, ...]

    def matches(self, parts: tuple[bytes, ...], folder: bool) -> bool:
        """Whether it matches this very path (names from the ignore file's folder down), not what is below it."""
        if self.folders_only and not folder:
            return False
        if not self.anchored:
            only = self.parts[-1]
            return only is not None and only.fullmatch(parts[-1]) is not None
        return _matches(self.parts, parts)


def _matches(pattern: tuple[re.Pattern[bytes] | None, ...], parts: tuple[bytes, ...]) -> bool:
    """Part against part; None stands for `**`, any number of folders. Linear steps back, as in a glob."""
    at = number = 0
    star, resume = -1, 0
    while at < len(parts):
        part = pattern[number] if number < len(pattern) else None
        if number < len(pattern) and part is None:
            star, resume = number, at
            number += 1
        elif part is not None and part.fullmatch(parts[at]):
            at, number = at + 1, number + 1
        elif star >= 0:
            resume += 1
            at, number = resume, star + 1
        else:
            return False
    return all(p is None for p in pattern[number:])


def patterns(data: bytes) -> tuple[Pattern, ...]:
    """The effective lines of an ignore file, in order; what git can never match is left out."""
    found = []
    for number, line in enumerate(data.removeprefix(BOM).split(b"\n"), 1):
        pattern = _pattern(line.removesuffix(b"\r"), number)
        if pattern is not None:
            found.append(pattern)
    return tuple(found)


def _pattern(line: bytes, number: int) -> Pattern | None:
    if line.startswith(b"#"):
        return None
    text = _trimmed(line)
    body = text.removeprefix(b"!")
    folders = body.endswith(b"/")
    body = body[:-1] if folders else body
    anchored = b"/" in body
    try:
        parts = _parts(body.removeprefix(b"/"))
    except ValueError:
        return None
    if not parts:
        return None
    return Pattern(text, number, text.startswith(b"!"), folders, anchored, parts)


def _trimmed(line: bytes) -> bytes:
    """Without trailing spaces, except one behind a backslash."""
    match = re.match(rb"(?:\\.|[^\\ ]| +(?=[^ ]))*\\?", line, re.S)
    return match[0] if match else line


@functools.lru_cache(maxsize=4096)
def _parts(body: bytes) -> tuple[re.Pattern[bytes] | None, ...]:
    """A regular expression for each name, None for `**`; raises ValueError for what git never matches."""
    names: list[list[bytes]] = [[]]
    at = 0
    while at < len(body):
        char = body[at : at + 1]
        if char == b"/":
            names.append([])
            at += 1
            continue
        if char == b"*":
            end = at + len(re.match(rb"\*+", body[at:])[0])  # type: ignore[index]
            alone = body[at - 1 : at] in (b"/", b"") and body[end : end + 1] in (b"/", b"")
            token = _ANY if alone and end - at > 1 else b"*"
            at = end
        else:
            token, at = _token(body, at)
        names[-1].append(token)
    if not all(names):
        raise ValueError("an empty name")
    out: list[re.Pattern[bytes] | None] = []
    for tokens in names:
        if tokens != [_ANY]:
            out.append(re.compile(_expression(tokens), re.S))
        elif not out or out[-1] is not None:
            out.append(None)
    if out[-1] is None:
        out.append(re.compile(rb".+", re.S))
    return tuple(out)


def _token(body: bytes, at: int) -> tuple[bytes, int]:
    char = body[at : at + 1]
    if char == b"?":
        return b"[^/]", at + 1
    if char == b"\\":
        if at + 1 == len(body):
            raise ValueError("a backslash at the end")
        return re.escape(body[at + 1 : at + 2]), at + 2
    if char == b"[":
        return _class(body, at + 1)
    return re.escape(char), at + 1


def _class(body: bytes, at: int) -> tuple[bytes, int]:
    """`[...]` as a regular expression, and where it ends."""
    negated = body[at : at + 1] in (b"!", b"^")
    at += negated
    first, items = at, b""
    while body[at : at + 1] != b"]" or at == first:
        named = re.compile(rb"\[:([^\]]*):\]").match(body, at)
        if named:
            items += _CLASSES[named[1]] if named[1] in _CLASSES else _never()
            at = named.end()
            continue
        low, at = _letter(body, at)
        if body[at : at + 1] == b"-" and body[at + 1 : at + 2] not in (b"]", b""):
            high, at = _letter(body, at + 1)
            items += b"%b-%b" % (_hex(low), _hex(high)) if low <= high else b""
        else:
            items += _hex(low)
    if not items:
        return (b"[^/]" if negated else b"(?!)"), at + 1
    return b"(?!/)[%b%b]" % (b"^" if negated else b"", items), at + 1


def _never() -> bytes:
    raise ValueError("an unknown class")


def _letter(body: bytes, at: int) -> tuple[int, int]:
    if body[at : at + 1] == b"\\":
        at += 1
    if at >= len(body):
        raise ValueError("a class without an end")
    return body[at], at + 1


def _hex(letter: int) -> bytes:
    return b"\\x%02x" % letter


def _expression(tokens: list[bytes]) -> bytes:
    """Each stretch between two stars at its first place (atomic), so that no name makes it slow."""
    stretches: list[bytes] = [b""]
    for token in tokens:
        if token in (b"*", _ANY):
            stretches.append(b"")
        else:
            stretches[-1] += token
    if len(stretches) == 1:
        return stretches[0]
    middle = b"".join(b"(?>.*?%b)" % s for s in stretches[1:-1] if s)
    return stretches[0] + middle + b".*" + stretches[-1]


class Matcher:
    """All ignore files of a tree as git combines them: the deepest file speaks first, its last match wins."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {p.encode("utf-8", "surrogateescape").rpartition(b"/")[0]: patterns(d) for p, d in files.items()}
        self._known: dict[tuple[bytes, bool], bool] = {}

    def ignores(self, path: str) -> bool:
        """Whether git would ignore an untracked file of that path (a folder: with a slash at its end)."""
        raw = path.encode("utf-8", "surrogateescape").strip(b"/")
        parts = tuple(raw.split(b"/"))
        return any(
            self._decided(parts[:n], folder=n < len(parts) or path.endswith("/")) for n in range(1, len(parts) + 1)
        )

    def _decided(self, parts: tuple[bytes, ...], *, folder: bool) -> bool:
        key = (b"/".join(parts), folder)
        if key not in self._known:
            match = self._match(parts, folder)
            self._known[key] = match is not None and not match.negated
        return self._known[key]

    def _match(self, parts: tuple[bytes, ...], folder: bool) -> Pattern | None:
        for depth in range(len(parts) - 1, -1, -1):
            lines = self._files.get(b"/".join(parts[:depth]), ())
            for pattern in reversed(lines):
                if pattern.matches(parts[depth:], folder):
                    return pattern
        return None


def matcher(files: Mapping[str, bytes]) -> Matcher:
    """The decisions of these ignore files (path -> bytes) together."""
    return Matcher(files)


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
        parsed = _pattern(pattern.encode(), 1)
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
