"""The gates around every editor: what an edit has to prove before its bytes are believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from fixers.editors.splice import BOM, Edit, eol_at, splice
from fixers.model import Refused

T = TypeVar("T")
MAX_DEPTH: Final = 200
"""Nesting over which parsers were seen to crash or crawl (reliability.md)."""
_OPENING: Final = {ord("["): 1, ord("{"): 1, ord("("): 1, ord("]"): -1, ord("}"): -1, ord(")"): -1}
_BRACKET: Final = re.compile(rb"[\[\](){}]")
_RUN: Final = re.compile(rb"([\[({!~+-])(?:[ \t]*\1){%d}" % MAX_DEPTH)


def decoded(data: bytes) -> str:
    """The text without its BOM; raises Refused for UTF-16, NUL bytes and what is not UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("the file is UTF-16")
    if b"\0" in data:
        raise Refused("the file holds NUL bytes")
    try:
        return data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("the file is not UTF-8") from error


def shallow(data: bytes) -> None:
    """Refuse what nests brackets, or repeats one operator, more than 200 times: parsers die of it.

    Brackets inside strings are counted too: a look without a parser cannot know better.
    """
    if _RUN.search(data):
        raise Refused(f"more than {MAX_DEPTH} of one operator in a row")
    depth = 0
    for match in _BRACKET.finditer(data):
        depth = max(0, depth + _OPENING[data[match.start()]])
        if depth > MAX_DEPTH:
            raise Refused(f"nested more than {MAX_DEPTH} deep")


def same(one: Any, other: Any) -> bool:
    """Equality that tells `1`, `1.0` and `true` apart, and takes NaN as equal to itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)


def identity(data: bytes, printed: bytes) -> None:
    """Gate 1: what a parser prints again must be the very bytes it read."""
    if printed != data:
        raise Refused("the file does not come back unchanged from its parser")


def meaning(after: bytes, load: Callable[[bytes], T], meant: T) -> None:
    """Gate 2: the result parses, and says what was meant and nothing else."""
    try:
        found = load(after)
    except Refused as refused:
        raise Refused(f"the edit would break the file: {refused}") from refused
    if not same(found, meant):
        raise Refused("the edit would change more than what was meant")


def locality(before: bytes, after: bytes, edits: Iterable[Edit]) -> None:
    """Gate 3: every line that no edit touches is there, in order, byte for byte; and there are no more than meant."""
    edits = tuple(edits)
    open_end = not before.endswith(b"\n")
    meant = sum(e.new.count(b"\n") - before.count(b"\n", e.start, e.end) for e in edits)
    if abs(after.count(b"\n") - before.count(b"\n") - meant) > open_end:
        raise Refused("the edit would touch other lines: it adds or loses some")
    if open_end:
        eol = eol_at(before, len(before))
        before, after = before + eol, after + eol
    at = 0
    kept: list[bytes] = []
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        first = before.rfind(b"\n", 0, edit.start) + 1
        whole = edit.end == first or before[edit.end - 1 : edit.end] == b"\n"
        end = edit.end if whole else before.find(b"\n", edit.end) + 1
        kept.append(before[at : max(at, first)])
        at = max(at, end)
    tail = before[at:]
    found = 0
    for number, block in enumerate(kept):
        start = 0 if not number and after.startswith(block) else after.find(block, found) if number else -1
        if start < 0:
            raise Refused("the edit would touch other lines")
        found = start + len(block)
    if not after.endswith(tail) or found + len(tail) > len(after):
        raise Refused("the edit would touch other lines")


def form(before: bytes, after: bytes) -> None:
    """Gate 4: the BOM, the kinds of line ends and the final newline are as they were."""
    if before.startswith(BOM) != after.startswith(BOM):
        raise Refused("the edit would change the byte order mark")
    if not before.strip(BOM):
        return
    if before.endswith(b"\n") != after.endswith(b"\n") and after.strip(BOM):
        raise Refused("the edit would change the final newline")
    if _line_ends(after) - (_line_ends(before) or {"\n"}):
        raise Refused("the edit would mix line ends")


def _line_ends(data: bytes) -> set[str]:
    crlf = data.count(b"\r\n")
    found = {"\r\n"} if crlf else set()
    if data.count(b"\n") > crlf:
        found.add("\n")
    if data.count(b"\r") > crlf:
        found.add("\r")
    return found


def passed(before: bytes, after: bytes, edits: Iterable[Edit], load: Callable[[bytes], T], meant: T) -> bytes:
    """`after`, once it is through gates 2, 3 and 4; raises Refused with the reason otherwise."""
    meaning(after, load, meant)
    if after == before:
        return before
    locality(before, after, edits)
    form(before, after)
    return after


def edited(data: bytes, edits: Iterable[Edit], load: Callable[[bytes], T], meant: T) -> bytes:
    """The spliced bytes, once they are through the gates."""
    edits = tuple(edits)
    return passed(data, splice(data, edits), edits, load, meant)
