"""Pages of text over the main screen: help, summary, overview, error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui.keys import KEYS, spelled
from tui.review import Review, State, told
from tui.shown import content, fit, line
from tui.widgets.prose import overview
from tui.widgets.text_pane import TextPane

_LEGEND: Final = (
    ("[ ]", "open"), ("[x]", "selected"), ("[-]", "skipped"), (" M ", "by hand: there is no edit"),
    ("[✓]", "on the branch"), ("[!]", "dropped; 4 says why"), ("~", "edited by you"),
    ("±", "file has uncommitted edits"), ("!!", "critical"), ("!", "high"), ("•", "medium"), ("·", "low"),
    ("-  +", "removed, added line"), ("␍␊  ␊", "line ends, where they differ"),
    ("SAFE", "behaviour is kept, or is the fault"), ("UNSAFE", "read it first; * leaves it out"),
    ("audit item", "where an audit names it; 3 says which"),
)  # fmt: skip
_FILTER: Final = (
    ("word -word", "in title, place or rule; not"), ("sev:>=high", "critical, high, medium, low"),
    ("area: rule:", "docker, ci/un, lock"), ("path:", "any part of the path"),
    ("state:", "open, selected, skipped, manual,"), ("", "applied, dropped, edited, dirty"),
    ("fix:", "safe, unsafe, manual"),
)  # fmt: skip
_PLACES: Final = (("list pane", "Moving"), ("main", "Reviewing"), ("app", "Everywhere"))
_COLUMN: Final = 54
"""Columns that the widest entry of the help takes."""


class Page(ModalScreen[None]):
    """A titled text; any of esc, enter and q closes it."""

    BINDINGS = [
        Binding("escape,enter,q,question_mark", "dismiss(None)", "close", id="page.close"),
    ]

    def __init__(self, title: str, text: Content, *, wide: bool = False) -> None:
        super().__init__()
        self.heading = title
        self.text = text
        self.set_class(wide, "-wide")

    def compose(self) -> ComposeResult:
        """The text."""
        with Vertical(classes="dialog page") as box:
            box.border_title = Content(line(self.heading))
            box.border_subtitle = Content("esc closes")
            yield TextPane()

    def on_mount(self) -> None:
        """Fill it in."""
        self.query_one(TextPane).show(self.text)


def help_text(moved: Mapping[str, str], width: int) -> Content:
    """Every key as it is bound now, and what the signs mean; in two columns where there is room."""
    keys = {
        heading: [(spelled(key, moved), key.what) for key in KEYS if key.where == where] for where, heading in _PLACES
    }
    left = _section("Reviewing", keys["Reviewing"])
    right = [
        *_section("Moving", keys["Moving"]), *_section("Everywhere", keys["Everywhere"]),
        *_section("Filter", _FILTER), *_section("Signs", _LEGEND),
    ]  # fmt: skip
    if width < 2 * _COLUMN:
        return Content("\n").join([*right[: len(keys["Moving"]) + 2], *left, *right[len(keys["Moving"]) + 2 :]])
    rows = zip_longest(left, right, fillvalue=Content())
    return Content("\n").join(one.pad_right(max(0, _COLUMN - one.cell_length)).append(two) for one, two in rows)


def _section(heading: str, entries: Iterable[tuple[str, str]]) -> list[Content]:
    rows = [content((f"  {fit(name, 12)} ", "bold"), words) for name, words in entries]
    return [content((heading, "bold $primary")), *rows, Content()]


def summary_text(review: Review, bars: int = 24) -> Content:
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
    return content(*parts, "\n").append(overview(review, bars))
