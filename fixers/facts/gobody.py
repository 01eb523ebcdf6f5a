"""Where Go code reads a request's body, and whether anything bounds it before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code, Function
from fixers.project import Project

_WHOLE: Final = re.compile(r"(?:\w+\.)?(?:ReadAll|NewDecoder|NewReader|NewScanner|NewReaderSize|ReadFrom)$")
_BOUND: Final = re.compile(
    r"MaxBytesReader|MaxBytesHandler|LimitReader|LimitedReader|\.ContentLength\s*>|[bB]ody\w*Limit"
)
_MIDDLEWARE: Final = re.compile(
    rb"MaxBytesHandler\(|middleware\.RequestSize\(|RequestSizeLimiter\(|[bB]ody(?:Size)?Limit(?:er|Middleware)?\("
)


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a body: the call, the function that has the request, and what the request is called there."""

    call: Node
    function: Function
    request: str
    writer: str
    multipart: str = ""

    @property
    def bare(self) -> bool:
        """Whether the function is not given a response writer: a helper, or the client's side of a request."""
        return not any(t.endswith(".ResponseWriter") for _, t in self.function.parameters)

    @property
    def streams(self) -> bool:
        """Whether the body is copied on rather than taken into memory."""
        return gocode.called(self.call).endswith(("Copy", "CopyBuffer", "MultipartReader"))


def reads(code: Code) -> Iterator[Read]:
    """Every read of the body of a `*http.Request` that the function was given, with nothing bounding it before."""
    if not code.requests:
        return
    for call in code.source.kind("call_expression"):
        name = gocode.called(call)
        given = gocode.arguments(call)
        owner, _, method = name.rpartition(".")
        multipart = ""
        if method in ("ParseMultipartForm", "MultipartReader", "FormFile"):
            request = owner
            multipart = given[0].text() if given and method == "ParseMultipartForm" else "32<<20"
        elif _WHOLE.search(name) or method in ("Copy", "CopyBuffer"):
            body = next((a.text() for a in given if a.text().endswith(".Body")), "")
            request = body.removesuffix(".Body")
        else:
            continue
        function = next((f for f in code.around(call) if request and f.named(code.requests) == request), None)
        if function is not None and not _bounded_before(code, function, call, request):
            yield Read(call, function, request, function.named(code.writers), multipart)


def _bounded_before(code: Code, function: Function, call: Node, request: str) -> bool:
    before = code.text[code.source.bounds(function.node)[0] : code.source.bounds(call)[1]]
    return bool(_BOUND.search(before) or re.search(rf"\b{re.escape(request)}\.Body\s*=[^=]", before))


def callers(project: Project, path: str, function: Function) -> tuple[tuple[str, str, bool], ...]:
    """Functions with a response writer that pass it their request: (path, symbol, whether it is bounded there)."""
    if not function.name:
        return ()
    found = []
    for other in gocode.siblings(project, path):
        if function.name.encode() + b"(" not in project.read(other):
            continue
        code = gocode.code(project, other)
        if code is None:
            continue
        for call in code.calls(rf"(?:[\w.]+\.)?{re.escape(function.name)}"):
            request = code.request_at(call)
            serves = any(t == code.writers for f in code.around(call) for _, t in f.parameters)
            if serves and request and any(a.text() == request for a in gocode.arguments(call)):
                around = code.around(call)[-1]
                found.append((other, code.symbol(call), _bounded_before(code, around, call, request)))
    return tuple(found)


def middleware(project: Project) -> str:
    """A file where a wrapper bounds the bodies of whole routes, "" when there is none."""
    return project.fact(_middleware)


def _middleware(project: Project) -> str:
    for path in gocode.shipped(project):
        data = project.read(path)
        if _MIDDLEWARE.search(data):
            return path
        if b"MaxBytesReader" in data and (code := gocode.code(project, path)) is not None:
            for call in code.calls(r"[\w.]*MaxBytesReader"):
                around = code.around(call)
                if any(
                    re.search(r"\bhttp\.Handler(?:Func)?$|gin\.HandlerFunc", t) for f in around for _, t in f.parameters
                ):
                    return path
    return ""
