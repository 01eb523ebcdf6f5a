"""scan > plan > apply > check > commit: one session over one repository, told as Events. No screen, no argv."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from fixers import building, mending, planning
from fixers import config as configuration
from fixers import scan as scanning
from fixers.answering import Answering
from fixers.checks import refusal
from fixers.decisions import Decisions
from fixers.mending import Patched, Step, Stop, Work, never
from fixers.model import (
    DONE,
    NOTE,
    READING,
    Applicability,
    Applied,
    Change,
    Choice,
    Event,
    Finding,
    Fix,
    Outcome,
    Plan,
    Refused,
    Rule,
    ScanResult,
)
from fixers.options import Options, configured, part, rules_of, widened
from fixers.patch import Letter, mbox, unified
from fixers.project import Project
from fixers.reports import markdown
from fixers.text import plural, quoted, safe_text
from fixers.vcs import Repository, Run, done, open_repository
from fixers.vcs.message import VERIFIED_BY
from fixers.verify.command import Command, overriding
from fixers.verify.verifier import Verifier, Wanted, commands

if TYPE_CHECKING:
    from fixers.audits import Answer


class Session:
    """One repository, opened; `write=False` promises that neither it nor the state directory is written."""

    def __init__(self, path: str | Path, options: Options | None = None, *, write: bool = True) -> None:
        self.options = options or Options()
        self.repository: Repository = open_repository(path, write=write)
        self._write = write
        self._asked = Path(path)
        self.answering = Answering(self.options.audit, self.repository.root)
        try:
            self._begin()
        except BaseException:
            self.repository.close()
            raise

    def _begin(self) -> None:
        self._stand()
        found = configured(self.options, self.reader)
        self.rules: Mapping[str, Rule] = {r.id: r for r in rules_of(self.options, found)}
        self.config = replace(found, select=())
        self._under = part(self.options, self.reader)
        self.decisions = Decisions(self.repository.state_dir / "decisions.json" if self._write else None)
        self.outcomes: list[Outcome] = []
        self.agreed: tuple[Wanted, tuple[Command, ...]] | None = None
        self.unverified = ""
        self.scanned: scanning.Scan | None = None

    def _stand(self) -> None:
        """Look at the tip of our branch when there is one to go on with, else at HEAD."""
        ours = self.repository.resumable(self.options.branch or None) if self._write else None
        tip = self.repository.tip(ours.branch) if ours else None
        self._base = tip or self.repository.head
        self.target = ours.branch if ours and tip else self.options.branch
        commits = self.repository.commits(ours.base, tip) if ours and tip else ()
        self.applied: dict[str, str] = done(commits)
        known = {c.sha: c for c in commits}
        self.titles: dict[str, str] = {f: known[sha].subject for f, sha in self.applied.items()}
        self.unbuilt = tuple(f for f, sha in self.applied.items() if VERIFIED_BY not in known[sha].trailers)
        self.reader = self.repository.reader(self._base)
        self.answering.stand(self.reader, commits, self.applied)
        self._at_head = self.reader if self._base == self.repository.head else self.repository.reader()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the repository; children end, and the copy that was built in goes."""
        if self.agreed is not None:
            self.repository.remove_verify_copy()
        self.repository.close()

    @property
    def name(self) -> str:
        """The repository's name."""
        return self.repository.name

    @property
    def root(self) -> str:
        """Its folder."""
        return str(self.repository.root)

    @property
    def state(self) -> str:
        """Our own folder for copies and logs, outside the repository."""
        return str(self.repository.state_dir)

    @property
    def commit(self) -> str:
        """The commit that is looked at; empty when there is none."""
        return self._base or ""

    @property
    def branch(self) -> str:
        """The branch that HEAD is on; empty when detached."""
        return self.repository.head_branch

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know before deciding: a merge in progress, hooks that will not run, ..."""
        may_write = self.repository.commit_notes(sign=self.options.sign) if self._write else ()
        return (*widened(self.options, self._asked, self.repository.root), *self.repository.notes, *may_write)

    @property
    def why_no_commit(self) -> str:
        """Why fixes cannot be committed here, with the command to run; empty when they can."""
        return self.repository.why_no_commit()

    @property
    def dirty(self) -> frozenset[str]:
        """Tracked files with uncommitted edits: the work tree against HEAD, whatever our branch has by now."""
        return self._at_head.dirty

    @property
    def result(self) -> ScanResult | None:
        """What the last scan said."""
        return self.answering.labelled(self.scanned.result()) if self.scanned else None

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What became of the items of `--audit`, by what the last scan said."""
        return self.answering.answers(self.scanned.result(), self.reader.entries()) if self.scanned else ()

    def read(self, path: str) -> bytes | None:
        """The bytes of a tracked file as scanned; None when it is not tracked or cannot be read."""
        try:
            return self.reader.read(path) if path in self.reader.entries() else None
        except (OSError, Refused):
            return None

    # scan

    def scan(self, stop: Stop = never) -> Iterator[Event]:
        """Read the tree and run the rules; the last event carries the result."""
        yield Event(READING, text=self.name)
        project = Project(self.reader, under=self._under, excluded=self.config.excluded)
        for event, whole in scanning.stages(project, self.rules.values(), self.config, stop):
            if whole is not None:
                self.scanned = whole
                self.answering.answers(whole.result(), self.reader.entries())
                event = replace(event, result=self.result)
            yield event

    def scan_now(self) -> scanning.Scan:
        """The same without the steps."""
        for _ in self.scan():
            pass
        if self.scanned is None:
            raise AssertionError("a scan ends with its result")
        return self.scanned

    def _work(self) -> Work:
        return Work(self.scanned or self.scan_now())

    # plan

    def plan(self, choices: Sequence[Choice]) -> Plan:
        """The choices in the order in which they will be committed: what others need first, then by severity."""
        return planning.ordered(choices)

    def bulk(self, *, unsafe: bool = False) -> Plan:
        """Every fix that may be applied without a person looking at each, and why the others are left."""
        choices, left = planning.sorted_out(self._work().now.result().findings, unsafe=unsafe)
        plan = self.plan(choices)
        more = Applicability.UNSAFE if unsafe else Applicability.SAFE
        return replace(plan, left=(*plan.left, *left), more=more)

    def build_commands(self, wanted: Wanted) -> tuple[Command, ...]:
        """What verification would run here; shown to a person before anything runs."""
        return commands(self._work().now.project, self.config.verify, wanted)

    def overrides(self) -> tuple[str, ...]:
        """Files of the repository that say which toolchain or wrapper its build really uses."""
        return overriding(self.build_commands(Wanted()), self.reader.entries())

    def agree(self, wanted: Wanted, build: tuple[Command, ...]) -> None:
        """A person has seen these commands and said yes: `apply` runs them from now on."""
        self.agreed = (wanted, build)

    def disagree(self, why: str) -> None:
        """Verification was asked for and may not run; what is committed says that it is unverified."""
        self.unverified = why

    # apply

    def preview(self, plan: Plan) -> Patched:
        """What `apply` would commit, worked out in memory; nothing is written anywhere."""
        steps: list[tuple[tuple[Change, ...], str]] = []

        def commit(step: Step) -> Applied:
            steps.append((step.fix.changes, self._message(step, "")))
            return Applied(step.finding, step.fix, "")

        work = self._work()
        events = (
            e
            for part in planning.rounds(plan, lambda: work.now.result())
            for e in mending.mend(work, part.choices, commit)
        )
        outcomes = tuple(e.outcome for e in events if e.outcome is not None)
        if said := self._said(work):
            steps.append(((said[0],), said[1]))
        return Patched(tuple(steps), outcomes, work.changes())

    def _said(self, work: Work) -> tuple[Change, str] | None:
        """The audit with what became of its items, as the last change of a run, and its message."""
        said = self.answering.change(work.now, work.applied)
        if said:
            work.before.setdefault(said[0].path, said[0].before)
            work.now = work.now.after((said[0],))
        return said

    def apply(self, plan: Plan, stop: Stop = never) -> Iterator[Event]:
        """Commit the plan's fixes one by one on our branch; `stop` is asked between two fixes.

        The commands that a person agreed to must not find more wrong than before. Raises Refused when
        nothing can be committed here.
        """
        if self.why_no_commit:
            raise Refused(self.why_no_commit)
        work = self._work()
        began = len(self.outcomes)
        with self._run() as run:
            try:
                for event in self._steps(run, work, plan, stop):
                    if event.outcome is not None:
                        self.outcomes.append(event.outcome)
                        if isinstance(event.outcome, Applied):
                            self.applied[event.outcome.finding.id] = event.outcome.commit
                            self.titles[event.outcome.finding.id] = event.outcome.fix.title
                            self.answering.take(event.outcome)
                    yield event
                several = plan.more is not None or len(plan.choices) > 1
                if several and (said := self._said(work)):
                    self.answering.commit = run.commit((said[0],), said[1])
                    yield Event(NOTE, text=f"{safe_text(said[0].path)} says what became of its items")
            finally:
                self._settle(run, work)
        count = sum(isinstance(o, Applied) for o in self.outcomes[began:])
        yield Event(DONE, count, len(plan.choices), text=f"{plural(count, 'fix', 'fixes')} committed on {self.target}")

    def _steps(self, run: Run, work: Work, plan: Plan, stop: Stop) -> Iterator[Event]:
        unverified = self.unverified
        if self.agreed is not None:
            wanted, build = self.agreed
            scratch = self.repository.state_dir / "build"
            verifier = Verifier(self.repository.verify_copy, build, tests=wanted.tests, scratch=scratch)
            yield Event(NOTE, text="building the tree as it is, to compare with")
            unverified = verifier.baseline(run.tip)
            if not unverified:
                building.learn(verifier, work)
                way = building.each if wanted.each else building.batch
                for part in planning.rounds(plan, lambda: work.now.result()):
                    yield from way(run, verifier, work, part.choices, self._message, stop)
                return
            yield Event(NOTE, text=f"not verified: {unverified}")

        def commit(step: Step) -> Applied:
            made = run.commit(step.fix.changes, self._message(step, ""))
            return Applied(step.finding, step.fix, made, unverified=unverified)

        for part in planning.rounds(plan, lambda: work.now.result()):
            yield from mending.mend(work, part.choices, commit, stop)

    def _message(self, step: Step, verified_by: str) -> str:
        signoff = ""
        if self.options.signoff:
            name, mail = self.repository.signer()
            signoff = f"{name} <{mail}>"
        step = replace(step, finding=self.answering.told(step.finding))
        return mending.message(step, self.rules, verified_by=verified_by, signoff=signoff)

    @contextmanager
    def _run(self) -> Iterator[Run]:
        """Our branch, held by us alone, standing where the scan looked."""
        with self.repository.start(self.target or None, sign=self.options.sign) as run:
            if run.tip != self._base:
                raise Refused(f"{safe_text(run.branch)} moved since the scan; scan again, then apply")
            self.target = run.branch
            yield run

    def _settle(self, run: Run, work: Work) -> None:
        """After a run the session stands on the branch's tip, scanned."""
        self._base = run.tip
        self.reader = self.repository.reader(run.tip)
        self.answering.stand(self.reader, (), self.applied)
        self.scanned = work.now
        self.decisions.forget(tuple(self.applied))

    # one finding at a time

    def edited(self, finding: Finding, fix: Fix, path: str, data: bytes) -> Fix:
        """The fix with one file as a person edited it. Raises Refused with the reason when it fails a check."""
        changes = tuple(replace(c, after=data) if c.path == path else c for c in fix.changes)
        now = self._work().now
        wrong = refusal(now, now.after(changes), finding, changes)
        if wrong:
            raise Refused(wrong)
        return mending.edited(fix, changes)

    def dependents(self, finding_id: str) -> tuple[str, ...]:
        """Ids of applied findings whose fix needs this one's."""
        return self.repository.dependents_of(finding_id, self.options.branch or None)

    def undo(self, finding_id: str, with_dependents: bool = False) -> tuple[str, ...]:
        """Take an applied fix back on our branch; says what was done. Raises Refused."""
        taken = self.repository.undo([finding_id], self.options.branch or None, with_dependents=with_dependents)
        self._again()
        return taken.said()

    def undo_all(self, *, sure: bool = False) -> tuple[str, ...]:
        """Remove our whole branch. Raises Refused when its tip is not as we left it, unless `sure`."""
        taken = self.repository.undo_all(self.options.branch or None, force=sure)
        self._again()
        return taken.said()

    def _again(self) -> None:
        self._stand()
        self.outcomes = [o for o in self.outcomes if o.finding.id in self.applied]
        self.scanned = None

    def suppress(self, finding: Finding, reason: str) -> str:
        """Commit an ignore of this finding, with its reason, to the configuration on our branch; the commit."""
        if self.why_no_commit:
            raise Refused(self.why_no_commit)
        if self.options.config_file is not None:
            raise Refused("the configuration is the one of --config: write the ignore there")
        work = self._work()
        change = planning.ignoring(work.now.project, self.config.where or configuration.FILE, finding, reason)
        subject = f"Set {finding.rule} aside in {quoted(finding.path)}"
        with self._run() as run:
            made = run.commit((change,), f"{subject}\n\n{safe_text(reason)}\n")
            work.now = work.now.after((change,))
            self._settle(run, work)
        self.config = replace(configured(self.options, self.reader), select=())
        self.scanned = replace(work.now, config=self.config)
        return made

    # hand over

    def patch(self, patched: Patched) -> bytes:
        """The preview as one patch that `git apply` takes on HEAD."""
        return unified(patched.changes, algorithm="sha256" if self.repository.algorithm == "sha256" else "sha1")

    def mbox(self, patched: Patched) -> bytes:
        """The preview as mail, one per commit, for `git am`."""
        name, mail = self.repository.author()
        now = f"{int(time.time())} +0000"
        letters = [Letter("0" * 40, name, mail, now, message, changes) for changes, message in patched.steps]
        return mbox(letters, algorithm="sha256" if self.repository.algorithm == "sha256" else "sha1")

    def summary_markdown(self) -> str:
        """What was done, fit for a pull request."""
        now = {o.finding.id for o in self.outcomes if isinstance(o, Applied)}
        earlier = {sha: self.titles.get(i, i) for i, sha in self.applied.items() if i not in now}
        return markdown.summary(self.outcomes, self.target, self.result, self.next_commands(), earlier)

    def next_commands(self) -> tuple[str, ...]:
        """What a person runs next, with plain git."""
        if not self.applied:
            return ()
        main, ours = self.branch or self.repository.head or "HEAD", shlex.quote(self.target)
        remote = self.repository.remote
        push = (f"git push -u {shlex.quote(remote)} {ours}",) if remote else ()
        return (f"git diff {shlex.quote(f'{main}...{self.target}')}", f"git merge --ff-only {ours}", *push)
