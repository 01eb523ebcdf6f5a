"""The right-hand side: card and tabs of what the cursor is on. Only the tab in sight is filled."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from fixers.model import Finding
from tui.review import Review, Row
from tui.shown import line
from tui.widgets import prose
from tui.widgets.card import Card, card
from tui.widgets.code_pane import CodePane
from tui.widgets.diff_pane import DiffPane
from tui.widgets.tab_strip import TabStrip
from tui.widgets.text_pane import TextPane


class Detail(Vertical):
    """Shows a row of the review."""

    def __init__(self, review: Review, *, id: str) -> None:
        super().__init__(id=id)
        self.review = review
        self.row: Row | None = None

    def compose(self) -> ComposeResult:
        """Card, tab names, tabs; and a page for what is no finding."""
        yield Card(id="card")
        yield TabStrip(id="tabs")
        with ContentSwitcher(initial="diff", id="panes"):
            yield DiffPane(id="diff")
            yield CodePane(id="code")
            yield TextPane(id="why")
            yield TextPane(id="log")
            yield TextPane(id="page")

    @property
    def finding(self) -> Finding | None:
        """The finding that is shown."""
        return self.row.finding if self.row else None

    @property
    def diff(self) -> DiffPane:
        """The pane of the diff."""
        return self.query_one("#diff", DiffPane)

    @property
    def pane(self) -> Widget:
        """The pane in sight."""
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}")

    def show(self, row: Row | None, title: str, empty: str = "") -> None:
        """Show a row; the same one again brings it up to date. Without a row, `empty` says why there is none."""
        self.row = row
        if (heading := Content(line(title))) != self.border_title:
            self.border_title = heading
        finding = self.finding
        for name in ("#card", "#tabs"):
            self.query_one(name).display = finding is not None
        if finding is None:
            self.query_one(ContentSwitcher).current = "page"
            text = prose.other(self.review, row) if row else Content(empty)
            if row is None and self.review.result is not None:
                text = text.append("\n\n").append(prose.overview(self.review))
            self.query_one("#page", TextPane).show(text)
            return
        self.query_one(Card).show(card(self.review, finding))
        self.turn(self.query_one(TabStrip).current)

    def turn(self, name: str) -> None:
        """Another tab, filled now."""
        finding = self.finding
        if finding is None:
            return
        self.query_one(TabStrip).turn(name)
        self.query_one(ContentSwitcher).current = name
        if name == "diff":
            self._diff(finding)
        elif name == "code":
            hidden = finding.path in self.review.hidden(finding)
            self.query_one("#code", CodePane).show(finding, self.review.source(finding), hidden=hidden)
        elif name == "why":
            self.query_one("#why", TextPane).show(prose.why(self.review, finding))
        else:
            self.query_one("#log", TextPane).show(prose.log(self.review, finding))

    def _diff(self, finding: Finding) -> None:
        fix = self.review.fix(finding)
        if fix is not None:
            self.diff.show((finding.id, fix.name), fix.changes, hidden=self.review.hidden(finding))
            return
        steps = [f"{n}. {step}" for n, step in enumerate(finding.steps, 1)]
        refused = [f.reason for f in finding.fixes if f.reason]
        words = ["No edit is proposed; this one is for a person.", "", *refused, *steps]
        self.diff.show((finding.id, ""), (), notes=[line(w) for w in words])
