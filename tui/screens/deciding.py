"""The half of the main screen that moves about and decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from textual import on
from textual.screen import Screen
from textual.widgets import Input

from fixers.model import Finding
from fixers.text import plural
from tui import filtering
from tui.protocol import Session
from tui.review import Review, State
from tui.screens.prompts import SkipReason, SkipScreen
from tui.shown import block
from tui.widgets.detail import Detail
from tui.widgets.diff_pane import DiffPane
from tui.widgets.finding_list import FindingList
from tui.widgets.lines import LinePane

if TYPE_CHECKING:
    from tui.app import ReadinessApp


class Deciding(Screen[None]):
    """Actions of the list and the detail that write nothing but decisions."""

    review: Review

    @property
    def session(self) -> Session:
        """The session of the review."""
        return self.review.session

    @property
    def face(self) -> ReadinessApp:
        """The app, with its own type."""
        return self.app  # type: ignore[return-value]

    @property
    def listed(self) -> FindingList:
        """The list."""
        return self.query_one(FindingList)

    @property
    def detail(self) -> Detail:
        """The detail."""
        return self.query_one(Detail)

    def refresh_list(self) -> None:
        """Bring everything up to date; the main screen knows how."""
        raise NotImplementedError

    def refresh_detail(self) -> None:
        """Bring the detail up to date."""
        raise NotImplementedError

    def tell_header(self) -> None:
        """Bring the header up to date."""
        raise NotImplementedError

    def tell_status(self) -> None:
        """Bring the status line up to date."""
        raise NotImplementedError

    def say(self, words: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """A note that goes away by itself; never markup."""
        self.app.notify(block(words), severity=severity, markup=False, timeout=8 if severity == "error" else 4)

    # deciding

    def decide(self, how: Callable[[Sequence[Finding]], int], *, move: bool = True) -> None:
        """Do it to the finding under the cursor, or to the range; then go to the next."""
        findings = self.listed.chosen
        if not findings:
            if self.listed.row is not None:
                self.action_open()
            return
        if not how(findings):
            state = self.review.state(findings[0])
            manual = "This one is for a person: there is no edit to select (3 says what to do)."
            self.say("It is on the branch already; u undoes it." if state is State.APPLIED else manual)
        ranged, self.listed.mark = self.listed.mark is not None, None
        if move and not ranged:
            self.listed.go_next(1)
        self.refresh_list()

    def action_decide(self) -> None:
        """Select or not, and move on."""
        self.decide(self.review.toggle)

    def action_accept(self) -> None:
        """Select and move on."""
        self.decide(self.review.select)

    def action_decline(self) -> None:
        """Skip and move on."""
        self.decide(self.review.skip)

    def action_decline_because(self) -> None:
        """Skip with a reason, which may become a suppression."""
        findings = self.listed.chosen
        if not findings:
            self.say("There is no finding here to skip.")
            return

        def answered(answer: SkipReason | None) -> None:
            if answer is None:
                return
            self.decide(lambda found: self.review.skip(found, answer.reason))
            if answer.suppress and answer.reason:
                self.suppress(findings, answer.reason)

        self.app.push_screen(SkipScreen(len(findings), can_suppress=not self.session.why_no_commit), answered)

    def suppress(self, findings: Sequence[Finding], reason: str) -> None:
        """Write the ignore; the acting half knows how."""
        raise NotImplementedError

    def action_range(self) -> None:
        """Start a range, or end it."""
        self.listed.mark = self.listed.cursor if self.listed.mark is None else None
        self.listed.refresh()
        self.tell_status()

    def action_all(self) -> None:
        """Select everything that is shown and safe; UNSAFE only when the filter asks for just that."""
        count, left = self.review.select_safe()
        rest = f"; {left} that need an eye were left (fix:unsafe shows them)" if left else ""
        verb = "selected" if count >= 0 else "no longer selected"
        self.say(f"{plural(abs(count), 'finding')} {verb}{rest}.")
        self.refresh_list()

    def action_alternative(self) -> None:
        """Turn to the next fix."""
        finding = self.detail.finding
        if finding is not None and not self.review.alternative(finding):
            self.say("There is one fix for this finding." if self.review.fixes(finding) else "There is no edit for it.")
        self.refresh_list()

    def action_redo(self) -> None:
        """Make the undone decision again."""
        if not self.session.decisions.redo():
            self.say("Nothing to redo.")
        self.refresh_list()

    # moving about

    def action_open(self) -> None:
        """Open a finding, or fold and unfold a group."""
        row = self.listed.row
        if row is None:
            return
        if row.is_head:
            self.review.folded ^= {row.group}
            self.refresh_list()
        else:
            self.action_focus_detail()

    def action_back(self) -> None:
        """Out of the detail, the range, the filter, the scan: one thing at a time."""
        field = self.query_one("#filter", Input)
        if self.listed.mark is not None:
            self.action_range()
        elif self.focused is not self.listed and self.focused is not field:
            self.action_focus_list()
        elif self.review.filter.text or self.focused is field:
            self.action_focus_list()
            field.value = ""
            field.display = False
            self._filter("")
        else:
            self.stop_scan()

    def stop_scan(self) -> None:
        """Stop a running scan; the main screen knows how."""
        raise NotImplementedError

    def action_focus_list(self) -> None:
        """To the list."""
        self.remove_class("-detail")
        self.listed.focus()

    def action_focus_detail(self) -> None:
        """To the pane in sight."""
        self.add_class("-detail")
        self.detail.pane.focus()

    def action_focus_other(self) -> None:
        """To the other pane."""
        if self.focused is self.listed:
            self.action_focus_detail()
        else:
            self.action_focus_list()

    def action_next(self, step: int) -> None:
        """From the detail the next finding; from the list scroll the detail."""
        if self.focused is self.listed:
            pane = self.detail.pane
            pane.scroll_to(y=pane.scroll_y + 3 * step, animate=False)
        else:
            self.listed.go_next(step)

    def action_tab(self, name: str) -> None:
        """Another tab; the focus goes along when it was in the detail."""
        inside = self.focused is not self.listed
        self.detail.turn(name)
        if inside:
            self.detail.pane.focus()

    def action_overview(self) -> None:
        """Readiness by area."""
        self.face.show_overview()

    def action_summary(self) -> None:
        """What was done, and how to go on."""
        self.face.show_summary()

    def action_hunk(self, step: int) -> None:
        """The next or previous hunk."""
        pane = self.detail.pane
        if isinstance(pane, LinePane):
            pane.jump("@" if isinstance(pane, DiffPane) else ">", step)

    def action_context(self, step: int) -> None:
        """More or less context."""
        self.detail.diff.change_context(step)

    def action_split(self) -> None:
        """Unified, side by side, automatic."""
        self.say(f"Diff: {self.detail.diff.cycle_mode()}")

    def action_wrap(self) -> None:
        """Wrap long lines or not."""
        pane = self.detail.pane
        if isinstance(pane, LinePane):
            pane.wrap = not pane.wrap
            pane.lay_out()

    # the filter

    def action_filter(self) -> None:
        """Open the filter."""
        field = self.query_one("#filter", Input)
        field.display = True
        self.remove_class("-detail")
        field.focus()

    def _filter(self, text: str) -> None:
        self.review.filter = filtering.parse(text)
        self.refresh_list()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self._filter(message.value)

    @on(Input.Submitted, "#filter")
    def _filter_done(self, message: Input.Submitted) -> None:
        message.input.display = bool(message.value)
        self.listed.focus()
