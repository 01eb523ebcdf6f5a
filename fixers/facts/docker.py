"""The Dockerfiles of the tree, and which members of a workspace their stages copy one by one."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors import dockerfile
from fixers.editors.dockerfile import Dockerfile, Instruction, Stage
from fixers.facts import cargo
from fixers.facts.subprojects import aside
from fixers.model import Refused
from fixers.project import Project, matches

GLOBS: Final = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile", "Containerfile.*")
_NOT_IMAGES: Final = re.compile(r"(?:^|/)\.devcontainer/|\.(?:dockerignore|j2|tmpl|tpl|erb|in|md|orig|bak)$")
_MANIFESTS: Final = (
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "go.mod",
    "pom.xml",
    "mix.exs",
    "Gemfile",
    "build.gradle*",
    "composer.json",
    "*.csproj",
)
_EXAMPLES: Final = re.compile(r"(?:^|(?<=/))(?:examples?|samples?|demos?)(?:/|$)")
_TOOLS: Final = {
    "Cargo.toml": re.compile(r"\bcargo\b"),
    "package.json": re.compile(r"\b(?:npm|pnpm|yarn|bun)\b"),
    "go.mod": re.compile(r"\bgo (?:mod|build|install|test)\b"),
    "pyproject.toml": re.compile(r"\buv (?:sync|pip|run)\b"),
}


@dataclass(frozen=True, slots=True)
class Image:
    """A Dockerfile that parses."""

    path: str
    file: Dockerfile


@dataclass(frozen=True, slots=True)
class Members:
    """A workspace: its root, what its members' manifests are called, and the members' folders.

    `strict` members are named one by one, so that the tool fails when one is not there; the others come
    from a glob, or are needed when `needed_by` says so (folder -> folders that depend on it by path).
    """

    root: str
    manifest: str
    folders: tuple[str, ...]
    strict: frozenset[str]
    needed_by: dict[str, tuple[str, ...]]


def images(project: Project) -> tuple[Image, ...]:
    """Every Dockerfile that makes an image for use; dev containers, templates, examples and tests are left out."""
    return tuple(i for i in project.fact(every_image) if not aside(posixpath.dirname(i.path)))


def every_image(project: Project) -> tuple[Image, ...]:
    """The same with those of examples: whoever follows one builds it as it is; tests and fixtures are left out."""
    found = []
    for path in project.files(*GLOBS):
        folder = posixpath.dirname(path)
        if _NOT_IMAGES.search(path) or aside(_EXAMPLES.sub("", folder)):
            continue
        try:
            file = project.parsed(path, dockerfile.parse)
        except Refused:
            continue
        if file.stages:
            found.append(Image(path, file))
    return tuple(found)


def contexts(project: Project) -> dict[str, str]:
    """The folder that a build of each Dockerfile is given, by the Dockerfile's path."""
    return {image.path: _context(project, image) for image in project.fact(images)}


def _context(project: Project, image: Image) -> str:
    """The folder that a build of the Dockerfile is given: its own when that has a manifest, else the root.

    What it copies by name, and files that name the Dockerfile by its whole path (`-f services/a/Dockerfile .`), tell
    of the root; so does a folder that is a member of a workspace and cannot be built alone.
    """
    folder = posixpath.dirname(image.path)
    if not folder or not project.files(*(f"/{folder}/{name}" for name in _MANIFESTS)):
        return ""
    named = {w for s in image.file.stages for _, sources, _ in copies(s) for w in sources if w != "." and "$" not in w}
    at_home = all(project.files(f"/{folder}/{w}", f"/{folder}/{w}/**") for w in named)
    at_root = any(project.files(f"/{w}", f"/{w}/**") for w in named)
    if at_root and not at_home:
        return ""
    words = rf"(?:\./)?{re.escape(folder)}/?"
    given = re.compile(rf"""(?m)(?:build|context):\s*["']?{words}["']?\s*$|docker build\b.*\s["']?{words}["']?\s*$""")
    files = project.grep(
        [folder.encode()], "*.yml", "*.yaml", "Makefile", "*.mk", "*.sh", "justfile", "*.json", "*.toml"
    )
    if any(given.search(project.text(p)) for p in files):
        return folder
    member = any(folder in space.folders for space in project.fact(workspaces))
    text = "\n".join(r.value for s in image.file.stages for r in s.named("RUN"))
    inside = re.search(rf"(?<![\w/.-]){words}\b", text)
    return "" if member or inside or any(image.path in project.text(p) for p in files) else folder


def workspaces(project: Project) -> tuple[Members, ...]:
    """Cargo, npm/pnpm/yarn, Go and uv workspaces that have members of their own."""
    return (*_cargo(project), *_node(project), *_go(project), *_uv(project))


