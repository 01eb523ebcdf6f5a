"""What a person needs to decide: the fault, how bad, how safe the fix, and what checks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from fixers.model import Applicability, Finding, Rule
from fixers.text import plural
from tui.review import EDITED, Review, State, told
from tui.shown import content, line
from tui.widgets.finding_list import GLYPHS
from tui.wording import READING

Part = str | tuple[str, str]
Labelled = tuple[str, Sequence[Part]]
"""A word for the margin ("" for a line of the whole width), and what stands beside it."""
SAFETY: Final = {
    Applicability.SAFE: ("SAFE", "$text-success"),
    Applicability.UNSAFE: ("UNSAFE", "$text-warning"),
    Applicability.MANUAL: ("MANUAL", "$text-warning"),
}
_MARGIN: Final = 6
_ELSEWHERE: Final = ("Why", "Check")
"""What gives way on a low screen: tab 3 has the whole of why, the plan has the checks."""
SHARE: Final = 45
"""Percent of the pane's height that the card may take (`#card` in the style sheet)."""


class Card(Widget):
    """The top of the detail. The screen is laid out anew only when its height changes."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Labelled] = ()
        self._most = 0

    def show(self, rows: Sequence[Labelled]) -> None:
        """Show these."""
        width = self.content_size.width
        before = self._lines(width)
        self._rows = rows
        self.refresh(layout=not width or len(before) != len(self._lines(width)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it takes, but for what can be read elsewhere when there is no room."""
        self._most = container.height * SHARE // 100 - self.styles.padding.height
        return len(self._lines(width))

    def render(self) -> Content:
        """The lines, as wide as there is room."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        blocks = [(label, list(_beside(label, content(*parts), width))) for label, parts in self._rows]
        room = self._most - sum(len(lines) for label, lines in blocks if label not in _ELSEWHERE)
        shown: list[Content] = []
        for label, lines in blocks:
            if label in _ELSEWHERE:
                if len(lines) > room:
                    continue
                room -= len(lines)
            shown += lines
        return shown


def _beside(label: str, text: Content, width: int) -> Iterator[Content]:
    """The text with its label in the margin, wrapped beside it and not below."""
    margin = _MARGIN if label else 0
    for number, one in enumerate(text.wrap(max(10, width - margin))):
        yield content((f"{'' if number else label:<{margin}}", "$muted")).append(one) if margin else one


def card(review: Review, finding: Finding) -> list[Labelled]:
    """The fault and its fix in a handful of lines."""
    fix, state = review.fix(finding), review.state(finding)
    rows: list[Labelled] = [("", [(line(finding.title or finding.message), "bold")])]
    rows.append(("", list(_badges(review, finding))))
    if finding.title and finding.message:
        rows.append(("", [line(finding.message)]))
    if why := first_sentences(review.session.rules.get(finding.rule)):
        rows.append(("Why", [why]))
    if state is State.APPLIED:
        outcome = review.outcomes.get(finding.id)
        words = told(outcome) if outcome else f"commit {review.session.applied[finding.id][:10]}"
        rows.append(("Done", [(line(words), "$text-success"), ("   u undoes it", "$muted")]))
    elif fix is None:
        rows.append(("Do", [manual(finding)]))
    else:
        fixes = review.fixes(finding)
        which = [(f"   {fixes.index(fix) + 1} of {len(fixes)}, x for the next", "$text-accent")] * (len(fixes) > 1)
        rows.append(("Fix", [line(fix.title), *which]))
        if fix.reason and review.applicability(finding) is not Applicability.SAFE:
            rows.append(("Note", [(line(fix.reason), "$text-warning")]))
        if state is not State.DROPPED:
            rows.append(("Check", [(checks(review), "$muted")]))
    if state is State.DROPPED:
        rows.append(("Last", [(line(told(review.outcomes[finding.id])), "$text-error")]))
    if state is State.SKIPPED and (reason := review.session.decisions.skipped.get(finding.id)):
        rows.append(("Skip", [line(reason)]))
    if review.is_dirty(finding):
        rows.append(("±", ["This file has edits that are not committed; the fix is against the last commit."]))
    return rows


def checks(review: Review) -> str:
    """What a fix goes through before it is committed."""
    build = "then your build" if review.session.agreed else "build: v in the plan"
    return f"parses, rule quiet, nothing new; {build}"


def _badges(review: Review, finding: Finding) -> Iterator[Part]:
    yield (GLYPHS[finding.level].strip() + " " + finding.level.label.upper(), f"bold {_colour(finding)}")
    yield f"  {finding.area}  "
    yield SAFETY[review.applicability(finding)]
    if finding.id in review.edits and review.fix(finding) is review.edits[finding.id]:
        yield (f"  ~ {EDITED}", "$text-accent")
    if finding.effort and READING[finding.effort]:
        yield (f"  {READING[finding.effort]}", "$muted")
    if finding.audit:
        yield (f"  audit item {', '.join(finding.audit)}", "$muted")
    if len(finding.locations) > 1:
        yield (f"  {plural(len(finding.locations), 'place')}", "$muted")


def _colour(finding: Finding) -> str:
    return {"critical": "$text-error", "high": "$text-warning", "medium": "$text-primary"}.get(finding.level.label, "")


def manual(finding: Finding) -> str:
    """Why there is no edit, in one line."""
    refused = next((f.reason for f in finding.fixes if f.reason), "")
    steps = f"By hand, {plural(len(finding.steps), 'step')} below." if finding.steps else "By hand."
    return f"{steps} {line(refused)}".strip()


def first_sentences(rule: Rule | None, most: int = 220) -> str:
    """What the card has room for of why: whole sentences, one at least."""
    text = " ".join(rule.why.split("\n\n")[0].split()) if rule else ""
    end = text.rfind(". ", 0, most)
    return text if len(text) <= most else text[: end + 1] if end > 0 else text.partition(". ")[0]
