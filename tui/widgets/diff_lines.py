"""Changes as lines to draw: one under the other, or side by side, with what changed inside a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from difflib import SequenceMatcher
from typing import Final

from fixers.model import EXECUTABLE, Change
from fixers.patch import DiffLine, Hunk, hunks, is_binary
from fixers.text import plural, quoted, safe_text
from tui.shown import LONGEST
from tui.shown import line as shown
from tui.widgets.lines import WHOLE, Line, Pair

_MOST_LINES: Final = 20_000
_MARKED: Final = 400
"""Characters over which a line's inner changes are not looked for."""
_ALIKE: Final = 0.45
"""Share of a line that must stay for its changes to be marked; below, the marks would be noise."""
_WORDS: Final = re.compile(r"\w+|\s+|.", re.S)


def quick(changes: Iterable[Change]) -> bool:
    """Whether the diff is found at once: little is left between what is common at both ends."""
    left = 0
    for change in changes:
        if change.before is None or change.after is None:
            continue
        a, b = change.before.split(b"\n"), change.after.split(b"\n")
        start, most = 0, min(len(a), len(b))
        while start < most and a[start] == b[start]:
            start += 1
        end = 0
        while end < most - start and a[-1 - end] == b[-1 - end]:
            end += 1
        left += most - start - end
    return left <= 600


def lines_of(changes: Sequence[Change], context: int, *, hidden: Set[str] = frozenset()) -> list[Line]:
    """All changes of a fix; of the hidden paths nothing but that they change."""
    out: list[Line] = []
    for change in changes:
        out += _file(change, context, hidden=change.path in hidden)
        if len(out) > _MOST_LINES:
            more = len(out) - _MOST_LINES
            return [*out[:_MOST_LINES], Line("n", f"… {plural(more, 'more line')}: copy the patch with c to see them")]
    return out


def _file(change: Change, context: int, *, hidden: bool) -> Iterator[Line]:
    what = (
        "new file"
        if change.before is None
        else "leaves git; merging deletes it on disk"
        if change.after is None
        else ""
    )
    if change.mode == EXECUTABLE and change.before is None:
        what += ", executable"
    name = safe_text(quoted(change.path))
    yield Line("f", f"{name}  {what}".rstrip())
    if hidden:
        yield Line("n", "contents are not shown: this file holds secrets")
        return
    if is_binary(change):
        size = len(change.after if change.after is not None else change.before or b"")
        yield Line("n", f"binary, {plural(size, 'byte')}")
        return
    parts = hunks(change, context)
    if not parts:
        yield Line("n", "an empty file" if change.before is None or change.after is None else "only the mode changes")
    mixed = _mixed(change)
    for hunk in parts:
        yield from _hunk(hunk, mixed)


def _mixed(change: Change) -> bool:
    """Whether line ends differ within the file or from one side to the other, so that they must be seen."""
    kinds = set()
    for side in (change.before, change.after):
        if side:
            crlf = side.count(b"\r\n")
            kinds |= {"\r\n"} if crlf else set()
            kinds |= {"\n"} if side.count(b"\n") > crlf else set()
    return len(kinds) > 1


def _hunk(hunk: Hunk, mixed: bool) -> Iterator[Line]:
    crlf = any(line.eol == "\r\n" for line in hunk.lines)
    yield Line("@", hunk.header + ("  CR LF" if crlf and not mixed else ""))
    made = [_line(line, mixed) for line in hunk.lines]
    _mark(made)
    for line, source in zip(made, hunk.lines, strict=True):
        yield line
        if not source.eol:
            yield Line("n", "\\ no newline at the end of the file")


def _line(line: DiffLine, mixed: bool) -> Line:
    text = line.text
    over = len(text) - LONGEST
    drawn = shown(text[:LONGEST]) + (f" … {plural(over, 'more character')}" if over > 0 else "")
    tail = {"\r\n": "␍␊", "\n": "␊"}.get(line.eol, "") if mixed and line.kind != " " else ""
    return Line(line.kind, drawn, line.old_no, line.new_no, tail=tail)


def _mark(lines: Sequence[Line]) -> None:
    """Mark what changed inside lines that were replaced one for one."""
    for removed, added in _blocks(lines):
        for old, new in zip(removed, added, strict=False):
            if max(len(old.text), len(new.text)) > _MARKED:
                continue
            a, b = _WORDS.findall(old.text), _WORDS.findall(new.text)
            matcher = SequenceMatcher(None, a, b, autojunk=False)
            if matcher.ratio() >= _ALIKE:
                codes = [c for c in matcher.get_opcodes() if c[0] != "equal"]
                old.marks = tuple(_chars(a, c[1], c[2]) for c in codes if c[1] < c[2])
                new.marks = tuple(_chars(b, c[3], c[4]) for c in codes if c[3] < c[4])


def _chars(words: Sequence[str], start: int, stop: int) -> tuple[int, int]:
    first = sum(map(len, words[:start]))
    return first, first + sum(map(len, words[start:stop]))


def _blocks(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """Runs of removed lines with the added ones that follow them."""
    removed: list[Line] = []
    added: list[Line] = []
    for line in (*lines, Line(" ", "")):
        if line.kind == "-" and not added:
            removed.append(line)
        elif line.kind == "+":
            added.append(line)
        elif line.kind != "n":
            if removed and added:
                yield removed, added
            removed, added = ([line], []) if line.kind == "-" else ([], [])


def stacked(lines: Iterable[Line]) -> list[Pair]:
    """One under the other."""
    return [(line, None) for line in lines]


def beside(lines: Sequence[Line]) -> list[Pair]:
    """Old on the left, new on the right."""
    out: list[Pair] = []
    left: list[Line] = []
    right: list[Line] = []

    def flush() -> None:
        for i in range(max(len(left), len(right))):
            out.append((left[i] if i < len(left) else None, right[i] if i < len(right) else None))
        left.clear()
        right.clear()

    for line in lines:
        if line.kind == "-":
            if right:
                flush()
            left.append(line)
        elif line.kind == "+":
            right.append(line)
        else:
            flush()
            both = line.kind not in WHOLE
            out.append((line, Line(" ", line.text, line.new, line.new, spans=line.spans) if both else None))
    flush()
    return out


def fits_beside(lines: Sequence[Line], width: int) -> bool:
    """Whether side by side shows every changed line unwrapped, and there is something on both sides."""
    kinds = {line.kind for line in lines}
    digits = max(3, 1 + len(str(max((line.new or line.old or 0 for line in lines), default=0))))
    room = (width - 1) // 2 - digits - 3
    return {"+", "-"} <= kinds and all(len(line.text) <= room for line in lines if line.kind in "+-")
