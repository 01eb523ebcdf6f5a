"""Addresses that are parsed from text and unwrapped, and the type they are parsed to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import rust
from fixers.facts.rust import RustFile
from fixers.facts.rust_unwraps import Unwrap, is_defended, is_guarded, unwraps
from fixers.project import Project

_TYPES: Final = ("SocketAddr", "SocketAddrV4", "SocketAddrV6", "IpAddr", "Ipv4Addr", "Ipv6Addr")
_SOCKET: Final = re.compile(r"^(?:(?P<v4>[\d.]+)|\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[a-z][\w.-]*)):(?P<port>\d{1,5})$")
_TAKES: Final = {
    "Endpoint::client": "SocketAddr",
    "Server::bind": "SocketAddr",
    "Server::try_bind": "SocketAddr",
    "SocketAddr::new": "IpAddr",
    "IpAddr::V4": "Ipv4Addr",
    "IpAddr::V6": "Ipv6Addr",
    "SocketAddrV4::new": "Ipv4Addr",
    "SocketAddrV6::new": "Ipv6Addr",
    "SocketAddr::V4": "SocketAddrV4",
    "SocketAddr::V6": "SocketAddrV6",
    "NameServerConfig::new": "SocketAddr",
}
"""What the first argument of some functions of std, quinn, hyper, axum and hickory is."""
_BRANCHES: Final = frozenset({"reference_expression", "parenthesized_expression", "else_clause", "if_expression"})


@dataclass(frozen=True, slots=True)
class Parse:
    """One place: its type ("" unknown), the literal ("" for a value of run time), and whether parsing must fail."""

    unwrap: Unwrap
    type: str
    literal: str

    @property
    def constant(self) -> str:
        """Rust for the same value with nothing to parse, paths of std in full; "" when there is none."""
        if self.literal and self.type in ("SocketAddr", "IpAddr", "Ipv4Addr", "Ipv6Addr"):
            return _constant(self.type, self.literal)
        return ""

    @property
    def always_panics(self) -> bool:
        """A literal that its type does not take: a host name where only numbers parse."""
        return bool(self.literal and self.type and not _constant(self.type, self.literal)) and self.type in _TYPES


def parses(project: Project, code: RustFile) -> Iterator[Parse]:
    """Every unwrapped parse of an address outside tests; constants, and what the code gives a reason for, are left."""
    for place in unwraps(code):
        name = place.callee
        if name == "parse":
            text = _receiver(place.receiver)
        elif re.search(r"(?:^|::)(?:SocketAddr|IpAddr|Ipv[46]Addr|SocketAddrV[46])::from_str$", name):
            arguments = place.receiver.field("arguments")
            text = next(iter(arguments.named_children()), None) if arguments is not None else None
        else:
            continue
        literal = text.text()[1:-1] if text is not None and text.kind() == "string_literal" else ""
        function = code.function(place.node)
        if is_defended(code, place, function) or (text is not None and text.text().rpartition("::")[2].isupper()):
            continue
        kind = _type(project, code, place)
        address = kind in _TYPES or (literal and _SOCKET.match(literal))
        if address and (literal or not is_guarded(code, place, function)):
            yield Parse(place, kind, literal)


def _receiver(call: Node) -> Node | None:
    function = call.field("function")
    if function is not None and function.kind() == "generic_function":
        function = function.field("function")
    return function.field("value") if function is not None else None


def _type(project: Project, code: RustFile, place: Unwrap) -> str:
    """The short name of the type that is parsed to, from what stands around it; "" when that does not tell."""
    named = re.search(r"\.parse::<([\w:<>]+)>\(\)$|(\w+)::from_str\(", place.receiver.text())
    if named:
        return _short(code, named[1] or named[2])
    node, parent = place.node, place.node.parent()
    while parent is not None and (
        parent.kind() in _BRANCHES
        or (parent.kind() == "expression_statement" and not parent.text().endswith(";"))
        or (parent.kind() == "block" and (parent.parent() or node).kind() in _BRANCHES)
    ):
        node, parent = parent, parent.parent()
    if parent is None:
        return ""
    if _is_some(parent):
        node, parent = parent.parent() or node, (parent.parent() or node).parent() or parent
        if parent.kind() != "arguments":
            return "?"
        return _parameter(project, code, parent, node, held="Option<")
    if parent.kind() in ("let_declaration", "const_item", "static_item"):
        kind = parent.field("type")
        return _short(code, kind.text()) if kind is not None else ""
    if parent.kind() == "block" or parent.kind() == "return_expression":
        function = code.function(node)
        tail = parent.kind() == "return_expression" or (function.node and parent == function.node.field("body"))
        return _short(code, function.returns) if tail and not function.boundary and function.returns else ""
    if parent.kind() == "arguments":
        call = parent.parent()
        called = call.field("function") if call is not None else None
        short = "::".join(called.text().split("::")[-2:]) if called is not None else ""
        if short in _TAKES and parent.named_children()[0] == node:
            return _TAKES[short]
        return _parameter(project, code, parent, node)
    if parent.kind() == "field_initializer":
        name = parent.field("field")
        kinds = {
            (f.field("type") or f).text()
            for f in code.kind("field_declaration")
            if name is not None and (f.field("name") or f).text() == name.text()
        }
        return _short(code, kinds.pop()) if len(kinds) == 1 else "?"
    return "?"


def _is_some(arguments: Node) -> bool:
    """Whether the arguments are those of `Some(..)`."""
    call = arguments.parent() if arguments.kind() == "arguments" else None
    called = call.field("function") if call is not None else None
    return called is not None and called.text() == "Some"


def _parameter(project: Project, code: RustFile, given: Node, node: Node, held: str = "") -> str:
    """The type of a parameter, where every function of that name in the file, else in the tree, takes the same one."""
    call = given.parent()
    called = call.field("function") if call is not None else None
    if called is None:
        return "?"
    index = given.named_children().index(node)
    method = called.field("field") if called.kind() == "field_expression" else None
    name = (method or called).text().rpartition("::")[2]
    for other in [code] if called.kind() == "identifier" else []:
        kinds = set(_taken(other, name, index, held))
        if len(kinds) == 1:
            return kinds.pop()
    if not re.fullmatch(r"\w+", name):
        return "?"
    found = {
        kind
        for path in project.grep([f"fn {name}".encode()], "*.rs")
        for kind in _taken(project.parsed(path, rust.file), name, index, held)
    }
    return found.pop() if len(found) == 1 else "?"


def _taken(code: RustFile, name: str, index: int, held: str) -> Iterator[str]:
    """What the functions of a name take at one place, in a file."""
    for function in code.kind("function_item", "function_signature_item"):
        if (function.field("name") or function).text() != name:
            continue
        parameters = function.field("parameters")
        taken = [p for p in parameters.named_children() if p.kind() == "parameter"] if parameters is not None else []
        kind = taken[index].field("type") if index < len(taken) else None
        if kind is not None:
            text = kind.text()
            yield _short(code, text.removeprefix(held).removesuffix(">") if held else text)


def _short(code: RustFile, written: str) -> str:
    plain = written.strip().removeprefix("&").strip()
    if plain in ("_", ""):
        return ""
    full = next(iter(code.resolve(plain)), plain)
    if full.startswith(("std::net::", "core::net::", "net::")) and full.rpartition("::")[2] in _TYPES:
        return full.rpartition("::")[2]
    return "?"


def _constant(kind: str, literal: str) -> str:
    if kind.startswith("SocketAddr"):
        match = _SOCKET.match(literal)
        if match is None or match["host"] or int(match["port"]) > 65535:
            return ""
        address = _address(match["v4"] or match["v6"])
        if address is None:
            return ""
        port = int(match["port"])
        if isinstance(address, ipaddress.IPv4Address):
            return f"SocketAddr::from(({_octets(address)}, {port}))"
        return f"SocketAddr::from(({_segments(address)}, {port}))"
    address = _address(literal)
    if address is None or ((kind == "Ipv4Addr") != (address.version == 4) and kind != "IpAddr"):
        return ""
    return f"{kind}::from({_octets(address) if isinstance(address, ipaddress.IPv4Address) else _segments(address)})"


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _octets(address: ipaddress.IPv4Address) -> str:
    return "[" + ", ".join(str(b) for b in address.packed) + "]"


def _segments(address: ipaddress.IPv6Address) -> str:
    groups = [int(g, 16) for g in address.exploded.split(":")]
    return "[" + ", ".join(f"{g:#x}" if g > 9 else str(g) for g in groups) + "]"
