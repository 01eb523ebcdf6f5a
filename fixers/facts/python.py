"""What a Python file says: its names resolved to where they come from, its calls and assignments.

`requests.get`, `from requests import get as fetch`, `s = requests.Session(); s.get` and
`self.http = requests.Session()` are one thing to a rule: a call whose `target` is known. An instance is
written as the call that makes it: `requests.Session().get`, `flask.Flask().run`. A name with two
different meanings in its scope has none here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from fixers.editors import python as editor
from fixers.facts.python_scopes import (
    Assignment,
    Binding,
    Call,
    Function,
    Scope,
    evaluated_outside,
    is_none,
    plain_type,
)
from fixers.model import Refused

SIZE_LIMIT: Final = 1_000_000
"""Bytes over which a file is not parsed (reliability.md)."""
_DEFINITIONS: Final = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda})
_BINDING: Final = frozenset(
    {
        ast.Import,
        ast.ImportFrom,
        ast.Assign,
        ast.AnnAssign,
        ast.NamedExpr,
        ast.withitem,
        ast.For,
        ast.AsyncFor,
        ast.comprehension,
        ast.AugAssign,
        ast.ExceptHandler,
        ast.Global,
        ast.Nonlocal,
    }
)
"""The kinds of node that `_bind` knows."""
_LEAVES: Final = frozenset({ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue})
_NOWHERE: Final[frozenset[int]] = frozenset()
_DEPTH: Final = 12
"""How many names a resolution follows; real code needs three or four."""


class Module:
    """One file, parsed, with its names resolved on demand."""

    def __init__(self, data: bytes) -> None:
        if len(data) > SIZE_LIMIT:
            raise Refused("larger than 1 MB")
        self.tree = editor.parse(data)
        self.quote = "'" if data.count(b"'") > 2 * data.count(b'"') else '"'
        self.parents: dict[ast.AST, ast.AST] = {}
        self.top = Scope(self.tree)
        self.scopes: dict[ast.AST, Scope] = {self.tree: self.top}
        self.stars: list[str] = []
        self._nodes: list[tuple[ast.AST, Scope]] = []
        self._known: dict[tuple[ast.AST, Scope], str] = {}
        self._collect()

    def _collect(self) -> None:
        """One pass over the tree, without recursion: scopes, parents, bindings."""
        nodes, parents = self._nodes, self.parents
        stack: list[tuple[ast.AST, Scope]] = [(self.tree, self.top)]
        while stack:
            item = stack.pop()
            node, scope = item
            kind = type(node)
            if kind in _LEAVES:
                nodes.append(item)
                continue
            if node is not self.tree:
                nodes.append(item)
            inner, outside = scope, _NOWHERE
            if kind in _DEFINITIONS:
                inner = self.scopes[node] = Scope(node, scope)
                self._bind_definition(node, scope, inner)
                outside = frozenset(id(n) for n in evaluated_outside(node))
            elif kind in _BINDING:
                self._bind(node, scope)
            at = len(stack)
            for field in node._fields:
                value = getattr(node, field, None)
                for child in value if type(value) is list else (value,):
                    if isinstance(child, ast.AST) and not isinstance(child, ast.expr_context):
                        parents[child] = node
                        stack.append((child, scope if id(child) in outside else inner))
            stack[at:] = stack[at:][::-1]

    def _bind_definition(self, node: ast.AST, scope: Scope, inner: Scope) -> None:
        if isinstance(node, ast.ClassDef):
            scope.bind(node.name, Binding(f":{node.name}"))
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope.bind(node.name, Binding(f":{node.name}", function=node, scope=inner))
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        arguments = node.args
        for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
            if arg is not None:
                inner.bind(arg.arg, Binding(value=plain_type(arg.annotation), scope=scope, instance=True))

    def _bind(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Import():
                for a in node.names:
                    scope.bind(
                        a.asname or a.name.partition(".")[0], Binding(a.name if a.asname else a.name.partition(".")[0])
                    )
            case ast.ImportFrom():
                module = "." * node.level + (node.module or "")
                for a in node.names:
                    if a.name == "*":
                        self.stars.append(module)
                    else:
                        dot = "" if module.endswith(".") else "."
                        scope.bind(a.asname or a.name, Binding(f"{module}{dot}{a.name}"))
            case ast.Assign():
                for target in node.targets:
                    self._bind_target(target, node.value, scope)
            case ast.AnnAssign(value=None):
                self._bind_target(node.target, plain_type(node.annotation), scope, instance=True)
            case ast.AnnAssign() | ast.NamedExpr():
                self._bind_target(node.target, node.value, scope)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._bind_target(target, node.context_expr, scope)
            case ast.For() | ast.AsyncFor() | ast.comprehension() | ast.AugAssign():
                self._bind_target(node.target, None, scope)
            case ast.ExceptHandler(name=str(name)):
                scope.bind(name, Binding())
            case ast.Global() | ast.Nonlocal():
                outer = self.top if isinstance(node, ast.Global) else scope.parent or self.top
                for name in node.names:
                    scope.names[name] = outer.names.setdefault(name, [])

    def _bind_target(self, target: ast.expr, value: ast.expr | None, scope: Scope, *, instance: bool = False) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._bind_target(part, None, scope)
        elif isinstance(target, ast.Starred):
            self._bind_target(target.value, None, scope)
        elif isinstance(target, ast.Name):
            scope.bind(target.id, Binding(value=value, scope=scope, instance=instance))
        elif (
            isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Name)
            and target.value.id in ("self", "cls")
        ):
            owner = scope
            while owner.parent and not owner.is_class:
                owner = owner.parent
            owner.attributes.setdefault(target.attr, []).append(Binding(value=value, scope=scope, instance=instance))

    # what things are

    def resolve(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> str:
        """Where an expression comes from (`requests.get`, `flask.Flask()`), or ""."""
        if node is None or depth > _DEPTH:
            return ""
        key = (node, scope)
        if key not in self._known:
            self._known[key] = ""
            self._known[key] = self._resolve(node, scope, depth + 1)
        return self._known[key]

    def _resolve(self, node: ast.expr, scope: Scope, depth: int) -> str:
        match node:
            case ast.Name():
                return self._common(self._bindings(node.id, scope), depth)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                owner: Scope | None = scope
                while owner and not owner.is_class:
                    owner = owner.parent
                found = [*owner.attributes.get(name, ()), *owner.names.get(name, ())] if owner else []
                return self._common(found, depth)
            case ast.Attribute():
                base = self.resolve(node.value, scope, depth)
                return f"{base}.{node.attr}" if base else ""
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                base = self.resolve(node.value, scope, depth)
                return f"{base}[{key}]" if base else ""
            case ast.Call():
                return self._made_by(node, scope, depth)
            case ast.Await() | ast.NamedExpr() | ast.Starred():
                return self.resolve(node.value, scope, depth)
            case ast.IfExp():
                one, two = (self.resolve(n, scope, depth) for n in (node.body, node.orelse))
                return one if one == two else ""
            case ast.BoolOp(op=ast.Or()):
                return self.resolve(node.values[-1], scope, depth)
        return ""

    def _made_by(self, node: ast.Call, scope: Scope, depth: int) -> str:
        if isinstance(node.func, ast.Name):
            bindings = self._bindings(node.func.id, scope)
            if len(bindings) == 1 and bindings[0].function and bindings[0].scope:
                return self._returned(bindings[0].function, bindings[0].scope, depth)
        made = self.resolve(node.func, scope, depth)
        return f"{made}()" if made else ""

    def _returned(self, function: Function, inner: Scope, depth: int) -> str:
        results = {self.resolve(value, inner, depth) for value in self._returns.get(inner, ()) if not is_none(value)}
        return results.pop() if len(results) == 1 else f":{function.name}()"

    @cached_property
    def _returns(self) -> dict[Scope, list[ast.expr | None]]:
        """What each function returns."""
        found: dict[Scope, list[ast.expr | None]] = {}
        for node, scope in self._nodes:
            if isinstance(node, ast.Return):
                found.setdefault(scope, []).append(node.value)
        return found

    def _bindings(self, name: str, scope: Scope) -> list[Binding]:
        at: Scope | None = scope
        while at is not None:
            if name in at.names and (at is scope or not at.is_class):
                return at.names[name]
            at = at.parent
        return []

    def _common(self, bindings: list[Binding], depth: int) -> str:
        """The one meaning that all bindings have; a None to start with does not count."""
        found = set()
        for binding in bindings:
            if binding.origin:
                found.add(binding.origin)
            elif not is_none(binding.value):
                made = self.resolve(binding.value, binding.scope or self.top, depth) if binding.value else ""
                found.add(f"{made}()" if made and binding.instance else made)
        return found.pop() if len(found) == 1 else ""

    # what there is

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call, in the order of the text."""
        return tuple(Call(n, self.resolve(n.func, s), s) for n, s in self._nodes if isinstance(n, ast.Call))

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Every `a = b` with one value, once per target."""
        return tuple(self._assignments())

    def _assignments(self) -> Iterator[Assignment]:
        for node, scope in self._nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    yield Assignment(node, self.target(target, scope), node.value, scope)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                yield Assignment(node, self.target(node.target, scope), node.value, scope)

    def target(self, node: ast.expr, scope: Scope) -> str:
        """What is assigned to, with its base resolved: `flask.Flask().config[DEBUG]`; "" when it has no name."""
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute):
            base = self.resolve(node.value, scope) or self.target(node.value, scope)
            return f"{base}.{node.attr}" if base else ""
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            base = self.resolve(node.value, scope) or self.target(node.value, scope)
            return f"{base}[{node.slice.value}]" if base else ""
        return ""

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[tuple[ast.AST, Scope]]:
        """Nodes of some kinds with their scopes, in the order of the text."""
        return ((n, s) for n, s in self._nodes if isinstance(n, kinds))

    @cached_property
    def imported(self) -> frozenset[str]:
        """Top-level names of the packages that are imported anywhere in the file."""
        found = set()
        for node, _ in self._nodes:
            if isinstance(node, ast.Import):
                found |= {a.name.partition(".")[0] for a in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
        return frozenset(found)

    @cached_property
    def from_imports(self) -> frozenset[tuple[str, str]]:
        """(module, name) of what the top level imports by `from module import name` and under that name alone."""
        single = {n: b[0].origin for n, b in self.top.names.items() if len(b) == 1}
        rows = [(n.module or "", a.name) for n in self.tree.body if isinstance(n, ast.ImportFrom) for a in n.names]
        return frozenset((m, n) for m, n in rows if single.get(n) == f"{m}.{n}")

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around, innermost first."""
        while (node := self.parents.get(node, self.tree)) is not self.tree:
            yield node

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The statement that a node belongs to."""
        return next((n for n in (node, *self.ancestors(node)) if isinstance(n, ast.stmt)), None)

    def in_main(self, node: ast.AST) -> bool:
        """Whether it only runs as a script, below `if __name__ == "__main__"`."""
        return any(isinstance(n, ast.If) and "__name__" in ast.dump(n.test) for n in self.ancestors(node))

    def is_free(self, name: str) -> bool:
        """Whether no scope of the file gives the name a meaning of its own."""
        return not any(name in scope.names for scope in self.scopes.values())

    def reference(
        self, module: str, name: str = "", at: Scope | None = None
    ) -> tuple[str, tuple[editor.PythonEdit, ...]]:
        """How to write `module` (or `module.name`) here, with the import that it takes.

        Raises Refused when the file uses the name for something else, in any scope or in those around `at`.
        """
        wanted = f"{module}.{name}" if name else module
        for origin in dict.fromkeys((wanted, module)):
            for local, bindings in self.top.names.items():
                free = self.is_free_below(local) if at is None else not at.hides(local)
                if {b.origin for b in bindings} == {origin} and free:
                    return local + wanted.removeprefix(origin), ()
        root = module.partition(".")[0]
        if not self.is_free(root):
            raise Refused(f"the file uses the name {root} for something else")
        return wanted, (editor.AddImport(module),)

    def environment(self, name: str, default: str | None = None) -> tuple[str, tuple[editor.PythonEdit, ...]]:
        """An expression that reads the environment (and fails without it when there is no default), and its import."""
        environ, imports = self.reference("os", "environ")
        quoted = f"{self.quote}{name}{self.quote}"
        if default is None:
            return f"{environ}[{quoted}]", imports
        return f"{environ}.get({quoted}, {self.quote}{default}{self.quote})", imports

    def is_free_below(self, name: str) -> bool:
        """Whether only the top level gives the name a meaning."""
        return not any(name in s.names for s in self.scopes.values() if s is not self.top)


def module(data: bytes) -> Module:
    """The parser for `project.parsed`; raises Refused for what is not Python 3."""
    try:
        return Module(data)
    except RecursionError:
        raise Refused("nested too deeply") from None


def text_of(node: ast.expr | None) -> str | None:
    """The value of a string literal, or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def is_constant(node: ast.expr | None, *values: object) -> bool:
    """Whether it is one of these constants, told apart by type (`0` is not `False`)."""
    return isinstance(node, ast.Constant) and any(
        node.value is v or (node.value == v and type(node.value) is type(v)) for v in values
    )
