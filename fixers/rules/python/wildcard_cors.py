"""python/wildcard-cors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, is_constant, text_of
from fixers.facts.python_project import constant_strings, fallback, is_development, on_request, sources
from fixers.facts.python_scopes import Call, Scope
from fixers.facts.python_settings import settings
from fixers.model import Applicability, Finding, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_VARIABLE: Final = "CORS_ORIGINS"
_REASON: Final = f"browsers on other origins are refused until {_VARIABLE} names them"
_OPTION: Final = re.compile(r"cors_enabled|enable_cors|debug|dev\b|develop|local", re.I)
_FLASK: Final = ("flask_cors.CORS", "flask_cors.cross_origin", "flask_cors.CORS().init_app")


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    anchor: str
    credentials: bool
    edits: tuple[python.PythonEdit, ...]


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q4",),
    applies=("*.py",),
    bad={
        "shop/api.py": "import os\n\nfrom fastapi import FastAPI\n"
        "from fastapi.middleware.cors import CORSMiddleware\n\n"
        'app = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)\n'
    },
    good={
        "shop/api.py": "import os\n\nfrom fastapi import FastAPI\n"
        "from fastapi.middleware.cors import CORSMiddleware\n\n"
        "app = FastAPI()\napp.add_middleware(\n    CORSMiddleware,\n"
        '    allow_origins=os.environ.get("CORS_ORIGINS", "").split(","),\n    allow_credentials=True,\n)\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """Any website may call the API from its visitors' browsers.

    With credentials allowed, `*` is answered with the caller's own origin: every page that a logged-in
    user opens acts in the user's name and reads the answers. Without credentials it still opens what is
    meant for an internal network; a public read-only API may keep it, with a comment that says so.
    """
    seen = False
    for path, module in sources(project, (b"CORS", b"cross_origin", b"Access-Control-Allow-Origin")):
        seen = seen or b"CORSMiddleware" in project.read(path)
        for place in () if is_development(path) else _places(module):
            if project.keep(path, place.line):
                yield _finding(project, path, place)
    for s in settings(project, "CORS_(?:ALLOW_ALL_ORIGINS|ORIGIN_ALLOW_ALL)", (b"CORS_",)):
        seen = True
        if is_constant(s.value, True) and project.keep(s.path, s.line):
            with_credentials = any(
                a.target == "CORS_ALLOW_CREDENTIALS" and is_constant(a.value, True) for a in s.module.assignments
            )
            edits = (python.Replace(python.span(s.value), "False"),)
            yield _finding(project, s.path, _Place(s.line, s.anchor, with_credentials, edits))
    if seen:
        yield Pass("origins that may call the API are named")


def _finding(project: Project, path: str, place: _Place) -> Finding:
    draft = project.draft()
    if not place.edits:
        draft.refuse("the header is written by hand")
    draft.edit(path, python.apply, *place.edits)
    return Finding(
        path,
        "every origin is allowed" + (", with credentials" if place.credentials else ""),
        line=place.line,
        anchor=place.anchor,
        severity=None if place.credentials else Severity.LOW,
        fixes=draft.fixes("Allow only the origins that are named", Applicability.UNSAFE, _REASON),
        steps=("Answer Access-Control-Allow-Origin only for origins on a list, with Vary: Origin.",),
    )


def _places(module: Module) -> Iterator[_Place]:
    for call in module.calls:
        if on_request(module, call.node, _OPTION):
            continue
        if any("CORSMiddleware" in ast.unparse(a) for a in (call.node.func, *call.node.args)):
            origins, credentials = call.keyword("allow_origins"), is_constant(call.keyword("allow_credentials"), True)
            anything = text_of(call.keyword("allow_origin_regex")) in (".*", "https?://.*")
            if origins is not None and _is_any(origins, module, call.scope):
                yield _place(module, call, "allow_origins", credentials)
            elif anything:
                yield _Place(call.line, f"{call.where}.cors", credentials, ())
        elif call.target in _FLASK and isinstance(call.keyword("resources"), ast.Dict):
            yield from _resources(module, call)
        elif call.target in _FLASK and not call.splats and call.keyword("resources") is None:
            origins = call.keyword("origins")
            credentials = is_constant(call.keyword("supports_credentials"), True)
            if origins is None or text_of(origins) == "*" or _is_any(origins, module, call.scope):
                yield _place(module, call, "origins", credentials)


def _resources(module: Module, call: Call) -> Iterator[_Place]:
    """flask-cors by path: `resources={r"/api/*": {"origins": "*"}}`."""
    credentials = is_constant(call.keyword("supports_credentials"), True)
    for node in ast.walk(call.keyword("resources") or call.node):
        for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            if text_of(key) == "origins" and _is_any(value, module, call.scope):
                text, imports = _named(module)
                edits = (python.Replace(python.span(value), text), *imports) if text else ()
                yield _Place(value.lineno, f"{call.where}.cors.resources", credentials, edits)


def _is_any(origins: ast.expr, module: Module, scope: Scope) -> bool:
    """`["*"]`, `"*"`, a name that is bound to one of them, or an environment read that falls back to it."""
    if isinstance(origins, ast.Name):
        given = [a.value for a in module.assignments if a.target == origins.id]
        return len(given) == 1 and not isinstance(given[0], ast.Name) and _is_any(given[0], module, scope)
    read = next((r for n in ast.walk(origins) if isinstance(n, ast.expr) and (r := fallback(n, module, scope))), None)
    value = read[1] if read else origins
    return text_of(value) == "*" or "*" in (constant_strings(value) or ())


def _place(module: Module, call: Call, name: str, credentials: bool) -> _Place:
    text, imports = _named(module)
    edits = (python.SetKeyword(call.span, name, text), *imports) if text else ()
    return _Place(call.line, f"{call.where}.cors", credentials, edits)


def _named(module: Module) -> tuple[str, tuple[python.PythonEdit, ...]]:
    """The list of origins from the environment, and the import it takes; "" when the name os is taken."""
    try:
        environ, imports = module.environment(_VARIABLE, "")
    except Refused:
        return "", ()
    return f"{environ}.split({module.quote},{module.quote})", imports
