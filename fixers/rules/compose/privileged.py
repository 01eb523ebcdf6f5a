"""A container with the rights of the host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import yaml
from fixers.facts.compose import GLOBS, services
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_NEED_IT: Final = re.compile(
    r"dind|dagger|cadvisor|k3[sd]|kube|kind/node|falco|netdata|node[-_]exporter|sysbox|buildkit|ebpf|profil", re.I
)
"""Images that are made to work on the host itself."""


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=GLOBS,
    bad={
        "compose.yml": "services:\n  web:\n    image: shop:1.4\n    privileged: true\n    ports:\n      - 8000:8000\n"
    },
    good={"compose.yml": "services:\n  web:\n    image: shop:1.4\n    ports:\n      - 8000:8000\n"},
)
def check(project: Project) -> Iterator[Result]:
    """A container runs with all rights of the host.

    A privileged container sees every device and may load kernel modules: whoever breaks into the service
    has the machine. What it really needs is nearly always one capability or one device.
    """
    seen = set()
    for service in services(project):
        seen.add(service.path)
        at = (*service.at, "privileged")
        line = yaml.line_of(project.read(service.path), at)
        named = f"{service.name} {service.data.get('image')}"
        if service.data.get("privileged") is not True or _NEED_IT.search(named) or not line:
            continue
        if project.keep(service.path, line):
            draft = project.draft()
            draft.edit(service.path, yaml.delete, at)
            yield Finding(
                service.path,
                f"{service.name} is privileged",
                line=line,
                anchor=service.name,
                fixes=draft.fixes(
                    f"Take the host's rights from {service.name}",
                    Applicability.UNSAFE,
                    "what it did with them may fail: add the one capability (cap_add) or device that it needs",
                ),
            )
    if seen:
        yield Pass("no other service is privileged", tuple(Location(p) for p in sorted(seen)))
