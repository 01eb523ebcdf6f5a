"""go/unguarded-http-client: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import goclient, gocode, goguard
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

LIMIT = "Timeout: 30 * time.Second"
WHY = "A server that does not answer may not hold the caller for ever."
SWAPPED = re.compile(r"http\.DefaultClient(?:\.Transport)?\s*=[^=]")
OWN = re.compile(r"^(?:var\s+|\t)(\w*[cC]lient)\s*=\s*&?http\.Client\{[^}]*\bTimeout:", re.M)
BAD = """package main

import (
	"net/http"
)

func newClient() *http.Client {
	return &http.Client{}
}
"""
GOOD = BAD.replace('http"\n', 'http"\n\t"time"\n').replace("Client{}", f"Client{{{LIMIT}}}")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("Q13",),
    applies=("**/*.go",),
    bad={"client.go": BAD},
    good={"client.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """An HTTP client waits for ever for an answer.

    http.Get, http.Post and a plain http.Client have no timeout. One peer that accepts the connection and stays
    silent holds the goroutine, its memory and whatever it has locked for as long as the process lives. Timeout
    covers the whole exchange, the body included, so code that streams a body gets a limit only after a review.
    """
    for path, code in gocode.sources(project, b"net/http"):
        yield from _addresses(project, path, code)
        places = [n for n in goclient.endless(project, path, code) if project.keep(path, code.source.line(n))]
        if not places:
            continue
        places.sort(key=code.source.line)
        names = list(dict.fromkeys(code.symbol(n) or gocode.assigned_to(n) or "the package" for n in places))
        draft = gocode.drafted(project, path, _mends, project, path, code, places)
        streams = any(goclient.may_stream(project, path, code, n) for n in places)
        yield Finding(
            path,
            f"no timeout on the HTTP client of {', '.join(names)}",
            line=code.source.line(places[0]),
            anchor="client",
            locations=tuple(Location(path, code.source.line(n), note=code.symbol(n)) for n in places),
            fixes=draft.fixes(
                "Give the HTTP client a timeout",
                Applicability.UNSAFE if streams else None,
                "the code streams a body, and the timeout covers all of it" if streams else "",
            ),
        )


def _addresses(project: Project, path: str, code: Code) -> Iterator[Finding]:
    """Requests to an address that somebody else chooses, over a client that goes anywhere."""
    guards = goguard.theirs(project)
    asks = [
        a
        for a in goclient.chosen_by_others(project, path, code)
        if project.keep(path, code.source.line(a.call)) and not goguard.is_guarded(code, a.call)
    ]
    if not asks or goclient.has_guard(project, path, guards):
        return
    chosen = [a.target for a in asks]
    draft = gocode.drafted(project, path, goguard.around, project, path, code, [a.call for a in asks])
    goguard.add(project, draft, path, code, chosen)
    symbols = ", ".join(dict.fromkeys(code.symbol(a.call) for a in asks))
    yield Finding(
        path,
        f"{symbols} asks an address that somebody else chooses ({asks[0].target})",
        line=code.source.line(asks[0].call),
        anchor="address",
        locations=(
            *(Location(path, code.source.line(a.call), note=a.target) for a in asks),
            *dict.fromkeys(c for a in asks for c in a.client),
        ),
        fixes=draft.fixes(
            "Ask addresses that others choose through a guarded client",
            Applicability.UNSAFE,
            goguard.reason(project, path, chosen),
        ),
        steps=(
            f"Use {', '.join(guards[:3])} for these requests alone."
            if guards
            else "Ask over a client whose net.Dialer has a Control hook: it judges what a name or redirect led to.",
            "Leave the client of calls to your own services as it is: it may have to reach localhost.",
        ),
    )


def _mends(project: Project, path: str, code: Code, places: list[Node]) -> list[Edit]:
    edits: list[Edit] = []
    calls = [n for n in places if n.kind() == "call_expression"]
    name = next((m[1] for p in gocode.siblings(project, path) for m in OWN.finditer(project.text(p))), "")
    tests = [p for p in project.files("**/*_test.go") if gocode.folder(p) == gocode.folder(path)]
    if calls and any(SWAPPED.search(project.text(p)) for p in tests):
        raise Refused("tests put a client of their own in the place of http.DefaultClient")
    if calls and not name:
        taken = gocode.in_package(project, path, ["httpClient", "timedClient", "boundedClient"])
        name = next(n for n in ("httpClient", "timedClient", "boundedClient", "") if n not in taken)
        if not name:
            raise Refused("every name for a client of its own is taken in this package")
        declaration = f"// {name} gives up on a server that does not answer.\nvar {name} = &http.Client{{{LIMIT}}}"
        edits.append(golang.after_imports(code.source, declaration.replace("http.", code.name_of("net/http") + ".")))
    for node in places:
        if code.source.has_error_near(node):
            raise Refused("the code near the place could not be read")
        if node in calls:
            function = node.field("function")
            assert function is not None
            edits.append(code.source.replace(function, f"{name}.{gocode.called(node).rpartition('.')[2]}"))
        elif (zero := gocode.element(node, "Timeout")) is not None:
            edits.append(code.source.replace(zero, LIMIT))
        else:
            edits.append(golang.add_element(code.source, node, LIMIT, WHY))
    return [*edits, *golang.add_import(code.source, "time")]
