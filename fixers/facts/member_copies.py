"""Which members of a workspace have reached a stage of a Dockerfile when its first build starts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.dockerfile import Instruction, Stage
from fixers.facts.docker import Image, Members, below, builds, copies, covers, elsewhere, manifest
from fixers.project import Project, matches

Copy = tuple[Instruction, tuple[str, ...], str]
_ROOTS: Final = {"go.mod": "go.work"}
_STOPS: Final = ("Cargo.toml", "go.mod")
"""Cargo and Go stop at a member that is named and not there; the others read on."""
_MADE: Final = re.compile(
    r"\bsed\b[^\n]*(?:Cargo\.toml|package\.json|go\.work)|>+\s*\S*(?:Cargo\.toml|go\.mod)|\bcargo (?:new|init)\b"
    r"|\bgit clone\b|\bgo work (?:edit|init|use)\b|GOWORK=off"
)
"""The stage writes manifests itself, or brings sources from somewhere else."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a stage has of a workspace: where its root's manifest and each member come in, and who is missing.

    `manifests` are members whose manifest is copied alone, `folders` those that come with all that they hold,
    `sourced` those of the first whose sources come folder by folder before the build.
    `needed` members stop the build, `later` ones are missed by the cached layer only.
    """

    context: str
    root: Instruction
    manifests: dict[str, Instruction]
    folders: dict[str, Instruction]
    sourced: frozenset[str]
    needed: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def known(self) -> dict[str, Instruction]:
        """Every member that is there."""
        return {**self.folders, **self.manifests}


def copied(project: Project, image: Image, stage: Stage, space: Members) -> Copied | None:
    """What has reached the stage at its first build; None when it does not copy the workspace piece by piece."""
    lineage = image.file.lineage(stage)
    said = "\n".join(r.value + "".join(b for _, b in r.bodies) for s in lineage for r in s.named("RUN"))
    first = _first_build(stage, space, said)
    if first is None or _MADE.search(said) or any("type=bind" in f for f in first.flags):
        return None
    if _inside_another(project, lineage, first, space):
        return None
    before = [c for s in lineage for c in copies(s) if c[0].start < first.start]
    context = _context(project, image, space, before)
    root = _root(space, context, before)
    if root is None or any("." in sources for _, sources, _ in before):
        return None
    manifests = {f: i for f in space.folders for i, sources, _ in before if manifest(f, space, context) in sources}
    folders = {f: i for f in space.folders for i, s, _ in before if f not in manifests and _brings(f, context, s)}
    handed = [i for s in lineage for i in s.named("COPY") if i.flag("from") is not None and i.start < first.start]
    missing = [
        f
        for f in space.folders
        if not any(covers(below(f, context), space, s) for _, s, _ in before) and not _handed(f, handed, lineage)
    ]
    needed = _needed(space, missing, {*manifests, *folders, space.root})
    named = [s for _, sources, _ in before for s in sources]
    sourced = frozenset(f for f in manifests if below(f"{f}/src", context) in named)
    whole = all(_there(project, context, s) for _, sources, _ in before for s in sources)
    if not manifests and (space.manifest not in _STOPS or not (folders or whole)):
        return None
    if "cargo chef" in said and not (folders or sourced):
        return None
    later = [f for f in missing if f not in needed and len(manifests) > 1]
    return Copied(context, root, manifests, folders, sourced, tuple(needed), tuple(later))


def _first_build(stage: Stage, space: Members, said: str) -> Instruction | None:
    """The first RUN that makes the tool read the whole workspace; `cargo chef prepare` does, `cook` does not."""
    runs = builds(stage, space.manifest)
    if any(elsewhere(r, space) for r in runs):
        return None
    if "cargo chef" not in said:
        return runs[0] if runs else None
    return next((r for r in stage.named("RUN") if re.search(r"\bcargo chef prepare\b", r.value)), None)


def _inside_another(project: Project, lineage: tuple[Stage, ...], first: Instruction, space: Members) -> bool:
    """Whether the build starts in a folder that has a manifest of its own and is no member of this workspace."""
    places = [i.value for s in lineage for i in s.named("WORKDIR") if i.start < first.start][-1:]
    places += re.findall(r"\bcd (\S+)", first.value)
    for place in places:
        parts = place.removeprefix("./").rstrip("/").split("/")
        first_part = 2 if place.startswith("/") else 0
        for tail in ("/".join(parts[n:]) for n in range(first_part, len(parts))):
            own = posixpath.join(space.root, tail) in space.folders or tail in (*space.folders, space.root)
            if tail and not own and project.exists(f"{tail}/{space.manifest}"):
                return True
    return False


def _context(project: Project, image: Image, space: Members, before: list[Copy]) -> str:
    """The folder that the build is given: where most of what is copied lies, the Dockerfile's own in doubt."""
    own = posixpath.dirname(image.path)
    sources = [s for _, named, _ in before for s in named]
    options = dict.fromkeys((own, "", space.root))
    return max(options, key=lambda c: sum(_there(project, c, s) for s in sources))


def _there(project: Project, context: str, source: str) -> bool:
    path = posixpath.join(context, source)
    if source in (".", ".git") or "$" in source:
        return True
    return (
        project.exists(path)
        or path in project.folders()
        or bool(set(source) & set("*?[") and project.files(f"/{path}"))
    )


def _root(space: Members, context: str, before: list[Copy]) -> Instruction | None:
    """The COPY that brings the manifest of the workspace itself."""
    wanted = below(posixpath.join(space.root, _ROOTS.get(space.manifest, space.manifest)), context)
    found = [i for i, sources, _ in before if any(s == wanted or matches(wanted, ("/" + s,)) for s in sources)]
    return found[0] if found else None


def _brings(folder: str, context: str, sources: tuple[str, ...]) -> bool:
    """Whether a COPY brings the member with its sources: its folder, or one above it."""
    path = below(folder, context)
    return any(path == s or path.startswith(s + "/") for s in sources)


def _handed(folder: str, handed: Iterable[Instruction], lineage: tuple[Stage, ...]) -> bool:
    """Whether a member may come from another stage: into the work folder, or into its own place."""
    work = [i.value.rstrip("/") for s in lineage for i in s.named("WORKDIR")]
    for instruction in handed:
        place = instruction.words[-1].removeprefix("./").rstrip("/") if instruction.words else ""
        if place in ("", ".", *work) and "recipe.json" not in instruction.value:
            return True
        if any(place == f or place.endswith("/" + f) for f in (folder, *_above(folder))):
            return True
    return False


def _above(folder: str) -> Iterator[str]:
    while folder := posixpath.dirname(folder):
        yield folder


def _needed(space: Members, missing: list[str], there: set[str]) -> list[str]:
    """Members that are named one by one, and those that what is there depends on, directly or not."""
    found = {f for f in missing if f in space.strict}
    while more := {f for f in missing if f not in found and set(space.needed_by.get(f, ())) & (there | found)}:
        found |= more
    return [f for f in missing if f in found]
