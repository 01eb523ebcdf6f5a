"""go/server-without-timeouts: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, goserver
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

LIMIT = "ReadHeaderTimeout: 10 * time.Second"
WHY = "A client that sends its headers slowly may not hold a connection open."
LOOPBACK = re.compile(r'"(?:localhost|127\.0\.0\.1|\[::1\]):')

ACKNOWLEDGED = r"#nosec|nolint:\S*gosec"
BAD = """package main

import (
	"log"
	"net/http"
)

func main() {
	server := &http.Server{
		Addr:    ":8080",
		Handler: newRouter(),
	}
	log.Fatal(server.ListenAndServe())
}
"""
GOOD = BAD.replace('http"\n)', 'http"\n\t"time"\n)').replace(
    "newRouter(),\n", f"newRouter(),\n\t\t// {WHY}\n\t\t{LIMIT},\n"
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    applies=("**/*.go",),
    bad={"main.go": BAD},
    good={"main.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """An HTTP server waits for ever for a client's headers.

    Go's http.Server has no timeout of its own. A few hundred connections that send one header byte a minute use up
    the server's file descriptors (Slowloris). ReadHeaderTimeout bounds the headers alone, so uploads, downloads,
    server-sent events and websockets go on as before; 10 seconds is far more than any honest client needs.
    """
    for path, code in gocode.sources(project, b"net/http", b"gin-gonic/gin"):
        places = [
            n
            for n in [*_literals(project, path, code), *_calls(code)]
            if project.keep(path, code.source.line(n)) and not code.comment_near(n, ACKNOWLEDGED)
        ]
        if not places:
            continue
        places.sort(key=code.source.line)
        draft = gocode.drafted(project, path, _mends, code, places)
        local = all(LOOPBACK.search(n.text()) for n in places)
        yield Finding(
            path,
            f"no ReadHeaderTimeout on the server in {', '.join(dict.fromkeys(_name(code, n) for n in places))}",
            line=code.source.line(places[0]),
            anchor=",".join(sorted({_name(code, n) for n in places})),
            severity=Severity.LOW if local else None,
            locations=tuple(Location(path, code.source.line(n), note=_name(code, n)) for n in places),
            fixes=draft.fixes("Bound the time a client may take to send its headers"),
        )


def _name(code: Code, node: Node) -> str:
    return code.symbol(node) or gocode.assigned_to(node) or "the package"


def _literals(project: Project, path: str, code: Code) -> Iterator[Node]:
    for literal in code.literals_of("net/http", "Server"):
        given = gocode.elements(literal)
        set_here = [given[k].text() for k in ("ReadHeaderTimeout", "ReadTimeout") if k in given]
        if any(value != "0" for value in set_here) or gocode.is_positional(literal):
            continue
        name = re.escape(gocode.assigned_to(literal).rpartition(".")[2]) or r"\w+"
        if not gocode.package_has(project, path, rf"\b{name}\s*\.\s*Read(?:Header)?Timeout\s*="):
            yield literal


def _calls(code: Code) -> list[Node]:
    return [*code.calls_of("net/http", "ListenAndServe|ListenAndServeTLS|Serve|ServeTLS"), *goserver.gin_runs(code)]


def _mends(code: Code, places: list[Node]) -> list[Edit]:
    free = [n for n in goserver.NAMES if not re.search(rf"\b{n}\b", code.text)]
    edits = [e for n in places for e in _mend(code, n, free)]
    return [*edits, *golang.add_imports(code.source, "net/http", "time")]


def _mend(code: Code, node: Node, free: list[str]) -> Iterator[Edit]:
    if code.source.has_error_near(node):
        raise Refused("the code near the place could not be read")
    if node.kind() == "composite_literal":
        zero = gocode.element(node, "ReadHeaderTimeout")
        if zero is not None:
            yield code.source.replace(zero, LIMIT)
        else:
            yield golang.add_element(code.source, node, LIMIT, WHY)
        return
    yield from goserver.own_server(code, node, free, LIMIT, WHY)
