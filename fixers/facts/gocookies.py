"""Which cookie literals of Go code are set on an answer."""

from __future__ import annotations

import re

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.project import Project


def is_set(project: Project, path: str, code: Code, literal: Node, name: str, text: str) -> bool:
    """Whether the cookie is given to SetCookie: at once, by its name, or by who calls the function that returns it."""
    holder = next((gocode.called(n) for n in literal.ancestors() if n.kind() == "call_expression"), "")
    if holder.endswith("SetCookie"):
        return True
    if name and re.search(rf"SetCookie\([^;\n]*&?\b{re.escape(name)}\)", text):
        return True
    maker = code.symbol(literal).rpartition(".")[2]
    returned = any(n.kind() == "return_statement" for n in literal.ancestors())
    reader = re.match(r"get|read|parse|load|fetch", maker, re.I)
    return bool(
        returned
        and maker
        and not reader
        and gocode.package_has(project, path, r"SetCookie\(")
        and gocode.package_has(project, path, rf"(?:=|SetCookie\(\w+,)\s*(?:&|[\w.]+\.)?{maker}\(")
    )
