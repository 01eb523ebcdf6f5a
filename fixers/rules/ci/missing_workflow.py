"""A repository that nothing builds or tests."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts.building import builders
from fixers.facts.forge import FORGEJO, GITHUB, GITLAB, ci_systems, forge
from fixers.facts.jobs import ci_jobs
from fixers.facts.workflows import forgejo, github, gitlab
from fixers.model import Applicability, Context, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.templates import text

_TREE = {
    "Cargo.toml": '[package]\nname = "chat"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": "version = 4\n",
    "src/main.rs": "fn main() {}\n",
}


@rule(
    severity=Severity.HIGH,
    fix=Applicability.SAFE,
    audit=("M10",),
    after=("deps/missing-deny-toml",),
    context=Context(remotes=("https://github.com/example/chat.git",)),
    bad=_TREE,
    good=lambda: {**_TREE, ".github/workflows/ci.yml": text("examples/ci.yml")},
)
def check(project: Project) -> Iterator[Result]:
    """No continuous integration builds and tests the repository.

    Without it every change is merged on trust: formatting, lints and tests run only when somebody
    remembers to, and a broken main branch is found by the next deployment. Workflows that only audit
    dependencies, look after issues, publish or release build nothing.
    """
    systems = project.fact(builders)
    if systems:
        places = tuple(Location(paths[0]) for paths in systems.values())
        yield Pass(f"built by {', '.join(systems)}", places)
        return
    jobs = ci_jobs(project)
    if not jobs:
        yield NotApplicable("no Rust, Go, Python or JavaScript project that a workflow could build")
        return
    where = forge(project)
    draft = project.draft()
    idle = [Location(p, note="builds and tests nothing") for paths in project.fact(ci_systems).values() for p in paths]
    folder = ".forgejo" if where.kind == FORGEJO else ".github"
    names = [f"{folder}/workflows/{n}.yml" for n in ("ci", "build", "readiness-ci")]
    path = next((n for n in names if not project.exists(n)), names[-1])
    if where.kind == GITLAB:
        path = ".gitlab-ci.yml"
        draft.create(path, gitlab(project, jobs))
    elif where.kind == FORGEJO:
        draft.create(path, forgejo(project, jobs))
    else:
        draft.create(path, github(project, jobs))
    if where.kind not in (GITHUB, GITLAB, FORGEJO) and where.host:
        draft.refuse(f"what {where.host} runs is not known")
    notes = list(dict.fromkeys(f"{job.name}: {note}" for job in jobs for note in job.notes))
    yield Finding(
        path,
        f"no CI of any kind builds {', '.join(job.name for job in jobs)}",
        anchor="ci",
        fixes=draft.fixes("Build, lint and test every change"),
        locations=tuple(idle[:20]),
        steps=("Look at the first run before it becomes a required check", *notes),
    )
