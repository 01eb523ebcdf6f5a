"""Images whose user has no folder that it may write to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import dockerfile
from fixers.editors.dockerfile import Instruction
from fixers.facts import container
from fixers.facts.docker import Image, images
from fixers.model import Applicability, Finding, Fix, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_NOBODY: Final = ("nobody", "65534", "daemon", "www-data")
_BASE = "FROM debian:bookworm-slim\nCOPY chat /usr/local/bin/chat\nENV CHAT_DATA_DIR=/var/lib/chat\n"


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("M15",),
    applies=("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    bad={"Dockerfile": f'{_BASE}USER nobody\nCMD ["chat"]\n'},
    good={
        "Dockerfile": f"{_BASE}RUN groupadd --system --gid 10001 chat \\\n"
        "    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/chat --no-create-home"
        " --shell /usr/sbin/nologin chat \\\n"
        '    && install -d -o 10001 -g 10001 -m 0700 /var/lib/chat\nUSER 10001:10001\nCMD ["chat"]\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """The container's user cannot write where the program keeps its data.

    The image runs without root, and the data folder belongs to root or is not there: the first start fails,
    or everything is written into a volume that somebody made writable for all. The fix gives the folder to
    the user; in the place of nobody, whom others share, it makes one with a fixed number.
    """
    fine = []
    for image in project.fact(images):
        found = container.user(image.file)
        if found is None or container.is_tool(image.path) or not _is_plain(image, found):
            continue
        written = container.data(project, image)
        homeless = [f for f in written.folders if not container.owned(image.file, f)]
        work = [i for s in image.file.lineage(image.file.stages[-1]) for i in s.named("WORKDIR")]
        loose = _nobody(found) and written.relative and not written.folders
        loose = loose and not (work and container.owned(image.file, work[-1].value))
        if not homeless and not loose:
            fine.append(Location(image.path, found.line))
        elif project.keep(image.path, found.line):
            what = ", ".join(homeless) or f"{written.relative}, below its work folder"
            yield Finding(
                image.path,
                f"{found.value} may not write {what}",
                line=found.line,
                anchor="user",
                fixes=_fixes(project, image, found, tuple(homeless), written),
                steps=("Volumes that exist need `chown -R 10001:10001` once: the number of the user changes",)
                if _nobody(found)
                else (f"Volumes that exist need `chown -R {found.value}` once",),
            )
    if fine:
        yield Pass("the user of the image owns what it writes", tuple(fine))


def _nobody(user: Instruction) -> bool:
    return user.value.partition(":")[0] in _NOBODY


def _is_plain(image: Image, user: Instruction) -> bool:
    """Whether the user is none that root stands behind, on a base that brings no folders of its own."""
    name = user.value.partition(":")[0]
    named = name not in ("root", "0") and "$" not in name
    return _nobody(user) or (named and container.flavour(image.file) in ("debian", "alpine"))


def _fixes(
    project: Project, image: Image, user: Instruction, folders: tuple[str, ...], written: container.Data
) -> tuple[Fix, ...]:
    draft = project.draft()
    kind = container.flavour(image.file)
    stage = image.file.stages[-1]
    if kind not in ("debian", "alpine"):
        draft.refuse(f"{kind or 'the base image'} may have no shell to make a folder")
    elif user not in stage.instructions:
        draft.refuse("an earlier stage sets the user")
    elif _nobody(user) and any(
        i.start > user.start and i.name in ("RUN", "COPY", "ADD", "WORKDIR") for i in stage.instructions
    ):
        draft.refuse("instructions behind USER count on the present user")
    else:
        try:
            tail = ""
            if not folders:
                folder, tail = container.home_for(image, written)
                folders = (folder,)
            if not _nobody(user):
                after = _given(project.read(image.path), user, folders)
                draft.edit(image.path, lambda data: after)
                return draft.fixes(
                    "Give the folder to the user of the image", reason="volumes that exist keep their owner"
                )
            made = container.make_user(kind, container.program(stage), folders)
            after = container.with_user(project.read(image.path), user, made, tail)
            again = [i for i in dockerfile.parse(after).instructions if i.raw == user.raw][-1]
            after = dockerfile.replace(after, again, f"USER {container.UID}:{container.UID}")
            draft.edit(image.path, lambda data: after)
        except Refused as refused:
            draft.refuse(str(refused))
    return draft.fixes("Give the user of the image a folder of its own", reason="volumes that exist have another owner")


def _given(data: bytes, user: Instruction, folders: tuple[str, ...]) -> bytes:
    """The Dockerfile in which the user, that it makes above, owns the folders; raises Refused."""
    name, _, group = user.value.partition(":")
    owner = f"-o {name} -g {group}" if group else f"-o {name}"
    after = container.with_user(data, user, tuple(f"install -d {owner} {folder}" for folder in folders), "")
    told = after.decode().partition(f"install -d {owner}")[0]
    if not (name.isdigit() and (not group or group.isdigit())) and not re.search(
        rf"user\w*\b[^\n]*\b{name}\b|user(?:add)?\b[^&;]*\b{name}\b", told
    ):
        raise Refused(f"where {name} is made cannot be told")
    return after
