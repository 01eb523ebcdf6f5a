"""A Dockerfile that copies the members of a workspace one by one, and lacks one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from fixers.editors import dockerfile, stubs
from fixers.editors.dockerfile import Stage
from fixers.facts import cargo
from fixers.facts.docker import Image, Members, below, copies, every_image, workspaces
from fixers.facts.member_copies import Copied, copied
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

    The stage copies the members, or their manifests, one by one before it builds. A member
    that is named in the workspace and is not there stops the tool; one that comes from a glob is left out
    of the cached layer, and is missed as soon as another member depends on it.
    """
    complete = []
    for image in project.fact(every_image):
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
    """A finding; True when all members reach the stage; False when it does not copy them one by one."""
    has = copied(project, image, stage, space)
    if has is None:
        return False
    if not has.needed and not has.later:
        return True
    draft = project.draft()
    try:
        after = _edited(project, image, stage, space, has)
        draft.edit(image.path, lambda data: after)
    except Refused as refused:
        draft.refuse(str(refused))
    named = ", ".join(has.needed or has.later)
    why = "the build stops there" if has.needed else "only the cached layer lacks it"
    return Finding(
        image.path,
        f"stage {stage.name or stage.index} copies {len(has.known)} of {len(space.folders)} members of the workspace,"
        f" not {named}: {why}",
        line=max(i.line for i in (*has.known.values(), has.root)),
        anchor=f"{stage.name or stage.index}:{space.manifest}",
        severity=Severity.CRITICAL if has.needed else Severity.LOW,
        fixes=draft.fixes(f"Copy {named} into the {'dependency layer' if has.manifests else 'build'}"),
    )


def _edited(project: Project, image: Image, stage: Stage, space: Members, has: Copied) -> bytes:
    """The Dockerfile with each missing member copied below its siblings, with stubs where those have them."""
    data = project.read(image.path)
    missing, known = has.needed or has.later, has.known
    if not has.manifests:
        for unit in reversed(_units(project, missing, space, has)):
            near = max(
                known, key=lambda f: (posixpath.dirname(f) == posixpath.dirname(unit), known[f].start), default=""
            )
            text = stubs.whole(known[near] if near else has.root, has.root, unit)
            last = max((*known.values(), has.root), key=lambda i: i.start)
            data = dockerfile.insert_after(data, stubs.same(data, last), text)
        return data
    for folder in reversed(missing):
        alone, context = has.manifests, has.context
        near = max(alone, key=lambda f: (posixpath.dirname(f) == posixpath.dirname(folder), alone[f].start))
        text = stubs.sibling(alone[near], below(near, context), below(folder, context))
        if near in has.sourced:
            text = text.replace(f"/{space.manifest}", "/")
        last = max((i for i in alone.values()), key=lambda i: i.start)
        data = dockerfile.insert_after(data, stubs.same(data, last), text)
        data = _stubbed(project, data, stage, near, folder, context)
        data = stubs.sourced(data, tuple(copies(stage)), below(near, context), below(folder, context))
    return data


def _units(project: Project, missing: tuple[str, ...], space: Members, has: Copied) -> list[str]:
    """What to copy: the folder above the members where it holds nothing else and folders are copied whole, or each."""
    one_by_one = any(below(f, has.context) in i.value for f, i in has.folders.items())
    found = []
    for folder in missing:
        above = folder.partition("/")[0] if not space.root else folder
        inside = project.files(f"/{above}/**")
        own = all(any(p.startswith(f + "/") for f in space.folders) for p in inside)
        found.append(below(folder if one_by_one or not own else above, has.context))
    return list(dict.fromkeys(found))


def _stubbed(project: Project, data: bytes, stage: Stage, near: str, folder: str, context: str) -> bytes:
    package = next((p for p in project.fact(cargo.packages) if p.folder == folder), None)
    if package is None or not stubs.any_stubs(stage.named("RUN")):
        return data
    runs = [r for r in stage.named("RUN") if stubs.makes_stubs(r, near)]
    if not runs or any(stubs.covers_all(r, below(folder, context)) for r in stage.named("RUN")):
        return data
    table = project.parsed(package.manifest, cargo.manifest).get("package", {})
    declared = package.build_script if isinstance(table, dict) and "build" in table else ""
    files = tuple(below(f, context) for f in (package.library, *package.binaries.values(), declared) if f)
    current = next(r for r in dockerfile.parse(data).instructions if r.raw == runs[0].raw)
    return dockerfile.replace(
        data, current, stubs.with_member(current, below(near, context), below(folder, context), files)
    )
