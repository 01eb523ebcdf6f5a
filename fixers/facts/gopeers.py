"""Websocket endpoints that programs of the same tree dial with no credentials: whoever answers them asks for none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import goauth, gocode, goorigin, goroutes
from fixers.facts.gocode import Code, Function
from fixers.facts.goroutes import Route
from fixers.model import Location
from fixers.project import Project

_PATH: Final = re.compile(r'"((?:/[\w.-]+)+)"')
_CREDENTIAL: Final = re.compile(
    r"token|secret|passw|credential|authoriz|signature|signed|pub(?:lic)?_?key|challenge|certificate|api_?key|\bauth",
    re.I,
)
UPGRADES: Final = re.compile(r"\.Upgrade\(|websocket\.Accept\(")


@dataclass(frozen=True, slots=True)
class Peer:
    """A route that upgrades to a websocket, its handler, and where the tree dials it without credentials."""

    route: Route
    places: tuple[Location, ...]


def open_to_peers(project: Project) -> tuple[Peer, ...]:
    """Endpoints of peers whose two sides, dialer and handler, know no credential; one behind a condition is not."""
    dialed: dict[str, list[Location]] = {}
    for path, call, code in goorigin.dialers(project, tests=False):
        around = code.around(call)
        if not around or _CREDENTIAL.search(_dialed(code, call)) or not _bare(call):
            continue
        for match in _PATH.finditer(around[-1].node.text()):
            dialed.setdefault(match[1], []).append(Location(path, code.source.line(call), note=code.symbol(call)))
    found = []
    for route in goroutes.routes(project) if dialed else ():
        if route.path not in dialed or route.chosen or any(goauth.named(w) for w in route.wrappers):
            continue
        for path, code, handler in _handlers(project, route):
            text = handler.node.text()
            if UPGRADES.search(text) and not _CREDENTIAL.search(text):
                place = Location(path, code.source.line(handler.node), note=handler.symbol)
                found.append(Peer(route, (place, *dialed[route.path])))
    return tuple(found)


def _bare(call: Node) -> bool:
    """Whether the dialer sends no header of its own."""
    given = gocode.arguments(call)
    return bool(given) and given[-1].text() in ("nil", "http.Header{}", "&websocket.DialOptions{}")


def _dialed(code: Code, call: Node) -> str:
    """The dial itself and what its address was given."""
    names = [a for a in gocode.arguments(call) if a.kind() == "identifier"]
    return " ".join([call.text(), *(gocode.origin_of(code, n).text() for n in names)])


def _handlers(project: Project, route: Route) -> Iterator[tuple[str, Code, Function]]:
    name = route.handler.rpartition(".")[2]
    for path in gocode.siblings(project, route.file) if name.isidentifier() else ():
        code = gocode.code(project, path) if name.encode() + b"(" in project.read(path) else None
        for function in code.functions if code is not None else ():
            if code is not None and function.name == name:
                yield path, code, function
