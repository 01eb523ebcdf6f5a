"""All rules, found by one door: the entry points of `readiness_fix.rules`, each a package that is walked."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Final

from fixers.model import Refused, Rule
from fixers.text import safe_text

GROUP: Final = "readiness_fix.rules"
BUILTIN: Final = "builtin"


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Every rule, ordered by id. Raises Refused when two have the same id."""
    found: dict[str, Rule] = {}
    for entry, package in _packages():
        for rule in walk(package):
            known = rule if entry == BUILTIN else replace(rule, id=f"{entry}/{rule.id}")
            if known.id in found:
                raise Refused(f"two rules are called {known.id}; uninstall one of the packages that bring it")
            found[known.id] = known
    return tuple(found[i] for i in sorted(found))


def _packages() -> Iterator[tuple[str, ModuleType]]:
    from importlib.metadata import entry_points

    yield BUILTIN, importlib.import_module("fixers.rules")
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        if entry.name != BUILTIN:
            try:
                yield entry.name, entry.load()
            except Exception as error:
                raise Refused(f"the rules of {entry.name} cannot be loaded: {type(error).__name__}: {error}") from error


def walk(package: ModuleType) -> Iterator[Rule]:
    """The rules of a package: of each module below it, the Rule that it calls `check`."""
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not info.ispkg:
            found = getattr(importlib.import_module(info.name), "check", None)
            if isinstance(found, Rule):
                yield found


def named(rule_id: str) -> Rule:
    """The rule of that id. Raises Refused with the nearest ids when there is none."""
    known = next((r for r in rules() if r.id == rule_id), None)
    if known is None:
        raise Refused(unknown(rule_id))
    return known


def unknown(name: str) -> str:
    """That no rule is called so, with the nearest ids."""
    import difflib

    near = difflib.get_close_matches(name[:100], [r.id for r in rules()], 3, 0.5)
    hint = f"; did you mean {', '.join(near)}?" if near else "; `readiness-fix rules` lists them all"
    return f"there is no rule {safe_text(name, limit=100)}{hint}"


def chosen(known: Iterable[Rule], select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """The rules whose id begins with a selected prefix and with no ignored one (`docker`, `ci/un`)."""
    select, ignore = tuple(select), tuple(ignore)
    return tuple(
        r
        for r in known
        if (not select or any(has_prefix(r.id, s) for s in select)) and not any(has_prefix(r.id, i) for i in ignore)
    )


def has_prefix(rule_id: str, prefix: str) -> bool:
    """Whether the prefix (trailing ``*`` and ``/`` allowed) names the rule."""
    return rule_id.startswith(prefix.rstrip("*"))
