"""Globs that a backtracking matcher could spend hours on, walked in time linear in glob and path.

A configuration is written by whoever wrote the repository: `*a*a*a*a*b` on a path of 200 letters keeps a
regular expression busy for hours. Positions of the path are kept as the bits of one number instead, and
each part of the glob moves all of them at once.
"""

from __future__ import annotations

import functools
from typing import Final

LONG: Final = 255
"""Letters over which a path is walked for globs whose time grows with the square: no name on a disk is longer."""


def goes_back(glob: str) -> int:
    """How the time of a regular expression grows with the path: 1 in a line, 2 with the square, 3 worse."""
    rest, _, choice = glob.removesuffix("**").partition("{")
    choice, _, after = choice.partition("}")
    rest += after
    names = rest.replace("**/", "").split("/")
    if "**" in rest.replace("**/", "") or "{" in after or any(way.count("*") > 1 for way in choice.split(",")):
        return 3
    return min(3, max(1, rest.count("**/"), *((n + choice).count("*") for n in names)))


def fits(path: str, glob: str) -> bool:
    """Whether the whole path matches the glob, however it is written."""
    whole = "**/" + glob if "/" not in glob else glob
    return bool(_walked(_Path(path), whole, 1) >> len(path))


class _Path:
    """A path, and where in it each letter stands, as bits."""

    def __init__(self, path: str) -> None:
        self.size = len(path)
        self.at = functools.cache(lambda letter: sum(1 << n for n, c in enumerate(path) if c == letter))
        self.names = ((1 << self.size) - 1) & ~self.at("/")


def _walked(path: _Path, glob: str, places: int) -> int:
    """Where one can stand in the path after the glob, when one stands at `places` before it."""
    glob = glob.removeprefix("/")
    i = 0
    while i < len(glob) and places:
        if glob.startswith("**/", i):
            inside = places & path.names
            below = path.at("/") << 1 & -(inside & -inside) if inside else 0
            places, i = places | below, i + 3
        elif glob.startswith("**", i):
            places, i = -(places & -places) & ((2 << path.size) - 1), i + 2
        elif glob[i] == "*":  # a sum carries each place through the rest of its name
            places, i = places | (((places & path.names) + path.names) ^ path.names), i + 1
        elif glob[i] == "?":
            places, i = (places & path.names) << 1, i + 1
        elif glob[i] == "{" and "}" in glob[i:]:
            end = glob.index("}", i)
            ways = glob[i + 1 : end].split(",")
            places, i = functools.reduce(lambda found, way: found | _walked(path, "/" + way, places), ways, 0), end + 1
        else:
            places, i = (places & path.at(glob[i])) << 1, i + 1
    return places
