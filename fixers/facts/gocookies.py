"""Which cookies of Go code are set on an answer, and which session stores say nothing about theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode, gomodules
from fixers.facts.gocode import Code
from fixers.project import Project

GORILLA: Final = "github.com/gorilla/sessions"
_GIN: Final = tuple(f"github.com/gin-contrib/sessions/{s}" for s in ("cookie", "memstore", "redis", "postgres", "gorm"))
STORES: Final = (b"NewCookieStore(", b"NewFilesystemStore(", b"NewRedisStore(", b".NewStore")
"""One of these is in a file that makes a session store."""
_SECURE_SINCE: Final = (1, 4)
"""Since this version a cookie store of gorilla/sessions sets Secure by itself."""


def bare_stores(project: Project, path: str, code: Code) -> Iterator[Node]:
    """Where session stores are made whose cookies get no options anywhere in the package."""
    version = re.search(
        rf"{GORILLA} v(\d+)\.(\d+)", project.text(f"{gomodules.module_of(project, path).folder}/go.mod".strip("/"))
    )
    old = version is None or (int(version[1]), int(version[2])) < _SECURE_SINCE
    stores = code.calls_of(GORILLA, "NewCookieStore|NewFilesystemStore") if old else []
    stores += [c for package in _GIN for c in code.calls_of(package, r"New(?:RedisStore|Store\w*)")]
    told = stores and any(b"Options.Secure" in project.read(p) for p in gocode.shipped(project))
    if stores and not told and not gocode.package_has(project, path, r"sessions\.Options\{|[sS]tore\w*\.Options\("):
        yield from stores


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
