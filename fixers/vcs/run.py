"""One run on one branch: changes become commits in the object store, then the branch moves, compared and swapped."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from fixers.model import EXECUTABLE, REGULAR, Change
from fixers.patch import Algorithm, blob_id
from fixers.text import quoted, safe_text
from fixers.vcs import history, settings
from fixers.vcs.errors import Moved, RepositoryError
from fixers.vcs.failpoint import failpoint
from fixers.vcs.files import is_symlink
from fixers.vcs.history import Commit
from fixers.vcs.private import PrivateGit
from fixers.vcs.refs import Refs
from fixers.vcs.state import Journal
from fixers.vcs.trees import Trees

IndexLine = tuple[str, str, str]
"""Mode (``0`` removes), blob and path, as `update-index --index-info` takes them."""


class Run:
    """A branch of ours while the lock is held. `tip` is the last commit that is on it, the base when there is none."""

    def __init__(
        self,
        git: PrivateGit,
        refs: Refs,
        journal: Journal,
        branch: str,
        base: str,
        tip: str,
        identity: Mapping[str, str],
        sign: Sequence[str] | None = None,
        hold: int = -1,
    ) -> None:
        self._git, self._refs, self._journal = git, refs, journal
        self.trees = Trees(git)
        self.branch, self.base, self.tip = branch, base, tip or base
        self._on_ref, self._in_index = tip, ""
        self._identity, self._sign = dict(identity), sign
        self._known: tuple[str, tuple[Commit, ...]] = ("", ())
        self._lock, self._hold = contextlib.ExitStack(), hold

    @property
    def ref(self) -> str:
        """The full name of the branch."""
        return f"refs/heads/{self.branch}"

    @property
    def continued(self) -> bool:
        """Whether the branch has commits from an earlier run (or from this one by now)."""
        return self.tip != self.base

    @property
    def commits(self) -> tuple[Commit, ...]:
        """What is on the branch since its base, oldest first."""
        if self._known[0] != self.tip:
            self._known = (self.tip, history.since(self._git, self.base, self.tip))
        return self._known[1]

    @property
    def done(self) -> Mapping[str, str]:
        """Ids of the findings that are mended on the branch, with their commits; read from the trailers."""
        return history.done(self.commits)

    # making commits

    def commit(self, changes: Sequence[Change], message: str) -> str:
        """Make one commit of the changes and move the branch to it; its name."""
        new = self.prepare(changes, message)
        self.publish(new)
        return new

    def prepare(self, changes: Sequence[Change], message: str, parent: str | None = None) -> str:
        """A commit on `parent` (the tip when None) that no ref names yet.

        Raises RepositoryError when a file is not what the change says it was, or nothing would differ.
        """
        onto = parent or self.tip
        with _said("the commit could not be written"):
            self.load(onto)
            return self.write([*self._index_lines(changes, onto)], onto, message)

    def load(self, commit: str) -> None:
        """Have our own index hold the tree of a commit."""
        if self._in_index != commit:
            self._in_index = ""
            self._git.make("read-tree", commit)
            self._in_index = commit

    def _index_lines(self, changes: Sequence[Change], onto: str) -> Iterator[IndexLine]:
        for change in sorted(changes, key=lambda c: c.after is not None):
            mode, oid = self.trees.side(onto, change.path)
            now = blob_id(change.before, self._algorithm) if change.before is not None else ""
            if oid != now:
                raise RepositoryError(f"{quoted(change.path)} is not what the fix was made for", "scan again")
            if change.after == change.before and mode == change.mode:
                continue
            if change.after is None:
                yield "0", "0" * len(oid), change.path
                continue
            regular = (REGULAR, EXECUTABLE)
            if mode and mode != change.mode and not (mode in regular and change.mode in regular):
                raise RepositoryError(f"{quoted(change.path)} is a link or a submodule")
            yield change.mode, self.blob(change.after), change.path

    def blob(self, data: bytes) -> str:
        """The name of the bytes, once they are in the object store."""
        failpoint("before-blob")
        oid = self._git.make("hash-object", "-w", "--stdin", "--no-filters", data=data).decode().strip()
        failpoint("after-blob")
        return oid

    def write(
        self, lines: Sequence[IndexLine], parent: str, message: str, author: Mapping[str, str] | None = None
    ) -> str:
        """The commit of the loaded tree with some lines replaced; the index stays loaded at it."""
        self._in_index = ""
        data = "".join(f"{mode} {oid}\t{path}\0" for mode, oid, path in lines).encode("utf-8", "surrogateescape")
        self._git.make("update-index", "-z", "--index-info", data=data)
        failpoint("after-index")
        lenient = ["--missing-ok"] if self._git.layout.partial else []
        tree = self._git.make("write-tree", *lenient).decode().strip()
        failpoint("after-tree")
        self._check_exact(parent, tree, {path for _, _, path in lines})
        env = {**self._identity, **(author or {})}
        signed = [] if self._sign is None else ["-S"]
        command = [*(self._sign or ()), "commit-tree", *signed, tree, "-p", parent, "-F", "-"]
        text = message.encode("utf-8", "surrogateescape")
        new = self._git.make(*command, data=text, env=env).decode().strip()
        failpoint("after-commit")
        self._in_index = new
        return new

    def _check_exact(self, parent: str, tree: str, wanted: set[str]) -> None:
        """The new tree differs in what was asked and nothing else.

        `update-index` passes over a path like ``.git/x`` and takes the file ``a`` away for ``a/b``, both silently.
        """
        if not wanted:
            raise RepositoryError("the fix changes nothing")
        differing = {step.path for step in self.trees.steps(parent, tree)}
        if odd := sorted(differing ^ wanted):
            raise RepositoryError(f"git cannot hold the fix: {quoted(odd[0])} is in the way or not allowed")

    # moving the branch

    def publish(self, new: str) -> None:
        """Move the branch to a prepared commit; the instant at which a fix counts as done.

        Raises Moved when somebody else moved the branch. A run that leaves no trace only remembers it.
        """
        with _said("the branch could not be moved"):
            if self._git.share:
                self._check_place()
                self._journal.note(self.branch, self.base, new)
                failpoint("before-publish")
                self._git.move_ref(self.ref, new, self._on_ref, "readiness-fix", hold=self._hold)
                failpoint("after-publish")
        self._on_ref = self.tip = new

    def delete(self) -> None:
        """Remove the branch, provided that it is where we left it."""
        with _said("the branch could not be removed"):
            if self._git.share and self._on_ref:
                self._check_place()
                self._git.move_ref(self.ref, "", self._on_ref, "readiness-fix", hold=self._hold)
                failpoint("after-delete")
                self._journal.note(self.branch, self.base, "")
        self._on_ref, self.tip = "", self.base

    def _check_place(self) -> None:
        """Look once more at what git is about to read and write: it may have changed since the start."""
        common = self._git.layout.common
        settings.load(common, self._git.layout.gitdir)
        if self._refs.read(self.ref) != (self._on_ref or None):
            raise Moved(
                f"the branch {safe_text(self.branch)} was moved by somebody else",
                f"git log {shlex.quote(safe_text(self.branch))}",
            )
        if where := self._refs.checked_out().get(self.ref):
            hint = "git switch to another branch, then try again"
            raise RepositoryError(f"the branch {safe_text(self.branch)} is checked out (in {safe_text(where)})", hint)
        log = common / "logs"
        for part in ("", *self.ref.split("/")):
            log = log / part
            if is_symlink(log):
                raise RepositoryError(f"{safe_text(str(log))} is a symbolic link")
        self._recover(common / f"{self.ref}.lock")

    def _recover(self, lock: Path) -> None:
        """Take away the lock of our own ref that a killed run left; ours, because the flock is ours."""
        try:
            first = lock.lstat()
            time.sleep(0.3)
            if (first.st_ino, first.st_mtime_ns) == (lock.lstat().st_ino, lock.lstat().st_mtime_ns):
                lock.unlink()
        except FileNotFoundError:
            return

    @property
    def _algorithm(self) -> Algorithm:
        return "sha256" if self._git.layout.algorithm == "sha256" else "sha1"

    def hold_until_closed(self, lock: contextlib.ExitStack) -> None:
        """Take over a lock that was taken before this Run was chosen."""
        self._lock = lock

    def close(self) -> None:
        """Let the lock go; the branch stays."""
        self.trees.close()
        self._lock.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def _said(what: str) -> Iterator[None]:
    """A failed system call as an error that a user can act on."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "free some space, then run again: what is committed stays" if full else ""
        raise RepositoryError(f"{what}: {error.strerror or os.strerror(error.errno or errno.EIO)}", hint) from error
