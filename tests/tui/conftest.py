"""A terminal that is the same everywhere, and the stage."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fakes import FakeSession, session
from stage import Script, Stage

from tui.app import ReadinessApp


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same terminal whatever the caller's is."""
    for name in [n for n in os.environ if n.startswith("TEXTUAL_")] + ["NO_COLOR", "VISUAL", "EDITOR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.002)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.0005)
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none", raising=False)
    monkeypatch.setattr("textual.notifications.Notification.time_left", 3600.0)  # four seconds are soon over here


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., None]:
    """Run a script against the app: ``play(script)``, ``play(script, size=(80, 24))``."""

    def run(
        script: Script, given: FakeSession | None = None, *, size: tuple[int, int] = (120, 40), **more: Any
    ) -> None:
        async def main() -> None:
            app = ReadinessApp(given or session(str(tmp_path / "state")), **more)
            async with app.run_test(size=size, notifications=True) as pilot:
                app.animation_level = "none"
                stage = Stage(app, pilot)
                await stage.settle()
                await script(stage)

        asyncio.run(main())

    return run
