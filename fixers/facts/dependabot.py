"""Dependabot's file as it is there: which ecosystem is looked after in which folder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors import yaml
from fixers.model import Refused
from fixers.project import Project, matches

PATHS: Final = (".github/dependabot.yml", ".github/dependabot.yaml")
Part = tuple[str, str]
"""An ecosystem, and a folder that has a manifest of it ("" for the root)."""
_KIN: Final = {"uv": "pip", "poetry": "pip", "pipenv": "pip", "bun": "npm", "yarn": "npm", "pnpm": "npm"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `updates`."""

    index: int
    ecosystem: str
    folders: tuple[str, ...]
    data: dict[str, Any]


def entries(project: Project, path: str) -> tuple[Entry, ...]:
    """The entries of a file; raises Refused when it is none of the second version."""
    data = project.parsed(path, yaml.load)
    updates = data.get("updates") if isinstance(data, dict) else None
    if not isinstance(updates, list) or not updates or not all(isinstance(u, dict) for u in updates):
        raise Refused("updates is no list of entries")
    return tuple(Entry(n, str(u.get("package-ecosystem", "")), tuple(_folders(u)), u) for n, u in enumerate(updates))


def missing(text: str, known: Iterable[Entry], parts: Iterable[Part]) -> list[Part]:
    """Parts that no entry looks after: an ecosystem of which the file says nothing, not even in a comment, or a few
    folders beside most others of their ecosystem, which are listed one by one.
    """
    listed: dict[str, set[str]] = {}
    for entry in known:
        listed.setdefault(_kin(entry.ecosystem), set()).update(entry.folders)
    found = []
    for kin in sorted({_kin(name) for name, _ in parts}):
        own = sorted(part for part in parts if _kin(part[0]) == kin)
        folders = listed.get(kin)
        if folders is None:
            names = "|".join(re.escape(n) for n in {kin, *(name for name, _ in own)})
            found += [] if re.search(rf"#.*\b(?:{names})\b", text) else own
            continue
        globs = tuple(_glob(f) for f in folders)
        left = [part for part in own if not matches(f"{part[1] or '.'}/x", globs) and not _above(part[1], folders)]
        found += left if len(left) < len(own) - len(left) else []
    return found


def _above(folder: str, listed: Iterable[str]) -> bool:
    """Whether a folder is the root, or holds one that is listed: a workspace of which a member is named."""
    return not folder or any(f.startswith(folder + "/") for f in listed)


def _kin(ecosystem: str) -> str:
    return _KIN.get(ecosystem, ecosystem)


def _folders(update: dict[str, Any]) -> Iterable[str]:
    many = update.get("directories")
    for folder in many if isinstance(many, list) else [update.get("directory", "/")]:
        yield str(folder).strip("/")


def _glob(folder: str) -> str:
    return f"/{folder or '.'}/x" if folder != "**" else "**/x"
