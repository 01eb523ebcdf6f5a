"""A database that compose publishes to the world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fixers.editors import yaml
from fixers.facts.compose import GLOBS, Service, only_stores, services
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_PORTS: Final = re.compile(r"(?:\$\{[^}]+\}|\d+(?:-\d+)?):\d+(?:-\d+)?(?:/(?:tcp|udp))?")
_TREE = 'services:\n  web:\n    image: shop:1.4\n  db:\n    image: postgres:16\n    ports:\n      - "{}5432:5432"\n'
_REASON: Final = "other machines that use the port lose it; services of the same compose file never needed it"


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q0",),
    applies=GLOBS,
    bad={"compose.yml": _TREE.format("")},
    good={"compose.yml": _TREE.format("127.0.0.1:")},
)
def check(project: Project) -> Iterator[Result]:
    """A database is reachable from every network of the host.

    A published port is opened on all interfaces and past ufw and firewalld, which Docker's own rules
    precede: the database's password is then all that keeps the internet out. Services of one compose
    file reach each other without it. A file that starts nothing but databases, and none for good, is a
    developer's: the fault is less there.
    """
    stores = [s for s in services(project) if s.is_store]
    closed = []
    for service in stores:
        found = list(_published(project, service))
        if not found:
            closed.append(
                Location(service.path, yaml.line_of(project.read(service.path), service.at), note=service.name)
            )
            continue
        draft = project.draft()
        for at, text, _ in found:
            if text:
                draft.edit(service.path, yaml.set_value, at, text)
            else:
                draft.edit(service.path, yaml.insert_key, at, "host_ip", "127.0.0.1")
        yield Finding(
            service.path,
            f"{service.name} ({service.image}) is published on all interfaces",
            line=found[0][2],
            anchor=service.name,
            severity=Severity.MEDIUM if only_stores(project, service.path) else None,
            fixes=draft.fixes(f"Publish {service.name} on loopback only", Applicability.UNSAFE, _REASON),
        )
    if closed:
        yield Pass("databases are not published", tuple(closed))


def _published(project: Project, service: Service) -> Iterator[tuple[tuple[str | int, ...], str, int]]:
    """Ports open to all: their path, the short notation on loopback ("" for the long one), the line."""
    ports: Any = service.data.get("ports")
    for index, port in enumerate(ports if isinstance(ports, list) else []):
        at: tuple[str | int, ...] = (*service.at, "ports", index)
        line = yaml.line_of(project.read(service.path), at)
        if not line or not project.keep(service.path, line):
            continue
        if isinstance(port, dict):
            if port.get("published") and not port.get("host_ip") and port.get("mode") != "host":
                yield at, "", line
        elif _PORTS.fullmatch(str(port)):
            yield at, f"127.0.0.1:{port}", line
