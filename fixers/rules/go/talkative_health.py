"""go/talkative-health: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, goroutes, gounused
from fixers.facts.gocode import Code, Function
from fixers.facts.goroutes import Route
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

PROBE = re.compile(r"/(?:\w+[-_])?(?:health(?:z|[-_]?check)?|readyz?|readiness|livez?|liveness)$", re.I)
NAMED = re.compile(
    r"(?:handle|get|serve|api)?_?(?:health(?:z|_?check)?|readyz|readiness|livez|liveness)(?:handler)?", re.I
)
TELLS = re.compile(
    r"(?:app|server|git|go|api)?_?(?:version|commit|commit_?(?:hash|sha|id)|sha|revision|branch|build|build_?(?:time|date|info)"
    r"|hostname|host|owner|clients|client_?count|connections|users?|user_?count|pid|os|arch|platform|goroutines"
    r"|num_?goroutine|memory|mem_?\w*|cpus?|env|environment|config|database_?(?:url|path)|db_?(?:url|path|host)|ip|verbosity)",
    re.I,
)
MAP = r"map\[string\](?:any|interface\{\}|string)|gin\.H|\w*\.?(?:Map|M|JSON)"
READERS = ("**/*.{ts,tsx,js,jsx,mjs,svelte,vue,py,rs,sh,yml,yaml,html}", "**/*_test.go")
BAD = """package main

import (
	"encoding/json"
	"net/http"
)

func handleHealth(w http.ResponseWriter, r *http.Request) {
	build := currentBuild()
	_ = json.NewEncoder(w).Encode(map[string]any{
		"status":  "ok",
		"version": build.Version,
		"commit":  build.Commit,
	})
}
"""
GOOD = BAD.replace("\tbuild := currentBuild()\n", "").replace(
    '"status":  "ok",\n\t\t"version": build.Version,\n\t\t"commit":  build.Commit,\n', '"status": "ok",\n'
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q6",),
    applies=("**/*.go",),
    bad={"health.go": BAD},
    good={"health.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A public health endpoint tells about the inside of the server.

    Probes ask /health without credentials, so it is open to everyone. A version and a commit say which known
    holes to try, host and owner names whom to write to, client counts when to strike. A status and whether each
    dependency is up is all that a probe reads.
    """
    probes = [r for r in goroutes.routes(project) if PROBE.search(r.path)]
    routed = {r.handler.rpartition(".")[2]: r.path for r in probes}
    at_home = {r.handler.rpartition(".")[2]: r.file for r in probes if _is_beside(project, r)}
    for path, code in gocode.sources(
        project, b"ealth", b"eadyz", b"eadiness", b"ivez", b"iveness", *(n.encode() for n in routed)
    ):
        for function in goroutes.handlers(code):
            if not (function.name in routed or NAMED.fullmatch(function.name)) or function.body is None:
                continue
            if at_home.get(function.name, path) != path:
                continue
            literals = function.body.find_all(kind="composite_literal")
            told = [(x, k) for x in literals for k in gocode.elements(x) if TELLS.fullmatch(k.strip('"'))]
            told = [(x, k) for x, k in told if project.keep(path, code.source.line(_part(x, k)))]
            if told:
                yield _finding(project, path, code, function, told, routed.get(function.name, "/health"))


def _is_beside(project: Project, route: Route) -> bool:
    """Whether the handler stands in the file that registers it: another `Get` elsewhere answers something else."""
    code = gocode.code(project, route.file)
    return code is not None and any(f.name == route.handler.rpartition(".")[2] for f in code.functions)


def _is_map(literal: Node) -> bool:
    return re.fullmatch(MAP, gocode.text_of(literal.field("type"))) is not None


def _part(literal: Node, key: str) -> Node:
    part = gocode.element(literal, key)
    return part if part is not None else literal


def _finding(
    project: Project, path: str, code: Code, function: Function, told: list[tuple[Node, str]], route: str
) -> Finding:
    keys = [k.strip('"') for _, k in told]
    readers = _readers(project, path, function.name, route, keys)
    draft = gocode.drafted(project, path, _mends, code, function, told)
    if readers:
        draft.refuse(f"these read the fields: {', '.join(readers[:8])}")
    return Finding(
        path,
        f"{function.symbol} tells {', '.join(keys)} to everyone",
        line=code.source.line(function.node),
        anchor=function.symbol,
        locations=tuple(Location(path, code.source.line(_part(x, k)), note=k.strip('"')) for x, k in told),
        fixes=draft.fixes("Answer a health probe with its status only", reason="whoever reads the fields loses them"),
        steps=("Serve the details on a route behind the authentication, or to loopback only.",),
    )


def _readers(project: Project, path: str, name: str, route: str, keys: list[str]) -> list[str]:
    """Files of the tree that ask the route, or tests that call the handler, and name one of the fields."""
    field = re.compile(r"""(?:\.|["'])(?:""" + "|".join(map(re.escape, keys)) + r")\b")
    asking = project.grep((route.encode(),), *READERS)
    calling = project.grep((f"{name}(".encode(),), "**/*_test.go") if name else ()
    asks = re.compile(rf"(?:Get|NewRequest\w*|Sprintf)\([^\n]*{re.escape(route)}\b|\+\s*\"{re.escape(route)}\b")
    clients = [p for p in project.grep((route.encode(),), "**/*.go") if p != path and asks.search(project.text(p))]
    return [p for p in sorted({*asking, *calling, *clients}) if field.search(project.text(p))]


def _mends(code: Code, function: Function, told: list[tuple[Node, str]]) -> list[Edit]:
    parts = [_part(x, k) for x, k in told]
    if not all(_is_map(x) for x, _ in told):
        raise Refused("the answer is a type of its own, whose fields others may set or read")
    if any(code.source.has_error_near(p) for p in parts):
        raise Refused("the code near the place could not be read")
    edits: list[Edit] = []
    for literal in {code.source.bounds(x): x for x, _ in told}.values():
        edits += golang.drop_elements(
            code.source, literal, [p for (x, _), p in zip(told, parts, strict=True) if x == literal]
        )
    return [*edits, *gounused.leftovers(code, function.node, parts)]
