from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixers.editors import gitignore
from fixers.model import Refused
from fixers.project import MemoryReader, Project

ALPHABET = [*"ab.*?/[]!#\\- ", "**", "**/", "/**", "[a-b]", "[!a]", "[[:alpha:]]", "\\ ", "é", "\r"]
LINE = st.lists(st.sampled_from(ALPHABET), max_size=7).map("".join)
NAME = st.text("ab.!# -é[]\\", min_size=1, max_size=3).filter(lambda n: n not in (".", ".."))
PATH = st.lists(NAME, min_size=1, max_size=4).map("/".join)


def git_says(root: Path, paths: list[str]) -> set[str]:
    out = subprocess.run(
        ["git", "-C", str(root), "check-ignore", "--no-index", "-z", "--stdin"],
        input="\0".join(paths).encode(),
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"},
    )
    assert out.returncode in (0, 1), out.stderr
    return set(filter(None, out.stdout.decode().split("\0")))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ignore")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / "a").mkdir()
    return root


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(root=st.lists(LINE, max_size=6), below=st.lists(LINE, max_size=3), paths=st.lists(PATH, min_size=1, max_size=20))
def test_git_decides_the_same(repository: Path, root: list[str], below: list[str], paths: list[str]) -> None:
    files = {".gitignore": "\n".join(root).encode(), "a/.gitignore": "\n".join(below).encode()}
    for name, data in files.items():
        (repository / name).write_bytes(data)
    paths = [p for p in paths if p != "a" and not p.startswith((".git/", "a/.gitignore")) and p != ".gitignore"]
    ours = {p for p in paths if gitignore.matcher(files).ignores(p)}
    assert ours == git_says(repository, paths)


TRAPS = [
    ("dir/\n!dir/keep.log\n", "dir/keep.log", True, "git never looks into an ignored folder"),
    ("dir/*\n!dir/keep.log\n", "dir/keep.log", False, "but it does when only its files are ignored"),
    ("*\n!foo/\n", "foo/bar", True, "taking back a folder does not take back what is in it"),
    ("a\\\n*.pem\n", "x.pem", True, "a backslash at the end matches nothing and spoils nothing"),
    ("*.pem   \n", "x.pem", True, "spaces at the end do not count"),
    ("x\\ \n", "x ", True, "unless escaped"),
    ("*.pem\r\n", "x.pem", True, "CRLF"),
    ("\ufeff*.pem\n", "x.pem", True, "a byte order mark"),
    ("*.PEM\n", "x.pem", False, "case counts"),
    ("/x\n", "a/x", False, "anchored"),
    ("a/x\n", "b/a/x", False, "a slash inside anchors too"),
    ("**/x\n", "b/a/x", True, "two stars do not"),
    ("a/**/x\n", "a/x", True, "no folder is a folder"),
    ("a/**\n", "a", False, "not the folder itself"),
    ("a\\/x\n", "a/x", True, "a slash may be escaped"),
    ("a\\\\/x\n", "a\\/x", True, "a backslash too"),
    ("\\/x\n", "x", False, "an escaped slash in front is no anchor"),
    ("[a/b]\n", "a", True, "a slash inside a class ends no name"),
    ("x[!a]y\n", "x/y", False, "a class matches no slash"),
    ("***/x\n", "b/a/x", True, "three stars are two"),
    ("a/**/\n", "a/", False, "folders below, not the folder itself"),
    ("à\n", "à", True, "a letter that ends with a byte of white space in Latin-1"),
    ("x\t\n", "x", False, "a tab at the end counts"),
    ("**/a/**/a/**/a/**/a/**/a/**/b\n", "a/" * 300, False, "answers at once here too"),
    ("x/\n", "x", False, "a file is not a folder"),
    ("x/\n", "x/", True, "a folder is"),
    ("[[:digit:]]x\n", "1x", True, "a named class"),
    ("[\n", "[", False, "a class without an end matches nothing"),
    ("*a*a*a*a*a*a*a*a*a*a*a*a*a*ab\n", "a" * 250, False, "answers at once"),
]


