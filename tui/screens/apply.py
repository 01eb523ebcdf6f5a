"""Applying: a row per fix, and how far all of it is. Esc stops after the fix that is under way."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.applying import Applying
from tui.shown import bar, cells, content, fit, line
from tui.widgets.key_bar import KeyBar
from tui.widgets.text_pane import TextPane


class ApplyScreen(Screen[bool]):
    """Shows a run; it answers True when the person goes on to the summary, False when they review meanwhile."""

    BINDINGS = [
        Binding("escape", "stop", "stop after this fix", id="apply.stop"),
        Binding("tab,h,left", "review", "review on meanwhile", id="apply.review"),
        Binding("enter", "leave", "go on to the summary", id="apply.leave"),
        Binding("escape", "leave", "go on to the summary", show=False),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, applying: Applying) -> None:
        super().__init__()
        self.applying = applying

    def compose(self) -> ComposeResult:
        """Rows and a bar."""
        with Vertical(id="applying"):
            yield TextPane(id="rows")
            yield Static(id="overall", markup=False)
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Draw once there is a width."""
        self.call_after_refresh(self.tell)

    def on_resize(self) -> None:
        """Rows are as wide as the screen."""
        self.tell()

    def tell(self) -> None:
        """Draw how it stands."""
        if not self.is_mounted:
            return
        run = self.applying
        target = line(run.review.session.target) or "a new branch"
        self.query_one("#applying").border_title = Content(f"{'Applied' if run.over else 'Applying'} to {target}")
        pane = self.query_one("#rows", TextPane)
        pane.can_focus = False
        width = max(30, pane.scrollable_content_region.width)
        parts: list[str | tuple[str, str]] = []
        here = 0
        for number, choice in enumerate(run.plan.choices):
            mark, words, style = run.row(choice)
            if run.tried(choice):
                here = number
            title = fit(line(choice.fix.title), max(16, min(width * 3 // 5, width - cells(words) - 6)))
            parts += [(f" {mark} ", style), title, " ", (fit(line(words), width - cells(title) - 5) + "\n", style)]
        pane.show(content(*parts))
        pane.scroll_to(y=max(0, here - pane.size.height + 3), animate=False)
        share = bar(run.done, run.total, 24, "$text-primary")
        words = f"   {line(run.words)}" if run.words else ""
        style = "$text-error" if run.feed.error else ""
        told = content(" ", *share, f" {run.done}/{run.total}  {run.state}", (words, style))
        self.query_one("#overall", Static).update(told, layout=False)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stop and review while it runs, go on when it is over."""
        if action in ("stop", "review"):
            return not self.applying.over
        return self.applying.over if action == "leave" else True

    def action_stop(self) -> None:
        """Stop after the current fix."""
        self.applying.feed.stop()
        self.tell()

    def action_review(self) -> None:
        """Back to the list; the run goes on."""
        self.dismiss(False)

    def action_leave(self) -> None:
        """On to the summary."""
        self.dismiss(True)

    def action_scroll(self, step: int) -> None:
        """Scroll the rows."""
        self.query_one("#rows", TextPane).action_move(step)
