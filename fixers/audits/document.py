"""The items of an audit, in whatever shape people write one: headings, numbers, bullets, paragraphs, tables, tasks.

The reading is by lines and linear in the document. What is no item for sure is left out; an item too many
costs one line of "for a person", an item misread would cost a wrong word in somebody's document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from fixers.audits.tables import Row, rows
from fixers.editors import gates
from fixers.model import Refused, Severity

LIMIT: Final = 300_000
"""Bytes over which a document is not read: the two published audits have 4 and 8 kB."""
LONG: Final = 4_000
"""Letters of a line, and of an item, that are looked at."""
ITEMS: Final = 500
"""Items over which a document is taken for something else than an audit."""
_TITLE: Final = 200
_LEVELS: Final = {
    Severity.CRITICAL: r"critical|blockers?|severe|p0",
    Severity.HIGH: r"high|major|p1",
    Severity.MEDIUM: r"medium|moderate|p2",
    Severity.LOW: r"low|minor|p3",
}
_LEVEL: Final = re.compile("|".join(f"(?P<{level.name}>{words})" for level, words in _LEVELS.items()), re.I)
_SECTION: Final = re.compile(rf"(?:\W{{0,4}}(?:{_LEVEL.pattern})\b|.{{0,40}}\b(?:severity|priority)\b)", re.I)
_FAULTS: Final = re.compile(
    r"\b(?:findings?|issues?|gaps?|risks?|problems?|blockers?|vulnerabilit|action items?)", re.I
)
_GOOD: Final = re.compile(
    r"\b(?:already|good shape|solid|strengths?|positives?|done well|works well|appendix|references?|methodology|scope"
    r"|summary|conclusion|checklist|table|overview|next steps|roadmap)\b",
    re.I,
)
_HEADING: Final = re.compile(r"(#{1,6})[ \t]+(.*)")
_NUMBER: Final = re.compile(
    r"(?:\*\*|\[)?(?!P[0-4]\b)((?:[A-Z]{1,8}-?)?\d{1,3})(?:[.):\]]|\*\*|[ \t]*[-–—:])(?:\*\*)?[ \t]+(\S.*)"
)
_BULLET: Final = re.compile(r"([ \t]*)([-*+•])[ \t]+(?:\[([ xX])\][ \t]+)?(\S.*)")
_FENCE: Final = re.compile(r"[ \t]*(```|~~~)")
_OWN_LEVEL: Final = re.compile(rf"\bseverity\b\W{{1,6}}(?:{_LEVEL.pattern})\b", re.I)
MARK: Final = "Status (readiness-fix):"
"""Begins the line that we write ourselves."""
OURS: Final = re.compile(rf"[ \t]*(?:[-*+•][ \t]+)?(?:\*\*)?{re.escape(MARK)}")
SAID: Final = re.compile(
    r"(?:✅|\bstatus\W{1,6})?[ \t]*"
    r"\b(done|fixed|mitigated|resolved|implemented|accepted|won'?t fix|open|todo|pending)\b"
    r"(?=[ \t]*(?:[—–:(.]|-[ \t]|$))",
    re.I,
)
_CLOSED: Final = frozenset(
    ("done", "fixed", "mitigated", "resolved", "implemented", "accepted", "won't fix", "wont fix")
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the audit found: its 1-based lines, its text (without our own line), and what became of it.

    `kind` is ``item``, ``bullet``, ``paragraph``, ``task`` or ``row``; `mark` is the span, in characters of its
    first line, of the word (or the box) that tells its status, when it has one.
    """

    title: str
    text: str
    line: int
    end_line: int
    kind: str = "item"
    number: str = ""
    severity: Severity | None = None
    said: str = ""
    mark: tuple[int, int] = (0, 0)

    @property
    def closed(self) -> bool:
        """Whether the document itself says that nothing is left to do."""
        return self.said.lower() in _CLOSED


@dataclass(frozen=True, slots=True)
class _Section:
    """Where the reader stands: below which heading, and what that makes of lists and paragraphs."""

    depth: int = 0
    severity: Severity | None = None
    faults: bool = False
    good: bool = False


def read(data: bytes) -> tuple[Item, ...]:
    """The items, in order. Raises Refused for what is no text, too long, or has too many of them."""
    if len(data) > LIMIT:
        raise Refused(f"the audit is larger than {LIMIT // 1000} kB")
    lines = [line.removesuffix("\r")[:LONG] for line in gates.decoded(data).split("\n")]
    told = tuple(_Reading(lines).items())
    if all(i.kind == "task" for i in told):  # no heading speaks of faults: then the lists are what was found
        told = tuple(_Reading(lines, loose=True).items())
    found = sorted((*told, *map(_of_row, rows(lines))), key=lambda i: i.line)
    if len(found) > ITEMS:
        raise Refused(f"more than {ITEMS} items: this is no audit that a person wrote")
    return tuple(found)


def _of_row(row: Row) -> Item:
    said = SAID.match(row.status.strip()) if row.status else None
    return Item(
        row.title,
        row.text,
        row.line,
        row.line,
        "row",
        row.number,
        severity_of(row.severity),
        said[1] if said else "",
        row.mark,
    )


