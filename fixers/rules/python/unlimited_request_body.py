"""python/unlimited-request-body."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, is_constant
from fixers.facts.python_apps import applications
from fixers.facts.python_project import is_development, sources
from fixers.facts.python_scopes import Call
from fixers.facts.python_settings import settings
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_READS: Final = (
    b"request.files",
    b"request.get_json",
    b"request.json",
    b"request.form",
    b"request.get_data",
    b"request.data",
)
_PROXY: Final = ("*nginx*", "*.conf", "*.conf.template", "Caddyfile")
_HUGE: Final = re.compile(r"0|None|(?:\d+ \* )?1024 \*\* [3-9]|(?:\d+ \* )?1024 \* 1024 \* 1024|\d{10,}")
_LIMIT: Final = "16 * 1024 * 1024"
_STEPS: Final = (
    "Limit the body in the proxy (nginx: client_max_body_size, Caddy: request_body max_size), or",
    "read request.stream() in chunks and answer 413 once a limit is passed.",
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q15",),
    applies=("*.py",),
    bad={
        "shop/app.py": "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n"
        '@app.post("/orders")\ndef order():\n    return request.get_json()\n'
    },
    good={
        "shop/app.py": 'from flask import Flask, request\n\napp = Flask(__name__)\napp.config["MAX_CONTENT_LENGTH"] = '
        '16 * 1024 * 1024\n\n\n@app.post("/orders")\ndef order():\n    return request.get_json()\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """A request may be as large as its sender likes.

    Flask and Starlette read the whole body into memory or onto disk before anybody looks at it, so one
    client with a fast line fills either. Flask has a switch for it (MAX_CONTENT_LENGTH, answered with
    413); 16 MB is the figure of its documentation, enough for JSON and forms. aiohttp and Django have
    limits of their own, unless somebody turned them off.
    """
    limits = project.grep((b"client_max_body_size", b"max_size", b"LimitRequestBody"), *_PROXY)
    if limits:
        yield Pass("the proxy limits request bodies", tuple(Location(p) for p in limits))
        return
    yield from _flask(project)
    yield from _aiohttp(project)
    yield from _starlette(project)
    for s in settings(project, "DATA_UPLOAD_MAX_MEMORY_SIZE", (b"DATA_UPLOAD_MAX_MEMORY_SIZE",)):
        if is_constant(s.value, None) and project.keep(s.path, s.line):
            edit = python.Replace(python.span(s.value), _LIMIT)
            yield _finding(project, s.path, s.line, f"{s.name} is None", s.anchor, edit)


def _flask(project: Project) -> Iterator[Result]:
    limited = project.grep(
        (b"MAX_CONTENT_LENGTH", b"max_content_length"), "*.py", "*.cfg", "*.toml", "*.json", "*.env*"
    )
    if limited:
        yield Pass("MAX_CONTENT_LENGTH limits request bodies", tuple(Location(p) for p in limited))
    elif project.grep(_READS, "*.py"):
        uploads = project.grep((b"request.files",), "*.py")
        for path, module, call in applications(project, _READS):
            if project.keep(path, call.line):
                edit = None if uploads else _after_app(module, call)
                message = "no MAX_CONTENT_LENGTH for the application"
                yield _finding(project, path, call.line, message, call.where, edit)


def _after_app(module: Module, call: Call) -> python.PythonEdit | None:
    """The line that sets the limit, after the statement that makes the application."""
    match statement := module.parents.get(call.node):
        case ast.Assign(targets=[ast.Name(id=name)]):
            q = module.quote
            return python.InsertAfter(python.span(statement), f"{name}.config[{q}MAX_CONTENT_LENGTH{q}] = {_LIMIT}")
    return None


def _aiohttp(project: Project) -> Iterator[Result]:
    for path, module in sources(project, (b"client_max_size",)):
        for call in module.calls:
            size = call.keyword("client_max_size")
            if (
                call.target == "aiohttp.web.Application"
                and size is not None
                and _is_huge(size)
                and project.keep(path, call.line)
            ):
                edit = python.SetKeyword(call.span, "client_max_size", _LIMIT)
                yield _finding(project, path, call.line, "client_max_size is off or over 1 GB", call.where, edit)


def _is_huge(node: ast.expr) -> bool:
    """0 and None turn the limit off; a gigabyte is as good as none."""
    return _HUGE.fullmatch(ast.unparse(node)) is not None


def _starlette(project: Project) -> Iterator[Result]:
    for path, module in sources(project, (b"request.body()", b"request.stream()")):
        if is_development(path) or not module.imported & {"fastapi", "starlette"}:
            continue
        reads = [
            c
            for c in module.calls
            if re.search(r"\b(?:Request\(\)|request)\.body$", c.target or ast.unparse(c.node.func))
        ]
        reads = [c for c in reads if project.keep(path, c.line)]
        if reads and not re.search(rb"(?i)content-length|max_\w*(?:size|length|bytes)", project.read(path)):
            yield Finding(
                path,
                "request.body() with no limit on its size",
                line=reads[0].line,
                anchor="body",
                severity=Severity.LOW,
                steps=_STEPS,
                locations=tuple(Location(path, c.line, note=c.where) for c in reads),
            )


def _finding(
    project: Project, path: str, line: int, message: str, anchor: str, edit: python.PythonEdit | None
) -> Finding:
    draft = project.draft()
    if edit is None:
        draft.refuse("the service takes uploads, or makes its application in passing: the right limit is not known")
    else:
        draft.edit(path, python.apply, edit)
    fixes = draft.fixes("Limit request bodies to 16 MB", Applicability.UNSAFE, "larger uploads are refused with 413")
    return Finding(path, message, line=line, anchor=anchor, fixes=fixes, steps=_STEPS[:1])
