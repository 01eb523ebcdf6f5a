"""The movement keys of every pane that scrolls."""

from __future__ import annotations

from textual.widget import Widget


class Scrolling(Widget):
    """Moves by lines, by pages and to the ends, never animated. Name it last: the first base gives the styles."""

    def action_move(self, step: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_y + step, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by pages."""
        self.scroll_to(y=self.scroll_y + pages * self.scrollable_content_region.height, animate=False)

    def action_edge(self, end: int) -> None:
        """Scroll to the top or the end."""
        self.scroll_to(y=0 if end < 0 else self.max_scroll_y, animate=False)
