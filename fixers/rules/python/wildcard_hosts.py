"""python/wildcard-hosts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, text_of
from fixers.facts.python_project import constant_strings, fallback, is_development, sources
from fixers.facts.python_settings import settings
from fixers.model import Applicability, Finding, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_LOCAL: Final = "localhost,127.0.0.1"
_REASON: Final = "every deployment must name its hosts in {}"


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=("*.py",),
    bad={"shop/settings.py": 'import os\n\nROOT_URLCONF = "shop.urls"\nALLOWED_HOSTS = ["*"]\n'},
    good={
        "shop/settings.py": 'import os\n\nROOT_URLCONF = "shop.urls"\n'
        'ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """Any Host header is accepted.

    Links in mails, redirects and cached pages are built from the Host header: with `*` a stranger who
    sends another name gets password reset links that lead to him, and DNS rebinding reaches the service
    from a visitor's browser.
    """
    found = seen = False
    for s in settings(project, "ALLOWED_HOSTS", (b"ALLOWED_HOSTS",)):
        if s.kind == "django":
            seen = True
            finding = _finding(project, s.path, s.module, s.value, s.anchor, fallback(s.value, s.module, s.scope))
            if finding and project.keep(s.path, s.line):
                found = True
                yield finding
    for path, module in sources(project, (b"TrustedHostMiddleware",)):
        for call in () if is_development(path) else module.calls:
            hosts = call.keyword("allowed_hosts")
            if hosts is not None and call.method in ("add_middleware", "TrustedHostMiddleware", "Middleware"):
                seen = True
                finding = _finding(project, path, module, hosts, f"{call.where}.allowed_hosts", None)
                if finding and project.keep(path, hosts.lineno):
                    found = True
                    yield finding
    if seen and not found:
        yield Pass("the hosts that are served are named")


def _finding(project: Project, path: str, module: Module, value: ast.expr, anchor: str, read: object) -> Finding | None:
    draft = project.draft()
    q = module.quote
    django = anchor.endswith("ALLOWED_HOSTS")
    variable = "DJANGO_ALLOWED_HOSTS" if django else "ALLOWED_HOSTS"
    hosts = constant_strings(value)
    edits: tuple[python.PythonEdit, ...] = ()
    if hosts is not None and "*" in hosts:
        others = [h for h in hosts if h != "*"]
        if others:
            text = "[" + ", ".join(f"{q}{h}{q}" for h in others) + "]"
            edits = (python.Replace(python.span(value), text),)
        else:
            try:
                text, imports = module.environment(variable, _LOCAL)
                edits = (python.Replace(python.span(value), f"{text}.split({q},{q})"), *imports)
            except Refused as refused:
                draft.refuse(str(refused))
    else:
        edits, variable = _defaults(module, value, variable)
        if not edits:
            return None
    draft.edit(path, python.apply, *edits)
    fixes = draft.fixes("Name the hosts that are served", Applicability.UNSAFE, _REASON.format(variable))
    return Finding(path, "every Host header is accepted", line=value.lineno, anchor=anchor, fixes=fixes)


def _defaults(module: Module, value: ast.expr, variable: str) -> tuple[tuple[python.PythonEdit, ...], str]:
    """The edit of a fallback `"*"` or `["*"]` in an environment read anywhere in the value."""
    q = module.quote
    for node in ast.walk(value):
        read = fallback(node, module, module.top) if isinstance(node, ast.expr) else None
        if read is None:
            continue
        if text_of(read[1]) == "*":
            return (python.Replace(python.span(read[1]), f"{q}{_LOCAL}{q}"),), read[0].name
        if constant_strings(read[1]) == ["*"]:
            text = "[" + ", ".join(f"{q}{h}{q}" for h in _LOCAL.split(",")) + "]"
            return (python.Replace(python.span(read[1]), text),), read[0].name
    return (), variable
