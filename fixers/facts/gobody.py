"""Where Go code reads a request's body, and whether anything bounds it before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gobounds, gocalls, gocode
from fixers.facts.gocode import Code, Function
from fixers.model import Refused
from fixers.project import Project

_WHOLE: Final = re.compile(
    r"(?:\w+\.)?(?:ReadAll|NewDecoder|DecodeJSON|DecodeXML|NewReader|NewScanner|NewReaderSize|ReadFrom)$"
)
_BOUND: Final = re.compile(
    r"MaxBytesReader|MaxBytesHandler|LimitReader|LimitedReader|\.ContentLength\s*>|[bB]ody\w*Limit"
)
_OWN: Final = re.compile(
    r"^\s*(?:const\s+)?(max(?:Request)?(?:Body|Payload|Request)(?:Size|Bytes|Length|Limit)?)(?:\s+int64)?\s*=\s*[\d(]",
    re.M,
)
_GIN_READS: Final = (
    r"\w+\.(?:(?:Should|Must)?Bind(?:JSON|XML|YAML|With|BodyWith)?|GetRawData|FormFile|MultipartForm|PostForm)"
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
    def decodes(self) -> bool:
        """Whether the body is decoded: what a server does with a request, never a client with its own."""
        return gocode.called(self.call).endswith((".NewDecoder", ".DecodeJSON"))

    @property
    def streams(self) -> bool:
        """Whether the body is copied on rather than taken into memory."""
        return gocode.called(self.call).endswith(("Copy", "CopyBuffer", "MultipartReader"))


def reads(project: Project, path: str, code: Code) -> Iterator[Read]:
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
        elif name in ("render.Bind", "render.Decode") and given:
            request = given[0].text()
        elif body := next((a.text() for a in given if a.text().endswith(".Body")), ""):
            whole = _WHOLE.search(name) or method in ("Copy", "CopyBuffer")
            request = body.removesuffix(".Body") if whole or _reads_whole(project, path, method, given, body) else ""
        else:
            continue
        function = next((f for f in code.around(call) if request and f.named(code.requests) == request), None)
        if function is not None and not _bounded_before(code, function, call, request):
            yield Read(call, function, request, function.named(code.writers), multipart)


def _reads_whole(project: Project, path: str, name: str, given: list[Node], body: str) -> bool:
    """Whether a function of the same package reads all of the body that it is handed."""
    position = [a.text() for a in given].index(body)
    for other in gocode.siblings(project, path) if name else ():
        code = gocode.code(project, other) if f"func {name}(".encode() in project.read(other) else None
        for function in code.functions if code is not None else ():
            if function.name == name and not function.receiver and len(function.parameters) > position:
                reader, text = re.escape(function.parameters[position][0]), function.node.text()
                return bool(re.search(rf"(?:ReadAll|NewDecoder)\({reader}\)", text)) and not _BOUND.search(text)
    return False


def _bounded_before(code: Code, function: Function, call: Node, request: str) -> bool:
    before = code.text[code.source.bounds(function.node)[0] : code.source.bounds(call)[1]]
    return bool(_BOUND.search(before) or re.search(rf"\b{re.escape(request)}\.Body\s*=[^=]", before))


def places(project: Project) -> dict[str, list[Read]]:
    """Where a limit is missing, by file: an unbounded read; where only some callers of a helper have one, the others.

    A limit in such a helper would win over the larger one that a caller has set.
    """
    found: dict[str, list[Read]] = {}
    limits = gobounds.bounds(project)
    for path, code in gocode.sources(
        project, b".Body", b"render.", b"ParseMultipartForm(", b"FormFile(", b"MultipartReader("
    ):
        for read in reads(project, path, code):
            if limits.cover(code.symbol(read.call)):
                continue
            calling = _callers(project, path, read.function)
            if any(c.bounded for c in calling):
                for caller in calling:
                    if not caller.bounded:
                        found.setdefault(caller.path, []).append(caller.read)
            elif calling or not read.bare or (read.decodes and not _bounded_elsewhere(project, read.function)):
                found.setdefault(path, []).append(read)
    return found


def _bounded_elsewhere(project: Project, function: Function) -> bool:
    """Whether somebody bounds a request before giving it to a method of this name, of this type or another."""
    for code, call in gocalls.by_name(project, function.name) if function.receiver else ():
        request, around = code.request_at(call), code.around(call)
        if request and around and _bounded_before(code, around[-1], call, request):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Caller:
    path: str
    read: Read
    bounded: bool


def _callers(project: Project, path: str, function: Function, depth: int = 3) -> list[_Caller]:
    """Calls by which functions that have a response writer pass their request on to a helper."""
    found: list[_Caller] = []
    for other, code, call in gocalls.of(project, path, function) if depth else ():
        request, around = code.request_at(call), code.around(call)
        owner = next((f for f in around if request and f.named(code.requests) == request), None)
        serves = any(t == code.writers for f in around for _, t in f.parameters)
        if owner is None or not serves or not any(a.text() == request for a in gocode.arguments(call)):
            continue
        bounded = _bounded_before(code, around[-1], call, request)
        if not bounded and owner.name:
            above = _callers(project, other, owner, depth - 1)
            bounded = bool(above) and all(c.bounded for c in above)
        found.append(_Caller(other, Read(call, owner, request, owner.named(code.writers)), bounded))
    return found


def own_limit(project: Project, path: str) -> str:
    """The package's constant for the size of a body, "" when it has none."""
    return next((m[1] for p in gocode.siblings(project, path) for m in _OWN.finditer(project.text(p))), "")


def gin_reads(project: Project) -> tuple[tuple[str, Code, Node], ...]:
    """Where gin handlers read bodies, which gin bounds nowhere by itself."""
    return tuple(
        (path, code, call)
        for path, code in gocode.sources(project, b"gin-gonic/gin")
        for call in code.calls(_GIN_READS)
        if any(f.named(f"*{code.name_of('github.com/gin-gonic/gin')}.Context") for f in code.around(call))
    )


def gin_engines(project: Project) -> tuple[tuple[str, Code, Node], ...]:
    """Where gin engines are made."""
    return tuple(
        (path, code, call)
        for path, code in gocode.sources(project, b"gin.New(", b"gin.Default(")
        for call in code.calls_of("github.com/gin-gonic/gin", "New|Default")
    )


def gin_limit(code: Code, call: Node, uploads: bool) -> list[Edit]:
    """The edits that bound the bodies of all routes of an engine: a wrapper right after it is made."""
    place, name = gocode.statement(call), gocode.assigned_to(call)
    if place is None or not re.fullmatch(r"\w+", name) or place.kind() != "short_var_declaration":
        raise Refused("the engine has no name at the place where it is made")
    limit = "32<<20" if uploads else "1<<20"
    body = f"    c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, {limit})\n"
    gin = code.name_of("github.com/gin-gonic/gin")
    edit = code.source.insert_after(place, f"{name}.Use(func(c *{gin}.Context) {{\n{body}}})")
    return [edit, *golang.add_import(code.source, "net/http")]
