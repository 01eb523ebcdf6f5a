"""Where a review stands: findings, decisions, what became of them. Screens and plain mode share it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Final

from fixers.model import (
    Applicability,
    Applied,
    Choice,
    Event,
    Failed,
    Finding,
    Fix,
    Outcome,
    Plan,
    ScanResult,
    Skipped,
)
from fixers.reports.areas import Area, areas
from tui.filtering import Filter, haystack
from tui.protocol import Session

EDITED: Final = "edited"
"""The state of a finding whose fix a person changed."""


class State(enum.Enum):
    """What became of a finding: the letter in its box and the word for it."""

    OPEN = " "
    SELECTED = "x"
    SKIPPED = "-"
    MANUAL = "M"
    APPLIED = "✓"
    DROPPED = "!"

    @property
    def word(self) -> str:
        """The state in the filter and in sentences."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: a finding, the head of a group, or something a group holds besides findings.

    `group` names the group; `count` is set on heads. `item` is a Pass, a NotApplicable, a Suppressed, a Skip or
    a Problem, or the (id, commit) of a fix that an earlier run applied. `order` is where a finding stands.
    """

    group: str
    finding: Finding | None = None
    item: object = None
    count: int = -1
    order: tuple[int, str, str, int] = (0, "", "", 0)

    @property
    def is_head(self) -> bool:
        """Whether the row names a group."""
        return self.count >= 0

    @property
    def key(self) -> object:
        """What the cursor stays on when the rows change."""
        return self.finding.id if self.finding else (self.group, self.item)


def order(finding: Finding) -> tuple[int, str, str, int]:
    """As ScanResult: severity, rule, path, line."""
    return (-finding.level, finding.rule, finding.path, finding.line)


@dataclass
class Review:
    """The state that every screen shows. `folded` are the groups that are closed."""

    session: Session
    findings: list[Finding] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    edits: dict[str, Fix] = field(default_factory=dict)
    looked_at: dict[str, str] = field(default_factory=dict)
    filter: Filter = field(default_factory=Filter)
    folded: set[str] = field(default_factory=lambda: {"passed", "not applicable", "set aside", "not read", "problems"})
    _known: dict[str, Finding] = field(default_factory=dict)
    _lines: list[Row] = field(default_factory=list)
    _made: dict[str, Row] = field(default_factory=dict)
    _by_hand: set[str] = field(default_factory=set)
    _secret: set[str] = field(default_factory=set)
    _hay: dict[str, str] = field(default_factory=dict)
    result: ScanResult | None = None

    # what there is

    def begin(self) -> None:
        """A scan starts: what was applied stays in the list, everything else is found again."""
        self._hold(f for i, f in self._known.items() if isinstance(self.outcomes.get(i), Applied))

    def add(self, found: Iterable[Finding]) -> None:
        """Findings as a scan yields them. Rows are made once and stay in order, for 10,000 come in batches."""
        fresh = {f.id: f for f in found}
        if fresh.keys() & self._known.keys():
            self._hold({**self._known, **fresh}.values())
            return
        self._known |= fresh
        self._lines += map(self._line, fresh.values())
        self._sort()

    def finish(self, result: ScanResult) -> None:
        """The scan's own list is the last word."""
        self.result = result
        for aside in result.suppressed:
            self._secret |= _secrets(aside.finding)
        self.begin()
        self.add(result.findings)

    def _hold(self, findings: Iterable[Finding]) -> None:
        self._known = {f.id: f for f in findings}
        self._lines = [*map(self._line, self._known.values())]
        self._hay.clear()
        self._sort()

    def _sort(self) -> None:
        self._lines.sort(key=attrgetter("order"))
        self.findings = [row.finding for row in self._lines if row.finding]

    def _line(self, finding: Finding) -> Row:
        """The row of a finding, the same one as long as it is the same finding."""
        row = self._made.get(finding.id)
        if row is None or row.finding is not finding:
            row = self._made[finding.id] = Row(finding.level.label, finding, order=order(finding))
            (self._by_hand.discard if finding.fix else self._by_hand.add)(finding.id)
            self._secret |= _secrets(finding)
        return row

    def find(self, finding_id: str) -> Finding | None:
        """The finding of that id, also one that is applied by now."""
        return self._known.get(finding_id)

    def state(self, finding: Finding) -> State:
        """What became of it; what was applied or dropped says more than the decision before it."""
        if finding.id in self.session.applied:
            return State.APPLIED
        if isinstance(self.outcomes.get(finding.id), Failed) and finding.id not in self.session.decisions.selected:
            return State.DROPPED
        if finding.id in self.session.decisions.selected:
            return State.SELECTED
        if finding.id in self.session.decisions.skipped:
            return State.SKIPPED
        return State.OPEN if finding.fix else State.MANUAL

    def is_dirty(self, finding: Finding) -> bool:
        """Whether a file that the finding is about has edits that are not committed."""
        dirty = self.session.dirty
        return bool(dirty) and not dirty.isdisjoint((finding.path, *(p for f in finding.fixes for p in f.paths)))

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """The fixes that can be chosen: those with an edit, and the person's own."""
        own = self.edits.get(finding.id)
        return tuple(f for f in finding.fixes if f.changes) + ((own,) if own else ())

    def fix(self, finding: Finding) -> Fix | None:
        """The chosen fix, else the one being looked at, else the first."""
        fixes = self.fixes(finding)
        name = self.session.decisions.selected.get(finding.id) or self.looked_at.get(finding.id)
        return next((f for f in fixes if f.name == name), fixes[0] if fixes else None)

    def source(self, finding: Finding) -> bytes | None:
        """The bytes of the finding's file as scanned."""
        if self.state(finding) is not State.APPLIED:
            for fix in finding.fixes:
                for change in fix.changes:
                    if change.path == finding.path:
                        return change.before
        return self.session.read(finding.path) if finding.path else None

    def hidden(self, finding: Finding) -> frozenset[str]:
        """The files of a finding that no screen shows: tracked secrets, whichever rule speaks of them."""
        paths = {finding.path, *(p.path for p in finding.locations), *(p for f in self.fixes(finding) for p in f.paths)}
        return frozenset((paths & self._secret) | _secrets(finding))

    def applicability(self, finding: Finding) -> Applicability:
        """Of the chosen fix; a person's own edit needs a reviewer's eye."""
        fix = self.fix(finding)
        if fix is None:
            return Applicability.MANUAL
        own = fix is self.edits.get(finding.id)
        return Applicability.UNSAFE if own or fix.applicability is None else fix.applicability

    # deciding

    def select(self, findings: Sequence[Finding]) -> int:
        """Accept each that can be applied, as one step for undo; how many that were."""
        fixes = {f.id: fix.name for f in findings if self._able(f) and (fix := self.fix(f))}
        self.session.decisions.decide(select=fixes)
        return len(fixes)

    def skip(self, findings: Sequence[Finding], reason: str = "") -> int:
        """Set each aside, as one step for undo."""
        ids = [f.id for f in findings if self.state(f) is not State.APPLIED]
        self.session.decisions.decide(skip=dict.fromkeys(ids, reason))
        return len(ids)

    def toggle(self, findings: Sequence[Finding]) -> int:
        """Select them, or, when every one is selected, clear them."""
        able = [f for f in findings if self._able(f)]
        if not able or any(self.state(f) is not State.SELECTED for f in able):
            return self.select(able)
        self.session.decisions.decide(clear=[f.id for f in able])
        return len(able)

    def select_safe(self) -> tuple[int, int]:
        """Select what is shown and safe (what is unsafe when the filter asks for just that).

        Returns how many were selected (negative: all were already, and are not now), and how many
        that have an edit were left because they need an eye.
        """
        wanted = Applicability.UNSAFE if self.filter.names("fix", "unsafe") else Applicability.SAFE
        shown = [f for f in self.visible() if self._able(f)]
        able = [f for f in shown if self.applicability(f) is wanted and not self.is_individual(f)]
        new = [f for f in able if self.state(f) is not State.SELECTED]
        count = self.select(new) if new else -self.toggle(able)
        return count, len(shown) - len(able)

    def is_individual(self, finding: Finding) -> bool:
        """Whether the chosen fix must be looked at by itself."""
        fix = self.fix(finding)
        return fix is not None and fix.individually

    def alternative(self, finding: Finding) -> bool:
        """Turn to the next fix; a selected finding stays selected, with that one."""
        fixes, now = self.fixes(finding), self.fix(finding)
        if len(fixes) < 2 or now is None or self.state(finding) is State.APPLIED:
            return False
        self.turn_to(finding, fixes[(fixes.index(now) + 1) % len(fixes)])
        return True

    def turn_to(self, finding: Finding, fix: Fix) -> None:
        """Look at one of the fixes; a selected finding stays selected, with that one."""
        self.looked_at[finding.id] = fix.name
        if self.state(finding) is State.SELECTED:
            self.session.decisions.decide(select={finding.id: fix.name})

    def _able(self, finding: Finding) -> bool:
        return bool(self.fixes(finding)) and self.state(finding) is not State.APPLIED

    # the list

    def visible(self) -> list[Finding]:
        """The findings that the filter keeps, in order."""
        return [row.finding for row in self._shown() if row.finding]

    def _shown(self) -> list[Row]:
        if not self.filter.terms:
            return self._lines
        return [row for row in self._lines if row.finding and self._keeps(row.finding)]

    def _keeps(self, finding: Finding) -> bool:
        return self.filter.keeps(finding, self._text(finding), lambda: self._states(finding))

    def rows(self) -> list[Row]:
        """The list as it is drawn: groups by severity, then what else the scan has to say."""
        rows: list[Row] = []
        for label, group in groupby(self._shown(), key=attrgetter("group")):
            found = list(group)
            rows.append(Row(label, count=len(found)))
            if label not in self.folded:
                rows += found
        if not self.filter.terms:
            for label, items in self._others():
                if items:
                    rows.append(Row(label, count=len(items)))
                    if label not in self.folded:
                        rows += [Row(label, item=item) for item in items]
        return rows

    def _others(self) -> Iterable[tuple[str, Sequence[object]]]:
        yield "fixed earlier", [(i, c) for i, c in list(self.session.applied.items()) if i not in self._known]
        result = self.result
        if result is not None:
            yield "passed", result.passes
            yield "not applicable", result.not_applicable
            yield "set aside", result.suppressed
            yield "not read", result.skipped
            yield "problems", result.problems

    def _text(self, finding: Finding) -> str:
        if finding.id not in self._hay:
            self._hay[finding.id] = haystack(finding)
        return self._hay[finding.id]

    def _states(self, finding: Finding) -> frozenset[str]:
        words = {self.state(finding).word}
        if finding.id in self.edits:
            words.add(EDITED)
        if self.is_dirty(finding):
            words.add("dirty")
        return frozenset(words)

    def counts(self) -> dict[State, int]:
        """How many findings are in each state."""
        decisions, known = self.session.decisions, self._known.keys()
        applied = known & self.session.applied.keys()
        selected = (known & decisions.selected.keys()) - applied
        failed = {i for i, outcome in self.outcomes.items() if isinstance(outcome, Failed)}
        dropped = (known & failed) - applied - selected
        skipped = (known & decisions.skipped.keys()) - applied - selected - dropped
        left = known - applied - selected - dropped - skipped
        manual = left & self._by_hand
        return {
            State.OPEN: len(left) - len(manual),
            State.SELECTED: len(selected),
            State.SKIPPED: len(skipped),
            State.MANUAL: len(manual),
            State.APPLIED: len(applied),
            State.DROPPED: len(dropped),
        }

    def areas(self) -> list[Area]:
        """What the overview shows, most open first."""
        applied = self.session.applied
        fixed = [f for f in self.findings if f.id in applied]
        still = [f for f in self.findings if f.id not in applied]
        return areas(still, self.result.passes if self.result else (), fixed)

    def kept(self) -> str:
        """What is decided and not committed, as a sentence on the way out; empty when there is none."""
        counts = self.counts()
        waiting = [f"{counts[s]} {s.word}" for s in (State.SELECTED, State.SKIPPED) if counts[s]]
        if not waiting:
            return ""
        return f"{', '.join(waiting)}: kept for the next readiness-fix here; nothing of that is committed."

    # applying

    def choices(self, only: Finding | None = None) -> list[Choice]:
        """What the plan is made of: one finding, or everything selected."""
        wanted = [only] if only else [f for f in self.findings if self.state(f) is State.SELECTED]
        return [Choice(f, fix) for f in wanted if (fix := self.fix(f)) is not None]

    def take(self, event: Event) -> None:
        """Note what an apply run says: the outcome and the log of each finding."""
        if event.finding is not None and event.text:
            self.logs.setdefault(event.finding.id, []).append(f"{event.kind}: {event.text}")
        if event.outcome is not None:
            outcome = event.outcome
            finding_id = outcome.finding.id
            self.outcomes[finding_id] = outcome
            if self.find(finding_id) is None:
                self.add((outcome.finding,))
            self.logs.setdefault(finding_id, []).append(told(outcome))
            if isinstance(outcome, Failed):
                self.session.decisions.decide(clear=(finding_id,))
                if outcome.log:
                    self.logs[finding_id] += outcome.log.splitlines()


def _secrets(finding: Finding) -> set[str]:
    """The files whose contents a masked finding keeps from sight; the ignore that its fix adds may be seen."""
    paths = (finding.path, *(p for f in finding.fixes for p in f.paths)) if finding.masked else ()
    return {p for p in paths if p.rpartition("/")[2] != ".gitignore"}


def told(outcome: Outcome) -> str:
    """An outcome in one sentence."""
    if isinstance(outcome, Applied):
        by = f", verified by {outcome.verified_by}" if outcome.verified_by else ""
        not_by = f", unverified: {outcome.unverified}" if outcome.unverified else ""
        return f"commit {outcome.commit[:10]}{by}{not_by}"
    return f"skipped: {outcome.reason}" if isinstance(outcome, Skipped) else f"dropped: {outcome.reason}"


def touched(plan: Plan) -> int:
    """How many files a plan changes."""
    return len({p for c in plan.choices for p in c.fix.paths})
