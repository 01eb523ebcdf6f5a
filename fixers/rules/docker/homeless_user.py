"""Images whose user has no folder that it may write to."""

from __future__ import annotations

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

    The image runs as nobody, and the data folder belongs to root or is not there: the first start fails,
    or everything is written into a volume that somebody made writable for all. The fix makes a user with a
    fixed number, gives it the folder, and points the program there.
    """
    fine = []
    for image in project.fact(images):
        found = container.user(image.file)
        if found is None or found.value.partition(":")[0] not in _NOBODY or container.is_tool(image.path):
            continue
        written = container.data(project, image)
        homeless = [f for f in written.folders if not container.owned(image.file, f)]
        work = [i for s in image.file.lineage(image.file.stages[-1]) for i in s.named("WORKDIR")]
        loose = written.relative and not written.folders and not (work and container.owned(image.file, work[-1].value))
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
                steps=("Volumes that exist need `chown -R 10001:10001` once: the number of the user changes",),
            )
    if fine:
        yield Pass("the user of the image owns what it writes", tuple(fine))


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
    elif any(i.start > user.start and i.name in ("RUN", "COPY", "ADD", "WORKDIR") for i in stage.instructions):
        draft.refuse("instructions behind USER count on the present user")
    else:
        try:
            tail = ""
            if not folders:
                folder, tail = container.home_for(image, written)
                folders = (folder,)
            made = container.make_user(kind, container.program(stage), folders)
            after = container.with_user(project.read(image.path), user, made, tail)
            again = [i for i in dockerfile.parse(after).instructions if i.raw == user.raw][-1]
            after = dockerfile.replace(after, again, f"USER {container.UID}:{container.UID}")
            draft.edit(image.path, lambda data: after)
        except Refused as refused:
            draft.refuse(str(refused))
    return draft.fixes("Give the user of the image a folder of its own", reason="volumes that exist have another owner")
