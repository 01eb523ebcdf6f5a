"""Rules x project -> what they say: findings with stable ids, passes, what did not apply and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from fixers import registry
from fixers.config import Config
from fixers.model import (
    FOUND,
    SCANNED,
    SCANNING,
    Change,
    Event,
    Finding,
    Fix,
    NotApplicable,
    Pass,
    Problem,
    Refused,
    Result,
    Rule,
    ScanResult,
    Skip,
    Suppressed,
    finding_id,
)
from fixers.project import Project, Reads
from fixers.registry import chosen, has_prefix
from fixers.text import plural, quoted
from fixers.tree import matches

_NAMED: Final = 3
"""Files that are worth a name in the evidence of a pass."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one rule said, what it looked at to say so, and how it failed if it did."""

    results: tuple[Result, ...]
    reads: Reads
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """A tree with what every rule says of it; `after` brings it up to date with changes."""

    project: Project
    rules: tuple[Rule, ...]
    config: Config
    ran: Mapping[str, Ran]
    seconds: float = 0.0
    ids: frozenset[str] = field(default=frozenset())

    def after(self, changes: Iterable[Change]) -> Scan:
        """The scan of the tree after the changes; only rules that looked at what changed run again."""
        changes = tuple(changes)
        project = self.project.evolved(changes)
        ran = {
            r.id: run(r, project, self.config) if self.ran[r.id].reads.touched_by(changes) else self.ran[r.id]
            for r in self.rules
        }
        return _scan(project, self.rules, self.config, ran, self.seconds)

    def recorded(self, fact: Callable[[Project], object], value: object) -> Scan:
        """The scan with a fact that was learned outside of the tree; the rules that asked for it run again."""
        project = self.project.recorded(fact, value)
        ran = {
            r.id: run(r, project, self.config) if fact in self.ran[r.id].reads.facts else self.ran[r.id]
            for r in self.rules
        }
        return _scan(project, self.rules, self.config, ran, self.seconds)

    def result(self) -> ScanResult:
        """Everything there is to say, ordered."""
        return _result(self)

    def find(self, wanted: str) -> Finding | None:
        """The finding of exactly that id, suppressed or not."""
        for ran in self.ran.values():
            for found in ran.results:
                if isinstance(found, Finding) and found.id == wanted:
                    return found
        return None


def scan(project: Project, rules: Iterable[Rule], config: Config) -> Scan:
    """Run every rule over the tree."""
    for event, done in stages(project, rules, config):
        if done is not None:
            return done
        del event
    raise AssertionError("a scan ends with its result")


def stages(
    project: Project, rules: Iterable[Rule], config: Config, stop: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Event, Scan | None]]:
    """The same, step by step: an Event per rule with its findings, the last with the Scan. `stop` ends it early."""
    began = time.perf_counter()
    wanted = chosen(rules, config.select, ())
    ran: dict[str, Ran] = {}
    for number, rule in enumerate(wanted):
        if stop():
            break
        yield Event(SCANNING, number, len(wanted), text=rule.id), None
        ran[rule.id] = run(rule, project, config)
        found = tuple(f for f in ran[rule.id].results if isinstance(f, Finding))
        shown = tuple(f for f in found if hidden(f, config) is None and f.level >= config.min_severity)
        if shown:
            yield Event(FOUND, number + 1, len(wanted), findings=shown, text=rule.id), None
    done = tuple(r for r in wanted if r.id in ran)
    whole = _scan(project, done, config, ran, time.perf_counter() - began)
    yield Event(SCANNED, len(done), len(wanted), result=whole.result()), whole


def _scan(project: Project, rules: tuple[Rule, ...], config: Config, ran: Mapping[str, Ran], seconds: float) -> Scan:
    ids = frozenset(f.id for r in ran.values() for f in r.results if isinstance(f, Finding))
    return Scan(project, rules, config, ran, seconds, ids)


def run(rule: Rule, project: Project, config: Config) -> Ran:
    """Run one rule; whatever goes wrong inside it is kept as its failure and stops nothing else."""
    view = project.view(rule.id, {**rule.options, **config.options.get(rule.id, {})})
    if rule.applies and not view.files(*rule.applies):
        named = ", ".join(g.removeprefix("**/").removeprefix("/") for g in rule.applies)
        return Ran((NotApplicable(f"no {named} here", rule.id),), view.reads)
    results: list[Result] = []
    failed = ""
    try:
        results.extend(rule.check(view))
    except Refused as refused:
        failed = str(refused)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a parser's PanicException is no Exception
        failed = f"{type(error).__name__}: {error}"
    results = [r for r in results if not isinstance(r, Finding) or _is_inside(project, r)]
    if not results:
        results.append(_looked(view.reads))
    return Ran(tuple(_completed(rule, results, config)), view.reads, failed)


def _is_inside(project: Project, finding: Finding) -> bool:
    """Whether a finding is of the part that is asked about: a file of it, a place in it, or a file that it lacks."""
    inside = project.under + "/" if project.under else ""
    places = (finding.path, *(where.path for where in finding.locations))
    return any(p.startswith(inside) for p in places) or finding.path not in project.paths


def _looked(reads: Reads) -> Pass | NotApplicable:
    """What a rule that says nothing has read; one that could read nothing of what it wanted has not passed."""
    if not reads.paths:
        return Pass("no file holds what it looks for")
    lost, read = sorted(reads.paths & reads.skipped.keys()), sorted(reads.paths - reads.skipped.keys())
    if not read:
        return NotApplicable(f"not read: {', '.join(map(quoted, lost[:_NAMED]))}{', …' if len(lost) > _NAMED else ''}")
    count = plural(len(read), "file")
    names = f": {', '.join(map(quoted, read))}" if len(read) <= _NAMED else ""
    return Pass(f"nothing to mend in {count}{names}{f'; {len(lost)} not read' if lost else ''}")


