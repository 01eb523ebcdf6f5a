"""Comparisons of secrets with == in Rust: by the names of what is compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust
from fixers.facts.rust import RustFile
from fixers.facts.rust_locks import root_name
from fixers.project import Project

_SECRET: Final = re.compile(
    r"(?:\w*_)?(?:password|passwd|passphrase|secret|secret_?key|api_?key|signing_key|hmac|"
    r"(?:auth|access|admin|bearer|shared|session|registration|reg|as|hs|csrf|invite|join|internal|api|verify|"
    r"verification|webhook|reset|refresh|device|remember)_?token|(?:recovery|backup)_?code|"
    r"(?:expected|computed)_(?:sig|signature|mac|digest))",
    re.I,
)
_MAYBE: Final = re.compile(r"(?:expected_|provided_|given_|stored_)?token", re.I)
_CONTEXT: Final = re.compile(r"config|settings|cfg\b|auth|admin|secret|env\b", re.I)
_REQUEST: Final = re.compile(
    r"AUTHORIZATION|[Bb]earer|headers?\(|\bauth|\b(?:admin|api|shared|session|webhook|access)_(?:token|key|secret)\b",
    re.S,
)
_TWICE: Final = re.compile(r"verif(?!y_token|ication_token)|confirm|repeat|again|\bnew_|retype|old_", re.I)
_OTHER_WORLDS: Final = re.compile(
    r"\b(?:parser|lexer|syntax|ast)\b|retry_token|hs\.|\b(?:sync|lock|page|next|continuation|cancel\w*)_tokens?\b|&mut\b|"
    r"\bencrypted_\w+[\s\S]*\bencrypted_|to_peer_id|public_key",
    re.I,
)
_LOCAL: Final = re.compile(r"\bFile::open\(|\bfs::read|\bOpenOptions\b")
_KEEPS: Final = re.compile(r"(?:new|insert|update|set|load|from|eq|cmp|is_same|has_changed)(?:_\w+)?")
"""Functions that keep or check a value of their own: nobody's guess is answered there."""
_SAFE: Final = re.compile(rb"\.ct_eq\(|constant_time_eq\(|verify_slices_are_equal\(|\.verify_slice\(|fixed_time_eq\(")
_LINE: Final = re.compile(rb"^[^\n]*[\w)] [!=]= [^\n]*$", re.M)
_NEAR: Final = re.compile(
    rb"passw|passphrase|secret|api_?key|signing_key|hmac|(?:expected|computed)_\w+|"
    rb"(?:auth|access|admin|bearer|shared|session|reg\w*|as|hs|csrf|invite|join|internal|api|given|stored|verify|"
    rb"verification|webhook|reset|refresh|device|remember)_?token|(?:recovery|backup)_?code|"
    rb"(?:provided_|\b)token\b",
    re.I,
)
"""What has to stand in the text before a file is parsed at all."""
_MAC: Final = re.compile(rb"\bHmac(?:::)?<|\bhmac::|\bHmacSha\d+|\bhmac_sha\d+")
"""What a file holds that computes message authentication codes."""
_MAKES_MAC: Final = re.compile(r"\bHmac\w*(?:::)?<|\bhmac::(?:sign|Key)|\bHmacSha\d+\b")
_PLAIN: Final = frozenset(
    {"identifier", "field_expression", "call_expression", "reference_expression", "unary_expression"}
)


def comparisons(project: Project) -> Iterator[tuple[str, RustFile, list[Node]]]:
    """Files that ship and the places in them where a secret is compared with `==` or `!=`."""
    words = (
        b"passw",
        b"secret",
        b"passphrase",
        b"api",
        b"key",
        b"token",
        b"hmac",
        b"Hmac",
        b"expected_",
        b"computed_",
        b"_code",
    )
    paths = [p for p in project.grep(words, "*.rs") if _may_compare(project.read(p))]
    for path, code in rust.parsed(project, paths):
        places = [n for n in code.kind("binary_expression") if is_unsafe(code, n) and not code.is_test(n)]
        if places:
            yield path, code, places


def _may_compare(data: bytes) -> bool:
    makes = _MAC.search(data) is not None
    return any(makes or _NEAR.search(line[0]) for line in _LINE.finditer(data))


