"""Commits that the project's own build has agreed to: each on its own, or the batch's tip with bisection on red."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fixers.facts.diagnostics import compiler
from fixers.mending import Dropped, Step, Stop, Work, mend, said
from fixers.model import VERIFYING, Applied, Choice, Event, Failed
from fixers.vcs import Run
from fixers.verify.verifier import Verdict, Verifier

Message = Callable[[Step, str], str]
"""The message of a step, given how it was verified."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A commit that no ref names yet, and the work as it stands after it."""

    outcome: Applied
    work: Work = field(repr=False)
    paths: tuple[str, ...] = ()


def learn(verifier: Verifier, work: Work) -> None:
    """What the compiler warned of in the baseline becomes known to the rules."""
    work.now = work.now.recorded(compiler, verifier.warnings)


def each(
    run: Run, verifier: Verifier, work: Work, choices: Sequence[Choice], message: Message, stop: Stop
) -> Iterator[Event]:
    """Build after every fix; one that adds a failure is dropped with the build's own words."""

    def commit(step: Step) -> Applied:
        draft = run.prepare(step.fix.changes, message(step, ""))
        verdict = verifier.check(draft, step.after.project, step.fix.paths)
        if verdict.added:
            raise Dropped(why(verdict), verdict.log)
        silent = verdict.unusable or verifier.unreached(step.fix.paths)
        if silent:
            run.publish(draft)
            return Applied(step.finding, step.fix, draft, unverified=silent)
        by = ", ".join(verdict.commands)
        made = run.prepare(step.fix.changes, message(step, by))
        run.publish(made)
        return Applied(step.finding, step.fix, made, verified_by=by)

    yield from mend(work, choices, commit, stop, builds=True)


def batch(
    run: Run, verifier: Verifier, work: Work, choices: Sequence[Choice], message: Message, stop: Stop
) -> Iterator[Event]:
    """Build the tip of all fixes once; on red find the first bad one by halving, drop it, go on with the rest."""
    rest, total = list(choices), len(choices)
    by = ", ".join(c.shown for c in verifier.commands) + " (batch tip)"
    while rest:
        made: list[_Made] = []
        at = work.copy()

        def commit(step: Step, made: list[_Made] = made, at: Work = at) -> Applied:
            parent = made[-1].outcome.commit if made else run.tip
            silent = verifier.unreached(step.fix.paths)
            verified = "" if silent else by
            sha = run.prepare(step.fix.changes, message(step, verified), parent)
            outcome = Applied(step.finding, step.fix, sha, verified_by=verified, unverified=silent)
            after = at.copy()
            for change in step.fix.changes:
                after.before.setdefault(change.path, change.before)
            after.now = step.after
            after.applied.append(outcome)
            made.append(_Made(outcome, after, step.fix.paths))
            return outcome

        held: list[Event] = []
        for event in mend(at, rest, commit, stop):
            if event.outcome is None:
                yield event
            elif isinstance(event.outcome, Applied):
                made[-1] = replace(made[-1], outcome=event.outcome)
            else:
                held.append(event)
        if not made:
            yield from held
            return
        yield Event(VERIFYING, total - len(rest), total, finding=made[-1].outcome.finding, text="the batch's tip")
        good, verdict = _good_prefix(verifier, made)
        names = [c.finding.id for c in rest]
        if good < len(made):  # what was said of those after the bad one is said anew without it
            before = set(names[: names.index(made[good].outcome.finding.id)])
            held = [e for e in held if e.finding is not None and e.finding.id in before]
        yield from held
        if good:
            run.publish(made[good - 1].outcome.commit)
            _become(work, made[good - 1].work)
            done = total - len(rest)
            yield from (said(done + n, total, m.outcome) for n, m in enumerate(made[:good], 1))
        if good == len(made):
            return
        bad = made[good].outcome
        yield said(total - len(rest) + good + 1, total, Failed(bad.finding, why(verdict), verdict.log))
        rest = rest[names.index(bad.finding.id) + 1 :]


def _good_prefix(verifier: Verifier, made: list[_Made]) -> tuple[int, Verdict]:
    """How many of the commits, from the first on, the build agrees to; and what it says of the next one."""
    verdict = _checked(verifier, made, len(made))
    if not verdict.added:
        return len(made), verdict
    low, high = 0, len(made)
    while high - low > 1:
        middle = (low + high) // 2
        found = _checked(verifier, made, middle)
        if found.added:
            high, verdict = middle, found
        else:
            low = middle
    return low, verdict


def _checked(verifier: Verifier, made: list[_Made], count: int) -> Verdict:
    tip = made[count - 1]
    touched = {p for m in made[:count] for p in m.paths}
    return verifier.check(tip.outcome.commit, tip.work.now.project, touched)


def _become(work: Work, other: Work) -> None:
    work.now, work.before, work.applied = other.now, other.before, other.applied


def why(verdict: Verdict) -> str:
    """The failures that a fix would add, in one sentence."""
    first = sorted(verdict.added)[0]
    more = f" and {len(verdict.added) - 1} more" if len(verdict.added) > 1 else ""
    return f"the build fails with it: {first}{more}"
