"""Values of Rust services that are built step by step: clients, layers, cookies, followed through a file."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import cargo
from fixers.facts.rust import RustFile
from fixers.project import Project

SERVERS: Final = frozenset(
    {"axum", "actix-web", "warp", "rocket", "poem", "salvo", "salvo_core", "tide", "ntex", "gotham", "tonic"}
    | {"axum-server", "hyper-server", "dropshot", "loco-rs", "pavex", "viz", "rouille", "tiny_http", "trillium"}
)
"""Crates whose presence among the dependencies makes a package, or its workspace, a service."""
_HANDS_ON: Final = frozenset(
    {"block", "if_expression", "else_clause", "match_arm", "match_block", "match_expression", "unsafe_block"}
    | {"parenthesized_expression", "reference_expression", "expression_statement"}
)
_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One method called on a value: `.timeout(limit)`."""

    name: str
    arguments: tuple[Node, ...]
    call: Node

    def gives(self, *texts: str) -> bool:
        """Whether the first argument is written as one of the texts."""
        return bool(self.arguments) and self.arguments[0].text() in texts


@dataclass(slots=True)
class Chain:
    """A value from the call that makes it, and every method called on it that the file shows.

    Steps through a `let`, an assignment, the arms of a branch, or a function of the same file that returns it are
    among them. `whole` is the expression around `root`; `names` are its variables; `handed_to` are the calls and
    struct literals that got the value itself; `seen` are the bindings that were followed.
    """

    root: Node
    whole: Node
    steps: list[Step] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    handed_to: list[Node] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)

    def step(self, *names: str) -> Step | None:
        """The last of the steps of one of the names."""
        return next((s for s in reversed(self.steps) if s.name in names), None)

    def has(self, *names: str) -> bool:
        """Whether one of the methods is called."""
        return self.step(*names) is not None


def spelled(code: RustFile, path: str) -> frozenset[str]:
    """Every full path that a path as written may stand for, glob imports of any crate included."""
    globs = frozenset(f"{g}::{path}" for g in code.imports.get("*", ()))
    return code.resolve(path) | frozenset({path}) | globs


def is_path(code: RustFile, path: str, crates: tuple[str, ...], name: str) -> bool:
    """Whether a path as written is `name` of one of the crates, re-exports included (`our::reqwest::Client`)."""
    plain = re.sub(r"::<.*>$|<.*>", "", path.replace(" ", ""))
    if plain.rpartition("::")[2] != name and not code.imports.get(plain.partition("::")[0]):
        return False
    wanted = _full_path(crates, name)
    return any(wanted.fullmatch(full) for full in spelled(code, plain))


@functools.cache
def _full_path(crates: tuple[str, ...], name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*::)?(?:{'|'.join(crates)})(?:::\w+)*::{name}|(?:{'|'.join(crates)})::{name}")


def calls(code: RustFile, crates: tuple[str, ...], name: str, functions: tuple[str, ...]) -> Iterator[Node]:
    """Calls `Name::function(...)` of a type of one of the crates, tests left out; name "" for plain functions."""
    for call, written in code.path_calls:
        if name:
            owner, _, last = written.rpartition("::")
            found = last in functions and owner and is_path(code, owner, crates, name)
        else:
            found = any(is_path(code, written, crates, f) for f in functions)
        if found and not code.is_test(call):
            yield call


def called(call: Node) -> str:
    """The last two segments of what a call names: `CorsLayer::new` of `tower_http::cors::CorsLayer::new()`."""
    function = call.field("function")
    return "::".join(re.sub(r"\s|::<.*>", "", function.text() if function is not None else "").split("::")[-2:])


def last_arguments(step: Step) -> str:
    """The arguments of a step as written."""
    return ", ".join(a.text() for a in step.arguments)


def arguments(call: Node) -> tuple[Node, ...]:
    """The arguments of a call, comments left out."""
    given = call.field("arguments")
    children = given.named_children() if given is not None else []
    return tuple(c for c in children if c.kind() not in ("line_comment", "block_comment", "attribute_item"))


