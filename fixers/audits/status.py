"""What became of each item, written into the audit: one line below an item, a word in a table, a box ticked.

Everything else of the document stays byte for byte. An item that no rule speaks of, that cannot be confirmed,
or that the document itself calls done is left as it is. Fixes are named by their finding, which is in the
trailer of the commit: a commit's own name does not outlive a rebase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fixers.audits.document import MARK, OURS
from fixers.audits.match import Answer, State
from fixers.editors import gates, markdown
from fixers.editors.splice import Edit, insert_lines, line_start, splice
from fixers.model import Refused
from fixers.text import safe_text

_BULLET: Final = re.compile(r"([ \t]*)([-*+•])[ \t]+\S")
_MARKDOWN: Final = (".md", ".markdown", ".mdown")
_SHOWN: Final = 3
_WRITTEN: Final = (State.OPEN, State.ADVISED, State.PARTLY, State.FIXED, State.ASIDE, State.PASSES)


def written(data: bytes, path: str, answers: Iterable[Answer]) -> bytes:
    """The document with the status of its items; the very bytes when there is nothing new to say.

    Raises Refused when an edit would change anything else.
    """
    text = gates.decoded(data)
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    marked_up = path.lower().endswith(_MARKDOWN)
    edits = [edit for a in answers for edit in _edits(data, lines, a, marked_up=marked_up)]
    if not edits:
        return data
    after = splice(data, edits)
    gates.locality(data, after, edits)
    gates.form(data, after)
    if marked_up and (_frame(data) != _frame(after)):
        raise Refused("the status would change the document's headings or code")
    return after


def _frame(data: bytes) -> tuple[list[tuple[int, str]], list[str]]:
    headings = [(h.level, h.text) for h in markdown.headings(data)]
    return headings, [b.text for b in markdown.code_blocks(data)]


def _edits(data: bytes, lines: list[str], answer: Answer, *, marked_up: bool) -> list[Edit]:
    item = answer.item
    if answer.state not in _WRITTEN:
        return []
    if item.kind in ("row", "task"):
        return _marked(data, lines, answer)
    old = next((n for n in range(item.line, item.end_line + 1) if OURS.match(lines[n - 1])), 0)
    if item.closed and not old and answer.state is not State.FIXED:
        return []
    said = words(answer, marked_up=marked_up)
    if old:
        line = lines[old - 1]
        head = line[: line.index(MARK)] + MARK
        head += "**" if marked_up and line.startswith("**", len(head)) else ""
        return [] if line == f"{head} {said}" else [_line(data, lines, old, f"{head} {said}")]
    mark = f"**{MARK}**" if marked_up else MARK
    return [insert_lines(data, item.end_line + 1, _placed(lines, answer, f"{mark} {said}").encode())]


def _marked(data: bytes, lines: list[str], answer: Answer) -> list[Edit]:
    """The status word of a row, or the box of a task, of what is mended; nothing for what is not."""
    start, end = answer.item.mark
    if answer.state is not State.FIXED or answer.item.closed or (answer.item.kind == "row" and not end):
        return []
    line = lines[answer.item.line - 1]
    new = "x" if answer.item.kind == "task" else "Fixed"
    return [_line(data, lines, answer.item.line, line[:start] + (new if start < end else f"{new} ") + line[end:])]


def _line(data: bytes, lines: list[str], number: int, new: str) -> Edit:
    """The edit that gives a line another text, its line end kept."""
    start = line_start(data, number)
    return Edit(start, start + len(lines[number - 1].encode()), new.encode())


def _placed(lines: list[str], answer: Answer, said: str) -> str:
    """The new line as its neighbours are written: a bullet among bullets, else part of the item's last paragraph."""
    item = answer.item
    first, last = lines[item.line - 1], lines[item.end_line - 1]
    if item.kind == "bullet":
        return f"  {first[:1]} {said}"
    if item.kind == "paragraph":
        return said
    bullets = [m for n in range(item.line, item.end_line) if (m := _BULLET.match(lines[n]))]
    if bullets and (_BULLET.match(last) or last[:1].isspace()):
        least = min(bullets, key=lambda m: len(m[1]))
        return f"{least[1]}{least[2]} {said}"
    if first.startswith("#"):
        return f"\n{said}"
    return (" " * 3 if last is first else last[: len(last) - len(last.lstrip())]) + said


def words(answer: Answer, *, marked_up: bool = False) -> str:
    """The status of an item in words, for the document and for a report."""
    tick = "`" if marked_up else ""

    def code(text: str) -> str:
        return f"{tick}{safe_text(text)}{tick}" if "`" not in text else safe_text(text)

    done = "; ".join(f"{code(d.rule)} ({d.finding}): {safe_text(d.title)}" for d in answer.done[:_SHOWN])
    done += f"; {len(answer.done) - _SHOWN} more" if len(answer.done) > _SHOWN else ""
    paths = list(dict.fromkeys(f.path for f in answer.findings))
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    rules = ", ".join(code(r) for r in dict.fromkeys(f.rule for f in answer.findings))
    where = f"{rules} in {', '.join(code(p) for p in paths[:_SHOWN])}{more}"
    match answer.state:
        case State.FIXED:
            return f"fixed by {done}"
        case State.PARTLY:
            return f"partly fixed by {done}; open: {where}"
        case State.OPEN:
            return f"open: {where}"
        case State.ADVISED:
            return f"open, by hand: {where}"
        case State.ASIDE:
            return f"set aside: {rules}: {safe_text(answer.reason)}"
        case State.PASSES:
            rule, _, evidence = answer.reason.partition(": ")
            return f"{code(rule)} passes: {safe_text(evidence)}"
        case State.UNSURE:
            return f"cannot confirm: {safe_text(answer.reason)}"
    return "for a person: no rule speaks of it"
