"""Which origins the CORS layers of a Rust service let in: tower-http, actix-cors, warp."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import cargo, rust_web
from fixers.facts.rust import RustFile
from fixers.facts.rust_web import Step
from fixers.project import Project

ORIGIN: Final = ("allow_origin", "allow_origins", "allowed_origin", "allowed_origin_fn", "allow_any_origin")
ANY: Final = re.compile(r'(?:\w+::)*(?:Any|AllowOrigin::any\(\)|any\(\))|\S*"\*"[^,]*')
MIRROR: Final = re.compile(
    r"(?:\w+::)*AllowOrigin::(?:mirror_request\(\)|(?:async_)?predicate\(\s*\|[^|]*\|\s*true\s*,?\s*\))|\|[^|]*\|\s*true"
)
HEADER: Final = "header"
"""What a layer is made by when nothing makes it: the headers are set one by one."""
DEVELOPER: Final = re.compile(r"debug|\bdev|_dev\b|develop|local", re.I)
OPERATOR: Final = re.compile(DEVELOPER.pattern + r'|cors|origin|"\*"|wildcard|permissive|insecure|feature', re.I)
_HEADER: Final = re.compile(r"(?i)\"access-control-allow-origin\"|\bACCESS_CONTROL_ALLOW_ORIGIN\b")
_STAR: Final = re.compile(r'^[^;{}]{0,80}?,\s*(?:\w+::)*(?:(?:HeaderValue::)?from_static\(\s*)?"\*"')
_WHOLE_API: Final = re.compile(
    r"(?i)access.control.allow.headers[^;{}]{0,120}(?:authorization|\"\*\")|"
    r"access.control.allow.methods[^;{}]{0,120}(?:\b(?:POST|PUT|PATCH|DELETE)\b|\"\*\")"
)
_PUBLIC: Final = re.compile(
    r"well.?known|jwks|openid|oauth2|discovery|webfinger|nodeinfo|manifest|\bfont|favicon|avatar", re.I
)
WRITING: Final = re.compile(r"\b(?:POST|PUT|PATCH|DELETE|Any|any|mirror_request)\b|^\w+$")


@dataclass(frozen=True, slots=True)
class Layer:
    """A CORS layer. `fault` says what is wrong with its origins, "" when nothing is.

    `origin` is the step that sets them, None for a ready-made layer or a header; `listed` says that somebody chose its
    methods or headers one by one.
    """

    node: Node
    made: str
    fault: str
    credentials: bool
    listed: bool
    origin: Step | None


def layers(code: RustFile) -> Iterator[Layer]:
    """The layers of a file whose origins can be told, those that an operator or a debug build chooses left out."""
    yield from (layer for node in _made(code) if (layer := _layer(code, node)))
    yield from _headers(code)


def _headers(code: RustFile) -> Iterator[Layer]:
    """`Access-Control-Allow-Origin: *` written by hand, next to what lets other pages write or log in.

    Without that it is on a list, a picture or a document that may be read anywhere.
    """
    seen = set[tuple[int, int]]()
    for node in code.kind("string_literal", "identifier"):
        if not _HEADER.fullmatch(node.text()) or code.is_test(node) or code.bounds(node) in seen:
            continue
        end = code.bounds(node)[1]
        around = code.function(node).node
        text = around.text() if around is not None else ""
        bounds = code.bounds(around) if around is not None else (0, 0)
        if bounds in seen or not _STAR.match(code.text[end : end + 200]) or not _WHOLE_API.search(text):
            continue
        if _PUBLIC.search(text) or any(OPERATOR.search(c) for c in rust_web.conditions(code, node)):
            continue
        seen.add(bounds)
        yield Layer(node, HEADER, "every origin is let in by a header", False, True, None)


def _made(code: RustFile) -> Iterator[Node]:
    yield from rust_web.calls(code, ("rocket_cors",), "AllowedOrigins", ("all",))
    yield from rust_web.calls(code, ("salvo", "salvo_cors"), "Cors", ("new", "permissive", "very_permissive"))
    yield from rust_web.calls(code, ("tower_http",), "CorsLayer", ("new", "default", "permissive", "very_permissive"))
    yield from rust_web.calls(code, ("actix_cors", "ntex_cors"), "Cors", ("default", "permissive"))
    yield from rust_web.calls(code, ("warp",), "", ("cors",))


def _layer(code: RustFile, node: Node) -> Layer | None:
    chain, made = rust_web.chain(code, node), rust_web.called(node)
    if made == "AllowedOrigins::all":
        asked = any(OPERATOR.search(c) for c in rust_web.conditions(code, node))
        return None if asked else Layer(node, made, "every origin is let in", False, False, None)
    credentials = chain.step("allow_credentials", "supports_credentials")
    shared = made in ("Cors::permissive", "CorsLayer::very_permissive", "Cors::very_permissive")
    shared = shared or (credentials is not None and not credentials.gives("false"))
    origin, methods = chain.step(*ORIGIN), chain.step("allow_methods", "allowed_methods")
    chosen = DEVELOPER if shared else OPERATOR
    places = [chain.whole, origin.call] if origin is not None else [chain.whole]
    if any(chosen.search(c) for place in places for c in rust_web.conditions(code, place)):
        return None
    if methods is not None and not shared and not WRITING.search(rust_web.last_arguments(methods)):
        return None
    given = rust_web.last_arguments(origin) if origin is not None else ""
    if (origin is None and not made.endswith("permissive")) or (re.fullmatch(r"\w+", given) and given != "Any"):
        return None
    everyone = ANY.fullmatch(given) or MIRROR.fullmatch(given) or chain.has("allow_any_origin")
    fault = "" if origin is not None else f"`{made}()` lets every origin in"
    listed = chain.has("allow_methods", "allowed_methods", "allow_headers", "allowed_headers")
    return Layer(node, made, "every origin is let in" if everyone else fault, shared, listed, origin)


def speaks_matrix(project: Project) -> bool:
    """Whether the tree is a Matrix server: its specification demands that every origin is let in."""
    return any(p.depends_on("ruma") for p in project.fact(cargo.packages))
