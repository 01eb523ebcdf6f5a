"""How a Go function refuses to go on: by the error that it returns, or, where the program begins, by ending it."""

from __future__ import annotations

import re
from typing import Final

from fixers.facts import gocode
from fixers.facts.gocode import Code, Function
from fixers.model import Refused
from fixers.project import Project

_NIL: Final = re.compile(r"[*\[]|map\[|func\b|chan\b|interface\b|<-|any$|error$")
_ZERO: Final = {"string": '""', "bool": "false", **dict.fromkeys(("int", "int64", "uint", "uint16", "byte"), "0")}
_FATAL: Final = ("log", "github.com/sirupsen/logrus")


def results(function: Function) -> list[str]:
    """The types that a function returns."""
    text = gocode.text_of(function.node.field("result")).strip()
    inner = text[1:-1] if text.startswith("(") else text
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(inner + ","):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            parts.append(inner[start:at].strip())
            start = at + 1
    named = any(re.match(r"\w+\s+(?!\{)[\w*\[\]]", p) and not p.startswith(("func", "chan", "map")) for p in parts)
    return [p.split(None, 1)[-1] if named else p for p in parts if p]


def is_main(code: Code, function: Function) -> bool:
    """Whether the program begins with the function."""
    return code.package == "main" and function.name == "main" and not function.receiver


def refusal(project: Project, path: str, code: Code, function: Function, error: str = "err") -> tuple[str, str]:
    """The statement that gives up with an error, and the package that it needs, "" for none.

    Raises Refused for a function that cannot: it returns no error, or something whose zero is not to be seen.
    """
    if is_main(code, function):
        local = code.name_of(*_FATAL)
        own = gocode.package_has(project, path, r"(?m)^(?:(?:var|func)\s+|\t)log\b(?:\s*\(|[^\n(.:]*=)")
        if not local and (own or "log" in code.imports or re.search(r"\blog\s*(?:,[^=\n]*)?:?=", function.node.text())):
            raise Refused("log is the name of something else here")
        return f"{local or 'log'}.Fatal({error})", "" if local else "log"
    given = results(function)
    if not given or given[-1] != "error":
        raise Refused(f"{function.symbol or 'a function literal'} returns no error with which it could refuse")
    return "return " + ", ".join([*(_zero(project, path, function, t) for t in given[:-1]), error]), ""


def _zero(project: Project, path: str, function: Function, kind: str) -> str:
    if _NIL.match(kind):
        return "nil"
    if kind in _ZERO:
        return _ZERO[kind]
    if kind.isidentifier() and gocode.package_has(project, path, rf"(?m)^type {kind} struct\b|^\t{kind} struct \{{"):
        return kind + "{}"
    if re.search(rf"\breturn {re.escape(kind)}\{{\}},", function.node.text()):
        return kind + "{}"
    if re.search(r"\breturn nil,", function.node.text()) and len(results(function)) == 2:
        return "nil"
    raise Refused(f"what {function.symbol} returns with an error is not to be seen ({kind})")
