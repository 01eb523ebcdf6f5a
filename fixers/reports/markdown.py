"""A summary in Markdown, fit for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from fixers.model import Applied, Failed, Finding, Outcome, ScanResult
from fixers.reports.areas import all_of, areas
from fixers.text import plural, safe_text


def literal(text: str) -> str:
    """Text of a repository as Markdown shows it literally: no link, no markup, no mention."""
    return re.sub(r"([\\`*_\[\]<>|~#!@])", r"\\\1", safe_text(text))


def summary(
    outcomes: Iterable[Outcome],
    target: str,
    result: ScanResult | None,
    commands: Sequence[str] = (),
    earlier: Mapping[str, str] | None = None,
) -> str:
    """What was committed and what was not, with the reasons, what is still open, and readiness by area.

    `earlier` are commits of runs before this one: commit to title.
    """
    done, before = list(outcomes), earlier or {}
    applied = [o for o in done if isinstance(o, Applied)]
    lost = [o for o in done if isinstance(o, Failed)]
    lines = ["## Production readiness", ""]
    where = f" on `{safe_text(target)}`" if target else ""
    lines += [f"{plural(len(applied) + len(before), 'fix', 'fixes')} committed{where}, one commit each.", ""]
    lines += [f"- `{commit[:10]}` {literal(title)}" for commit, title in before.items()] + [""] * bool(before)
    if applied:
        lines += ["| commit | severity | what | where | safety |", "| --- | --- | --- | --- | --- |"]
        for o in applied:
            safety = o.fix.applicability.value if o.fix.applicability else ""
            lines.append(
                f"| `{o.commit[:10]}` | {o.finding.level.label} | {literal(o.finding.title)} ({o.finding.rule}) "
                f"| {literal(o.finding.path)} | {safety} |"
            )
        lines.append("")
    if lost:
        lines += ["Dropped:", ""]
        lines += [f"- {o.finding.rule} in {literal(o.finding.path)}: {literal(o.reason)}" for o in lost] + [""]
    if result and result.findings:
        lines += [f"Still open ({len(result.findings)}):", ""] + [_open(f) for f in result.findings] + [""]
    if result:
        lines += _areas(result, [o.finding for o in applied])
    if commands:
        lines += ["```sh", *(safe_text(c) for c in commands), "```", ""]
    return "\n".join(lines)


def _areas(result: ScanResult, fixed: Iterable[Finding]) -> list[str]:
    found = areas(result.findings, result.passes, fixed)
    if not found:
        return []
    rows = [f"| {a.name} | {a.open} | {a.fixed} | {a.passed} |" for a in (*found, all_of(found))]
    return ["| area | open | fixed | passed |", "| --- | ---: | ---: | ---: |", *rows, ""]


def _open(finding: Finding) -> str:
    place = literal(finding.path) + (f":{finding.line}" if finding.line else "")
    return f"- {finding.level.label}: {literal(finding.title)} ({finding.rule}), {place}"
