"""python/timing-unsafe-compare."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_compares import leaks
from fixers.facts.python_project import lines_with, sources
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_WORDS: Final = (
    b"hmac",
    b"token",
    b"TOKEN",
    b"secret",
    b"SECRET",
    b"pi_key",
    b"API_KEY",
    b"signature",
    b"digest",
    b"password",
    b"PASSWORD",
    b"mac_value",
    b"crypt(",
)
_LINE: Final = re.compile(
    rb"(?i)(?:token|secret|_key|signature|digest|passw|mac_value)[\w\"'\])(., ]{0,40}[!=]="
    rb"|[!=]=[ \w.\"'\[({]{0,60}(?:token|secret|_key|signature|digest|passw|mac_value)"
)
_LITERAL: Final = re.compile(rb"[!=]=[ \t]*(?:[bru]{0,2}\"[^\"\n]*\"|[bru]{0,2}'[^'\n]*'|\d+\b|None\b)")
"""A comparison with what the source says: no secret that somebody sends."""
_CALL: Final = re.compile(rb"crypt\(|hmac\w*\(|compare_digest")
_COMPARES: Final = ("hmac.compare_digest", "secrets.compare_digest", "django.utils.crypto.constant_time_compare")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("M good",),
    applies=("*.py",),
    bad={
        "shop/hooks.py": "import hashlib\nimport hmac\n\n\ndef is_ours(key, body, signature):\n"
        "    return hmac.new(key, body, hashlib.sha256).hexdigest() == signature\n"
    },
    good={
        "shop/hooks.py": "import hashlib\nimport hmac\n\n\ndef is_ours(key, body, signature):\n"
        "    return hmac.compare_digest(hmac.new(key, body, hashlib.sha256).hexdigest(), signature)\n"
    },
)
def check(project: Project) -> Iterator[Result]:
    """Secrets are compared in a way that leaks them through time.

    `==` stops at the first byte that differs, so the time of the answer says how much of a guess was
    right; over a local network a signature or token is found byte by byte. `hmac.compare_digest` takes
    the same time whatever is given.
    """
    clean = []
    for path, module in sources(project, _WORDS, _may_compare):
        found = [(n, s) for n, s in module.nodes(ast.Compare) if isinstance(n, ast.Compare) and leaks(module, n, s)]
        bad = [(n, s) for n, s in found if project.keep(path, n.lineno)]
        good = [c for c in module.calls if c.target in _COMPARES]
        if good and not bad:
            clean.append(Location(path, good[0].line, note=good[0].where))
        if not bad:
            continue
        draft, source = project.draft(), project.text(path)
        try:
            draft.edit(path, python.apply, *dict.fromkeys(e for n, s in bad for e in _edits(module, n, source)))
        except Refused as refused:
            draft.refuse(str(refused))
        yield Finding(
            path,
            f"{plural(len(bad), 'secret')} compared with ==",
            line=bad[0][0].lineno,
            fixes=draft.fixes(
                "Compare secrets in constant time",
                Applicability.UNSAFE,
                "compare_digest takes two str of ASCII or two bytes, and no None",
            ),
            locations=tuple(Location(path, n.lineno, note=".".join(s.path)) for n, s in bad),
        )
    if clean:
        yield Pass("secrets are compared in constant time", tuple(clean))


def _may_compare(data: bytes) -> bool:
    return _CALL.search(data) is not None or any(
        _LINE.search(line) and _LINE.search(_LITERAL.sub(b"", line)) for line in lines_with(data, b"==", b"!=")
    )


def _edits(module: Module, node: ast.Compare, source: str) -> tuple[python.PythonEdit, ...]:
    library = "secrets" if "secrets" in module.imported and "hmac" not in module.imported else "hmac"
    text, imports = module.reference(library, "compare_digest")
    left, right = (_argument(n, source) for n in (node.left, node.comparators[0]))
    no = "not " if isinstance(node.ops[0], ast.NotEq) else ""
    return (python.Replace(python.span(node), f"{no}{text}({left}, {right})"), *imports)


def _argument(node: ast.expr, source: str) -> str:
    """The side as it is written, but never None: what `.get()` may not find becomes empty."""
    text = ast.get_source_segment(source, node) or ast.unparse(node)
    match node:
        case ast.Call(func=ast.Attribute(attr="get"), args=[_]):
            return f'{text} or ""'
    return text