@pytest.mark.parametrize(("file", "path", "ignored", "why"), TRAPS, ids=[t[3] for t in TRAPS])
def test_decisions(file: str, path: str, ignored: bool, why: str) -> None:
    assert gitignore.matcher({".gitignore": file.encode()}).ignores(path) is ignored


def test_the_deepest_file_speaks_first() -> None:
    files = {".gitignore": b"*.pem\n", "tests/.gitignore": b"!ok.pem\n"}
    decide = gitignore.matcher(files)
    assert decide.ignores("ok.pem") and decide.ignores("tests/x.pem") and not decide.ignores("tests/ok.pem")


def test_a_project_reads_every_ignore_file() -> None:
    project = Project(MemoryReader({".gitignore": "*.pem\n", "vendor/x/.gitignore": "y\n", "a.rs": ""}))
    assert project.ignores("a.pem") and project.ignores("vendor/x/y") and not project.ignores("y")
    assert ".gitignore" in project.reads.paths


ADDED = [
    ("target/\n", ("data/",), "", "target/\ndata/\n"),
    ("target", ("data/",), "", "target\ndata/"),
    ("target/\r\n", ("data/", "*.db"), "", "target/\r\ndata/\r\n*.db\r\n"),
    ("\ufefftarget\n", ("*.db",), "", "\ufefftarget\n*.db\n"),
    ("", ("*.db",), "", "*.db\n"),
    ("target/\n", ("target/", "/target", "target"), "", "target/\n/target\ntarget\n"),
    ("target\n", ("target/", "/target/", "/target"), "", "target\n"),
    ("a\n\n\n", ("b",), "Keys", "a\n\n# Keys\nb\n\n\n"),
    ("a\n\n# Keys\nb\n\n# Other\nc\n", ("d",), "Keys", "a\n\n# Keys\nb\nd\n\n# Other\nc\n"),
    ("a\n\n# fixtures\n!test.pem\n", ("*.pem",), "Keys", "a\n\n# Keys\n*.pem\n\n# fixtures\n!test.pem\n"),
    ("!test.pem\n", ("*.db",), "", "!test.pem\n*.db\n"),
]


@pytest.mark.parametrize(("before", "new", "comment", "after"), ADDED)
def test_patterns_are_added(before: str, new: tuple[str, ...], comment: str, after: str) -> None:
    once = gitignore.add(before.encode(), *new, comment=comment)
    assert once.decode() == after
    assert gitignore.add(once, *new, comment=comment) == once


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        (b"data/*\n!data/.gitkeep\n", "data/"),
        (b"a\n", "b\nc"),
        (b"a\n", "# c"),
        (b"a\n", "x\\"),
        (b"a\0\n", "b"),
        ("a\n".encode("utf-16"), "b"),
        (b"\xff\xfa\n", "b"),
    ],
)
def test_refusals(file: bytes, pattern: str) -> None:
    with pytest.raises(Refused):
        gitignore.add(file, pattern)


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(LINE, max_size=6), end=st.sampled_from(["", "\n"]), new=st.lists(LINE, max_size=3))
def test_adding_twice_is_adding_once_and_keeps_every_line(lines: list[str], end: str, new: list[str]) -> None:
    before = ("\n".join(lines) + end).encode()
    try:
        once = gitignore.add(before, *new)
    except Refused:
        return
    assert gitignore.add(once, *new) == once
    rest = iter(once.split(b"\n"))
    assert all(line in rest for line in before.rstrip(b"\n").split(b"\n") if line)


@given(data=st.binary(max_size=60), path=PATH)
def test_any_bytes_are_decided(data: bytes, path: str) -> None:
    gitignore.matcher({".gitignore": data}).ignores(path)
