"""Compose files that describe a deployment, service by service."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors import yaml
from fixers.facts.python_project import is_development, is_product
from fixers.model import Refused
from fixers.project import Project

GLOBS: Final = (
    "compose.yml",
    "compose.yaml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.*.yml",
    "compose.*.yaml",
    "docker-compose*.yml",
    "docker-compose*.yaml",
)
_OVERRIDE: Final = re.compile(r"override|(?:^|[/_.-])build(?:[/_.-]|$)")
_TOOLS: Final = re.compile(r"exporter|admin|backup|client|commander|operator|migrat|insight")
_FOR_DEVELOPMENT: Final = re.compile(rb"(?im)^#.*\b(?:development|testing|local use|tests)\b")
"""A comment at the head that says what the file is for."""
_ONCE: Final = re.compile(
    r"migrat|(?:^|[-_ /.])(?:init|setup|seed|bootstrap|backup|create|provision|loaddata|upgrade|wait|ready)\b", re.I
)
STORES: Final = frozenset(
    {"postgres", "postgis", "timescaledb", "pgvector", "mysql", "mariadb", "percona", "cockroach", "mongo", "couchdb"}
    | {
        "redis",
        "valkey",
        "keydb",
        "memcached",
        "elasticsearch",
        "opensearch",
        "cassandra",
        "scylla",
        "influxdb",
        "neo4j",
    }
    | {"clickhouse-server", "etcd", "rabbitmq", "zookeeper", "kafka", "nats"}
)
"""Images (the last part of the name) that hold data or queues and trust their network."""


_HELPERS: Final = re.compile(
    r"^(?:adminer|pgadmin4?|mailhog|mailpit|maildev|mailcatcher|smtp4dev|localstack|minio|mc|azurite|jaeger|all-in-one"
    r"|zipkin|redpanda|cp-\w+|fake-gcs-server|google-cloud-cli|eclipse-mosquitto|opentelemetry-collector\S*|mssql-server)$"
)
"""Images that stand in for what production has elsewhere, or look into it."""
_CATCHES: Final = re.compile(
    r"(?:^|/)selenium|(?:^|/)(?:mailhog|mailpit|maildev|mailcatcher|smtp4dev|localstack)(?:[:@]|$)", re.I
)
"""Images that only tests and developers start."""
_LIVE: Final = re.compile(r"--reload\b|\bnodemon\b|\bwatch\b|-watch\b|\brun dev\b|\bair\b(?! *=)")
"""Commands that start a service anew whenever its source is edited."""
_DEV_VARIABLE: Final = re.compile(r"\b(?:NODE_ENV|FLASK_ENV|RAILS_ENV|APP_ENV)'?[=:] *'?dev")


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its file, its name and what is written of it (merge keys applied)."""

    path: str
    name: str
    data: dict[str, Any]
    root: tuple[str, ...] = ("services",)
    """() in the first format of compose files, where services stand at the top and know no health check."""

    @property
    def at(self) -> tuple[str, ...]:
        """Its path in the file."""
        return (*self.root, self.name)

    @property
    def image(self) -> str:
        """The image's own name without registry, tag and digest: `postgres`."""
        image = str(self.data.get("image") or "")
        return image.rpartition("/")[2].partition("@")[0].partition(":")[0]

    @property
    def tag(self) -> str:
        """The image's tag, `latest` when it has none."""
        return str(self.data.get("image") or "").rpartition("/")[2].partition("@")[0].partition(":")[2] or "latest"

    @property
    def is_store(self) -> bool:
        """Whether it is a database, cache or queue."""
        kin = self.image.startswith(("postgres", "timescaledb", "mysql", "redis-stack"))
        return self.image in STORES or (kin and not _TOOLS.search(self.image))


def services(project: Project) -> Iterator[Service]:
    """Services of the compose files that are no override, test, example or development set-up."""
    for path in files(project):
        for name, data in _services(project, path).items():
            yield Service(path, name, data, _root(project, path))


def files(project: Project) -> tuple[str, ...]:
    """The compose files that may run in production."""
    found = (p for p in project.files(*GLOBS) if is_product(p) and not is_development(p) and not _OVERRIDE.search(p))
    return tuple(p for p in found if not _FOR_DEVELOPMENT.search(project.read(p)[:800]))


def only_stores(project: Project, path: str) -> bool:
    """Whether a file starts what a developer's program needs and not the program: databases, and none for good."""
    found = [Service(path, name, data) for name, data in _services(project, path).items()]
    helps = all("build" not in s.data and (s.is_store or _HELPERS.search(s.image)) for s in found)
    return bool(found) and helps and not any({"restart", "deploy"} & s.data.keys() for s in found)


def is_developed(project: Project, path: str) -> bool:
    """Whether a service of the file is there to be edited or tested: its command, image, stage or variables say so."""
    return any(_is_edited(Service(path, name, data)) for name, data in _services(project, path).items())


