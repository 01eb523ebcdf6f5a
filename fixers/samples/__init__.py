"""Small repositories of our own, with every audited fault and the traps beside it: for the demo and the tests."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from fixers.model import Refused

DEFAULT: Final = "chat_rust"
_RENAMED: Final = "dot_"
"""Names that git or packagers would swallow are stored as dot_gitignore, dot_env, ..."""


def names() -> tuple[str, ...]:
    """The samples there are."""
    here = resources.files("fixers.samples")
    return tuple(sorted(p.name for p in here.iterdir() if p.is_dir() and not p.name.startswith("_")))


def files(name: str) -> dict[str, bytes]:
    """A sample's tree by its real names. Raises Refused when there is no such sample."""
    if name not in names():
        raise Refused(f"there is no sample {name}; there are: {', '.join(names())}")
    return dict(_walked(resources.files("fixers.samples") / name, ""))


def _walked(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name in ("__pycache__", "target", "node_modules"):
            continue
        name = prefix + ("." + entry.name.removeprefix(_RENAMED) if entry.name.startswith(_RENAMED) else entry.name)
        if entry.is_dir():
            found += _walked(entry, name + "/")
        else:
            found.append((name, entry.read_bytes()))
    return found


def create(name: str, folder: Path) -> Path:
    """Make the sample as a git repository with one commit below the folder; returns its root."""
    from fixers.vcs.demo import new_repository

    return new_repository(folder / name, files(name))
