"""Items of a Rust file that come and go: a function beside the one that calls it, an import that nothing uses."""

from __future__ import annotations

import re

from fixers.editors.source import Node, Source
from fixers.editors.splice import Edit


def add_item(code: Source, near: Node, text: str) -> Edit:
    """The edit that puts an item after the one, of the file or of its module, that holds a place."""
    item = near
    for outer in near.ancestors():
        above = outer.parent()
        if outer.kind() in ("source_file", "declaration_list") and (
            above is None or above.kind() == "mod_item" or outer.kind() == "source_file"
        ):
            break
        item = outer
    return code.insert_after(item, "\n" + text.strip("\n"))


def free_name(code: Source, *names: str) -> str:
    """The first of the names that the file does not use; "" when it uses all of them."""
    return next((n for n in names if not re.search(rf"\b{n}\b", code.text)), "")


def drop_unused(code: Source, name: str, gone: int) -> list[Edit]:
    """Edits that take an imported name out of its `use`, when all its other uses, `gone` of them, are edited away."""
    if len(re.findall(rf"\b{name}\b", code.text)) != gone + 1:
        return []
    for use in code.kind("use_declaration"):
        leaf = next((n for n in use.find_all(kind="identifier") if n.text() == name), None)
        if leaf is None:
            continue
        holder = leaf.parent()
        if holder is None or holder.kind() != "use_list":
            end = code.bounds(use)[1]
            if holder is None or holder.kind() != "scoped_identifier" or holder.parent() != use:
                return []
            return [code.replace_between(code.bounds(use)[0], end + (code.text[end : end + 1] == "\n"))]
        others = [n for n in holder.named_children() if n != leaf]
        if len(others) == 1 and others[0].text() != "self":
            return [code.replace(holder, others[0].text())]
        start, end = code.bounds(leaf)
        after = re.compile(r"\s*,[ \t]*(?:\r?\n[ \t]*)?").match(code.text, end)
        if after is not None:
            return [code.replace_between(start, after.end() if code.text[after.end()] != "}" else end + 1)]
        before = re.compile(r",\s*$").search(code.text[:start])
        return [code.replace_between(before.start() if before else start, end)]
    return []


def statement(node: Node) -> Node | None:
    """The statement of a block that holds a place, when nothing but it decides whether the place runs."""
    inner = node
    for outer in node.ancestors():
        if outer.kind() == "block":
            return inner
        if outer.kind() in ("closure_expression", "match_arm", "source_file"):
            return None
        inner = outer
    return None
