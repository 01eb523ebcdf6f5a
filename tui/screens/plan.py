"""The plan: what will be committed, in which order, where to. Nothing is written before `y`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from fixers.model import Plan
from fixers.text import plural
from tui.review import Review, touched
from tui.shown import cells, content, fit, fit_middle, line
from tui.widgets.card import SAFETY
from tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from fixers.verify.command import Command


@dataclass(frozen=True, slots=True)
class Go:
    """A yes to the plan: the branch to commit to, and whether to verify with the commands that were shown."""

    branch: str
    verify: bool = False


class PlanScreen(ModalScreen[Go | None]):
    """Shows a plan, with the commands that could verify it; answers with Go or None."""

    BINDINGS = [
        Binding("y", "accept", "apply", id="plan.apply"),
        Binding("n,escape", "dismiss(None)", "cancel", id="plan.cancel"),
        Binding("v", "verify", "verify with the build", id="plan.verify"),
        Binding("b", "branch", "change the branch", id="plan.branch"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
    ]
    AUTO_FOCUS = "#no"

    def __init__(self, review: Review, plan: Plan, build: Sequence[Command] = ()) -> None:
        super().__init__()
        self.review = review
        self.plan = plan
        self.build = build
        self.verify = review.session.agreed is not None

    def compose(self) -> ComposeResult:
        """What, where to, and two buttons."""
        count, files = len(self.plan.choices), touched(self.plan)
        with Vertical(classes="dialog wide") as box:
            box.border_title = Content(f"Plan: {plural(count, 'commit')}, {plural(files, 'file')}")
            yield TextPane(id="order")
            with Horizontal(id="where"):
                yield Static("Branch ", classes="hint", markup=False)
                target = self.review.session.target
                yield Input(line(target), placeholder="readiness/ and the date", id="branch", compact=True)
            yield Static(id="promise", markup=False)
            yield Static(id="verify", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("Cancel (n)"), id="no")
                yield Button(Content("Apply (y)"), id="yes", disabled=not count)

    def on_mount(self) -> None:
        """Fill it in."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        pane = self.query_one("#order", TextPane)
        pane.can_focus = False
        width = max(20, pane.scrollable_content_region.width)
        parts: list[str | tuple[str, str]] = []
        asked = set(self.review.session.decisions.selected)
        for number, choice in enumerate(self.plan.choices, 1):
            finding, fix = choice.finding, choice.fix
            word, style = SAFETY[self.review.applicability(finding)]
            place = fit_middle(line(", ".join(fix.paths)), max(10, width // 3))
            needed = "" if finding.id in asked or len(self.plan.choices) == 1 else " (needed)"
            room = width - cells(place) - 13
            parts += [
                f"{number:>3} ",
                (f"{word:<7}", style),
                fit(line(fix.title) + needed, room),
                (f" {place}\n", "$muted"),
            ]
        for finding, reason in self.plan.left:
            parts += [
                ("  – ", "$text-warning"),
                f"{line(finding.title or finding.rule)}: ",
                (f"{line(reason)}\n", "$text-warning"),
            ]
        if not self.plan.choices:
            parts.append("Nothing to commit.\n")
        pane.show(content(*parts))
        promise = "Each fix is a commit of its own, checked. Your files, index and branch stay as they are."
        self.query_one("#promise", Static).update(content((promise, "$muted")))

        self._tell_build()

    def _tell_build(self) -> None:
        """What a `v` would run; it is shown whole before anybody can agree to it."""
        parts: list[str | tuple[str, str]] = [
            (f"[{'x' if self.verify else ' '}] v  ", "bold"),
            "verify in a copy, with\n",
        ]
        for command in self.build:
            named = "" if command.source == "detected" else f"  (named by the {command.source})"
            parts.append(f"       {line(command.shown)}{named}\n")
        for path in self.review.session.overrides():
            parts.append((f"       {line(path)} has a say in what that starts\n", "$text-warning"))
        if self.verify:
            parts.append(("       This runs the repository's own code.", "$text-warning"))
        widget = self.query_one("#verify", Static)
        widget.display = bool(self.build)
        widget.update(content(*parts))

    def action_verify(self) -> None:
        """Agree to the build, or not; what was agreed to at the start stays."""
        if self.build and self.review.session.agreed is None:
            self.verify = not self.verify
            self._tell_build()

    def action_scroll(self, step: int) -> None:
        """Scroll the list of commits."""
        self.query_one("#order", TextPane).action_move(step)

    def action_branch(self) -> None:
        """Edit the name of the branch."""
        self.query_one("#branch", Input).focus()

    def action_accept(self) -> None:
        """Apply."""
        if self.plan.choices:
            self.dismiss(Go(self.query_one("#branch", Input).value.strip(), self.verify))

    @on(Input.Submitted)
    def _named(self) -> None:
        self.query_one("#no").focus()

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        if message.button.id == "yes":
            self.action_accept()
        else:
            self.dismiss(None)
