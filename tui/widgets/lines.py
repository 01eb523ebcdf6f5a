"""Lines of code with a gutter, wrapped and coloured: what the diff and the code panes draw."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.keys import bindings
from tui.shown import cells, chopped, fit
from tui.widgets.scrolling import Scrolling

Span = tuple[int, int, str]
WHOLE: Final = frozenset("f@nt")
"""Kinds of lines that take the whole width, side by side or not."""
SYNTAX: Final = ("keyword", "string", "comment", "number", "name")
_DIM: Final = Style(dim=True)
_BASE: Final = {
    "+": "lines--add",
    "-": "lines--delete",
    "f": "lines--file",
    "@": "lines--hunk",
    "n": "lines--note",
    "t": "lines--text",
}
_GUTTER: Final = {"+": "lines--add-gutter", "-": "lines--delete-gutter", ">": "lines--here"}


@dataclass(slots=True)
class Line:
    """A line: kind is ' ', '-', '+', or '@' (hunk), 'f' (file), 'n' (note), 't' (words), '>' (the place of a finding).

    `text` is safe to draw; `marks` are the characters that changed; `spans` are syntax, filled in later;
    `tail` shows what ends the line when that matters (CR LF).
    """

    kind: str
    text: str = field(repr=False)
    old: int | None = None
    new: int | None = None
    marks: tuple[tuple[int, int], ...] = ()
    spans: Sequence[Span] = ()
    tail: str = ""


Pair = tuple[Line | None, Line | None]


class LinePane(ScrollView, Scrolling, can_focus=True):
    """Draws pairs of lines: (line, None) over the whole width, or left and right in halves."""

    ALLOW_SELECT = True
    BINDINGS = [*bindings("pane")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lines--gutter",
        "lines--add",
        "lines--delete",
        "lines--add-mark",
        "lines--delete-mark",
        "lines--add-gutter",
        "lines--delete-gutter",
        "lines--hunk",
        "lines--file",
        "lines--note",
        "lines--here",
        "lines--text",
        *(f"lines--{name}" for name in SYNTAX),
    }

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.pairs: Sequence[Pair] = ()
        self.halves = False
        self.wrap = True
        self._visual: list[tuple[int, int]] = []
        self._digits = 3
        self._cut_cache: dict[tuple[int, int], list[str]] = {}
        self._strips: LRUCache[int, Strip] = LRUCache(2048)
        self._styles: dict[tuple[str, ...], Style] = {}

    # what is shown

    def set_pairs(self, pairs: Sequence[Pair], *, halves: bool = False, keep: bool = False) -> None:
        """Show these; `keep` leaves the scroll position where it is."""
        self.pairs, self.halves = pairs, halves
        top = max((n for p in pairs for line in p if line for n in (line.old, line.new) if n), default=1)
        self._digits = max(3, 1 + len(str(top)))
        self.lay_out()
        if not keep:
            self.scroll_to(0, 0, animate=False, immediate=True)

    def recolour(self) -> None:
        """Spans of the lines changed."""
        self._strips.clear()
        self.refresh()

    def lay_out(self) -> None:
        """Count the visual lines anew: the width, the wrapping or the lines changed."""
        self._strips.clear()
        self._cut_cache.clear()
        self._visual = []
        width = self.scrollable_content_region.width
        if width <= 0:
            return
        self._visual = [(i, k) for i, pair in enumerate(self.pairs) for k in range(self._height(pair, width))]
        widest = 0
        if not self.wrap and not self.halves:
            widest = max((cells(p[0].text + p[0].tail) + self._gutter() for p in self.pairs if p[0]), default=0)
        self.virtual_size = Size(widest if widest > width else 0, len(self._visual))
        self.refresh()

    def _height(self, pair: Pair, width: int) -> int:
        if not self.wrap:
            return 1
        return max(len(self._cut(line, width)) for line in pair if line) if any(pair) else 1

    def _gutter(self) -> int:
        return self._digits + 3 if self.halves else 2 * self._digits + 4

    def _room(self, line: Line, width: int) -> int:
        """Columns for the text of a line in a pane of that width."""
        if line.kind in WHOLE:
            return width - 1
        return max(8, (self._half(width) if self.halves else width) - self._gutter())

    @staticmethod
    def _half(width: int) -> int:
        return (width - 1) // 2

    def _cut(self, line: Line, width: int) -> list[str]:
        room = self._room(line, width)
        text = line.text + line.tail
        if cells(text) <= room:
            return [text]
        key = (id(line), room)
        if key not in self._cut_cache:
            prose = line.kind in "nt" and text.isascii()
            self._cut_cache[key] = textwrap.wrap(text, room) if prose else chopped(text, room)
        return self._cut_cache[key]

    def rows_of(self, kind: str) -> list[int]:
        """Visual line numbers at which lines of that kind start."""
        return [
            y for y, (i, k) in enumerate(self._visual) if k == 0 and (first := self.pairs[i][0]) and first.kind == kind
        ]

    def jump(self, kind: str, step: int) -> None:
        """To the next or previous line of that kind."""
        here = round(self.scroll_y)
        ys = self.rows_of(kind)
        there = [y for y in ys if y > here] if step > 0 else [y for y in reversed(ys) if y < here]
        if there:
            self.scroll_to(y=there[0], animate=False)

    # drawing

    def on_resize(self) -> None:
        """Wrap anew: a pane that was hidden had no width."""
        self.lay_out()

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def selection_updated(self, selection: Selection | None) -> None:
        """The mouse selected some of the text."""
        self._strips.clear()
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, as drawn."""
        text = "\n".join(self._strip(y).text.rstrip() for y in range(len(self._visual)))
        return selection.extract(text), "\n"

    def paint(self, *names: str) -> Style:
        """The style of component classes laid over each other, colours of syntax without their ground."""
        if names not in self._styles:
            style = self.rich_style
            for name in names:
                part = self.get_component_rich_style(name)
                if name.removeprefix("lines--") in SYNTAX:
                    part = Style(color=part.color, bold=part.bold, italic=part.italic)
                style += part
            self._styles[names] = style
        return self._styles[names]

    def render_line(self, y: int) -> Strip:
        """One line of the pane, cut to the part that is scrolled into sight."""
        scroll_x, scroll_y = self.scroll_offset
        y += scroll_y
        width = self.scrollable_content_region.width
        if y >= len(self._visual):
            return Strip.blank(width, self.paint())
        if y not in self._strips:
            self._strips[y] = self._selected(self._strip(y), y)
        return self._strips[y].crop_extend(scroll_x, scroll_x + width, self.paint()).apply_offsets(scroll_x, y)

    def _selected(self, strip: Strip, y: int) -> Strip:
        selection = self.text_selection
        span = selection.get_span(y) if selection is not None else None
        if span is None:
            return strip
        start, end = span[0], strip.cell_length if span[1] == -1 else span[1]
        start, end = min(start, strip.cell_length), min(end, strip.cell_length)
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip.join([strip.crop(0, start), strip.crop(start, end).apply_style(style), strip.crop(end)])

    def _strip(self, y: int) -> Strip:
        i, k = self._visual[y]
        left, right = self.pairs[i]
        width = max(self.scrollable_content_region.width, self.virtual_size.width)
        if left is not None and (left.kind in WHOLE or not self.halves):
            return Strip(self._draw(left, k, width), width)
        half = self._half(width)
        middle = [Segment("│", self.paint("lines--gutter"))]
        return Strip([*self._draw(left, k, half), *middle, *self._draw(right, k, width - half - 1)], width)

    def _draw(self, line: Line | None, piece: int, width: int) -> list[Segment]:
        """One piece of a wrapped line, exactly `width` columns."""
        full = self.scrollable_content_region.width
        pieces = self._cut(line, full) if line and self.wrap else [line.text + line.tail] if line else []
        if line is None or piece >= len(pieces):
            ground = _BASE.get(line.kind, "lines--gutter") if line and line.kind in "+-" else "lines--gutter"
            return [Segment(" " * width, self.paint(ground))]
        if line.kind in WHOLE:
            return [Segment(fit(" " + pieces[piece], width), self.paint(_BASE[line.kind]))]
        gutter = self._numbers(line, first=piece == 0)
        edge = self.paint(_GUTTER.get(line.kind, "lines--gutter"))
        at = sum(map(len, pieces[:piece]))
        room = width - len(gutter)
        body = self._coloured(line, at, pieces[piece])
        used = sum(cells(s.text) for s in body)
        if used > room:
            return [
                *Strip([Segment(gutter, self.paint(_GUTTER.get(line.kind, "lines--gutter"))), *body]).crop(0, width)
            ]
        base = self.paint(_BASE[line.kind]) if line.kind in _BASE else self.paint()
        return [Segment(gutter, edge), *body, Segment(" " * (room - used), base)]

    def _numbers(self, line: Line, *, first: bool) -> str:
        digits = self._digits
        sign = line.kind if line.kind in "+->" else " "
        if not first:
            return (
                " " * (self._gutter() - 3) + "↪" + sign + " "
                if sign == " "
                else " " * (self._gutter() - 2) + sign + " "
            )
        if self.halves:
            number = line.new if line.kind == "+" or line.old is None else line.old
            return f"{number or '':>{digits}} {sign} "
        return f"{line.old or '':>{digits}} {line.new or '':>{digits}} {sign} "

    def _coloured(self, line: Line, at: int, text: str) -> list[Segment]:
        """The piece that starts at character `at`, cut where its style changes."""
        end = at + len(text)
        edges = {at, end}
        for start, stop in (*line.marks, *((s, e) for s, e, _ in line.spans)):
            edges.update(e for e in (start, stop) if at < e < end)
        if line.tail and at < len(line.text) < end:
            edges.add(len(line.text))
        out = []
        for a, b in pairwise(sorted(edges)):
            names: list[str] = [_BASE[line.kind]] if line.kind in _BASE else []
            if line.kind in "+-" and any(s <= a < e for s, e in line.marks):
                names.append("lines--add-mark" if line.kind == "+" else "lines--delete-mark")
            if not (names and self.app.native_ansi_color):
                names += [f"lines--{n}" for s, e, n in line.spans if s <= a < e][-1:]
            style = self.paint(*names)
            out.append(Segment(text[a - at : b - at], style + _DIM if a >= len(line.text) else style))
        return out
