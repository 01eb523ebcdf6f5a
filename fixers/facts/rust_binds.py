"""The addresses on which a Rust service listens, written into its code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import rust_web
from fixers.facts.rust import RustFile

_EVERY: Final = re.compile(r'^"(?:0\.0\.0\.0|\[::\]|::)(?::(?!0")[^"]+)?"$')
_EVERY_ARRAY: Final = re.compile(r"^\[0(?:_?u8)?,0,0,0\]$|^\[0(?:u16)?(?:,0){7}\]$|^\[0;8\]$|UNSPECIFIED\)?$")
_THROUGH: Final = frozenset({"parse", "unwrap", "expect", "to_string", "to_owned", "into", "as_str", "clone"})
_LISTENERS: Final = {
    "TcpListener": (("tokio", "std", "async_std", "poem"), ("bind",)),
    "Server": (("axum", "hyper", "tiny_http"), ("bind", "try_bind", "http")),
}


@dataclass(frozen=True, slots=True)
class Bind:
    """A listener on every interface. `literal` is where the address is written.

    `form` is how: `text` for "0.0.0.0:80" as an argument, `let` for one in a variable, `format`, `tuple`, or "" for
    anything that an environment variable cannot simply take the place of.
    """

    node: Node
    literal: Node
    form: str


def binds(code: RustFile) -> Iterator[Bind]:
    """Listeners of a file on every interface, with no setting that says otherwise."""
    for call, address in _listeners(code):
        found = _written(code, address, 4)
        probes = any(s.name in ("is_ok", "is_err") for s in rust_web.climbed(call)[1])
        if found is not None and not probes and not code.is_test(call):
            yield Bind(call, *found)


def _listeners(code: RustFile) -> Iterator[tuple[Node, Node]]:
    for name, (crates, functions) in _LISTENERS.items():
        for call in rust_web.calls(code, crates, name, functions):
            yield from ((call, a) for a in rust_web.arguments(call)[:1])
    for call in rust_web.calls(code, ("axum_server",), "", ("bind", "bind_rustls", "bind_openssl")):
        yield from ((call, a) for a in rust_web.arguments(call)[:1])
    for call in rust_web.calls(code, ("rouille", "gotham"), "", ("start_server", "start")):
        yield from ((call, a) for a in rust_web.arguments(call)[:1])
    for call in rust_web.calls(code, ("salvo", "salvo_core"), "TcpListener", ("new",)):
        yield from ((call, a) for a in rust_web.arguments(call)[:1])
    for call in rust_web.calls(code, ("tonic",), "Server", ("builder",)):
        for step in rust_web.chain(code, call).steps:
            if step.name in ("serve", "serve_with_shutdown"):
                yield from ((step.call, a) for a in step.arguments[:1])
    for call in rust_web.calls(code, ("tide",), "", ("new", "with_state")):
        for step in rust_web.chain(code, call).steps:
            if step.name == "listen":
                yield from ((step.call, a) for a in step.arguments[:1])
    for call in rust_web.calls(code, ("actix_web", "ntex"), "HttpServer", ("new",)):
        for step in rust_web.chain(code, call).steps:
            if step.name in ("bind", "bind_rustls", "bind_rustls_0_23", "bind_openssl", "bind_auto_h2c"):
                yield from ((step.call, a) for a in step.arguments[:1])
    if "actix_server" in code.text:
        for call in code.kind("call_expression"):
            method, given = call.field("function"), rust_web.arguments(call)
            if len(given) == 3 and method is not None and re.search(r"\.\s*bind$", method.text()):
                yield call, given[1]
    for call in rust_web.calls(code, ("warp",), "", ("serve",)):
        for step in rust_web.chain(code, call).steps:
            if step.name in ("run", "bind", "bind_with_graceful_shutdown", "try_bind_ephemeral"):
                yield from ((step.call, a) for a in step.arguments[:1])


def _written(code: RustFile, node: Node, depth: int) -> tuple[Node, str] | None:
    """Where the address of an expression is written, if it is every interface, and in which form."""
    kind, text = node.kind(), re.sub(r"\s", "", node.text())
    if depth == 0:
        return None
    if kind == "string_literal":
        return (node, "text") if _EVERY.match(node.text()) and ":" in node.text() else None
    if kind == "macro_invocation" and re.match(r'format!\("(?:0\.0\.0\.0|\[::\]):', text):
        literal = next(iter(node.find_all(kind="string_literal")), None)
        return (literal, "format") if literal is not None else None
    if kind == "tuple_expression":
        return _pair(node)
    if kind in ("reference_expression", "parenthesized_expression", "try_expression", "await_expression"):
        inner = node.named_children()
        return _written(code, inner[-1], depth) if inner else None
    if kind == "call_expression":
        return _made(code, node, depth)
    if kind == "identifier":
        value = rust_web.value_of(code, node)
        found = _written(code, value, depth - 1) if value is not None else None
        if found is None or value is None:
            return None
        whole = value.parent()
        bound = whole is not None and whole.kind() == "let_declaration" and whole.field("type") is None
        if found == (value, "text"):
            return value, "let" if bound else ""
        return found
    return None


def _pair(node: Node) -> tuple[Node, str] | None:
    """`("0.0.0.0", port)`, `([0, 0, 0, 0], port)`, `(Ipv4Addr::UNSPECIFIED, port)`; not with port 0."""
    parts = node.named_children()
    if len(parts) != 2 or parts[1].text() == "0":
        return None
    host = re.sub(r"\s", "", parts[0].text())
    if parts[0].kind() == "string_literal" and _EVERY.match(host):
        return parts[0], "tuple"
    return (parts[0], "") if _EVERY_ARRAY.search(host) else None


def _made(code: RustFile, node: Node, depth: int) -> tuple[Node, str] | None:
    function, given = node.field("function"), rust_web.arguments(node)
    if function is not None and function.kind() == "generic_function":
        function = function.field("function")
    if function is None:
        return None
    if function.kind() == "field_expression":
        method, receiver = function.field("field"), function.field("value")
        through = method is not None and method.text() in _THROUGH
        return _written(code, receiver, depth) if through and receiver is not None else None
    name = re.sub(r"\s", "", function.text())
    if re.search(r"SocketAddr(?:V[46])?::from$", name) and given:
        return _written(code, given[0], depth)
    if re.search(r"SocketAddr(?:V[46])?::new$", name) and len(given) >= 2 and given[1].text() != "0":
        return (given[0], "") if _EVERY_ARRAY.search(re.sub(r"\s", "", given[0].text())) else None
    return None
