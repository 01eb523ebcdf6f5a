"""Images whose program runs as root."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.dockerfile import Instruction
from fixers.facts import container
from fixers.facts.docker import Image, images
from fixers.facts.subprojects import aside
from fixers.facts.written import written_below
from fixers.model import Applicability, Finding, Fix, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_BASE = "FROM debian:bookworm-slim\nCOPY chat /usr/local/bin/chat\n"
_ENFORCED = re.compile(r"(?m)^(?!\s*#).*runAsNonRoot: true")
_SOCKET = ("*.yml", "*.yaml", "*.sh", "*.go", "*.py", "*.ts", "*.js", "*.rs")
_USER = (
    "RUN groupadd --system --gid 10001 chat \\\n"
    "    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/chat --no-create-home"
    " --shell /usr/sbin/nologin chat \\\n"
    "    && install -d -o 10001 -g 10001 -m 0700 /var/lib/chat\n"
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("M15",),
    applies=("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    bad={"Dockerfile": f'{_BASE}VOLUME /var/lib/chat\nCMD ["chat"]\n'},
    good={"Dockerfile": f'{_BASE}{_USER}VOLUME /var/lib/chat\nUSER 10001:10001\nCMD ["chat"]\n'},
)
def check(project: Project) -> Iterator[Result]:
    """The container runs as root.

    A program that is broken into can do in the container, and with a kernel fault or a mounted socket on
    the host, whatever root can. The fix gives it a user with a fixed number, so that volumes keep their
    owner across rebuilds, and folders of its own to write to.
    """
    fine = []
    manifests = project.grep([b"runAsNonRoot: true"], "*.yml", "*.yaml", "*.tpl")
    enforced = [p for p in manifests if not aside(p) and _ENFORCED.search(project.text(p))]
    for image in project.fact(images):
        found = container.user(image.file)
        kind = container.flavour(image.file)
        if not container.starts(image.file.stages[-1]) or not kind or container.is_tool(image.path):
            continue
        name = found.value.partition(":")[0] if found else ""
        if kind == "nonroot" or (found and name not in ("root", "0")) or container.drops_root(project, image):
            fine.append(Location(image.path, found.line if found else 0))
            continue
        line = found.line if found else image.file.stages[-1].source.line
        if project.keep(image.path, line):
            yield Finding(
                image.path,
                f"the last USER is {found.value}" if found else "no USER: the program runs as root",
                line=line,
                anchor="user",
                fixes=_fixes(project, image, kind),
                severity=Severity.LOW if enforced else None,
                locations=tuple(Location(p, note="the cluster refuses root") for p in enforced[:3]),
                steps=(f"Volumes that root made need `chown -R {_owner(image)}` once",),
            )
    if fine:
        yield Pass("images run without root", tuple(fine))


def _fixes(project: Project, image: Image, kind: str) -> tuple[Fix, ...]:
    draft = project.draft()
    stage = image.file.stages[-1]
    start = min(container.starts(stage), key=lambda i: i.start)
    if container.user(image.file) is not None:
        draft.refuse("the Dockerfile asks for root: drop it where root is no longer needed")
    elif why := container.keeps_root(image.file):
        draft.refuse(why)
    elif talks := [p for p in project.grep([b"/var/run/docker.sock"], *_SOCKET) if not aside(p)]:
        draft.refuse(f"{talks[0]} hands on the engine's socket, which belongs to root")
    elif any(i.name == "RUN" and i.start > start.start for i in stage.instructions):
        draft.refuse("instructions behind the start command need root")
    else:
        try:
            after = _edited(project, image, kind, start)
            draft.edit(image.path, lambda data: after)
        except Refused as refused:
            draft.refuse(str(refused))
    return draft.fixes(
        "Run as a user of its own", reason="it must not write outside its data folders; volumes keep root as owner"
    )


def _owner(image: Image) -> str:
    name = container.present_user(image.file)
    return f"{name}:{name}" if name else f"{container.UID}:{container.UID}"


def _edited(project: Project, image: Image, kind: str, start: Instruction) -> bytes:
    """The Dockerfile with the user above its start command; raises Refused."""
    data, written = project.read(image.path), container.data(project, image)
    if kind in ("distroless", "scratch"):
        if written.folders or written.relative:
            raise Refused(f"{kind} has no shell to make a folder that the user may write to")
        number = 65532 if kind == "distroless" else container.UID
        return container.with_user(data, start, (), f"USER {number}:{number}\n")
    if place := written_below(project, image):
        raise Refused(f"{place.path}:{place.line} writes below its work folder: give the user a folder for it first")
    folders, lead = written.folders, ""
    if written.relative and not folders:
        folder, lead = container.home_for(image, written)
        folders = (folder,)
    if name := container.present_user(image.file):
        return container.with_user(data, start, container.give_folders(name, folders), f"{lead}USER {name}\n")
    made = container.make_user(kind, container.program(image.file.stages[-1]), folders)
    return container.with_user(data, start, made, f"{lead}USER {container.UID}:{container.UID}\n")
