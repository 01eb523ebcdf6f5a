"""Which wrappers of Go handlers ask for a login."""

from __future__ import annotations

import re
from typing import Final

from fixers.facts import gocode
from fixers.facts.gocode import Code

AUTH: Final = re.compile(
    r"auth(?!or)|protect|access|restrict|permission|role|require|guard|logged|session|jwt|bearer|admin|api_?key", re.I
)
_LOGS: Final = re.compile(r"access_?log|logg(?:ing|er)|metric|trace", re.I)


def asks(code: Code, wrapper: str) -> bool:
    """Whether a wrapper asks for a login: by its name, or by what a local of that name was given in any branch."""
    if not wrapper.isidentifier() or _named(wrapper):
        return _named(wrapper)
    for made in code.source.kind("short_var_declaration", "assignment_statement", "var_spec"):
        value = made.field("right") or made.field("value")
        if value is None or gocode.text_of(made.field("left") or made.field("name")) != wrapper:
            continue
        inner = value.find(kind="func_literal")
        names = [gocode.called(c) for c in inner.find_all(kind="call_expression")] if inner else [value.text()]
        if any(_named(n.rpartition(".")[2]) for n in names):
            return True
    return False


def _named(name: str) -> bool:
    return AUTH.search(name) is not None and _LOGS.search(name) is None
