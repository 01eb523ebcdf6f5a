"""What the project's own compiler said of the tree, once a build has run: a fact that the session records.

A scan runs nothing, so without a build there is none. What was said is about the tree as it was built; a place is
found again in the tree as it is by the text of its lines.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixers.project import Project


@dataclass(frozen=True, slots=True)
class Swap:
    """A piece of text to replace: 1-based lines and columns, in characters, the end not included."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One warning: its lint, the lines it points at, and the compiler's own mend where it is sure of one.

    `first` and `lines` are the lines that it and its mend touch, as they were. `alone` says that these lines stood
    only there. `everywhere` is False when only some of the builds of the file said it (with its tests, without them).
    """

    path: str
    lint: str
    message: str
    places: tuple[int, ...]
    first: int
    lines: tuple[str, ...]
    swaps: tuple[Swap, ...] = ()
    alone: bool = True
    everywhere: bool = True


def compiler(project: Project) -> tuple[Diagnostic, ...] | None:
    """The warnings of cargo's baseline build; None until a session has recorded them."""
    del project
    return None


def moved(project: Project, found: Diagnostic) -> int | None:
    """By how many lines a diagnostic's place has moved since the build; None when it is not there any more."""
    lines = split(project.text(found.path))
    count = len(found.lines)
    if tuple(lines[found.first - 1 : found.first - 1 + count]) == found.lines:
        return 0
    if not found.alone:
        return None
    at = [n for n in range(len(lines) - count + 1) if tuple(lines[n : n + count]) == found.lines]
    return at[0] + 1 - found.first if len(at) == 1 else None


def split(text: str) -> list[str]:
    """The lines of a text without their ends."""
    return [line.removesuffix("\r") for line in text.split("\n")]
