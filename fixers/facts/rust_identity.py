"""Under which name a Rust service is known to browsers: WebAuthn's relying party, where OAuth comes back to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import rust, rust_web
from fixers.facts.rust import RustFile
from fixers.project import Project

_LOCAL: Final = re.compile(r'^"(?:https?://)?(?:localhost|127\.0\.0\.1)(?::\d+)?(?:/[^"]*)?"$')
_TEXT_MAKERS: Final = ("to_string", "to_owned", "into", "to_lowercase")
_NAMES: Final = re.compile(r"^(?:(?:webauthn_|passkey_)?rp_(?:id|origin)|relying_party_(?:id|origin)|webauthn_origin)$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of this machine, written where the service's own belongs.

    `whole` is the expression that makes a text of its own of it (`"localhost".to_string()`), the literal itself when
    nothing does. `variable` and `environment` are what to call it.
    """

    literal: Node
    whole: Node
    variable: str
    environment: str


def names(project: Project, code: RustFile) -> Iterator[Name]:
    """The names of a file that hold on a developer's machine only, defaults that somebody can change left out."""
    seen = set[tuple[int, int]]()
    for node, variable, environment in _places(code):
        found = _literal(code, node, 3)
        if found is None or code.is_test(found) or code.bounds(found) in seen:
            continue
        if _is_default(project, code, found):
            continue
        seen.add(code.bounds(found))
        yield Name(found, _whole(found), variable, environment)


def _is_default(project: Project, code: RustFile, literal: Node) -> bool:
    """Whether a literal is what holds until somebody says otherwise, and somebody can."""
    function = code.function(literal)
    if function.trait != "Default":
        return function.name.startswith("default")
    owner = re.escape(function.owner)
    declared = re.search(rf"((?:#\[[^\n]*\]\s*)*)(?:pub(?:\([^)]*\))? )?struct {owner}\b", code.text)
    if declared is None or re.search(r"Deserialize|Parser|Args|Builder|Config\b", declared[1]):
        return True
    texts = [project.text(p) for p in project.grep([function.owner], "*.rs") if not rust.is_test_path(project, p)]
    otherwise = re.compile(rf"(?<!struct )(?<!impl )(?<!for )(?<!-> )\b{owner}\s*\{{|\.(?:rp_id|rp_origin)\s*=[^=]")
    taken = re.compile(rf"\b{owner}::default\(\)")
    return any(otherwise.search(t) for t in texts) or not any(taken.search(t) for t in texts)


def _places(code: RustFile) -> Iterator[tuple[Node, str, str]]:
    for call in rust_web.calls(code, ("webauthn_rs", "webauthn_rs_core"), "WebauthnBuilder", ("new",)):
        given = rust_web.arguments(call)
        for node, variable in zip(given, ("rp_id", "rp_origin"), strict=False):
            yield node, variable, f"WEBAUTHN_{variable.upper()}"
    if "TcpListener" not in code.text:
        for call in rust_web.calls(code, ("oauth2", "openidconnect"), "RedirectUrl", ("new", "from_url")):
            yield from ((a, "redirect_url", "OAUTH_REDIRECT_URL") for a in rust_web.arguments(call)[:1])
    for field in code.kind("field_initializer"):
        name, value = field.field("field"), field.field("value")
        if name is not None and value is not None and _NAMES.match(name.text()):
            yield value, name.text(), f"WEBAUTHN_{name.text().removeprefix('webauthn_').upper()}"


def _literal(code: RustFile, node: Node, depth: int) -> Node | None:
    """The literal that an expression is made of, through variables, `&`, `Url::parse` and what makes texts."""
    kind = node.kind()
    if kind == "string_literal":
        return node if _LOCAL.match(node.text()) else None
    if depth == 0:
        return None
    if kind in ("reference_expression", "try_expression", "parenthesized_expression"):
        inner = node.named_children()
        return _literal(code, inner[-1], depth) if inner else None
    if kind == "identifier":
        value = rust_web.value_of(code, node)
        return _literal(code, value, depth - 1) if value is not None else None
    if kind != "call_expression":
        return None
    function, given = node.field("function"), rust_web.arguments(node)
    if function is not None and function.kind() == "field_expression":
        method, receiver = function.field("field"), function.field("value")
        through = method is not None and method.text() in (*_TEXT_MAKERS, "unwrap", "expect", "parse")
        return _literal(code, receiver, depth) if through and receiver is not None else None
    if re.search(r"(?:^|::)(?:Url::parse|String::from)$", rust_web.called(node)) and given:
        return _literal(code, given[0], depth)
    return None


def _whole(literal: Node) -> Node:
    """`"localhost".to_string()` and `String::from("localhost")` around a literal; else the literal."""
    parent = literal.parent()
    outer = parent.parent() if parent is not None else None
    if parent is None or outer is None or outer.kind() != "call_expression":
        return literal
    method = parent.field("field") if parent.kind() == "field_expression" else None
    if method is not None and method.text() in _TEXT_MAKERS:
        return outer
    return outer if parent.kind() == "arguments" and rust_web.called(outer).endswith("String::from") else literal
