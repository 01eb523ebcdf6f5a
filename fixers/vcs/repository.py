"""A repository as the session sees it: what it is, its files, and branches of our own on it."""

from __future__ import annotations

import contextlib
import datetime
import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from fixers.text import safe_text
from fixers.vcs import executable, history, undo
from fixers.vcs.commit_reader import CommitReader
from fixers.vcs.errors import Moved, RepositoryError
from fixers.vcs.identity import identity, signing
from fixers.vcs.layout import Layout, locate
from fixers.vcs.private import PrivateGit
from fixers.vcs.refs import Refs, is_valid
from fixers.vcs.run import Run
from fixers.vcs.settings import remotes, truth
from fixers.vcs.state import Journal, Record, folder_for, locked, temporary_for
from fixers.vcs.undo import UndoResult

PREFIXES: Final = ("readiness/", "readiness-fix/", "readiness-")
"""How our branches are named: the first that no other ref stands in the way of."""
_COPY_LIMIT: Final = 2_000_000_000
"""Bytes of a commit over which no copy is made to build it."""


def open_repository(path: str | Path, *, state_home: Path | None = None, write: bool = True) -> Repository:
    """The repository that `path` is in. Without `write` nothing is written there or in the state folder.

    Raises NotARepository, or RepositoryError with what to do. Close it, or use it as a context manager.
    """
    try:
        layout = locate(Path(path))
    except FileNotFoundError:  # a relative path, and the current folder has been removed
        raise RepositoryError(f"{safe_text(str(path))}: the current folder is gone", "cd to one that exists") from None
    binary = executable.find(layout.root)
    folder = folder_for(layout, state_home) if write else temporary_for(layout)
    return Repository(layout, PrivateGit(folder, layout, binary, share=write), folder)


