"""Warnings of generated code hide the warnings of one's own."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors.source import Node, enclosing
from fixers.editors.splice import splice
from fixers.facts import rust
from fixers.facts.rust import RustFile
from fixers.model import Applicability, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BAD = 'pub mod chat {\n    include!(concat!(env!("OUT_DIR"), "/chat_capnp.rs"));\n}\n'
ALLOW = "#[allow(clippy::all, unused)]"


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    audit=("M14",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": f"{ALLOW}\n{BAD}"},
)
def check(project: Project) -> Iterator[Result]:
    """Generated code is compiled with every lint on.

    What build.rs writes cannot be mended by hand, and its warnings come with every build: people stop reading
    them, and `-D warnings` in CI breaks when the generator changes. Allow them on the module that includes it, and
    on nothing else.
    """
    allowed: list[Location] = []
    found = False
    for path, code in rust.shipped(project, (b'"OUT_DIR"',)):
        included = [m for n in code.kind("macro_invocation") if (m := _module(code, n)) is not None]
        modules = list({code.bounds(m): m for m in included}.values())
        bare = [m for m in modules if not _allows(code, m)]
        allowed += [Location(path, code.line(m)) for m in modules if m not in bare]
        bare = [m for m in bare if project.keep(path, code.line(m))]
        if not bare:
            continue
        found = True
        draft = project.draft()
        code.refuse_unreadable(draft, bare)
        draft.edit(path, splice, [code.insert_before(_first_line(m), ALLOW) for m in bare])
        names = ", ".join(f"`{(m.field('name') or m).text()}`" for m in bare)
        yield Finding(
            path,
            f"generated code is linted as if it were written: module {names}",
            code.line(bare[0]),
            anchor=names,
            locations=tuple(Location(path, code.line(m)) for m in bare),
            fixes=draft.fixes("Allow the warnings of generated code on its module"),
        )
    if allowed and not found:
        yield Pass("warnings of generated code are allowed on its modules", tuple(allowed[:5]))
    elif not found:
        yield NotApplicable("no module includes generated code")


def _module(code: RustFile, node: Node) -> Node | None:
    """The inline module whose items an `include!` of OUT_DIR makes; None for an include elsewhere or of a value."""
    name = node.field("macro")
    if name is None or name.text() not in ("include", "std::include") or '"OUT_DIR"' not in node.text():
        return None
    holder = node.parent()
    if holder is not None and holder.kind() == "expression_statement":
        holder = holder.parent()
    if holder is None or holder.kind() != "declaration_list" or code.is_test(node):
        return None
    module = holder.parent()
    return module if module is not None and module.kind() == "mod_item" else None


def _allows(code: RustFile, module: Node) -> bool:
    """Whether the module, one around it, or the crate says `allow` already."""
    around: Node | None = module
    while around is not None:
        before = around.prev()
        while before is not None and before.kind() in ("attribute_item", "line_comment", "block_comment"):
            if "allow(" in before.text() or "expect(" in before.text():
                return True
            before = before.prev()
        if any("allow(" in inner.text() for inner in _inner(around)):
            return True
        around = enclosing(around, {"mod_item"})
    return any("allow(" in n.text() for n in code.root.children() if n.kind() == "inner_attribute_item")


def _inner(module: Node) -> list[Node]:
    body = module.field("body")
    return [n for n in body.children() if n.kind() == "inner_attribute_item"] if body is not None else []


def _first_line(module: Node) -> Node:
    """The module, or its first attribute."""
    before = module.prev()
    while before is not None and before.kind() == "attribute_item":
        module, before = before, before.prev()
    return module
