"""Build contexts that carry everything into the image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from fixers.facts import container
from fixers.facts.docker import contexts, copies, images
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_BASE = {".gitignore": "target/\n.env\n", "Dockerfile": "FROM rust:1\nCOPY . .\nRUN cargo build\n", "Cargo.toml": ""}
_ALWAYS = (".git", ".github", ".gitlab", ".vscode", ".idea", ".env", ".env.*", "!.env.example", "*.pem", "*.key")
_FORGE = (".github/", ".gitlab/", ".circleci/")
"""Dockerfiles there are given a folder that a pipeline fills."""
_GIT = re.compile(
    r"\bgit (?:describe|rev-parse|log|show|tag|submodule|diff)\b|\.git\b|setuptools[_-]scm|hatch-vcs|vergen"
)
_BY_FILE = {
    "Cargo.toml": ("target",),
    "package.json": ("node_modules",),
    "pyproject.toml": ("__pycache__", ".venv", "*.pyc"),
    "requirements.txt": ("__pycache__", ".venv", "*.pyc"),
}


@rule(
    severity=Severity.LOW,
    fix=Applicability.UNSAFE,
    applies=("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    bad=_BASE,
    good={
        **_BASE,
        ".dockerignore": "# Not sent to the build: history, local secrets, what the build makes itself.\n"
        ".git\n.github\n.gitlab\n.vscode\n.idea\n.env\n.env.*\n!.env.example\n*.pem\n*.key\ntarget\n",
    },
)
def check(project: Project) -> Iterator[Result]:
    """The whole folder goes into the image, history and local secrets with it.

    `COPY . .` without a .dockerignore sends .git, a local .env and build output to the builder: secrets end
    in a layer, and the cache is lost whenever any of it changes.
    """
    fine, told = [], set()
    for image in project.fact(images):
        whole = [i for s in image.file.stages for i, sources, _ in copies(s) if "." in sources]
        if not whole or container.is_tool(image.path) or image.path.startswith(_FORGE):
            continue
        own = f"{image.path}.dockerignore"
        root = project.fact(contexts)[image.path]
        folders = dict.fromkeys((posixpath.dirname(image.path), root))
        places = [own, *(posixpath.join(f, n) for f in folders for n in (".dockerignore", ".containerignore"))]
        if any(project.exists(p) for p in places):
            fine.append(Location(image.path))
            continue
        path = posixpath.join(root, ".dockerignore")
        if path in told or not project.keep(image.path, whole[0].line):
            continue
        told.add(path)
        draft = project.draft()
        draft.create(path, _text(project, root))
        yield Finding(
            path,
            f"{image.path} copies the whole folder, and no .dockerignore keeps anything back",
            anchor="dockerignore",
            locations=(Location(image.path, whole[0].line),),
            fixes=draft.fixes("Keep history and local secrets out of the build", reason="the build must not need them"),
        )
    if fine:
        yield Pass("a .dockerignore keeps files back", tuple(fine))


def _text(project: Project, context: str) -> str:
    """What no build needs; a path that a Dockerfile copies by name, or that is tracked as a key, stays."""
    wanted = [*_ALWAYS]
    for name, lines in _BY_FILE.items():
        if project.exists(posixpath.join(context, name)):
            wanted += [line for line in lines if line not in wanted]
    named = {w for i in project.fact(images) for s in i.file.stages for _, sources, _ in copies(s) for w in sources}
    runs = [r.raw for i in project.fact(images) for s in i.file.stages for r in s.named("RUN")]
    asked = project.files(
        "build.rs", "build.go", "Makefile", "*.mk", "*.toml", "justfile", "/hack/*.sh", "/scripts/*.sh"
    )
    needs_git = any(_GIT.search(text) for text in (*runs, *(project.text(p) for p in asked)))
    kept = [w for w in wanted if w not in named and not (w == ".git" and needs_git)]
    kept = [w for w in kept if not (w.startswith("*.") and w[2:] in ("pem", "key") and project.files(w))]
    head = "# Not sent to the build: history, local secrets, what the build makes itself.\n"
    return head + "".join(f"{line}\n" for line in kept)
