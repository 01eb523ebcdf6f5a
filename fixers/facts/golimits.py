"""Whether something in a Go tree limits how often a client may ask, and which server would have to."""

from __future__ import annotations

import re
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode, goroutes, goserver
from fixers.facts.gocode import Code, Function
from fixers.facts.goroutes import Route
from fixers.project import Project

_LIMITS: Final = re.compile(r"\.Allow(?:N)?\(|[lL]imiter|httprate\.|tollbooth\.|middleware\.Throttle|[rR]ate[lL]imit")
_NO_LIMIT: Final = re.compile(
    r"\w*\.StatusCode\s*[!=]=\s*http\.StatusTooManyRequests|\w*(?:[bB]ody|[sS]ize|[bB]yte)\w*[lL]imit\w*"
)
"""What a client looks at in an answer, and what bounds how much is read, not how often."""
_LOGIN: Final = re.compile(r"log_?in|sign_?in|auth", re.I)
_GOES_ON: Final = re.compile(r"\.ServeHTTP\(|\.Next\(\)|\b(?:next|h|handler|fn|f|inner)\(w|HandlerFunc\b")
_PROXY: Final = (b"limit_req", b"rate_limit", b"rateLimit", b"ratelimit", b"stick-table")
_LIBRARY: Final = re.compile(r"rate-?limit|limiter|httprate|tollbooth|throttl", re.I)
_AROUND: Final = re.compile(r"[\w.]*(?:[mM]iddleware|[wW]rap|[wW]ith|[iI]nstrument|[lL]og)\w*\(")
"""Calls named for what they add to a handler: `withoutPprof(mux)`, `metrics.Middleware(mux)`."""
_PROBES: Final = re.compile(r"/debug/|/metrics|/(?:health|ready|live)\w*$|/ping$")
_SIDE: Final = re.compile(
    r":6060|pprof|promhttp|metrics|debug|redirect|acme|autocert|HTTPHandler\(|probe|mock|unix|(?<!web)socket", re.I
)


def worth_a_limit(project: Project) -> tuple[Route, ...]:
    """The routes of a tree without those of probes, metrics and profilers."""
    return tuple(r for r in goroutes.routes(project) if not _PROBES.search(r.path))


def limiter(project: Project) -> str:
    """The file in which requests are limited, "" when none does; a limiter of outgoing calls is no evidence."""
    return project.fact(_limiter)


def _limiter(project: Project) -> str:
    for path, code in gocode.sources(
        project, b"imiter", b"TooManyRequests", b"ateLimit", b"httprate", b"Throttle", b".Allow", b"ratelimit"
    ):
        if code.name_of("net/http") and any(_LIBRARY.search(p) for p in code.imports.values()):
            return path
        for function in code.functions:
            if _answers(code, function) and _limits(function):
                return path
        if code.calls(r"(?:httprate|tollbooth)\.\w+|[\w.]+\.Use\b") and re.search(
            r"\.Use\([^\n]*(?:[lL]imit|[tT]hrottle)", code.text
        ):
            return path
    proxy = goroutes.proxy(project)
    return proxy if proxy and any(w in project.read(proxy) for w in _PROXY) else ""


def _limits(function: Function) -> bool:
    """Whether a function asks a limiter, or answers 429 at a login or around what it goes on with."""
    text = _NO_LIMIT.sub("", function.node.text())
    guards = _GOES_ON.search(text) is not None or _LOGIN.search(function.name) is not None
    return _LIMITS.search(text) is not None or ("TooManyRequests" in text and guards)


def _answers(code: Code, function: Function) -> bool:
    """Whether a function has an answer in its hands: a writer, a handler to go on with, a gin context."""
    http, gin = code.name_of("net/http"), code.name_of("github.com/gin-gonic/gin")
    given = {f"{http}.ResponseWriter", f"{http}.Handler", f"{http}.HandlerFunc"} if http else set()
    return any(t in given or (gin and t == f"*{gin}.Context") for _, t in function.parameters)


def servers(project: Project) -> tuple[tuple[str, Code, Node], ...]:
    """The literals and calls that begin to serve the program's routes; profilers, metrics and redirects left out."""
    found = []
    for path, code in gocode.sources(project, b"net/http", b"gin-gonic/gin"):
        for node in [
            *goserver.gin_runs(code),
            *code.literals_of("net/http", "Server"),
            *code.calls_of("net/http", "ListenAndServe(?:TLS)?|Serve"),
        ]:
            if not _SIDE.search(f"{_served(node)} {gocode.assigned_to(node)} {code.symbol(node)}"):
                found.append((path, code, node))
    return tuple(found)


def _served(node: Node) -> str:
    """Where a server listens and what it serves, without the names of what is only around that."""
    given = gocode.elements(node)
    parts = [given.get(k) for k in ("Addr", "Handler")] if given else gocode.arguments(node)
    return _AROUND.sub("(", " ".join(gocode.text_of(p) for p in parts))
