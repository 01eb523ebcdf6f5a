"""What is left over when parts of a Go function are taken out: locals nobody reads, imports nobody names."""

from __future__ import annotations

import itertools
import re

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.model import Refused

_LOCK = re.compile(r"([\w.]+)\.R?Lock\(\)")


def leftovers(code: Code, function: Node, removed: list[Node]) -> list[Edit]:
    """The edits that take away locals and imports that only the removed parts used.

    Raises Refused for a local that is declared together with others or in the head of a statement.
    """
    gone = list(removed)
    edits: list[Edit] = []
    while True:
        found = _unused(code, function, gone)
        if found is None:
            break
        edits += [golang.remove_lines(code.source, n) for n in found]
        gone += found
    edits += _blank_line(code, function, gone[len(removed) :])
    for local, path in code.imports.items():
        uses = [n for n in code.source.kind("identifier", "package_identifier") if n.text() == local and _is_use(n)]
        if uses and all(_within(code, n, gone) for n in uses):
            edits += golang.drop_import(code.source, path)
    return edits


def _blank_line(code: Code, function: Node, gone: list[Node]) -> list[Edit]:
    """The empty line that would begin a body whose first statements are gone."""
    body = function.field("body")
    block = body.find(kind="statement_list") if body is not None else None
    first = [n for n in block.children() if n.is_named()] if block is not None else []
    lead = list(itertools.takewhile(lambda n: _within(code, n, gone), first))
    if not lead or len(lead) == len(first):
        return []
    end = code.text.find("\n", code.source.bounds(lead[-1])[1]) + 1
    empty = re.compile(r"[ \t\r]*\n").match(code.text, end)
    return [code.source.replace_between(end, empty.end())] if empty else []


def _is_use(node: Node) -> bool:
    return not any(a.kind() in ("import_declaration", "package_clause") for a in node.ancestors())


def _within(code: Code, node: Node, parts: list[Node]) -> bool:
    start, end = code.source.bounds(node)
    return any(s <= start and end <= e for s, e in (code.source.bounds(p) for p in parts))


def _unused(code: Code, function: Node, gone: list[Node]) -> list[Node] | None:
    """The statements of the next local that is only read in what is gone, None when there is none."""
    names = {n.text() for part in gone for n in part.find_all(kind="identifier")}
    for statement in function.find_all(kind="short_var_declaration"):
        declared = statement.field("left")
        left = set(re.findall(r"\w+", gocode.text_of(declared))) - {"_"}
        if not left & names or declared is None or _within(code, statement, gone):
            continue
        others = [n for n in function.find_all(kind="identifier") if not _within(code, n, [*gone, declared])]
        idle = (left & names) - {n.text() for n in others}
        if not idle:
            continue
        parent = statement.parent()
        if len(left) > 1 or parent is None or parent.kind() != "statement_list":
            raise Refused(f"{', '.join(sorted(idle))} would be left without a reader")
        return [statement, *_critical_section(statement)]
    return None


def _critical_section(statement: Node) -> list[Node]:
    """The lock and unlock around a statement that was all they guarded."""
    before, after = statement.prev(), statement.next()
    while before is not None and not before.is_named():
        before = before.prev()
    while after is not None and not after.is_named():
        after = after.next()
    if before is None or after is None:
        return []
    lock = _LOCK.fullmatch(before.text())
    pair = lock and re.fullmatch(rf"{re.escape(lock[1])}\.R?Unlock\(\)", after.text())
    return [before, after] if pair else []
