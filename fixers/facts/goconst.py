"""What an integer expression of Go is worth, as far as a reader of one package can tell."""

from __future__ import annotations

import ast
import re

from fixers.facts.gocode import siblings
from fixers.project import Project


def number(project: Project, path: str, text: str) -> int | None:
    """The value of an integer expression of literals and of constants of the file's package; None when unknown."""
    if not re.fullmatch(r"[\w\s()*+<-]{1,80}", text):
        return None
    try:
        return _value(project, path, ast.parse(text.strip(), mode="eval").body, 4)
    except (SyntaxError, ValueError):
        return None


def _value(project: Project, path: str, node: ast.expr, depth: int) -> int | None:
    """Go's integer expressions are Python's, as far as this goes: the tree is read, never run."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name) and depth:
        known = constant(project, path, node.id)
        tree = ast.parse(known, mode="eval").body if known and len(known) < 80 else None
        return _value(project, path, tree, depth - 1) if tree is not None else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        return _value(project, path, node.args[0], depth) if re.fullmatch(r"u?int\d*", node.func.id) else None
    if isinstance(node, ast.BinOp):
        left, right = _value(project, path, node.left, depth), _value(project, path, node.right, depth)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.LShift):
            return left << right if 0 <= right < 63 else None
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Add | ast.Sub):
            return left + right if isinstance(node.op, ast.Add) else left - right
    return None


def constant(project: Project, path: str, name: str) -> str | None:
    """The text of a package constant's (or variable's) value, None when it is not there or not on one line."""
    wanted = re.compile(rf"^\s*(?:const\s+|var\s+)?{re.escape(name)}(?:\s+\w+)?\s*=\s*([^/\n]+?)\s*(?://.*)?$", re.M)
    for other in siblings(project, path):
        if name.encode() in project.read(other) and (match := wanted.search(project.text(other))):
            return match[1]
    return None
