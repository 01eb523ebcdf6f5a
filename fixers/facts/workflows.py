"""Jobs as the text of a workflow: GitHub Actions, Forgejo Actions, GitLab CI."""

from __future__ import annotations

from collections.abc import Sequence

from fixers import templates
from fixers.editors.template import fill
from fixers.facts import actions
from fixers.facts.jobs import Job, Step
from fixers.project import Project


def github(project: Project, jobs: Sequence[Job], template: str = "ci/github.yml") -> str:
    """A workflow for GitHub: third-party actions by commit, the least permissions, a limit on each job."""
    head = fill(templates.text(template), branch=project.branch, paths=_paths(jobs))
    return head + "\n".join(_github_job(project, job) for job in jobs)


def _paths(jobs: Sequence[Job]) -> str:
    return "".join(f'      - "{lock}"\n' for lock in sorted({lock for job in jobs for lock in job.locks}))


def _github_job(project: Project, job: Job) -> str:
    inside = f"    defaults:\n      run:\n        working-directory: {job.folder}\n" if job.folder else ""
    submodules = "          submodules: recursive\n" if project.exists(".gitmodules") else ""
    text = fill(
        templates.text("ci/job.yml"),
        job=job.id,
        name=job.name,
        minutes=str(job.minutes),
        defaults=inside if any(s.run for s in job.steps) else "",
        checkout=actions.pinned("actions/checkout"),
        submodules=submodules,
        steps="".join(_github_step(s) for s in job.steps),
    )
    return text.rstrip() + "\n"


def _github_step(step: Step) -> str:
    if step.uses:
        inputs = "".join(f"          {key}: {value}\n" for key, value in step.inputs)
        return f"      - name: {step.name}\n        uses: {actions.pinned(step.uses)}\n" + (
            f"        with:\n{inputs}" if inputs else ""
        )
    return f"      - name: {step.name}\n" + _command("        run: ", step.run)


def _command(key: str, run: str) -> str:
    """`run: command`, as a block when it has several lines or would not be a plain scalar."""
    plain = "\n" not in run and ": " not in run and " #" not in run and run[0] not in "\"'[]{}>|*&!%@`"
    if plain:
        return f"{key}{run}\n"
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    return f"{key}|\n" + "".join(f"{indent}{line}\n" for line in run.split("\n"))


def forgejo(project: Project, jobs: Sequence[Job], template: str = "ci/forgejo.yml") -> str:
    """The same for Forgejo and Gitea: plain commands in a container that has the toolchain, no third-party action."""
    head = fill(templates.text(template), branch=project.branch, paths=_paths(jobs))
    return head + "\n".join(_forgejo_job(job) for job in jobs)


def _forgejo_job(job: Job) -> str:
    lines = [f"  {job.id}:", f"    name: {job.name}", "    runs-on: docker", f"    timeout-minutes: {job.minutes}"]
    lines += ["    container:", f"      image: {job.image}"]
    if job.folder:
        lines += ["    defaults:", "      run:", f"        working-directory: {job.folder}"]
    fetch = (
        "git init --quiet .\n"
        'git fetch --quiet --depth 1 "${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git" "${GITHUB_SHA}"\n'
        "git checkout --quiet FETCH_HEAD"
    )
    steps = "      - name: Fetch the commit\n        working-directory: .\n" + _command("        run: ", fetch)
    commands = [(s.name, c) for s in job.steps if (c := _in_container(job, s))]
    steps += "".join(f"      - name: {name}\n" + _command("        run: ", c) for name, c in commands)
    return "\n".join([*lines, "    steps:", steps.rstrip()]) + "\n"


def gitlab(project: Project, jobs: Sequence[Job], audits: Sequence[Job] = ()) -> str:
    """A pipeline for GitLab: the audit jobs run on schedules and when a lock file changes."""
    head = templates.text("ci/gitlab.yml").replace("$$", "$")
    blocks = [_gitlab_job(job) for job in jobs] + [gitlab_audit(job) for job in audits]
    return head + "".join("\n" + b for b in blocks)


def _gitlab_job(job: Job, name: str = "", rules: str = "") -> str:
    script = [c for s in job.steps if (c := _in_container(job, s))]
    inside = [f"cd {job.folder}"] if job.folder else []
    rows = [line for c in (*inside, *script) for line in c.split("\n")]
    return (
        f"{name or job.id}:\n  stage: check\n  image: {job.image}\n  timeout: {job.minutes} minutes\n{rules}  script:\n"
        + "".join(_item(row) for row in rows)
    )


def _item(row: str) -> str:
    plain = ": " not in row and " #" not in row and row[0] not in "\"'[]{}>|*&!%@`"
    return f"    - {row}\n" if plain else f"    - |\n      {row}\n"


def gitlab_job(job: Job, stage: str) -> dict[str, object]:
    """An audit job as data, to be added to a pipeline that is there already; `stage` "" leaves it to the default."""
    script = [line for s in job.steps if (c := _in_container(job, s)) for line in c.split("\n")]
    rules: list[dict[str, object]] = [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}, {"changes": list(job.locks)}]
    inside = [f"cd {job.folder}"] if job.folder else []
    return {**({"stage": stage} if stage else {}), "image": job.image, "rules": rules, "script": [*inside, *script]}


def gitlab_audit(job: Job) -> str:
    """One audit job, to stand in a pipeline that is there already."""
    changes = "".join(f"        - {lock}\n" for lock in job.locks)
    rules = f'  rules:\n    - if: $CI_PIPELINE_SOURCE == "schedule"\n    - changes:\n{changes}'
    return _gitlab_job(job, f"audit-{job.id}", rules)


def _in_container(job: Job, step: Step) -> str:
    """The command of a step where the image brings the toolchain and the user is root; "" when it needs nothing."""
    if step.uses == "EmbarkStudios/cargo-deny-action":
        what = dict(step.inputs)["command"]
        return f"cargo install cargo-deny --locked\ncargo deny {what}"
    if step.uses == "astral-sh/setup-uv":
        return "pip install uv"
    if step.uses == "oven-sh/setup-bun":
        return "npm install --global bun"
    if step.uses:
        return ""
    run = step.run.replace("sudo ", "").replace("pipx install ", "pip install ")
    return run.replace("pipx run ", "pip install pipx && pipx run ", 1)


def command(job: Job) -> str:
    """The last step of a job as a person would type it."""
    return _in_container(job, job.steps[-1]).replace("\n", " && ")