def _completed(rule: Rule, results: list[Result], config: Config) -> Iterator[Result]:
    seen: dict[str, int] = {}
    for result in results:
        if isinstance(result, Finding):
            key = finding_id(rule.id, result.path, result.anchor)
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > 1:
                key = finding_id(rule.id, result.path, f"{result.anchor}#{seen[key]}")
            yield replace(
                result,
                rule=rule.id,
                id=key,
                title=rule.title,
                audit=result.audit or rule.audit,
                severity=result.severity or rule.severity,
                effort=result.effort or rule.effort,
                after=result.after or rule.after,
                fixes=_preferred([_named(f, rule) for f in result.fixes], config.prefer.get(rule.id, "")),
            )
        elif isinstance(result, Pass):
            yield replace(result, rule=rule.id, title=rule.title, audit=result.audit or rule.audit)
        else:
            yield replace(result, rule=rule.id)


def _named(fix: Fix, rule: Rule) -> Fix:
    return fix if fix.applicability is not None else replace(fix, applicability=rule.fix)


def _preferred(fixes: list[Fix], name: str) -> tuple[Fix, ...]:
    return tuple(sorted(fixes, key=lambda f: f.name != name)) if name else tuple(fixes)


def hidden(finding: Finding, config: Config) -> tuple[str, str] | None:
    """(reason, where) of the configuration's ignore that covers the finding, or None."""
    for ignore in config.ignore:
        if ignore.finding and ignore.finding != finding.id:
            continue
        if has_prefix(finding.rule, ignore.rule) and (not ignore.path or matches(finding.path, (ignore.path,))):
            return ignore.reason, config.where or "configuration"
    return None


def _by_comment(finding: Finding, view: Project) -> tuple[str, str] | None:
    """(reason, where) when comments take every line of the finding away; the view notes which ones."""
    lines = sorted({(finding.path, finding.line), *((p.path, p.line) for p in finding.locations)})
    lines = [(path, line) for path, line in lines if line]
    if not lines or any(view.keep(path, line) for path, line in lines):
        return None
    path, line, _ = next(iter(view.reads.hushed))
    return view.reads.hushed[(path, line, finding.rule)], f"{path}:{line}"


def _result(scan: Scan) -> ScanResult:
    met = Reads()
    for ran in scan.ran.values():
        met.met(ran.reads)
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    passes: list[Pass] = []
    absent: list[NotApplicable] = []
    problems: list[Problem] = []
    for rule in scan.rules:
        ran = scan.ran[rule.id]
        if ran.failed:
            problems.append(Problem(rule.id, f"the rule stopped: {ran.failed}"))
        for result in ran.results:
            if isinstance(result, Pass):
                if not ran.failed:
                    passes.append(result)
            elif isinstance(result, NotApplicable):
                absent.append(result)
            elif result.level >= scan.config.min_severity:
                why = hidden(result, scan.config)
                if why is None:
                    view = scan.project.view(rule.id)
                    why = _by_comment(result, view)
                    met.hushed |= view.reads.hushed
                if why is None:
                    findings.append(result)
                else:
                    suppressed.append(Suppressed(result, *why))
    findings.sort(key=order)
    problems += _idle(scan, suppressed, met)
    return ScanResult(
        tuple(findings),
        tuple(passes),
        tuple(absent),
        tuple(suppressed),
        tuple(Skip(p, r) for p, r in sorted(met.skipped.items())),
        tuple(problems),
        scan.project.count,
        len(scan.rules),
        scan.seconds,
    )


def order(finding: Finding) -> tuple[int, str, str, int, str]:
    """Most severe first, then by rule, path and line."""
    return (-finding.level, finding.rule, finding.path, finding.line, finding.id)


def _idle(scan: Scan, suppressed: list[Suppressed], met: Reads) -> Iterator[Problem]:
    """Ignores without a reason, and those that nothing needed."""
    ids = {r.id for r in scan.rules}
    marked = (p for p in sorted(scan.project.marked) if any(p in r.reads.paths for r in scan.ran.values()))
    for path, comment in ((p, c) for p in marked for c in scan.project.comments(p)):
        for name in comment.rules:
            if name not in ids:
                continue
            if not comment.reason:
                yield Problem(f"{path}:{comment.line}", f"`ignore[{name}]` has no reason, so it has no effect")
            elif (path, comment.line, name) not in met.hushed:
                yield Problem(f"{path}:{comment.line}", f"`ignore[{name}]` sets nothing aside; it can go")
    for ignore in scan.config.ignore:
        if any(has_prefix(i, ignore.rule) for i in ids) and not any(
            hidden(s.finding, Config(ignore=(ignore,))) for s in suppressed
        ):
            where = f" in {ignore.path}" if ignore.path else ""
            yield Problem(scan.config.where, f"the ignore of {ignore.rule}{where} sets nothing aside; it can go")
    every = {r.id for r in registry.rules()} | ids
    named = [*(i.rule for i in scan.config.ignore), *scan.config.options, *scan.config.prefer]
    for name in dict.fromkeys(named):
        if not any(has_prefix(i, name) for i in every):
            yield Problem(scan.config.where, f"no rule is called {name}")
