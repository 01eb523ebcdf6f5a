"""Where a Rust service reads whole request bodies, and how large they may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust_web
from fixers.facts.rust import RustFile

HUGE: Final = 1 << 30
"""Bytes from which a limit is none: a handful of such bodies is the memory of a server."""
LIMITERS: Final = re.compile(r"RequestBodyLimit|\bLimited\b|into_limited_body|with_limited_body|BodyLimit\w*::max")
_REQUEST: Final = re.compile(r"(?:\b|_)(?:req|request)(?:\b|_)")
_RESPONSE: Final = re.compile(r"\b(?:res|resp|response|reply|upstream)\w*\b|\bnext\b")
_LOOKED_AT: Final = re.compile(
    r"content.?length|size_hint|max_\w*(?:body|size|len|bytes)|limit|MAX_|\.len\(\)\s*(?:\+[^;]*)?>", re.I
)
_ON_PURPOSE: Final = re.compile(r"//[^\n]*\b(?:un-?limit|no limit|arbitrar|on purpose|intentional|internal)", re.I)
_SERVER: Final = re.compile(r"(?:\w+::)*\w+Server::(?:new|from_arc|with_interceptor)\b")
_EXTRACTED: Final = re.compile(
    r":\s*(?:\w+::)*(?:State|Query|Path|Extension|HeaderMap|Method|Uri|ConnectInfo|TypedHeader)\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A place that takes a request body of any size.

    `limit` is the node that says how much, None where nothing does; `what` is the words for it.
    """

    node: Node
    what: str
    limit: Node | None = None


def readings(code: RustFile) -> Iterator[Reading]:
    """The places of a file that read a request body of any size into memory, or switch a limit off."""
    for call in rust_web.calls(code, ("axum", "axum_core"), "DefaultBodyLimit", ("disable",)):
        if not LIMITERS.search(code.text):
            yield Reading(call, "the limit of the framework is switched off", call)
    for call in rust_web.calls(code, ("axum", "axum_core"), "", ("to_bytes",)):
        given = rust_web.arguments(call)
        if len(given) == 2 and is_huge(code, given[1]) and is_request_body(code, given[0]):
            yield Reading(call, "a request body is read up to any size", given[1])
    for call in rust_web.calls(code, ("hyper", "warp"), "", ("to_bytes", "aggregate")):
        given = rust_web.arguments(call)
        if len(given) == 1 and is_request_body(code, given[0]) and not _LOOKED_AT.search(_function(code, call)):
            yield Reading(call, "a request body is read up to any size")
    for name in ("PayloadConfig", "JsonConfig", "FormConfig", "MultipartFormConfig"):
        for call in rust_web.calls(code, ("actix_web", "actix_multipart"), name, ("new", "default")):
            for node in _actix_limits(rust_web.chain(code, call), rust_web.arguments(call)):
                if is_huge(code, node):
                    yield Reading(node, f"`{name}` lets bodies of any size in", node)
    yield from _warp(code)
    yield from _payload_loops(code)
    yield from _methods(code)


def _actix_limits(chain: rust_web.Chain, given: tuple[Node, ...]) -> Iterator[Node]:
    yield from given
    for step in chain.steps:
        if step.name in ("limit", "total_limit", "memory_limit"):
            yield from step.arguments


def _warp(code: RustFile) -> Iterator[Reading]:
    """Body filters of warp in a function with no content_length_limit: they have no limit of their own."""
    for call in rust_web.calls(code, ("warp",), "", ("json", "form", "bytes", "aggregate")):
        if not re.search(r"\bbody::\w+$", rust_web.called(call)):
            continue
        if "content_length_limit" not in _function(code, call):
            yield Reading(call, "a request body is read up to any size", call)


def _methods(code: RustFile) -> Iterator[Reading]:
    """Bodies of hyper 1 that are collected whole, and servers of tonic that decode messages of any size."""
    if "BodyExt" not in code.text and "max_decoding_message_size" not in code.text:
        return
    for call in code.kind("call_expression"):
        function = call.field("function")
        method = function.field("field") if function is not None and function.kind() == "field_expression" else None
        receiver = function.field("value") if function is not None else None
        if method is None or receiver is None or code.is_test(call):
            continue
        given = rust_web.arguments(call)
        if method.text() == "collect" and not given and "BodyExt" in code.text:
            whole = ".to_bytes()" in re.sub(r"\s", "", _function(code, call))
            whole = whole and re.fullmatch(r"\w+|[\w.]+?\.(?:into_body|body_mut|body)\(\)", receiver.text()) is not None
            around = _function(code, call)
            if whole and is_request_body(code, receiver) and not _LOOKED_AT.search(around) and "Full<" not in around:
                yield Reading(method, "a request body is read up to any size")
            continue
        if method.text() != "max_decoding_message_size" or not _SERVER.match(receiver.text()) or not given:
            continue
        if is_huge(code, given[0]) and not _ON_PURPOSE.search(_function(code, call)):
            yield Reading(given[0], "messages of any size are decoded")


def _payload_loops(code: RustFile) -> Iterator[Reading]:
    """Loops that gather the chunks of an actix Payload or Multipart in memory, however many there are."""
    for parameter in code.kind("parameter"):
        kind, pattern = parameter.field("type"), parameter.field("pattern")
        if kind is None or pattern is None or code.is_test(parameter):
            continue
        if rust_web.is_path(code, kind.text(), ("actix_multipart",), "Multipart"):
            name = r"\w+"
        elif rust_web.is_path(code, kind.text(), ("actix_web",), "Payload"):
            name = re.escape(pattern.text().removeprefix("mut ").strip())
        else:
            continue
        text = _function(code, parameter)
        loop = re.search(rf"while let Some\([^)]*\) = {name}\s*\.(?:next|try_next)\(\)", text)
        if loop and "extend_from_slice" in text[loop.end() :] and not _LOOKED_AT.search(text):
            yield Reading(parameter, "the chunks of a request body are gathered up to any size")


def is_huge(code: RustFile, node: Node) -> bool:
    """Whether a limit is as good as none: usize::MAX, or a gigabyte and more."""
    size = rust_web.number(code, node)
    return size is not None and size >= HUGE


def is_request_body(code: RustFile, node: Node) -> bool:
    """Whether an expression is the body of a request that came in; a response's, or an unknown one's, is not."""
    text = re.sub(r"\s", "", node.text())
    if _RESPONSE.search(text):
        return False
    if _REQUEST.search(text):
        return True
    name = re.fullmatch(r"&?(?:mut)?(\w+)", text)
    if name is None:
        return False
    function = enclosing(node, {"function_item"})
    begin = code.bounds(function)[0] if function is not None else 0
    around = code.text[begin : code.bounds(node)[0]]
    bound = re.findall(rf"let\s*(?:\([^)]*\b{name[1]}\)|(?:mut )?{name[1]})\s*(?::[^=]+)?=\s*([^;]+);", around)
    if bound:
        return bool(_REQUEST.search(bound[-1])) and not _RESPONSE.search(bound[-1])
    taken = re.search(rf"\b{name[1]}:\s*(?:\w+::)*(?:Body|Incoming)\b", around)
    return taken is not None and bool(_EXTRACTED.search(around))


def _function(code: RustFile, node: Node) -> str:
    around = enclosing(node, {"function_item"})
    return around.text() if around is not None else code.text
