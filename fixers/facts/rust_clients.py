"""The HTTP clients of a Rust program that wait for an answer for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import cargo, rust_web
from fixers.facts.rust import RustFile
from fixers.facts.rust_web import Chain
from fixers.project import Project

LIMITS: Final = ("timeout", "read_timeout")
_OWN_LIMIT: Final = re.compile(r"\.timeout\(|\btimeout\(|TimeoutLayer|timeout_at\(")
_BUILDER: Final = re.compile(r"builder\b|Builder::(?:new|default)\(|^\s*(?:\w+\s*=\s*)?b(?=\s*\.)")
_WRAPPERS: Final = re.compile(r"(?:^|::|\.)(?:new|Some|Ok|from|push|insert|unwrap_or|unwrap_or_else|map|get_or_init)$")
_SLOW: Final = re.compile(
    r"bytes_stream|event.?source|event-stream|\.chunk\(\)|wrap_stream|copy_to|\bsse\b|\"stream\"|stream:\s*true|StreamExt|"
    r"download|upload|multipart|long.?poll|openai|anthropic|ollama|\bllm|completion|gguf|chat|inference|\bpull\b",
    re.I,
)
_STREAMS: Final = re.compile(
    r"bytes_stream|\.chunk\(\)|event-?stream|EventSource|wrap_stream|from_stream|copy_to|\.upgrade\(\)"
)
"""What a package does whose clients may be meant for answers that take as long as they take."""
_MEANT: Final = re.compile(r"//[^\n]*(?:\bno\b[^\n]{0,20}time-?out|without[^\n]{0,20}time-?out|long time|stream)", re.I)
_REQUESTS: Final = ("get", "post", "put", "patch", "delete", "head", "request", "execute")
_BROWSER: Final = ("worker", "wasm-bindgen", "js-sys", "web-sys", "gloo", "yew", "leptos", "dioxus")


@dataclass(frozen=True, slots=True)
class Client:
    """A client with no limit. `made` is what it is made by: `new`, `builder` or `get` (reqwest::get).

    `slow` says that it may take long for good reasons: the file streams, uploads, waits for a model; or the client is
    handed on, and something in the package streams.
    """

    node: Node
    made: str
    slow: bool


def clients(project: Project, path: str, code: RustFile) -> Iterator[Client]:
    """Clients of reqwest that a file makes without any limit on how long an answer may take.

    The blocking client has a limit of 30 seconds of its own; for the one in a browser there is no such setting.
    """
    if 'target_arch = "wasm32"' in code.text or "wasm_bindgen" in code.text:
        return
    for name, functions in (("Client", ("new", "default", "builder")), ("ClientBuilder", ("new", "default"))):
        for node in rust_web.calls(code, ("reqwest",), name, functions):
            made = "new" if name == "Client" and not rust_web.called(node).endswith("builder") else "builder"
            if _is_blocking(code, node) or _is_fallback(code, node):
                continue
            chain = rust_web.chain(code, node)
            if not _is_limited(project, code, chain, made):
                yield Client(node, made, _is_slow(project, path, code, chain))
    for node in rust_web.calls(code, ("reqwest",), "", ("get",)):
        if not _is_blocking(code, node) and not _is_waited_for(code, node):
            yield Client(node, "get", bool(_SLOW.search(code.text)))


def _is_slow(project: Project, path: str, code: RustFile, chain: Chain) -> bool:
    if _SLOW.search(code.text):
        return True
    begin, end = code.bounds(chain.whole)
    before = code.text.rfind("\n", 0, max(0, code.text.rfind("\n", 0, begin) - 1))
    if _MEANT.search(code.text[max(0, before) : end]):
        return True
    if chain.has(*_REQUESTS) and not chain.handed_to:
        return False
    package = cargo.package_of(project, path)
    return package is not None and package.folder in project.fact(_streaming)


def _streaming(project: Project) -> frozenset[str]:
    """Folders of the packages in which something streams an answer."""
    words = (b"stream", b".chunk()", b"EventSource", b"copy_to", b".upgrade()")
    found = set()
    for path in project.grep(words, "*.rs"):
        package = cargo.package_of(project, path)
        if package is not None and package.folder not in found and _STREAMS.search(project.text(path)):
            found.add(package.folder)
    return frozenset(found)


def is_for_browsers(project: Project, path: str) -> bool:
    """Whether the package of a file is built for WebAssembly, where reqwest's builder has no timeouts."""
    package = cargo.package_of(project, path)
    return package is not None and any(package.depends_on(name) for name in _BROWSER)


def _is_blocking(code: RustFile, node: Node) -> bool:
    function = node.field("function")
    path = function.text() if function is not None else ""
    return any("blocking" in full for full in rust_web.spelled(code, path) if "reqwest" in full)


def _is_limited(project: Project, code: RustFile, chain: Chain, made: str) -> bool:
    if chain.has(*LIMITS) or _is_waited_for(code, chain.root):
        return True
    through = False
    for holder in chain.handed_to:
        call = holder.parent()
        function = call.field("function") if holder.kind() == "arguments" and call is not None else None
        if made != "builder" or call is None or function is None or _WRAPPERS.search(function.text()):
            continue
        after = rust_web.chain(code, call)
        if not after.has("build") or after.has(*LIMITS) or not _only_adds(project, function.text()):
            return True
        through = True
    if made == "builder" and not (through or chain.has("build")):
        return True
    stays = chain.names and not chain.handed_to
    return not stays and _limits_requests(code.text)


def _only_adds(project: Project, function: str) -> bool:
    """Whether a function of the tree, that a builder goes through, says nothing of time: a proxy, certificates."""
    name = function.rpartition("::")[2].rpartition(".")[2]
    if not re.fullmatch(r"\w+", name):
        return False
    bodies = list[str]()
    for path in project.grep([f"fn {name}("], "*.rs"):
        for written in re.finditer(rf"\bfn {name}\(.*?\n\s*\}}\n(?=\s*$|\n|\s*\}})", project.text(path), re.S):
            bodies.append(written[0])
    return len(bodies) == 1 and "timeout" not in bodies[0]


def _limits_requests(text: str) -> bool:
    """Whether code limits requests one by one; what it sets on the builder of another client is no such limit."""
    for limit in _OWN_LIMIT.finditer(text):
        begin = max(text.rfind(mark, 0, limit.start()) for mark in ";{}")
        if not _BUILDER.search(text[begin + 1 : limit.start()]):
            return True
    return False


def _is_fallback(code: RustFile, node: Node) -> bool:
    """Whether a client is what takes the place of one that could not be built: that one is judged, and the limits."""
    around = enclosing(node, {"arguments"})
    call = around.parent() if around is not None else None
    function = call.field("function") if call is not None else None
    return function is not None and bool(re.search(r"\.build\(\)[\s\S]*\.\s*unwrap_or\w*$", function.text()))


def _is_waited_for(code: RustFile, node: Node) -> bool:
    """Whether the function around a place limits how long it waits, in a way that the chain does not show."""
    around = code.function(node).node
    return around is not None and _limits_requests(around.text())


def version(project: Project, path: str) -> str:
    """The version of reqwest that the package of a file requires, "" when it does not say."""
    package = cargo.package_of(project, path)
    found = [d.version for d in package.dependencies if d.package == "reqwest"] if package is not None else []
    return next((v.lstrip("=^~ ") for v in found if v), "")
