"""Which part of a tree a build really compiles: a build that stops elsewhere says nothing about a fix here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fixers.text import safe_text
from fixers.verify.output import objects


@dataclass(frozen=True, slots=True)
class Reach:
    """Folders (relative to the root) that were compiled, and for those that were not, why."""

    compiled: frozenset[str] = frozenset()
    blocked: tuple[tuple[str, str], ...] = ()


def of_cargo(output: str, root: Path) -> Reach:
    """Crates with an artifact and no error, read off `--message-format=json`."""
    good: set[str] = set()
    bad: dict[str, str] = {}
    for data in objects(output):
        folder = _relative(str(data.get("manifest_path", "")), root)
        if folder is None:
            continue
        if data.get("reason") == "compiler-artifact":
            good.add(folder)
        message = data.get("message")
        if isinstance(message, dict) and message.get("level") == "error":
            bad.setdefault(folder, str(message.get("message", "")))
    return Reach(frozenset(good - bad.keys()), tuple(sorted(bad.items())))


def of_go(listing: str, root: Path) -> tuple[Reach, tuple[str, ...], bool]:
    """From `go list -e -json`: the reach, the packages that load, and whether that is all of them."""
    good: dict[str, str] = {}
    bad: dict[str, str] = {}
    for data in _concatenated(listing):
        folder = _relative(str(data.get("Dir", "")) + "/go.mod", root)
        if folder is None:
            continue
        if data.get("Incomplete") or data.get("Error"):
            deps = data.get("DepsErrors")
            errors = [data.get("Error"), *(deps if isinstance(deps, list) else [])]
            said = next((str(e["Err"]) for e in errors if isinstance(e, dict) and e.get("Err")), "it does not load")
            bad[folder] = said
        else:
            good[folder] = str(data.get("ImportPath", ""))
    return Reach(frozenset(good), tuple(sorted(bad.items()))), tuple(sorted(good.values())), not bad


def unreached(path: str, reach: Reach, unit: str) -> str:
    """Why the build says nothing about a file of the unit (a crate's or a package's folder); empty when it does."""
    if unit in reach.compiled:
        return ""
    blocked = dict(reach.blocked)
    if unit in blocked:
        return f"{path} was not compiled before the fix either: {safe_text(blocked[unit], limit=160)}"
    if not reach.compiled:
        first = next(iter(blocked.values()), "the build stops before it compiles anything")
        return f"{path} was not compiled: {safe_text(first, limit=160)}"
    return f"{path} is in no part of the tree that the build compiles"


def _concatenated(text: str) -> Iterator[dict[str, object]]:
    decoder = json.JSONDecoder()
    at = text.find("{")
    while 0 <= at < len(text):
        try:
            data, end = decoder.raw_decode(text, at)
        except ValueError:
            return
        if isinstance(data, dict):
            yield data
        at = text.find("{", end)


def _relative(manifest: str, root: Path) -> str | None:
    try:
        folder = Path(manifest).parent.relative_to(root).as_posix()
    except ValueError:
        return None
    return "" if folder == "." else folder
