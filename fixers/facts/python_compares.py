"""Comparisons whose time says how much of a secret was right: keyed digests, tokens, hashes of passwords."""

from __future__ import annotations

import ast
import re
from typing import Final

from fixers.facts.python import Module
from fixers.facts.python_scopes import Scope, last_name, parameters

_SECRET: Final = re.compile(
    r"(?:^|_)(?:token|secret|api_?key|access_key|auth_key|signature|hmac|digest|hexdigest|passwd|password|csrf)$", re.I
)
_GIVEN: Final = re.compile(
    r"headers|\bargs(?:\.get\(|\[['\"])|\bform\b|cookies|\bquery|request\.|credentials\.|authorization|x_[a-z_]+", re.I
)
_KEPT: Final = re.compile(
    r"environ|getenv|settings|config|secret|expected|session\b|self\.|[A-Z_]{5,}|hmac|digest", re.S
)
_WEB: Final = {
    "flask",
    "fastapi",
    "starlette",
    "django",
    "aiohttp",
    "quart",
    "sanic",
    "http",
    "rest_framework",
    "cherrypy",
    "pyramid",
    "bottle",
}
_KEYED: Final = re.compile(
    r"hmac\.(?:new|HMAC|digest)\(\)(?:\.(?:hex)?digest\(\))?|crypt\.crypt\(\)|hashlib\.(?:pbkdf2_hmac|scrypt)\(\)(?:\.hex\(\))?"
)
_HASHED: Final = re.compile(r"hashlib\.\w+\(\)\.(?:hex)?digest\(\)")
_OF_SECRET: Final = re.compile(r"passw|secret|(?<!un)signature|\btoken|_token|api_?key", re.I)
_PASSWORD: Final = re.compile(r"^(?:\w+_)?passw(?:or)?d$", re.I)
_SEAL: Final = re.compile(r"(?:^|_)(?:hmac|mac_value|signature|sig)(?:_|$)", re.I)
_COMPUTED: Final = re.compile(r"calculated|computed|expected", re.I)
_HASH: Final = re.compile(
    r"^hash(?:ed)?_(?:value|password)$|^(?:stored|expected)_(?:hash|password)$|^passw\w*_hash$", re.I
)
_ABOUT: Final = re.compile(r"(?:^|_)(?:type|kind|name|field|mode|prefix|id|length|url|hint)$", re.I)
"""What a secret's own description is called: `grant_type == REFRESH_TOKEN`."""
_QUERIES: Final = frozenset(
    ["filter", "where", "and_", "or_", "having", "join", "outerjoin", "exists", "case", "on", "update", "db"]
)
"""Callers whose comparison becomes SQL."""


