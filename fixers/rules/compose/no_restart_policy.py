"""Services that stay down after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from fixers.editors import yaml
from fixers.facts.compose import GLOBS, Service, is_developed, is_elsewhere, only_stores, runs_once, services
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    applies=GLOBS,
    bad={"compose.yml": "services:\n  web:\n    image: shop:1.4\n    ports:\n      - 8000:8000\n"},
    good={
        "compose.yml": "services:\n  web:\n    image: shop:1.4\n    ports:\n      - 8000:8000\n"
        "    restart: unless-stopped\n"
    },
)
def check(project: Project) -> Iterator[Result]:
    """A service stays down after a crash or a reboot.

    Compose restarts nothing unless told to. `unless-stopped` brings a service back after a crash and
    after the host was rebooted, and still leaves it alone when somebody stopped it. Only services that
    are meant to stay up are named: databases, and what publishes a port or has a health check. Files that
    start databases alone, or a program that is being edited, are for developers and left alone.
    """
    fine = []
    lasting = [s for s in services(project) if _stays_up(s) and not runs_once(project, s)]
    for path, group in groupby(lasting, key=lambda s: s.path):
        if is_developed(project, path) or only_stores(project, path):
            continue
        chosen = list(group)
        bare = [s for s in chosen if not _restarts(s) and not is_elsewhere(project, s, "restart")]
        lines = {s.name: yaml.line_of(project.read(path), s.at) for s in chosen}
        bare = [s for s in bare if project.keep(path, lines[s.name])]
        if not bare:
            fine.append(Location(path))
            continue
        draft = project.draft()
        for service in bare:
            draft.edit(path, yaml.insert_key, service.at, "restart", "unless-stopped")
        yield Finding(
            path,
            f"{plural(len(bare), 'service')} without a restart policy: {', '.join(s.name for s in bare)}",
            line=lines[bare[0].name],
            fixes=draft.fixes("Restart services unless they were stopped"),
            locations=tuple(Location(path, lines[s.name], note=s.name) for s in bare),
        )
    if fine:
        yield Pass("services that are meant to stay up are restarted", tuple(fine))


def _stays_up(service: Service) -> bool:
    return service.is_store or bool(service.data.get("ports")) or "healthcheck" in service.data


def _restarts(service: Service) -> bool:
    """Whether something is said: `restart`, swarm's `deploy.restart_policy`, an `extends` that may say it."""
    deploy = service.data.get("deploy")
    return (
        "restart" in service.data
        or "extends" in service.data
        or (isinstance(deploy, dict) and "restart_policy" in deploy)
    )
