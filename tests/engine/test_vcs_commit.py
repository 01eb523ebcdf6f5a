"""A fix becomes one commit on a branch of our own, and nothing else of the repository changes."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from fixers.model import EXECUTABLE, Change
from fixers.vcs import Moved, Repository, RepositoryError, open_repository
from tests.engine.gitbox import git, listed, made, message, untouched

DAY = datetime.date(2026, 3, 4)
NAME = "readiness/2026-03-04"
EDIT = Change("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\n")
MODE = Change("README", b"# x", b"# x\r\n", EXECUTABLE)
NEW = Change("new/run.sh", None, b"#!/bin/sh\n", EXECUTABLE)


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Repository]:
    def again(folder: Path | None = None, **options: bool) -> Repository:
        return open_repository(folder or tmp_path / "r", state_home=tmp_path / "state", **options)

    return again


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_commit_holds_the_change_and_nothing_else_moves(
    tmp_path: Path, opened: Callable[..., Repository], algorithm: str
) -> None:
    folder = made(tmp_path / "r", algorithm=algorithm)
    before, tree = untouched(folder), listed(folder, "HEAD")
    with opened() as repository, repository.start(run_date=DAY) as run:
        assert run.branch == NAME
        first = run.commit([EDIT], message("aaaa1111"))
        second = run.commit([NEW], message("bbbb2222"))
        assert run.done == {"aaaa1111": first, "bbbb2222": second}
    assert untouched(folder) == before
    after = listed(folder, NAME)
    assert {p: e for p, e in after.items() if tree.get(p) != e}.keys() == {"a.txt", "new/run.sh"}
    assert after["new/run.sh"][0] == EXECUTABLE
    assert git(folder, "log", "--format=%an <%ae> %s", f"main..{NAME}").decode().splitlines() == [
        "Dev <dev@example.org> Mend bbbb2222",
        "Dev <dev@example.org> Mend aaaa1111",
    ]
    assert git(folder, "fsck", "--strict", "--no-dangling") == b""


def test_a_run_without_writing_leaves_no_trace_and_makes_the_same_commits(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    before = untouched(folder, but="nothing")
    objects = sorted((folder / ".git" / "objects").rglob("*"))
    with open_repository(folder, state_home=tmp_path / "state", write=False) as repository:
        with repository.start(run_date=DAY) as run:
            run.commit([EDIT], message("aaaa1111"))
            run.commit([NEW, MODE], message("bbbb2222"))
            tree = {p: (e.mode, e.oid) for p, e in repository.reader(run.tip).entries().items()}
        private = repository.state_dir
    assert untouched(folder, but="nothing") == before
    assert sorted((folder / ".git" / "objects").rglob("*")) == objects
    assert not private.exists() and not (tmp_path / "state").exists()
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start(run_date=DAY) as run:
        run.commit([EDIT], message("aaaa1111"))
        run.commit([NEW, MODE], message("bbbb2222"))
    assert listed(folder, NAME) == tree


def test_the_next_run_continues_where_the_last_one_stopped(tmp_path: Path, opened: Callable[..., Repository]) -> None:
    folder = made(tmp_path / "r")
    with opened() as repository, repository.start(run_date=DAY) as run:
        first = run.commit([EDIT], message("aaaa1111"))
    with opened() as repository, repository.start(run_date=DAY + datetime.timedelta(1)) as run:
        assert (run.branch, run.tip, run.continued, dict(run.done)) == (NAME, first, True, {"aaaa1111": first})
        run.commit([NEW], message("bbbb2222"))
    git(folder, "commit", "-q", "--allow-empty", "-m", "HEAD moves on")
    with opened() as repository, repository.start(run_date=DAY) as run:
        assert (run.branch, run.continued) == (f"{NAME}-2", False)


def test_several_commits_can_be_made_before_the_branch_moves(tmp_path: Path, opened: Callable[..., Repository]) -> None:
    folder = made(tmp_path / "r")
    with opened() as repository, repository.start(run_date=DAY) as run:
        one = run.prepare([EDIT], message("aaaa1111"))
        two = run.prepare([NEW], message("bbbb2222"), parent=one)
        assert repository.tip(NAME) is None and not run.done
        run.publish(two)
        assert run.done == {"aaaa1111": one, "bbbb2222": two}
        assert (repository.verify_copy(one) / "a.txt").read_bytes() == b"one\n2\nthree\n"
    assert git(folder, "rev-parse", NAME).decode().strip() == two


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Change("a.txt", b"another\n", b"x\n"), "is not what the fix was made for"),
        (Change("a.txt", None, b"x\n"), "is not what the fix was made for"),
        (Change("missing", b"x\n", b"y\n"), "is not what the fix was made for"),
        (Change("a.txt", b"one\ntwo\nthree\n", b"one\ntwo\nthree\n"), "changes nothing"),
        (Change("a.txt/x", None, b"x\n"), "in the way or not allowed"),
        (Change("../out", None, b"x\n"), "in the way or not allowed|failed"),
        (Change(".git/hooks/post-commit", None, b"x\n"), "in the way or not allowed"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_and_the_next_one_goes_on(
    tmp_path: Path, opened: Callable[..., Repository], change: Change, reason: str
) -> None:
    made(tmp_path / "r")
    with opened() as repository, repository.start(run_date=DAY) as run:
        with pytest.raises(RepositoryError, match=reason):
            run.commit([change], message("aaaa1111"))
        run.commit([NEW], message("bbbb2222"))
        assert run.done.keys() == {"bbbb2222"}
        assert git(tmp_path / "r", "diff", "--name-only", f"main..{NAME}").decode().split() == [NEW.path]


def test_a_branch_that_somebody_moved_stops_us(tmp_path: Path, opened: Callable[..., Repository]) -> None:
    folder = made(tmp_path / "r")
    with opened() as repository, repository.start(run_date=DAY) as run:
        run.commit([EDIT], message("aaaa1111"))
        git(folder, "branch", "-f", NAME, "main")
        with pytest.raises(Moved, match="moved by somebody else"):
            run.commit([NEW], message("bbbb2222"))
    assert git(folder, "rev-parse", NAME) == git(folder, "rev-parse", "main")
