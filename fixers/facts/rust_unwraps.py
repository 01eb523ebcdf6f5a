"""Every `.unwrap()` and `.expect(..)` of code that ships: what it unwraps, and what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts.rust import Function, RustFile

_LITERALS: Final = re.compile(r"(?:raw_)?string_literal|(?:char|integer|float|boolean|negative)_literal")
_PROOF: Final = re.compile(
    r"infallib|always|never|cannot|can't|can not|won't|checked|just |guarant|impossible|unreachable|invariant|bug\b|"
    r"poison|hard-?coded|static|constant|literal|valid|known|verified|ensured|by construction|above|already|"
    r"non-?empty|not empty|non-?zero|at least one|exactly one|is some\b|is ok\b|is set\b|exists?\b|in bounds|overflow|"
    r"allocat|out of memory|fits? in|same (?:len|size)|enough|authenticated",
    re.I,
)
_CERTAIN: Final = re.compile(
    r"infallib|guarant|unreachable|impossible|by construction|exactly|invariant|because|can only|"
    r"(?:internal|implementation|programming|logic) error|"
    r"checked|\bjust |already|always|never|"
    r"cannot|can't|won't|[<>]=? ?\d|[!=]= ?\d|ensured",
    re.I,
)
"""Words of a proof that stay one whatever else the message says."""
_STATEMENT: Final = re.compile(r"\b(?:is|are|has|have|was|were|implies|should|must)\b", re.I)
_FAILURE: Final = re.compile(
    r"fail|error|could ?n[o']t|unable|missing|\bno\b|not (?:found|be)|invalid|before|required|initiali[sz]ed",
    re.I,
)
_DEMAND: Final = re.compile(
    r"\bmust (?:be (?:called|run|invoked|initiali[sz]ed|configured|registered)|call|run|first|init)|"
    r"\bcall \w+(?:\(\))? first|"
    r"\b(?:init\w*|call|run)\b.{0,40}\bbefore\b",
    re.I,
)
"""What the caller has to do first; that something is initialised is no demand, it may be said of what was just done."""
_MEMORY: Final = re.compile(r"writ\w+ .*\b(?:buffer|string|vec)", re.I)
_DEFENCE: Final = re.compile(
    r"safety|invariant|panic|unwrap|expect|infai?ll?ib|cannot|can't|can not|won't|always|never|guarant|checked|safe\b|"
    r"ensured|impossible|unreachable|valid|confident|at least|non-?empty|must have|will not|"
    r"(?:does|do|did) ?n[o']t fail|not fail|shouldn't|should not|\bsince\b|\bbecause\b",
    re.I,
)
OWED: Final = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
"""A comment that owes something is no defence; about an unwrap it says that it should not be there."""
_PROVEN: Final = re.compile(
    r"^(?:std::)?(?:str|String)::from_utf8\(\s*(?:base64|hex)\w*[(:]|"
    r"(?:Cidr|Net|Network|Prefix)::new\([^()]+, (?:32|128|0)\)$"
)
"""Encoded bytes as text; a network of the longest or the shortest prefix."""
_SURROUNDINGS: Final = re.compile(
    r"Client|[Rr]untime|connect|bind|open|spawn|listen|\bvar|current_|from_env|load|read|dirs?\b|init|global|get_"
)
"""Calls without arguments that ask the machine."""
_NUMBER: Final = re.compile(
    r"(?:parse|try_into)::<(?:[iu](?:8|16|32|64|128|size)|f(?:32|64)|bool|char)>\(\)$|^[iu](?:8|16|32|64|128|size)::try_from\("
)
_FIXED: Final = re.compile(r"\[[^\[\]]*\.\.=?[^\[\]]*\]|chunks_exact|as_bytes|array|split_at|finalize|digest")
"""Slices whose length the code fixes, so that they turn into an array."""
_ASKS: Final = re.compile(
    r"(?!\w)[^;\n{}]*\.(?:is_\w+|len|count|contains(?:_key)?|insert|push|starts_with|ends_with)\b|"
    r" = Some\("
)
_BINDS: Final = re.compile(r"\bif let (?:Some|Ok)\([^=]*= &?$")
_OPTION: Final = re.compile(
    r"get(?:_mut)?|(?:first|last|front|back)(?:_mut)?|next(?:_back)?|pop(?:_front|_back)?|find(?:_map)?|r?position|nth|"
    r"(?:max|min)(?:_by(?:_key)?)?|reduce|file_name|file_stem|parent|extension|checked_(?:add|sub|mul|div)|"
    r"as_(?:object|array|u64|i64|bool|f64)|r?split_once|upgrade|host_str|domain|to_digit|"
    r"from_digit|from_u32"
)
"""Methods of std (and serde_json, url) that give an Option."""
_RESULT: Final = re.compile(
    r"parse|from_(?:str|utf8|slice|reader|hex)|try_(?:from|into)|open|create(?:_dir(?:_all)?)?|read_to_(?:string|end)|"
    r"write_all|flush|sync_all|remove_(?:file|dir_all)|rename|copy|canonicalize|metadata|current_(?:dir|exe)|var|bind|"
    r"connect|accept|(?:local|peer)_addr|send|recv|spawn|output|status|duration_since|set_(?:nonblocking|permissions)"
)
"""Functions of std (and serde_json) that give a Result."""


@dataclass(frozen=True, slots=True)
class Unwrap:
    """One place: the call, what it is called on, the method of that (`get`, `env::var`), and the message if any."""

    node: Node
    receiver: Node
    callee: str
    message: str

    @property
    def unwraps(self) -> str:
        """ "option", "result", or "" when the name of what was called does not tell."""
        name = self.callee.rpartition("::")[2]
        return "option" if _OPTION.fullmatch(name) else "result" if _RESULT.fullmatch(name) else ""

    @property
    def demands(self) -> bool:
        """Whether the message tells the caller what to do first."""
        return bool(_DEMAND.search(self.message))


def is_evident(place: Unwrap) -> bool:
    """Whether what is unwrapped is known to be an Option, or a Result whose error `?` can carry."""
    name, text = place.callee.rpartition("::")[2], place.receiver.text()
    if place.unwraps == "option":
        return place.receiver.kind() == "call_expression" and "::" not in place.callee
    if place.unwraps != "result" or name in ("send", "copy", "output", "status"):
        return False
    if name in ("try_into", "try_from", "from_str", "parse"):
        return bool(_NUMBER.search(text)) or text.startswith("serde_json::from_str")
    return True


@lru_cache(maxsize=1)
def unwraps(code: RustFile) -> tuple[Unwrap, ...]:
    """All places outside tests, in the order of the text; kept for the next that asks of the same file."""
    return tuple(_unwraps(code))


def _unwraps(code: RustFile) -> Iterator[Unwrap]:
    for node in code.unwrap_calls:
        function = node.field("function")
        receiver = function.field("value") if function is not None else None
        if receiver is None or code.is_test(node):
            continue
        arguments = node.field("arguments")
        said = arguments.named_children() if arguments is not None else []
        message = said[0].text() if said else ""
        yield Unwrap(node, receiver, callee(receiver), message)


def callee(node: Node) -> str:
    """The name of what a receiver calls: `get` of `x.get(1)`, `env::var` of `env::var("X")`; "" for other things."""
    while node.kind() in ("await_expression", "try_expression", "parenthesized_expression"):
        node = node.named_children()[0]
    if node.kind() == "macro_invocation":
        name = node.field("macro")
        return name.text() + "!" if name is not None else ""
    called = node.field("function") if node.kind() == "call_expression" else None
    if called is not None and called.kind() == "generic_function":
        called = called.field("function")
    if called is None:
        return ""
    if called.kind() == "field_expression":
        method = called.field("field")
        return method.text() if method is not None else ""
    return called.text()


def cannot_fail(code: RustFile, place: Unwrap) -> bool:
    """Whether the value is right by construction: literals only, text written to memory, a slice of fixed length.

    Also what another rule looks at (locks), a panic passed on (`join`), and types asked for by name after a match.
    """
    receiver, name = place.receiver, place.callee.rpartition("::")[2]
    if name in ("write!", "writeln!", "join", "into_inner", "lock", "read", "write", "wait", "try_lock", "get_mut"):
        return name not in ("get_mut",) or "::" in place.callee
    if _writes_memory(code, receiver, name) or _PROVEN.search(receiver.text()):
        return True
    if name.startswith("downcast") or (name == "body" and "::builder()" in receiver.text()):
        return True
    if name == "encode" and "&mut " in receiver.text():
        return True
    if name in (
        "to_value",
        "to_raw_value",
        "to_writer",
        "write_str",
        "write_char",
        "with_safe_default_protocol_versions",
        "with_protocol_versions",
    ) or (name in ("to_string", "to_vec", "to_string_pretty") and "::" in place.callee):
        return True
    if name == "from_value" and "json!" in receiver.text():
        return True
    if name in ("name", "get") and re.match(r"(?:\w+_)?cap(?:s|tures?)?\s*\.", receiver.text()):
        return True
    if name in ("choose", "first", "last") and re.match(r"(?:\w+::)*[A-Z][A-Z0-9_]+\s*\.", receiver.text()):
        return True
    if name == "duration_since" and re.search(r"UNIX_EPOCH|SystemTime::now\(\)", receiver.text()):
        return True
    if name in ("try_into", "try_from", "from_le_bytes", "from_be_bytes"):
        inner = receiver.text()
        return bool(
            re.search(r"\[[^\[\]]*\.\.=?[^\[\]]*\]|chunks_exact|as_bytes|array|split_at|finalize|digest", inner)
        )
    if receiver.kind() == "call_expression":
        arguments = receiver.field("arguments")
        values = arguments.named_children() if arguments is not None else []
        if values and all(_constant(v) for v in values):
            called = receiver.field("function")
            method = called is not None and called.kind() == "field_expression"
            owner = called.field("value") if called is not None and method else None
            return not method or (owner is not None and _constant_chain(owner))
        if not values and (called := receiver.field("function")) is not None:
            if called.kind() == "generic_function":
                called = called.field("function") or called
            owner = called.field("value") if called.kind() == "field_expression" else None
            return owner is not None and _constant(owner) and (name == "parse" or "identifier" not in owner.kind())
    return False


def _writes_memory(code: RustFile, receiver: Node, name: str) -> bool:
    """`buf.write_u32(..)`, `map.as_object_mut()` on what the function bound to an empty vector or a json! object."""
    match = re.match(r"(?:&mut )?(\w+)\s*\.", receiver.text())
    if match is None or not (name.startswith("write_") or name in ("as_object_mut", "as_array_mut", "as_object")):
        return False
    item = enclosing(receiver, {"function_item"})
    new = r"(?:Vec|vec!|String|BytesMut|Cursor|(?:\w+::)*(?:json!|to_value\())"
    made = rf"\blet (?:mut )?{match[1]}(?:\s*:[^=;]+)? = {new}"
    return item is not None and re.search(made, item.text()) is not None


def _constant(node: Node) -> bool:
    kind = node.kind()
    if _LITERALS.fullmatch(kind):
        return True
    called = node.field("function") if kind == "call_expression" else None
    method = called.field("field") if called is not None and called.kind() == "field_expression" else None
    if called is not None and method is not None and method.text() in ("as_bytes", "to_string", "to_owned", "into"):
        return (owner := called.field("value")) is not None and _constant(owner)
    if kind in ("reference_expression", "unary_expression", "array_expression", "tuple_expression"):
        return all(_constant(c) for c in node.named_children())
    if kind == "macro_invocation":
        if node.text().startswith("format!"):
            return bool(re.fullmatch(r'format!\(\s*"(?:[^"{}\\]|\{[A-Z][A-Z0-9_]+\})*",?\s*\)', node.text()))
        return bool(re.match(r"(?:std::)?(?:concat|env|include_str|include_bytes|stringify|line|file)!", node.text()))
    name = node.text().rpartition("::")[2]
    if kind == "scoped_identifier" and name[:1].isupper():
        return True
    return kind == "identifier" and len(name) > 1 and name.isupper()


def _constant_chain(node: Node) -> bool:
    """`Utc.with_ymd_and_hms(..)`, `ProgressStyle::default_bar().template("..")`: literals from the type on."""
    if node.kind() == "call_expression":
        called, given = node.field("function"), node.field("arguments")
        if called is None or given is None or not all(_constant(v) for v in given.named_children()):
            return False
        if _SURROUNDINGS.search(called.text()):
            return False
        owner = called.field("value") if called.kind() == "field_expression" else None
        return _constant_chain(owner) if owner is not None else bool(re.match(r"(?:\w+::)*[A-Z]", called.text()))
    return _constant(node) or (node.kind() in ("identifier", "scoped_identifier") and node.text()[:1].isupper())


def is_defended(code: RustFile, place: Unwrap, function: Function) -> bool:
    """Whether the code says why it cannot fail: in the message, a comment above or beside, `# Panics`, or an allow."""
    said = place.message
    if _MEMORY.search(said):
        return True
    if said and not place.demands and _CERTAIN.search(said):
        return True
    if said and not place.demands and (_PROOF.search(said) or _STATEMENT.search(said)) and not _FAILURE.search(said):
        return True
    lines = code.lines
    line = code.line(place.node) - 1
    end = code.end_line(place.node) - 1
    near = [*lines[line : end + 1]]
    for above in {line - 1, _statement_line(code, place) - 1}:
        while above >= 0 and lines[above].lstrip().startswith("//"):
            near.append(lines[above])
            above -= 1
    said_near = [text.partition("//")[2] for text in near if "//" in text]
    if any(_DEFENCE.search(text) and not OWED.search(text) for text in said_near):
        return True
    if function.node is not None:
        before = function.node.prev()
        while before is not None and before.kind() in ("line_comment", "attribute_item", "block_comment"):
            text = before.text()
            if "# Panics" in text or re.search(r"(?:unwrap|expect)_used|missing_panics_doc|clippy::unwrap", text):
                return True
            before = before.prev()
    if re.match(r"(?:expect|unwrap|must)_|\w+_or_panic$", function.name):
        return True
    return bool(re.search(r"#!\[allow\([^\]]*clippy::(?:unwrap|expect)_used", code.text))


def _statement_line(code: RustFile, place: Unwrap) -> int:
    """The line, from 0, on which the statement around a place begins."""
    statement = enclosing(place.node, {"let_declaration", "expression_statement", "block", "function_item"})
    inside = statement is None or statement.kind() in ("block", "function_item")
    holder = (
        next((c for c in statement.named_children() if _holds(c, place.node)), None) if inside and statement else None
    )
    return code.line(holder or statement or place.node) - 1


def _holds(outer: Node, inner: Node) -> bool:
    a, b = outer.range(), inner.range()
    return a.start.index <= b.start.index and b.end.index <= a.end.index


def is_guarded(code: RustFile, place: Unwrap, function: Function) -> bool:
    """Whether the same function asks first: `is_some`, `is_empty`, `contains_key`, a length, of the same thing."""
    if function.node is None:
        return False
    arm = enclosing(place.node, {"match_arm"})
    pattern = arm.field("pattern") if arm is not None else None
    if pattern is not None and re.match(r"\[\s*\w", pattern.text()):
        return True
    start, at = code.bounds(function.node)[0], code.bounds(place.node)[0]
    before = code.text[start:at]
    root = re.match(r"[&*(]*((?:self\.)?\w+(?:\.\w+(?!\w*\())*)", place.receiver.text())
    if root is None:
        return False
    name = root[1].removesuffix(".")
    found = before.find(name)
    while found >= 0:
        whole = found == 0 or not (before[found - 1].isalnum() or before[found - 1] in "_.")
        if whole and (_ASKS.match(before, found + len(name)) or _BINDS.search(before[max(0, found - 80) : found])):
            return True
        found = before.find(name, found + len(name))
    return False
