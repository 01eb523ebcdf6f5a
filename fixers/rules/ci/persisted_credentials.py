"""Checkouts that leave the token where every later step can read it."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import yaml
from fixers.facts.github import GLOBS, Step, Workflow, needs_git, workflows
from fixers.model import Applicability, Finding, Fix, Location, Pass, Result, Severity, rule
from fixers.project import Project

_HEAD = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
_RUN = "      - run: make test\n"


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    applies=GLOBS[:2],
    bad={".github/workflows/ci.yml": _HEAD + _RUN},
    good={".github/workflows/ci.yml": f"{_HEAD}        with:\n          persist-credentials: false\n{_RUN}"},
)
def check(project: Project) -> Iterator[Result]:
    """A checkout leaves the token in the work tree.

    `actions/checkout` writes the token into .git/config for later git commands; every step, and every
    artifact that is made of the folder, can read it there. It is taken away where no later step talks to
    the remote.
    """
    clean = []
    for flow in project.fact(workflows):
        if not flow.path.startswith(".github/"):
            continue
        lines = project.parsed(flow.path, yaml.lines)
        found = [(j, s) for j in flow.jobs for s in flow.steps(j) if _leaves(s)]
        found = [(j, s) for j, s in found if project.keep(flow.path, lines.get(s.where, 0))]
        plain = [s for j, s in found if not needs_git(flow, j, s)]
        if not plain:
            clean.append(Location(flow.path))
            continue
        draft = project.draft()
        for step in plain:
            if isinstance(step.data.get("with"), dict):
                draft.edit(flow.path, yaml.insert_key, (*step.where, "with"), "persist-credentials", False)
            else:
                draft.edit(flow.path, yaml.insert_key, step.where, "with", {"persist-credentials": False}, after="uses")
        yield _finding(flow, plain, lines, draft.fixes("Do not keep the token after the checkout"))
    if clean:
        yield Pass("checkouts keep no token that nobody needs", tuple(clean))


def _leaves(step: Step) -> bool:
    inputs = step.data.get("with")
    told = isinstance(inputs, dict) and "persist-credentials" in inputs
    return step.uses.startswith("actions/checkout@") and not told


def _finding(
    flow: Workflow, plain: list[Step], lines: dict[tuple[str | int, ...], int], fixes: tuple[Fix, ...]
) -> Finding:
    places = tuple(Location(flow.path, lines.get(s.where, 0)) for s in plain)
    count = f"{len(plain)} checkouts keep" if len(plain) > 1 else "the checkout keeps"
    message = f"{count} the token for all later steps"
    return Finding(flow.path, message, line=places[0].line, anchor="checkout", locations=places, fixes=fixes)
