"""What a log line may give away: names of secrets, and the names beside them that are none."""

from __future__ import annotations

import ast
import re
from typing import Final

from fixers.facts.python import Module
from fixers.facts.python_scopes import last_name

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
_STRONG: Final = re.compile(
    r"(?:^|_)(?:access|auth|refresh|bearer|api|jwt|id|reset|secret|login|oauth|invite|csrf|bot)_?token$", re.I
)
_ACCESS: Final = re.compile(r"auth|login|jwt|oauth|bearer|credential|invite|verif|reset|password|two_?factor|otp", re.I)
_SENT: Final = re.compile(
    r"Bearer|Authorization|jwt\.|login|authenticat|Signature|password|form\[|request\.headers", re.I
)
"""Where `token` alone is a secret; a challenge of ACME, a call or a share has tokens that open nothing."""
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
_CONVERSION: Final = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?([a-zA-Z])")


def is_object(text: str, index: int, argument: ast.expr) -> bool:
    """Whether the argument at that index is written by `%r` and called token: the repr of a record, not its secret."""
    written = _CONVERSION.findall(text)
    return 0 < index <= len(written) and written[index - 1] == "r" and last_name(argument) == "token"


def is_secret(path: str, module: Module, node: ast.expr) -> bool:
    """Whether what is logged is a password, a key or a token; a number of them, a switch or a page's token is none."""
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
    if not name.lower().endswith("token"):
        return True
    if not module.imported & _AUTH:
        return False
    kept = isinstance(node, ast.Attribute | ast.Subscript)
    return kept or _STRONG.search(name) is not None or _is_about_access(path, module, node)


def _is_about_access(path: str, module: Module, node: ast.expr) -> bool:
    """Whether what is only called a token opens something: the function, or the file, deals with logins or requests."""
    around = [n for n in module.ancestors(node) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    names = " ".join((path, *(n.name for n in around)))
    body = ast.unparse(around[0]) if around else ""
    alone = last_name(node).lower() == "token"
    return _ACCESS.search(names) is not None or (alone and _SENT.search(body) is not None)