def evidence(project: Project) -> Iterator[tuple[str, int]]:
    """Files that ship and the line of their first comparison in constant time."""
    for path in project.grep([b"ct_eq(", b"constant_time_eq(", b"verify_slice", b"fixed_time_eq("], "*.rs"):
        match = _SAFE.search(project.read(path))
        if match and not rust.is_test_path(project, path):
            yield path, project.read(path)[: match.start()].count(b"\n") + 1


def is_unsafe(code: RustFile, node: Node) -> bool:
    """Whether a comparison has a secret on one side and on the other what somebody claims it to be."""
    operator, left, right = node.field("operator"), node.field("left"), node.field("right")
    if operator is None or operator.text() not in ("==", "!=") or left is None or right is None:
        return False
    sides = (left, right)
    if any(s.kind() not in _PLAIN for s in sides) or any(
        re.search(r"\.len\(\)|\bNone\b|\d$|::[A-Z]", s.text()) for s in sides
    ):
        return False
    names = [root_name(_inside(s)) for s in sides]
    text = node.text()
    if "public_key" in text or '"' in text or "String::new()" in text or _is_retain(node):
        return False
    if any(n.isupper() for n in names) or _OTHER_WORLDS.search(text) or any(_TWICE.search(s.text()) for s in sides):
        return False
    if _is_own(code, node):
        return False
    if any(_SECRET.fullmatch(n) for n in names) or any(_computes(code, s) for s in sides):
        return not _same_record(left, right)
    if not any(_MAYBE.fullmatch(n) for n in names):
        return False
    function = code.function(node).node
    return bool(_CONTEXT.search(text)) or (function is not None and bool(_REQUEST.search(function.text())))


def _is_own(code: RustFile, node: Node) -> bool:
    """Whether both sides are the program's own: a file that it reads, a value that it keeps or is about to replace."""
    function = code.function(node)
    if function.node is None:
        return False
    if _KEEPS.fullmatch(function.name) or _LOCAL.search(function.node.text()):
        return True
    chain = enclosing(node, {"closure_expression"})
    call = enclosing(chain, {"call_expression"}) if chain is not None else None
    if call is not None and _OTHER_WORLDS.search(call.text()[:200]):
        return True
    branch = enclosing(node, {"if_expression"})
    body = branch.field("consequence") if branch is not None else None
    left, right = node.field("left"), node.field("right")
    if body is None or left is None or right is None:
        return False
    kept = (re.escape(left.text().lstrip("&*")), re.escape(right.text().lstrip("&*")))
    return re.search(rf"{kept[0]}\s*=\s*&?{kept[1]}\b|{kept[1]}\s*=\s*&?{kept[0]}\b", body.text()) is not None


def _computes(code: RustFile, side: Node) -> bool:
    """Whether a side is what a function of the file computes as a message authentication code."""
    made = _inside(side)
    called = made.field("function") if made.kind() == "call_expression" else None
    name = called.text().rpartition("::")[2] if called is not None else ""
    if not name.isidentifier() or name == "Some" or not _MAC.search(code.data):
        return False
    return any(
        (f.field("name") or f).text() == name and _MAKES_MAC.search(f.text()) for f in code.kind("function_item")
    )


def _inside(side: Node) -> Node:
    """`x.as_str()`, `x.as_bytes()`, `Some(&x)`: the x."""
    function = side.field("function") if side.kind() == "call_expression" else None
    given = side.field("arguments")
    if function is not None and function.text() == "Some" and given is not None and given.named_children():
        return _inside(given.named_children()[0])
    if side.kind() == "reference_expression":
        return _inside(side.named_children()[-1])
    if function is not None and function.kind() == "field_expression":
        method, value = function.field("field"), function.field("value")
        if (
            method is not None
            and value is not None
            and re.fullmatch(r"as_\w+|to_(?:string|owned|vec|bytes|str|\w*case)|trim|expose_secret", method.text())
        ):
            return _inside(value)
    return side


def _same_record(left: Node, right: Node) -> bool:
    """Two fields of one value (`form.password`, `form.password2`): what a user typed twice."""
    owners = [s.text().rpartition(".")[0].lstrip("&*") for s in (left, right)]
    return bool(owners[0]) and owners[0] == owners[1]


def _is_retain(node: Node) -> bool:
    """An element that is taken out of a list: no guess gets an answer."""
    closure = enclosing(node, {"closure_expression"})
    call = enclosing(closure, {"call_expression"}) if closure is not None else None
    function = call.field("function") if call is not None else None
    return function is not None and function.text().endswith(".retain")
