"""Comparisons of secrets in Go code that stop at the first byte that differs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code

SECRET: Final = re.compile(
    r"token|secret|passw|api_?key|signature|hmac|\bmac\b|digest|auth_?key|csrf|credential|bearer|nonce", re.I
)
NOT_SECRET: Final = re.compile(
    r"(?:type|kind|name|id|count|len|field|header|url|path|length|expir\w*|confirm\w*|policy|source|method|mode)\)?$",
    re.I,
)
_ASKED: Final = re.compile(
    r"Header\.Get\(|GetHeader\(|FormValue\(|PostForm\(|Query\(\)\.Get\(|\.Query\(\"|\.BasicAuth\(|\.Cookie\(|\bcookie\.Value\b"
)
_ALIKE: Final = re.compile(
    r"(?:^|[._])(?:old|new|prev(?:ious)?|cur(?:rent)?|confirm\w*|repeat\w*|again|default|empty|desired|existing|orig\w*|mask\w*"
    r"|placeholder|redacted|rejected|stale|cached|used|last|a|b|x|y|lhs|rhs|other|that|this)(?=[A-Z._]|$)"
)
"""Two versions of one setting, or what was typed twice: nobody guesses at these."""
_JUDGES: Final = re.compile(
    r"auth|login|log_?in|verif|valid|check|compare|match|allow|permit|accept|handle|middleware|complete|serve|session|callback"
    r"|logout|home|password|token",
    re.I,
)
_MERGES: Final = re.compile(
    r"equal|diff|chang|merge|update|refresh|renew|sync|migrat|reload|apply|copy|save|edit|dedup|uniq|parse|lex|scan",
    re.I,
)
_LOOKS_UP: Final = re.compile(r"^(?:[gG]et|[fF]ind|[lL]ookup|[lL]ist)|By[A-Z]")
_ISSUED: Final = re.compile(r"(?i)id_?token|claims")
"""The nonce of an ID token: who sends it knows it from his own cookie."""
_SUM: Final = re.compile(
    r"^\s*(?:\w+\.)*\w*(?:[hH]mac|[sS]ign(?!al|up|Up|in|In)|HMAC|[hH]ash(?:Cookie|Token|Secret))\w*\("
)
"""A call that makes what only the owner of a secret can make."""
_DECODED: Final = (
    r"(?:Decode|Bind\w*|ShouldBind\w*|BodyParser|Unmarshal|[rR]eadJSON|[dD]ecodeJSON|[pP]arse\w*)\([^;\n]*"
)


def comparisons(code: Code) -> Iterator[tuple[Node, bool]]:
    """`==` and `!=` with a secret that is kept, and whether the other side is text that a request brought for sure."""
    for node in code.source.kind("binary_expression"):
        left, right = node.field("left"), node.field("right")
        if left is None or right is None or gocode.text_of(node.field("operator")) not in ("==", "!="):
            continue
        if any(
            side.kind() in ("nil", "true", "false", "int_literal", "interpreted_string_literal")
            for side in (left, right)
        ):
            continue
        asked = [_ASKED.search(_origin(code, side)) is not None for side in (left, right)]
        kept = right if asked[0] else left
        summed = kept.kind() == "identifier" and _SUM.search(_origin(code, kept)) is not None
        if re.search(r"[dD]elete|[rR]emove|[rR]evoke", code.symbol(node)):
            continue
        if asked.count(True) == 1 and (_is_kept(kept) or summed) and "nonce" not in kept.text().lower():
            yield node, True
        elif not all(asked) and _is_kept(left) and _is_kept(right) and _judged(code, node, left, right):
            yield node, False


def sums(code: Code) -> Iterator[Node]:
    """`bytes.Equal` on what an HMAC gave."""
    for call in code.calls_of("bytes", "Equal"):
        if "hmac.New(" in gocode.outermost(code, call):
            yield call


def _is_kept(node: Node) -> bool:
    named = SECRET.search(node.text()) and not NOT_SECRET.search(node.text())
    return bool(named) and node.kind() in ("identifier", "selector_expression", "call_expression")


def _judged(code: Code, node: Node, left: Node, right: Node) -> bool:
    """Whether two values that are both called secrets are one that is kept and one that somebody sent."""
    sides = [left.text(), right.text()]
    roots = [s.partition(".")[0] for s in sides]
    around = [f for f in code.around(node) if f.name]
    if any(re.search(r"[dD]igest|[hH]as[A-Z]|\b[hi]s[A-Z]", s) for s in sides):
        return False
    if roots[0] == roots[1] or any(_ALIKE.search(s) for s in sides) or not around or any("(" in s for s in sides):
        return False
    name, text = around[0].name, gocode.outermost(code, node)
    if _MERGES.search(name) or _LOOKS_UP.search(name) or _ISSUED.search(" ".join(sides)):
        return False
    if not (_JUDGES.search(name) or code.request_at(node)):
        return False
    handed = {n for f in code.around(node) for n, t in f.parameters if t == "string"}
    decoded = [re.search(_DECODED + rf"&?{re.escape(r)}\b", text) for r in roots]
    given = [re.search(rf"\b{re.escape(r)}\b[^\n=!<>]*:?=(?!=)[^\n]*{_DECODED}", text) for r in roots]
    return any(r in handed for r in roots) or any(decoded) or any(given) or bool(code.request_at(node))


def _origin(code: Code, node: Node) -> str:
    """An expression, or where the function took a local from: `user, pass, ok := r.BasicAuth()`."""
    if node.kind() != "identifier":
        return node.text()
    function = gocode.outermost(code, node)
    given = re.findall(rf"(?m)^[^\n/]*\b{re.escape(node.text())}\b[^\n=!<>]*:?=(?!=)\s*([^\n]+)", function)
    direct = " ".join(given)
    inner = re.search(r"Trim(?:Prefix|Space)\((\w+)", direct)
    return (
        direct + " ".join(re.findall(rf"(?m)\b{inner[1]}\b[^\n=!<>]*:?=(?!=)\s*([^\n]+)", function))
        if inner
        else direct
    )
