"""Prose that scrolls: the explanation, the log, the overview."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.keys import bindings
from tui.widgets.scrolling import Scrolling


class TextPane(VerticalScroll, Scrolling, can_focus=True):
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
