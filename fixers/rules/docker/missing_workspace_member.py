"""A Dockerfile that copies the members of a workspace one by one, and lacks one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from fixers.editors import dockerfile, stubs
from fixers.editors.dockerfile import Instruction, Stage
from fixers.facts import cargo
from fixers.facts.docker import Image, Members, below, builds, copies, covers, elsewhere, images, manifest, workspaces
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_MANIFESTS = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/server", "crates/p2p"]\n',
    "crates/server/Cargo.toml": '[package]\nname = "server"\nversion = "0.1.0"\n',
    "crates/server/src/main.rs": "fn main() {}\n",
    "crates/p2p/Cargo.toml": '[package]\nname = "p2p"\nversion = "0.1.0"\n',
    "crates/p2p/src/lib.rs": "",
}
_COPY = "COPY crates/server/Cargo.toml crates/server/Cargo.toml\n"
_HEAD = f"FROM rust:1.90 AS build\nWORKDIR /app\nCOPY Cargo.toml ./\n{_COPY}"
_STUB = "RUN mkdir -p crates/server/src \\\n    && echo 'fn main() {}' > crates/server/src/main.rs"
_TAIL = "RUN cargo build --release\nCOPY crates/ crates/\nRUN touch crates/*/src/*.rs && cargo build --release\n"


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.SAFE,
    audit=("M4",),
    applies=("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    bad={**_MANIFESTS, "Dockerfile": f"{_HEAD}{_STUB}\n{_TAIL}"},
    good={
        **_MANIFESTS,
        "Dockerfile": f"{_HEAD}COPY crates/p2p/Cargo.toml crates/p2p/Cargo.toml\n{_STUB} \\\n"
        f"    && mkdir -p crates/p2p/src \\\n    && touch crates/p2p/src/lib.rs\n{_TAIL}",
    },
)
def check(project: Project) -> Iterator[Result]:
    """The image is built without a member of the workspace.

    The stage copies the manifests of the members one by one before it builds the dependencies. A member
    that is named in the workspace and is not there stops the tool; one that comes from a glob is left out
    of the cached layer, and is missed as soon as another member depends on it.
    """
    complete = []
    for image in project.fact(images):
        for space in project.fact(workspaces):
            for stage in image.file.stages:
                found = _stage(project, image, stage, space)
                if isinstance(found, Finding):
                    yield found
                elif found:
                    complete.append(Location(image.path, stage.source.line))
    if complete:
        yield Pass("every member of the workspace reaches the build", tuple(complete))


def _stage(project: Project, image: Image, stage: Stage, space: Members) -> Finding | bool:
    """A finding; True when the stage copies all members; False when it does not copy them one by one."""
    runs = builds(stage, space.manifest)
    whole = "\n".join(r.value for r in stage.named("RUN"))
    if any(elsewhere(r, space) for r in runs):
        return False
    if not runs or "cargo chef" in whole or re.search(r"\bsed\b[^\n]*(?:Cargo\.toml|package\.json|go\.work)", whole):
        return False
    before = [c for c in copies(stage) if c[0].start < runs[0].start]
    for context in dict.fromkeys(("", space.root, posixpath.dirname(image.path))):
        known = {f: i for f in space.folders for i, sources, _ in before if manifest(f, space, context) in sources}
        root = any(below(posixpath.join(space.root, space.manifest), context) in s for _, s, _ in before)
        if known and root:
            break
    else:
        return False
    missing = [f for f in space.folders if not any(covers(below(f, context), space, s) for _, s, _ in before)]
    needed = [f for f in missing if f in space.strict or set(space.needed_by.get(f, ())) & set(known)]
    later = [f for f in missing if f not in needed and len(known) > 1]
    if not needed and not later:
        return True
    why = "the build stops there" if needed else "only the cached layer lacks it"
    draft = project.draft()
    try:
        after = _edited(project, image, stage, space, context, needed or later, known)
        draft.edit(image.path, lambda data: after)
    except Refused as refused:
        draft.refuse(str(refused))
    named = ", ".join(needed or later)
    return Finding(
        image.path,
        f"stage {stage.name or stage.index} copies {len(known)} of {len(space.folders)} manifests of the workspace,"
        f" not {named}: {why}",
        line=max(i.line for i in known.values()),
        anchor=f"{stage.name or stage.index}:{space.manifest}",
        severity=Severity.CRITICAL if needed else Severity.LOW,
        fixes=draft.fixes(f"Copy {named} into the dependency layer"),
    )


def _edited(
    project: Project,
    image: Image,
    stage: Stage,
    space: Members,
    context: str,
    missing: list[str],
    known: dict[str, Instruction],
) -> bytes:
    """The Dockerfile with each missing member copied below its siblings, with stubs where those have them."""
    data = project.read(image.path)
    for folder in reversed(missing):
        near = max(known, key=lambda f: (posixpath.dirname(f) == posixpath.dirname(folder), known[f].start))
        text = stubs.sibling(known[near], below(near, context), below(folder, context))
        last = max((i for i in known.values()), key=lambda i: i.start)
        data = dockerfile.insert_after(data, stubs.same(data, last), text)
        data = _stubbed(project, data, stage, near, folder, context)
        data = stubs.sourced(data, tuple(copies(stage)), below(near, context), below(folder, context))
    return data


def _stubbed(project: Project, data: bytes, stage: Stage, near: str, folder: str, context: str) -> bytes:
    package = next((p for p in project.fact(cargo.packages) if p.folder == folder), None)
    if package is None or not stubs.any_stubs(stage.named("RUN")):
        return data
    runs = [r for r in stage.named("RUN") if stubs.makes_stubs(r, near)]
    if not runs or any(stubs.covers_all(r) for r in stage.named("RUN")):
        return data
    table = project.parsed(package.manifest, cargo.manifest).get("package", {})
    declared = package.build_script if isinstance(table, dict) and "build" in table else ""
    files = tuple(below(f, context) for f in (package.library, *package.binaries.values(), declared) if f)
    current = next(r for r in dockerfile.parse(data).instructions if r.raw == runs[0].raw)
    return dockerfile.replace(
        data, current, stubs.with_member(current, below(near, context), below(folder, context), files)
    )
