"""python/insecure-cookie."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, is_constant, text_of
from fixers.facts.python_cookies import Unset, unset
from fixers.facts.python_project import is_development, sources
from fixers.facts.python_scopes import Call
from fixers.facts.python_settings import frameworks, settings
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_SETTINGS: Final = "(?:SESSION|CSRF|REMEMBER|LANGUAGE|JWT)_COOKIE_(?:SECURE|HTTPONLY)"
_HARMLESS: Final = re.compile(
    r"theme|lang|locale|i18n|timezone|(?:^|_)tz|sidebar|dark|color|colour|layout|consent|banner|sort|view|preference",
    re.I,
)
_FOR_SCRIPTS: Final = re.compile(r"csrf|xsrf", re.I)
_FLAGS: Final = ("", "0", "1", "true", "false", "yes", "no")
"""Values that are a deletion, or a flag for the page's own scripts."""
_TICKETS: Final = tuple(f"pyramid.authentication.AuthTkt{n}" for n in ("CookieHelper", "AuthenticationPolicy"))
"""What makes Pyramid's login cookie; its `samesite` is Lax by itself."""
_REASON: Final = "plain HTTP deployments lose the cookie, and scripts can no longer read it"


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q9",),
    applies=("*.py",),
    bad={
        "shop/login.py": "from flask import make_response\n\n\ndef login(token):\n"
        '    response = make_response("welcome")\n    response.set_cookie("session", token)\n    return response\n'
    },
    good={
        "shop/login.py": "from flask import make_response\n\n\ndef login(token):\n"
        '    response = make_response("welcome")\n'
        '    response.set_cookie("session", token, secure=True, httponly=True, samesite="Lax")\n    return response\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """A cookie is sent over plain HTTP, or readable by scripts.

    Without Secure the browser adds the session to any http:// request for the host, and one such request
    on a shared network gives it away; without HttpOnly any injected script reads it. SameSite=Lax is what
    current browsers assume, written down for the older ones.
    """
    used = project.fact(frameworks)
    if not used:
        return
    clean = []
    for path, module in sources(project, (b"set_cookie", b"AuthTkt")):
        if _HARMLESS.search(path.rpartition("/")[2]):
            continue
        cookies = [c for c in module.calls if _sets(c)]
        bad = [c for c in cookies if _missing(module, c) and project.keep(path, c.line)]
        if cookies and not bad:
            clean.append(Location(path, cookies[0].line))
        if not bad or is_development(path):
            continue
        draft = project.draft()
        draft.edit(path, python.apply, *(e for c in bad for e in _missing(module, c)))
        yield Finding(
            path,
            f"{plural(len(bad), 'cookie')} without Secure or HttpOnly",
            line=bad[0].line,
            fixes=draft.fixes("Set Secure, HttpOnly and SameSite on cookies", Applicability.UNSAFE, _REASON),
            locations=tuple(Location(path, c.line, note=c.where) for c in bad),
        )
    for s in settings(project, _SETTINGS, (b"_COOKIE_SECURE", b"_COOKIE_HTTPONLY")):
        readable = s.name.startswith("CSRF") and s.name.endswith("HTTPONLY")
        if is_constant(s.value, False) and not readable and project.keep(s.path, s.line):
            draft = project.draft()
            draft.edit(s.path, python.apply, python.Replace(python.span(s.value), "True"))
            yield Finding(
                s.path,
                f"{s.name} is off",
                line=s.line,
                anchor=s.anchor,
                fixes=draft.fixes(f"Turn {s.name} on", Applicability.UNSAFE, _REASON),
            )
    for missing in unset(project):
        if project.keep(missing.path, missing.line):
            yield _never_set(project, missing)
    if clean:
        yield Pass("cookies are Secure and HttpOnly", tuple(clean))


def _never_set(project: Project, missing: Unset) -> Finding:
    draft = project.draft()
    if missing.after is None:
        draft.refuse("the application is made in passing")
    else:
        draft.edit(missing.path, python.apply, python.InsertAfter(missing.after, missing.text))
    names = " and ".join(missing.names)
    return Finding(
        missing.path,
        f"{names} {'is' if len(missing.names) == 1 else 'are'} never set, and off by default",
        line=missing.line,
        anchor=missing.names[0],
        severity=Severity.LOW,
        fixes=draft.fixes(f"Turn {names} on", Applicability.UNSAFE, "plain HTTP deployments lose the cookie"),
    )


def _sets(call: Call) -> bool:
    """Whether the call gives a cookie a value of ours: no deletion, no jar of an HTTP client."""
    name, value = call.argument(0, "key") or call.keyword("name"), call.argument(1, "value")
    if call.target in _TICKETS:
        return not call.splats
    if call.method != "set_cookie" or call.splats or name is None or value is None:
        return False
    deleted = text_of(value) in _FLAGS or any(is_constant(call.keyword(k), 0) for k in ("max_age", "expires"))
    return not deleted and not _HARMLESS.search(ast.unparse(name))


def _missing(module: Module, call: Call) -> tuple[python.PythonEdit, ...]:
    """The keywords that the cookie lacks; nothing when somebody decided them."""
    name = call.argument(0, "key") or call.keyword("name")
    wanted = ["secure"]
    secure = call.keyword("secure")
    decided = secure is not None and not is_constant(secure, False)
    ticket = call.target in _TICKETS
    scripts = name is not None and _FOR_SCRIPTS.search(ast.unparse(name))
    if ticket or (name is not None and not scripts and not (decided and text_of(name) is None)):
        wanted.append("httponly")
    lacking = [k for k in wanted if call.keyword(k) is None or is_constant(call.keyword(k), False)]
    if not lacking or (decided and "httponly" not in lacking):
        return ()
    edits = [python.SetKeyword(call.span, k, "True") for k in lacking]
    if call.keyword("samesite") is None and not ticket and not module.imported & {"fastapi", "starlette"}:
        edits.append(python.SetKeyword(call.span, "samesite", f"{module.quote}Lax{module.quote}"))
    return tuple(edits)
