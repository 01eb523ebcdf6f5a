"""The catalogue of rules: one in full for `explain`, all of them for snapshots/rules.md."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from fixers.model import Applicability, Rule, Tree
from fixers.text import plural, safe_text

_SAFETY: Final = {
    Applicability.SAFE: "safe: behaviour is kept, or the fault is the behaviour",
    Applicability.UNSAFE: "unsafe: a reviewer should look at it",
    Applicability.MANUAL: "by hand: advice with steps, no edit",
}
_LONG: Final = 60
"""Lines of an example's diff that are shown; the rest is counted."""


def explained(rule: Rule) -> str:
    """One rule for a person in a terminal."""
    lines = [rule.id, rule.title + ".", "", rule.why, ""]
    lines.append(f"severity  {rule.severity.label}    effort  {rule.effort.label}")
    lines.append(f"fix       {_SAFETY[rule.fix]}")
    if rule.audit:
        lines.append(f"audit     {', '.join(rule.audit)}")
    if rule.options:
        lines.append("options   " + ", ".join(f"{k} = {v!r}" for k, v in rule.options.items()))
    lines += ["", "Example", "", *("    " + line for line in example(rule))]
    lines += [
        "",
        "To set it aside, with a reason:",
        "",
        f"    a comment on the line or alone above it:  readiness: ignore[{rule.id}] reason",
        "    or in readiness-fix.toml:",
        "        [[ignore]]",
        f'        rule = "{rule.id}"',
        '        path = "where/**"',
        '        reason = "why"',
        "",
    ]
    return "\n".join(lines)


def markdown(rules: Iterable[Rule]) -> str:
    """Every rule, by area, with its example as a diff."""
    known = tuple(rules)
    out = [
        "# Rules",
        "",
        f"{plural(len(known), 'rule')}. Made by `pytest --update` from the rules themselves; do not edit.",
        "",
    ]
    for area, group in groupby(known, key=lambda r: r.area):
        out += [f"## {area}", ""]
        for rule in group:
            audit = f" · audit {', '.join(rule.audit)}" if rule.audit else ""
            out += [f"### {rule.id}", "", f"**{rule.title}.** {rule.severity.label} · {_SAFETY[rule.fix]}{audit}", ""]
            out += [rule.why, "", "```diff", *example(rule), "```", ""]
    return "\n".join(out)


def example(rule: Rule) -> list[str]:
    """The rule's own example: what the fix does to `bad`, or `bad` itself when there is no edit."""
    bad, good = _texts(rule.bad_tree()), _texts(rule.good_tree())
    lines: list[str] = []
    if rule.fix is Applicability.MANUAL or rule.evidence_only:
        for path, text in sorted((good if rule.evidence_only else bad).items()):
            lines += [f"{path}:", *("  " + line for line in text.splitlines())]
    else:
        for path in sorted(bad.keys() | good.keys()):
            before, after = bad.get(path, "").splitlines(), good.get(path, "").splitlines()
            lines += [line.rstrip("\n") for line in difflib.unified_diff(before, after, path, path, lineterm="")]
    shown = [safe_text(line) for line in lines[:_LONG]]
    return [*shown, f"… {plural(len(lines) - _LONG, 'more line')}"] if len(lines) > _LONG else shown


def _texts(tree: Tree) -> dict[str, str]:
    return {p: t if isinstance(t, str) else t.decode("utf-8", "backslashreplace") for p, t in tree.items()}
