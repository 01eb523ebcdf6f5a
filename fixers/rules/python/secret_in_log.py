"""python/secret-in-log."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, text_of
from fixers.facts.python_logs import is_object, is_secret
from fixers.facts.python_project import sources
from fixers.facts.python_scopes import Call, text_parts
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_METHODS: Final = ("debug", "info", "warning", "warn", "error", "exception", "critical", "log")
_LOGGER: Final = re.compile(
    r"(?:^|[._])(?:log|logger|logging|structlog)$|getLogger\(|get_logger\(|current_app\.logger", re.I
)
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
        found = [(c, e) for c in calls for e in _leaks(path, module, c) if project.keep(path, c.line)]
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


def _leaks(path: str, module: Module, call: Call) -> Iterator[python.PythonEdit]:
    """Edits that take the secrets out of the call's arguments."""
    text = text_of(call.node.args[0]) if call.node.args else None
    for argument in (*call.node.args, *(k.value for k in call.node.keywords if k.arg not in ("exc_info", "extra"))):
        if text and argument in call.node.args and is_object(text, call.node.args.index(argument), argument):
            continue
        for part in text_parts(argument):
            match part:
                case ast.JoinedStr(values=values):
                    shown = [v.value for v in values if isinstance(v, ast.FormattedValue)]
                    for value in shown:
                        if is_secret(path, module, value):
                            yield python.Redact(python.span(part), ast.unparse(value), _HIDDEN)
                case _ if is_secret(path, module, part):
                    yield python.Replace(python.span(part), f"{module.quote}{_HIDDEN}{module.quote}")
