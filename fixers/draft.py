"""A fix in the making: edits to files of a Project, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from fixers import isolation
from fixers.model import EXECUTABLE, REGULAR, Applicability, Change, Fix, Refused

if TYPE_CHECKING:
    from fixers.project import Project

EDIT_LIMIT: Final = 1_000_000
"""Bytes over which a file is not edited (reliability.md)."""


class Draft:
    """Collects the changes of one fix; the first refusal makes the whole fix advice, with the reason."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._after: dict[str, bytes | None] = {}
        self._modes: dict[str, str] = {}
        self._relies: set[str] = set()
        self.refused = ""

    def read(self, path: str) -> bytes:
        """The file as the draft has it so far."""
        after = self._after.get(path)
        return after if after is not None else self._project.read(path)

    def edit(self, path: str, editor: Callable[..., bytes], *args: Any, **options: Any) -> None:
        """Run a pure editor over the file as the draft has it."""
        if self._project.is_generated(path):
            self.refuse(f"{path} is generated")
        self.follow(path, editor, *args, **options)

    def follow(self, path: str, editor: Callable[..., bytes], *args: Any, **options: Any) -> None:
        """The same for a file that a tool writes, with what the tool would write: a lock file after its manifest."""
        if self.refused:
            return
        entry = self._project.entry(path)
        if entry is not None and entry.mode not in (REGULAR, EXECUTABLE):
            self.refuse(f"{path} is a link or a submodule")
            return
        data = self.read(path)
        if len(data) > EDIT_LIMIT or (entry is not None and entry.size > EDIT_LIMIT):
            self.refuse(f"{path} is larger than {EDIT_LIMIT // 1_000_000} MB")
            return
        try:
            self._after[path] = isolation.call(editor, data, *args, **options)
        except Refused as refused:
            self.refuse(f"{path}: {refused}")

    def create(self, path: str, text: str | bytes, *, mode: str = REGULAR) -> None:
        """A new file; refused when something of that name is there."""
        if self._project.exists(path) or path in self._after:
            self.refuse(f"{path} exists")
            return
        self._after[path] = text.encode() if isinstance(text, str) else text
        self._modes[path] = mode

    def remove(self, path: str) -> None:
        """Take a tracked file out of the index."""
        self._after[path] = None

    def rely(self, path: str) -> None:
        """The fix uses what a file has without changing it: it depends on whatever fix made that file."""
        self._relies.add(path)

    def refuse(self, reason: str) -> None:
        """Give the fix up, with the first reason that came."""
        self.refused = self.refused or reason

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes so far, ordered by path; none when something refused or nothing differs."""
        if self.refused:
            return ()
        made = []
        for path, after in sorted(self._after.items()):
            known = self._project.entry(path) is not None
            before = self._project.read(path) if known else None
            if before != after:
                made.append(Change(path, before, after, self._modes.get(path) or self._project.mode(path)))
        return tuple(made)

    def fixes(
        self,
        title: str,
        applicability: Applicability | None = None,
        reason: str = "",
        *,
        individually: bool = False,
        name: str = "default",
    ) -> tuple[Fix, ...]:
        """The draft as a tuple of one Fix; when it was refused, a MANUAL one without changes that says why."""
        changes = self.changes
        if changes:
            relies = tuple(sorted(self._relies))
            return (Fix(title, changes, applicability, reason, individually, name, relies),)
        why = self.refused or "there is nothing to change"
        return (Fix(title, (), Applicability.MANUAL, why, individually, name),)
