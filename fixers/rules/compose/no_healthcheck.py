"""Databases whose readiness nobody asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fixers.editors import yaml
from fixers.facts.compose import GLOBS, Service, is_elsewhere, services
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_CHECKS: Final = {
    "postgres": 'pg_isready -U "$${POSTGRES_USER:-postgres}"',
    "redis": "redis-cli ping",
    "valkey": "valkey-cli ping",
    "mysql": "mysqladmin ping -h 127.0.0.1 --silent",
    "mariadb": "healthcheck.sh --connect --innodb_initialized",
    "rabbitmq": "rabbitmq-diagnostics -q ping",
}
"""The check that each image brings along; sources: the images' own documentation."""
_SAME: Final = {"postgis": "postgres", "pgvector": "postgres", "timescaledb": "postgres"}
_OLD: Final = {"mariadb": 10, "redis": 3}


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    applies=GLOBS,
    bad={
        "compose.yml": "services:\n  cache:\n    image: redis:7\n"
        "  web:\n    image: shop:1.4\n    depends_on:\n      - cache\n"
    },
    good={
        "compose.yml": "services:\n  cache:\n    image: redis:7\n    healthcheck:\n"
        "      test: redis-cli ping\n      interval: 10s\n      timeout: 5s\n      retries: 5\n"
        "  web:\n    image: shop:1.4\n    depends_on:\n      - cache\n"
    },
)
def check(project: Project) -> Iterator[Result]:
    """Nothing asks whether the database is ready.

    `docker ps` says "up" of a database that hangs or is still recovering, and services that depend on it
    start too early. With a health check its state is seen, and `depends_on` can wait for it with
    `condition: service_healthy`.
    """
    healthy = []
    for service in services(project):
        test = _test(service)
        if test is None or not service.root:
            continue
        line = yaml.line_of(project.read(service.path), service.at)
        if any(k in service.data for k in ("healthcheck", "extends")) or is_elsewhere(project, service, "healthcheck"):
            healthy.append(Location(service.path, line, note=service.name))
        elif project.keep(service.path, line):
            draft = project.draft()
            value: dict[str, Any] = {"test": test, "interval": "10s", "timeout": "5s", "retries": 5}
            draft.edit(service.path, yaml.insert_key, service.at, "healthcheck", value)
            yield Finding(
                service.path,
                f"{service.name} ({service.image}) has no health check",
                line=line,
                anchor=service.name,
                fixes=draft.fixes(f"Check the health of {service.name}"),
            )
    if healthy:
        yield Pass("databases have health checks", tuple(healthy))


def _test(service: Service) -> str | None:
    """The check of an official image; None for others, and for versions that do not have the command."""
    image = str(service.data.get("image") or "").partition(":")[0]
    name = _SAME.get(service.image, service.image)
    official = (
        image in (name, f"library/{name}", f"docker.io/library/{name}", f"valkey/{name}") or service.image in _SAME
    )
    version = re.match(r"\d+", service.tag)
    own = "entrypoint" in service.data or re.match(r"\W*(?:/bin/)?(?:ba)?sh\b", str(service.data.get("command") or ""))
    if own or not official or (version and int(version[0]) < _OLD.get(name, 0)):
        return None
    return _CHECKS.get(name)