def severity_of(words: str) -> Severity | None:
    """The severity that stands at the beginning of the words, if one does."""
    found = _LEVEL.match(words.strip(" \t*_[(`🔴🟠🟡🟢")) if words else None
    return Severity[found.lastgroup] if found and found.lastgroup else None


class _Reading:
    """One pass over the lines; an item ends where the next one, or a heading of its rank, begins."""

    def __init__(self, lines: list[str], *, loose: bool = False) -> None:
        self.lines = lines
        self.loose = loose
        self.found: list[Item] = []
        self.section = _Section()
        self.open: Item | None = None
        self.rank = 0
        self.copied = sum(_HEADING.match(line) is not None for line in lines) < 2

    def items(self) -> Iterator[Item]:
        """The items but for the rows of tables."""
        fence = ""
        blank = True
        for number, line in enumerate(self.lines, 1):
            if not line or line.isspace():
                blank = True
                continue
            mark = _FENCE.match(line)
            if mark and (not fence or mark[1] == fence):
                fence = "" if fence else mark[1]
            elif not fence and not line.lstrip().startswith("|"):
                self._line(number, line, blank)
            blank = False
        self._close(len(self.lines) + 1)
        structured = {i.severity for i in self.found if i.kind != "paragraph"}
        for item in self.found:
            if item.kind != "paragraph" or item.severity not in structured:
                yield item

    def _line(self, number: int, line: str, after_blank: bool) -> None:
        heading = _HEADING.match(line)
        if heading or (self.copied and after_blank and self._is_plain_heading(number, line)):
            self._heading(number, heading[2] if heading else line, len(heading[1]) if heading else 0)
            return
        bullet, numbered = _BULLET.match(line), _NUMBER.match(line)
        if bullet and bullet[3]:
            self._begin(
                number, "task", "", bullet[4], mark=bullet.span(3), said="done" if bullet[3] in "xX" else "open"
            )
        elif self.section.good or not (self.section.severity or self.section.faults or self.loose):
            return
        elif numbered and self.rank == 0:
            self._begin(number, "item", numbered[1], numbered[2])
        elif bullet and not bullet[1] and (self.open is None or self.open.kind in ("bullet", "paragraph", "task")):
            self._begin(number, "bullet", "", bullet[4])
        elif (
            after_blank
            and not self.loose
            and line.strip()
            and not line[0].isspace()
            and not bullet
            and (self.open is None or self.open.kind in ("paragraph", "bullet", "task"))
        ):
            self._begin(number, "paragraph", "", line)

    def _is_plain_heading(self, number: int, line: str) -> bool:
        """A short line alone between blank ones, as a copied page has it."""
        below = self.lines[number] if number < len(self.lines) else ""
        alone = 0 < len(line.strip()) <= 80 and not below.strip() and not line[0].isspace()
        return alone and line.rstrip()[-1] not in ".,;:!?`" and not _BULLET.match(line) and not _NUMBER.match(line)

    def _heading(self, number: int, title: str, depth: int) -> None:
        numbered = _NUMBER.match(title)
        inside = depth > self.section.depth and (self.section.severity or self.section.faults)
        level = severity_of(title) if _SECTION.match(title) else None
        if depth and self.rank and depth > self.rank:
            return  # a heading inside of an item
        if numbered and depth and not self.section.good:
            self._begin(number, "item", numbered[1], numbered[2], rank=depth)
        elif level is None and inside and depth and not self.section.good and not _GOOD.search(title):
            self._begin(number, "item", "", title, rank=depth)
        else:
            self._close(number)
            good = level is None and _GOOD.search(title) is not None
            self.section = _Section(depth, level, not good and _FAULTS.search(title) is not None, good)

    def _begin(
        self,
        number: int,
        kind: str,
        name: str,
        title: str,
        *,
        rank: int = 0,
        mark: tuple[int, int] = (0, 0),
        said: str = "",
    ) -> None:
        self._close(number)
        own = severity_of(title) if title.strip().startswith(("[", "(", "**[", "**(")) else None
        sentence = _first_sentence(title)
        self.open = Item(sentence, "", number, number, kind, name, own or self.section.severity, said, mark)
        self.rank = rank

    def _close(self, before: int) -> None:
        """The item that is open ends above this line."""
        if self.open is None:
            return
        end = before - 1
        while end > self.open.line and not self.lines[end - 1].strip():
            end -= 1
        body = [line for line in self.lines[self.open.line - 1 : end] if not OURS.match(line)]
        text = "\n".join(body)[:LONG]
        level = _OWN_LEVEL.search(text)
        severity = Severity[level.lastgroup] if level and level.lastgroup else self.open.severity
        said = self.open.said or next((m[1] for line in body if (m := SAID.search(line))), "")
        self.found.append(replace(self.open, text=text, end_line=end, severity=severity, said=said))
        self.open, self.rank = None, 0


def _first_sentence(text: str) -> str:
    plain = re.sub(r"[*_`~]+", "", text).strip()
    end = re.search(r"[.!?](?=\s)|\s[—–]\s", plain[: _TITLE + 1])
    return plain[: end.start()] if end else plain[:_TITLE].rstrip(".")
