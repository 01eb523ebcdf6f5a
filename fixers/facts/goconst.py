"""What an integer expression of Go is worth, as far as a reader of one package can tell."""

from __future__ import annotations

import ast
import re

from fixers.facts.gocode import siblings
from fixers.model import Location
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


def places(project: Project, path: str, text: str) -> tuple[Location, ...]:
    """Where the package declares the constants (or variables) that an expression names."""
    found = []
    for name in dict.fromkeys(re.findall(r"\b[A-Za-z_]\w*\b", text)):
        for other in siblings(project, path):
            if name.encode() in project.read(other) and (match := _declared(name).search(project.text(other))):
                found.append(Location(other, project.text(other).count("\n", 0, match.start(1)) + 1, note=name))
    return tuple(found)


def _declared(name: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:const\s+|var\s+)?{re.escape(name)}(?:\s+\w+)?\s*=\s*([^/\n]+?)\s*(?://.*)?$", re.M)


def constant(project: Project, path: str, name: str) -> str | None:
    """The text of a package constant's (or variable's) value, None when it is not there or not on one line."""
    wanted = _declared(name)
    for other in siblings(project, path):
        if name.encode() in project.read(other) and (match := wanted.search(project.text(other))):
            return match[1]
    return None


def queues(project: Project, path: str) -> tuple[int, tuple[Location, ...]]:
    """The depth of the deepest buffered channels of the package and where they are made; 0 when there are none."""
    found: dict[int, list[Location]] = {}
    for other in siblings(project, path):
        text = project.text(other)
        for made in re.finditer(r"make\(chan [^,)\n]+,\s*([^)\n]+)\)", text):
            size = number(project, other, made[1]) or 0
            found.setdefault(size, []).append(Location(other, text.count("\n", 0, made.start()) + 1, note=made[0]))
    most = max(found, default=0)
    return most, tuple(found.get(most, ()))
