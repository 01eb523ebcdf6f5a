"""A sync.Map of sessions in Go code: what lies in it, and where a database is at hand when its owner is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.draft import Draft
from fixers.editors import golang
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit, splice
from fixers.facts import gocode, gomodules, gorefuse, goscaffold
from fixers.facts.gocode import Code, Function
from fixers.model import Refused
from fixers.project import Project

TABLE: Final = "sessionTable"
_PLAIN: Final = re.compile(r"string|bool|u?int(?:8|16|32|64)?|float64|time\.(?:Time|Duration)|\[\](?:string|byte)")
_NUMBERED: Final = ("github.com/lib/pq", "github.com/jackc/pgx")


def kept(project: Project, path: str, code: Code, field: Node) -> Draft:
    """A draft that keeps the sessions of a field in the database that the maker of its owner has."""
    draft = project.draft()
    try:
        owner = enclosing(field, ("type_spec",))
        name, kind = gocode.text_of(field.field("name")), field.field("type")
        if owner is None or kind is None or kind.text() != "sync.Map" or not name:
            raise Refused("only a sync.Map in a struct has methods that a table can have as well")
        struct = gocode.text_of(owner.field("name"))
        words = _value(project, path, struct, name)
        place, its, call, function = _made(project, path, struct)
        edits = {path: [code.source.replace(kind, TABLE)]}
        edits.setdefault(place, []).extend(_given(project, place, its, call, function, name))
        for file, changes in edits.items():
            draft.edit(file, splice, changes)
        if code.used("sync") == 1:
            draft.edit(path, _without_sync)
        numbered = any(gomodules.module_of(project, path).has(m) for m in _NUMBERED)
        words |= {"ARG1": "$1", "ARG2": "$2"} if numbered else {"ARG1": "?", "ARG2": "?"}
        goscaffold.add(project, draft, path, code, "sessiontable", {}, "", words=words)
    except Refused as refused:
        draft.refuse(str(refused))
    return draft


def _without_sync(data: bytes) -> bytes:
    """The file without its import of sync, which only the map needed."""
    code = Code(data)
    return splice(data, golang.drop_import(code.source, "sync"))


def _methods(project: Project, path: str, struct: str) -> Iterator[tuple[Function, str]]:
    """The methods of a struct with the name of their receiver."""
    for other in gocode.siblings(project, path):
        code = gocode.code(project, other)
        for function in code.functions if code is not None else ():
            receiver = gocode.text_of(function.node.field("receiver")).strip("() ").split()
            if function.receiver == struct and len(receiver) == 2:
                yield function, receiver[0]


def _value(project: Project, path: str, struct: str, field: str) -> dict[str, str]:
    """The words of the template for what is stored. Raises Refused for what a row cannot hold."""
    stored: set[tuple[str, str]] = set()
    for function, receiver in _methods(project, path, struct):
        text, place = function.node.text(), rf"\b{receiver}\.{field}\b"
        if len(re.findall(place, text)) != len(re.findall(place + r"\.(?:Store|Load|Delete|Range)\(", text)):
            raise Refused(f"{function.symbol} does more with {field} than a table can")
        for call in function.node.find_all(kind="call_expression"):
            if gocode.called(call) == f"{receiver}.{field}.Store":
                key, value = (a.text() for a in gocode.arguments(call))
                stored.add((key, value))
    if len(stored) != 1:
        raise Refused(f"what is stored in {field} is not to be seen at one place")
    key, value = stored.pop()
    if re.match(r"time\.(?:Now|Unix)\(", value):
        return {"VALUE": "time.Time", "PACKED": "s", "UNPACKED": "&s", "FRESH": "time.Time{}"}
    literal = re.match(r"(&?)(\w+)\{(.*)\}$", value, re.S)
    found = literal and re.search(
        rf"(?ms)^(?:type {literal[2]}|\t{literal[2]}) struct \{{\n(.*?)^\t?\}}", _text(project, path)
    )
    if literal is None or not found:
        raise Refused(f"what is stored in {field} is no struct of this package")
    own = re.search(rf"(\w+):\s*{re.escape(key)}\s*[,\n}}]", value)
    names = []
    for line in found[1].splitlines():
        match = re.fullmatch(r"\s*([\w, ]+?)\s+(\S+)(?:\s+`.*`)?", line.partition("//")[0].rstrip())
        if match and not _PLAIN.fullmatch(match[2]):
            raise Refused(f"{literal[2]} has a field that a row cannot hold: {match[1]} {match[2]}")
        names += [n.strip() for n in match[1].split(",")] if match else []
    names = [n for n in names if own is None or n != own[1]]
    return {
        "VALUE": ("*" if literal[1] else "") + literal[2],
        "PACKED": ", ".join(f"s.{n}" for n in names),
        "UNPACKED": ", ".join(f"&s.{n}" for n in names),
        "FRESH": f"{literal[1]}{literal[2]}{{{f'{own[1]}: sessionToken(token)' if own else ''}}}",
    }


def _text(project: Project, path: str) -> str:
    return "\n".join(project.text(p) for p in gocode.siblings(project, path))


def _made(project: Project, path: str, struct: str) -> tuple[str, Code, Node, Function]:
    """The call that makes the owner, in a function that has a database. Raises Refused when there is no such place."""
    makers = {
        f.name
        for other in gocode.siblings(project, path)
        for code in [gocode.code(project, other)]
        for f in (code.functions if code is not None else ())
        if f.name and not f.receiver and gorefuse.results(f) == [f"*{struct}"]
    }
    calls = []
    for other in gocode.siblings(project, path) if makers else ():
        code = gocode.code(project, other)
        for call in code.calls("|".join(sorted(makers))) if code is not None else ():
            if code is not None and code.around(call):
                calls.append((other, code, call, code.around(call)[0]))
    if len(calls) != 1 or not calls[0][3].named("*sql.DB"):
        raise Refused(f"no database is at hand where a {struct} is made: hand one on to it first")
    return calls[0]


def _given(project: Project, path: str, code: Code, call: Node, function: Function, field: str) -> list[Edit]:
    """The edits that give the table its database, right after its owner is made."""
    place = gocode.statement(call)
    refuses, package = gorefuse.refusal(project, path, code, function)
    if place is None or code.source.has_error_near(call):
        raise Refused("the code near the place could not be read")
    name = next((n for n in ("sessions", "logins", "") if not re.search(rf"\b{n}\b(?!:)", _locals(function))), "")
    if not name:
        raise Refused("every name for the sessions is taken")
    use = f"if err := {name}.{field}.use({function.named('*sql.DB')}); err != nil {{\n    {refuses}\n}}"
    lines = f"{name} := {call.text()}\n{use}"
    imports = golang.add_imports(code.source, *([package] if package else []))
    return [code.source.insert_before(place, lines), code.source.replace(call, name), *imports]


def _locals(function: Function) -> str:
    """The text of a function without what is selected from something else."""
    return re.sub(r"\.\w+", "", function.node.text())
