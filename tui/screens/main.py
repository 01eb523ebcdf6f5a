"""The main screen: the list on the left, what it is on the right, where things stand at the bottom."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from fixers.model import NOTE, READING, SCANNED, SCANNING, Event
from fixers.text import plural
from tui.keys import bindings, unknown
from tui.messages import Feed
from tui.review import Review, State
from tui.screens.acting import Acting
from tui.shown import bar, content, line
from tui.widgets.detail import Detail
from tui.widgets.finding_list import FindingList
from tui.widgets.key_bar import KeyBar
from tui.widgets.tab_strip import TabStrip

NARROW, LOW, TINY = 100, 28, (60, 15)
"""Columns and rows below which one pane is shown at a time, and below which nothing fits (design/tui.md)."""


class MainScreen(Acting):
    """Lists, shows, and passes on what the keys ask for."""

    BINDINGS = [*bindings("main")]
    AUTO_FOCUS = "#list"

    def __init__(self, review: Review) -> None:
        super().__init__()
        self.review = review
        self.feed: Feed | None = None
        self._progress: Event | None = Event(READING)
        self._zoomed = False

    def compose(self) -> ComposeResult:
        """Header, two panes, status, keys."""
        yield Static(id="header", markup=False)
        yield Static("", id="notes", markup=False)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Input(placeholder="words, sev:high area: rule: path: state:open fix:safe", id="filter")
                yield FindingList(self.review, id="list")
            yield Detail(self.review, id="detail")
        yield Static(id="status", markup=False)
        yield KeyBar(id="keys")
        yield Static(id="tiny", markup=False)

    def on_mount(self) -> None:
        """First paint, then the scan."""
        self.query_one("#filter").display = False
        self.tell_header()
        self.refresh_list()
        if strange := unknown(self.face.moved):
            self.say(f"[keys] names what is no action: {', '.join(strange)}", "warning")
        self.call_after_refresh(self.scan)

    # the scan

    def scan(self) -> None:
        """Scan in a thread; the list fills as it goes."""
        if self.feed is not None and not self.feed.ended:
            return
        self.review.begin()
        self.feed = Feed(self, self.session.scan, self.session.state)
        self._progress = Event(READING)
        self.run_worker(self.feed.run, thread=True, group="session", exit_on_error=False)
        self.tell_status()

    @on(Feed.Arrived)
    def _arrived(self, message: Feed.Arrived) -> None:
        message.stop()
        if message.feed.wait:
            self.set_timer(message.feed.wait, lambda: self._drain(message.feed))
        else:
            self._drain(message.feed)

    def _drain(self, feed: Feed) -> None:
        if self.applying is not None and feed is self.applying.feed:
            self.drain_run()
            return
        if feed is not self.feed:
            return
        events = feed.drain()
        found = [f for event in events for f in event.findings]
        if found:
            self.review.add(found)
        for event in events:
            if event.kind in (READING, SCANNING):
                self._progress = event
            elif event.kind == NOTE:
                self.say(event.text)
            elif event.kind == SCANNED and event.result is not None:
                self.review.finish(event.result)
                self.restore_edits()
        over = feed.idle
        if over:
            self._progress = None
            if feed.error:
                self.say(feed.error, "error")
            elif feed.stopping:
                self.say("The scan was stopped; r scans again.", "warning")
            self.tell_header()
            self.face.spare_the_loop()
        if found or over:
            self.refresh_list()
        else:
            self.tell_status()
        feed.drained()

    # drawing

    def refresh_list(self) -> None:
        """Bring list, detail and status up to date with the review."""
        self.query_one(FindingList).set_rows(self.review.rows(), self._nothing())
        self.refresh_detail()
        self.tell_status()

    def refresh_detail(self) -> None:
        """Bring the detail up to date with the row under the cursor."""
        listed = self.query_one(FindingList)
        row = listed.row
        detail = self.query_one(Detail)
        if row is None or row.finding is None:
            detail.show(row, row.group if row else "", self._nothing())
        else:
            number, total = listed.standing
            at = f":{row.finding.line}" if row.finding.line else ""
            detail.show(row, f"{number:,}/{total:,}  {row.finding.rule}  {row.finding.path}{at}")

    def _nothing(self) -> str:
        if self.review.filter.terms:
            return f"0 of {len(self.review.findings)}, esc clears the filter"
        if self._progress is not None:
            return "scanning …"
        result = self.review.result
        if result is None:
            return "nothing was scanned; r scans"
        ran = f"{plural(result.rules, 'rule')} ran, {len(result.not_applicable)} not applicable"
        return f"No findings in {plural(result.files, 'file')}. {ran}."

    def tell_header(self) -> None:
        """The line at the top: where the fixes go, what was read."""
        session, result = self.session, self.review.result
        left: list[str | tuple[str, str]] = [
            (" readiness-fix ", "bold $primary"),
            (f" {line(session.name)} ", "bold"),
            (f" {line(session.branch) or 'detached HEAD'} → {line(session.target) or 'a branch of its own'}", "$muted"),
        ]
        dirty = f"{plural(len(session.dirty), 'file')} with edits" if session.dirty else "clean"
        files = f"  {plural(result.files, 'file')}  {result.seconds:.1f} s" if result else ""
        self.query_one("#header", Static).update(content(*left, (f"   {dirty}{files}", "$muted")), layout=False)
        notes = [f"Fixes are off: {session.why_no_commit}"] if session.why_no_commit else []
        widget = self.query_one("#notes", Static)
        notes += session.notes
        widget.display = bool(notes)
        widget.update(content((" " + "\n ".join(line(n) for n in notes), "$text-warning")))

    def tell_status(self) -> None:
        """The line above the keys: counts on the left, what runs on the right."""
        counts = self.review.counts()
        selected = f" ── {counts[State.SELECTED]} selected" if counts[State.SELECTED] else ""
        self.query_one("#left").border_title = Content(f"Findings {len(self.review.findings):,}{selected}")
        words = [
            f"{counts[s]} {s.word}" for s in (State.SELECTED, State.SKIPPED, State.APPLIED, State.DROPPED) if counts[s]
        ]
        idle = "nothing decided yet" if self.review.findings or self._progress else self._nothing()
        parts: list[str | tuple[str, str]] = [" " + (" · ".join(words) or idle)]
        if self.query_one(FindingList).mark is not None:
            parts.append((f"   range of {len(self.query_one(FindingList).chosen)}", "$text-accent"))
        if self.review.filter.problem:
            parts.append((f"   {self.review.filter.problem}", "$text-warning"))
        elif self.review.filter.terms:
            shown = len(self.review.visible())
            parts.append((f"   {shown} of {len(self.review.findings)} match", "$text-accent"))
        if (event := self._progress) is not None:
            doing = "reading" if event.kind == READING else "scanning"
            parts.append((f"   {doing} {line(event.text, 40)} ", "$text-primary"))
            if event.total:
                parts += bar(event.done, event.total, 16, "$text-primary")
                parts.append((f" {event.done * 100 // event.total} %", "$text-primary"))
            parts.append(("   esc stops", "$muted"))
        elif (run := self.applying) is not None and not run.over:
            parts.append((f"   {run.state} ", "$text-primary"))
            parts += bar(run.done, run.total, 16, "$text-primary")
            parts.append((f" {run.done}/{run.total}", "$text-primary"))
            parts.append(("   A shows it", "$muted"))
        elif not self.review.session.decisions.selected and counts[State.APPLIED]:
            parts.append((f"   on {line(self.session.target)}", "$text-success"))
        self.query_one("#status", Static).update(content(*parts), layout=False)

    # layout

    def on_resize(self, event: events.Resize) -> None:
        """One pane or two; or a word that there is no room."""
        width, height = event.size
        tiny = width < TINY[0] or height < TINY[1]
        self.set_class(tiny, "-tiny")
        if tiny:
            words = f"{width}x{height} is too small; readiness-fix needs {TINY[0]}x{TINY[1]}."
            self.query_one("#tiny", Static).update(words)
        self.set_class(width < NARROW or height < LOW or self._zoomed, "-narrow")

    def action_zoom(self) -> None:
        """One pane only, or both again."""
        self._zoomed = not self._zoomed
        self.set_class(self.size.width < NARROW or self.size.height < LOW or self._zoomed, "-narrow")
        self.set_class(self._zoomed and self.in_detail, "-detail")

    @property
    def in_detail(self) -> bool:
        """Whether the focus is in the detail."""
        focused = self.focused
        return focused is not None and focused is not self.query_one(FindingList) and focused.id != "filter"

    # what the widgets say

    @on(FindingList.Moved)
    def _moved(self) -> None:
        self.refresh_detail()
        if self.query_one(FindingList).mark is not None:
            self.tell_status()

    @on(FindingList.Opened)
    def _opened(self) -> None:
        self.action_open()

    @on(FindingList.Boxed)
    def _boxed(self) -> None:
        self.decide(self.review.toggle, move=False)

    @on(TabStrip.Chosen)
    def _tab(self, message: TabStrip.Chosen) -> None:
        self.query_one(Detail).turn(message.name)
