"""What a Project learns of a repository: files, people, remotes, what lies about untracked or edited."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixers.vcs import open_repository
from fixers.vcs.files import below
from fixers.vcs.settings import parse, remotes
from tests.engine.gitbox import ENV, git, made, write


def test_many_files_are_read_in_any_order(tmp_path: Path) -> None:
    files = {f"d{n % 7}/f{n}.{'py' if n % 3 else 'rs'}": b"%d\n" % n * (n % 50) for n in range(1500)}
    files["big.py"] = b"x" * 6_000_000
    folder = made(tmp_path / "r", files)
    with open_repository(folder, write=False) as repository:
        reader = repository.reader()
        assert {p: e.size for p, e in reader.entries().items()} == {p: len(b) for p, b in files.items()}
        for path in sorted(files, reverse=True)[::3] + sorted(files):
            assert reader.read(path) == files[path]
        assert not reader.dirty


def test_the_committed_bytes_are_read_not_the_work_tree(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    (folder / "a.txt").write_bytes(b"edited\n")
    (folder / "README").unlink()
    (folder / "README").symlink_to("/etc/passwd")
    (folder / "src" / "b.txt").write_bytes(b"b\nb\n")
    (folder / "src" / "deep" / "c.bin").write_bytes(b"\0\1\3")
    with open_repository(folder, write=False) as repository:
        reader = repository.reader()
        assert reader.read("a.txt") == b"one\ntwo\nthree\n" and reader.read("README") == b"# x"
        assert reader.dirty == {"a.txt", "src/deep/c.bin"}, "line ends alone do not count"
        assert reader.dirty_among(("a.txt", "src/b.txt", "missing")) == {"a.txt"}


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_the_index_vouches_for_files_that_nobody_wrote_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, algorithm: str
) -> None:
    files = {f"{'d' * (1 + n % 8)}/f{n}.txt": b"%d\n" % n for n in range(60)}
    folder = made(tmp_path / "r", files, algorithm=algorithm)
    old = 1_600_000_000
    for path in files:
        os.utime(folder / path, (old, old))
    git(folder, "update-index", "--index-version", version, "--refresh")
    if version == "3":
        git(folder, "update-index", "--skip-worktree", "d/f8.txt")
    opened: list[str] = []
    monkeypatch.setattr("fixers.vcs.worktree.below", lambda *a: opened.append(a[1]) or below(*a))
    with open_repository(folder, write=False) as repository:
        assert repository.reader().dirty == frozenset() and not opened
    (folder / "d/f8.txt").write_bytes(b"9\n")
    (folder / "dd/f9.txt").touch()
    with open_repository(folder, write=False) as repository:
        assert repository.reader().dirty == {"d/f8.txt"} and opened == ["d/f8.txt", "dd/f9.txt"]
    index = folder / ".git" / "index"
    for damaged in (b"", b"DIRC", index.read_bytes()[:200], b"DIRC" + b"\xff" * 400, os.urandom(500)):
        index.write_bytes(damaged)
        with open_repository(folder, write=False) as repository:
            assert repository.reader().dirty == {"d/f8.txt"}


def test_a_file_written_in_the_instant_of_the_index_is_read(tmp_path: Path) -> None:
    folder = made(tmp_path / "r", {"a": b"old"})
    os.utime(folder / "a", (1_600_000_000, 1_600_000_000))
    git(folder, "update-index", "--refresh")
    (folder / "a").write_bytes(b"new")
    for path in (folder / "a", folder / ".git" / "index"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    with open_repository(folder, write=False) as repository:
        assert repository.reader().dirty == {"a"}


def test_untracked_names_that_tell_are_listed_and_never_opened(tmp_path: Path) -> None:
    folder = made(tmp_path / "r", {"certs/known.pem": b"x", ".gitignore": b"*.db\n"})
    for path in ("certs/new.pem", ".env", ".env.local", "data/app.sqlite3", "x.db", "id_rsa", "main.py", "notes.txt",
                 "node_modules/a/key.pem", "target/debug/x.key", "service-account-prod.json"):  # fmt: skip
        write(folder, path, b"")
    made(folder / "nested", {"inner.pem": b""})
    with open_repository(folder, write=False) as repository:
        assert repository.reader().untracked == (
            ".env", ".env.local", "certs/new.pem", "data/app.sqlite3", "id_rsa", "service-account-prod.json", "x.db",
        )  # fmt: skip


def test_people_are_counted_below_a_path_with_the_mailmap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(
        tmp_path / "r", {".mailmap": b"Ann Right <ann@example.org>\nAnn Right <ann@example.org> <old@example.org>\n"}
    )
    people = {"web/a": ("Ann", "ann"), "web/b": ("A", "old"), "web/c": ("Bob", "bob"), "db/d": ("Bob", "bob")}
    for n, (path, (name, mail)) in enumerate(people.items()):
        write(folder, path, b"%d" % n)
        git(folder, "add", "-A")
        monkeypatch.setitem(ENV, "GIT_AUTHOR_NAME", name)
        monkeypatch.setitem(ENV, "GIT_AUTHOR_EMAIL", f"{mail}@example.org")
        git(folder, "commit", "-qm", "x")
    with open_repository(folder, write=False) as repository:
        reader = repository.reader()
        assert reader.authors("web") == (("Ann Right", "ann@example.org", 2), ("Bob", "bob@example.org", 1))
        counts = {mail: n for _, mail, n in reader.authors()}
        assert counts == {"bob@example.org": 2, "ann@example.org": 2, "a@example.org": 1}
        assert reader.authors("nowhere") == () and reader.authors("w*") == (), "a path, never a pattern"


@pytest.mark.parametrize(
    ("commands", "branch"),
    [
        ([], "main"),
        ([["switch", "-q", "-c", "feature"]], "feature"),
        ([["checkout", "-q", "--detach"]], "main"),
        ([["switch", "-q", "-c", "readiness/2026-01-01"]], "main"),
        ([["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]], "develop"),
    ],
)
def test_the_branch_is_the_one_that_work_lands_on(tmp_path: Path, commands: list[list[str]], branch: str) -> None:
    folder = made(tmp_path / "r")
    for command in commands:
        git(folder, *command)
    with open_repository(folder, write=False) as repository:
        assert repository.reader().branch == branch


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[user]\n\tname = A B # c\n", {"user.name": ["A B"]}),
        ('[user]\nname = "A # B" ; c\n', {"user.name": ["A # B"]}),
        ("[USER]\nName=x\nname = y\n", {"user.name": ["x", "y"]}),
        ('[remote "Or\\"i.gin"]\nurl = a\\\\b\\tc\n', {'remote.Or"i.gin.url': ["a\\b\tc"]}),
        ("[a]\nlong = one \\\n  two\n", {"a.long": ["one   two"]}),
        ("[a] b = c\n[a]d\n", {"a.b": ["c"], "a.d": ["true"]}),
        ("\ufeff[a]\r\nb = c\r\n", {"a.b": ["c"]}),
        ("[a\nb = c\n!!\n[d]\ne =\n", {"d.e": [""]}),
        ("x = 1\n", {}),
    ],
)
def test_a_config_is_read_as_git_reads_it(tmp_path: Path, text: str, expected: dict[str, list[str]]) -> None:
    assert parse(text.encode()) == expected


def test_remotes_come_origin_first_and_without_passwords() -> None:
    config = '[remote "a"]\nurl = git@x:a\n[remote "origin"]\nurl = https://me:secret@x.org/o.git\nurl = second\n'
    assert remotes(parse(config.encode())) == ("https://x.org/o.git", "git@x:a")
