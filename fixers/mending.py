"""Choices become checked changes, one after the other, each on the tree that the one before left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fixers.checks import refusal
from fixers.model import (
    CHECKING,
    COMMITTED,
    DROPPED,
    EDITING,
    SKIPPED,
    VERIFYING,
    Applicability,
    Applied,
    Change,
    Choice,
    Event,
    Failed,
    Finding,
    Fix,
    Outcome,
    Rule,
    Skipped,
)
from fixers.patch import hunks
from fixers.project import Project
from fixers.scan import Scan
from fixers.vcs.message import commit_message

EDITED: Final = "~"
"""Ends the name of a fix that a person edited."""
Stop = Callable[[], bool]


def never() -> bool:
    """The stop that never comes."""
    return False


@dataclass(slots=True)
class Work:
    """Where a run stands: the tree as it is now, what each path was before, and what was mended on the way."""

    now: Scan
    before: dict[str, bytes | None] = field(default_factory=dict)
    applied: list[Applied] = field(default_factory=list)

    def copy(self) -> Work:
        """A point to come back to."""
        return Work(self.now, dict(self.before), list(self.applied))

    def changes(self) -> tuple[Change, ...]:
        """All that was mended, as one change per file."""
        made = []
        for path, before in sorted(self.before.items()):
            after = self.now.project.read(path) if self.now.project.entry(path) else None
            if before != after:
                made.append(Change(path, before, after, self.now.project.mode(path)))
        return tuple(made)


@dataclass(frozen=True, slots=True)
class Step:
    """A checked fix that waits to be committed, and the tree after it."""

    finding: Finding
    fix: Fix
    after: Scan = field(repr=False)
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patched:
    """What a run would commit: each commit's changes and message, and the one change per file in all."""

    steps: tuple[tuple[tuple[Change, ...], str], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    changes: tuple[Change, ...] = field(default=(), repr=False)


class Dropped(Exception):
    """The commit of a step was refused by a build; `log` is the tail of its output."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.reason, self.log = reason, log


Commit = Callable[[Step], Applied]


def mend(
    work: Work, choices: Sequence[Choice], commit: Commit, stop: Stop = never, *, builds: bool = False
) -> Iterator[Event]:
    """Edit, check and commit each choice; `commit` may raise Dropped. `builds` says that a commit takes a build."""
    total = len(choices)
    for number, choice in enumerate(choices):
        if stop():
            yield from (said(number, total, Skipped(c.finding, "stopped before it")) for c in choices[number:])
            return
        yield Event(EDITING, number, total, finding=choice.finding)
        step = prepared(work, choice)
        if not isinstance(step, Step):
            yield said(number, total, step)
            continue
        yield Event(CHECKING, number, total, finding=step.finding)
        wrong = refusal(work.now, step.after, step.finding, step.fix.changes)
        if wrong:
            yield said(number, total, Failed(step.finding, wrong))
            continue
        if builds:
            yield Event(VERIFYING, number, total, finding=step.finding)
        try:
            made = _noted(commit(step), choice, step)
        except Dropped as dropped:
            yield said(number + 1, total, Failed(step.finding, dropped.reason, dropped.log))
            continue
        taken(work, step, made)
        yield said(number + 1, total, made)


def _noted(outcome: Applied, shown: Choice, step: Step) -> Applied:
    """Say when an earlier fix of the run has changed what this one does."""
    if _lines(shown.fix) == _lines(step.fix):
        return outcome
    return replace(outcome, note="the earlier fixes changed its diff; `git show` has it as it is")


def _lines(fix: Fix) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """The lines that a fix adds and removes, wherever in the file they stand."""
    return [(c.path, tuple((line.kind, line.text) for hunk in hunks(c, 0) for line in hunk.lines)) for c in fix.changes]


def prepared(work: Work, choice: Choice) -> Step | Skipped | Failed:
    """The choice on the tree as it is now, or why it is not to be had any more."""
    finding = work.now.find(choice.finding.id)
    if finding is None:
        return Skipped(choice.finding, "an earlier fix has mended it")
    fix = same(finding, choice.fix, work.now.project)
    if fix is None:
        if choice.fix.name.endswith(EDITED):
            why = "a file that you edited is not what it was"
        else:
            why = next((f.reason for f in finding.fixes if f.reason), "there is no such edit any more")
        return Failed(finding, f"after the earlier fixes: {why}")
    return Step(finding, fix, work.now.after(fix.changes), _needs(finding, fix, work))


def taken(work: Work, step: Step, outcome: Outcome) -> None:
    """The tree after a step becomes the tree of now."""
    for change in step.fix.changes:
        work.before.setdefault(change.path, change.before)
    work.now = step.after
    if isinstance(outcome, Applied):
        work.applied.append(outcome)


def same(finding: Finding, wanted: Fix, project: Project) -> Fix | None:
    """The same alternative as it is on the tree of now; a person's own edit only while its files are the same."""
    if wanted.name.endswith(EDITED):
        fits = all((project.read(c.path) if project.entry(c.path) else None) == c.before for c in wanted.changes)
        return wanted if fits else None
    return next((f for f in finding.fixes if f.changes and f.name == wanted.name), None)


def edited(fix: Fix, changes: tuple[Change, ...]) -> Fix:
    """The fix with a person's changes, marked as such; whoever reviews it has to look, whatever it was before."""
    name = fix.name.removesuffix(EDITED) + EDITED
    return replace(fix, changes=changes, name=name, applicability=Applicability.UNSAFE, reason="edited by hand")


def message(step: Step, rules: Mapping[str, Rule], *, verified_by: str = "", signoff: str = "") -> str:
    """What `git log` will show of a step."""
    why = rules[step.finding.rule].why
    return commit_message(
        step.finding, step.fix, why, verified_by=verified_by, depends_on=step.depends_on, signoff=signoff
    )


def said(done: int, total: int, outcome: Outcome) -> Event:
    """The event that tells an outcome."""
    kind = COMMITTED if isinstance(outcome, Applied) else DROPPED if isinstance(outcome, Failed) else SKIPPED
    return Event(kind, done, total, finding=outcome.finding, outcome=outcome)


def _needs(finding: Finding, fix: Fix, work: Work) -> tuple[str, ...]:
    """Mended findings whose fix made a file that this one edits or uses, or whose rule this one names."""
    needs = []
    for earlier in work.applied:
        new = {c.path for c in earlier.fix.changes if c.before is None}
        if earlier.finding.rule in finding.after or new & {*fix.paths, *fix.relies}:
            needs.append(earlier.finding.id)
    return tuple(needs)
