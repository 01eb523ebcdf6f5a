"""Where the repository lives and what builds it there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fixers.project import Project

GITHUB: Final = "github"
GITLAB: Final = "gitlab"
FORGEJO: Final = "forgejo"

_REMOTE: Final = re.compile(r"(?:[a-z+]+://)?(?:[^@/]+@)?([^/:]+)(?::\d+)?[:/]+(.+?)(?:\.git)?/?")
_HOSTS: Final = (
    (GITHUB, re.compile(r"(?:^|\.)github\.")),
    (GITLAB, re.compile(r"gitlab|^salsa\.debian\.org$|^invent\.kde\.org$")),
    (FORGEJO, re.compile(r"^codeberg\.org$|gitea|forgejo|^git\.disroot\.org$")),
)
_SYSTEMS: Final = {
    "GitHub Actions": ("/.github/workflows/*.yml", "/.github/workflows/*.yaml"),
    "Forgejo Actions": ("/.forgejo/workflows/*.yml", "/.forgejo/workflows/*.yaml"),
    "Gitea Actions": ("/.gitea/workflows/*.yml", "/.gitea/workflows/*.yaml"),
    "GitLab CI": ("/.gitlab-ci.yml", "/.gitlab-ci.yaml", "/.gitlab/**/*.yml"),
    "Woodpecker": ("/.woodpecker.yml", "/.woodpecker.yaml", "/.woodpecker/*.yml", "/.woodpecker/*.yaml"),
    "CircleCI": ("/.circleci/config.yml",),
    "Travis CI": ("/.travis.yml",),
    "Azure Pipelines": (
        "/azure-pipelines*.yml",
        "azure-pipelines*.yml",
        "/.azure-pipelines/**/*.yml",
        "/.pipelines/**/*.yml",
    ),
    "Jenkins": ("/Jenkinsfile", "Jenkinsfile", "Jenkinsfile.*", "*.jenkinsfile"),
    "Drone": ("/.drone.yml", "/.drone.jsonnet", "/.drone.star"),
    "Buildkite": ("/.buildkite/**/*.yml", "/.buildkite/**/*.yaml"),
    "Cirrus CI": ("/.cirrus.yml", "/.cirrus.star"),
    "AppVeyor": ("/appveyor.yml", "/.appveyor.yml"),
    "sourcehut builds": ("/.build.yml", "/.builds/*.yml"),
    "Bitbucket Pipelines": ("/bitbucket-pipelines.yml",),
    "Google Cloud Build": ("cloudbuild.yaml", "cloudbuild.yml", "cloudbuild.json"),
    "AWS CodeBuild": ("buildspec.yml", "buildspec.yaml"),
    "Tekton": ("/.tekton/**/*.yaml",),
    "Prow": ("/.ci-operator.yaml",),
    "Concourse": ("/ci/pipeline.yml", "/ci/pipelines/*.yml"),
    "Earthly": ("/Earthfile",),
    "Dagger": ("/dagger.json",),
    "Zuul": ("/.zuul.yaml", "/zuul.d/*.yaml"),
    "bors": ("/bors.toml",),
    "Semaphore": ("/.semaphore/*.yml",),
    "a CI script": ("/.ci/*",),
}


@dataclass(frozen=True, slots=True)
class Forge:
    """The forge of the first remote; `kind` "" when it is none that we know, `slug` is `owner/name`."""

    kind: str = ""
    host: str = ""
    slug: str = ""

    @property
    def owner(self) -> str:
        """The first part of the slug: a person, an organisation, a group."""
        return self.slug.partition("/")[0]


def forge(project: Project) -> Forge:
    """What the remotes say, `origin` first; without one, what the folders of the tree say."""
    for url in project.remotes:
        match = _REMOTE.fullmatch(url.strip())
        if match is None or url.startswith(("/", ".", "file:")):
            continue
        host, slug = match[1].lower(), match[2]
        return Forge(next((kind for kind, known in _HOSTS if known.search(host)), ""), host, slug)
    for kind, glob in ((GITHUB, "/.github/**"), (GITLAB, "/.gitlab/**"), (FORGEJO, "/.forgejo/**")):
        if project.files(glob):
            return Forge(kind)
    return Forge()


def ci_systems(project: Project) -> dict[str, tuple[str, ...]]:
    """Every CI of the tree with its files, by name."""
    found = {name: project.files(*globs) for name, globs in _SYSTEMS.items()}
    return {name: paths for name, paths in found.items() if paths}


def ci_files(project: Project) -> tuple[str, ...]:
    """Every file that a CI reads, and the scripts and task files that it may call."""
    own = {path for paths in ci_systems(project).values() for path in paths}
    called = project.files(
        "/.github/**/*.yml", "/.github/**/*.yaml", "/.github/**/*.sh", "/.gitlab-ci/**", "/.azure-pipelines/**",
        "Makefile", "*.mk", "justfile", "Justfile", ".justfile", "Taskfile*.yml", "Taskfile*.yaml", "Makefile.toml",
        "mise.toml", ".mise.toml", "tox.ini", "noxfile.py", ".pre-commit-config.yaml", "package.json", "flake.nix",
        "/scripts/**", "/script/**", "/tools/**/*.sh", "/ci/**", "/hack/**/*.sh", "/dev/**/*.sh", "/xtask/**/*.rs",
        "lefthook.yml", "/.cargo/config.toml", "/build/*.sh", "/.circleci/**",
    )  # fmt: skip
    return tuple(sorted(own | set(called)))
