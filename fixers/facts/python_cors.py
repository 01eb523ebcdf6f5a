"""Where Python services answer every origin: Starlette's and FastAPI's middleware, flask-cors, aiohttp by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, is_constant, text_of
from fixers.facts.python_project import constant_strings, fallback, on_request
from fixers.facts.python_scopes import Call, Scope
from fixers.facts.python_settings import settings
from fixers.model import Refused
from fixers.project import Project

VARIABLE: Final = "CORS_ORIGINS"
_OPTION: Final = re.compile(r"cors_enabled|enable_cors|debug|dev\b|develop|local", re.I)
_FLASK: Final = ("flask_cors.CORS", "flask_cors.cross_origin", "flask_cors.CORS().init_app")


@dataclass(frozen=True, slots=True)
class Place:
    """Where every origin is allowed, whether with credentials, and the edits that mend it; none when by hand."""

    line: int
    anchor: str
    credentials: bool
    edits: tuple[python.PythonEdit, ...]


def named_in_settings(project: Project) -> bool:
    """Whether a setting names the origins that flask-cors takes where the call says none."""
    given = [s for s in settings(project, "CORS_ORIGINS", (b"CORS_ORIGINS",)) if s.kind in ("flask", "class", "module")]
    return any(not _is_any(s.value, s.module, s.scope) for s in given)


def places(module: Module, named: bool) -> Iterator[Place]:
    """The places of a file; `named` says that a setting names the origins where a call says none."""
    for call in module.calls:
        if on_request(module, call.node, _OPTION):
            continue
        if any("CORSMiddleware" in ast.unparse(a) for a in (call.node.func, *call.node.args)):
            origins, credentials = call.keyword("allow_origins"), is_constant(call.keyword("allow_credentials"), True)
            anything = text_of(call.keyword("allow_origin_regex")) in (".*", "https?://.*")
            if origins is not None and _is_any(origins, module, call.scope):
                yield _place(module, call, "allow_origins", credentials)
            elif anything:
                yield Place(call.line, f"{call.where}.cors", credentials, ())
        elif call.target in _FLASK and isinstance(call.keyword("resources"), ast.Dict):
            yield from _resources(module, call)
        elif call.target in _FLASK and not call.splats and call.keyword("resources") is None:
            origins = call.keyword("origins")
            credentials = is_constant(call.keyword("supports_credentials"), True)
            if (origins is None and named) or (origins is None and _is_public(module, call)):
                continue
            if origins is None or text_of(origins) == "*" or _is_any(origins, module, call.scope):
                yield _place(module, call, "origins", credentials)


def _is_public(module: Module, call: Call) -> bool:
    """Whether it opens one route that is there for everybody: discovery documents, public keys, OAuth's endpoints."""
    function = next(
        (n for n in module.ancestors(call.node) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)), None
    )
    routes = " ".join(ast.unparse(d) for d in function.decorator_list) if function else ""
    return re.search(r"\.well-known|jwks|/token|/user_?info", routes) is not None


def _resources(module: Module, call: Call) -> Iterator[Place]:
    """flask-cors by path: `resources={r"/api/*": {"origins": "*"}}`."""
    credentials = is_constant(call.keyword("supports_credentials"), True)
    for node in ast.walk(call.keyword("resources") or call.node):
        for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            if text_of(key) == "origins" and _is_any(value, module, call.scope):
                text, imports = _named(module)
                edits = (python.Replace(python.span(value), text), *imports) if text else ()
                yield Place(value.lineno, f"{call.where}.cors.resources", credentials, edits)


def _is_any(origins: ast.expr, module: Module, scope: Scope) -> bool:
    """`["*"]`, `"*"`, a name that is bound to one of them, or an environment read that falls back to it."""
    if isinstance(origins, ast.Name):
        given = [a.value for a in module.assignments if a.target == origins.id]
        return len(given) == 1 and not isinstance(given[0], ast.Name) and _is_any(given[0], module, scope)
    read = next((r for n in ast.walk(origins) if isinstance(n, ast.expr) and (r := fallback(n, module, scope))), None)
    value = read[1] if read else origins
    return text_of(value) == "*" or "*" in (constant_strings(value) or ())


def _place(module: Module, call: Call, name: str, credentials: bool) -> Place:
    text, imports = _named(module)
    edits = (python.SetKeyword(call.span, name, text), *imports) if text else ()
    return Place(call.line, f"{call.where}.cors", credentials, edits)


def _named(module: Module) -> tuple[str, tuple[python.PythonEdit, ...]]:
    """The list of origins from the environment, and the import it takes; "" when the name os is taken."""
    try:
        environ, imports = module.environment(VARIABLE, "")
    except Refused:
        return "", ()
    return f"{environ}.split({module.quote},{module.quote})", imports
