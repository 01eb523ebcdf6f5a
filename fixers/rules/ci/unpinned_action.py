"""Actions that a workflow takes by a tag that somebody else can move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from fixers.editors import pins, yaml
from fixers.facts.actions import Release, release
from fixers.facts.github import GLOBS, Step, Workflow, workflows
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OWN: Final = re.compile(r"^(?:actions|github)/")
_BY_NAME: Final = {"dtolnay/rust-toolchain": "toolchain", "taiki-e/install-action": "tool"}
"""Actions whose branches stand for a value of an input, which a pin has to give instead."""
_HEAD = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: "


def _known(action: str, ref: str) -> str:
    found = release(action, ref)
    return f"{action}@{found.commit} # {found.tag}" if found else ""


Use: TypeAlias = tuple[Step, str, str, int]
"""A step, the action that it uses, the ref, and the line."""


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    applies=GLOBS,
    bad={".github/workflows/ci.yml": f"{_HEAD}docker/login-action@v3\n"},
    good=lambda: {".github/workflows/ci.yml": f"{_HEAD}{_known('docker/login-action', 'v3')}\n"},
)
def check(project: Project) -> Iterator[Result]:
    """Actions are taken by a tag or branch that can be moved.

    Whoever controls the action's repository, or breaks into it, changes what runs with this repository's
    token and secrets without a change here. A commit cannot be moved. Commits come from a table of releases
    that we know; an action that is not in it gets advice, never a guess.
    """
    pinned = []
    for flow in project.fact(workflows):
        loose = list(_loose(project, flow))
        known = [use for use in loose if _release(use[1], use[2]) is not None]
        unknown = [use for use in loose if use not in known]
        if known:
            yield _finding(project, flow, known, "actions")
        if unknown:
            yield _finding(project, flow, unknown, "unknown actions")
        if not loose and any(s.uses for s in flow.all_steps()):
            pinned.append(Location(flow.path))
    if pinned:
        yield Pass("actions are pinned to commits", tuple(pinned))


def _loose(project: Project, flow: Workflow) -> Iterator[Use]:
    lines = project.parsed(flow.path, yaml.lines)
    for step in flow.all_steps():
        action, at, ref = step.uses.partition("@")
        line = lines.get((*step.where, "uses"), 0)
        remote = at and "$" not in ref and not action.startswith((".", "docker:"))
        if remote and not _SHA.fullmatch(ref) and project.keep(flow.path, line):
            yield step, action, ref, line


def _finding(project: Project, flow: Workflow, loose: list[Use], anchor: str) -> Finding:
    draft = project.draft()
    unknown: list[str] = []
    known: dict[tuple[str | int, ...], tuple[str, str]] = {}
    for step, action, ref, _ in loose:
        found = _release(action, ref)
        if found is None:
            unknown.append(f"{action}@{ref}")
            continue
        known[(*step.where, "uses")] = (f"{action}@{found.commit}", found.tag)
    if known:
        draft.edit(flow.path, pins.replace, known)
    steps = tuple(_advice(name) for name in sorted(set(unknown)))
    names = ", ".join(dict.fromkeys(f"{a}@{r}" for _, a, r, _ in loose[:4]))
    more = f" and {len(loose) - 4} more" if len(loose) > 4 else ""
    return Finding(
        flow.path,
        f"not pinned to a commit: {names}{more}",
        line=loose[0][3],
        anchor=anchor,
        severity=Severity.LOW if all(_OWN.match(a) for _, a, _, _ in loose) else None,
        locations=tuple(Location(flow.path, line, note=f"{a}@{r}") for _, a, r, line in loose),
        fixes=draft.fixes("Pin the actions to commits") if known else (),
        steps=steps,
    )


def _advice(use: str) -> str:
    action, _, ref = use.partition("@")
    given = _BY_NAME.get(action.lower())
    if given and (given == "toolchain" or not re.match(r"v\d", ref)):
        value = f" and give `{given}: {ref}`" if ref not in ("master", "main") else ""
        return f"{use}: the branch stands for an input: pin a commit of its main line by hand{value}"
    return f"{use}: no release of it is in our table; pin it to a commit by hand"


def _release(action: str, ref: str) -> Release | None:
    """The release that a tag stands for; None for a branch."""
    return release(action, ref) if re.fullmatch(r"v?\d[\d.]*", ref) else None
