"""Patches: what `git apply` and `git am` make of them is the tree that the Changes describe."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.model import EXECUTABLE, SYMLINK, Change
from fixers.patch import Algorithm, Letter, blob_id, counted, hunks, mbox, unified
from tests.engine.gitbox import git, listed, write


def before_tree(folder: Path, changes: list[Change], algorithm: str = "sha1") -> None:
    git(folder, "init", "-q", f"--object-format={algorithm}")
    for change in changes:
        if change.before is not None:
            write(folder, change.path, change.before, change.mode)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "before")


def expected(changes: list[Change], algorithm: Algorithm = "sha1") -> dict[str, tuple[str, str]]:
    return {c.path: (c.mode, blob_id(c.after, algorithm)) for c in changes if c.after is not None}


CASES = {
    "an edit": Change("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\n"),
    "a new file": Change("deep/er/new.txt", None, b"hello\n"),
    "a new empty file": Change("empty", None, b""),
    "a file that becomes empty": Change("a", b"x\n", b""),
    "an empty file that gets a line": Change("a", b"", b"x\n"),
    "a removal": Change("gone.txt", b"a\nb", None),
    "the removal of an empty file": Change("gone.txt", b"", None),
    "a new executable": Change("run", None, b"#!/bin/sh\n", EXECUTABLE),
    "an edited executable": Change("run", b"#!/bin/sh\n", b"#!/bin/sh\nset -e\n", EXECUTABLE),
    "a new symlink": Change("link", None, b"target", SYMLINK),
    "no newline at the end, added": Change("a", b"x", b"x\n"),
    "no newline at the end, removed": Change("a", b"x\n", b"x"),
    "no newline at the end, kept": Change("a", b"x\ny", b"z\ny"),
    "CRLF": Change("a", b"x\r\ny\r\n", b"x\r\nnew\r\ny\r\n"),
    "LF to CRLF": Change("a", b"x\ny\n", b"x\r\ny\r\n"),
    "a lone CR is not a line end": Change("a", b"x\ry\n", b"x\rz\n"),
    "form feed and line separator are not line ends": Change("a", b"a\x0cb\xe2\x80\xa8c\n", b"a\x0cb\xe2\x80\xa8d\n"),
    "bytes that are not UTF-8": Change("a", b"caf\xe9\n", b"caf\xe9\xff\n"),
    "binary": Change("a.bin", bytes(range(256)) * 3, b"\0" * 100 + bytes(range(256))),
    "new binary": Change("a.bin", None, b"\0\1\2"),
    "a removed binary": Change("a.bin", b"\0\1\2", None),
    "a space in the name": Change("a b.txt", b"x\n", b"y\n"),
    "a new empty file with a space": Change("a b", None, b""),
    "a trailing space in the name": Change("a ", b"x\n", b"y\n"),
    "quotes, tabs and newlines in the name": Change('q"t\tn\n\\.txt', b"x\n", b"y\n"),
    "a UTF-8 name": Change("dörf/naïve.txt", b"x\n", b"y\n"),
    "a name that is not UTF-8": Change("caf\udce9.txt", b"x\n", b"y\n"),
    "a name with an escape": Change("\x1b[31m.txt", None, b"y\n"),
    "lines that look like a patch": Change("a", b"--- a/x\n+++ b/x\n", b"--- a/x\n@@ -1 +1 @@\n+++ b/x\n-- \n"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_git_apply_makes_the_tree_that_the_change_describes(tmp_path: Path, name: str, algorithm: Algorithm) -> None:
    changes = [CASES[name]]
    before_tree(tmp_path, changes, algorithm)
    patch = unified(changes, algorithm=algorithm)
    git(tmp_path, "apply", "--index", "-", data=patch)
    assert listed(tmp_path) == expected(changes, algorithm)
    git(tmp_path, "apply", "-R", "--index", "-", data=patch)
    assert git(tmp_path, "status", "--porcelain") == b""


def test_all_of_them_travel_by_mail(tmp_path: Path) -> None:
    changes = [Change(f"{n:02}/{c.path}", c.before, c.after, c.mode) for n, c in enumerate(CASES.values())]
    before_tree(tmp_path, changes)
    message = "Tïtle {}\n\nWhy.\n\nA-Trailer: x\n"
    letters = [
        Letter("0" * 40, "Ünï C. (x)", "a@example.org", "1700000000 -0330", message.format(n), (c,))
        for n, c in enumerate(changes)
    ]
    git(tmp_path, "am", "-q", data=mbox(letters))
    assert listed(tmp_path) == expected(changes)
    last = git(tmp_path, "log", "-1", "--format=%an|%ae|%ad|%B", "--date=raw").decode()
    wanted = message.format(len(changes) - 1)
    assert last.strip() == f"Ünï C. (x)|a@example.org|1700000000 -0330|{wanted}".strip()


def test_nothing_to_do_is_an_empty_patch() -> None:
    assert unified([Change("a", b"x\n", b"x\n")]) == b""
    assert hunks(Change("a", b"x\n", b"x\n")) == ()


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"a new symlink", "a name that is not UTF-8"}))
def test_a_patch_is_what_git_itself_would_write(tmp_path: Path, name: str) -> None:
    change = CASES[name]
    before_tree(tmp_path, [change])
    git(tmp_path, "apply", "--index", "-", data=unified([change]))
    flags = ("--cached", "--full-index", "--no-indent-heuristic", "--no-ext-diff", "--no-renames")
    theirs = git(tmp_path, "-c", "core.quotePath=false", "diff", *flags)
    if b"Binary files" not in theirs:
        heads = b"\n".join(line.split(b" @@")[0] for line in theirs.split(b"\n"))
        ours = b"\n".join(line.split(b" @@")[0] for line in unified([change]).split(b"\n"))
        assert ours == heads


def test_hunks_are_numbered_for_the_screen() -> None:
    old = b"".join(b"%d\n" % n for n in range(1, 31))
    new = old.replace(b"5\n", b"five\r\n", 1).replace(b"25\n", b"")
    first, second = hunks(Change("a", old, new))
    assert (first.old_start, first.old_count, first.new_start, first.new_count) == (2, 7, 2, 7)
    assert [(x.kind, x.old_no, x.new_no, x.text, x.eol) for x in first.lines][3:5] == [
        ("-", 5, None, "5", "\n"),
        ("+", None, 5, "five", "\r\n"),
    ]
    assert second.header == "@@ -22,7 +22,6 @@"
    assert counted([Change("a", old, new)]) == (1, 2)


@pytest.mark.parametrize(
    ("before", "after", "added"),
    [
        (
            b"def a():\n    x\n\ndef c():\n    z\n",
            b"def a():\n    x\n\ndef b():\n    x\n\ndef c():\n    z\n",
            "def b():",
        ),
        (b"- a: 1\n  b: 2\n- a: 4\n", b"- a: 1\n  b: 2\n- a: 3\n  b: 2\n- a: 4\n", "- a: 3"),
        (b"fn a() {\n}\nfn c() {\n}\n", b"fn a() {\n}\nfn b() {\n}\nfn c() {\n}\n", "fn b() {"),
    ],
)
def test_an_added_block_starts_where_a_reader_would_start_it(before: bytes, after: bytes, added: str) -> None:
    (hunk,) = hunks(Change("a", before, after))
    assert next(line.text for line in hunk.lines if line.kind == "+") == added


def test_two_far_edits_among_repeated_lines_stay_two_small_hunks() -> None:
    old = b"first\n" + b"  {\n    x\n  },\n" * 10_000 + b"last\n"
    parts = hunks(Change("a", old, old.replace(b"first", b"1st").replace(b"last", b"end")))
    assert [sum(line.kind != " " for line in hunk.lines) for hunk in parts] == [2, 2]


PIECES = [b"a\n", b"b\n", b"\n", b"  c\n", b"d\r\n", b"\xff\n", b"e\0\n", b"f"]
SIDE = st.one_of(st.none(), st.binary(max_size=60), st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join))
PAIRS = st.lists(st.tuples(SIDE, SIDE).filter(lambda pair: pair != (None, None)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_any_bytes_apply(pairs: list[tuple[bytes | None, bytes | None]]) -> None:
    changes = [Change(f"f{n}", before, after) for n, (before, after) in enumerate(pairs)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for change in changes:
            if change.before is not None:
                write(folder, change.path, change.before, change.mode)
        git(folder, "init", "-q")
        patch = unified(changes)
        if patch:
            git(folder, "apply", "-", data=patch)
        found = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
        assert found == {c.path: c.after for c in changes if c.after is not None}
