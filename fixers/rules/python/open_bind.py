"""python/open-bind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, text_of
from fixers.facts.python_defaults import default_of
from fixers.facts.python_project import fallback, in_container, is_development, on_request, sources
from fixers.facts.python_scopes import Call
from fixers.facts.python_settings import frameworks
from fixers.model import Applicability, Finding, NotApplicable, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_ANY: Final = ("0.0.0.0", "::")
_RUNS: Final = ("uvicorn.run", "hypercorn.run", "waitress.serve", "aiohttp.web.run_app", "werkzeug.serving.run_simple")
_APP: Final = re.compile(
    r"(?:^|[._])app(?:lication)?(?:\(\))?$|\b(?:Flask|Quart|SocketIO|Dash|Sanic|Bottle)\(\)$|(?:^|[._])socketio$", re.I
)
_SERVERS: Final = re.compile(r"(?:http\.server|socketserver|wsgiref\.simple_server)\.\w*(?:Server|make_server)$")
_OPTION: Final = re.compile(r"expose|public|external|docker|container", re.I)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q0",),
    applies=("*.py",),
    bad={
        "shop/app.py": "import os\n\nimport uvicorn\nfrom fastapi import FastAPI\n\n"
        'uvicorn.run(FastAPI(), host="0.0.0.0")\n'
    },
    good={
        "shop/app.py": "import os\n\nimport uvicorn\nfrom fastapi import FastAPI\n\n"
        'uvicorn.run(FastAPI(), host=os.environ.get("HOST", "127.0.0.1"))\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """The server listens on every network interface.

    Started by hand on a laptop or a host with a public address, it is reachable by everybody there,
    past the proxy that was to do TLS and logins. Loopback by default and an address from the
    environment serve both; in a container all interfaces are right, and this rule is silent.
    """
    if not project.fact(frameworks):
        yield NotApplicable("no Python web service")
        return
    if in_container(project):
        yield Pass("a container or platform file decides what is published; there all interfaces are right")
        return
    for path, module in sources(project, (b"0.0.0.0", b'"::"', b"'::'")):
        for call in () if is_development(path) else module.calls:
            given = _host(call)
            host = None if given is None else default_of(given, module, call.scope)
            if (
                host is None
                or not _is_any(host, module, call)
                or on_request(module, call.node, _OPTION)
                or not project.keep(path, host.lineno)
            ):
                continue
            yield _finding(project, path, module, call, host)


def _host(call: Call) -> ast.expr | None:
    """The expression of the address that a call listens on."""
    value: ast.expr | None = None
    func = call.node.func
    if call.target in _RUNS:
        value = call.keyword("host")
    elif (
        call.method in ("run", "run_server")
        and isinstance(func, ast.Attribute)
        and _APP.search(ast.unparse(func.value))
    ):
        value = call.keyword("host") or next((a for a in call.node.args if text_of(a) in _ANY), None)
    elif _SERVERS.search(call.target) and call.node.args:
        first = call.node.args[0]
        value = first.elts[0] if isinstance(first, ast.Tuple) and first.elts else first
    return value


def _within(host: ast.expr, call: Call) -> bool:
    """Whether the address stands in the call itself, and not in a default somewhere else."""
    return any(n is host for n in ast.walk(call.node))


def _is_any(host: ast.expr, module: Module, call: Call) -> bool:
    read = fallback(host, module, call.scope)
    return text_of(read[1] if read else host) in _ANY


def _finding(project: Project, path: str, module: Module, call: Call, host: ast.expr) -> Finding:
    draft = project.draft()
    read = fallback(host, module, call.scope)
    try:
        if read or not _within(host, call):
            literal = read[1] if read else host
            edits: tuple[python.PythonEdit, ...] = (
                python.Replace(python.span(literal), f"{module.quote}127.0.0.1{module.quote}"),
            )
        else:
            text, imports = module.environment("HOST", "127.0.0.1")
            edits = (python.Replace(python.span(host), text), *imports)
        draft.edit(path, python.apply, *edits)
    except Refused as refused:
        draft.refuse(str(refused))
    variable = read[0].name if read else "HOST" if _within(host, call) else "its host option"
    return Finding(
        path,
        f"{ast.unparse(call.node.func)}() listens on all interfaces",
        line=host.lineno,
        anchor=f"{call.where}.{call.method}",
        fixes=draft.fixes(
            "Listen on loopback unless the environment says otherwise",
            Applicability.UNSAFE,
            f"a deployment without a proxy on the same host must set {variable}",
        ),
    )
