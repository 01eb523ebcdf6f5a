"""Import lines of a Python file: added at their place, removed when nothing uses them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from typing import Final

from fixers.editors.splice import Edit, insert_lines, line_start, splice
from fixers.model import Refused

_SAYS_KEEP: Final = re.compile(rb"#.*(?:noqa|pylint|type:\s*ignore|isort)")


def present(tree: ast.Module) -> set[tuple[str, str]]:
    """What the top level imports under its own name: (module, "") and (module, name)."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {(a.name, "") if not a.asname else (a.name, f" as {a.asname}") for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {(module, a.name if not a.asname else f"{a.name} as {a.asname}") for a in node.names}
    return found


def added(data: bytes, tree: ast.Module, wanted: Iterable[tuple[str, str]]) -> list[Edit]:
    """Insertions of import lines: in their section (standard library first), in alphabetical order there."""
    return [_added(data, tree, module, name) for module, name in wanted]


def _added(data: bytes, tree: ast.Module, module: str, name: str) -> Edit:
    line = f"from {module} import {name}\n" if name else f"import {module}\n"
    block = _block(tree)
    future = [n for n in block if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    imports = [n for n in block if n not in future]
    standard = _is_standard(module)
    section = [n for n in imports if _is_standard(_module(n)) == standard]
    before = [n for n in section if _key(n) < (bool(name), module.lower())]
    if before:
        return _after(data, before[-1], line)
    if section:
        return _before(data, section[0], line)
    if imports and standard:
        return _before(data, imports[0], line + "\n")
    if imports:
        return _after(data, imports[-1], "\n" + line)
    lead = tree.body[0] if tree.body else None
    is_docstring = (
        isinstance(lead, ast.Expr) and isinstance(lead.value, ast.Constant) and isinstance(lead.value.value, str)
    )
    if future or (is_docstring and lead):
        anchor = future[-1] if future else lead
        assert anchor is not None
        return _after(data, anchor, "\n" + line)
    if lead is None:
        return insert_lines(data, data.count(b"\n") + 2, line.encode())
    return _before(data, lead, line + "\n")


def _block(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """The imports that open the file, up to the first statement that is something else."""
    found: list[ast.Import | ast.ImportFrom] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif not isinstance(node, ast.Expr) and not _is_dunder(node):
            break
    return found


def _is_dunder(node: ast.stmt) -> bool:
    """`__all__ = [...]` and its like, which may stand among the imports."""
    return isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) and t.id.startswith("__") for t in node.targets)


def _module(node: ast.Import | ast.ImportFrom) -> str:
    return node.names[0].name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _key(node: ast.Import | ast.ImportFrom) -> tuple[bool, str]:
    return isinstance(node, ast.ImportFrom), _module(node).lower()


def _after(data: bytes, node: ast.stmt, text: str) -> Edit:
    return insert_lines(data, (node.end_lineno or node.lineno) + 1, text.encode())


def _before(data: bytes, node: ast.stmt, text: str) -> Edit:
    return insert_lines(data, node.lineno, text.encode())


def dropped(data: bytes, tree: ast.Module, unwanted: Iterable[tuple[str, str]]) -> bytes:
    """The file without those imports, as far as nothing uses them and no comment asks to keep them."""
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    exported = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    edits = []
    for module, name in unwanted:
        bound = name or module.partition(".")[0]
        if bound in used or bound in exported:
            continue
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom) and _brings(node, module, name):
                edits.append(_without(data, node, name or module))
    return splice(data, edits)


def _brings(node: ast.Import | ast.ImportFrom, module: str, name: str) -> bool:
    if isinstance(node, ast.Import):
        return not name and any(a.name == module and not a.asname for a in node.names)
    return bool(name) and _module(node) == module and any(a.name == name and not a.asname for a in node.names)


def _without(data: bytes, node: ast.Import | ast.ImportFrom, name: str) -> Edit:
    start = line_start(data, node.lineno)
    end = line_start(data, (node.end_lineno or node.lineno) + 1)
    lines = data[start:end]
    whole = lines[node.col_offset :].split(b"\n")[-2 if lines.endswith(b"\n") else -1]
    if _SAYS_KEEP.search(lines) or b";" in lines or node.col_offset:
        raise Refused("the import that is left over shares its line")
    if len(node.names) == 1:
        return Edit(start, end, b"")
    pattern = re.compile(rb"(?<![\w.])" + re.escape(name.encode()) + rb"(?![\w.])[ \t]*(?:,[ \t]*|(?=[)\r\n#]|$))")
    found = list(pattern.finditer(lines, lines.find(b"import")))
    if len(found) != 1 or b"#" in whole:
        raise Refused("the import that is left over cannot be taken out of its line")
    left, right = found[0].span()
    if not found[0].group().rstrip().endswith(b","):
        left = len(lines[:left].rstrip(b" \t\r\n,"))
    return Edit(start + left, start + right, b"")
