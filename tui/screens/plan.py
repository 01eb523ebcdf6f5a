"""The plan: what will be committed, in which order, where to. Nothing is written before `y`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from fixers.model import Applicability, Plan
from fixers.text import plural
from tui.review import Review, touched
from tui.shown import cells, content, fit, fit_path, line
from tui.widgets.card import SAFETY
from tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from fixers.verify.command import Command


@dataclass(frozen=True, slots=True)
class Go:
    """A yes to the plan: the branch to commit to, and whether to verify with the commands that were shown."""

    branch: str
    verify: bool = False


def together(plan: Plan) -> Iterator[str]:
    """Which commits hang together: one file that several change, and what must come first."""
    by_path: dict[str, list[int]] = {}
    by_rule: dict[str, list[int]] = {}
    for number, choice in enumerate(plan.choices, 1):
        by_rule.setdefault(choice.finding.rule, []).append(number)
        for path in choice.fix.paths:
            by_path.setdefault(path, []).append(number)
    for path, numbers in by_path.items():
        if len(numbers) > 1:
            yield f"    {_listed(numbers)} change {line(path)}: each is made anew on the one before it."
    for number, choice in enumerate(plan.choices, 1):
        if first := sorted(n for rule in choice.finding.after for n in by_rule.get(rule, ()) if n < number):
            yield f"    {number} comes after {_listed(first)}, which it needs."


def _listed(numbers: Sequence[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


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
        pane.show(self._order(max(20, pane.scrollable_content_region.width)))
        promise = "Each fix is a commit of its own, checked. Your files, index and branch stay as they are."
        self.query_one("#promise", Static).update(content((promise, "$muted")))
        self._tell_build()

    def _order(self, width: int) -> Content:
        """A line per commit in the order in which they are made, why some need an eye, and what hangs together."""
        rows: list[list[str | tuple[str, str]]] = []
        for number, choice in enumerate(self.plan.choices, 1):
            finding, fix = choice.finding, choice.fix
            safety = self.review.applicability(finding)
            word, style = SAFETY[safety]
            place = fit_path(line(", ".join(fix.paths)), max(10, width // 3))
            title = fit(line(fix.title), width - cells(place) - 13)
            rows.append([f"{number:>3} ", (f"{word:<7}", style), title, (f" {place}", "$muted")])
            if fix.reason and safety is not Applicability.SAFE:
                wrapped = textwrap.wrap(line(fix.reason), max(10, width - 12))
                rows += [[(f"{'':11}{part}", "$text-warning")] for part in wrapped]
        for finding, reason in self.plan.left:
            left = f"{line(finding.title or finding.rule)}: "
            rows.append([("  – ", "$text-warning"), left, (line(reason), "$text-warning")])
        if not self.plan.choices:
            rows.append(["Nothing to commit."])
        rows += [[(note, "$muted")] for note in together(self.plan)]
        return Content("\n").join(content(*row) for row in rows)

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
