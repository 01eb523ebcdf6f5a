"""The one splice engine: replacements on bytes that keep line ends, BOM and final newline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from fixers.model import Refused

BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes `start` to `end` (offsets into the file's bytes, BOM included) by `new`."""

    start: int
    end: int
    new: bytes = field(repr=False)


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply all edits at once; every byte outside them stays.

    Line ends in the new text follow the neighbour's. A file that ended without a newline still does.
    Two insertions at one offset are kept in the order given. Raises Refused when edits overlap or
    reach outside the file.
    """
    wanted = [e for e in edits if data[e.start : e.end] != e.new or e.start == e.end]
    ordered = [e for _, e in sorted(enumerate(wanted), key=lambda p: (p[1].start, p[1].end, p[0]))]
    floor = len(BOM) if data.startswith(BOM) else 0
    out: list[bytes] = []
    at = 0
    for edit in ordered:
        if edit.start < at or edit.end < edit.start or edit.end > len(data):
            raise Refused("two edits overlap, or one reaches outside the file")
        start, end = max(edit.start, floor), max(edit.end, floor)
        out += [data[at:start], with_eol(edit.new, eol_at(data, start))]
        at = end
    out.append(data[at:])
    result = b"".join(out)
    return result if not ordered else _same_final_newline(data, result)


def _same_final_newline(before: bytes, after: bytes) -> bytes:
    if not before.strip(BOM) or before.endswith(b"\n"):
        return after
    for eol in (b"\r\n", b"\n"):
        if after.endswith(eol):
            return after[: -len(eol)]
    return after


def eol_at(data: bytes, offset: int) -> bytes:
    """The line end in force at an offset: the previous line's, else the next line's, else LF."""
    before = data.rfind(b"\n", 0, offset)
    if before < 0:
        before = data.find(b"\n", offset)
    return b"\r\n" if before > 0 and data[before - 1 : before] == b"\r" else b"\n"


def with_eol(text: bytes, eol: bytes) -> bytes:
    """The text with every line end as `eol`."""
    plain = text.replace(b"\r\n", b"\n")
    return plain if eol == b"\n" else plain.replace(b"\n", eol)


def line_start(data: bytes, line: int) -> int:
    """Offset at which the 1-based line begins; the file's length when there are fewer lines."""
    at = len(BOM) if line == 1 and data.startswith(BOM) else 0
    for _ in range(line - 1):
        found = data.find(b"\n", at)
        if found < 0:
            return len(data)
        at = found + 1
    return at


def line_of(data: bytes, offset: int) -> int:
    """The 1-based line of an offset."""
    return data.count(b"\n", 0, offset) + 1


def insert_lines(data: bytes, line: int, text: bytes) -> Edit:
    """An edit that puts whole lines before the 1-based `line` (past the end: after the last line)."""
    text = text if text.endswith(b"\n") else text + b"\n"
    at = line_start(data, line)
    if at == len(data) and data and not data.endswith(b"\n") and data != BOM:
        return Edit(at, at, b"\n" + text)
    return Edit(at, at, text)
