"""What becomes of the random strings that Go code makes: which of them are secrets."""

from __future__ import annotations

import re
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import gocalls, gocode
from fixers.facts.gocode import Code, Function
from fixers.project import Project

SECRET: Final = re.compile(
    r"token|secret|passw|passphrase|api_?key|session|nonce|salt|otp|csrf|captcha|verif\w*code|(?:auth|invite|reset|access|"
    r"login|recovery|pair\w*)_?code|\bpin\b|signing|cookie|credential|(?:private|access|secret|auth|encryption|license)_?key",
    re.I,
)
NOT_SECRET: Final = re.compile(
    r"tokeni[sz]|token_?count|max_?tokens|jitter|backoff|shuffle|sample|mock|fake|dummy|lorem|seed"
    r"|session_?(?:name|count)|retr(?:y|ies)",
    re.I,
)
_ABOUT: Final = re.compile(r"(?:name|id|type|count|index|label|len|length|url|path|size)s?$", re.I)
"""What is said about a secret is none: `accessKey.Name`."""
_KEY: Final = re.compile(r"(?:^|[._])(?:key|\w+Key)$")
_MAKES: Final = re.compile(r"string|\[\]byte")
_MEASURES: Final = re.compile(r"time\.(?:Duration|\w*[sS]econd|Minute|Hour)|strings\.Repeat\(|[sS]leep\(")
"""How long something takes or is, which is drawn so that it varies."""
_DEPTH: Final = 2
"""Functions that pass a random string on: `NewToken` calls `randomString`, which calls the package `rand`."""


def is_secret(project: Project, path: str, code: Code, call: Node) -> bool:
    """Whether what a call draws is a secret: by the function's name, by what it is given to or picked from, by use."""
    symbol = code.symbol(call).rpartition(".")[2]
    holder = enclosing(call, ("keyed_element", "assignment_statement", "short_var_declaration"))
    if NOT_SECRET.search(symbol) or (holder is not None and _MEASURES.search(holder.text())):
        return False
    beside = holder is not None and holder.kind() == "keyed_element" and not _named(gocode.assigned_to(call))
    if SECRET.search(symbol) and not beside:
        return True
    if holder is not None and _named(gocode.assigned_to(call)):
        return True
    index = enclosing(call, ("index_expression", "slice_expression"))
    if index is not None and _named(gocode.text_of(index.field("operand"))):
        return True
    function = next((f for f in code.around(call) if f.name), None)
    return function is not None and _is_kept(project, path, function, _DEPTH)


def _named(text: str) -> bool:
    return SECRET.search(text) is not None and NOT_SECRET.search(text) is None and _ABOUT.search(text) is None


def _is_kept(project: Project, path: str, function: Function, depth: int) -> bool:
    """Whether somebody who calls a maker of strings keeps the string as a secret."""
    result = gocode.text_of(function.node.field("result")).strip("()")
    if not _MAKES.match(result) or not depth:
        return False
    for other, code, call in gocalls.of(project, path, function):
        caller = next((f for f in code.around(call) if f.name), None)
        given_to = gocode.assigned_to(call)
        outer = next((n for n in call.ancestors() if n.kind() == "call_expression"), None)
        handed = gocode.called(outer) if outer is not None else ""
        if _named(given_to) or _named(handed.rpartition(".")[2]):
            return True
        if _KEY.search(given_to) and enclosing(call, ("type_conversion_expression",)) is not None:
            return True
        if caller is None or NOT_SECRET.search(caller.name) or enclosing(call, ("return_statement",)) is None:
            continue
        if SECRET.search(caller.name) or _is_kept(project, other, caller, depth - 1):
            return True
    return False
