"""One line of an ignore file: what it matches.

Ordinary patterns are translated by pathspec. Where pathspec 1.1.1 and git disagree, or a hostile pattern would make
its expression slow, they are translated here: bracket expressions (`[[:alpha:]]`, `[!a]` that must not match a
slash), three stars in a row, several stars in one name, several `**`, a backslash at the end, a last byte that
Latin-1 takes for white space (the end of an `à`), and patterns of stars only.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from fixers.editors.splice import BOM

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
    """One line: what it matches, and whether it takes back (`!`) what an earlier line ignored.

    `whole` is pathspec's expression for a path; where there is none, `parts` has one for each name.
    """

    text: bytes
    line: int
    negated: bool
    folders_only: bool
    anchored: bool
    whole: re.Pattern[bytes] | None = None
    parts: tuple[re.Pattern[bytes] | None, ...] = ()

    def matches(self, path: bytes) -> bool:
        """Whether it matches this very path from the ignore file's folder down (`a/b/`: a folder), and not as below."""
        if self.whole is not None:
            return self.whole.fullmatch(path) is not None
        if self.folders_only and not path.endswith(b"/"):
            return False
        names = tuple(path.rstrip(b"/").split(b"/"))
        return _matches(self.parts, names if self.anchored else names[-1:])


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
        one = pattern(line.removesuffix(b"\r"), number)
        if one is not None:
            found.append(one)
    return tuple(found)


def pattern(line: bytes, number: int = 1) -> Pattern | None:
    """The pattern of one line; None for a comment, nothing, and what git never matches."""
    if line.startswith(b"#"):
        return None
    text = _trimmed(line)
    body = text.removeprefix(b"!")
    folders = body.endswith(b"/")
    body = body[:-1] if folders else body
    anchored, body = b"/" in body, body.removeprefix(b"/")
    body = re.sub(rb"\\(.)", lambda m: b"/" if m[1] == b"/" else m[0], body, flags=re.S)
    if _ordinary(body):
        whole = _whole(body if anchored else b"**/" + body, folders)
        return Pattern(text, number, text.startswith(b"!"), folders, anchored, whole)
    try:
        parts = _parts(body)
    except ValueError:
        return None
    return Pattern(text, number, text.startswith(b"!"), folders, anchored, parts=parts) if parts else None


def _ordinary(body: bytes) -> bool:
    """Whether pathspec and git are of one mind about the pattern, and its expression cannot be slow."""
    names = re.sub(rb"\\.", b"x", body, flags=re.S).split(b"/")
    stars = [n.count(b"*") for n in names if n != b"**"]
    return (
        all(names)
        and names.count(b"**") < 2
        and any(n.strip(b"*") for n in names)
        and max(stars) < 2
        and not re.search(rb"[\[\\]", b"/".join(names))
        and not body[-1:].decode("latin-1").isspace()
    )


@functools.lru_cache(maxsize=4096)
def _whole(body: bytes, folders: bool) -> re.Pattern[bytes]:
    """pathspec's expression; one that ends with `**` is asked as `**/*`, for all of it has to match."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    body = body + b"/*" if body.endswith(b"/**") else body
    anchored = body if body.startswith(b"**/") else b"/" + body
    expression, _ = GitIgnoreSpecPattern.pattern_to_regex(anchored + (b"/" if folders else b""))
    assert expression is not None
    return re.compile(expression, re.S)


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