def climbed(root: Node) -> tuple[Node, list[Step]]:
    """The whole method chain that begins with an expression, and its steps in order."""
    node, steps = root, list[Step]()
    while (parent := node.parent()) is not None:
        kind = parent.kind()
        if kind == "field_expression" and parent.field("value") == node:
            name, outer = parent.field("field"), parent.parent()
            if outer is not None and outer.kind() == "generic_function":
                parent, outer = outer, outer.parent()
            if name is None or outer is None or outer.kind() != "call_expression" or outer.field("function") != parent:
                break
            steps.append(Step(name.text(), arguments(outer), outer))
            node = outer
        elif kind in ("try_expression", "await_expression", "parenthesized_expression"):
            node = parent
        else:
            break
    return node, steps


def chain(code: RustFile, root: Node) -> Chain:
    """The value that a call makes, followed as far as the file shows it."""
    whole, steps = climbed(root)
    value = Chain(root, whole, steps)
    _follow(code, value, whole, _DEPTH)
    return value


def _follow(code: RustFile, value: Chain, whole: Node, depth: int) -> None:
    holder: Node | None = whole.parent()
    inner = whole
    while holder is not None and holder.kind() in _HANDS_ON and _is_outcome(holder, inner):
        inner, holder = holder, holder.parent()
    if holder is None or depth == 0:
        return
    kind = holder.kind()
    if kind == "let_declaration" or kind == "assignment_expression":
        target = holder.field("pattern" if kind == "let_declaration" else "left")
        name = target.text().removeprefix("mut ") if target is not None else ""
        if re.fullmatch(r"\w+", name) and code.bounds(holder) not in value.seen:
            value.names.append(name)
            value.seen.add(code.bounds(holder))
            _uses(code, value, holder, name, depth)
    elif kind in ("arguments", "field_initializer", "shorthand_field_initializer"):
        value.handed_to.append(holder)
    elif kind in ("function_item", "return_expression"):
        function = holder if kind == "function_item" else enclosing(holder, {"function_item"})
        name_node = function.field("name") if function is not None else None
        if name_node is not None and value.whole.kind() != "closure_expression":
            for call in _calls_of(code, name_node.text()):
                outer, steps = climbed(call)
                value.steps += steps
                _follow(code, value, outer, depth - 1)


def _is_outcome(holder: Node, inner: Node) -> bool:
    """Whether a node is what the expression around it evaluates to."""
    kind = holder.kind()
    if kind == "block":
        children = [c for c in holder.named_children() if c.kind() not in ("line_comment", "block_comment")]
        return bool(children) and children[-1] == inner
    if kind == "if_expression":
        return holder.field("condition") != inner
    if kind == "match_arm":
        return holder.field("value") == inner
    if kind == "match_expression":
        return holder.field("value") != inner
    if kind == "expression_statement":
        return not inner.kind().endswith("call_expression") and not holder.text().rstrip().endswith(";")
    return True


def _uses(code: RustFile, value: Chain, binding: Node, name: str, depth: int) -> None:
    """Add the methods called on a variable after its binding, in the function around it."""
    scope = enclosing(binding, {"function_item", "closure_expression"}) or code.root
    start = code.bounds(binding)[1] if binding.kind() == "let_declaration" else 0
    known = {code.bounds(s.call) for s in value.steps}
    for use in scope.find_all(kind="identifier", regex=f"^{re.escape(name)}$"):
        if code.bounds(use)[0] < start:
            continue
        outer, steps = climbed(use)
        value.steps += [s for s in steps if code.bounds(s.call) not in known]
        if steps or outer == use:
            _follow(code, value, outer, depth - 1)


def _calls_of(code: RustFile, name: str) -> Iterator[Node]:
    for call in code.kind("call_expression"):
        called = call.field("function")
        if called is not None and re.fullmatch(rf"(?:Self::|self\.|\w+::)*{re.escape(name)}", called.text()):
            yield call


