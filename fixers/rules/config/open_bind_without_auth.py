"""A service that listens to everybody and asks nobody who they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from fixers.facts.charts import is_manifest
from fixers.facts.config_values import GLOBS, Value, values
from fixers.facts.python_project import in_container
from fixers.model import Applicability, Finding, Location, Result, Severity, rule
from fixers.project import Project

_BIND: Final = re.compile(
    r"(?:\w+_)?(?:bind(?:_addr(?:ess)?|_host|_ip)?|listen(?:_addr(?:ess)?|_on)?|http_(?:addr|host)|host|interface)"
)
_ANY: Final = re.compile(r"(0\.0\.0\.0|\[?::\]?)(:\d+)?")
_AUTH: Final = re.compile(
    r"(?:\w+_)?auth(?:entication|orization)?(?:_enabled|_required)?|(?:enable|require)_(?:auth\w*|login)"
)
_NO_AUTH: Final = re.compile(r"(?:disable|no|skip)_auth\w*|auth_disabled|allow_anonymous")


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q0",),
    applies=GLOBS,
    bad={"server.toml": '[server]\nbind_address = "0.0.0.0"\nport = 8080\n\n[auth]\nenabled = false\n'},
    good={"server.toml": '[server]\nbind_address = "127.0.0.1"\nport = 8080\n\n[auth]\nenabled = false\n'},
)
def check(project: Project) -> Iterator[Result]:
    """The configuration listens on every interface with authentication off.

    Whoever reaches the port is then a user with all rights: in a café's network, on a host with a public
    address, from any other container. Either of the two may be right, never both.
    """
    boxed = in_container(project)
    for path, group in groupby(values(project, (b"0.0.0.0", b"::")), key=lambda v: v.path):
        found = list(group)
        open_to_all = [v for v in found if _is_open(v) and project.keep(path, v.line)]
        off = [v for v in found if _is_off(v)]
        if not open_to_all or not off:
            continue
        draft = project.draft()
        if boxed or is_manifest(project.read(path)):
            draft.refuse("in a container the address is right, so authentication must be turned on")
        for value in open_to_all:
            match = _ANY.fullmatch(str(value.value))
            value.edit(draft, f"127.0.0.1{(match and match[2]) or ''}")
        yield Finding(
            path,
            f"{open_to_all[0].name} listens on all interfaces while {'.'.join(map(str, off[0].keys))} is off",
            line=open_to_all[0].line,
            anchor=open_to_all[0].anchor,
            fixes=draft.fixes(
                "Listen on loopback while authentication is off",
                Applicability.UNSAFE,
                "other machines no longer reach it; turn authentication on to let them",
            ),
            steps=("Turn authentication on, or keep the service on loopback behind a proxy that asks for it.",),
            locations=tuple(Location(path, v.line, note=v.name) for v in (*open_to_all, *off)),
        )


def _is_open(value: Value) -> bool:
    return (
        isinstance(value.value, str)
        and _BIND.fullmatch(value.plain_name) is not None
        and _ANY.fullmatch(value.value) is not None
    )


def _is_off(value: Value) -> bool:
    above = str(value.keys[-2]).lower() if len(value.keys) > 1 else ""
    name = value.plain_name
    if name == "enabled" and _AUTH.fullmatch(above):
        return value.is_off
    if _NO_AUTH.fullmatch(name):
        return value.is_on
    return _AUTH.fullmatch(name) is not None and (value.is_off or value.value in ("none", "disabled"))
