"""go/unauthenticated-route: see the docstring of `check`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import goauth, gocode, goorigin, gopeers, goroutes
from fixers.facts.gocode import Code
from fixers.facts.goroutes import Route
from fixers.model import Applicability, Finding, Location, NotApplicable, Refused, Result, Severity, rule
from fixers.project import Project

PUBLIC = re.compile(
    r"health|ready|live(?:z|ness)|metrics|ping|version|status|info|log-?(?:in|out)|sign-?(?:in|up|out)|register|callback|oauth"
    r"|oidc|saml|well-known|static|assets|favicon|robots|manifest|docs|swagger|openapi|hook|public|forgot|reset|verify|setup"
    r"|auth|token|session|invite|feed|rss|share|embed|css|js|img|images?|fonts?|^/$|\{\$\}|sitemap|csrf|debug|pprof|login|refresh",
    re.I,
)
BAD = """package main

import "net/http"

func (s *server) routes(mux *http.ServeMux) {
	mux.Handle("/health", s.health())
	mux.Handle("/notes", s.requireAuth(s.notes()))
	mux.Handle("/tags", s.requireAuth(s.tags()))
	mux.Handle("/trash", s.requireAuth(s.trash()))
	mux.Handle("/export", s.everything())
}
"""
GOOD = BAD.replace("s.everything()", "s.requireAuth(s.everything())")


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q2",),
    applies=("**/*.go",),
    bad={"routes.go": BAD},
    good={"routes.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A route lacks the authentication that the routes beside it have.

    Where every handler is wrapped by hand, the one that was forgotten answers everyone, and nothing else in the
    program notices. Health checks, logins, signed webhooks and public files are meant to be open.
    """
    framework = goroutes.unread(project)
    if framework:
        yield NotApplicable(f"the routes of {framework} are not read")
        return
    yield from _peers(project)
    tables: dict[tuple[str, str], list[Route]] = defaultdict(list)
    for route in goroutes.routes(project):
        tables[route.file, route.router].append(route)
    for (path, router), routes in tables.items():
        code = gocode.code(project, path) if len(routes) > 3 else None
        if code is None or goauth.guards(code, router):
            continue
        asking = {w for w in {w for r in routes for w in r.wrappers} if goauth.asks(code, w)}
        wrapper = _shared(routes, asking)
        bare = [r for r in routes if wrapper and asking.isdisjoint(r.wrappers) and not PUBLIC.search(r.path)]
        usual = {w for r in routes for w in r.wrappers if wrapper in r.wrappers}
        bare = [
            r
            for r in bare
            if usual.issuperset(r.wrappers) and not goauth.AUTH.search(r.handler) and project.keep(path, r.line)
        ]
        if not bare or len(bare) * 3 > len(routes):
            continue
        draft = gocode.drafted(project, path, _wrapped, code, bare, wrapper)
        if clients := _clients(project, path, bare):
            draft.refuse(f"these programs dial it and send no credentials: {', '.join(clients)}")
        yield Finding(
            path,
            f"{', '.join(r.path for r in bare)} is not wrapped in {wrapper} as the routes beside it are",
            line=bare[0].line,
            anchor=",".join(r.path for r in bare),
            locations=tuple(Location(path, r.line, note=r.path) for r in bare),
            fixes=draft.fixes(
                f"Wrap the route in {wrapper} as its neighbours are",
                reason="only you know whether the route is public on purpose",
            ),
            steps=(
                "Wrap the route like the others, or say in a comment that it is public on purpose.",
                "Where programs are the callers, ask for a token that both sides have, compared in constant time.",
            ),
        )


def _peers(project: Project) -> Iterator[Finding]:
    for peer in gopeers.open_to_peers(project):
        route = peer.route
        if project.keep(route.file, route.line):
            yield Finding(
                route.file,
                f"{route.path} takes any program: the tree's own peers dial it without credentials",
                line=route.line,
                anchor=f"peers:{route.path}",
                locations=(Location(route.file, route.line, note=route.handler), *peer.places),
                steps=(
                    "Give both sides a secret or a key pair and send proof of it in the handshake.",
                    "Until then register the route only while the server listens on a loopback address.",
                ),
            )


def _shared(routes: list[Route], asking: set[str]) -> str:
    """The authenticating wrapper of at least three, and of most of the routes not public by design; "" without one."""
    counts = Counter(w for r in routes for w in asking.intersection(r.wrappers))
    (best, count), *_ = counts.most_common(1) or [("", 0)]
    closed = sum(1 for r in routes if not PUBLIC.search(r.path) or best in r.wrappers)
    return best if count >= 3 and count * 2 > closed else ""


def _clients(project: Project, path: str, bare: list[Route]) -> list[str]:
    """Websocket clients of the tree, when one of the handlers upgrades its connections."""
    names = {r.handler.rpartition(".")[2] for r in bare}
    for other in gocode.siblings(project, path):
        code = gocode.code(project, other) if any(n.encode() + b"(" in project.read(other) for n in names) else None
        for function in code.functions if code is not None else ():
            if function.name in names and gopeers.UPGRADES.search(function.node.text()):
                return [f"{p}:{c.source.line(n)}" for p, n, c in goorigin.dialers(project, tests=False)]
    return []


def _wrapped(code: Code, bare: list[Route], wrapper: str) -> list[Edit]:
    edits: list[Edit] = []
    lines = {r.line for r in bare}
    for call in code.source.kind("call_expression"):
        given: list[Node] = gocode.arguments(call)
        if code.source.line(call) not in lines or len(given) != 2 or not gocode.unquoted(given[0]):
            continue
        if (
            not re.fullmatch(r"[\w.]+", wrapper)
            or given[1].kind() == "func_literal"
            or code.source.has_error_near(call)
        ):
            raise Refused("the handler is written in an unusual way")
        edits.append(code.source.replace(given[1], f"{wrapper}({given[1].text()})"))
    if len(edits) != len(bare):
        raise Refused("the handler is written in an unusual way")
    return edits
