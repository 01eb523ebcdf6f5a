"""Which wrappers of Go handlers ask for a login, and which setting turns them on."""

from __future__ import annotations

import re
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code, Function
from fixers.project import Project

AUTH: Final = re.compile(
    r"auth(?!or)|protect|access|restrict|permission|role|require|guard|logged|session|jwt|bearer|admin|api_?key", re.I
)
_LOGS: Final = re.compile(r"access_?log|logg(?:ing|er)|metric|trace", re.I)


def asks(code: Code, wrapper: str) -> bool:
    """Whether a wrapper asks for a login: by its name, or by what a local of that name was given in any branch."""
    if not wrapper.isidentifier() or named(wrapper):
        return named(wrapper)
    for made in code.source.kind("short_var_declaration", "assignment_statement", "var_spec"):
        value = made.field("right") or made.field("value")
        if value is None or gocode.text_of(made.field("left") or made.field("name")) != wrapper:
            continue
        inner = value.find(kind="func_literal")
        names = [gocode.called(c) for c in inner.find_all(kind="call_expression")] if inner else [value.text()]
        if any(named(n.rpartition(".")[2]) for n in names):
            return True
    return False


def named(name: str) -> bool:
    """Whether a wrapper's own name says that it asks for a login."""
    return AUTH.search(name) is not None and _LOGS.search(name) is None


_CONDITION: Final = re.compile(
    r"(!?)((?:\w+\.)+(?:((?:[dD]isable|[nN]o|[sS]kip)Auth\w*)"
    r"|(\w*[aA]uth(?:entication|Enabled|On|Required|Active)?|(?:[eE]nable|[rR]equire|[uU]se)Auth\w*)"
    r"|\w*[aA]uth\w*\.(Enabled|Required|On)|\w*[aA]uth\w*( [!=]= nil)))"
)
"""A negative flag, a flag, a flag of a part that is about authentication, or such a part that may be missing."""


def switch(project: Project, path: str, code: Code, node: Node) -> str:
    """The expression that is true where the authentication is on, as it can be written before a node; "" for none.

    It is one that an `if` of the same package asks, of a receiver or parameter that the node's function has as well.
    """
    around = code.around(node)
    for other in gocode.siblings(project, path) if around else ():
        asking = gocode.code(project, other) if b"uth" in project.read(other) else None
        for branch in asking.source.kind("if_statement") if asking is not None else ():
            found = _CONDITION.fullmatch(gocode.text_of(branch.field("condition")))
            if asking is None or found is None or not asking.around(branch):
                continue
            flag = found[3] or found[4] or found[5]
            if flag and not re.search(rf"\b{flag}\s+bool\b", _declarations(project)):
                continue
            root, _, rest = found[2].partition(".")
            name = _same(asking.around(branch)[-1], root, around[-1])
            if name and found[6]:
                return f"{name}.{rest.partition(' ')[0]} != nil"
            if name:
                return f"{'!' if found[3] else ''}{name}.{rest}"
    return ""


def _same(there: Function, root: str, here: Function) -> str:
    """What a receiver or parameter of one function is called in another that has one of the same type."""
    receiver = gocode.text_of(there.node.field("receiver")).strip("() ").split()
    if len(receiver) == 2 and receiver[0] == root:
        own = gocode.text_of(here.node.field("receiver")).strip("() ").split()
        return own[0] if len(own) == 2 and own[1] == receiver[1] else ""
    kind = next((t for n, t in there.parameters if n == root), "")
    return here.named(kind) if kind else ""


def _declarations(project: Project) -> str:
    return project.fact(_flags)


def _flags(project: Project) -> str:
    """Every field and variable of the tree that is a bool, one on a line."""
    found = (re.findall(r"(?m)^[ \t]+\w+[ \t]+bool\b", project.text(p)) for p in gocode.shipped(project))
    return "\n".join(sorted({line for lines in found for line in lines}))


def guards(code: Code, router: str) -> bool:
    """Whether a router asks for a login itself: its routes may ask for more one by one."""
    name = re.escape(router)
    given = re.findall(rf"\b{name}\.Use\(([^\n]+)|\b{name}\s*:?=\s*[\w.]+\.(?:Group|With)\(([^\n]+)", code.text)
    return bool(router) and any(named(re.sub(r'"[^"]*"', "", a + b)) or "Must" in a + b for a, b in given)
