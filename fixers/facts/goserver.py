"""Go servers that are begun by a function of a package, and what they are as a server of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.model import Refused

NAMES: Final = ("server", "srv", "httpServer", "secondServer", "thirdServer")
SIMPLE: Final = (
    "expression_statement",
    "return_statement",
    "short_var_declaration",
    "assignment_statement",
    "var_declaration",
    "go_statement",
)


def gin_runs(code: Code) -> list[Node]:
    """`engine.Run(addr)` of gin, which begins an http.Server without any timeout."""
    gin = code.name_of("github.com/gin-gonic/gin")
    if not gin:
        return []
    made = set(re.findall(rf"\b(\w+)\s*:?=\s*{gin}\.(?:New|Default)\(", code.text))
    made |= {n for f in code.functions for n, t in f.parameters if t == f"*{gin}.Engine"}
    runs = code.calls(r"\w+\.Run")
    return [c for c in runs if gocode.called(c).partition(".")[0] in made and len(gocode.arguments(c)) <= 1]


def runs_first(place: Node, call: Node) -> bool:
    """Whether a line before the statement may evaluate the call's arguments: nothing of it runs earlier."""
    if place.kind() != "if_statement":
        return place.kind() in SIMPLE
    begin = place.field("initializer") or place.field("condition")
    return begin is not None and begin.range().start.index <= call.range().start.index < begin.range().end.index


def own_server(code: Code, call: Node, free: list[str], limit: str, why: str) -> Iterator[Edit]:
    """`http.ListenAndServe(addr, handler)` as a method call of a server that has the timeout.

    `free` are the names that the file does not use; the one that is taken goes from the list.
    """
    given = [a.text() for a in gocode.arguments(call)]
    method = gocode.called(call).rpartition(".")[2]
    if method == "Run":
        method, given = "ListenAndServe", [*given, gocode.called(call).rpartition(".")[0]]
    if len(given) != (4 if method.endswith("TLS") else 2) or any(a.endswith("...") for a in given):
        raise Refused("the call is written in an unusual way")
    listens = method.startswith("Listen")
    handler = given.pop(-1 if listens else 1)
    fields = [f"Addr: {given.pop(0)}"] if listens else []
    fields += [] if handler == "nil" else [f"Handler: {handler}"]
    http, place = code.name_of("net/http") or "http", gocode.statement(call)
    if place is None or not free or not runs_first(place, call) or "\n" in "".join(fields):
        literal = f"{http}.Server{{{', '.join([*fields, limit])}}}"
        yield code.source.replace(call, f"(&{literal}).{method}({', '.join(given)})")
        return
    name = free.pop(0)
    width = max((len(f.partition(":")[0]) for f in fields), default=0)
    aligned = [f"{k + ':':<{width + 1}} {v}," for k, _, v in (f.partition(": ") for f in fields)]
    body = "".join(f"    {line}\n" for line in [*aligned, f"// {why}", f"{limit},"])
    yield code.source.insert_before(place, f"{name} := &{http}.Server{{\n{body}}}")
    yield code.source.replace(call, f"{name}.{method}({', '.join(given)})")
