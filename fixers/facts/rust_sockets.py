"""The WebSockets that a Rust service takes, and how large a message a peer may send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust_web
from fixers.facts.rust import RustFile

_UPGRADES: Final = {"WebSocketUpgrade": ("axum", "axum_extra"), "Ws": ("warp",)}
_DEVELOPMENT: Final = re.compile(r"live[-_ ]?reload|hot[-_ ]?(?:module|reload)|\bhmr\b", re.I)
_LIMITS: Final = ("max_message_size", "accept_async_with_config", "accept_hdr_async_with_config")


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket that is taken with no limit of its own. `receiver` is what `.max_message_size()` could follow.

    `endless` says that somebody switched the limit off that the crates bring along.
    """

    node: Node
    receiver: Node | None
    endless: bool = False


def sockets(code: RustFile) -> Iterator[Socket]:
    """Upgrades of axum and warp, and sockets that tungstenite accepts, with the limits that the crates bring along.

    The page that reloads itself while its author works on it is on the author's machine.
    """
    if _DEVELOPMENT.search(code.text):
        return
    for parameter in code.kind("parameter"):
        kind, pattern = parameter.field("type"), parameter.field("pattern")
        if kind is None or pattern is None or code.is_test(parameter):
            continue
        named = kind.text().rpartition("::")[2]
        if named in _UPGRADES and rust_web.is_path(code, kind.text(), _UPGRADES[named], named):
            yield from _upgrades(code, parameter, pattern.text().removeprefix("mut ").strip())
    if "accept" in code.text or "on_upgrade" in code.text:
        yield from _limitless(code)
    for function in ("accept_async", "accept_hdr_async", "accept", "accept_hdr"):
        crates = ("tokio_tungstenite", "async_tungstenite", "tungstenite")
        for call in rust_web.calls(code, crates, "", (function,)):
            yield Socket(call, None)


def _limitless(code: RustFile) -> Iterator[Socket]:
    """Limits that are switched off: `max_message_size: None`, `.max_message_size(usize::MAX)`."""
    for field in code.kind("field_initializer"):
        name, value = field.field("field"), field.field("value")
        if name is None or value is None or name.text() != "max_message_size":
            continue
        if _is_none(code, value) and not code.is_test(field):
            yield Socket(field, None, endless=True)
    for call in code.kind("call_expression"):
        function, given = call.field("function"), rust_web.arguments(call)
        if function is None or not given or not re.search(r"\.\s*max_message_size$", function.text()):
            continue
        if _is_none(code, given[0]) and not code.is_test(call):
            yield Socket(call, None, endless=True)


def _is_none(code: RustFile, value: Node) -> bool:
    inner = value
    if value.kind() == "call_expression" and value.text().startswith("Some("):
        inner = rust_web.arguments(value)[0]
    return value.text() == "None" or (rust_web.number(code, inner) or 0) >= 1 << 30


def _upgrades(code: RustFile, parameter: Node, name: str) -> Iterator[Socket]:
    scope = enclosing(parameter, {"function_item", "closure_expression"})
    if scope is None or any(limit in scope.text() for limit in _LIMITS):
        return
    for use in scope.find_all(kind="identifier"):
        if use.text() != name or enclosing(use, {"parameter"}) is not None:
            continue
        steps = rust_web.climbed(use)[1]
        if any(s.name == "on_upgrade" for s in steps):
            yield Socket(use, use)
