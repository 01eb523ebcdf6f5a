"""python/in-memory-sessions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.python import Module
from fixers.facts.python_project import is_development, sources
from fixers.facts.python_settings import frameworks
from fixers.model import Applicability, Effort, Finding, Location, Result, Severity, rule
from fixers.project import Project

_NAME: Final = re.compile(
    r"_{0,2}(?:active_|user_|login_|auth_|valid_|refresh_|access_)*(?:sessions?|session_store|session_tokens|token_store|tokens"
    r"|logged_in(?:_users)?)",
    re.I,
)
_WORDS: Final = (b"session", b"SESSION", b"tokens", b"TOKENS", b"token_store", b"logged_in")
_LINE: Final = re.compile(
    rb"(?im)(?:sessions?|_store|_?tokens|logged_in\w*)\b[^=\n]{0,60}=\s*(?:\{\}|dict\(|(?:collections\.)?defaultdict\(|\S*TTLCache\()"
)
_LOGIN: Final = re.compile(
    rb"(?i)passw(?:or)?d|\blog_?in|authenticat|_cookie\(|\bcookies\b|Authorization|Bearer|credential|current_user|\bUser\b|username"
)
"""What makes them sessions of users, and not of a chat, a game or a database."""
_TOKEN: Final = re.compile(rb"(?i)_cookie\(|\bcookies\b|passw(?:or)?d|token_(?:urlsafe|hex)\(")
"""What makes the sessions of an object those of logins: calls and rooms have sessions of users, too."""
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
    if not project.fact(frameworks):
        return
    for path, module in sources(project, _WORDS, _LINE):
        if is_development(path) or not _LOGIN.search(project.read(path)):
            continue
        for name, line in _stores(module):
            writes = [n for n, s in module.nodes(ast.Subscript) if _writes(n, name) and s is not module.top]
            own = bool(_TOKEN.search(project.read(path))) if "." in name else module.is_free_below(name)
            if writes and own and project.keep(path, line):
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
    """Dictionaries of the module, or of an object, that start empty and are named for sessions."""
    for a in module.assignments:
        owner, _, name = a.target.rpartition(".")
        kept = a.scope is module.top or a.scope.is_class or owner == "self"
        if owner not in ("", "self") or not kept or not _NAME.fullmatch(name):
            continue
        shown = a.target if owner or not a.scope.is_class else f"self.{name}"
        match a.value:
            case ast.Dict(keys=[]):
                yield shown, a.line
            case ast.Call(func=func) if module.resolve(func, a.scope) in _MAKES or ast.unparse(func) == "dict":
                yield shown, a.line


def _writes(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and not isinstance(node.slice, ast.Constant)
        and ast.unparse(node.value) == name
    )
