"""Actions whose releases we know by commit: a table, each row the tag of the action's own repository."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_VERSION: Final = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Release:
    """A release of an action: `seen` is the public place of the tag."""

    action: str
    tag: str
    commit: str

    @property
    def seen(self) -> str:
        """Where the commit of the tag can be looked up."""
        return f"https://github.com/{self.action}/tree/{self.tag}"


@functools.cache
def _table() -> dict[str, dict[tuple[int, ...], Release]]:
    found: dict[str, dict[tuple[int, ...], Release]] = {}
    for line in files("fixers.facts").joinpath("actions.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            action, tag, commit = line.split("\t")
            numbers = tuple(int(n) for n in tag.removeprefix("v").split("."))
            found.setdefault(action.lower(), {})[numbers] = Release(action, tag, commit)
    return found


def release(action: str, ref: str = "") -> Release | None:
    """The newest known release that a ref stands for (`v4`: of that major; "": of all), or None.

    `action` may have a path behind the repository (`github/codeql-action/init`). A full version is taken
    as it is or not at all: another one would be a guess.
    """
    known = _table().get("/".join(action.lower().split("/")[:2]), {})
    if not ref:
        return known[max(known)] if known else None
    match = _VERSION.fullmatch(ref)
    if match is None:
        return None
    wanted = tuple(int(n) for n in match.groups() if n is not None)
    hits = [numbers for numbers in known if numbers[: len(wanted)] == wanted]
    return known[max(hits)] if hits else None


def pinned(action: str) -> str:
    """`action@commit # tag` of the newest release; raises KeyError for an action that is not in the table."""
    found = release(action)
    if found is None:
        raise KeyError(action)
    return f"{action}@{found.commit} # {found.tag}"
