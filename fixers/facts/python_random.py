"""Whether a random draw makes a secret: what the names around it say, and the shape of what is made."""

from __future__ import annotations

import ast
import re
from typing import Final

from fixers.facts.python import Module
from fixers.facts.python_scopes import Call, last_name

_SECRET: Final = re.compile(
    r"(?:^|_)(?:tokens?|passwords?|passwd|secrets?|otp|salt|csrf|api_?keys?|access_keys?|session_(?:id|key)|signing_key"
    r"|(?:auth|reset|verif\w*|confirm\w*|invite|invitation|recovery|activation|login|one_time)_(?:code|pin|key))(?:$|_)",
    re.I,
)
_NOT_SECRET: Final = re.compile(
    r"(?:^|_)(?:num|n|count|len|length|index|idx|size|fake|dummy|mock|ids|prob)(?:$|_)", re.I
)
_JOINED: Final = re.compile(r"(?:^|_)(?:session|sid|code_?verifier)$", re.I)
_NONCE: Final = re.compile(r"(?:^|_)nonce(?:$|_)", re.I)
_WEB: Final = {
    "django",
    "flask",
    "fastapi",
    "starlette",
    "aiohttp",
    "jwt",
    "jose",
    "oauthlib",
    "authlib",
    "requests_oauthlib",
}
"""Where a nonce is one of a login or a page."""
"""Names that a string of random characters makes a secret; `session = choice(...)` alone is none."""
_DIGITS: Final = re.compile(r"\{:?0\d+d?\}")
_CODE: Final = re.compile(r"(?:^|_)(?:code|pin)$", re.I)
"""Names that a number of fixed width makes a secret: `code = f"{randint(0, 999999):06d}"`."""
_MADE: Final = re.compile(r"^(?:create|make|generate|new|gen)_(?:api_)?(?:key|token|secret|session)$", re.I)
"""Functions in which the hash of a random number is what they are named for."""
_ALPHABET: Final = re.compile(
    r"(?:token|password|passwd|secret|api_?key)_?(?:len|length|size|alphabet|chars|charset|characters)$", re.I
)


def for_secret(module: Module, call: Call) -> bool:
    """Whether the names around say that a secret is made, and not that one of several is chosen."""
    names: list[str] = []
    node: ast.AST = call.node
    joined = digits = hashed = False
    for above in module.ancestors(call.node):
        match above:
            case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join")):
                joined = True
                used = [ast.unparse(n) for n in ast.walk(above) if isinstance(n, ast.Name | ast.Attribute)]
                names += ["token" for n in used if _ALPHABET.search(n)]
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
                digits = _DIGITS.search(text) is not None
            case ast.FormattedValue(format_spec=ast.JoinedStr() as spec):
                digits = _DIGITS.search("{:" + ast.unparse(spec).strip("f'\"") + "}") is not None
            case ast.Call(func=func) if module.resolve(func, call.scope).startswith(("hmac.", "hashlib.")):
                hashed = True
            case ast.Assign():
                names += [last_name(t) for t in above.targets]
            case ast.AnnAssign() | ast.NamedExpr():
                names.append(ast.unparse(above.target).rpartition(".")[2])
            case ast.keyword(arg=str(name)):
                names.append(name)
            case ast.Dict():
                names += [
                    ast.unparse(k).strip("'\"")
                    for k, v in zip(above.keys, above.values, strict=True)
                    if k and v is node
                ]
            case ast.Return() if call.scope.path:
                names.append(call.scope.path[-1])
        if isinstance(above, ast.stmt):
            break
        node = above
    if not joined and call.node.args and _SECRET.search(ast.unparse(call.node.args[0])):
        return False
    if hashed and call.scope.path and _MADE.search(call.scope.path[-1]):
        return True
    web = bool(module.imported & _WEB)
    shaped = ((joined, _JOINED), (joined and web, _NONCE), (digits, _CODE))
    return any(
        (_SECRET.search(n) or any(is_so and words.search(n) for is_so, words in shaped)) and not _NOT_SECRET.search(n)
        for n in names
    )
