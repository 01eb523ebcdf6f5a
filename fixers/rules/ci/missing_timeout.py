"""Jobs that may hang for six hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixers.editors import yaml
from fixers.facts.github import GLOBS, Workflow, workflows
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_SHORT: Final = "ubuntu-slim"
"""GitHub's runner that stops every job after 15 minutes by itself."""
_HEAD = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n"
_STEPS = "    steps:\n      - run: make test\n"


@rule(
    severity=Severity.LOW,
    fix=Applicability.UNSAFE,
    applies=GLOBS[:3],
    options={"minutes": 60},
    bad={".github/workflows/ci.yml": _HEAD + _STEPS},
    good={".github/workflows/ci.yml": f"{_HEAD}    timeout-minutes: 60\n{_STEPS}"},
)
def check(project: Project) -> Iterator[Result]:
    """Jobs have no time limit of their own.

    A job that hangs is stopped after six hours: until then it holds a runner, costs minutes, and the change
    that caused it looks as if it were still being built. Gitea ignores the limit, and is not asked for it.
    """
    limited = []
    minutes = project.option("minutes")
    for flow in project.fact(workflows):
        if flow.path.startswith(".gitea/"):
            continue
        lines = project.parsed(flow.path, yaml.lines)
        open_ended = [j for j in _open_ended(flow) if project.keep(flow.path, lines.get(("jobs", j), 0))]
        if not open_ended:
            limited.append(Location(flow.path))
            continue
        draft = project.draft()
        for job in open_ended:
            draft.edit(flow.path, yaml.insert_key, ("jobs", job), "timeout-minutes", minutes, after="runs-on")
        yield Finding(
            flow.path,
            f"no time limit: {', '.join(open_ended[:6])}",
            line=lines.get(("jobs", open_ended[0]), 0),
            anchor="timeout",
            locations=tuple(Location(flow.path, lines.get(("jobs", j), 0), note=j) for j in open_ended),
            fixes=draft.fixes(f"Stop jobs after {minutes} minutes", reason="a job that takes longer is stopped"),
        )
    if limited:
        yield Pass("every job has a time limit", tuple(limited))


def _open_ended(flow: Workflow) -> list[str]:
    """Jobs that run steps and have no limit, neither their own nor one on each of their steps."""
    found = []
    for job, data in flow.jobs.items():
        steps = flow.steps(job)
        stepwise = steps and all("timeout-minutes" in s.data for s in steps)
        if "timeout-minutes" not in data and data.get("runs-on", _SHORT) != _SHORT and not stepwise:
            found.append(job)
    return found
