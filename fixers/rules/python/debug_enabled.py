"""python/debug-enabled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, is_constant, text_of
from fixers.facts.python_project import fallback, is_development, on_request, sources
from fixers.facts.python_scopes import Call
from fixers.facts.python_settings import Setting, frameworks, settings
from fixers.model import Applicability, Finding, Fix, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_OFF: Final = {"True": "False", "true": "false", "TRUE": "FALSE", "1": "0", "yes": "no", "on": "off"}
_OPTION: Final = re.compile(r"debug|dev|local", re.I)
_LOOPBACK: Final = ("127.", "localhost", "::1")
_RUNS: Final = ("run", "run_server", "run_app")
_MAKES: Final = re.compile(
    r"(?:flask|quart|fastapi|starlette\.applications|sanic|dash|aiohttp\.web)\.\w+\(\)\.\w+$|socketio", re.I
)
_CONSTRUCTS: Final = ("fastapi.FastAPI", "starlette.applications.Starlette", "aiohttp.web.Application")


@rule(
    severity=Severity.HIGH,
    fix=Applicability.SAFE,
    applies=("*.py",),
    bad={"shop/app.py": "from flask import Flask\n\napp = Flask(__name__)\napp.run(port=8000, debug=True)\n"},
    good={"shop/app.py": "from flask import Flask\n\napp = Flask(__name__)\napp.run(port=8000)\n"},
)
def check(project: Project) -> Iterator[Result]:
    """The application runs in debug mode.

    Werkzeug's debugger is a Python console for whoever sees a stack trace, and Django's error pages
    print settings and SQL. Without `debug=True` in the code Flask still obeys FLASK_DEBUG=1, so the
    developer loses nothing; a setting reads the environment and is off when nobody says otherwise.
    """
    used = project.fact(frameworks)
    if not used:
        return
    found = False
    for path, module in sources(project, (b"debug", b".run(")):
        runs = () if is_development(path) else (c for c in module.calls if is_constant(_debug(c), True))
        for call in runs:
            if _serves(call) and not on_request(module, call.node, _OPTION) and project.keep(path, call.line):
                found = True
                yield _run_finding(project, path, module, call)
    for setting in settings(project, "DEBUG|debug", (b"DEBUG", b"debug")):
        if project.keep(setting.path, setting.line):
            for finding in _setting_finding(project, setting):
                found = True
                yield finding
    if not found:
        yield Pass(f"no debug mode in the code for {', '.join(sorted(used))}")


def _debug(call: Call) -> ast.expr | None:
    """The `debug` of a call, by name, or the third argument of Flask's `run(host, port, debug)`."""
    return call.argument(2, "debug") if call.target.endswith("Flask().run") else call.keyword("debug")


def _serves(call: Call) -> bool:
    if call.target in _CONSTRUCTS or _MAKES.search(call.target):
        return True
    func = call.node.func
    if call.method not in _RUNS or not isinstance(func, ast.Attribute):
        return False
    name = ast.unparse(func.value).rstrip("()").rpartition(".")[2].lower()
    return name.endswith(("app", "application")) or name == "server"


def _run_finding(project: Project, path: str, module: Module, call: Call) -> Finding:
    draft = project.draft()
    given = _debug(call)
    third = given is not None and call.keyword("debug") is None
    edit = python.Replace(python.span(given), "False") if given and third else python.DropKeyword(call.span, "debug")
    draft.edit(path, python.apply, edit)
    severity = Severity.MEDIUM if module.in_main(call.node) else None
    if (text_of(call.keyword("host")) or "").startswith(_LOOPBACK):
        severity = Severity.LOW
    return Finding(
        path,
        f"{ast.unparse(call.node.func)}() is called with debug=True",
        line=call.line,
        anchor=f"{call.where}.{call.method}",
        severity=severity,
        fixes=draft.fixes("Leave debug mode to the environment"),
    )


def _setting_finding(project: Project, setting: Setting) -> Iterator[Finding]:
    draft = project.draft()
    module, value = setting.module, setting.value
    if is_constant(value, True):
        if setting.kind in ("django", "flask"):
            name = "DJANGO_DEBUG" if setting.kind == "django" else "FLASK_DEBUG"
            try:
                environ, imports = module.reference("os", "environ", setting.scope)
                text = f"{environ}.get({module.quote}{name}{module.quote}) == {module.quote}1{module.quote}"
                draft.edit(setting.path, python.apply, python.Replace(python.span(value), text), *imports)
            except Refused as refused:
                draft.refuse(str(refused))
            title, reason = f"Read debug mode from {name}", f"development must set {name}=1 from now on"
        else:
            draft.edit(setting.path, python.apply, python.Replace(python.span(value), "False"))
            title, reason = "Turn debug mode off by default", "development must turn it on from now on"
        yield _finding(setting, "is on", draft.fixes(title, Applicability.UNSAFE, reason))
        return
    match value:
        case ast.BoolOp(op=ast.Or(), values=[*_, ast.Constant(value=True) as always]):
            draft.edit(setting.path, python.apply, python.Replace(python.span(always), "False"))
            reason = "development must turn it on from now on"
            yield _finding(
                setting, "is on whatever is read", draft.fixes("Let it be off", Applicability.UNSAFE, reason)
            )
            return
    for node in ast.walk(value):
        read = fallback(node, module, setting.scope) if isinstance(node, ast.expr) else None
        if read and isinstance(read[1], ast.Constant) and str(read[1].value) in _OFF:
            off = _OFF[str(read[1].value)]
            text = off if not isinstance(read[1].value, str) else f"{module.quote}{off}{module.quote}"
            draft.edit(setting.path, python.apply, python.Replace(python.span(read[1]), text))
            reason = f"development must set {read[0].name} from now on"
            fixes = draft.fixes(f"Leave {read[0].name} off by default", Applicability.UNSAFE, reason)
            yield _finding(setting, f"is on unless {read[0].name} is set", fixes)
            return


def _finding(setting: Setting, what: str, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(setting.path, f"{setting.name} {what}", line=setting.line, anchor=setting.anchor, fixes=fixes)
