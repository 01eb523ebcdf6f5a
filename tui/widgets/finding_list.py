"""The list of findings: one string of cells a row, made when it is drawn, so that ten thousand cost nothing."""

from __future__ import annotations

import textwrap
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fixers.model import Finding, NotApplicable, Pass, Problem, Severity, Skip, Suppressed
from fixers.text import safe_text
from tui.keys import bindings
from tui.review import Review, Row, State
from tui.shown import cells, fit, fit_middle, fit_path, line

GLYPHS: Final = {Severity.CRITICAL: "!!", Severity.HIGH: "! ", Severity.MEDIUM: "• ", Severity.LOW: "· "}
_BOX: Final = range(1, 4)
"""Columns of the box, for the mouse."""
_LEVELS: Final = frozenset(s.label for s in Severity)
_WIDE: Final = 96
"""Columns from which the rule's id has room beside the title."""


class FindingList(ScrollView, can_focus=True):
    """Rows of the review with a cursor. It decides nothing: it says what was pointed at."""

    BINDINGS = [*bindings("list")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--head",
        "list--cursor",
        "list--cursor-blurred",
        "list--range",
        "list--dim",
        "list--place",
        "list--critical",
        "list--high",
        "list--medium",
        "list--low",
        "list--selected",
        "list--skipped",
        "list--manual",
        "list--applied",
        "list--dropped",
        "list--open",
    }

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    class Opened(Message):
        """A row was double-clicked."""

    class Boxed(Message):
        """A row's box was clicked."""

    def __init__(self, review: Review, *, id: str) -> None:
        super().__init__(id=id)
        self.review = review
        self.rows: list[Row] = []
        self.cursor = 0
        self.moved = False
        self.mark: int | None = None
        self.empty = ""
        self._styles: dict[tuple[str, ...], Style] = {}

    # what is shown

    def set_rows(self, rows: list[Row], empty: str = "") -> None:
        """Show these; a cursor that somebody moved stays on what it was on, else it is on the first finding."""
        before = self.row
        self.rows, self.empty = rows, empty
        self.virtual_size = Size(0, len(rows))
        self.cursor = self._place(before)
        self.mark = None if self.mark is None else min(self.mark, len(rows) - 1)
        self._follow()
        self.refresh()
        if (before and before.key) != (self.row and self.row.key) or before is None:
            self.post_message(self.Moved(self.row))

    def _place(self, before: Row | None) -> int:
        if not self.moved:
            return next((i for i, row in enumerate(self.rows) if row.finding), 0)
        if before is not None and before.finding is not None:
            for i, row in enumerate(self.rows):
                if row.finding is not None and row.finding.id == before.finding.id:
                    return i
        elif before is not None:
            for i, row in enumerate(self.rows):
                if row.key == before.key and row.is_head == before.is_head:
                    return i
        if before is None or self.cursor >= len(self.rows):
            return next((i for i, row in enumerate(self.rows) if row.finding), 0)
        return max(0, self.cursor)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def standing(self) -> tuple[int, int]:
        """The number of the finding under the cursor, and how many there are, folded groups counted too."""
        number = total = at = 0
        while at < len(self.rows) and self.rows[at].group in _LEVELS:
            head = self.rows[at]
            if at <= self.cursor:
                number = total + self.cursor - at
            total += head.count
            at += 1 if head.group in self.review.folded else 1 + head.count
        return number, total

    @property
    def chosen(self) -> list[Finding]:
        """The finding under the cursor, or those of the range."""
        if self.mark is None:
            return [self.row.finding] if self.row and self.row.finding else []
        low, high = sorted((self.mark, self.cursor))
        return [row.finding for row in self.rows[low : high + 1] if row.finding]

    # moving

    def go(self, index: int) -> None:
        """Put the cursor on a row."""
        self.moved = True
        index = max(0, min(index, len(self.rows) - 1))
        if index != self.cursor and self.rows:
            self.cursor = index
            self._follow()
            self.refresh()
            self.post_message(self.Moved(self.row))

    def go_next(self, step: int) -> None:
        """To the next or previous finding, heads passed over."""
        index = self.cursor + step
        while 0 <= index < len(self.rows) and self.rows[index].is_head:
            index += step
        if 0 <= index < len(self.rows):
            self.go(index)

    def _follow(self) -> None:
        height = self.scrollable_content_region.height
        if height <= 0:
            return
        top = round(self.scroll_y)
        if self.cursor < top:
            at = 0 if self.cursor == 1 and self.rows[0].is_head else self.cursor
            self.scroll_to(y=at, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    def action_move(self, step: int) -> None:
        """Up or down."""
        self.go(self.cursor + step)

    def action_page(self, pages: float) -> None:
        """Up or down by pages."""
        self.go(self.cursor + round(pages * max(1, self.scrollable_content_region.height)))

    def action_edge(self, end: int) -> None:
        """To the first finding or the last row."""
        self.go(0 if end < 0 else len(self.rows) - 1)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._follow()

    def on_focus(self) -> None:
        """The cursor is drawn stronger with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """And weaker without."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Click: go there; on the box: decide; twice: open."""
        index = round(self.scroll_y) + event.get_content_offset_capture(self).y
        if not 0 <= index < len(self.rows):
            return
        event.stop()
        self.go(index)
        row = self.rows[index]
        if event.get_content_offset_capture(self).x in _BOX and row.finding:
            self.post_message(self.Boxed())
        elif event.chain == 2 or row.is_head:
            self.post_message(self.Opened())

    # drawing

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._styles.clear()

    def paint(self, *names: str) -> Style:
        """Component classes laid over the widget's own style."""
        if names not in self._styles:
            style = self.rich_style
            for name in names:
                part = self.get_component_rich_style(name)
                if not name.startswith(("list--cursor", "list--range")):
                    part = Style(color=part.color, bold=part.bold, dim=part.dim, italic=part.italic)
                style += part
            self._styles[names] = style
        return self._styles[names]

    def render_line(self, y: int) -> Strip:
        """One row, made on demand."""
        width = self.scrollable_content_region.width
        index = y + round(self.scroll_y)
        if index >= len(self.rows):
            words = self._empty_lines(width)[y - 1 : y] if not self.rows and y else []
            return Strip([Segment(fit("  " + "".join(words), width), self.paint("list--dim"))], width)
        row = self.rows[index]
        ground: tuple[str, ...] = ()
        if index == self.cursor:
            ground = ("list--cursor",) if self.has_focus else ("list--cursor-blurred",)
        elif self.mark is not None and min(self.mark, self.cursor) <= index <= max(self.mark, self.cursor):
            ground = ("list--range",)
        edge = (">" if self.app.no_color else "▌") if index == self.cursor else " "
        parts = self._head(row, width - 1) if row.is_head else self._body(row, width - 1)
        segments = [Segment(edge, self._over(ground, "list--open"))]
        segments += [Segment(text, self._over(ground, name)) for text, name in parts]
        return Strip(segments).adjust_cell_length(width, self._over(ground, "list--open"))

    def _empty_lines(self, width: int) -> list[str]:
        return textwrap.wrap(self.empty, max(10, width - 4))

    def _over(self, ground: tuple[str, ...], name: str) -> Style:
        return self.paint(*ground, name)

    def _head(self, row: Row, width: int) -> list[tuple[str, str]]:
        arrow = "▸" if row.group in self.review.folded else "▾"
        count = f"{row.count:,} "
        name = f"list--{row.group}"
        style = name if name in self.COMPONENT_CLASSES else "list--head"
        return [(fit(f"{arrow} {row.group.upper()}", width - len(count)), style), (count, "list--dim")]

    def _body(self, row: Row, width: int) -> list[tuple[str, str]]:
        finding = row.finding
        if finding is None:
            return self._other(row, width)
        review = self.review
        state = review.state(finding)
        name = f"list--{state.word}"
        box = f"[{state.value}]" if state is not State.MANUAL else " M "
        badge = "~" if finding.id in review.edits else "±" if review.is_dirty(finding) else " "
        glyph = GLYPHS[finding.level]
        room = width - 8
        place = line(finding.path) + (f":{finding.line}" if finding.line else "")
        rule = f"{finding.rule}  " if width >= _WIDE else ""
        title = line(finding.title or finding.message)
        last = 2 + cells(place.rpartition("/")[2])
        least = min(cells(title), room - len(rule) - max(room // 3, min(last, room // 2)) - 1)
        place = fit_path(place, max(10, room - least - len(rule) - 1))
        text = "list--skipped" if state in (State.SKIPPED, State.APPLIED) else "list--open"
        return [
            (box, name),
            (badge, "list--medium"),
            (glyph + " ", f"list--{finding.level.label}"),
            (fit(title, room - cells(place) - len(rule) - 1), text),
            (" " + rule, "list--dim"),
            (place + " ", "list--place"),
        ]

    def _other(self, row: Row, width: int) -> list[tuple[str, str]]:
        item = row.item
        left, right = "", ""
        if isinstance(item, Pass):
            left, right = item.title or item.rule, item.rule
        elif isinstance(item, NotApplicable):
            left, right = item.reason, item.rule
        elif isinstance(item, Suppressed):
            left, right = item.finding.title or item.finding.rule, item.finding.path
        elif isinstance(item, Skip):
            left, right = item.reason, item.path
        elif isinstance(item, Problem):
            left, right = item.message, item.where
        elif isinstance(item, tuple):
            title = self.review.session.titles.get(item[0], f"finding {item[0]}")
            left, right = safe_text(title), item[1][:10]
        mark = "✓" if isinstance(item, (Pass, tuple)) else "·"
        end = fit_middle(line(right), max(8, width // 3, width - 7 - cells(line(left))))
        style = "list--applied" if mark == "✓" else "list--dim"
        room = width - cells(end) - 7
        return [(f" {mark}   ", style), (fit(line(left), room), "list--skipped"), (f" {end} ", "list--dim")][:3]
