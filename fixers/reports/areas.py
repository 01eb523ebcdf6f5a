"""Readiness by area: the same figures on the screen, in the reports and in the summary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fixers.model import Finding, Pass


@dataclass(frozen=True, slots=True)
class Area:
    """How many checks of an area pass, how many findings were fixed, and how many are open."""

    name: str
    passed: int = 0
    fixed: int = 0
    open: int = 0

    @property
    def good(self) -> int:
        """What is in order."""
        return self.passed + self.fixed

    @property
    def whole(self) -> int:
        """All that was looked at."""
        return self.good + self.open


def areas(still: Iterable[Finding], passes: Iterable[Pass], fixed: Iterable[Finding] = ()) -> list[Area]:
    """The areas, most open first. A rule that passes since its finding was fixed is counted as fixed only."""
    mended = list(fixed)
    rules = {f.rule for f in mended}
    counted: dict[str, list[int]] = {}
    for column, names in (
        (0, [p.rule for p in passes if p.rule not in rules]),
        (1, [f.rule for f in mended]),
        (2, [f.rule for f in still]),
    ):
        for name in names:
            counted.setdefault(name.partition("/")[0], [0, 0, 0])[column] += 1
    return sorted((Area(name, *counts) for name, counts in counted.items()), key=lambda a: (-a.open, a.name))


def all_of(found: Iterable[Area]) -> Area:
    """The sum of them."""
    parts = list(found)
    return Area("all", sum(a.passed for a in parts), sum(a.fixed for a in parts), sum(a.open for a in parts))
