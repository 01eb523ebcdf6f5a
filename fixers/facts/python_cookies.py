"""Applications whose session cookie has no Secure flag because nobody set one: Django's and Flask's default is off."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.python import Span, span
from fixers.facts.python import Module, module
from fixers.facts.python_project import is_development, settings_files, sources
from fixers.facts.python_scopes import Call
from fixers.project import Project

_PLACES: Final = ("*.py", "*.cfg", "*.ini", "*.toml", "*.json", "*.y*ml", "*.env*")
_DJANGO: Final = (("SESSION_COOKIE_SECURE", "SessionMiddleware"), ("CSRF_COOKIE_SECURE", "CsrfViewMiddleware"))
_FLASK: Final = "SESSION_COOKIE_SECURE"
_PRODUCTION: Final = re.compile(r"(?:^|[/_])(?:prod|production|live|deploy\w*|heroku)\.py$")
_OWNERS: Final = (b"flask_talisman", b"flask_session", b"django_secure")
"""Packages that set the flag themselves, or have a store of their own."""


@dataclass(frozen=True, slots=True)
class Unset:
    """Flags that an application lacks, the line that makes it, and statements to put after one that is there."""

    path: str
    line: int
    names: tuple[str, ...]
    after: Span | None
    text: str


def unset(project: Project) -> Iterator[Unset]:
    """Every application with sessions and without the flag anywhere in the tree."""
    if not project.grep(_OWNERS, "*.py", "*requirements*.txt", "pyproject.toml"):
        yield from _django(project)
        yield from _flask(project)


def _django(project: Project) -> Iterator[Unset]:
    files = project.fact(settings_files)
    for path in files:
        if is_development(path):
            continue
        found = project.parsed(path, module)
        given = {a.target: a for a in found.assignments if a.scope is found.top}
        middleware = given.get("MIDDLEWARE") or given.get("MIDDLEWARE_CLASSES")
        if middleware is None:
            continue
        used = ast.unparse(middleware.value)
        names = tuple(n for n, needs in _DJANGO if needs in used and not project.grep((n.encode(),), *_PLACES))
        if not names:
            continue
        folder = path.rpartition("/")[0]
        production = [p for p in files if p.rpartition("/")[0] == folder and _PRODUCTION.search(p)]
        if production:
            path = production[0]
            found = project.parsed(path, module)
            given = {a.target: a for a in found.assignments if a.scope is found.top}
        debug = given.get("DEBUG")
        last = next((n for n in reversed(found.tree.body) if isinstance(n, ast.Assign | ast.AnnAssign)), None)
        value = "not DEBUG" if debug is not None else "True"
        text = "\n".join(f"{n} = {value}" for n in names)
        yield Unset(path, (last or middleware.node).lineno, names, span(last) if last else None, text)


def _flask(project: Project) -> Iterator[Unset]:
    named = project.grep((_FLASK.encode(),), *_PLACES)
    if named or not project.grep((b"session[", b"login_user("), "*.py"):
        return
    logins = [p for p, m in sources(project, (b"session[", b"login_user(")) if m.imported & {"flask", "flask_login"}]
    for path, found in sources(project, (b"Flask(",)):
        for call in () if is_development(path) else found.calls:
            if call.target == "flask.Flask" and any(_serves(project, path, login) for login in logins):
                yield _application(path, found, call)


def _serves(project: Project, path: str, login: str) -> bool:
    """Whether the login belongs to the application: the same file, or a part of its package that is none itself."""
    folder = path.rpartition("/")[0]
    return login == path or bool(folder and login.startswith(f"{folder}/") and b"Flask(" not in project.read(login))


def _application(path: str, found: Module, call: Call) -> Unset:
    match statement := found.parents.get(call.node):
        case ast.Assign(targets=[ast.Name(id=name)]):
            text = f"{name}.config[{found.quote}{_FLASK}{found.quote}] = True"
            return Unset(path, call.line, (_FLASK,), span(statement), text)
    return Unset(path, call.line, (_FLASK,), None, "")
