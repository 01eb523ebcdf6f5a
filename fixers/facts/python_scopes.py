"""Scopes, names, calls and assignments of a Python file: the nouns of fixers.facts.python."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from fixers.editors.python import Span, span

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Binding:
    """One thing that a name is given: an origin that is known, or an expression to look at."""

    origin: str = ""
    value: ast.expr | None = None
    scope: Scope | None = None
    instance: bool = False
    function: Function | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class or function body with the names bound in it."""

    node: ast.AST
    parent: Scope | None = None
    names: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)

    @property
    def is_class(self) -> bool:
        """Whether its names are invisible to the functions inside."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def function(self) -> Function | None:
        """The function whose body it is, or None."""
        return self.node if isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef) else None

    @property
    def path(self) -> tuple[str, ...]:
        """Names of the classes and functions around, outermost first."""
        above = self.parent.path if self.parent else ()
        return (*above, self.node.name) if isinstance(self.node, ast.ClassDef | Function) else above

    def hides(self, name: str) -> bool:
        """Whether it, or a scope between it and the module, has a meaning of its own for the name."""
        return self.parent is not None and (name in self.names or self.parent.hides(name))

    def bind(self, name: str, binding: Binding) -> None:
        """Remember one more thing that the name may be."""
        self.names.setdefault(name, []).append(binding)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call: what is called, as far as it is known, and where."""

    node: ast.Call
    target: str
    scope: Scope

    @property
    def line(self) -> int:
        """The 1-based line on which it begins."""
        return self.node.lineno

    @property
    def span(self) -> Span:
        """Its place for the editor."""
        return span(self.node)

    @property
    def method(self) -> str:
        """The last name of what is called: `get` of `session.get`, also when the target is not known."""
        func = self.node.func
        return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""

    def keyword(self, name: str) -> ast.expr | None:
        """The value of a keyword argument."""
        return next((k.value for k in self.node.keywords if k.arg == name), None)

    def argument(self, index: int, name: str) -> ast.expr | None:
        """An argument given by position or by name."""
        plain = [a for a in self.node.args if not isinstance(a, ast.Starred)]
        if index < len(plain) == len(self.node.args):
            return plain[index]
        return self.keyword(name)

    @property
    def splats(self) -> bool:
        """Whether `*args` or `**kwargs` may bring arguments that cannot be seen."""
        return any(k.arg is None for k in self.node.keywords) or any(isinstance(a, ast.Starred) for a in self.node.args)

    @property
    def where(self) -> str:
        """The symbol around it, for anchors: `Class.method`, or `module`."""
        return ".".join(self.scope.path) or "module"


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """`target = value`: `DEBUG`, `flask.Flask().config[SECRET_KEY]`, `self.key`; `scope` is where it stands."""

    node: ast.Assign | ast.AnnAssign
    target: str
    value: ast.expr
    scope: Scope

    @property
    def line(self) -> int:
        """The 1-based line on which it begins."""
        return self.node.lineno

    @property
    def where(self) -> str:
        """The symbol around it and its target, for anchors."""
        return ".".join((*self.scope.path, self.target))


def is_none(node: ast.expr | None) -> bool:
    """Whether it is the constant None."""
    return isinstance(node, ast.Constant) and node.value is None


def parameters(function: Function) -> list[str]:
    """Names of the function's parameters, but for `*args` and `**kwargs`."""
    given = function.args
    return [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def last_name(node: ast.expr) -> str:
    """The name that says what it is: of a variable, an attribute, a key, or what is asked of a mapping."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name.replace("-", "_")
        case ast.Call(func=ast.Attribute(attr="get" | "getenv"), args=[ast.Constant(value=str(name)), *_]):
            return name.replace("-", "_")
        case ast.Call(func=func):
            return last_name(func)
    return ""


def text_parts(node: ast.expr) -> Iterator[ast.expr]:
    """What ends up in the text: the operands of `+` and `%`, the arguments of `.format()`, `str()` and `repr()`."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            yield from text_parts(left)
            yield from text_parts(right)
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from text_parts(part)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="format")):
            yield from node.args
            yield from (k.value for k in node.keywords)
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[inner]):
            yield inner
        case _:
            yield node


def evaluated_outside(node: ast.AST) -> list[ast.AST]:
    """Parts of a definition that belong to the scope around it: decorators, defaults, bases, annotations."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    return [node.args] if isinstance(node, ast.Lambda) else []


def plain_type(annotation: ast.expr | None) -> ast.expr | None:
    """The class that an annotation names, out of Optional, Annotated, `| None` and quotes."""
    match annotation:
        case ast.Name() | ast.Attribute():
            return annotation
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return plain_type(left)
        case ast.Subscript(
            value=ast.Name(id="Optional" | "Annotated") | ast.Attribute(attr="Optional" | "Annotated"), slice=inner
        ):
            return plain_type(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
    return None
