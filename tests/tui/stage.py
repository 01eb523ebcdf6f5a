"""A stage to play the screens on: keys in, words out, with every thread waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from tui.app import ReadinessApp
from tui.screens.apply import ApplyScreen
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

    async def settle(self) -> None:
        """Until no thread works, no batch waits and no colour is due."""
        for _ in range(1000):
            await self.pilot.pause()
            feeds = [self.app.main.feed]
            feeds += [s.feed for s in self.app.screen_stack if isinstance(s, ApplyScreen)]
            busy = any(f is not None and not f.idle for f in feeds)
            busy = busy or any(not w.is_finished for w in self.app.workers) or self.diff._timer is not None
            if not busy:
                await self.pilot.pause()
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the screen never came to rest")


Script = Callable[[Stage], Awaitable[None]]
