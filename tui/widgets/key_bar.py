"""The bottom line: the keys that matter here, as they are bound now."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from tui.keys import named

_LAST: Final = ("app.help", "app.leave")
"""The way out is always in sight."""


class KeyBar(Static):
    """Lists the bindings of the screen that ask to be shown, as many as there is room for."""

    def on_mount(self) -> None:
        """Bindings change with the focus and with the screen."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.tell())
        self.tell()

    def on_resize(self) -> None:
        """Another width has room for other keys."""
        self.tell()

    def tell(self) -> None:
        """Draw it anew."""
        if not self.is_attached:
            return
        if isinstance(field := self.screen.focused, Input):
            self.update(self._typing(field))
            return
        shown: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show and active.enabled:
                shown.setdefault(active.binding.action, active.binding)
        last = [b for a, b in shown.items() if a in _LAST]
        room = self.size.width - sum(map(_width, last))
        parts: list[tuple[str, str]] = []
        for binding in [b for a, b in shown.items() if a not in _LAST] + last:
            if binding not in last:
                if _width(binding) > room:
                    continue
                room -= _width(binding)
            parts += [(f" {named(binding.key)} ", "bold $primary"), (f"{binding.description}  ", "$muted")]
        self.update(Content.assemble(*parts), layout=False)

    def _typing(self, field: Input) -> Content:
        """What ends typing: letters are letters now."""
        words = (("enter", "keeps the filter"), ("esc", "clears it")) if field.id == "filter" else (("enter", "done"),)
        return Content.assemble(*[p for k, w in words for p in ((f" {k} ", "bold $primary"), (f"{w}  ", "$muted"))])


def _width(binding: Binding) -> int:
    return len(named(binding.key)) + len(binding.description) + 4
