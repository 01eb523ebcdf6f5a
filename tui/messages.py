"""How a thread that drives the session reaches the screen: events in batches, at most twenty a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from textual.message import Message
from textual.message_pump import MessagePump

from fixers.model import Event, Refused
from tui.crash import write_log
from tui.protocol import Stop

PACE: Final = 0.05
"""Seconds between two batches: faster is not seen and only costs the loop."""
MOST: Final = 1000
"""Findings in one batch: what a redraw takes on top of them stays well below 100 ms (benchmarks, interface)."""


class Feed:
    """One run of the session in a thread. The screen drains it when told that something arrived."""

    class Arrived(Message):
        """There is something to drain."""

        def __init__(self, feed: Feed) -> None:
            super().__init__()
            self.feed = feed

    def __init__(self, target: MessagePump, make: Callable[[Stop], Iterator[Event]], state: str) -> None:
        self.target = target
        self.make = make
        self.state = state
        self.error = ""
        self.ended = False
        self.stopping = False
        self._events: list[Event] = []
        self._lock = threading.Lock()
        self._told = self._rest = False
        self._last = 0.0
        self._pace = PACE

    def stop(self) -> None:
        """Ask the run to end after its current step."""
        self.stopping = True

    def run(self) -> None:
        """Drive the session to its end; belongs in a thread."""
        try:
            for event in self.make(lambda: self.stopping):
                self._put(event)
        except Refused as refused:
            self.error = str(refused)
        except Exception as error:
            log = write_log(error, self.state)
            self.error = f"{type(error).__name__}; the details are in {log}" if log else type(error).__name__
        self._put(None)

    def drain(self) -> list[Event]:
        """What came since the last time; when that is very much, the first of it, and the rest is told again."""
        with self._lock:
            room, taken = MOST, 0
            while taken < len(self._events) and room > 0:
                room -= len(self._events[taken].findings)
                taken += 1
            events, self._events = self._events[:taken], self._events[taken:]
            self._told = self._rest = bool(self._events)
            self._last = time.monotonic()
        if self._rest:
            self.target.post_message(self.Arrived(self))
        return events

    def drained(self) -> None:
        """What was drained is drawn: the next batch waits as long again as that took, so that keys get through."""
        now = time.monotonic()
        self._pace = max(PACE, 2 * (now - self._last))
        self._last = now

    @property
    def idle(self) -> bool:
        """Whether the run has ended and everything it said was drained."""
        with self._lock:
            return self.ended and not self._told

    @property
    def wait(self) -> float:
        """Seconds until the next batch may be shown."""
        hurry = self.ended and not self._rest
        return 0.0 if hurry else max(0.0, self._pace - (time.monotonic() - self._last))

    def _put(self, event: Event | None) -> None:
        with self._lock:
            if event is None:
                self.ended = True
            else:
                self._events.append(event)
            tell, self._told = not self._told, True
        if tell:
            self.target.post_message(self.Arrived(self))
