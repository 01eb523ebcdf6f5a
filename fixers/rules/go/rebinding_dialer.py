"""go/rebinding-dialer: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import goclient, gocode, goguard, goscaffold
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

GORILLA = ("github.com/gorilla/websocket", "github.com/fasthttp/websocket")
LIMIT = "HandshakeTimeout: 10 * time.Second"
WHY = "A peer that does not answer may not hold the caller for ever."
GUARD = "NetDialContext: guardedDial"
GUARD_WHY = "The address is judged when it is dialed, after the name was resolved."
BAD = """package main

import (
	"context"

	"github.com/gorilla/websocket"
)

func connect(ctx context.Context, peer string) (*websocket.Conn, error) {
	dialer := websocket.Dialer{}
	conn, _, err := dialer.DialContext(ctx, peer, nil)
	return conn, err
}
"""
GOOD = BAD.replace('"context"\n', '"context"\n\t"time"\n').replace("Dialer{}", f"Dialer{{{LIMIT}}}")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("Q11",),
    applies=("**/*.go",),
    bad={"sync.go": BAD},
    good={"sync.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A websocket dialer goes wherever a name resolves to, and waits for ever.

    A zero websocket.Dialer has no handshake timeout and resolves the name when it connects: an address that was
    checked before can point to 169.254.169.254 or to the local network by then. Peers on the local network may be
    what the program is for, so the timeout alone is the default; the guard, the other choice, refuses link-local
    addresses and metadata services in a Control hook, which runs after the resolution.
    """
    guards = goclient.guarded(project)
    for path, code, call in goclient.judged_too_early(project):
        if project.keep(path, code.source.line(call)):
            draft = gocode.drafted(project, path, goguard.around_near, project, path, code, call)
            goguard.add(project, draft, path, code, [])
            yield Finding(
                path,
                f"{code.symbol(call) or 'the package'} judges an address that is resolved again when it is dialed",
                line=code.source.line(call),
                anchor=f"{code.symbol(call)}:early",
                fixes=draft.fixes(
                    "Judge the address when it is dialed",
                    Applicability.UNSAFE,
                    goguard.reason(project, path, []),
                ),
                steps=(
                    "Judge the address in the Control hook of the client's net.Dialer: it is the one that is dialed.",
                    "Take the check of the name away afterwards; redirects go through the hook by themselves.",
                ),
            )
    for path, code in gocode.sources(project, b"websocket"):
        places = [
            n
            for n in code.literals_of(GORILLA, "Dialer")
            if _is_bare(project, path, code, n) and project.keep(path, code.source.line(n))
        ]
        if not places:
            continue
        names = ", ".join(dict.fromkeys(code.symbol(n) or "the package" for n in places))
        draft = gocode.drafted(project, path, _mends, code, places)
        guarded = gocode.drafted(project, path, _mends, code, places, True)
        if not goscaffold.has(project, path, "guardeddial"):
            goscaffold.add(project, guarded, path, code, "guardeddial", {}, "")
        hook = f"as {guards[0]} does" if guards else "in NetDialContext, with a net.Dialer whose Control hook decides"
        yield Finding(
            path,
            f"the websocket dialer of {names} has no handshake timeout and does not look where it goes",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(n), note=code.symbol(n)) for n in places),
            fixes=(
                *draft.fixes("Bound the handshake of the websocket dialer"),
                *guarded.fixes(
                    "Bound the handshake, and dial no link-local address or metadata service",
                    Applicability.UNSAFE,
                    "peers that are meant to be link-local are refused; peers of the local network are not",
                    name="guard",
                ),
            ),
            steps=(f"Where peers are never local, refuse private and link-local addresses after resolution, {hook}.",),
        )


def _is_bare(project: Project, path: str, code: Code, literal: Node) -> bool:
    given = gocode.elements(literal)
    name = gocode.assigned_to(literal).rpartition(".")[2]
    later = re.escape(name) if re.fullmatch(r"\w+", name) else r"\w*[dD]ialer"
    return (
        "HandshakeTimeout" not in given
        and not gocode.is_positional(literal)
        and not gocode.package_has(project, path, rf"\b{later}\.HandshakeTimeout\s*=")
    )


def _mends(code: Code, places: list[Node], guard: bool = False) -> list[Edit]:
    edits = []
    for literal in places:
        if code.source.has_error_near(literal):
            raise Refused("the code near the place could not be read")
        text, given = LIMIT, gocode.elements(literal)
        if guard and {"NetDial", "NetDialContext", "Proxy"} & given.keys():
            raise Refused("the dialer connects in a way of its own")
        if guard and "\n" in gocode.text_of(literal.field("body")):
            indent = code.source.indentation(list(given.values())[-1])
            text += f",\n{indent}// {GUARD_WHY}\n{indent}{GUARD}"
        elif guard:
            text += f", {GUARD}"
        edits.append(golang.add_element(code.source, literal, text, WHY))
    return [*edits, *golang.add_import(code.source, "time")]
