"""The production guard of a Go program: a secret that has a default in the source is refused right after it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.draft import Draft
from fixers.editors import golang
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit, splice
from fixers.facts import gocode, gomodules, gorefuse, goscaffold
from fixers.facts.gocode import Code, Function
from fixers.model import Refused
from fixers.project import Project

SETTING: Final = "PRODUCTION"
_FLAG: Final = re.compile(r"(p?flag)\.String(?:P|Var|VarP)?")
_HOLDERS: Final = ("keyed_element", "short_var_declaration", "assignment_statement", "var_spec", "return_statement")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret can be looked at: the file, the statement to do it after (or before), function and expression."""

    path: str
    code: Code
    after: Node
    function: Function
    value: str
    before: bool = False


def name_of(literal: Node) -> str:
    """The variable or flag whose default a literal is, "" for a literal that is no default."""
    call = enclosing(literal, ("call_expression", "block", "literal_value"))
    given = gocode.arguments(call) if call is not None and call.kind() == "call_expression" else []
    found = [m[1] for a in given if a != literal for m in [re.search(r'"([\w.-]+)"', a.text())] if m]
    return found[0] if found else ""


def is_guarded(project: Project, literal: Node) -> bool:
    """Whether some code of the tree refuses this default already."""
    name = name_of(literal)
    asked = f'heckSecret("{name}", '.encode()
    return bool(name) and any(asked in project.read(p) for p in gocode.shipped(project))


def guard(project: Project, path: str, code: Code, literals: list[Node]) -> Draft:
    """A draft that adds CheckSecret to the package of a file and asks it about each default right after it is read."""
    draft = project.draft()
    try:
        edits: dict[str, list[Edit]] = {}
        packages: dict[str, tuple[Code, set[str]]] = {}
        check = "checkSecret" if code.package == "main" else "CheckSecret"
        for literal in literals:
            place = _place(project, path, code, literal)
            refuses, package = gorefuse.refusal(project, place.path, place.code, place.function)
            own = gocode.folder(place.path) == gocode.folder(path)
            called = check if own else f"{place.code.name_of(_import_path(project, path))}.{check}"
            given = f'"{name_of(literal)}", {place.value}, {literal.text()}'
            lines = f"if err := {called}({given}); err != nil {{\n    {refuses}\n}}"
            insert = place.code.source.insert_before if place.before else place.code.source.insert_after
            edits.setdefault(place.path, []).append(insert(place.after, lines))
            packages.setdefault(place.path, (place.code, set()))[1].update({package} - {""})
        for file, (its, needed) in packages.items():
            draft.edit(file, splice, [*_merged(edits[file]), *golang.add_imports(its.source, *needed)])
    except Refused as refused:
        draft.refuse(str(refused))
    if not goscaffold.has(project, path, "production"):
        words = {"CheckSecret": "checkSecret"} if code.package == "main" else {}
        comment = "1 refuses secrets that are empty or have the default of the source."
        goscaffold.add(project, draft, path, code, "production", {SETTING: ""}, comment, words=words)
    return draft


def _merged(edits: list[Edit]) -> list[Edit]:
    """Insertions at one place as one edit, in their order."""
    found: dict[tuple[int, int], Edit] = {}
    for edit in edits:
        known = found.get((edit.start, edit.end))
        found[edit.start, edit.end] = Edit(edit.start, edit.end, known.new + edit.new) if known else edit
    return list(found.values())


def _place(project: Project, path: str, code: Code, literal: Node) -> Place:
    """Where to look at the secret that a literal is the default of. Raises Refused where that is not to be seen."""
    call = enclosing(literal, ("call_expression",))
    if not name_of(literal) or call is None:
        raise Refused("the secret stands in the code itself: read it from the environment first")
    if code.source.has_error_near(literal):
        raise Refused("the code near the place could not be read")
    flag = _FLAG.fullmatch(gocode.called(call))
    if "Default" in gocode.called(call):
        raise Refused("where the setting is read is not to be seen")
    if flag and "Var" in gocode.called(call):
        return _parsed(project, path, code, call, flag[1], gocode.arguments(call)[0].text().removeprefix("&"))
    fields, holder = _holder(call)
    if flag and holder is not None and not fields:
        return _parsed(project, path, code, holder, flag[1], "*" + _left(holder))
    around = code.around(call)
    if holder is None or flag or (not around and holder.kind() != "var_spec"):
        raise Refused("what becomes of the secret is not to be seen")
    wrap = "string({})" if "[]byte(" in holder.text().partition(call.text())[0] else "{}"
    if not around:
        return _begun(project, path, wrap.format(_left(holder)))
    if holder.kind() == "return_statement":
        return _caller(project, path, code, around[0], fields)
    value, after = wrap.format(".".join([_left(holder), *fields])), gocode.statement(holder)
    whole = after is not None and (after == holder or after.kind() == "var_declaration")
    if after is None or not whole or not re.fullmatch(r"[\w.()]+", value):
        raise Refused("what becomes of the secret is not to be seen")
    if gorefuse.is_main(code, around[0]) or gorefuse.results(around[0])[-1:] == ["error"]:
        return Place(path, code, after, around[0], value)
    if fields and re.search(rf"\breturn &?{_left(holder)}$", around[0].node.text(), re.M):
        return _caller(project, path, code, around[0], fields)
    raise Refused(f"{around[0].symbol} returns no error with which it could refuse")


