"""The type of an expression, where declarations of its file or crate make it evident; else ""."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust
from fixers.facts.rust import RustFile
from fixers.facts.rust_locks import crate_of
from fixers.project import Project

_TEXT: Final = re.compile(r"&*(?:str|String|Cow<str>|(?:Arc|Rc|Box)<(?:str|String)>)")
_BYTES: Final = re.compile(r"&*(?:\[u8(?:;[^\]]+)?\]|Vec<u8>|(?:Arc|Rc|Box)<(?:\[u8\]|Vec<u8>)>)")
_HOLDER: Final = re.compile(r"(?:Arc|Rc|Box|State|Data|Extension|Json|Query|Form|MutexGuard|RwLockReadGuard|Ref)<(.+)>")
"""Types that a field can be read through, by Deref."""
_MAKES_TEXT: Final = frozenset({"to_string", "to_lowercase", "to_uppercase", "to_ascii_lowercase", "encode_hex"})
_TRIMS: Final = re.compile(r"trim\w*|as_str|to_owned|clone|to_ascii_uppercase")
_BINDERS: Final = ("let_declaration", "match_arm", "let_condition", "for_expression", "closure_expression")
_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class Types:
    """Asks the declarations that one file, then its crate, shows."""

    project: Project
    path: str
    code: RustFile

    def shape(self, node: Node) -> str:
        """ "text" for strings, "bytes" for byte slices, arrays and vectors, "" when that is not evident."""
        kind = self.of(node)
        return "text" if _TEXT.fullmatch(kind) else "bytes" if _BYTES.fullmatch(kind) else ""

    def of(self, node: Node, depth: int = _DEPTH) -> str:
        """The type as declared, without lifetimes, paths and spaces; a reference keeps its `&`."""
        if depth == 0:
            return ""
        kind, inner = node.kind(), node.named_children()
        match kind:
            case "identifier":
                return self._variable(node, depth - 1)
            case "self":
                return self.code.function(node).owner and plain(self.code.function(node).owner)
            case "string_literal" | "raw_string_literal":
                return "&str"
            case "parenthesized_expression" if inner:
                return self.of(inner[-1], depth - 1)
            case "reference_expression" if inner:
                held = self.of(inner[-1], depth - 1)
                return held and "&" + held
            case "unary_expression" if node.text().startswith("*") and inner:
                return self.of(inner[-1], depth - 1).removeprefix("&")
            case "field_expression":
                owner, name = node.field("value"), node.field("field")
                return self._field(self.of(owner, depth - 1), name.text()) if owner is not None and name else ""
            case "try_expression" if inner:
                return _held(self.of(inner[0], depth - 1))
            case "macro_invocation" if re.match(r"(?:std::)?format!", node.text()):
                return "String"
            case "call_expression":
                return self._called(node, depth - 1)
        return ""

    def _called(self, node: Node, depth: int) -> str:
        function = node.field("function")
        if function is None:
            return ""
        owner, name = function.field("value"), function.field("field")
        if function.kind() != "field_expression" or owner is None or name is None:
            return self._returned(re.sub(r"\s", "", function.text()))
        method = name.text()
        if method in _MAKES_TEXT:
            return "String"
        on = self.of(owner, depth)
        if method in ("as_bytes", "into_bytes") and _TEXT.fullmatch(on):
            return "&[u8]" if method == "as_bytes" else "Vec<u8>"
        if method in ("unwrap", "expect", "unwrap_or_default", "unwrap_or_else", "unwrap_or"):
            return _held(on)
        if method in ("as_ref", "as_deref", "as_slice", "to_vec") and not on.startswith("Option<"):
            return on if _BYTES.fullmatch(on) or _TEXT.fullmatch(on) else ""
        if method in ("as_ref", "as_deref"):
            return f"Option<&{_held(on)}>"
        return on if _TRIMS.fullmatch(method) and (_TEXT.fullmatch(on) or method == "clone") else ""

    def _returned(self, called: str) -> str:
        """What a function returns: a few of std, and those of this file whose name it has once."""
        if called.endswith("env::var"):
            return "Result<String>"
        if called in ("String::from", "hex::encode"):
            return "String"
        name = called.rpartition("::")[2]
        if not re.fullmatch(r"(?:Self::)?\w+", called):
            return ""
        found = {
            plain(returns.text()) if (returns := item.field("return_type")) is not None else ""
            for item in self.code.kind("function_item")
            if (named := item.field("name")) is not None and named.text() == name
        }
        return found.pop() if len(found) == 1 else ""

    def _variable(self, name: Node, depth: int) -> str:
        """The declared type of a variable, by its innermost binding; "" when a pattern takes something apart."""
        text, inner = name.text(), name
        for outer in name.ancestors():
            kind = outer.kind()
            if kind == "block":
                before = [c for c in outer.named_children() if c.kind() == "let_declaration"]
                for let in reversed(before):
                    if self.code.bounds(let)[1] <= self.code.bounds(inner)[0] and _binds(let.field("pattern"), text):
                        return self._let(let, text, depth)
            elif kind in ("closure_expression", "function_item"):
                parameters = outer.field("parameters")
                for parameter in parameters.named_children() if parameters is not None else ():
                    if _binds(parameter.field("pattern") or parameter, text):
                        return self._parameter(parameter, text)
                if kind == "function_item":
                    return ""
            elif kind == "match_arm" and _binds(outer.field("pattern"), text):
                whole = enclosing(outer, {"match_expression"})
                return self._taken(outer.field("pattern"), whole.field("value") if whole is not None else None, depth)
            elif kind in ("if_expression", "while_expression") and outer.field("condition") != inner:
                for condition in outer.find_all(kind="let_condition"):
                    if _binds(condition.field("pattern"), text) and self._leads(condition, inner):
                        return self._taken(condition.field("pattern"), condition.field("value"), depth)
            elif kind == "for_expression" and _binds(outer.field("pattern"), text):
                return ""
            inner = outer
        return ""

    def _leads(self, condition: Node, body: Node) -> bool:
        """Whether a `let` of a condition stands before the body that it binds names for, in the same `if`."""
        holder = enclosing(condition, {"if_expression", "while_expression"})
        return holder == body.parent() and self.code.bounds(condition)[1] <= self.code.bounds(body)[0]

    def _let(self, let: Node, name: str, depth: int) -> str:
        pattern, declared, value = let.field("pattern"), let.field("type"), let.field("value")
        if pattern is None:
            return ""
        if pattern.text().removeprefix("mut ") == name:
            if declared is not None:
                return plain(declared.text())
            return self.of(value, depth) if value is not None else ""
        return self._taken(pattern, value, depth)

    def _parameter(self, parameter: Node, name: str) -> str:
        declared, pattern = parameter.field("type"), parameter.field("pattern")
        if declared is None or pattern is None:
            return ""
        kind = plain(declared.text())
        if pattern.text().removeprefix("mut ") == name:
            return kind
        wrapped = re.fullmatch(r"(?:\w+::)*(\w+)\((?:mut )?(\w+)\)", pattern.text())
        inside = re.fullmatch(r"(\w+)<(.+)>", kind)
        return inside[2] if wrapped and inside and wrapped[2] == name and wrapped[1] == inside[1] else ""

    def _taken(self, pattern: Node | None, value: Node | None, depth: int) -> str:
        """What `Some(x)`, `Ok(x)` or `Kind::Variant(x)` binds."""
        written = re.sub(r"\s", "", pattern.text().partition(" if ")[0]) if pattern is not None else ""
        match = re.fullmatch(r"((?:\w+::)*\w+)\((?:refmut|ref|mut|&)?\w+\)", written)
        if match is None or value is None:
            return ""
        if match[1] in ("Some", "Ok"):
            return _held(self.of(value, depth))
        kind, _, variant = match[1].rpartition("::")
        return self._variant(kind.rpartition("::")[2], variant) if kind else ""

    def _field(self, owner: str, name: str) -> str:
        if not owner:
            return ""
        owner = owner.lstrip("&")
        while match := _HOLDER.fullmatch(owner):
            owner = match[1].lstrip("&")
        item = self._declared("struct", re.sub(r"<.*", "", owner))
        for field in item[1].find_all(kind="field_declaration") if item is not None else ():
            named, kind = field.field("name"), field.field("type")
            if named is not None and kind is not None and named.text() == name:
                return plain(kind.text())
        return ""

    def _variant(self, owner: str, name: str) -> str:
        item = self._declared("enum", owner)
        for variant in item[1].find_all(kind="enum_variant") if item is not None else ():
            named, body = variant.field("name"), variant.field("body")
            types = [c for c in body.named_children() if c.kind() not in _NOT_TYPES] if body is not None else []
            if named is not None and named.text() == name and len(types) == 1:
                return plain(types[0].text())
        return ""

    def _declared(self, keyword: str, name: str) -> tuple[RustFile, Node] | None:
        """The declaration of a type: of this file, else the only one of the crate."""
        if not re.fullmatch(r"\w+", name):
            return None
        found: list[tuple[RustFile, Node]] = []
        for path in self.project.grep([f"{keyword} {name}".encode()], "*.rs"):
            if crate_of(self.project, path) != crate_of(self.project, self.path):
                continue
            code = self.code if path == self.path else self.project.parsed(path, rust.file)
            items = [
                item
                for item in code.kind(f"{keyword}_item")
                if (named := item.field("name")) is not None and named.text() == name and not code.is_test(item)
            ]
            if path == self.path and items:
                return (code, items[0]) if len(items) == 1 else None
            found += [(code, item) for item in items]
        return found[0] if len(found) == 1 else None


_NOT_TYPES: Final = frozenset({"visibility_modifier", "attribute_item", "line_comment", "block_comment"})


def plain(written: str) -> str:
    """A type without lifetimes, `mut`, paths, `dyn` and white space: `&'a std::sync::Arc<Config>` is `&Arc<Config>`."""
    text = re.sub(r"&\s*(?:'\w+\s*)?(?:mut\s+)?", "&", written)
    text = re.sub(r"'\w+\s*,?\s*|\s+", "", text)
    return re.sub(r"(?:\w+::)+", "", text).replace("<>", "")


def _held(kind: str) -> str:
    """What an Option or a Result holds, borrowed when it is."""
    match = re.fullmatch(r"(&*)(?:Option|\w*Result)<(.+)>", kind)
    if match is None:
        return ""
    depth = 0
    for at, letter in enumerate(match[2]):
        depth += letter in "<([" or -(letter in ">)]")
        if letter == "," and depth == 0:
            return match[1] + match[2][:at]
    return match[1] + match[2]


def _binds(pattern: Node | None, name: str) -> bool:
    return (
        pattern is not None
        and re.search(rf"(?<![\w.:]){re.escape(name)}\b(?!\s*(?:::|[({{]))", pattern.text()) is not None
    )
