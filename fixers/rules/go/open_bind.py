"""go/open-bind: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.source import Node
from fixers.facts import gobind, gocode, gomodules, goroutes
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

PORT = re.compile(r'"(?:0\.0\.0\.0|\[::\])?:(\d{2,5}|%[ds]|)"')
LISTENS = r"(?:http\.(?:ListenAndServe|ListenAndServeTLS)|net\.Listen|[\w.]+\.Run)"
PROBE = re.compile(r"available|port_?free|in_?use|is_?free|free_?port|find_?port|pick_?port", re.I)
MODULE = "module example.com/app\n\ngo 1.22\n"
BAD = """package main

import (
	"log"
	"net/http"
)

func main() {
	log.Fatal(http.ListenAndServe(":8080", nil))
}
"""
GOOD = (
    BAD.replace('"log"\n', '"cmp"\n\t"log"\n\t"net"\n')
    .replace('http"\n', 'http"\n\t"os"\n')
    .replace('":8080"', 'net.JoinHostPort(cmp.Or(os.Getenv("BIND_ADDRESS"), "127.0.0.1"), "8080")')
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q0",),
    applies=("**/*.go",),
    bad={"go.mod": MODULE, "main.go": BAD},
    good={"go.mod": MODULE, "main.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """The server listens on every network, and nobody can change that.

    An address without a host binds all interfaces: the café's network, the container host, the internet. For a
    server that a person starts, loopback is what is meant until somebody says otherwise. In a container every
    interface is right, for the container's port decides who gets in.
    """
    container = goroutes.published(project)
    kept: list[Location] = []
    for path, code in gocode.sources(project, b'":', b'"0.0.0.0', b'"[::]'):
        places = [
            n
            for n in {code.source.bounds(n): n for n in _places(code)}.values()
            if project.keep(path, code.source.line(n))
        ]
        if places and container:
            kept += [Location(path, code.source.line(n)) for n in places]
        elif places:
            yield _finding(project, path, code, places)
    if kept:
        yield Pass(f"all interfaces, behind the port that {container} publishes", tuple(kept))


def _finding(project: Project, path: str, code: Code, places: list[Node]) -> Finding:
    names = ", ".join(dict.fromkeys(code.symbol(n) or "the package" for n in places))
    draft, kept = gobind.mended(project, path, code, places)
    known = {f"{gomodules.env_prefix(project)}BIND_ADDRESS": "127.0.0.1"}
    gomodules.document(project, draft, path, known, "The address to listen on; 0.0.0.0 is every network.")
    return Finding(
        path,
        f"{names} listens on every interface ({places[0].text()})",
        line=code.source.line(places[0]),
        anchor=names,
        locations=tuple(Location(path, code.source.line(n), note=n.text()) for n in places),
        fixes=draft.fixes(
            "Listen on loopback unless the environment says otherwise" + (f", and {kept}" if kept else ""),
            reason="whoever reaches the server over the network has to set the variable (0.0.0.0 is what held so far)",
        ),
        steps=("Take the address to listen on from the configuration, with 127.0.0.1 as its default.",),
    )


def _places(code: Code) -> Iterator[Node]:
    """String literals, or calls and sums that begin with one, which are an address to listen on."""
    for call in code.calls(LISTENS):
        if PROBE.search(code.symbol(call)):
            continue
        given = gocode.arguments(call)
        place = given[1:2] if gocode.called(call).endswith("Listen") else given[:1]
        if gocode.called(call).endswith(".Run") and not code.name_of("github.com/gin-gonic/gin"):
            continue
        yield from (n for p in place for n in [gocode.origin_of(code, p)] if _is_open(n))
    for literal in code.literals_of("net/http", "Server"):
        value = gocode.elements(literal).get("Addr")
        if value is not None and _is_open(gocode.origin_of(code, value)):
            yield gocode.origin_of(code, value)


def _is_open(node: Node) -> bool:
    """Whether an address has no host; a port that a platform hands over in PORT is meant for every interface."""
    text = node.text()
    if re.search(r"\bport\b", text, re.I) and "Getenv" in text:
        return False
    if node.kind() == "interpreted_string_literal":
        return PORT.fullmatch(text) is not None and not text.endswith((':0"', ':"'))
    if node.kind() == "binary_expression":
        left = gocode.text_of(node.field("left"))
        return left in ('":"', '"0.0.0.0:"')
    if node.kind() == "call_expression" and gocode.called(node) == "fmt.Sprintf":
        return bool(gocode.arguments(node)) and PORT.fullmatch(gocode.arguments(node)[0].text()) is not None
    return False
