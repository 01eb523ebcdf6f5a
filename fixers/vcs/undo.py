"""Taking fixes back: without them when nobody has the branch yet, by a commit that reverts them otherwise."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fixers.model import EXECUTABLE, REGULAR
from fixers.text import quoted, safe_text
from fixers.vcs.errors import NeedsOthers, RepositoryError
from fixers.vcs.history import Commit, done
from fixers.vcs.private import PrivateGit
from fixers.vcs.refs import Refs
from fixers.vcs.run import IndexLine, Run
from fixers.vcs.trees import Side, Step


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What was taken back from which branch; `removed` when nothing was left of it, `reverted` when the
    branch had been pushed and so got commits that take the fixes back."""

    branch: str
    taken: tuple[Commit, ...]
    tip: str
    removed: bool = False
    reverted: bool = False

    def said(self) -> tuple[str, ...]:
        """What happened, a sentence a line."""
        how = "reverted" if self.reverted else "taken back"
        lines = tuple(f"{how}: {c.subject} ({c.finding or c.sha[:10]})" for c in self.taken)
        return (*lines, f"the branch {self.branch} is gone") if self.removed else lines


def chosen(commits: Sequence[Commit], ids: Sequence[str], branch: str) -> tuple[Commit, ...]:
    """The commits of the findings that the ids (or their first four digits or more) name."""
    standing = done(commits)
    ours = [c for c in commits if standing.get(c.finding) == c.sha]
    found = []
    for wanted in ids:
        hits = [c for c in ours if len(wanted) >= 4 and c.finding.startswith(wanted)]
        if len(hits) != 1:
            problem = "names more than one fix" if hits else "is not a fix"
            raise RepositoryError(
                f"{safe_text(wanted)} {problem} on {safe_text(branch)}", f"git log {shlex.quote(safe_text(branch))}"
            )
        found += hits
    return tuple(found)


def dependents(commits: Sequence[Commit], targets: Sequence[Commit]) -> tuple[Commit, ...]:
    """Later fixes that say they need one of the targets, and those that need these."""
    standing = done(commits)
    needed = {c.finding for c in targets}
    found = []
    for commit in commits:
        if standing.get(commit.finding) == commit.sha and commit.finding not in needed:
            wants = {word.split()[0] for word in commit.trailers.get("Readiness-Depends-On", ()) if word.split()}
            if wants & needed:
                needed.add(commit.finding)
                found.append(commit)
    return tuple(found)


def undo(git: PrivateGit, refs: Refs, run: Run, ids: Sequence[str], *, with_dependents: bool) -> UndoResult:
    """Take fixes back from the branch of a run.

    The tip is dropped, commits after an inner one are made again without it. Raises NeedsOthers when other
    fixes depend on it and may not go too; RepositoryError when a later commit changed the same lines.
    """
    commits = run.commits
    targets = chosen(commits, ids, run.branch)
    others = dependents(commits, targets)
    if others and not with_dependents:
        named = ", ".join(f"{c.finding} ({safe_text(c.subject, limit=60)})" for c in others)
        everyone = " ".join(c.finding for c in (*targets, *others))
        needed = f"other fixes depend on it: {named}"
        raise NeedsOthers(needed, f"readiness-fix undo {everyone}", tuple(c.finding for c in others))
    gone = {c.sha for c in (*targets, *others)}
    taken = tuple(c for c in commits if c.sha in gone)
    pushed = any(re.fullmatch(rf"refs/remotes/[^/]+/{re.escape(run.branch)}", ref) for ref in _remote_refs(refs))
    tip = _reverted(git, run, taken) if pushed else _replayed(git, run, commits, gone)
    if tip == run.base and not pushed:
        run.delete()
        return UndoResult(run.branch, taken, tip, removed=True)
    run.publish(tip)
    return UndoResult(run.branch, taken, tip, reverted=pushed)


def _remote_refs(refs: Refs) -> set[str]:
    folder = refs.common / "refs" / "remotes"
    loose = {str(p.relative_to(refs.common)) for p in folder.rglob("*") if p.is_file()} if folder.is_dir() else set()
    return loose | refs.packed().keys()


def _replayed(git: PrivateGit, run: Run, commits: Sequence[Commit], gone: set[str]) -> str:
    onto = run.base
    for commit in commits:
        if commit.sha in gone:
            continue
        if commit.parents == (onto,):
            onto = commit.sha
            continue
        if len(commit.parents) != 1:
            raise RepositoryError(
                f"{commit.sha[:12]} is a merge; it cannot be made again", f"git revert {commit.sha[:12]}"
            )
        what = f"{commit.sha[:12]} ({safe_text(commit.subject, limit=60)})"
        lines = laid_onto(git, run, onto, commit.parents[0], commit.sha, what)
        if not lines:
            continue
        author = {"NAME": commit.author, "EMAIL": commit.mail, "DATE": commit.date}
        onto = run.write(lines, onto, commit.message, {f"GIT_AUTHOR_{k}": v for k, v in author.items()})
    return onto


def _reverted(git: PrivateGit, run: Run, taken: Sequence[Commit]) -> str:
    onto = run.tip
    for commit in reversed(taken):
        lines = laid_onto(git, run, onto, commit.sha, commit.parents[0], "a later commit")
        message = (
            f"Take back: {safe_text(commit.subject, limit=60)}\n\n"
            f"This undoes commit {commit.sha}.\n\nReadiness-Undo: {commit.finding}\n"
        )
        onto = run.write(lines, onto, message)
    return onto


def laid_onto(git: PrivateGit, run: Run, onto: str, old: str, new: str, what: str) -> list[IndexLine]:
    """Index lines that bring the difference of `old` and `new` to the tree of `onto`.

    A file that is not the same there is merged line by line; where that fails the whole is refused,
    and `what` names the commit in the way.
    """
    run.load(onto)
    lines = []
    for step in run.trees.steps(old, new):
        now = run.trees.side(onto, step.path)
        target = step.new if now in (step.old, step.new) else _merged(git, run, step, now, what)
        if target != now:
            lines.append((target[0] or "0", target[1] or "0" * len(step.old[1] or step.new[1]), step.path))
    return sorted(lines, key=lambda line: line[0] != "0")


def _merged(git: PrivateGit, run: Run, step: Step, now: Side, what: str) -> Side:
    refusal = RepositoryError(
        f"{quoted(step.path)} was changed again by {what}", "undo that one too, or edit the file by hand"
    )
    if any(mode not in (REGULAR, EXECUTABLE) for mode, _ in (step.old, step.new, now)):
        raise refusal
    sides = run.trees.content([now[1], step.old[1], step.new[1]])
    with tempfile.TemporaryDirectory(dir=git.dir) as name:
        paths = [Path(name) / side for side in ("now", "old", "new")]
        for path, data in zip(paths, sides, strict=True):
            path.write_bytes(data)
        try:
            merged = git.make("merge-file", "-p", "--quiet", *map(str, paths))
        except RepositoryError:
            raise refusal from None
    return step.new[0], run.blob(merged)
