"""The diff of a fix: plain at once, coloured a moment later, in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.message import Message
from textual.timer import Timer
from textual.worker import get_current_worker

from fixers.model import Change
from tui.widgets.diff_lines import beside, fits_beside, lines_of, quick, stacked
from tui.widgets.lines import Line, LinePane
from tui.widgets.syntax import colour

_PAUSE: Final = 0.06
"""Seconds the cursor must rest before colour is worth the work."""
_WIDE: Final = 160
MODES: Final = ("auto", "unified", "split")


class DiffPane(LinePane):
    """Shows the changes of one fix. `context` lines around each change; `mode` is one of MODES."""

    class Computed(Message):
        """A thread has the lines of the diff that was asked for as `number`."""

        def __init__(self, number: int, lines: list[Line]) -> None:
            super().__init__()
            self.number = number
            self.lines = lines

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.mode = "auto"
        self.context = 3
        self.lines: list[Line] = []
        self._asked: tuple[object, ...] = ()
        self._number = 0
        self._timer: Timer | None = None
        self._changes: tuple[Change, ...] = ()
        self._hidden: frozenset[str] = frozenset()

    def show(
        self,
        key: object,
        changes: tuple[Change, ...],
        *,
        hidden: frozenset[str] = frozenset(),
        notes: Sequence[str] = (),
    ) -> None:
        """Show these changes, of hidden paths nothing; with none, the notes. The same key keeps the scroll position."""
        keep = bool(self._asked) and self._asked[0] == key
        asked = (key, changes, self.context, hidden, tuple(notes))
        if asked == self._asked:
            return
        self._asked, self._changes, self._hidden = asked, changes, hidden
        self._number += 1
        if not changes:
            self._take([Line("t", note) for note in notes], keep)
        elif quick(changes):
            self._take(lines_of(changes, self.context, hidden=hidden), keep)
        else:
            self._take([Line("n", "comparing …")], keep)
            self._in_thread([])

    def change_context(self, step: int) -> None:
        """More or fewer lines around each change."""
        self.context = max(0, min(60, self.context + step))
        if self._asked:
            key, changes, _, hidden, notes = self._asked
            self.show(key, changes, hidden=hidden, notes=notes)  # type: ignore[arg-type]

    def cycle_mode(self) -> str:
        """Automatic, unified, side by side; returns the new one."""
        self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]
        self._arrange(keep=True)
        return self.mode

    def on_resize(self) -> None:
        """Another width may fit side by side, or no longer."""
        self._arrange(keep=True)

    def _take(self, lines: list[Line], keep: bool) -> None:
        self.lines = lines
        self._arrange(keep=keep)
        if self._timer is not None:
            self._timer.stop()
        if any(line.kind in "+-" for line in lines):
            self._timer = self.set_timer(_PAUSE, lambda: self._in_thread(lines))

    def _arrange(self, *, keep: bool) -> None:
        width = self.scrollable_content_region.width
        halves = self.mode == "split" or (
            self.mode == "auto" and self.app.size.width >= _WIDE and fits_beside(self.lines, width)
        )
        self.set_pairs(beside(self.lines) if halves else stacked(self.lines), halves=halves, keep=keep)

    def _in_thread(self, lines: list[Line]) -> None:
        self._timer = None
        number, changes, context, hidden = self._number, self._changes, self.context, self._hidden

        def work() -> None:
            made = lines or lines_of(changes, context, hidden=hidden)
            worker = get_current_worker()
            if not worker.is_cancelled:
                colour(made)
                if not worker.is_cancelled and self.is_mounted:
                    self.post_message(self.Computed(number, made))

        self.run_worker(work, thread=True, exclusive=True, group=f"colour-{self.id}", exit_on_error=False)

    def on_diff_pane_computed(self, message: Computed) -> None:
        """Colour arrived; it may be for a diff that is gone by now."""
        message.stop()
        if message.number != self._number:
            return
        if message.lines is self.lines and not self.halves:
            self.recolour()
        else:
            self.lines = message.lines
            self._arrange(keep=True)
