"""Build steps whose failure is thrown away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import dockerfile
from fixers.editors.dockerfile import Instruction
from fixers.facts.docker import Image, images
from fixers.model import Applicability, Finding, Fix, Location, Refused, Result, Severity, rule
from fixers.project import Project

_STEP: Final = re.compile(
    r"(?:cargo (?:build|fetch|install|test)|go (?:build|install|mod download|test)|npm (?:ci|install|run)"
    r"|(?:yarn|pnpm|bun|poetry|composer|bundle) install|(?:yarn|pnpm|bun) (?:run )?build|pip3? install"
    r"|uv (?:pip )?(?:sync|install)|dotnet (?:restore|build|publish)|mvn|gradle|make|cmake"
    r"|apt-get (?:update|install)|apk add)\b"
    r"(?:[^&|;#\n\\]|\\\n)*?\s*\|\|\s*(?:true|:|exit 0)(?=\s*(?:$|[;&\n\\)]))"
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    applies=("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    bad={"Dockerfile": "FROM rust:1\nCOPY . .\nRUN cargo build --release --bin chat || true\n"},
    good={"Dockerfile": "FROM rust:1\nCOPY . .\nRUN cargo build --release --bin chat\n"},
)
def check(project: Project) -> Iterator[Result]:
    """A build step that fails is taken for one that worked.

    `|| true` behind a build or an install hides a missing dependency until the image runs, or until the
    cache layer that it was meant to fill is found to be empty. Steps that may fail (removing what is not
    there, probing) are not meant.
    """
    for image in project.fact(images):
        hits = [i for s in image.file.stages for i in s.named("RUN") if _STEP.search(i.raw)]
        kept = [i for i in hits if project.keep(image.path, i.line)]
        if kept:
            yield Finding(
                image.path,
                f"a failure of `{_shown(kept[0])}` is thrown away",
                line=kept[0].line,
                anchor="swallowed",
                severity=Severity.LOW if all(_done_again(image, i) for i in kept) else None,
                locations=tuple(Location(image.path, i.line) for i in kept),
                fixes=_fixes(project, image, kept),
                steps=("If the step is allowed to fail, say why in a comment and set the finding aside",),
            )


def _done_again(image: Image, run: Instruction) -> bool:
    """Whether a later RUN of the stage does it again and may fail: then only a cached layer is at stake."""
    tool = " ".join(_shown(run).split()[:2])
    stage = next(s for s in image.file.stages if run in s.instructions)
    return any(i.start > run.start and tool in i.raw and not _STEP.search(i.raw) for i in stage.named("RUN"))


def _shown(run: Instruction) -> str:
    match = _STEP.search(run.raw)
    return " ".join(match[0].split("||")[0].replace("\\\n", " ").split())[:60] if match else ""


def _fixes(project: Project, image: Image, runs: list[Instruction]) -> tuple[Fix, ...]:
    draft = project.draft()
    try:
        data = project.read(image.path)
        for run in runs:
            text = _STEP.sub(lambda m: re.sub(r"[\s\\]+$", "", m[0][: m[0].rindex("||")]), run.raw)
            current = next(i for i in dockerfile.parse(data).instructions if i.raw == run.raw)
            data = dockerfile.replace(data, current, text)
        after = data
        draft.edit(image.path, lambda _: after)
    except Refused as refused:
        draft.refuse(str(refused))
    return draft.fixes("Let the step fail", reason="the build stops now where it went on before")
