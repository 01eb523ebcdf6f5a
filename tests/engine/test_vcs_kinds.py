"""Every kind of repository and of name: it works, or a sentence says which command helps."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fixers.model import SYMLINK, Change
from fixers.vcs import RepositoryError, open_repository
from tests.engine.gitbox import ENV, git, listed, made, message, untouched, write

DAY = datetime.date(2026, 3, 4)
NAME = "readiness/2026-03-04"
EDIT = Change("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\n")


@pytest.fixture(autouse=True)
def no_user_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [n for n in os.environ if n.startswith("GIT_")]:
        monkeypatch.delenv(name)


def linked(tmp_path: Path) -> Path:
    main = made(tmp_path / "main")
    git(main, "worktree", "add", "-q", "-b", "feature", str(tmp_path / "linked"))
    return tmp_path / "linked"


def submodule(tmp_path: Path) -> Path:
    made(tmp_path / "lib")
    outer = made(tmp_path / "outer")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "lib"), "lib")
    git(outer, "commit", "-qm", "Use lib")
    for key, value in (("name", "Dev"), ("email", "dev@example.org")):
        git(outer / "lib", "config", f"user.{key}", value)
    return outer / "lib"


def cloned(*options: str) -> Callable[[Path], Path]:
    def make(tmp_path: Path) -> Path:
        origin = made(tmp_path / "origin")
        git(origin, "config", "uploadpack.allowFilter", "true")
        git(origin, "commit", "-q", "--allow-empty", "-m", "More")
        git(tmp_path, "clone", "-q", *options, str(origin) if "--shared" in options else f"file://{origin}", "copy")
        copy = tmp_path / "copy"
        git(copy, "config", "user.name", "Dev")
        git(copy, "config", "user.email", "dev@example.org")
        return copy

    return make


def after(*commands: str, algorithm: str = "sha1") -> Callable[[Path], Path]:
    def make(tmp_path: Path) -> Path:
        folder = made(tmp_path / "r", algorithm=algorithm)
        for command in commands:
            subprocess.run(command, shell=True, cwd=folder, env=ENV, capture_output=True)
        return folder

    return make


KINDS: dict[str, Callable[[Path], Path]] = {
    "plain": after(),
    "sha256": after(algorithm="sha256"),
    "detached": after("git checkout -q --detach"),
    "packed": after("git gc -q", "git pack-refs --all"),
    "a linked work tree": linked,
    "a submodule": submodule,
    "bare": cloned("--bare"),
    "shallow": cloned("--depth=1"),
    "partial": cloned("--filter=blob:none"),
    "sparse": after("git sparse-checkout set src"),
    "borrowed objects": cloned("--shared"),
    "dirty": after("echo x >> a.txt", "git rm -q --cached README", "echo y > new.pem"),
    "in a merge": after(
        "git switch -qc o", "echo o > a.txt", "git commit -qam o", "git switch -q main", "echo m > README",
        "git commit -qam m", "git merge -q --no-commit o",
    ),
    "in a conflict": after(
        "git switch -qc o", "echo o > README", "git commit -qam o", "git switch -q main", "echo m > README",
        "git commit -qam m", "git merge o",
    ),
    "a bisect": after("git bisect start"),
    "opened below its root": lambda tmp: made(tmp / "r") / "src" / "deep",
    "opened by a file": lambda tmp: made(tmp / "r") / "a.txt",
    "opened by a link": lambda tmp: ((tmp / "l").symlink_to(made(tmp / "r")), tmp / "l")[1],
    "opened at .git": lambda tmp: made(tmp / "r") / ".git",
    "a name with spaces and quotes": lambda tmp: made(tmp / 'a "b" :c\n'),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("write_there", [True, False])
def test_a_fix_is_committed_and_the_rest_stays(tmp_path: Path, kind: str, write_there: bool) -> None:
    place = KINDS[kind](tmp_path)
    with open_repository(place, state_home=tmp_path / "state", write=write_there) as repository:
        root = repository.root
        before = untouched(root)
        assert repository.why_no_commit() == ""
        reader = repository.reader()
        assert reader.read("a.txt") in (b"one\ntwo\nthree\n", b"o\n")
        assert reader.authors()
        edit = Change("src/deep/new.txt", None, b"new\n")
        with repository.start(run_date=DAY) as run:
            assert run.branch == NAME
            run.commit([edit], message("aaaa1111"))
        assert untouched(root) == before
    if write_there:
        tree, head = listed(root, NAME), listed(root, "HEAD")
        assert tree.keys() - head.keys() == {"src/deep/new.txt"}
        assert {p: e for p, e in tree.items() if p in head} == head
        if kind not in {"partial", "shallow"}:
            assert git(root, "fsck", "--no-dangling") in (b"", b"notice: HEAD points to an unborn branch (o)\n")


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("detached", "HEAD is detached"),
        ("shallow", "the clone is shallow"),
        ("partial", "the clone is partial"),
        ("sparse", "the checkout is sparse"),
        ("in a merge", "a merge is in progress"),
        ("a bisect", "a bisect is in progress"),
        ("borrowed objects", "objects are also read from"),
    ],
)
def test_what_is_special_is_said(tmp_path: Path, kind: str, note: str) -> None:
    with open_repository(KINDS[kind](tmp_path), state_home=tmp_path / "state") as repository:
        assert any(n.startswith(note) for n in repository.notes), repository.notes


def test_a_blob_that_a_partial_clone_lacks_is_an_error_of_that_file_only(tmp_path: Path) -> None:
    origin = made(tmp_path / "origin")
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{origin}", "copy")
    with open_repository(tmp_path / "copy", write=False) as repository:
        reader = repository.reader()
        assert "a.txt" in reader.entries()
        with pytest.raises(OSError, match="not in this clone"):
            reader.read("a.txt")


def test_an_unborn_branch_has_no_files_and_says_what_to_do(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "r")
    with open_repository(tmp_path / "r", state_home=tmp_path / "state") as repository:
        assert repository.head is None and not repository.reader().entries() and not repository.reader().authors("")
        assert (
            repository.why_no_commit()
            == 'there is no commit yet to start from; run: git add -A && git commit -m "Start"'
        )
        with pytest.raises(RepositoryError, match="no commit yet"):
            repository.start()


def test_without_a_name_nothing_is_invented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "r")
    git(folder, "config", "--unset", "user.email")
    with open_repository(folder, state_home=tmp_path / "state") as repository:
        assert "git config --global user.name" in repository.why_no_commit()
        home = tmp_path / "home"
        home.mkdir()
        (home / ".gitconfig").write_text('[user]\nname = Global\n[includeIf "gitdir:/**/r/"]\npath = work\n')
        (home / "work").write_text("[user]\nemail = work@example.org\n")
        assert repository.why_no_commit() == ""
        with repository.start(run_date=DAY) as run:
            run.commit([EDIT], message("aaaa1111"))
            assert (run.commits[0].author, run.commits[0].mail) == ("Dev", "work@example.org")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Env")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "1500000000 +0200")
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start() as run:
        run.commit([Change("new", None, b"")], message("bbbb2222"))
        assert (run.commits[-1].author, run.commits[-1].date) == ("Env", "1500000000 +0200")


@pytest.mark.parametrize(
    ("prepared", "expected"),
    [
        ((), NAME),
        ((NAME,), f"{NAME}-2"),
        ((NAME, f"{NAME}-2"), f"{NAME}-3"),
        ((f"{NAME}/x",), f"{NAME}-2"),
        (("readiness",), "readiness-fix/2026-03-04"),
        (("readiness", "readiness-fix"), "readiness-2026-03-04"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_name_that_is_taken_is_passed_over(
    tmp_path: Path, prepared: tuple[str, ...], expected: str, packed: bool
) -> None:
    folder = made(tmp_path / "r")
    for name in prepared:
        git(folder, "branch", name)
    if packed:
        git(folder, "pack-refs", "--all")
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start(run_date=DAY) as run:
        run.commit([EDIT], message("aaaa1111"))
        assert run.branch == expected
    for name in prepared:
        assert git(folder, "rev-parse", name) == git(folder, "rev-parse", "main")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("main", "exists and is not ours"),
        ("main/x", "stands in the way"),
        ("feature", "stands in the way"),
        ("-f", "not a name for a branch"),
        ("a..b", "not a name for a branch"),
        ("x.lock", "not a name for a branch"),
        ("a b", "not a name for a branch"),
        ("\x1b[31m", "not a name for a branch"),
    ],
)
def test_a_named_branch_that_cannot_be_ours_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    folder = made(tmp_path / "r")
    git(folder, "branch", "feature/one")
    with open_repository(folder, state_home=tmp_path / "state") as repository:
        with pytest.raises(RepositoryError, match=reason):
            repository.start(name)
        with repository.start("mine") as run:
            run.commit([EDIT], message("aaaa1111"))
        with repository.start("mine") as run:
            assert run.continued


def test_a_branch_that_is_checked_out_is_never_moved(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start(run_date=DAY) as run:
        run.commit([EDIT], message("aaaa1111"))
        git(folder, "worktree", "add", "-q", str(tmp_path / "look"), NAME)
        with pytest.raises(RepositoryError, match="is checked out"):
            run.commit([Change("new", None, b"")], message("bbbb2222"))
    with open_repository(folder, state_home=tmp_path / "state") as repository:
        with repository.start(run_date=DAY) as run:
            assert run.branch == f"{NAME}-2"
        with pytest.raises(RepositoryError, match="is checked out"):
            repository.undo_all()


def test_a_branch_that_the_user_rebases_is_not_continued(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start(run_date=DAY) as run:
        run.commit([EDIT], message("aaaa1111"))
    git(folder, "switch", "-q", NAME)
    git(folder, "-c", "sequence.editor=sed -i 1ibreak", "rebase", "-q", "-i", "--no-ff", "main")
    with open_repository(folder, state_home=tmp_path / "state") as repository:
        assert repository.head_branch == "" and any("rebase" in note for note in repository.notes)
        assert repository.head == git(folder, "rev-parse", "main").decode().strip()
        with repository.start(run_date=DAY) as run:
            assert run.branch == f"{NAME}-2"
    git(folder, "rebase", "--continue")


NAMES = ["new\nline", "tab\t", 'q"uote', "esc\x1b[31m", "-rf", "caf\udce9", "naïve", "x" * 250, "a b ", ":(top)x", "*"]


def test_any_name_is_committed_and_read_back(tmp_path: Path) -> None:
    folder = made(tmp_path / "r", dict.fromkeys(NAMES, b"old\n"))
    changes = [Change(name, b"old\n", b"new\n") for name in NAMES]
    changes += [Change(f"dir {name}/{name}", None, b"x\n") for name in NAMES]
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start(run_date=DAY) as run:
        run.commit(changes, message("aaaa1111"))
        reader = repository.reader(run.tip)
        assert {p: reader.read(p) for p in reader.entries()} == {c.path: c.after for c in changes}
        for change in changes:
            run.commit([Change(change.path, change.after, None)], message("bbbb2222"))
        assert not repository.reader(run.tip).entries()
    assert git(folder, "fsck", "--strict", "--no-dangling") == b""


def test_links_and_submodules_are_removed_but_never_edited(tmp_path: Path) -> None:
    outer = submodule(tmp_path).parent
    write(outer, "link", b"a.txt", SYMLINK)
    git(outer, "add", "link")
    git(outer, "commit", "-qm", "Link")
    with open_repository(outer, state_home=tmp_path / "state") as repository, repository.start(run_date=DAY) as run:
        reader = repository.reader()
        assert {reader.entries()[p].mode for p in ("link", "lib")} == {"120000", "160000"}
        with pytest.raises(RepositoryError, match="link or a submodule"):
            run.commit([Change("link", b"a.txt", b"other")], message("aaaa1111"))
        run.commit([Change("link", b"a.txt", None, SYMLINK), EDIT], message("bbbb2222"))
        tree = listed(outer, run.tip)
        assert "link" not in tree and tree["lib"][0] == "160000"


def test_an_edited_executable_stays_one(tmp_path: Path) -> None:
    folder = made(tmp_path / "r", {})
    write(folder, "run", b"#!/bin/sh\n", "100755")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Run")
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start(run_date=DAY) as run:
        run.commit([Change("run", b"#!/bin/sh\n", b"#!/bin/sh\nset -e\n", "100755")], message("aaaa1111"))
        assert listed(folder, run.tip)["run"][0] == "100755"
        assert os.access(repository.verify_copy(run.tip) / "run", os.X_OK)


def test_what_our_commits_do_not_do_is_said(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    with open_repository(folder, write=False) as repository:
        assert repository.commit_notes() == ()
    write(folder, ".git/hooks/pre-commit", b"#!/bin/sh\nexit 1\n", "100755")
    git(folder, "config", "commit.gpgSign", "true")
    with open_repository(folder, write=False) as repository:
        assert [n.split()[0:2] for n in repository.commit_notes()] == [["the", "hooks"], ["commits", "are"]]


def test_without_a_home_a_scan_works_and_a_run_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path / "r")
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    with open_repository(folder, write=False) as repository:
        assert repository.reader().entries()
    with pytest.raises(RepositoryError, match="no home folder") as caught:
        open_repository(folder)
    assert "XDG_STATE_HOME" in caught.value.hint


def test_a_signed_commit_uses_the_users_key(tmp_path: Path) -> None:
    folder, home = made(tmp_path / "r"), tmp_path / "home"
    home.mkdir()
    if subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / "key")]).returncode:
        pytest.skip("ssh-keygen does not run")
    (home / ".gitconfig").write_text(f"[gpg]\nformat = ssh\n[user]\nsigningKey = {home}/key\n")
    git(folder, "config", "gpg.ssh.program", "/bin/false")
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start(sign=True) as run:
        run.commit([EDIT], message("aaaa1111"))
        assert b"-----BEGIN SSH SIGNATURE-----" in git(folder, "cat-file", "commit", run.tip)
