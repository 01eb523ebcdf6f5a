"""Who calls a function of Go code: in its package by its name, elsewhere through an import of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code, Function
from fixers.project import Project


def of(project: Project, path: str, function: Function) -> Iterator[tuple[str, Code, Node]]:
    """Calls of a function that stands in a file; a method's only in its package, where its name says enough."""
    if not function.name:
        return
    home, name = gocode.folder(path), re.escape(function.name)
    far = bool(home) and function.name[:1].isupper() and not function.receiver
    for other in gocode.shipped(project) if far else gocode.siblings(project, path):
        near = gocode.folder(other) == home
        code = gocode.code(project, other) if f"{function.name}(".encode() in project.read(other) else None
        if code is None:
            continue
        local = "" if near else next((n for n, i in code.imports.items() if i.endswith("/" + home)), "")
        if near or local:
            yield from ((other, code, c) for c in code.calls(rf"(?:[\w.]+\.)?{name}" if near else rf"{local}\.{name}"))


def by_name(project: Project, name: str) -> Iterator[tuple[Code, Node]]:
    """Calls of a method of that name on whatever value: what implements an interface is called like this."""
    for path in gocode.shipped(project) if name else ():
        code = gocode.code(project, path) if f".{name}(".encode() in project.read(path) else None
        if code is not None:
            yield from ((code, c) for c in code.calls(rf"[\w.]+\.{re.escape(name)}"))
