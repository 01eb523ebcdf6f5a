"""python/in-memory-sessions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.python import Module
from fixers.facts.python_project import is_development, sources
from fixers.model import Applicability, Effort, Finding, Location, Result, Severity, rule
from fixers.project import Project

_NAME: Final = re.compile(
    r"_?(?:active_|user_|login_|auth_|valid_|refresh_|access_)*(?:sessions?|session_store|tokens|logged_in(?:_users)?)",
    re.I,
)
_WORDS: Final = (b"session", b"SESSION", b"tokens", b"TOKENS", b"logged_in")
_WEB: Final = {"flask", "fastapi", "starlette", "aiohttp", "quart", "sanic", "bottle", "django"}
_MAKES: Final = ("dict", "collections.defaultdict", "defaultdict", "cachetools.TTLCache")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.MANUAL,
    effort=Effort.MEDIUM,
    audit=("Q7",),
    applies=("*.py",),
    bad={
        "shop/auth.py": "import secrets\n\nfrom flask import request\n\nsessions = {}\n\n\ndef login(user):\n"
        "    token = secrets.token_urlsafe()\n    sessions[token] = user\n    return token\n"
    },
    good={
        "shop/auth.py": "import secrets\n\nfrom flask import request\n\nfrom shop import store\n\n\ndef login(user):\n"
        "    token = secrets.token_urlsafe()\n    store.save_session(token, user)\n    return token\n"
    },
)
def check(project: Project) -> Iterator[Result]:
    """Sessions live in the memory of one process.

    Every restart logs everybody out, a second worker knows nothing of the first one's logins, and
    nothing ever takes an old entry away, so memory grows with each login.
    """
    for path, module in sources(project, _WORDS, packages=(n.encode() for n in _WEB)):
        if not module.imported & _WEB or is_development(path):
            continue
        for name, line in _stores(module):
            writes = [n for n, s in module.nodes(ast.Subscript) if _writes(n, name) and s is not module.top]
            if writes and module.is_free_below(name) and project.keep(path, line):
                yield Finding(
                    path,
                    f"{name} keeps sessions in memory",
                    line=line,
                    anchor=name,
                    steps=(
                        "Keep sessions in the database or Redis, by a hash of the token, and let them expire there.",
                    ),
                    locations=(
                        Location(path, line),
                        *(Location(path, n.lineno) for n in writes if isinstance(n, ast.expr)),
                    ),
                )


def _stores(module: Module) -> Iterator[tuple[str, int]]:
    """Dictionaries of the module that start empty and are named for sessions."""
    for a in module.assignments:
        if a.scope is not module.top or not _NAME.fullmatch(a.target):
            continue
        match a.value:
            case ast.Dict(keys=[]):
                yield a.target, a.line
            case ast.Call(func=func) if module.resolve(func, a.scope) in _MAKES or ast.unparse(func) == "dict":
                yield a.target, a.line


def _writes(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    )
