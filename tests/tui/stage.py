"""A stage to play the screens on: keys in, words out, with every thread waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from tui.app import ReadinessApp
from tui.widgets.detail import Detail
from tui.widgets.diff_pane import DiffPane
from tui.widgets.finding_list import FindingList


class Stage:
    """The app while a test plays."""

    def __init__(self, app: ReadinessApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def review(self) -> Any:
        return self.app.review

    @property
    def session(self) -> Any:
        return self.app.review.session

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    @property
    def list(self) -> FindingList:
        return self.app.main.query_one(FindingList)

    @property
    def detail(self) -> Detail:
        return self.app.main.query_one(Detail)

    @property
    def diff(self) -> DiffPane:
        return self.app.main.query_one(DiffPane)

    @property
    def text(self) -> str:
        """What is on the screen, as plain lines."""
        height = self.app.size.height
        lines = self.screen._compositor.render_strips()
        return "\n".join("".join(s.text for s in line) for line in lines[:height])

    @property
    def said(self) -> str:
        """The notes that are up."""
        return "\n".join(note.message for note in self.app._notifications)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, words: str) -> None:
        await self.pilot.press(*words)
        await self.settle()

    async def until(self, words: str) -> None:
        """Until the words are on the screen, while something else may still be under way."""
        limit = time.monotonic() + 60
        while words not in self.text:
            assert time.monotonic() < limit, f"{words!r} never came: {self.text}"
            await self.pilot._wait_for_screen()
            self.screen._on_timer_update()
            await asyncio.sleep(0.01)

    async def settle(self, *, held: bool = False) -> None:
        """Until nothing is under way: no run, no thread, no message in a queue, no layout or paint that is due.

        `held`: but for a run of the session, which the test holds up.

        Time is no measure of that on a busy machine; it only ends a test that would hang.
        """
        limit = time.monotonic() + 60
        calm = 0
        while calm < 3:
            await self.pilot._wait_for_screen()
            self.screen._on_timer_update()
            busy = next(self._busy(held), "")
            calm = 0 if busy else calm + 1
            assert time.monotonic() < limit, f"the screen never came to rest: {busy}"
            await asyncio.sleep(0.005 if busy else 0)

    def _busy(self, held: bool) -> Iterator[str]:
        """What is under way."""
        main = self.app.main
        for feed in (main.feed, main.applying.feed if main.applying else None):
            if feed is not None and (feed._told if held else not feed.idle):
                yield "a run of the session"
        yield from (
            f"the worker {w.name}" for w in self.app.workers if not (w.is_finished or (held and w.group == "session"))
        )
        if self.diff._timer is not None:
            yield "the colour of the diff"
        for pump in (self.app, *(w for s in self.app.screen_stack for w in s.walk_children(with_self=True))):
            if pump.message_queue_size or pump._next_callbacks:
                yield f"messages of {pump}"
        screen = self.screen  # one that is covered waits with its layout until it is seen again
        if screen._callbacks or screen._dirty_widgets:
            yield f"what {screen} has to draw"
        for widget in screen.walk_children(Widget, with_self=True):
            if widget._layout_required or widget._recompose_required:
                yield f"the layout of {widget}"


Script = Callable[[Stage], Awaitable[None]]
