"""A summary in Markdown, fit for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fixers.model import Applied, Failed, Finding, Outcome, ScanResult
from fixers.text import plural, safe_text


def literal(text: str) -> str:
    """Text of a repository as Markdown shows it literally: no link, no markup, no mention."""
    return re.sub(r"([\\`*_\[\]<>|~#!@])", r"\\\1", safe_text(text))


def summary(outcomes: Iterable[Outcome], target: str, result: ScanResult | None, commands: Sequence[str] = ()) -> str:
    """What was committed and what was not, with the reasons, and what is still open."""
    done = list(outcomes)
    applied = [o for o in done if isinstance(o, Applied)]
    lost = [o for o in done if isinstance(o, Failed)]
    lines = ["## Production readiness", ""]
    where = f" on `{safe_text(target)}`" if target else ""
    lines += [f"{plural(len(applied), 'fix', 'fixes')} committed{where}, one commit each.", ""]
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
    left = list(result.findings) if result else []
    if left:
        lines += [f"Still open ({len(left)}):", ""] + [_open(f) for f in left] + [""]
    if commands:
        lines += ["```sh", *(safe_text(c) for c in commands), "```", ""]
    return "\n".join(lines)


def _open(finding: Finding) -> str:
    place = literal(finding.path) + (f":{finding.line}" if finding.line else "")
    return f"- {finding.level.label}: {literal(finding.title)} ({finding.rule}), {place}"
