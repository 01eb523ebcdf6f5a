"""What an expression is when nobody says otherwise: a parameter's default, an option's, a name's only value."""

from __future__ import annotations

import ast

from fixers.facts.python import Module, text_of
from fixers.facts.python_scopes import Function, Scope


def default_of(node: ast.expr, module: Module, scope: Scope) -> ast.expr:
    """The expression that `node` stands for by default, or the node itself when that cannot be seen."""
    if isinstance(node, ast.Name):
        function = scope.function
        default = _of_parameter(function, node.id) if function else None
        return default or _assigned(node.id, scope) or node
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _of_option(module, node.attr) or node
    return node


def _of_parameter(function: Function, name: str) -> ast.expr | None:
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    defaults = dict(zip([a.arg for a in plain][len(plain) - len(given.defaults) :], given.defaults, strict=True))
    named = {a.arg: d for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is not None}
    return (defaults | named).get(name)


def _assigned(name: str, scope: Scope) -> ast.expr | None:
    bound = scope.names.get(name, ())
    return bound[0].value if len(bound) == 1 and isinstance(bound[0].value, ast.Constant) else None


def _of_option(module: Module, attribute: str) -> ast.expr | None:
    """The default of `parser.add_argument("--host", default=...)` for `args.host`."""
    for call in module.calls:
        if call.method in ("add_argument", "option") and any(
            (text_of(a) or "").lstrip("-").replace("-", "_") == attribute for a in call.node.args
        ):
            return call.keyword("default")
    return None
