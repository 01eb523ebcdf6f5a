"""All rules, found by one door: the entry points of `readiness_fix.rules`, each a package that is walked."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Final

from fixers.model import Refused, Rule
from fixers.text import safe_text

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "readiness_fix.rules"
BUILTIN: Final = "builtin"
_NAME: Final = re.compile(r"(?!builtin$)[a-z][a-z0-9-]*")


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Every rule, ordered by id. Raises Refused when two have the same id."""
    found = {r.id: r for r in walk(importlib.import_module("fixers.rules"))}
    areas = {r.area for r in found.values()}
    for entry in _others():
        name = safe_text(entry.name, limit=60)
        if entry.name in areas or _NAME.fullmatch(entry.name) is None:
            raise Refused(f"a package brings rules as `{name}`: the name is taken, or no word of a-z, 0-9 and -")
        for rule in _plugged(entry):
            known = replace(rule, id=f"{entry.name}/{rule.id}")
            if known.id in found:
                raise Refused(f"two rules are called {known.id}; uninstall one of the packages that bring it")
            found[known.id] = known
    return tuple(found[i] for i in sorted(found))


def _others() -> Iterator[EntryPoint]:
    """The entries of installed packages but our own, by name."""
    from importlib.metadata import entry_points

    ours = (BUILTIN, "fixers.rules")
    return iter(sorted((e for e in entry_points(group=GROUP) if (e.name, e.value) != ours), key=lambda e: e.name))


def _plugged(entry: EntryPoint) -> tuple[Rule, ...]:
    """The rules of another package. Raises Refused, whatever it does: without them a scan would say too little."""
    try:
        package = entry.load()
        rules = tuple(walk(package))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, too
        said = safe_text(f"{type(error).__name__}: {error}", limit=300)
        raise Refused(f"the rules of {entry.name} cannot be loaded: {said}; repair or uninstall the package") from error
    if not rules:
        raise Refused(f"the package of {entry.name} brings no rules; a rule is what a module below it calls `check`")
    return rules


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
