"""Which fixes go into a run, in which order, and what a person's no becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from fixers.checks import unparsable
from fixers.editors.splice import Edit, splice
from fixers.model import Applicability, Change, Choice, Finding, Plan, Refused, ScanResult
from fixers.project import Project
from fixers.scan import order
from fixers.text import is_utf8, safe_text

_ROUNDS: Final = 3


def ordered(choices: Sequence[Choice]) -> Plan:
    """The choices in the order in which they will be committed: what others need first, then by severity."""
    waiting = sorted((c for c in choices if c.fix.changes), key=lambda c: order(c.finding))
    left = [(c.finding, "there is no edit; follow its steps") for c in choices if not c.fix.changes]
    done: list[Choice] = []
    while waiting:
        needed = {c.finding.rule for c in waiting}
        ready = next((c for c in waiting if not (set(c.finding.after) - {c.finding.rule}) & needed), waiting[0])
        waiting.remove(ready)
        done.append(ready)
    return Plan(tuple(done), tuple(left))


def sorted_out(findings: Sequence[Finding], *, unsafe: bool) -> tuple[list[Choice], list[tuple[Finding, str]]]:
    """What a bulk run takes, and why it leaves the others."""
    choices: list[Choice] = []
    left: list[tuple[Finding, str]] = []
    for finding in findings:
        fix = finding.fix
        if fix is None:
            why = finding.fixes[0].reason if finding.fixes else ""
            left.append((finding, f"by hand: {why}" if why else "by hand"))
        elif fix.individually:
            left.append((finding, f"only one at a time: {fix.reason}"))
        elif fix.applicability is not Applicability.SAFE and not unsafe:
            left.append((finding, f"unsafe: {fix.reason}"))
        else:
            choices.append(Choice(finding, fix))
    return choices, left


def rounds(plan: Plan, now: Callable[[], ScanResult]) -> Iterator[Plan]:
    """The plan, then what only its fixes brought to light, when the plan says so; three rounds at most."""
    tried: set[str] = set()
    for _ in range(_ROUNDS):
        yield plan
        tried |= {c.finding.id for c in plan.choices} | {f.id for f, _ in plan.left}
        if plan.more is None:
            return
        choices, left = sorted_out(
            [f for f in now().findings if f.id not in tried], unsafe=plan.more is Applicability.UNSAFE
        )
        if not choices:
            return
        plan = replace(ordered(choices), left=tuple(left), more=plan.more)


def ignoring(project: Project, where: str, finding: Finding, reason: str) -> Change:
    """The configuration with one more `[[ignore]]` at its end; every byte before it stays."""
    table = "tool.readiness-fix.ignore" if where == "pyproject.toml" else "ignore"
    plain = is_utf8(finding.path) and not set(finding.path) & set("*?{}")
    place = {"path": "/" + finding.path} if plain else {}  # else it would be read as a glob; the id says enough
    words = {"rule": finding.rule, **place, "finding": finding.id, "reason": safe_text(reason)}
    block = f"[[{table}]]\n" + "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in words.items())
    before = project.read(where) if project.entry(where) else None
    data = before or b""
    gap = b"" if not data else b"\n" if data.endswith(b"\n") else b"\n\n"
    change = Change(
        where, before, splice(data, [Edit(len(data), len(data), gap + block.encode())]), project.mode(where)
    )
    if broken := unparsable(change):
        raise Refused(f"{where} could not take the ignore: {broken}")
    return change
