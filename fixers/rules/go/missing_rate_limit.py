"""go/missing-rate-limit: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, golimits, goroutes, goscaffold
from fixers.facts.gocode import Code
from fixers.model import (
    Applicability,
    Effort,
    Finding,
    Location,
    NotApplicable,
    Pass,
    Refused,
    Result,
    Severity,
    rule,
)
from fixers.project import Project

LOGIN = re.compile(r"log-?in|sign-?(?:in|up)|register|auth\b|token|password|reset|otp|session", re.I)
SETTINGS = {"RATE_LIMIT": "20", "RATE_BURST": "100"}
BAD = """package main

import (
	"log"
	"net/http"
	"time"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", login)
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
"""


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    effort=Effort.MEDIUM,
    audit=("Q3",),
    applies=("**/*.go",),
    bad={"main.go": BAD},
    good={
        "main.go": BAD.replace("Handler: mux", "Handler: limitRate(mux)"),
        "ratelimit.go": goscaffold.written("ratelimit.go", "main", ""),
        "ratelimit_test.go": goscaffold.written("ratelimit_test.go", "main", ""),
    },
)
def check(project: Project) -> Iterator[Result]:
    """Nothing limits how often a client may ask.

    Without a limit one client tries passwords as fast as the network carries them, and one script takes all the
    server's time from everyone else. A token bucket for each address answers 429 with Retry-After; the client's own
    X-Forwarded-For is no address to count by, for it can send another each time.
    """
    framework = goroutes.unread(project)
    routes = golimits.worth_a_limit(project)
    if framework:
        yield NotApplicable(f"the routes of {framework} are not read")
        return
    logins = [r for r in routes if LOGIN.search(r.path) and r.method != "GET" and "callback" not in r.path]
    if not logins and len({r.path for r in routes}) < 3:
        yield NotApplicable("there are no routes of a server to limit")
        return
    limited = golimits.limiter(project)
    if limited:
        yield Pass("requests are limited", (Location(limited),))
        return
    for path, code, node in _first(project, [r.file for r in routes]):
        if not project.keep(path, code.source.line(node)):
            continue
        draft = gocode.drafted(project, path, _wrapped, code, node)
        proxy = goroutes.proxy(project)
        if proxy:
            draft.refuse(f"behind the proxy of {proxy} every request has one address: limit there")
        comment = "Requests a second from one address, and how many at once."
        goscaffold.add(project, draft, path, code, "ratelimit", SETTINGS, comment)
        yield Finding(
            path,
            f"nothing limits the requests to the server of {code.symbol(node) or 'the package'}",
            line=code.source.line(node),
            anchor="rate-limit",
            severity=Severity.HIGH if logins else Severity.LOW,
            locations=tuple(Location(r.file, r.line, note=r.path) for r in logins[:8]),
            fixes=draft.fixes(
                "Limit how often one address may ask",
                reason="behind a proxy every request has the proxy's address; and see that the rate fits your clients",
            ),
            steps=("Limit by address, in the server or in the proxy before it, and logins more than the rest.",),
        )


def _first(project: Project, files: list[str]) -> list[tuple[str, Code, Node]]:
    """The server of the routes: the nearest to where most of them are registered."""
    found = golimits.servers(project)
    folders = [gocode.folder(f) for f in files]

    def distance(server: tuple[str, Code, Node]) -> tuple[int, bool, str, int]:
        path, code, node = server
        far = not any(i.endswith(f"/{f}") for i in code.imports.values() for f in set(folders) if f)
        return -folders.count(gocode.folder(path)), far, path, code.source.line(node)

    return sorted(found, key=distance)[:1]


def _wrapped(code: Code, node: Node) -> list[Edit]:
    http = code.name_of("net/http")
    if node.kind() == "composite_literal":
        handler = gocode.elements(node).get("Handler")
        if handler is None:
            text = f"Handler: limitRate({http}.DefaultServeMux)"
            return [golang.add_element(code.source, node, text, "One client may not take all the server's time.")]
    elif gocode.called(node).endswith(".Run"):
        raise Refused("the engine serves itself: give it an http.Server first, and limit that one's handler")
    else:
        given = gocode.arguments(node)
        handler = given[1] if gocode.called(node).endswith(("ListenAndServe", "Serve")) else given[-1]
    if code.source.has_error_near(node) or handler.kind() == "func_literal":
        raise Refused("the code near the place could not be read")
    text = f"{http}.DefaultServeMux" if handler.text() == "nil" else handler.text()
    return [code.source.replace(handler, f"limitRate({text})")]
