"""python/tls-verification-off."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, is_constant, text_of
from fixers.facts.python_project import on_request, sources
from fixers.facts.python_scopes import Scope
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_CLIENT: Final = re.compile(r"(?:requests|httpx|aiohttp)\.")
_KEYWORDS: Final = {"requests": ("verify",), "httpx": ("verify",), "aiohttp": ("ssl", "verify_ssl")}
_LOCAL: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)")
_OPTION: Final = re.compile(r"verif|insecure|ssl|tls|cert|skip|debug|dev|local", re.I)
_UNVERIFIED: Final = "ssl._create_unverified_context"
_WORDS: Final = (b"verify", b"ssl=False", b"CERT_NONE", b"_create_unverified_context", b"ssl = False")
_LINE: Final = re.compile(
    rb"(?:verify|ssl)\s*=\s*False|CERT_NONE|_create_unverified_context"
    rb"|^[ \t]*(?:from|import)[ \t][^\n]*\b(?:requests|httpx|aiohttp)\b",
    re.M,
)


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    note: str
    edits: tuple[python.PythonEdit, ...]


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=("*.py",),
    bad={
        "shop/pay.py": "import requests\n\n\ndef pay(url, order):\n"
        "    return requests.post(url, order, verify=False, timeout=5)\n"
    },
    good={
        "shop/pay.py": "import requests\n\n\ndef pay(url, order):\n    return requests.post(url, order, timeout=5)\n"
    },
)
def check(project: Project) -> Iterator[Result]:
    """TLS certificates are not verified.

    The connection is encrypted, but to whoever answers: anyone on the path reads and changes requests,
    tokens included. A private authority is no reason: name its bundle in `verify=`, in
    REQUESTS_CA_BUNDLE or in SSL_CERT_FILE.
    """
    clean = []
    for path, module in sources(project, _WORDS, _LINE):
        places = [p for p in _places(module) if project.keep(path, p.line)]
        if not places:
            clean += [Location(path)] if _KEYWORDS.keys() & module.imported else []
            continue
        draft = project.draft()
        for place in places:
            if not place.edits:
                draft.refuse(f"line {place.line} takes more than a changed argument")
        draft.edit(path, python.apply, *(e for p in places for e in p.edits))
        reason = "a peer with a self-signed or private certificate will be refused until its authority is named"
        yield Finding(
            path,
            f"{plural(len(places), 'place')} where certificates are not verified",
            line=places[0].line,
            fixes=draft.fixes("Verify TLS certificates", Applicability.UNSAFE, reason),
            steps=("Give the client the authority's bundle (verify=, REQUESTS_CA_BUNDLE, SSL_CERT_FILE).",),
            locations=tuple(Location(path, p.line, note=p.note) for p in places),
        )
    if clean:
        yield Pass("TLS verification is left on", tuple(clean))


def _places(module: Module) -> Iterator[_Place]:
    for call in module.calls:
        if on_request(module, call.node, _OPTION):
            continue
        if call.target == _UNVERIFIED and not _is_default(module, call.node):
            try:
                written, imports = module.reference("ssl", "create_default_context", call.scope)
                yield _Place(call.line, call.where, (python.Replace(python.span(call.node.func), written), *imports))
            except Refused:
                yield _Place(call.line, call.where, ())
        elif _CLIENT.match(call.target) and not any(_LOCAL.match(text_of(a) or "") for a in call.node.args):
            for name in _KEYWORDS[call.target.partition(".")[0]]:
                if is_constant(call.keyword(name), False):
                    yield _Place(call.line, call.where, (python.DropKeyword(call.span, name),))
    for a in module.assignments:
        if a.target == "requests.Session().verify" and is_constant(a.value, False):
            yield _Place(a.line, a.target, (python.Replace(python.span(a.value), "True"),))
        by_hand = _is_default(module, a.value) or module.resolve(a.value, a.scope) == "ssl.CERT_NONE"
        if by_hand and not on_request(module, a.value, _OPTION) and not _for_certificate(module, a.scope):
            yield _Place(a.line, a.target, ())


def _for_certificate(module: Module, scope: Scope) -> bool:
    """Whether the function connects to read the peer's certificate, which is then what is looked at."""
    return any(c.scope is scope and re.search(r"get_?peer_?cert", c.method) for c in module.calls)


def _is_default(module: Module, node: ast.expr) -> bool:
    """Whether it becomes the default context of every HTTPS connection of the process."""
    statement = module.statement(node)
    return isinstance(statement, ast.Assign) and "_create_default_https_context" in ast.unparse(statement.targets[0])
