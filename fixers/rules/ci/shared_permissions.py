"""Permissions of a whole workflow that only some of its jobs need."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

from fixers.editors import yaml
from fixers.facts.github import GLOBS, Workflow, only_reads, workflows
from fixers.facts.token_needs import reads_for_sure, token_needs
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Draft, Project

_SILENT: Final = ("id-token", "attestations")
"""Scopes that a script may use without naming them."""
_TOP = "on: push\npermissions:\n  contents: write\njobs:\n"
_TEST = "  test:\n    runs-on: ubuntu-latest\n{}    steps:\n      - run: make test\n"
_TAG = "  tag:\n    runs-on: ubuntu-latest\n    steps:\n      - run: git push --tags\n"
_READ: Final = {"contents": "read"}


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    applies=GLOBS[:2],
    bad={".github/workflows/ci.yml": _TOP + _TEST.format("") + _TAG},
    good={".github/workflows/ci.yml": _TOP + _TEST.format("    permissions:\n      contents: read\n") + _TAG},
)
def check(project: Project) -> Iterator[Result]:
    """What one job has to write, all jobs of the workflow may write.

    Permissions of the workflow go to each job that has none of its own: a test that runs somebody's new
    dependency can then push code, because another job makes the release. Only jobs that are known to read are
    told, beside one that may write, and no job is granted more than it has; scopes that
    nobody can be seen to need are left to who wrote them down.
    """
    apart = []
    for flow in project.fact(workflows):
        top = flow.data.get("permissions")
        if not flow.path.startswith(".github/") or not isinstance(top, dict):
            continue
        found = _found(project, flow, top)
        if found is not None:
            yield found
        elif "write" in top.values():
            apart.append(Location(flow.path))
    if apart:
        yield Pass("no job is known to have permissions for nothing", tuple(apart))


def _found(project: Project, flow: Workflow, top: dict[str, Any]) -> Finding | None:
    written = [scope for scope, level in top.items() if level == "write" and scope not in _SILENT]
    heirs = [job for job, data in flow.jobs.items() if "permissions" not in data]
    needs = {job: token_needs(flow, job) for job in heirs}
    writes = {job: [s for s, level in (need or {}).items() if level == "write"] for job, need in needs.items()}
    idle = [
        j for j in heirs if needs[j] is not None and not any(s in written or top.get(s) != "write" for s in writes[j])
    ]
    line = project.parsed(flow.path, yaml.lines).get(("permissions",), 0)
    sure = len(idle) < len(heirs) or all(reads_for_sure(flow, job) for job in heirs)
    if not written or not idle or not sure or not project.keep(flow.path, line):
        return None
    draft = project.draft()
    busy = [job for job in heirs if job not in idle]
    if len(busy) < len(idle) and not _commented(project.text(flow.path), line):
        for job in busy:
            after = "uses" if "uses" in flow.jobs[job] else "runs-on"
            draft.edit(flow.path, yaml.insert_key, ("jobs", job), "permissions", dict(top), after=after)
        _lower(draft, flow, top)
    else:
        for job in idle:
            draft.edit(flow.path, yaml.insert_key, ("jobs", job), "permissions", needs[job], after="runs-on")
    plain = all(only_reads(flow, job) and reads_for_sure(flow, job) for job in idle)
    title, reason = "Let only the jobs write that have to", "a job that writes more than its commands tell will fail"
    fixes = draft.fixes(title) if plain else draft.fixes(title, Applicability.UNSAFE, reason)
    what = f"{', '.join(idle[:4])} may write {', '.join(written[:4])}, and only read{'s' if len(idle) == 1 else ''}"
    return Finding(flow.path, what, line=line, anchor="permissions", fixes=fixes)


def _lower(draft: Draft, flow: Workflow, top: dict[str, Any]) -> None:
    """The workflow's own permissions without what they write."""
    written = [scope for scope, level in top.items() if level == "write"]
    if len(written) == len(top) and "contents" not in top:
        draft.edit(flow.path, yaml.set_value, ("permissions",), _READ)
        return
    for scope in written:
        if scope == "contents":
            draft.edit(flow.path, yaml.set_value, ("permissions", scope), "read")
        else:
            draft.edit(flow.path, yaml.delete, ("permissions", scope))


def _commented(text: str, line: int) -> bool:
    """Whether comments stand among the permissions that begin on a line."""
    block = itertools.takewhile(lambda row: row[:1] in (" ", "\t"), text.splitlines()[line:])
    return any("#" in row for row in block)