def conditions(code: RustFile, node: Node) -> Iterator[str]:
    """What must hold for a node to run, inside its function: conditions of ifs, arms of matches, cfg attributes."""
    inner = node
    for outer in node.ancestors():
        kind = outer.kind()
        if kind == "if_expression":
            condition = outer.field("condition")
            if condition is not None and condition != inner:
                yield condition.text()
        elif kind == "match_arm":
            pattern = outer.field("pattern")
            matched = enclosing(outer, {"match_expression"})
            head = matched.field("value") if matched is not None else None
            yield f"{head.text() if head is not None else ''} {pattern.text() if pattern is not None else ''}"
        elif kind == "call_expression":
            called = outer.field("function")
            if called is not None and called.kind() == "field_expression" and called != inner:
                method = called.field("field")
                if method is not None and method.text() in (
                    "then",
                    "then_some",
                    "unwrap_or",
                    "unwrap_or_else",
                    "filter",
                ):
                    yield called.text()
        before = outer.prev()
        while before is not None and before.kind() in ("attribute_item", "line_comment"):
            if before.kind() == "attribute_item" and "cfg" in before.text():
                yield before.text()
            before = before.prev()
        if kind == "function_item":
            return
        inner = outer


def serves(project: Project, path: str) -> bool:
    """Whether the package of a file, or one that depends on it in its workspace, is a network service."""
    package = cargo.package_of(project, path)
    if package is None:
        return False
    return package.folder in project.fact(_services)


def _services(project: Project) -> frozenset[str]:
    """Folders of the packages that are services, or that a service of the tree depends on by path."""
    packages = {p.folder: p for p in project.fact(cargo.packages)}
    found = {
        f for f, p in packages.items() if any(d.package in SERVERS for d in p.dependencies if d.kind == "dependencies")
    }
    waiting = list(found)
    while waiting:
        for dependency in packages[waiting.pop()].dependencies:
            if dependency.path in packages and dependency.path not in found and dependency.kind == "dependencies":
                found.add(dependency.path)
                waiting.append(dependency.path)
    return frozenset(found)


def number(code: RustFile, node: Node) -> int | None:
    """The value of an integer expression: literals, products, shifts, `usize::MAX`, constants of the file."""
    plain = re.sub(r"\s+as\s+\w+", "", node.text())
    text = re.sub(r"\s|(?<=\d)_(?=\d)|(?<=\d)_?(?:usize|u64|u32|u16|i32|i64)$", "", plain)
    named = re.fullmatch(r"(?:Self::|self::|crate::)?([A-Z][A-Z0-9_]*)", text)
    if named is not None:
        for item in code.kind("const_item"):
            name, value = item.field("name"), item.field("value")
            if name is not None and value is not None and name.text() == named[1] and value.text() != node.text():
                return number(code, value)
        return None
    if re.fullmatch(r"(?:std::|core::)?(?:usize|u64|u32|i64|isize)::(?:MAX|max_value\(\))", text):
        return 1 << 32 if "32" in text else 1 << 63
    if not re.fullmatch(r"[\d()*]+(?:<<\d+)?", text) or "()" in text:
        return None
    total = 1
    base, _, shift = text.partition("<<")
    for factor in base.strip("()").split("*"):
        if not factor.isdecimal():
            return None
        total *= int(factor)
    return total << int(shift or 0) if int(shift or 0) < 64 else None


def value_of(code: RustFile, name: Node) -> Node | None:
    """The value of the last `let` of a name before its use in its function, or of a constant of the file."""
    scope = enclosing(name, {"function_item"})
    found = None
    for let in scope.find_all(kind="let_declaration") if scope is not None else ():
        pattern = let.field("pattern")
        known = pattern is not None and pattern.text().removeprefix("mut ") == name.text()
        if known and code.bounds(let)[1] <= code.bounds(name)[0]:
            found = let.field("value")
    if found is None and name.text().isupper():
        items = [i for i in code.kind("const_item") if (f := i.field("name")) is not None and f.text() == name.text()]
        found = items[0].field("value") if items else None
    return found