def copies(stage: Stage) -> Iterator[tuple[Instruction, tuple[str, ...], str]]:
    """Each COPY from the build context: its sources without `./` and its destination."""
    for instruction in stage.named("COPY", "ADD"):
        words = instruction.exec_form or instruction.words
        if instruction.flag("from") is None and len(words) > 1:
            yield instruction, tuple(w.removeprefix("./").rstrip("/") or "." for w in words[:-1]), words[-1]


def builds(stage: Stage, manifest: str) -> tuple[Instruction, ...]:
    """The RUNs that start the workspace's tool and look at its members."""
    asks = (r for r in stage.named("RUN") if _TOOLS[manifest].search(r.value + "".join(b for _, b in r.bodies)))
    idle = (
        r"cargo (?:install|--version|chef)\b|rustup|npm (?:install|i) (?:-g|--global)|npm config|corepack|pnpm config"
    )
    return tuple(
        r for r in asks if not re.search(idle, r.value) or re.search(r"cargo (?:build|fetch|check|test)", r.value)
    )


def elsewhere(run: Instruction, space: Members) -> bool:
    """Whether the RUN builds another workspace: `--manifest-path` of a folder that is no member of this one."""
    named = re.search(r"--manifest-path[ =](?:\./)?(\S*?)/?Cargo\.toml", run.value)
    return named is not None and named[1] != space.root and named[1] not in space.folders


def below(path: str, context: str) -> str:
    """A path of the tree as the build context sees it."""
    return path.removeprefix(context + "/") if context else path


def manifest(folder: str, space: Members, context: str) -> str:
    """Where the context has the manifest of a member."""
    return below(f"{folder}/{space.manifest}", context)


def covers(folder: str, space: Members, sources: tuple[str, ...]) -> bool:
    """Whether a COPY of these sources brings the manifest of a member."""
    manifest = f"{folder}/{space.manifest}"
    return any(
        s == "."
        or folder == s
        or folder.startswith(s + "/")
        or matches(manifest, ("/" + s,))
        or matches(folder, ("/" + s,))
        for s in sources
    )


def _cargo(project: Project) -> Iterator[Members]:
    for space in project.fact(cargo.workspaces):
        if not space.declared:
            continue
        folders = tuple(m.folder for m in space.members if m.folder != space.folder)
        table = project.parsed(space.manifest, cargo.manifest).get("workspace", {})
        listed = table.get("members", []) if isinstance(table, dict) else []
        strict = {cargo.join(space.folder, m) for m in listed if isinstance(m, str) and not set(m) & set("*?[")}
        needed: dict[str, tuple[str, ...]] = {}
        for member in space.members:
            for dependency in member.dependencies:
                if dependency.path in folders:
                    needed[dependency.path] = (*needed.get(dependency.path, ()), member.folder)
        if folders:
            yield Members(space.folder, "Cargo.toml", folders, frozenset(strict), needed)


def _node(project: Project) -> Iterator[Members]:
    for path in project.grep([b'"workspaces"'], "package.json"):
        try:
            data: Any = json.loads(project.text(path))
        except (ValueError, RecursionError):
            continue
        globs = data.get("workspaces") if isinstance(data, dict) else None
        globs = globs.get("packages") if isinstance(globs, dict) else globs
        yield from _globbed(project, posixpath.dirname(path), "package.json", globs)


def _uv(project: Project) -> Iterator[Members]:
    for path in project.grep([b"[tool.uv.workspace]"], "pyproject.toml"):
        try:
            data = project.parsed(path, cargo.manifest)
        except Refused:
            continue
        globs = data.get("tool", {}).get("uv", {}).get("workspace", {}).get("members")
        yield from _globbed(project, posixpath.dirname(path), "pyproject.toml", globs)


def _go(project: Project) -> Iterator[Members]:
    for path in project.files("go.work"):
        text = re.sub(r"//.*", "", project.text(path))
        block = " ".join(re.findall(r"^use\s*\(([^)]*)\)", text, re.M) + re.findall(r"^use\s+([^(\s]+)", text, re.M))
        yield from _globbed(project, posixpath.dirname(path), "go.mod", block.split())


def _globbed(project: Project, root: str, manifest: str, globs: object) -> Iterator[Members]:
    named = [g for g in globs if isinstance(g, str)] if isinstance(globs, list) else []
    known = {posixpath.dirname(p) for p in project.files(manifest)} - {root}
    wanted = [g.removeprefix("./").rstrip("/") for g in named if not g.startswith("!")]
    left = tuple("/" + cargo.join(root, g[1:].rstrip("/")) for g in named if g.startswith("!"))
    folders = {
        f for f in known for g in wanted if matches(f, ("/" + cargo.join(root, g),)) and not matches(f, left or ("\0",))
    }
    strict = {cargo.join(root, g) for g in wanted if not set(g) & set("*?[")}
    if folders:
        yield Members(root, manifest, tuple(sorted(folders)), frozenset(strict), {})