def _is_edited(service: Service) -> bool:
    build = service.data.get("build")
    stage = [str(build.get(k) or "") for k in ("target", "dockerfile")] if isinstance(build, dict) else []
    given = service.data.get("env_file")
    named = [*stage, *(str(f) for f in (given if isinstance(given, list) else [given]) if isinstance(f, str))]
    variables = str(service.data.get("environment") or "")
    command = service.data.get("command")
    words = " ".join(map(str, command)) if isinstance(command, list) else str(command or "")
    catches = (
        _CATCHES.search(str(service.data.get("image") or "")) or _LIVE.search(words) or _DEV_VARIABLE.search(variables)
    )
    return bool(catches) or any(is_development(name) for name in named) or _lends_source(service)


def _lends_source(service: Service) -> bool:
    """Whether the folder that the image is built from is mounted over it, and the service is not to last."""
    build, listed = service.data.get("build"), service.data.get("volumes")
    context = str(build.get("context") or "") if isinstance(build, dict) else str(build or "")
    if not context or "restart" in service.data:
        return False
    sources = (str(v).partition(":")[0] for v in (listed if isinstance(listed, list) else ()) if isinstance(v, str))
    return any(s.startswith(".") and posixpath.normpath(s) == posixpath.normpath(context) for s in sources)


def _services(project: Project, path: str) -> dict[str, dict[str, Any]]:
    try:
        data = project.parsed(path, yaml.load)
    except Refused:
        return {}
    if not isinstance(data, dict):
        return {}
    found = data.get("services") if _root(project, path) else data
    if not isinstance(found, dict):
        return {}
    return {str(name): service for name, service in found.items() if isinstance(service, dict)}


def _root(project: Project, path: str) -> tuple[str, ...]:
    """Where the services stand: everything at the top is one in the first format."""
    data = project.parsed(path, yaml.load)
    first = (
        isinstance(data, dict)
        and data
        and all(isinstance(s, dict) and {"image", "build"} & s.keys() for s in data.values())
    )
    return () if first else ("services",)


def volumes(project: Project, dockerfile: str) -> tuple[str, ...]:
    """The folders of the image that a Dockerfile makes on which compose files mount named volumes to write to.

    A folder that the host lends has the host's owner; a named volume takes the owner of the image's folder.
    """
    found: dict[str, None] = {}
    for service in services(project):
        if _built_from(service) != dockerfile or str(service.data.get("user", "")).partition(":")[0] in ("0", "root"):
            continue
        listed = service.data.get("volumes")
        for volume in listed if isinstance(listed, list) else ():
            if isinstance(volume, dict):
                named = volume.get("type") == "volume" and not volume.get("read_only")
                target = str(volume.get("target", "")) if named else ""
            else:
                source, _, rest = str(volume).partition(":")
                target, _, mode = rest.partition(":")
                target = "" if re.search(r"[./~$\\]", source[:1]) or "ro" in mode.split(",") else target
            if target.startswith("/") and "$" not in target:
                found[target.rstrip("/")] = None
    return tuple(found)


def _built_from(service: Service) -> str:
    """The Dockerfile that a service is built from, "" when it is not built here."""
    build = service.data.get("build")
    given = build if isinstance(build, dict) else {"context": build} if isinstance(build, str) else {}
    context, name = str(given.get("context", "")), str(given.get("dockerfile", "Dockerfile"))
    if not context or "://" in context or "$" in context + name:
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(service.path), context, name))


def is_elsewhere(project: Project, service: Service, key: str) -> bool:
    """Whether an override or another compose file beside it gives the service that key."""
    folder = service.path.rpartition("/")[0]
    others = [p for p in project.files(*GLOBS) if p != service.path and p.rpartition("/")[0] == folder]
    return any(key in _services(project, p).get(service.name, {}) for p in others)


def runs_once(project: Project, service: Service) -> bool:
    """Whether it is a job that ends: a migration, a set-up, something that others wait for to complete."""
    words = " ".join(str(service.data.get(k) or "") for k in ("command", "entrypoint"))
    if _ONCE.search(service.name) or _ONCE.search(words) or "profiles" in service.data:
        return True
    for other in _services(project, service.path).values():
        needs = other.get("depends_on")
        need = needs.get(service.name) if isinstance(needs, dict) else None
        if isinstance(need, dict) and need.get("condition") == "service_completed_successfully":
            return True
    return False


def environment(service: Service) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Its variables: the path of the place that holds the value, the name, the value; both notations."""
    given = service.data.get("environment")
    if isinstance(given, dict):
        for name, value in given.items():
            yield (*service.at, "environment", name), str(name), value
    elif isinstance(given, list):
        for index, item in enumerate(given):
            name, equals, value = str(item).partition("=")
            if equals:
                yield (*service.at, "environment", index), name, value
