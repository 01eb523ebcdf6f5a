"""Git, without touching the user's work: a private git dir, a branch of our own, one commit per fix.

`open_repository` gives a Repository; its `reader()` is what a Project reads, its `start()` opens the Run that
commits. The work tree, the index, HEAD, the stash, the config and every ref but our own branch are never
written, and nothing of the repository is executed. Which calls go through GitPython: see `private`.
"""

from __future__ import annotations

from fixers.vcs.commit_reader import CommitReader
from fixers.vcs.errors import Busy, Moved, NeedsOthers, NotARepository, RepositoryError
from fixers.vcs.history import Commit, done
from fixers.vcs.message import commit_message, trailers
from fixers.vcs.repository import Repository, open_repository
from fixers.vcs.run import Run
from fixers.vcs.state import Record
from fixers.vcs.undo import UndoResult
from fixers.vcs.worktree import FolderReader

__all__ = [
    "Busy",
    "Commit",
    "CommitReader",
    "FolderReader",
    "Moved",
    "NeedsOthers",
    "NotARepository",
    "Record",
    "Repository",
    "RepositoryError",
    "Run",
    "UndoResult",
    "commit_message",
    "done",
    "open_repository",
    "trailers",
]
