"""Applications whose session cookie has no Secure flag because nobody set one: Django's and Flask's default is off."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.python import Span, span
from fixers.facts.python import Module, module
from fixers.facts.python_apps import applications
from fixers.facts.python_project import is_development, settings_files, sources
from fixers.facts.python_scopes import Call
from fixers.model import Refused
from fixers.project import Project

_PLACES: Final = ("*.py", "*.cfg", "*.ini", "*.toml", "*.json", "*.y*ml", "*.env*")
_DJANGO: Final = (("SESSION_COOKIE_SECURE", "SessionMiddleware"), ("CSRF_COOKIE_SECURE", "CsrfViewMiddleware"))
_FLASK: Final = "SESSION_COOKIE_SECURE"
_PRODUCTION: Final = re.compile(r"(?:^|[/_])(?:prod|production|live|deploy\w*|heroku)\.py$")
_OWNER: Final = b"flask_talisman"
"""Sets the flag itself; Flask-Session obeys the setting."""


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
    yield from _django(project)
    if not project.grep((_OWNER,), "*.py"):
        yield from _flask(project)


def _django(project: Project) -> Iterator[Unset]:
    files = project.fact(settings_files)
    parsed = {path: found for path in files if (found := _parsed(project, path))}
    for path in files:
        used = _top_level(parsed.get(path), "MIDDLEWARE") or _top_level(parsed.get(path), "MIDDLEWARE_CLASSES")
        if used is None or is_development(path):
            continue
        text = ast.unparse(used)
        names = tuple(n for n, needs in _DJANGO if needs in text and not project.grep((n.encode(),), *_PLACES))
        folder = path.rpartition("/")[0]
        production = [p for p in files if p in parsed and p.rpartition("/")[0] == folder and _PRODUCTION.search(p)]
        if names:
            at = production[0] if production else path
            yield _in_settings(at, parsed[at], names)


def _parsed(project: Project, path: str) -> Module | None:
    try:
        return project.parsed(path, module)
    except Refused:
        return None


def _top_level(found: Module | None, name: str) -> ast.expr | None:
    given = found.assignments if found else ()
    return next((a.value for a in given if a.target == name and found and a.scope is found.top), None)


def _in_settings(path: str, found: Module, names: tuple[str, ...]) -> Unset:
    last = next((n for n in reversed(found.tree.body) if isinstance(n, ast.Assign | ast.AnnAssign)), None)
    value = "True" if _top_level(found, "DEBUG") is None else "not DEBUG"
    text = "\n".join(f"{n} = {value}" for n in names)
    return Unset(path, last.lineno if last else 1, names, span(last) if last else None, text)


def _flask(project: Project) -> Iterator[Unset]:
    named = project.grep((_FLASK.encode(),), *_PLACES)
    if named or not project.grep((b"session[", b"login_user("), "*.py"):
        return
    logins = [p for p, m in sources(project, (b"session[", b"login_user(")) if _uses_sessions(m)]
    for path, found, call in applications(project):
        if call.target == "flask.Flask" and any(_serves(project, path, found, login) for login in logins):
            yield _application(path, found, call)


def _uses_sessions(found: Module) -> bool:
    """Whether Flask's own session is written or read, or Flask-Login's; another thing called session is neither."""
    if any(c.target == "flask_login.login_user" for c in found.calls):
        return True
    owners = (found.resolve(n.value, s) for n, s in found.nodes(ast.Subscript) if isinstance(n, ast.Subscript))
    return "flask.session" in owners


def _serves(project: Project, path: str, found: Module, login: str) -> bool:
    """Whether the login belongs to the application: the same file, or a part of its package, or of one beside it that
    the file imports, that is none itself.
    """
    folder = path.rpartition("/")[0]
    above = f"{folder}/" if folder else ""
    inside = bool(folder) or login.partition("/")[0] in found.imported
    return login == path or (inside and login.startswith(above) and b"Flask(" not in project.read(login))


def _application(path: str, found: Module, call: Call) -> Unset:
    match statement := found.parents.get(call.node):
        case ast.Assign(targets=[ast.Name(id=name)]):
            text = f"{name}.config[{found.quote}{_FLASK}{found.quote}] = True"
            return Unset(path, call.line, (_FLASK,), span(statement), text)
    return Unset(path, call.line, (_FLASK,), None, "")
