"""Applying: a row per fix, and how far all of it is. Esc stops after the fix that is under way."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from fixers.model import CHECKING, EDITING, NOTE, VERIFYING, Applied, Event, Failed, Outcome, Plan
from tui.messages import Feed
from tui.review import Review, told
from tui.shown import bar, cells, content, fit, line
from tui.widgets.key_bar import KeyBar
from tui.widgets.text_pane import TextPane

_DOING = {EDITING: "edit", CHECKING: "check", VERIFYING: "verify"}


class ApplyScreen(Screen[None]):
    """Drives one apply run in a thread; goes away on enter or esc when it has ended."""

    BINDINGS = [
        Binding("escape", "stop", "stop after this fix, or back", id="apply.stop"),
        Binding("enter", "leave", "go on", id="apply.leave"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, review: Review, plan: Plan) -> None:
        super().__init__()
        self.review = review
        self.plan = plan
        self.doing: dict[str, str] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.words = ""
        self.feed = Feed(self, partial(review.session.apply, plan), review.session.state)

    def compose(self) -> ComposeResult:
        """Rows and a bar."""
        with Vertical(id="applying") as box:
            box.border_title = Content(f"Applying to {line(self.review.session.target) or 'a new branch'}")
            yield TextPane(id="rows")
            yield Static(id="overall", markup=False)
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Start."""
        self.call_after_refresh(self._draw)
        self.run_worker(self.feed.run, thread=True, group="session", exit_on_error=False)

    def on_resize(self) -> None:
        """Rows are as wide as the screen."""
        self._draw()

    @on(Feed.Arrived)
    def _arrived(self, message: Feed.Arrived) -> None:
        message.stop()
        if message.feed.wait:
            self.set_timer(message.feed.wait, self._drain)
        else:
            self._drain()

    def _drain(self) -> None:
        for event in self.feed.drain():
            self._take(event)
        if self.feed.ended:
            self._ended()
        self._draw()

    def _take(self, event: Event) -> None:
        self.review.take(event)
        if event.outcome is not None:
            self.outcomes[event.outcome.finding.id] = event.outcome
        elif event.finding is not None and event.kind in _DOING:
            self.doing[event.finding.id] = _DOING[event.kind]
        elif event.kind == NOTE:
            self.words = event.text

    def _ended(self) -> None:
        if self.feed.error:
            self.words = self.feed.error
        elif self.feed.stopping and not self._all_done():
            self.words = "Stopped. What is left stays selected."
        self.refresh_bindings()

    def _all_done(self) -> bool:
        return all(isinstance(self.outcomes.get(c.finding.id), Applied | Failed) for c in self.plan.choices)

    def _draw(self) -> None:
        pane = self.query_one("#rows", TextPane)
        pane.can_focus = False
        width = max(30, pane.scrollable_content_region.width)
        parts: list[str | tuple[str, str]] = []
        here = 0
        for number, choice in enumerate(self.plan.choices):
            outcome = self.outcomes.get(choice.finding.id)
            mark, words, style = self._row(choice.finding.id, outcome)
            if outcome is not None:
                here = number
            title = fit(line(choice.fix.title), max(16, min(width * 3 // 5, width - cells(words) - 6)))
            parts += [(f" {mark} ", style), title, " ", (fit(line(words), width - cells(title) - 5) + "\n", style)]
        pane.query_one(Static).update(content(*parts))
        pane.scroll_to(y=max(0, here - pane.size.height + 3), animate=False)
        done, total = len(self.outcomes), len(self.plan.choices)
        share = bar(done, total, 24, "$text-primary")
        good = sum(isinstance(o, Applied) for o in self.outcomes.values())
        bad = sum(isinstance(o, Failed) for o in self.outcomes.values())
        state = "applying"
        if self.feed.ended:
            dropped = f", {bad} dropped" if bad else ""
            state = f"{good} committed on {line(self.review.session.target) or 'the branch'}{dropped}"
        if self.feed.stopping and not self.feed.ended:
            state = "stopping after this fix"
        words = f"   {line(self.words)}" if self.words else ""
        self.query_one("#overall", Static).update(
            content(" ", *share, f" {done}/{total} ", state, (words, "$text-warning" if self.feed.error else ""))
        )

    def _row(self, finding_id: str, outcome: Outcome | None) -> tuple[str, str, str]:
        if isinstance(outcome, Applied):
            return "✓", told(outcome), "$text-success"
        if isinstance(outcome, Failed):
            return "✗", told(outcome), "$text-error"
        if outcome is not None:
            return "–", told(outcome), "$text-warning"
        if finding_id in self.doing:
            return "…", self.doing[finding_id], "$text-primary"
        return "·", "wait" if not self.feed.ended else "not started", "$muted"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stop while it runs, go on when it has ended."""
        return self.feed.ended if action == "leave" else True

    def action_stop(self) -> None:
        """Stop after the current fix; when all has ended, go on."""
        if self.feed.ended:
            self.dismiss()
        else:
            self.feed.stop()
            self._draw()

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss()

    def action_scroll(self, step: int) -> None:
        """Scroll the rows."""
        self.query_one("#rows", TextPane).action_move(step)
