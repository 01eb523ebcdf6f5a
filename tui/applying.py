"""A run that applies fixes, as the screens see it: it goes on while a person reviews the rest."""

from __future__ import annotations

from functools import partial
from typing import Final

from textual.message_pump import MessagePump

from fixers.model import CHECKING, EDITING, NOTE, VERIFYING, Applied, Choice, Event, Failed, Outcome, Plan
from tui.messages import Feed
from tui.review import Review, told
from tui.shown import line

_DOING: Final = {EDITING: "edit", CHECKING: "check", VERIFYING: "verify"}


class Applying:
    """Drives one plan in a thread, and knows what became of each choice so far."""

    def __init__(self, review: Review, plan: Plan, target: MessagePump) -> None:
        self.review = review
        self.plan = plan
        self.feed = Feed(target, partial(review.session.apply, plan), review.session.state)
        self.over = False
        self.words = ""
        self._doing: dict[str, str] = {}
        self._now = ""
        self._outcomes: dict[str, Outcome] = {}

    def drain(self) -> None:
        """Take what the run has said since the last time."""
        for event in self.feed.drain():
            self._take(event)
        if self.feed.idle:
            self.over = True
            if self.feed.error:
                self.words = self.feed.error
            elif self.feed.stopping and not self._all_tried():
                self.words = "Stopped. What is left stays selected."

    def _take(self, event: Event) -> None:
        self.review.take(event)
        if event.outcome is not None:
            self._outcomes[event.outcome.finding.id] = event.outcome
        elif event.finding is not None and event.kind in _DOING:
            self._doing[event.finding.id] = _DOING[event.kind]
            self._now = f"{event.finding.rule} {_DOING[event.kind]}"
        elif event.kind == NOTE:
            self.words = event.text

    def _all_tried(self) -> bool:
        return all(isinstance(self._outcomes.get(c.finding.id), Applied | Failed) for c in self.plan.choices)

    @property
    def done(self) -> int:
        """How many choices have an outcome."""
        return len(self._outcomes)

    @property
    def total(self) -> int:
        """How many there are: those of the plan, or more when the run found more to do."""
        return max(len(self.plan.choices), self.done)

    @property
    def state(self) -> str:
        """What the run is at, in a few words; what came of it when it is over."""
        if not self.over:
            return "stopping after this fix" if self.feed.stopping else f"applying {line(self._now, 60)}".rstrip()
        good = sum(isinstance(o, Applied) for o in self._outcomes.values())
        bad = sum(isinstance(o, Failed) for o in self._outcomes.values())
        dropped = f", {bad} dropped" if bad else ""
        return f"{good} committed on {line(self.review.session.target) or 'the branch'}{dropped}"

    def row(self, choice: Choice) -> tuple[str, str, str]:
        """Mark, words and style of a choice."""
        outcome = self._outcomes.get(choice.finding.id)
        if isinstance(outcome, Applied):
            return "✓", told(outcome), "$text-success"
        if isinstance(outcome, Failed):
            return "✗", told(outcome), "$text-error"
        if outcome is not None:
            return "–", told(outcome), "$text-warning"
        if choice.finding.id in self._doing:
            return "…", self._doing[choice.finding.id], "$text-primary"
        return "·", "not started" if self.over else "wait", "$muted"

    def tried(self, choice: Choice) -> bool:
        """Whether a choice has its outcome."""
        return choice.finding.id in self._outcomes
