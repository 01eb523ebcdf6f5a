"""The workflows of the tree: jobs and steps with their places, and what a job does with its token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors import yaml
from fixers.model import Refused
from fixers.project import Project

GLOBS: Final = (
    "/.github/workflows/*.yml",
    "/.github/workflows/*.yaml",
    "/.forgejo/workflows/*.yml",
    "/.gitea/workflows/*.yml",
)
_READS: Final = re.compile(
    r"(?i)^(?:actions/(?:checkout|cache|setup-[\w-]+|upload-artifact|download-artifact)|dtolnay/rust-toolchain"
    r"|swatinem/rust-cache|actions-rs/(?:toolchain|cargo)|actions-rust-lang/setup-rust-toolchain|taiki-e/(?:install|cache-cargo-install|checkout)-action|astral-sh/[\w-]+"
    r"|embarkstudios/cargo-deny-action|mozilla-actions/sccache-action|pnpm/action-setup|oven-sh/setup-bun|docker/setup-[\w-]+"
    r"|hadolint/hadolint-action|arduino/setup-protoc|ilammy/[\w-]+|extractions/setup-just|ruby/setup-ruby|mlugg/setup-zig"
    r"|pre-commit/action|golang/govulncheck-action|dominikh/staticcheck-action|crate-ci/typos|browser-actions/[\w-]+"
    r"|baptiste0928/cargo-install|jetli/[\w-]+|cachix/install-nix-action|determinatesystems/(?:nix-installer-action|magic-nix-cache-action|flake-checker-action)|gradle/actions/[\w-]+"
    r"|denoland/setup-deno|jdx/mise-action|lukka/[\w-]+|msys2/setup-msys2|microsoft/setup-msbuild|codecov/codecov-action)(?:/|@|$)"
)
_NO_GIT: Final = re.compile(
    r"(?i)^(?:docker/(?:login|metadata|build-push)-action|golangci/golangci-lint-action|aquasecurity/trivy-action"
    r"|github/codeql-action|slackapi/[\w-]+|aws-actions/[\w-]+|azure/login|google-github-actions/(?:auth|setup-gcloud)"
    r"|step-security/harden-runner|actions/(?:dependency-review-action|github-script|labeler|stale|configure-pages"
    r"|upload-pages-artifact|deploy-pages)|actions-rs/[\w-]+"
    r"|rustsec/audit-check|codelytv/[\w-]+|anchore/[\w-]+|ludeeus/action-shellcheck|codespell-project/[\w-]+|snok/[\w-]+"
    r"|jlumbroso/free-disk-space|awalsh128/[\w-]+|arduino/[\w-]+|go-task/setup-task|android-actions/setup-android"
    r"|hashicorp/setup-terraform|erlef/setup-beam|vmactions/[\w-]+|foundry-rs/foundry-toolchain|bufbuild/[\w-]+)(?:/|@|$)"
)
"""Actions that never run git against the remote, by their own documentation."""
_MODEST: Final = re.compile(
    r"(?i)^(?:docker/(?:metadata|build-push|bake)-action|golangci/golangci-lint-action|aquasecurity/trivy-action"
    r"|slackapi/slack-github-action|aws-actions/(?:configure-aws-credentials|amazon-ecr-login)|azure/login"
    r"|google-github-actions/(?:auth|setup-gcloud)|step-security/harden-runner|actions/(?:configure|upload)-pages[\w-]*"
    r"|ludeeus/action-shellcheck|codespell-project/[\w-]+|snok/install-poetry|jlumbroso/free-disk-space|arduino/setup-[\w-]+"
    r"|awalsh128/[\w-]+|go-task/setup-task|android-actions/setup-android|hashicorp/setup-terraform|erlef/setup-beam"
    r"|vmactions/[\w-]+|foundry-rs/foundry-toolchain|bufbuild/buf-setup-action|anchore/scan-action"
    r"|reactivecircus/android-emulator-runner|sigstore/cosign-installer)(?:/|@|$)"
)
"""Actions that read at most with the token that they are given, by their own documentation."""
_TOKEN: Final = re.compile(
    r"GITHUB_TOKEN|github\.token|GH_TOKEN|secrets\.(?!CODECOV_TOKEN)\w+|\bgh \w+|git push|git tag|ghcr\.io"
    r"|publish|(?<!--)\brelease\b",
    re.I,
)
_GIT: Final = re.compile(
    r"\bgit (?:push|fetch|pull|remote|submodule|ls-remote|lfs)\b|\bgh (?!--version)\w+|semantic-release|goreleaser"
    r"|cargo[ -]release|release-plz|npm version|lerna|changeset|bump|commitizen|mkdocs gh-deploy|mike "
)
_WRITES: Final = re.compile(
    r"gh-pages|\bmike |deploy|semantic-release|goreleaser|cargo[ -]release|release-plz|npm version|lerna|changeset"
    r"|commitizen|\bgit remote\b"
)
"""Commands of a step that push with what the checkout left behind, without naming a token."""
_PUSHES: Final = re.compile(
    r"(?i)auto-commit|add-and-commit|pull-request|gh-pages|github-pages|semantic|release|goreleaser|changesets|push|commit|tag"
    r"|version|backport|rebase|cherry|sync|mirror|deploy|publish|pages|bot|update|submodule|changed-files|paths-filter"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job; `where` is its path in the file."""

    where: tuple[str | int, ...]
    data: Mapping[str, Any]

    @property
    def uses(self) -> str:
        """The action with its ref, or ""."""
        value = self.data.get("uses")
        return value if isinstance(value, str) else ""

    @property
    def text(self) -> str:
        """Everything that the step says, as lines: shell words keep their line starts."""
        return said(self.data)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file that parses as one."""

    path: str
    data: Mapping[str, Any]

    @property
    def jobs(self) -> Mapping[str, Mapping[str, Any]]:
        """The jobs by id."""
        jobs = self.data.get("jobs")
        known = jobs.items() if isinstance(jobs, dict) else ()
        return {str(k): v for k, v in known if isinstance(v, dict)}

    def steps(self, job: str) -> tuple[Step, ...]:
        """The steps of a job; none for a job that calls another workflow."""
        steps = self.jobs[job].get("steps")
        rows = steps if isinstance(steps, list) else []
        return tuple(Step(("jobs", job, "steps", n), s) for n, s in enumerate(rows) if isinstance(s, dict))

    def all_steps(self) -> Iterator[Step]:
        """The steps of all jobs, in order."""
        for job in self.jobs:
            yield from self.steps(job)


def said(*values: object) -> str:
    """Every key and scalar of some data, a line each."""
    return "\n".join(line for value in values for line in _said(value))


def _said(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{key}:"
            yield from _said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
    else:
        yield str(value)


def workflows(project: Project) -> tuple[Workflow, ...]:
    """Every workflow that parses, has jobs, and was not written by a tool."""
    found = []
    for path in project.files(*GLOBS):
        try:
            data = project.parsed(path, yaml.load)
        except Refused:
            continue
        if isinstance(data, dict) and isinstance(data.get("jobs"), dict) and not project.is_generated(path):
            found.append(Workflow(path, data))
    return tuple(found)


def only_reads(flow: Workflow, job: str) -> bool:
    """Whether all that a job does with its token is to read the repository: known actions and plain commands."""
    data = flow.jobs[job]
    if "uses" in data:
        return False
    head = said({k: v for k, v in data.items() if k not in ("steps", "permissions")}, flow.data.get("env", ""))
    return not _TOKEN.search(head) and all(
        not _TOKEN.search(s.text)
        and not _WRITES.search(str(s.data.get("run", "")))
        and (not s.uses or (s.uses.startswith("./") is False and _READS.search(s.uses) is not None))
        for s in flow.steps(job)
    )


def only_known(step: Step) -> bool:
    """Whether the step is an action that only reads with whatever token it is given."""
    return _MODEST.search(step.uses) is not None or _READS.search(step.uses) is not None


def needs_git(flow: Workflow, job: str, checkout: Step) -> bool:
    """Whether a later step may talk to the remote with the credentials that the checkout left behind."""
    for step in flow.steps(job):
        if step.where == checkout.where:
            continue
        name = step.uses.partition("@")[0]
        if name and not _READS.search(step.uses) and not _NO_GIT.search(step.uses):
            return True
        pushes = not name.startswith("actions/") and _PUSHES.search(name)
        if step.uses.startswith(("./", "docker://")) or pushes or _GIT.search(step.text):
            return True
    inputs = checkout.data.get("with")
    own = isinstance(inputs, dict) and {"submodules", "token", "ssh-key", "repository", "lfs"} & inputs.keys()
    return bool(own) or _scripts(flow, job)


def _scripts(flow: Workflow, job: str) -> bool:
    """Whether a step runs a script that may do anything; a release build or a download of a release is none."""
    runs = [
        re.sub(r"--release\b|target/\S*release\S*|https?://\S+", "", str(s.data.get("run", "")))
        for s in flow.steps(job)
    ]
    return any(re.search(r"release|deploy|publish|\.sh\b|docs?\b.*push", r) for r in runs)
