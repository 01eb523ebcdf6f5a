"""Secrets written into a compose file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from fixers.editors import yaml
from fixers.facts.compose import GLOBS, Service, environment, services
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_SECRET: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASS|SECRET|SECRET_KEY|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY)$", re.I
)
_NO_SECRET: Final = re.compile(r"(?:^|_)(?:ALLOW|PUBLIC|RESET|EXPIR\w*|RANDOM)_|_FILE$", re.I)
_PLAIN: Final = re.compile(r"(?:true|false|yes|no|none|null|\d{0,3}|/run/secrets/.*|<.*>|.*\$\{?\w.*)", re.I | re.S)
_ROOT: Final = re.compile(r"ROOT", re.I)
_STORE: Final = re.compile(r"POSTGRES|MYSQL|MARIADB|MONGO|REDIS|MINIO")
_REASON: Final = "compose refuses to start until {} set in the environment or in .env; the old values are public"


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=GLOBS,
    bad={
        "compose.yml": "services:\n  db:\n    image: postgres:16\n    environment:\n"
        "      POSTGRES_PASSWORD: hunter2hunter2\n"
        "  web:\n    image: shop:1.4\n    environment:\n      - DATABASE_URL=postgres://postgres:hunter2hunter2@db/shop\n"
    },
    good={
        "compose.yml": "services:\n  db:\n    image: postgres:16\n    environment:\n"
        "      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it in .env}\n"
        "  web:\n    image: shop:1.4\n    environment:\n"
        "      - DATABASE_URL=postgres://postgres:${POSTGRES_PASSWORD:?set it in .env}@db/shop\n"
    },
)
def check(project: Project) -> Iterator[Result]:
    """A secret is written into the compose file.

    Everybody who can read the repository has the password of every deployment that follows the file, and
    changing it means a commit. Compose takes it from the environment or an untracked .env file, and with
    `:?` refuses to start without it rather than run with a known one.
    """
    clean = []
    for path, group in groupby(services(project), key=lambda s: s.path):
        chosen = list(group)
        found = [(at, name, value) for s in chosen for at, name, value in _secrets(project, s)]
        if not found:
            clean.append(Location(path))
            continue
        draft = project.draft()
        names = _names(found)
        for at, name, value in found:
            own = name if _ROOT.search(name) else names[value]
            draft.edit(path, yaml.set_value, at, _reference(own) if at[-1] == name else f"{name}={_reference(own)}")
        for at, text in _urls(chosen, names):
            draft.edit(path, yaml.set_value, at, text)
        said = sorted({n if _ROOT.search(n) else names[v] for _, n, v in found})
        lines = [yaml.line_of(project.read(path), at) for at, _, _ in found]
        yield Finding(
            path,
            f"{plural(len(found), 'secret')} in clear text: {', '.join(sorted({n for _, n, _ in found}))}",
            line=lines[0],
            fixes=draft.fixes(
                "Take secrets from the environment",
                Applicability.UNSAFE,
                _REASON.format(", ".join(said) + (" is" if len(said) == 1 else " are")),
            ),
            locations=tuple(Location(path, line, note=name) for line, (_, name, _) in zip(lines, found, strict=True)),
        )
    if clean:
        yield Pass("no secrets in clear text in compose files", tuple(clean))


def _names(found: list[tuple[tuple[str | int, ...], str, str]]) -> dict[str, str]:
    """One variable for each value, that of the database rather than a client's, root's only when nobody else has it."""
    order = sorted(found, key=lambda f: (_ROOT.search(f[1]) is not None, _STORE.match(f[1]) is None))
    return {value: name for _, name, value in reversed(order)}


def _reference(name: str) -> str:
    return f"${{{name}:?set it in .env}}"


def _secrets(project: Project, service: Service) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    for at, name, value in environment(service):
        if not _SECRET.search(name) or _NO_SECRET.search(name) or isinstance(value, bool | None):
            continue
        written = str(value).strip("\"'")
        line = yaml.line_of(project.read(service.path), at)
        if line and not _PLAIN.fullmatch(written) and project.keep(service.path, line):
            yield at, name, written


def _urls(chosen: list[Service], names: dict[str, str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Connection URLs that hold one of the secrets, with a reference in its place."""
    for service in chosen:
        for at, name, value in environment(service):
            text = str(value)
            for secret, own in names.items():
                text = text.replace(f":{secret}@", f":{_reference(own)}@")
            if text != str(value):
                yield at, text if at[-1] == name else f"{name}={text}"
