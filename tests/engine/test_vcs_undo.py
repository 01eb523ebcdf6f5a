"""Undo takes a fix back, and what needs it, and nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixers.model import Change
from fixers.vcs import Moved, NeedsOthers, Repository, RepositoryError, open_repository
from tests.engine.gitbox import git, listed, made, message, untouched

DAY = datetime.date(2026, 3, 4)
NAME = "readiness/2026-03-04"
TEXT = b"".join(b"line %d\n" % n for n in range(1, 31))


def text(**lines: str) -> bytes:
    """The file with some lines replaced: ``text(l3="x")``."""
    out = TEXT
    for name, new in lines.items():
        out = out.replace(f"line {name[1:]}\n".encode(), f"{new}\n".encode())
    return out


FIXES = {
    "aaaa1111": Change("code", text(), text(l3="first")),
    "bbbb2222": Change("new", None, b"new\n"),
    "cccc3333": Change("code", text(l3="first"), text(l3="first", l25="third")),
    "dddd4444": Change("other", b"x\n", None),
    "eeee5555": Change("code", text(l3="first", l25="third"), text(l3="first", l4="fifth", l25="third")),
}
NEEDS = {"dddd4444": ("bbbb2222",)}


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    folder = made(tmp_path / "r", {"code": TEXT, "other": b"x\n"})
    with open_repository(folder, state_home=tmp_path / "state") as opened:
        before = untouched(folder)
        with opened.start(run_date=DAY) as run:
            for finding, change in FIXES.items():
                run.commit([change], message(finding, *NEEDS.get(finding, ())))
        yield opened
        assert untouched(folder) == before
        assert git(folder, "fsck", "--strict", "--no-dangling") == b""


def content(repository: Repository, path: str) -> bytes | None:
    reader = repository.reader(repository.tip(NAME))
    return reader.read(path) if path in reader.entries() else None


def findings(repository: Repository) -> list[str]:
    with repository.start(NAME) as run:
        return [c.finding or c.undoes for c in run.commits]


def test_the_last_fix_is_dropped(repository: Repository) -> None:
    result = repository.undo(["eeee5555"])
    assert [c.finding for c in result.taken] == ["eeee5555"] and result.tip == repository.tip(NAME)
    assert content(repository, "code") == text(l3="first", l25="third")
    assert findings(repository) == ["aaaa1111", "bbbb2222", "cccc3333", "dddd4444"]


def test_an_inner_fix_goes_and_later_ones_are_made_again_line_by_line(repository: Repository) -> None:
    with repository.start(NAME) as run:
        before = run.commits[-1]
    repository.undo(["cccc"])
    assert content(repository, "code") == text(l3="first", l4="fifth")
    assert findings(repository) == ["aaaa1111", "bbbb2222", "dddd4444", "eeee5555"]
    with repository.start(NAME) as run:
        again = run.commits[-1]
    assert (again.message, again.author, again.date) == (before.message, before.author, before.date)


def test_a_fix_whose_lines_a_later_one_changed_is_refused_with_its_name(repository: Repository) -> None:
    tip = repository.tip(NAME)
    with pytest.raises(RepositoryError, match=r"code was changed again by \w{12} \(Mend eeee5555\)"):
        repository.undo(["aaaa1111"])
    assert repository.tip(NAME) == tip
    repository.undo(["aaaa1111", "eeee5555"])
    assert content(repository, "code") == text(l25="third")


def test_dependents_are_named_and_go_too_when_asked(repository: Repository) -> None:
    assert repository.dependents_of("bbbb2222") == ("dddd4444",)
    with pytest.raises(NeedsOthers, match=r"depend on it: dddd4444 \(Mend dddd4444\)") as caught:
        repository.undo(["bbbb2222"])
    assert caught.value.ids == ("dddd4444",) and caught.value.hint == "readiness-fix undo bbbb2222 dddd4444"
    result = repository.undo(["bbbb2222"], with_dependents=True)
    assert [c.finding for c in result.taken] == ["bbbb2222", "dddd4444"]
    assert content(repository, "new") is None and content(repository, "other") == b"x\n"


def test_when_all_are_undone_the_branch_is_gone(repository: Repository) -> None:
    result = repository.undo(list(FIXES))
    assert result.removed and repository.tip(NAME) is None and not repository.branches()


def test_all_at_once(repository: Repository) -> None:
    result = repository.undo_all()
    assert result.removed and len(result.taken) == 5 and repository.tip(NAME) is None
    with pytest.raises(RepositoryError, match="no branch of this repository was made here"):
        repository.undo_all()


def test_a_branch_with_somebody_elses_commit_is_not_removed_unless_told(repository: Repository) -> None:
    tree = git(repository.root, "rev-parse", f"{NAME}^{{tree}}").decode().strip()
    foreign = git(repository.root, "commit-tree", tree, "-p", NAME, "-m", "By hand").decode().strip()
    git(repository.root, "update-ref", f"refs/heads/{NAME}", foreign)
    with pytest.raises(Moved, match="commits that are not ours"):
        repository.undo_all()
    assert repository.tip(NAME) == foreign
    repository.undo_all(force=True)
    assert repository.tip(NAME) is None


def test_what_was_pushed_is_reverted_by_a_commit(repository: Repository) -> None:
    git(repository.root, "update-ref", f"refs/remotes/origin/{NAME}", NAME)
    tip = repository.tip(NAME)
    result = repository.undo(["cccc3333"])
    git(repository.root, "update-ref", "-d", f"refs/remotes/origin/{NAME}")
    assert result.reverted and content(repository, "code") == text(l3="first", l4="fifth")
    assert git(repository.root, "rev-parse", f"{NAME}^").decode().strip() == tip
    with repository.start(NAME) as run:
        assert "cccc3333" not in run.done and len(run.done) == 4


@pytest.mark.parametrize("wanted", ["ffff", "aaa", ""])
def test_an_id_that_names_nothing_is_said(repository: Repository, wanted: str) -> None:
    with pytest.raises(RepositoryError, match="is not a fix on readiness/2026-03-04"):
        repository.undo([wanted])


def test_a_forged_trailer_on_a_branch_that_is_not_ours_is_not_believed(repository: Repository) -> None:
    folder = repository.root
    tree = git(folder, "rev-parse", "main^{tree}").decode().strip()
    forged = git(folder, "commit-tree", tree, "-p", "main", "-m", message("ffff6666")).decode().strip()
    git(folder, "branch", "readiness/2026-03-05", forged)
    with pytest.raises(RepositoryError):
        repository.undo(["ffff6666"])
    with repository.start(run_date=datetime.date(2026, 3, 5), again=False) as run:
        assert run.branch == "readiness/2026-03-05-2"
    (folder / ".git/refs/heads/readiness/2026-03-05").unlink()


def test_the_others_are_still_there_in_the_tree_that_remains(repository: Repository) -> None:
    repository.undo(["dddd4444"])
    assert listed(repository.root, NAME).keys() == {"code", "new", "other"}
