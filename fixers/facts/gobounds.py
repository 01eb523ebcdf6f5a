"""Wrappers that bound the bodies of requests, and which handlers they are around: all, or those of some routes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode, goroutes
from fixers.facts.gocode import Code
from fixers.facts.gowalk import FUNCTIONS
from fixers.project import Project

_MIDDLEWARE: Final = re.compile(
    rb"MaxBytesHandler\(|middleware\.RequestSize\(|RequestSizeLimiter\(|[bB]ody(?:Size)?Limit(?:er|Middleware)?\("
)
_WORDS: Final = (b"MaxBytesHandler(", b"RequestSize", b"LimitReader(", b"odyLimit", b"odySizeLimit", b"MaxBytesReader")
"""One of these is in whatever bounds bodies; they cost a tenth of the expression."""
_BOUNDS: Final = re.compile(
    r"(?:\w+\.)?MaxBytesHandler|middleware\.RequestSize|(?:\w+\.)*(?:RequestSizeLimiter|\w*[bB]ody(?:Size)?Limit(?:er|Middleware)?)"
)
_BODY: Final = re.compile(r"\.Body$")
_PART: Final = re.compile(r"\.(?:Group|Route|With|Subrouter|PathPrefix|Mount)\(")

_SERVES: Final = re.compile(r"[sS]erve|[hH]andle|[lL]isten|[mM]ount|[wW]rap|h2c|[lL]og|[wW]alk")
"""Calls that serve a router; any other that is handed one may register more routes on it."""


@dataclass(slots=True)
class Bounds:
    """What wrappers bound: everything, or the handlers of these names. `file` is where, "" when there is none."""

    file: str = ""
    everything: bool = False
    handlers: set[str] = field(default_factory=set)

    def cover(self, symbol: str) -> bool:
        """Whether a function is, by its name, a handler that only gets bounded bodies."""
        return self.everything or symbol.rpartition(".")[2] in self.handlers


def bounds(project: Project) -> Bounds:
    """The wrappers of a tree; one that is used nowhere we can see counts for everything."""
    return project.fact(_bounds)


def _bounds(project: Project) -> Bounds:
    found = Bounds()
    names: set[str] = set()
    for path in gocode.shipped(project):
        data = project.read(path)
        code = gocode.code(project, path) if any(w in data for w in _WORDS) else None
        if code is None:
            continue
        limiting = [
            c for c in code.calls(r"[\w.]*LimitReader") if any(_BODY.search(a.text()) for a in gocode.arguments(c))
        ]
        wrapping = [c for c in [*code.calls(r"[\w.]*MaxBytes(?:Reader|Handler)"), *limiting] if _wraps_routes(code, c)]
        if wrapping or _MIDDLEWARE.search(data):
            found.file = found.file or path
        for call in wrapping:
            if _in_use(call):
                _scope(project, path, code, call, found)
            else:
                names |= {f.name for f in code.around(call) if f.name}
        for call in code.calls(_BOUNDS.pattern):
            if not any(f.name in names for f in code.around(call)):
                _scope(project, path, code, call, found)
    for path, code in gocode.sources(project, *(n.encode() for n in names)) if names else ():
        for node in code.source.kind("identifier", "field_identifier"):
            parent = node.parent()
            if node.text() in names and parent is not None and parent.kind() not in FUNCTIONS:
                _scope(project, path, code, node, found)
    for route in goroutes.routes(project):
        if any(w.rpartition(".")[2] in names or _BOUNDS.fullmatch(w) for w in route.wrappers):
            found.handlers.add(route.handler.rpartition(".")[2])
    found.everything = found.everything or (bool(found.file) and not found.handlers)
    return found


def _wraps_routes(code: Code, call: Node) -> bool:
    """Whether a bound stands in a wrapper: a function of a handler, or a literal given to a router's Use."""
    around = code.around(call)
    if _in_use(call) or any(re.search(r"\bhttp\.Handler(?:Func)?$", t) for f in around for _, t in f.parameters):
        return True
    made = " ".join(gocode.text_of(f.node.field("result")) for f in around)
    passes_on = re.search(r"\.Next\(\)|\.ServeHTTP\(|\bnext\(", around[-1].node.text() if around else "")
    return passes_on is not None and re.search(r"gin\.HandlerFunc|http\.Handler|^$", made) is not None


def _in_use(node: Node) -> bool:
    return any(n.kind() == "call_expression" and gocode.called(n).endswith(".Use") for n in node.ancestors())


def _scope(project: Project, path: str, code: Code, node: Node, found: Bounds) -> None:
    """Note what one use of a wrapper is around: one route (read from the table), a part of the routes, or all."""
    calls = [n for n in node.ancestors() if n.kind() == "call_expression"]
    if any(goroutes.registers(n) for n in calls):
        return
    used = next((n for n in calls if gocode.called(n).endswith((".Use", ".With"))), None)
    around = code.around(used) if used is not None else ()
    if used is None or not around:
        found.everything = True
        return
    router = gocode.called(used).rpartition(".")[0]
    inner = next((f for f in around if any(n == router for n, _ in f.parameters)), None)
    text = around[-1].node.text()
    given = re.search(rf"\b{re.escape(router)}\s*:?=\s*([^\n]+)", text)
    group = inner is not None and not inner.name
    part = group or (given and _PART.search(given[1])) or gocode.called(used).endswith(".With")
    if not part and not _is_one_of_many(project, path, code, around[-1].node, router):
        found.everything = True
        return
    scope = inner.node if group and inner is not None else around[-1].node
    start, end = code.source.bounds(scope)
    for call in code.source.kind("call_expression"):
        inside = start <= code.source.bounds(call)[0] < end and gocode.called(call).rpartition(".")[0] == router
        if inside and goroutes.registers(call):
            found.handlers.add(gocode.arguments(call)[-1].text().rpartition(".")[2])


def _is_one_of_many(project: Project, path: str, code: Code, function: Node, router: str) -> bool:
    """Whether a router lives in one function and other routes of the tree are registered elsewhere."""
    first, last = code.source.line(function), code.source.end_line(function)
    others = [r for r in goroutes.routes(project) if r.file != path or not first <= r.line <= last]
    made = re.search(rf"\b{re.escape(router)}\s*:=", function.text())
    calls = [c for c in function.find_all(kind="call_expression") if not _SERVES.search(gocode.called(c))]
    handed = any(a.text() == router for c in calls for a in gocode.arguments(c))
    return bool(others and made and not handed and router.isidentifier())