class Repository:
    """One opened repository. `root` is the work tree (or the git dir when bare)."""

    def __init__(self, layout: Layout, git: PrivateGit, state_dir: Path) -> None:
        self._layout, self._git, self.state_dir = layout, git, state_dir
        self._refs = Refs(layout.gitdir, layout.common)
        self._journal = Journal(state_dir)
        self._readers: list[CommitReader] = []
        head = self._refs.head()
        self.root, self.bare, self.algorithm = layout.root, layout.bare, layout.algorithm
        self.head, self.head_branch = head.commit, head.branch
        self.name = safe_text(layout.root.name.removesuffix(".git")) or "repository"
        self.remotes = remotes(layout.settings)
        self.notes = (*([] if head.ref else ["HEAD is detached"]), *layout.notes())

    @property
    def remote(self) -> str:
        """The remote that one would push to: origin, else the only one; empty when there is none."""
        urls = [k for k in self._layout.settings if k.startswith("remote.") and k.endswith(".url")]
        names = sorted(k.removeprefix("remote.").removesuffix(".url") for k in urls)
        return "origin" if "origin" in names else names[0] if len(names) == 1 else ""

    def why_no_commit(self) -> str:
        """Why fixes cannot be committed here, with the command that helps; "" when they can."""
        try:
            self._check_commit()
        except RepositoryError as error:
            return f"{error}; run: {error.hint}" if error.hint else str(error)
        return ""

    def _check_commit(self) -> None:
        if self.head is None:
            raise RepositoryError("there is no commit yet to start from", 'git add -A && git commit -m "Start"')
        writable = all(os.access(p, os.W_OK) for p in (self._layout.objects, self._layout.common / "refs" / "heads"))
        if self._git.share and not writable:
            raise RepositoryError(f"{safe_text(str(self._layout.common))} cannot be written to")
        identity(self._git)

    def commit_notes(self, *, sign: bool = False) -> tuple[str, ...]:
        """What a user may expect of a commit here that ours does not do, to be said once."""
        found = []
        hooks = self._layout.common / "hooks"
        names = sorted(p.name for p in hooks.iterdir() if p.suffix != ".sample") if hooks.is_dir() else []
        if names or "core.hookspath" in self._layout.settings:
            found.append("the hooks of this repository are not run: they would be code of the repository")
        signs = "commit.gpgsign"
        if not sign and (truth(self._layout.settings, signs) or truth(self._git.global_settings(), signs)):
            found.append("commits are not signed, although commit.gpgsign is set; --sign signs them with your key")
        return tuple(found)

    def reader(self, commit: str | None = None) -> CommitReader:
        """The files of a commit, of HEAD when None; no files when there is no commit yet."""
        made = CommitReader(self._git, self._refs, commit or self.head)
        self._readers.append(made)
        return made

    # our branches

    def resumable(self, branch: str | None = None) -> Record | None:
        """The branch that `start` would continue, if there is one.

        Without a name: the latest of our own dated branches that starts at the commit HEAD is on, is where
        we left it and is not checked out. As soon as HEAD moves, a new branch is begun.
        """
        for record in reversed(self._journal.records().values()):
            tip = self._refs.read(f"refs/heads/{record.branch}")
            if tip is None:
                continue
            if record.branch == branch:
                return record
            dated = record.branch.startswith(PREFIXES) and record.base == self.head and tip in record.tips
            if branch is None and dated and f"refs/heads/{record.branch}" not in self._refs.checked_out():
                return record
        return None

    def tip(self, branch: str) -> str | None:
        """The commit that a branch is on."""
        return self._refs.read(f"refs/heads/{branch}")

    def commits(self, base: str, tip: str) -> tuple[history.Commit, ...]:
        """What stands between two commits, oldest first; `fixers.vcs.done` reads the findings off them."""
        return history.since(self._git, base, tip)

    def author(self) -> tuple[str, str]:
        """Name and mail of a commit's author. Raises RepositoryError with the commands when there are none."""
        who = identity(self._git)
        return who["GIT_AUTHOR_NAME"], who["GIT_AUTHOR_EMAIL"]

    def signer(self) -> tuple[str, str]:
        """Name and mail of who commits, for a sign-off. Raises RepositoryError as `author` does."""
        who = identity(self._git)
        return who["GIT_COMMITTER_NAME"], who["GIT_COMMITTER_EMAIL"]

    def start(
        self,
        branch: str | None = None,
        *,
        run_date: datetime.date | None = None,
        sign: bool = False,
        again: bool = True,
    ) -> Run:
        """Take the lock, choose the branch and open a Run on it.

        A name of ours continues that branch, an unknown free name begins it, any other is refused. Without a
        name the branch of `resumable` is continued (not with `again=False`), or ``readiness/YYYY-MM-DD[-n]``
        is begun at HEAD. Raises Busy when another run is at work.
        """
        self._check_commit()
        name = branch.removeprefix("refs/heads/") if branch else None
        day = run_date or datetime.datetime.now(datetime.UTC).date()
        with contextlib.ExitStack() as stack:
            hold = self._lock(stack)
            record = self.resumable(name) if again or name else None
            if record is None:
                chosen, base, tip = self._new_name(name, day), self.head or "", ""
            else:
                chosen, base, tip = record.branch, record.base, self.tip(record.branch) or ""
                self._check_grown(chosen, base, tip)
            run = self._run(chosen, base, tip, hold, signing(self._git) if sign else None)
            run.hold_until_closed(stack.pop_all())
            return run

    def _run(self, branch: str, base: str, tip: str, hold: int, sign: list[str] | None = None) -> Run:
        return Run(self._git, self._refs, self._journal, branch, base, tip, identity(self._git), sign, hold)

    def _lock(self, stack: contextlib.ExitStack) -> int:
        if not self._git.share:
            return -1
        hold = stack.enter_context(locked(self.state_dir))
        self._git.sweep()
        return hold

    def _new_name(self, name: str | None, day: datetime.date) -> str:
        if name is not None:
            ref, shown = f"refs/heads/{name}", safe_text(name)
            if not is_valid(ref) or name.startswith("-") or name == "HEAD":
                raise RepositoryError(f"{shown} is not a name for a branch", "git check-ref-format --branch NAME")
            if self._refs.read(ref):
                raise RepositoryError(f"the branch {shown} exists and is not ours", "choose another name with --branch")
            if other := self._refs.blocked_by(ref):
                raise RepositoryError(f"{safe_text(other)} stands in the way of the branch {shown}", "choose another")
            return name
        for prefix in PREFIXES:
            for number in range(1, 1000):
                free = f"{prefix}{day.isoformat()}" + (f"-{number}" if number > 1 else "")
                blocker = self._refs.blocked_by(f"refs/heads/{free}")
                if not blocker and not self._refs.read(f"refs/heads/{free}"):
                    return free
                if blocker and not blocker.startswith(f"refs/heads/{free}/"):
                    break
        raise RepositoryError("no name is free for a branch", "choose one with --branch")

    def _check_grown(self, branch: str, base: str, tip: str) -> None:
        try:
            common = self._git.read("merge-base", base, tip).decode().strip()
        except RepositoryError:
            common = ""
        if common != base:
            raise Moved(f"the branch {safe_text(branch)} no longer starts where it did", "choose another with --branch")

    # taking back

    def undo(self, ids: Sequence[str], branch: str | None = None, *, with_dependents: bool = False) -> UndoResult:
        """Take the fixes of some findings back from our branch that has them; see `fixers.vcs.undo.undo`."""
        with self._continued(branch, ids) as run:
            return undo.undo(self._git, self._refs, run, ids, with_dependents=with_dependents)

    def undo_all(self, branch: str | None = None, *, force: bool = False) -> UndoResult:
        """Remove our latest branch, or the one named. Raises Moved, unless `force`, when it is not as we left it."""
        with self._continued(branch, ()) as run:
            record = self._journal.records()[run.branch]
            shown = safe_text(run.branch)
            if run.tip not in record.tips and not force:
                raise Moved(f"the branch {shown} has commits that are not ours", f"git branch -D {shlex.quote(shown)}")
            taken = run.commits
            run.delete()
            return UndoResult(run.branch, taken, run.base, removed=True)

    def dependents_of(self, finding: str, branch: str | None = None) -> tuple[str, ...]:
        """Ids of the fixes on our branch that need the one of this finding."""
        with self._continued(branch, (finding,)) as run:
            targets = undo.chosen(run.commits, (finding,), run.branch)
            return tuple(c.finding for c in undo.dependents(run.commits, targets))

    def branches(self) -> tuple[Record, ...]:
        """Branches that we made and that are still there, the latest first."""
        return tuple(r for r in reversed(self._journal.records().values()) if self.tip(r.branch))

    def _continued(self, branch: str | None, ids: Sequence[str]) -> Run:
        """A Run on the named branch of ours, or the latest that has one of the findings."""
        with contextlib.ExitStack() as stack:
            hold = self._lock(stack)
            known = [r for r in self.branches() if branch is None or r.branch == branch]
            if not known:
                what = safe_text(branch) if branch else "no branch"
                raise RepositoryError(f"{what} of this repository was made here", "git branch --list 'readiness*'")
            runs = [self._run(r.branch, r.base, self.tip(r.branch) or "", hold) for r in known]
            has = (run for run in runs if any(f.startswith(i) for i in ids if len(i) >= 4 for f in run.done))
            run = next(has, runs[0])
            self._check_grown(run.branch, run.base, run.tip)
            run.hold_until_closed(stack.pop_all())
            return run

    # a copy to build in

    def verify_copy(self, commit: str) -> Path:
        """A folder of our own with the files of a commit; what a build left in it stays for the next."""
        entries = self.reader(commit).entries()
        if sum(max(e.size, 0) for e in entries.values()) > _COPY_LIMIT:
            raise RepositoryError(f"the files are more than {_COPY_LIMIT // 10**9} GB; no copy is made to build them")
        folder = self.state_dir / "verify"
        folder.mkdir(mode=0o700, exist_ok=True)
        index = self._git.dir / "verify.index"
        env = {"GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(index)}
        self._git.make("read-tree", "-u", "--reset", commit, env=env)
        return folder

    def remove_verify_copy(self) -> None:
        """Give the space back."""
        shutil.rmtree(self.state_dir / "verify", ignore_errors=True)
        (self._git.dir / "verify.index").unlink(missing_ok=True)

    def close(self) -> None:
        """End the children and remove what is temporary."""
        for reader in self._readers:
            reader.close()
        self._readers.clear()
        self._git.close()

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
