"""The names of the detail's tabs, with their keys."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

TABS = (("diff", "Diff"), ("code", "Code"), ("why", "Why"), ("log", "Log"))


class TabStrip(Static):
    """One line; `current` is the id of the tab that is shown."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.current = "diff"

    def on_mount(self) -> None:
        """Draw it once."""
        self.draw()

    def turn(self, name: str) -> None:
        """Mark another tab."""
        if name != self.current:
            self.current = name
            self.draw()

    def draw(self) -> None:
        """The names, with the one that is shown marked."""
        parts: list[tuple[str, str]] = []
        for number, (key, title) in enumerate(TABS, 1):
            here = key == self.current
            parts += [(f" {number} ", "$muted"), (title, "bold underline $primary" if here else ""), ("  ", "")]
        self.update(Content.assemble(*parts), layout=False)

    def on_click(self, event: events.Click) -> None:
        """Find the tab under the pointer."""
        x = event.get_content_offset_capture(self).x
        for key, title in TABS:
            x -= len(title) + 5
            if x < 0:
                self.post_message(self.Chosen(key))
                return
