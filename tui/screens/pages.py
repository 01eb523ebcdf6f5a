"""Pages of text over the main screen: help, summary, overview, error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui.keys import KEYS, spelled
from tui.review import Review, State, told
from tui.shown import content, line
from tui.widgets.card import overview
from tui.widgets.text_pane import TextPane

_LEGEND: Final = (
    ("[ ]", "open"), ("[x]", "selected"), ("[-]", "skipped"), (" M ", "by hand"), ("[✓]", "on the branch"),
    ("[!]", "dropped, see tab 4"), ("~", "edited by you"), ("±", "file has uncommitted edits"),
    ("!!", "critical"), ("!", "high"), ("•", "medium"), ("·", "low"), ("-  +", "removed, added line"),
    ("␍␊  ␊", "line ends, where they differ"),
)  # fmt: skip
_PLACES: Final = (("list pane", "Moving"), ("main", "Reviewing"), ("app", "Everywhere"))


class Page(ModalScreen[None]):
    """A titled text; any of esc, enter and q closes it."""

    BINDINGS = [
        Binding("escape,enter,q,question_mark", "dismiss(None)", "close", id="page.close"),
    ]

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        """The text."""
        with Vertical(classes="dialog page") as box:
            box.border_title = Content(line(self.heading))
            box.border_subtitle = Content("esc closes")
            yield TextPane()

    def on_mount(self) -> None:
        """Fill it in."""
        self.query_one(TextPane).show(self.text)


def help_text(moved: Mapping[str, str]) -> Content:
    """Every key as it is bound now, and what the signs mean."""
    parts: list[str | tuple[str, str]] = []
    for where, heading in _PLACES:
        parts.append((f"{heading}\n", "bold $primary"))
        for key in KEYS:
            if key.where == where:
                parts += [(f"  {spelled(key, moved):<16}", "bold"), f"{key.what}\n"]
        parts.append("\n")
    parts.append(("Signs\n", "bold $primary"))
    for sign, words in _LEGEND:
        parts += [(f"  {sign:<16}", "bold"), f"{words}\n"]
    parts.append("\nFilter: words; sev:>=high; path:src; state:open; fix:safe; -word turns it round.\n")
    return content(*parts)


def summary_text(review: Review) -> Content:
    """What was done, where it is, what was dropped and why, and how to go on."""
    session, counts = review.session, review.counts()
    told_counts = ", ".join(f"{counts[s]} {s.word}" for s in State if counts[s])
    parts: list[str | tuple[str, str]] = [(f"{told_counts or 'nothing was found'}\n", "bold")]
    for finding in review.findings:
        state, outcome = review.state(finding), review.outcomes.get(finding.id)
        if state is State.APPLIED:
            commit = session.applied[finding.id][:10]
            parts += [("\n ✓ ", "$text-success"), f"{commit}  {line(finding.title or finding.rule)}"]
        elif state is State.DROPPED and outcome is not None:
            parts += [("\n ✗ ", "$text-error"), f"{line(finding.title or finding.rule)}: {line(told(outcome))}"]
    if session.applied:
        parts += [(f"\n\nOn {line(session.target)}. To go on:\n", "bold")]
        parts += [f"  {line(c)}\n" for c in session.next_commands()]
    return content(*parts, "\n").append(overview(review))
