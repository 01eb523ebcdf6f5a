"""Base images that are another thing every day."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.facts.container import is_tool
from fixers.facts.docker import images
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    applies=("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    bad={"Dockerfile": 'FROM debian\nCMD ["a"]\n'},
    good={"Dockerfile": 'FROM debian:bookworm-slim\nCMD ["a"]\n'},
)
def check(project: Project) -> Iterator[Result]:
    """The image is built on whatever `latest` is that day.

    Two builds of one commit differ, and a new major version of the base arrives without a change here. A
    version in the tag is the least; a digest fixes the bytes, and a bot can move it. Which digest is right
    needs the registry, so this is advice.
    """
    named = []
    for image in project.fact(images):
        if is_tool(image.path):
            continue
        floating = []
        for stage in image.file.stages:
            base = image.file.image(stage)
            own = image.file.parent(stage) is not None or base == "scratch" or re.search(r"[$@{]|^[A-Z_]+$", base)
            tag = re.search(r":([^/:@]+)$", base)
            if not own and (tag is None or tag[1] == "latest") and project.keep(image.path, stage.source.line):
                floating.append((base, stage.source.line))
        if floating:
            yield Finding(
                image.path,
                f"no version: {', '.join(dict.fromkeys(b for b, _ in floating))}",
                line=floating[0][1],
                anchor="base",
                locations=tuple(Location(image.path, line, note=base) for base, line in floating),
                steps=("Name a version, or a digest: `docker buildx imagetools inspect IMAGE` shows the one of today",),
            )
        else:
            named.append(Location(image.path))
    if named:
        yield Pass("base images have versions", tuple(named))
