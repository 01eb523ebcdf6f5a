"""What goes wrong with a repository, said with the next step."""

from __future__ import annotations

from fixers.model import Refused


class RepositoryError(Refused):
    """Something about the repository stops us; `hint` is what to do next, a command where there is one."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NotARepository(RepositoryError):
    """There is no git repository at or above the path; a scan can still read it as a folder."""


class Busy(RepositoryError):
    """Another run holds the lock."""


class Moved(RepositoryError):
    """The branch is not where our record says: somebody else moved it."""


class NeedsOthers(RepositoryError):
    """Fixes that depend on the one to undo; `ids` are theirs."""

    def __init__(self, message: str, hint: str, ids: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.ids = ids
