"""The report that a person reads in a terminal or a log."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from fixers.model import Applicability, Applied, Failed, Finding, Outcome, Pass, ScanResult, Severity
from fixers.reports.areas import all_of, areas
from fixers.text import plural, safe_text

if TYPE_CHECKING:
    from fixers.audits import Answer

GLYPHS = {Severity.CRITICAL: "!!", Severity.HIGH: "! ", Severity.MEDIUM: "- ", Severity.LOW: ". "}
COLOURS = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}


def scan(console: Console, result: ScanResult, answers: Sequence[Answer] = (), *, quiet: bool = False) -> None:
    """Findings by severity, the items of an audit, passes, what did not apply, what was skipped, and the count."""
    for level, group in groupby(result.findings, key=lambda f: f.level):
        found = list(group)
        console.print(Text(f"{level.label.upper()} ({len(found)})", style=COLOURS[level]))
        for finding in found:
            _finding(console, finding)
        console.print()
    for line in audited(answers):
        console.print(Text(line), soft_wrap=True)
    if answers:
        console.print()
    if not quiet:
        _rest(console, result)
        _areas(console, result)
    console.print(Text(closing(result), style="bold"))


def audited(answers: Sequence[Answer]) -> Iterator[str]:
    """The items of an audit with what became of each; a row of a table that repeats an item is left out."""
    from fixers.audits import words

    shown = [a for a in answers if a.item.kind != "row"]
    told = {r for a in shown for r in a.rules}
    shown += [a for a in answers if a.item.kind == "row" and not set(a.rules) & told]
    if not shown:
        return
    counts = Counter(a.state.value for a in shown)
    yield f"Audit ({plural(len(shown), 'item')}: {', '.join(f'{n} {state}' for state, n in counts.items())})"
    for answer in shown:
        item = answer.item
        said = f" (the document says {item.said.lower()})" if item.closed else ""
        name = f"{item.number}. {item.title}" if item.number else item.title
        yield f"  line {item.line}: {safe_text(name, limit=80)}{said}"
        yield f"      {words(answer)}"


def _finding(console: Console, finding: Finding) -> None:
    place = safe_text(finding.path) + (f":{finding.line}" if finding.line else "")
    head = Text.assemble(
        (f" {GLYPHS[finding.level]} ", COLOURS[finding.level]),
        (place, "bold"),
        f"  {finding.rule}  ",
        (finding.id, "dim"),
        ("  " + fix_word(finding), "dim"),
    )
    console.print(head, soft_wrap=True)
    console.print(Text("      " + safe_text(finding.message)), soft_wrap=True)


def fix_word(finding: Finding) -> str:
    """Who may apply it, in words: ``safe fix``, ``unsafe fix``, ``by hand``."""
    if finding.applicability is Applicability.MANUAL:
        return "by hand"
    fix = finding.fix
    alone = ", one at a time" if fix is not None and fix.individually else ""
    return f"{finding.applicability.value} fix{alone}"


def _rest(console: Console, result: ScanResult) -> None:
    found = {f.rule for f in result.findings}
    passed = [(p.rule, p.evidence + (_in(p) if p.rule in found else "")) for p in result.passes]
    for title, lines in (
        (f"Passed ({len(passed)})", list(_grouped(passed))),
        (
            f"Does not apply ({len(result.not_applicable)})",
            list(_grouped((n.rule, n.reason) for n in result.not_applicable)),
        ),
        (
            f"Set aside ({len(result.suppressed)})",
            [f"{s.finding.rule} in {s.finding.path}: {s.reason} ({s.where})" for s in result.suppressed],
        ),
        (f"Not read ({len(result.skipped)})", [f"{s.path}: {s.reason}" for s in result.skipped]),
        (f"Problems ({len(result.problems)})", [f"{p.where}: {p.message}" for p in result.problems]),
    ):
        if lines:
            console.print(Text(title, style="bold"))
            for line in lines:
                console.print(Text("  " + safe_text(line)), soft_wrap=True)
            console.print()


def _areas(console: Console, result: ScanResult) -> None:
    found = areas(result.findings, result.passes)
    if found:
        console.print(Text("Readiness by area", style="bold"))
        wide = max(len(a.name) for a in found)
        for area in (*found, all_of(found)):
            console.print(Text(f"  {area.name:<{wide}}  {area.open:>4} open  {area.passed:>4} passed"), soft_wrap=True)
        console.print()


def _in(passed: Pass) -> str:
    """Where a rule passed that has findings elsewhere."""
    return f" ({', '.join(dict.fromkeys(p.path for p in passed.locations))})" if passed.locations else ""


def _grouped(said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """`rule: sentence`, and once each sentence that several rules say, with their ids below it."""
    by: dict[str, list[str]] = {}
    for rule, sentence in said:
        by.setdefault(sentence, []).append(rule)
    yield from (f"{rules[0]}: {sentence}" for sentence, rules in by.items() if len(rules) == 1)
    for sentence, rules in by.items():
        if len(rules) > 1:
            yield f"{sentence}:"
            yield from textwrap.wrap(
                ", ".join(rules), 96, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
            )


def closing(result: ScanResult) -> str:
    """The last line: what was looked at and how much was found."""
    looked = f"{plural(result.files, 'file')}, {plural(result.rules, 'rule')}, {result.seconds:.1f} s"
    if not result.findings:
        return f"No findings in {looked}."
    counts = ", ".join(
        f"{sum(f.level is s for f in result.findings)} {s.label}"
        for s in sorted(Severity, reverse=True)
        if any(f.level is s for f in result.findings)
    )
    aside = f"; {len(result.suppressed)} set aside" if result.suppressed else ""
    return f"{plural(len(result.findings), 'finding')} ({counts}{aside}) in {looked}."


def outcomes(done: Iterable[Outcome]) -> Iterator[str]:
    """One sentence per outcome."""
    for outcome in done:
        finding = outcome.finding
        name = f"{finding.rule} {safe_text(finding.path)}"
        if isinstance(outcome, Applied):
            said = [f"unverified: {outcome.unverified}"] if outcome.unverified else []
            said += [outcome.note] if outcome.note else []
            note = f" ({safe_text('; '.join(said))})" if said else ""
            yield f"committed {outcome.commit[:10]} {name}{note}"
        elif isinstance(outcome, Failed):
            yield f"dropped   {'':10} {name}: {safe_text(outcome.reason)}"
        else:
            yield f"left      {'':10} {name}: {safe_text(outcome.reason)}"
