"""python/missing-rate-limit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.python import Module, text_of
from fixers.facts.python_project import dependencies, is_product, sources
from fixers.facts.python_scopes import Function
from fixers.model import Applicability, Effort, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_LIMITERS: Final = {
    "flask-limiter",
    "slowapi",
    "fastapi-limiter",
    "django-ratelimit",
    "django-axes",
    "django-defender",
    "limits",
    "starlette-limiter",
    "aiohttp-ratelimiter",
    "pyrate-limiter",
    "throttled-py",
    "asgi-ratelimit",
}
_LIMITS: Final = re.compile(
    rb"(?i)rate_?limit|throttl|too_?many_?(?:requests|attempts)|login_?attempts|limit_req|\b429\b"
)
_LOGIN: Final = re.compile(
    r"/?(?:\w+/)*(?:log[-_]?in|sign[-_]?in|token|auth|authenticate|register|sign[-_]?up|forgot\w*|reset\w*)/?$"
)
_METHODS: Final = ("route", "post", "api_route", "add_api_route", "add_post")
_LIBRARY: Final = {"flask": "Flask-Limiter", "fastapi": "slowapi", "starlette": "slowapi", "aiohttp": "aiolimiter"}


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.MANUAL,
    effort=Effort.MEDIUM,
    audit=("Q3",),
    applies=("*.py",),
    bad={
        "shop/app.py": "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n"
        '@app.route("/login", methods=["POST"])\ndef login():\n    return check(request.form["password"])\n'
    },
    good={
        "requirements.txt": "flask\nflask-limiter\n",
        "shop/app.py": "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n"
        '@app.route("/login", methods=["POST"])\ndef login():\n    return check(request.form["password"])\n',
    },
)
def check(project: Project) -> Iterator[Result]:
    """Logins can be tried without limit.

    Nothing in the tree slows down somebody who tries passwords: a bot makes thousands of attempts a
    minute, and each one costs the service a password hash. A limit per address and account on the login
    route, here or in the proxy, ends it.
    """
    routes = [
        (p, m, f, r)
        for p, m in sources(project, (b"route", b".post("))
        for f, r in _logins(m)
        if project.keep(p, f.lineno)
    ]
    if not routes:
        return
    if limiting := _evidence(project):
        yield Pass("requests are rate limited", limiting)
        return
    path, module, function, route = routes[0]
    library = next((_LIBRARY[n] for n in sorted(module.imported) if n in _LIBRARY), "a limiter")
    yield Finding(
        path,
        f"no rate limit on {route}, nor anywhere in the tree",
        line=function.lineno,
        anchor=route,
        steps=(
            f"Add {library} (or limit_req in nginx) and allow a few attempts a minute for each address.",
            "Behind a proxy, take the address from the proxy you trust, never from the left end of X-Forwarded-For.",
        ),
        locations=tuple(Location(p, f.lineno, note=r) for p, _, f, r in routes),
    )


def _evidence(project: Project) -> tuple[Location, ...]:
    """Where something limits: a library that is required, code of the product, a proxy's configuration."""
    if project.fact(dependencies) & _LIMITERS:
        return (Location("requirements.txt" if project.exists("requirements.txt") else "pyproject.toml"),)
    paths = (*project.files("*.py"), *project.files("*nginx*", "*.conf", "*.conf.template", "Caddyfile", "*traefik*"))
    return tuple(Location(p) for p in paths if is_product(p) and _LIMITS.search(project.read(p)))[:3]


def _logins(module: Module) -> Iterator[tuple[Function, str]]:
    """Handlers of POST routes that take credentials, with their path."""
    for node, _ in module.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, Function)
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(attr=method), args=[path, *_]) if method in _METHODS:
                    route = text_of(path) or ""
                    methods = next((ast.unparse(k.value) for k in decorator.keywords if k.arg == "methods"), "")
                    if _LOGIN.fullmatch(route) and (method != "route" or "POST" in methods):
                        yield node, route