def leaks(module: Module, node: ast.Compare, scope: Scope) -> bool:
    """Whether `==` or `!=` compares a secret with what somebody sent."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq) or _is_query(module, node):
        return False
    if _is_update(module, node):
        return False
    sides = (_shown(node.left), _shown(node.comparators[0]))
    if any(isinstance(s, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.JoinedStr) for s in sides):
        return False
    if any(_ABOUT.search(last_name(s)) or last_name(s) in ("old", "new", "previous") for s in sides):
        return False
    if any(_KEYED.fullmatch(module.resolve(s, scope)) or _is_helper(s, scope) for s in sides):
        return True
    if any(_is_hash(module, a, b, scope) or _is_check(module, a, b, scope) for a, b in (sides, sides[::-1])):
        return True
    if not any(_SECRET.search(last_name(s)) for s in sides):
        return False
    texts = [_meaning(s, scope) for s in sides]
    if any(_GIVEN.search(a) and _KEPT.search(b) and not _GIVEN.search(b) for a, b in (texts, texts[::-1])):
        return True
    if not module.imported & _WEB:
        return False
    return any((_is_parameter(a, scope) or _is_asked(a)) and _is_setting(b) for a, b in (sides, sides[::-1]))


def _is_query(module: Module, node: ast.Compare) -> bool:
    for above in module.ancestors(node):
        if isinstance(above, ast.Call) and ast.unparse(above.func).rpartition(".")[2] in _QUERIES:
            return True
        if isinstance(above, ast.stmt):
            return False
    return False


def _is_update(module: Module, node: ast.Compare) -> bool:
    """Whether it asks if something has changed: `if kept != given: kept = given`."""
    above = module.parents.get(node)
    texts = {ast.unparse(n) for n in (node.left, *node.comparators)}
    return isinstance(above, ast.If) and any(
        isinstance(n, ast.Assign) and ast.unparse(n.value) in texts for n in above.body
    )


def _shown(side: ast.expr) -> ast.expr:
    """The value in `f"Bearer {token}"`; the side itself when it is no such text."""
    shown = [v for v in side.values if isinstance(v, ast.FormattedValue)] if isinstance(side, ast.JoinedStr) else []
    return shown[0].value if len(shown) == 1 else side


def _is_helper(side: ast.expr, scope: Scope) -> bool:
    """Whether it is made by a helper that is named for it: `new_hmac(key, text)`, also through a local name."""
    if isinstance(side, ast.Name):
        side = _only_value(side, scope) or side
    return isinstance(side, ast.Call) and re.search(r"(?:^|_)hmac", last_name(side.func), re.I) is not None


def _is_hash(module: Module, one: ast.expr, other: ast.expr, scope: Scope) -> bool:
    """Whether `one` is the hash of a secret, and `other` what it should be; a file's checksum is neither."""
    if not _HASHED.fullmatch(module.resolve(one, scope)):
        return False
    owner = ast.unparse(one).partition(".")[0]
    fed = [a for c in module.calls if c.method == "update" and c.scope is scope for a in c.node.args]
    taken = [ast.unparse(a) for a in fed if ast.unparse(module.parents[a]).startswith(f"{owner}.")]
    if _OF_SECRET.search(" ".join((_meaning(one, scope), *taken))):
        return True
    mixed = len(taken) > 1 or re.search(r"[fF]['\"]| \+ | % ", _meaning(one, scope)) is not None
    return mixed and _OF_SECRET.search(last_name(other)) is not None


def _is_check(module: Module, one: ast.expr, other: ast.expr, scope: Scope) -> bool:
    """Whether a password is hashed as the hash that it is compared with was, or compared with a hash by name alone."""
    if isinstance(one, ast.Call) and re.search(r"crypt$", last_name(one.func), re.I):
        return ast.unparse(other) in [ast.unparse(a) for a in one.args]
    if isinstance(one, ast.Call) and re.search(r"hash|scrypt|pbkdf2", last_name(one.func), re.I):
        given = [last_name(a) for a in one.args]
        return any(_PASSWORD.search(g) for g in given) and re.search(r"hash", last_name(other), re.I) is not None
    if all(_SEAL.search(last_name(s)) for s in (one, other)) and _COMPUTED.search(last_name(one)):
        return not _HASHED.fullmatch(module.resolve(one, scope))
    names = isinstance(one, ast.Name) and isinstance(other, ast.Name)
    return names and _PASSWORD.search(last_name(one)) is not None and _HASH.search(last_name(other)) is not None


def _meaning(side: ast.expr, scope: Scope, depth: int = 2) -> str:
    """Its text, and that of what its local name stands for: `header` was `request.headers.get("X-Token")`."""
    text, base = ast.unparse(side), side
    while isinstance(base, ast.Attribute | ast.Subscript | ast.Call):
        base = base.func if isinstance(base, ast.Call) else base.value
    if not isinstance(base, ast.Name) or scope.function is None or not depth or _is_parameter(base, scope):
        return text
    value = _only_value(base, scope)
    return text if value is None else f"{text} {_meaning(value, scope, depth - 1)}"


def _only_value(name: ast.Name, scope: Scope) -> ast.expr | None:
    bound = scope.names.get(name.id, ())
    return bound[0].value if len(bound) == 1 else None


def _is_parameter(node: ast.expr, scope: Scope) -> bool:
    function = scope.function
    return isinstance(node, ast.Name) and function is not None and node.id in parameters(function)


def _is_asked(node: ast.expr) -> bool:
    """Whether it is taken out of what came with the request: `kwargs.pop("key")`, `payload.get("token")`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get" | "pop")):
            return re.search(r"kwargs|params|payload|body|query|form", name, re.I) is not None
    return False


def _is_setting(node: ast.expr) -> bool:
    """Whether it is a secret that the service holds: `API_TOKEN`, `settings.api_key`, `os.environ["KEY"]`."""
    text = ast.unparse(node)
    held = text.isupper() or re.search(r"settings|config|environ|getenv", text, re.I) is not None
    return held and _SECRET.search(last_name(node)) is not None
