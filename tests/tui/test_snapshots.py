"""What each screen looks like. After `pytest --update` every changed picture is looked at."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeSession, session
from stage import Stage

Play = Callable[..., None]
Golden = Callable[[str, str], None]
SMALL, NORMAL, WIDE = (80, 24), (120, 40), (200, 60)


def picture(stage: Stage) -> str:
    """The screen as SVG, without what changes from run to run: rich names its ids by a hash."""
    svg = stage.app.export_screenshot(title="readiness-fix")
    ids = dict.fromkeys(re.findall(r"terminal-(\d+)-", svg))
    for number, name in enumerate(ids):
        svg = svg.replace(f"terminal-{name}-", f"terminal-{number}-")
    return svg


SHOWN: list[tuple[str, tuple[int, int], str]] = [
    ("list", SMALL, ""),
    ("list", NORMAL, "j y j n j j"),
    ("list", WIDE, "j j j"),
    ("detail", SMALL, "j j j j enter"),
    ("alternatives", NORMAL, "j j j x"),
    ("manual", NORMAL, "j j j j j j"),
    ("masked", SMALL, "enter"),
    ("code", NORMAL, "j j j j 2"),
    ("why", SMALL, "j j j j enter 3"),
    ("crlf", NORMAL, "G k k k k k"),
    ("passed", NORMAL, "G k k k k enter j"),
    ("filter", NORMAL, "/ s e v : h"),
    ("range", NORMAL, "j v j j j"),
    ("skip", SMALL, "s"),
    ("plan", NORMAL, "* A"),
    ("plan", SMALL, "* A"),
    ("applied", NORMAL, "* A y"),
    ("summary", NORMAL, "* A y enter"),
    ("overview", SMALL, "i"),
    ("help", NORMAL, "?"),
    ("tiny", (50, 12), ""),
]


@pytest.mark.parametrize(
    ("name", "size", "keys"), SHOWN, ids=lambda v: v if isinstance(v, str) else "x".join(map(str, v))
)
def test_the_screen_looks_as_it_was_accepted(
    play: Play, golden: Golden, name: str, size: tuple[int, int], keys: str
) -> None:
    given = session()
    if name == "applied":
        given.fails = {"b4b4b4b4b4b4": "the check found a new finding: rust/unwrapped-lock"}

    async def script(stage: Stage) -> None:
        await stage.press(*keys.split())
        stage.app.clear_notifications()
        await stage.settle()
        golden(f"tui/{name}-{size[0]}x{size[1]}.svg", picture(stage))

    play(script, given, size=size)


def test_light(play: Play, golden: Golden) -> None:
    async def script(stage: Stage) -> None:
        stage.app.theme = "readiness-light"
        await stage.press("j", "j", "j", "y")
        golden("tui/light-120x40.svg", picture(stage))

    play(script)


def test_no_color(play: Play, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "y")
        svg = picture(stage)
        golden("tui/no-color-120x40.svg", svg)

    play(script, no_color=True)


def test_ansi(play: Play, golden: Golden) -> None:
    async def script(stage: Stage) -> None:
        stage.app.theme = "ansi-dark"
        await stage.press("j", "j", "j", "y")
        golden("tui/ansi-120x40.svg", picture(stage))

    play(script)


def test_applying_and_what_is_reviewed_meanwhile(play: Play, golden: Golden) -> None:
    given = session()
    began, go = threading.Event(), threading.Event()

    def hold() -> None:
        if len(given.applied) == 3:
            began.set()
            go.wait(60)

    async def script(stage: Stage) -> None:
        await stage.press("*", "A")
        given.hold = hold
        await stage.pilot.press("y")
        await asyncio.to_thread(began.wait)
        await stage.until("3/7  applying rust/unwrapped-lock edit")
        await stage.settle(held=True)
        running = picture(stage)
        await stage.pilot.press("tab")
        await stage.until("A shows it")
        await stage.settle(held=True)
        meanwhile = picture(stage)
        go.set()
        await stage.settle()
        golden("tui/applying-120x40.svg", running)
        golden("tui/meanwhile-120x40.svg", meanwhile)

    play(script, given)


def test_scanning(play: Play, golden: Golden) -> None:
    given = session()
    go = threading.Event()
    calls: list[int] = []

    def hold() -> None:
        calls.append(1)
        if len(calls) == 2:
            go.wait(60)

    async def script(stage: Stage) -> None:
        stage.review._known.clear()
        given.hold = hold
        await stage.pilot.press("r")
        await stage.until("Findings 5")
        await stage.until("scanning docker")
        await stage.settle(held=True)
        svg = picture(stage)
        go.set()
        await stage.settle()
        golden("tui/scanning-120x40.svg", svg)

    play(script, given)


def test_all_clear(play: Play, golden: Golden) -> None:
    async def script(stage: Stage) -> None:
        golden("tui/all-clear-80x24.svg", picture(stage))

    play(script, FakeSession(), size=SMALL)


def test_every_picture_belongs_to_a_test() -> None:
    """A picture that no test makes is one that nobody looks at."""
    known = {f"{name}-{size[0]}x{size[1]}.svg" for name, size, _ in SHOWN}
    known |= {"light-120x40.svg", "no-color-120x40.svg", "scanning-120x40.svg", "all-clear-80x24.svg"}
    known |= {"ansi-120x40.svg", "applying-120x40.svg", "meanwhile-120x40.svg"}
    folder = Path(__file__).parents[2] / "snapshots" / "tui"
    assert {p.name for p in folder.glob("*.svg")} == known
