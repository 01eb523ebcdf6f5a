"""Dependencies that no check in the CI compares with the known vulnerabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fixers.editors import yaml
from fixers.facts.audits import audits
from fixers.facts.forge import FORGEJO, GITHUB, GITLAB, ci_systems, forge
from fixers.facts.jobs import Job, audit_jobs
from fixers.facts.workflows import command, forgejo, github, gitlab_job
from fixers.model import Applicability, Context, Finding, NotApplicable, Pass, Refused, Result, Severity, rule
from fixers.project import Draft, Project
from fixers.templates import text

_TREE = {
    "Cargo.toml": '[package]\nname = "chat"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": "version = 4\n",
    "src/main.rs": "fn main() {}\n",
    ".github/workflows/ci.yml": "name: CI\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n"
    "    steps:\n      - run: cargo test\n",
}


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("M12",),
    after=("ci/missing-workflow", "deps/missing-deny-toml"),
    context=Context(remotes=("https://github.com/example/chat.git",)),
    bad=_TREE,
    good=lambda: {**_TREE, ".github/workflows/audit.yml": text("examples/audit.yml")},
)
def check(project: Project) -> Iterator[Result]:
    """No check in the CI looks for known vulnerabilities in dependencies.

    Advisories appear for code that nobody has touched. A job that runs every week, and whenever a lock
    file changes, tells the maintainers before somebody else does; it does not run on other pull requests,
    so an advisory elsewhere never blocks them.
    """
    jobs = audit_jobs(project)
    if not jobs:
        yield NotApplicable("no lock file whose dependencies could be audited")
        return
    known = project.fact(audits)
    missing = [job for job in jobs if job.language not in known.places]
    policy = [p for p in project.files("/deny.toml", "/.cargo/deny.toml") if known.denies is None]
    if not missing and not policy:
        yield Pass("dependencies are audited in CI", tuple(dict.fromkeys(known.places.values())))
        return
    idle = f"CI never runs cargo deny, so {policy[0]} decides nothing" if not missing else ""
    missing = missing or [job for job in jobs if job.language == "rust"]
    draft = project.draft()
    path = _drafted(project, draft, missing)
    bot = project.files("dependabot.y*ml", "renovate.json*", ".renovaterc*")
    names = ", ".join(dict.fromkeys(job.name for job in missing))
    yield Finding(
        policy[0] if idle else path,
        idle or f"nothing audits the dependencies of {names}",
        anchor="deny" if idle else "audit",
        severity=Severity.LOW if bot and not idle else None,
        fixes=draft.fixes("Audit the dependencies every week and when a lock file changes"),
        steps=("The job is red at once when a dependency has a known vulnerability now: that is its purpose",),
    )


def _drafted(project: Project, draft: Draft, jobs: Sequence[Job]) -> str:
    """Put the audit where the repository's CI is, and say where that is."""
    systems, kind = project.fact(ci_systems), forge(project).kind
    if "GitHub Actions" in systems or (not systems and kind in ("", GITHUB)):
        names = [f".github/workflows/{n}.yml" for n in ("audit", "dependency-audit", "readiness-audit")]
        path = next((n for n in names if not project.exists(n)), names[-1])
        draft.create(path, github(project, jobs, "ci/audit.yml"))
        return path
    if (not systems and kind == FORGEJO) or "Forgejo Actions" in systems:
        draft.create(".forgejo/workflows/audit.yml", forgejo(project, jobs, "ci/forgejo-audit.yml"))
        return ".forgejo/workflows/audit.yml"
    if "GitLab CI" in systems and project.exists(".gitlab-ci.yml"):
        _into_pipeline(project, draft, jobs)
        return ".gitlab-ci.yml"
    commands = "; ".join(command(job) for job in jobs)
    where = next(iter(systems), "GitLab CI" if kind == GITLAB else "the CI")
    draft.refuse(f"add a scheduled job to {where} by hand: {commands}")
    return next(iter(next(iter(systems.values()), ("",))), "")


def _into_pipeline(project: Project, draft: Draft, jobs: Sequence[Job]) -> None:
    """The audit as jobs of the GitLab pipeline that is there, in its test stage or else its last one."""
    try:
        stages = project.parsed(".gitlab-ci.yml", yaml.load).get("stages")
    except (Refused, AttributeError):
        draft.refuse(".gitlab-ci.yml cannot be read as one document")
        return
    listed = [s for s in stages if isinstance(s, str)] if isinstance(stages, list) else []
    stage = "" if not listed or "test" in listed else listed[-1]
    for job in jobs:
        draft.edit(".gitlab-ci.yml", yaml.insert_key, (), f"audit-{job.id}", gitlab_job(job, stage))
