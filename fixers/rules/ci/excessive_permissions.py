"""Workflows whose token may do more than their jobs need."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import yaml
from fixers.facts.github import GLOBS, Workflow, only_reads, workflows
from fixers.model import Applicability, Finding, Fix, Location, Pass, Result, Severity, rule
from fixers.project import Project

_JOBS = "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n"


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    applies=GLOBS[:2],
    bad={".github/workflows/ci.yml": f"name: CI\non: push\n\n{_JOBS}"},
    good={".github/workflows/ci.yml": f"name: CI\non: push\n\npermissions:\n  contents: read\n\n{_JOBS}"},
)
def check(project: Project) -> Iterator[Result]:
    """The workflow's token may write what no job has to write.

    Without `permissions` the token has whatever the repository's default is, often everything; a dependency
    or an action that is broken into can then push code and publish releases. Only jobs whose every step is
    known to read are narrowed: publishing, comments and reusable workflows are left to a person.
    """
    narrow = []
    for flow in project.fact(workflows):
        if not flow.path.startswith(".github/"):
            continue
        top = flow.data.get("permissions")
        broad = top == "write-all"
        bare = [job for job, data in flow.jobs.items() if "permissions" not in data]
        lines = project.parsed(flow.path, yaml.lines)
        line = lines.get(("permissions",) if broad else ("jobs",), 0)
        if (not broad and top is not None) or (not broad and not bare):
            narrow.append(Location(flow.path))
        elif project.keep(flow.path, line):
            yield Finding(
                flow.path,
                "permissions: write-all" if broad else f"no permissions for {', '.join(bare[:4])}",
                line=line,
                anchor="permissions",
                fixes=_fixes(project, flow, bare, broad),
                steps=("Give each job that writes its own `permissions`, and the workflow `contents: read`",),
            )
    if narrow:
        yield Pass("workflows say what their tokens may do", tuple(narrow))


def _fixes(project: Project, flow: Workflow, bare: list[str], broad: bool) -> tuple[Fix, ...]:
    draft = project.draft()
    writing = [job for job in bare if not only_reads(flow, job)]
    if writing:
        draft.refuse(f"what {', '.join(writing[:4])} does with its token cannot be told: narrow it by hand")
    elif broad:
        draft.edit(flow.path, yaml.set_value, ("permissions",), {"contents": "read"})
    else:
        draft.edit(flow.path, yaml.insert_key, (), "permissions", {"contents": "read"}, before="jobs")
    return draft.fixes("Let the token read only")
