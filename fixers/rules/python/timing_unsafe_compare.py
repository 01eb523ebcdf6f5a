"""python/timing-unsafe-compare."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_project import sources
from fixers.facts.python_scopes import Scope, last_name, parameters
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_SECRET: Final = re.compile(
    r"(?:^|_)(?:token|secret|api_?key|access_key|auth_key|signature|hmac|digest|hexdigest|passwd|password|csrf)$", re.I
)
_GIVEN: Final = re.compile(
    r"headers|\bargs\b|\bform\b|cookies|\bquery|request\.|credentials\.|authorization|x_[a-z_]+", re.I
)
_KEPT: Final = re.compile(r"environ|getenv|settings|config|secret|expected|self\.|[A-Z_]{5,}|hmac|digest", re.S)
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
)
_LINE: Final = re.compile(
    rb"(?i)(?:token|secret|_key|signature|digest|passw)[\w\"'\])(., ]{0,40}[!=]="
    rb"|[!=]=[ \w.\"'\[(]{0,60}(?:token|secret|_key|signature|digest|passw)|compare_digest"
)
_WEB: Final = {"flask", "fastapi", "starlette", "django", "aiohttp", "quart", "sanic", "http", "rest_framework"}
_DIGEST: Final = re.compile(r"hmac\.(?:new|HMAC|digest)\(\)(?:\.(?:hex)?digest\(\))?")
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
    for path, module in sources(project, _WORDS, _LINE):
        found = [(n, s) for n, s in module.nodes(ast.Compare) if isinstance(n, ast.Compare) and _leaks(module, n, s)]
        bad = [(n, s) for n, s in found if project.keep(path, n.lineno)]
        good = [c for c in module.calls if c.target in _COMPARES]
        if good and not bad:
            clean.append(Location(path, good[0].line, note=good[0].where))
        if not bad:
            continue
        draft = project.draft()
        try:
            draft.edit(path, python.apply, *dict.fromkeys(e for n, s in bad for e in _edits(module, n)))
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


def _leaks(module: Module, node: ast.Compare, scope: Scope) -> bool:
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return False
    sides = (node.left, node.comparators[0])
    if any(isinstance(s, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.JoinedStr) for s in sides):
        return False
    if any(_is_digest(module, s, scope) for s in sides):
        return True
    texts = [ast.unparse(s) for s in sides]
    if not any(_SECRET.search(last_name(s)) for s in sides):
        return False
    if any(_GIVEN.search(a) and _KEPT.search(b) and not _GIVEN.search(b) for a, b in (texts, texts[::-1])):
        return True
    if not module.imported & _WEB:
        return False
    return any(_is_parameter(a, scope) and _is_setting(b) for a, b in (sides, sides[::-1]))


def _is_parameter(node: ast.expr, scope: Scope) -> bool:
    function = scope.function
    return isinstance(node, ast.Name) and function is not None and node.id in parameters(function)


def _is_setting(node: ast.expr) -> bool:
    """Whether it is a secret that the service holds: `API_TOKEN`, `settings.api_key`, `os.environ["KEY"]`."""
    text = ast.unparse(node)
    held = text.isupper() or re.search(r"settings|config|environ|getenv", text) is not None
    return held and _SECRET.search(last_name(node)) is not None


def _is_digest(module: Module, node: ast.expr, scope: Scope) -> bool:
    """Whether it is a keyed digest: `hmac.new(...).hexdigest()`, or a name for one."""
    return _DIGEST.fullmatch(module.resolve(node, scope)) is not None


def _edits(module: Module, node: ast.Compare) -> tuple[python.PythonEdit, ...]:
    library = "secrets" if "secrets" in module.imported and "hmac" not in module.imported else "hmac"
    text, imports = module.reference(library, "compare_digest")
    left, right = (_argument(n) for n in (node.left, node.comparators[0]))
    no = "not " if isinstance(node.ops[0], ast.NotEq) else ""
    return (python.Replace(python.span(node), f"{no}{text}({left}, {right})"), *imports)


def _argument(node: ast.expr) -> str:
    """The side as text that is never None: what `.get()` may not find becomes empty."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get"), args=[_]):
            return f'{ast.unparse(node)} or ""'
    return ast.unparse(node)
