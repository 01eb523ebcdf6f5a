"""Where a Go server listens: on loopback unless the environment says otherwise, and off it only with a login."""

from __future__ import annotations

import re

from fixers.draft import Draft
from fixers.editors import golang
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit
from fixers.facts import goauth, gocode, gomodules, gorefuse, goscaffold
from fixers.facts.gocode import Code
from fixers.model import Refused
from fixers.project import Project


def mended(project: Project, path: str, code: Code, places: list[Node]) -> tuple[Draft, str]:
    """A draft that lets the environment name the host, and what it refuses, "" where no switch of the login is seen."""
    switch = goauth.switch(project, path, code, places[0])
    if switch and len(places) == 1:
        draft = gocode.drafted(project, path, _refusing, project, path, code, places[0], switch)
        if not goscaffold.has(project, path, "bindhost"):
            goscaffold.add(project, draft, path, code, "bindhost", {}, "")
        if not draft.refused:
            return draft, "off it with the authentication on only"
    return gocode.drafted(project, path, _asking, project, path, code, places), ""


def _refusing(project: Project, path: str, code: Code, node: Node, switch: str) -> list[Edit]:
    """The host of `bindHost` in a local above, with its refusal."""
    place, function = gocode.statement(node), code.around(node)[0]
    text = function.node.text()
    if place is None or code.source.has_error_near(node):
        raise Refused("the code near the place could not be read")
    error = "bindErr" if re.search(r"(?m)^\s*(?:err :=|var err\b)", text) else "err"
    host = next((n for n in ("host", "bindTo", "") if not re.search(rf"\b{n}\b", text)), "")
    refuses, package = gorefuse.refusal(project, path, code, function, error)
    if not host:
        raise Refused("every name for the host is taken")
    lines = f"{host}, {error} := bindHost({switch})\nif {error} != nil {{\n    {refuses}\n}}"
    port, needed = _port(code, node)
    edits = [code.source.insert_before(place, lines), code.source.replace(node, f"net.JoinHostPort({host}, {port})")]
    return [*edits, *_imports(code, node, {*needed, "net", *([package] if package else [])})]


def _asking(project: Project, path: str, code: Code, places: list[Node]) -> list[Edit]:
    """The host of the environment in the place of the empty one."""
    if len(places) > 1:
        raise Refused("several servers listen; each wants an address of its own")
    node = places[0]
    if gomodules.module_of(project, path).go < (1, 22):
        raise Refused("cmp.Or is in the standard library since Go 1.22")
    network = enclosing(node, ("call_expression",))
    if network is not None and gocode.called(network) == "net.Listen" and '"tcp"' not in network.text():
        raise Refused("the network is not tcp")
    name = f'"{gomodules.env_prefix(project)}BIND_ADDRESS"'
    port, needed = _port(code, node)
    text = f'net.JoinHostPort(cmp.Or(os.Getenv({name}), "127.0.0.1"), {port})'
    return [code.source.replace(node, text), *_imports(code, node, {*needed, "cmp", "net", "os"})]


def _imports(code: Code, node: Node, needed: set[str]) -> list[Edit]:
    fmt = code.name_of("fmt")
    if fmt and node.kind() == "call_expression" and code.used(fmt) == 1:
        return golang.swap_import(code.source, "fmt", *needed)
    return golang.add_imports(code.source, *needed)


def _port(code: Code, node: Node) -> tuple[str, set[str]]:
    """The port of an address as an expression, and the packages that it needs."""
    if node.kind() == "interpreted_string_literal":
        return '"' + gocode.unquoted(node).rpartition(":")[2] + '"', set()
    if node.kind() == "binary_expression":
        return gocode.text_of(node.field("right")), set()
    pattern, *values = gocode.arguments(node)
    if len(values) != 1:
        raise Refused("the address is put together in an unusual way")
    return (values[0].text(), set()) if "%s" in pattern.text() else (f"strconv.Itoa({values[0].text()})", {"strconv"})
