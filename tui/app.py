"""The app: themes, bindings, which screen is up, and a way out that leaves the terminal as it was."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from textual.app import App, SystemCommand
from textual.screen import Screen

from fixers.text import safe_text
from tui import editor, theme
from tui.crash import write_log
from tui.exits import DEFECT, HUNG_UP
from tui.keys import KEYS, bindings
from tui.protocol import Session
from tui.review import Review
from tui.screens.main import MainScreen
from tui.screens.pages import Page, help_text, summary_text
from tui.shown import block
from tui.terminal import forgive_bytes, let_go
from tui.widgets.prose import overview


class ReadinessApp(App[int]):
    """One review session on a screen."""

    CSS_PATH = "app.tcss"
    TITLE = "readiness-fix"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [*bindings("app")]

    def __init__(self, session: Session, *, no_color: bool = False, keys: Mapping[str, str] | None = None) -> None:
        no_color = no_color or bool(os.environ.get("NO_COLOR"))
        if no_color:
            os.environ["NO_COLOR"] = "1"
        else:
            os.environ.pop("NO_COLOR", None)
        super().__init__(ansi_color=True if no_color else None)
        self.review = Review(session)
        self.moved = dict(keys or {})
        self.crashed: BaseException | None = None
        self.owns_process = False
        self.leaving: int | None = None
        for own in (theme.DARK, theme.LIGHT, theme.MONO):
            self.register_theme(own)
        self.theme = theme.MONO.name if no_color else theme.DARK.name
        self.set_keymap(self.moved)
        self.main = MainScreen(self.review)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of the diff, for whichever theme is chosen."""
        current = self.current_theme
        return theme.extra_variables(dark=current.dark, ansi=current.ansi)

    def get_default_screen(self) -> MainScreen:
        """The review."""
        return self.main

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of ours by name, and the theme."""
        for key in KEYS:
            if key.where in ("main", "app") and screen is self.main:
                yield SystemCommand(key.what, f"key {key.keys}", self._runner(key.action))
        yield SystemCommand("theme", "another set of colours", self.action_change_theme)

    def _runner(self, action: str) -> Callable[[], object]:
        return lambda: self.call_later(self.run_action, action, self.main if "." not in action else self)

    def on_mount(self) -> None:
        """Leave in order when told to from outside."""
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.leave, 128 + number)
            loop.add_signal_handler(signal.SIGHUP, self.hang_up)

    def spare_the_loop(self) -> None:
        """Keep threads and the collector from holding up the loop.

        A full pass of the collector over what stays takes 120 ms with 10,000 findings; a thread that scans gives way
        after 5 ms, and twenty times in one redraw is seen.
        """
        if self.owns_process:
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)
            sys.setswitchinterval(0.001)

    # leaving

    def leave(self, code: int = 0) -> None:
        """Quit now; a run that is under way ends after its current step, before the process does."""
        for feed in (self.main.feed, self.main.applying.feed if self.main.applying else None):
            if feed is not None:
                feed.stop()
        self.exit(code)

    def hang_up(self) -> None:
        """The terminal was closed, or somebody says so."""
        if self.owns_process:
            let_go()
        self.leave(HUNG_UP)

    def action_leave(self, code: int = 0) -> None:
        """Quit; decisions are on disk already. A fix that is being committed is finished first, in sight."""
        run = self.main.applying
        if run is None or run.over or self.leaving is not None:
            self.leave(code)
            return
        self.leaving = code
        run.feed.stop()
        self.main.say("Stopping after this fix, then quitting; q again does not wait.", "warning")

    def run_ended(self) -> None:
        """A run is over: if somebody wanted to quit, now is the time."""
        if self.leaving is not None:
            self.leave(self.leaving)

    def action_help_quit(self) -> None:
        """Ctrl-C: quit as an interrupted program does."""
        self.action_leave(130)

    def _handle_exception(self, error: Exception) -> None:
        """Keep the traceback's locals, which are people's files, off the terminal and out of every log."""
        self.crashed = self.crashed or error
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self._return_code = DEFECT
            self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """What Textual would print with its source is an error like others."""
        if self.is_headless:
            super().panic(*renderables)  # type: ignore[arg-type]
        else:
            self._handle_exception(RuntimeError("the screen stopped"))

    # pages and the editor

    def action_help(self) -> None:
        """The keys and the signs."""
        self.push_screen(Page("Help", help_text(self.moved, self.size.width - 8), wide=True))

    def show_summary(self) -> None:
        """What was done and how to go on."""
        self.push_screen(Page("Summary", summary_text(self.review, self.bars)))

    @property
    def bars(self) -> int:
        """Columns for the bars of the overview."""
        return max(6, min(32, self.size.width - 50))

    def show_overview(self) -> None:
        """Readiness by area."""
        self.push_screen(Page("Overview", overview(self.review, self.bars)))

    def run_editor(self, path: Path, line: int) -> bool:
        """Open a file in the person's editor and wait; whether it ran."""
        argv = editor.command(os.environ, path, line)
        try:
            with self.suspend():
                done = subprocess.run(argv, check=False, cwd=path.parent)  # the person's own command
        except (OSError, ValueError) as error:
            self.main.say(f"{argv[0]} did not start ({error}); EDITOR names another.", "error")
            return False
        if done.returncode:
            self.main.say(f"{argv[0]} ended with {done.returncode}", "warning")
        self.refresh(layout=True)
        return True


def run(session: Session, *, mouse: bool = True, no_color: bool = False, keys: Mapping[str, str] | None = None) -> int:
    """Run the review on a terminal; afterwards say on the normal screen what was done. Returns the exit code."""
    forgive_bytes()
    app = ReadinessApp(session, no_color=no_color, keys=keys)
    app.owns_process = True
    app.spare_the_loop()
    try:
        code = app.run(mouse=mouse)
    except Exception as error:
        app.crashed = error
        code = DEFECT
    if app.crashed is not None:
        log = write_log(app.crashed, session.state)
        where = f"; what happened is in {safe_text(log)}" if log else ""
        print(f"readiness-fix stopped on an error of its own{where}. Your decisions are kept.", file=sys.stderr)
        return DEFECT
    for text in parting(app.review):
        print(text)
    return code or 0


def parting(review: Review) -> list[str]:
    """For the normal screen: what was done, and what is decided and kept; nothing when nothing was."""
    lines = block(summary_text(review).plain).splitlines() if review.session.applied else []
    return [*lines, review.kept()] if review.kept() else lines
