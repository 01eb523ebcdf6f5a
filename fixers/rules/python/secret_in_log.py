"""python/secret-in-log."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_project import sources
from fixers.facts.python_scopes import Call, last_name, text_parts
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_METHODS: Final = ("debug", "info", "warning", "warn", "error", "exception", "critical", "log")
_LOGGER: Final = re.compile(
    r"(?:^|[._])(?:log|logger|logging|structlog)$|getLogger\(|get_logger\(|current_app\.logger", re.I
)
_SECRET: Final = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secret|token|api_?key|private_key|secret_key|authorization|credit_card)$",
    re.I,
)
_NO_SECRET: Final = re.compile(
    r"^(?:is|has|no|use|need|require|show|missing|invalid|bad|by|max|min|num|next|page|sync|cancel|resume|continuation"
    r"|eos|bos|pad|unk|special|mask|masked|hashed|redacted|stop|public)_|(?:next_)?page_token|^_$",
    re.I,
)
_HOLDER: Final = re.compile(r"request|self|user|session|auth|cred|config|settings|args|client|account", re.I)
"""Owners whose `.token` is a secret; a checkout's or a share's is its name."""
_AUTH: Final = {
    "flask",
    "fastapi",
    "starlette",
    "django",
    "aiohttp",
    "quart",
    "sanic",
    "requests",
    "httpx",
    "jwt",
    "jose",
}
_LINE: Final = re.compile(
    rb"(?is)\.(?:debug|info|warn|warning|error|exception|critical|log)\(.{0,300}?"
    rb"(?:passw|passphrase|secret|token|api_?key|private_key|authorization|credit_card)"
)
_WORDS: Final = (b"password", b"passwd", b"secret", b"token", b"api_key", b"apikey", b"private_key", b"uthorization")
_HIDDEN: Final = "[redacted]"


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("M good",),
    applies=("*.py",),
    bad={
        "shop/login.py": "import logging\n\nfrom flask import request\n\nlog = logging.getLogger(__name__)\n\n\n"
        'def login(user, password):\n    log.info(f"login of {user} with {password}")\n'
        '    log.debug("token %s", request.token)\n'
    },
    good={
        "shop/login.py": "import logging\n\nfrom flask import request\n\nlog = logging.getLogger(__name__)\n\n\n"
        'def login(user, password):\n    log.info(f"login of {user} with [redacted]")\n'
        '    log.debug("token %s", "[redacted]")\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """A secret is written to the log.

    Logs are copied to other machines, kept for months and read by many people and tools: a password or a
    token in one is a secret that everybody there has. Log who it was for, or a hash of it.
    """
    clean = []
    for path, module in sources(project, _WORDS, _LINE):
        calls = [c for c in module.calls if _logs(c)]
        found = [(c, e) for c in calls for e in _leaks(module, c) if project.keep(path, c.line)]
        if calls and not found:
            clean.append(Location(path, calls[0].line))
        if not found:
            continue
        draft = project.draft()
        draft.edit(path, python.apply, *dict.fromkeys(e for _, e in found))
        lines = dict.fromkeys(c.line for c, _ in found)
        yield Finding(
            path,
            f"{plural(len(lines), 'log line')} with a secret",
            line=found[0][0].line,
            fixes=draft.fixes(
                "Keep secrets out of the log",
                Applicability.UNSAFE,
                "whoever reads the log for that value will not find it",
            ),
            locations=tuple(Location(path, line) for line in lines),
        )
    if clean:
        yield Pass("log lines name no passwords or tokens", tuple(clean))


def _logs(call: Call) -> bool:
    func = call.node.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr in _METHODS
        and _LOGGER.search(ast.unparse(func.value)) is not None
    )


def _leaks(module: Module, call: Call) -> Iterator[python.PythonEdit]:
    """Edits that take the secrets out of the call's arguments."""
    for argument in (*call.node.args, *(k.value for k in call.node.keywords if k.arg not in ("exc_info", "extra"))):
        for part in text_parts(argument):
            match part:
                case ast.JoinedStr(values=values):
                    shown = [v.value for v in values if isinstance(v, ast.FormattedValue)]
                    for value in shown:
                        if _is_secret(module, value):
                            yield python.Redact(python.span(part), ast.unparse(value), _HIDDEN)
                case _ if _is_secret(module, part):
                    yield python.Replace(python.span(part), f"{module.quote}{_HIDDEN}{module.quote}")


def _is_secret(module: Module, node: ast.expr) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        return False
    if isinstance(node, ast.Call) and not (
        isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "getenv")
    ):
        return False
    name = last_name(node)
    match node:
        case ast.Subscript(value=ast.Attribute() as whole, slice=ast.Constant(value=0)):
            name = last_name(whole)
    asked = (n.test for n in module.ancestors(node) if isinstance(n, ast.If))
    if any(f"{ast.unparse(node)} ==" in ast.unparse(test) for test in asked):
        return False
    if name.lower() == "token" and isinstance(node, ast.Attribute) and not _HOLDER.search(last_name(node.value)):
        return False
    if not _SECRET.search(name) or _NO_SECRET.search(name):
        return False
    return not name.lower().endswith("token") or bool(module.imported & _AUTH)
