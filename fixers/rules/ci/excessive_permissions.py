"""Workflows whose token may do more than their jobs need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fixers.editors import yaml
from fixers.facts.github import GLOBS, Workflow, only_reads, workflows
from fixers.facts.token_needs import Needs, token_needs
from fixers.model import Applicability, Finding, Fix, Location, Pass, Result, Severity, rule
from fixers.project import Draft, Project

_JOBS = "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n"
_READ: Needs = {"contents": "read"}


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
    or an action that is broken into can then push code and publish releases. Jobs that only read are narrowed;
    a job that writes gets what its actions and commands are known to write, and one that calls another
    workflow or runs a script with a secret is left to a person.
    """
    narrow = []
    for flow in project.fact(workflows):
        if not flow.path.startswith(".github/"):
            continue
        found = list(_found(project, flow))
        yield from found
        if not found:
            narrow.append(Location(flow.path))
    if narrow:
        yield Pass("workflows say what their tokens may do", tuple(narrow))


def _found(project: Project, flow: Workflow) -> Iterator[Finding]:
    top = flow.data.get("permissions")
    lines = project.parsed(flow.path, yaml.lines)
    open_jobs = [j for j, data in flow.jobs.items() if _is_open(data, top)]
    if open_jobs:
        own = [j for j in open_jobs if "permissions" in flow.jobs[j]]
        what = f"no permissions for {', '.join(open_jobs[:4])}"
        what = (
            "permissions: write-all" if top == "write-all" else f"write-all for {', '.join(own[:4])}" if own else what
        )
        where = ("jobs", own[0], "permissions") if own else ("permissions",) if top == "write-all" else ("jobs",)
        needs = {job: token_needs(flow, job) for job in open_jobs}
        known = [j for j in open_jobs if needs[j] is not None]
        if not project.keep(flow.path, lines.get(where, 0)):
            return
        if 0 < len(known) < len(open_jobs):
            said = f"no permissions for {', '.join(known[:4])}"
            yield _finding(flow, said, lines.get(("jobs", known[0]), 0), "jobs", _job_by_job(project, flow, needs))
            rest = [j for j in open_jobs if needs[j] is None]
            what = f"no permissions for {', '.join(rest[:4])}" if top is None and not own else what
        yield _finding(flow, what, lines.get(where, 0), "permissions", _whole(project, flow, needs))


def _is_open(data: Any, top: object) -> bool:
    """Whether a job's token may do everything: no permissions of its own and none above it, or `write-all`."""
    own = data.get("permissions", top)
    return own is None or own == "write-all"


def _finding(flow: Workflow, what: str, line: int, anchor: str, fixes: tuple[Fix, ...]) -> Finding:
    steps = ("Give each job that writes its own `permissions`, and the workflow `contents: read`",)
    return Finding(flow.path, what, line=line, anchor=anchor, fixes=fixes, steps=steps)


def _grant(draft: Draft, flow: Workflow, job: str, needs: Needs) -> None:
    """Give a job permissions of its own."""
    if "permissions" in flow.jobs[job]:
        draft.edit(flow.path, yaml.set_value, ("jobs", job, "permissions"), needs)
    else:
        draft.edit(flow.path, yaml.insert_key, ("jobs", job), "permissions", needs, after="runs-on")


def _told(draft: Draft, title: str, flow: Workflow, jobs: Iterable[str]) -> tuple[Fix, ...]:
    if all(only_reads(flow, job) for job in jobs):
        return draft.fixes(title)
    reason = "what a job writes is told by its actions and commands: one that writes more will fail"
    return draft.fixes(title, Applicability.UNSAFE, reason)


def _whole(project: Project, flow: Workflow, needs: dict[str, Needs | None]) -> tuple[Fix, ...]:
    """`contents: read` for the workflow, and more for the jobs that write."""
    draft = project.draft()
    unknown = [job for job, need in needs.items() if need is None]
    known = {job: need for job, need in needs.items() if need is not None}
    top = flow.data.get("permissions")
    if unknown:
        draft.refuse(f"what {', '.join(unknown[:4])} does with its token cannot be told: narrow it by hand")
    else:
        if top == "write-all":
            draft.edit(flow.path, yaml.set_value, ("permissions",), _READ)
        elif top is None:
            draft.edit(flow.path, yaml.insert_key, (), "permissions", _READ, before="jobs")
        for job, need in known.items():
            if need != _READ or "permissions" in flow.jobs[job]:
                _grant(draft, flow, job, need)
    return _told(draft, "Let the token read only", flow, known)


def _job_by_job(project: Project, flow: Workflow, needs: dict[str, Needs | None]) -> tuple[Fix, ...]:
    """Permissions for the jobs of which it is known what they write, beside others."""
    draft = project.draft()
    known = {job: need for job, need in needs.items() if need is not None}
    for job, need in known.items():
        _grant(draft, flow, job, need)
    return _told(draft, f"Let the token of {', '.join(list(known)[:4])} do what is needed", flow, known)
