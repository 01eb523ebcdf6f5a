"""Prose that scrolls: the explanation, the log, the overview."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.keys import bindings


class TextPane(VerticalScroll, can_focus=True):
    """A scrolling text with the movement keys of every pane."""

    BINDINGS = [*bindings("pane")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Content()

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(markup=False)

    def show(self, text: Content) -> None:
        """Show another text from its start; the same one stays where a person has scrolled it."""
        if not text.is_same(self._text):
            self._text = text
            self.query_one(Static).update(text)
            self.scroll_to(0, 0, animate=False)

    def action_move(self, step: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_y + step, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by pages."""
        self.scroll_to(y=self.scroll_y + pages * self.scrollable_content_region.height, animate=False)

    def action_edge(self, end: int) -> None:
        """Scroll to the top or the end."""
        self.scroll_to(y=0 if end < 0 else self.max_scroll_y, animate=False)
