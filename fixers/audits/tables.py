"""The rows of an audit's tables: Markdown's own, and those that lost their bars when somebody copied a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_RULE: Final = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_STATUS: Final = frozenset(("status", "state", "fixed", "done", "resolved", "resolution"))
_SEVERITY: Final = frozenset(("severity", "priority", "pri", "prio", "level", "risk", "sev"))
_NUMBER: Final = frozenset(("#", "id", "no", "no.", "nr", "ref"))
_OTHER: Final = frozenset(("effort", "owner", "cost", "when", "due", "assignee"))
_BARE: Final = re.compile(
    r"(P[0-3])(?=[A-Z/])(.{3,120}?)(Low|Medium|High)(Open|Done|Fixed|Mitigated|Todo|Accepted)(.{0,80})"
)
"""`P1WebAuthn RPID from configLowOpen`: priority, item, effort and status of a row without its bars."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that speaks of a fault; `mark` is the span of its status in characters of the line, (0, 0) without one."""

    title: str
    text: str
    line: int
    number: str = ""
    severity: str = ""
    status: str = ""
    mark: tuple[int, int] = (0, 0)


def rows(lines: list[str]) -> Iterator[Row]:
    """The rows of tables that have a column for a status, a severity or a priority."""
    number, fenced = 0, False
    while number < len(lines):
        line = lines[number]
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if not fenced and "|" in line and "-" in below and "|" in below and _RULE.fullmatch(below):
            end = number + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            yield from _table(lines, number, end)
            number = end
            continue
        bare = _BARE.fullmatch(line) if not fenced and line.startswith("P") else None
        if bare:
            yield Row(bare[2], bare[2], number + 1, "", bare[1], bare[4])
        number += 1


def _table(lines: list[str], head: int, end: int) -> Iterator[Row]:
    names = [lines[head][a:b].strip(" \t*_`").lower() for a, b in _cells(lines[head])]
    status, severity, number = (
        next((n for n, w in enumerate(names) if w in s), -1) for s in (_STATUS, _SEVERITY, _NUMBER)
    )
    title = next((n for n, w in enumerate(names) if n not in (status, severity, number) and w not in _OTHER), -1)
    if title < 0 or (status < 0 and severity < 0):
        return
    for at in range(head + 2, end):
        line = lines[at]
        cells = _cells(line)
        if len(cells) <= max(status, severity, number, title):
            continue
        words = [line[a:b].strip(" \t*_`") for a, b in cells]
        if not any(c.isalpha() for c in words[title]):
            continue
        rest = " ".join(w for n, w in enumerate(words) if n not in (status, severity, number))
        yield Row(
            words[title],
            rest,
            at + 1,
            words[number] if number >= 0 else "",
            words[severity] if severity >= 0 else "",
            words[status] if status >= 0 else "",
            _trimmed(line, *cells[status]) if status >= 0 else (0, 0),
        )


def _cells(line: str) -> list[tuple[int, int]]:
    """The spans between the bars of a row; a bar behind a backslash is a letter."""
    bars = [n for n, c in enumerate(line) if c == "|" and line[n - 1 : n] != "\\"]
    edges = [-1, *bars, len(line)]
    spans = [(a + 1, b) for a, b in pairwise(edges)]
    if spans and not line[slice(*spans[0])].strip():
        spans.pop(0)
    if spans and not line[slice(*spans[-1])].strip():
        spans.pop()
    return spans


def _trimmed(line: str, start: int, end: int) -> tuple[int, int]:
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    return start, end