def _holder(node: Node) -> tuple[list[str], Node | None]:
    """The fields that lead to a value from what holds it, and the statement that does."""
    fields: list[str] = []
    holder = enclosing(node, (*_HOLDERS, "block"))
    while holder is not None and holder.kind() == "keyed_element":
        fields.insert(0, gocode.text_of(holder.child(0)))
        holder = enclosing(holder, (*_HOLDERS, "block", "argument_list"))
    return fields, holder if holder is not None and holder.kind() in _HOLDERS else None


def _left(holder: Node) -> str:
    return gocode.text_of(holder.field("name") if holder.kind() == "var_spec" else holder.field("left"))


def _parsed(project: Project, path: str, code: Code, node: Node, package: str, value: str) -> Place:
    """After the flags of the program are parsed, in the same function, or in main for a variable of the package."""
    around = code.around(node)
    function = around[0] if around else next((f for f in code.functions if gorefuse.is_main(code, f)), None)
    parses = code.calls(rf"{package}\.Parse", function.node) if function is not None else []
    after = gocode.statement(parses[0]) if len(parses) == 1 else None
    if function is None or after is None:
        raise Refused("where the flags are parsed is not to be seen")
    return Place(path, code, after, function, value)


def _begun(project: Project, path: str, value: str) -> Place:
    """Before the first statement of the program, for a variable of its own package."""
    for other in gocode.siblings(project, path):
        code = gocode.code(project, other) if b"func main()" in project.read(other) else None
        for function in code.functions if code is not None else ():
            block = function.body.find(kind="statement_list") if function.body is not None else None
            first = next((n for n in block.children() if n.is_named()), None) if block is not None else None
            if code is not None and first is not None and gorefuse.is_main(code, function):
                return Place(other, code, first, function, value, before=True)
    raise Refused(f"{value} is given before the program begins: read it where an error can be returned")


def _caller(project: Project, path: str, code: Code, function: Function, fields: list[str]) -> Place:
    """After the only call of the function that reads the settings, and after the look at its error."""
    calls = list(_calls(project, path, code, function))
    if len(calls) != 1 or function.receiver or not function.name:
        raise Refused(f"{function.symbol or 'the function'} is called at {len(calls)} places")
    file, its, call = calls[0]
    holder, around = enclosing(call, ("short_var_declaration", "assignment_statement", "block")), its.around(call)
    after = gocode.statement(call)
    if holder is None or holder.kind() == "block" or after != holder or not around:
        raise Refused(f"what becomes of the answer of {function.name} is not to be seen")
    name, _, error = _left(holder).partition(", ")
    if error:
        following = [n for n in after.next_all() if n.is_named() and n.kind() != "comment"]
        if not following or not following[0].text().startswith(f"if {error} != nil"):
            raise Refused(f"the error of {function.name} is not looked at right away")
        after = following[0]
    return Place(file, its, after, around[0], ".".join([name, *fields]))


def _calls(project: Project, path: str, code: Code, function: Function) -> Iterator[tuple[str, Code, Node]]:
    wanted = _import_path(project, path)
    for other in gocode.shipped(project):
        own = gocode.folder(other) == gocode.folder(path)
        if function.name.encode() not in project.read(other) or not (own or wanted.encode() in project.read(other)):
            continue
        its = gocode.code(project, other)
        local = its.name_of(wanted) if its is not None else ""
        if its is not None and (own or local):
            name = function.name if own else rf"{local}\.{function.name}"
            yield from ((other, its, call) for call in its.calls(name))


def _import_path(project: Project, path: str) -> str:
    module, folder = gomodules.module_of(project, path), gocode.folder(path)
    inside = folder.removeprefix(module.folder).strip("/")
    return f"{module.path}/{inside}" if inside else module.path
