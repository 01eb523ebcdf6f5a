"""Edits of Go files: imports in the file's own grouping, elements of literals."""

from __future__ import annotations

import pytest

from fixers.editors import golang, source
from fixers.editors.splice import splice
from fixers.model import Refused


def imported(before: str, *paths: str) -> str:
    data = before.encode()
    return splice(data, golang.add_imports(source.go(data), *paths)).decode()


HEAD = "package main\n\n"
CASES = {
    "at its sorted place": (
        'import (\n\t"fmt"\n\t"os"\n)\n',
        ("net/http",),
        'import (\n\t"fmt"\n\t"net/http"\n\t"os"\n)\n',
    ),
    "first": ('import (\n\t"os"\n)\n', ("fmt",), 'import (\n\t"fmt"\n\t"os"\n)\n'),
    "it is there": ('import (\n\t"os"\n)\n', ("os",), 'import (\n\t"os"\n)\n'),
    "beside those of others": (
        'import (\n\t"os"\n\n\t"example.com/a"\n)\n',
        ("time",),
        'import (\n\t"os"\n\t"time"\n\n\t"example.com/a"\n)\n',
    ),
    "with its like": (
        'import (\n\t"os"\n\n\t"github.com/b/b"\n\n\t"example.com/a/b"\n)\n',
        ("example.com/a/c",),
        'import (\n\t"os"\n\n\t"github.com/b/b"\n\n\t"example.com/a/b"\n\t"example.com/a/c"\n)\n',
    ),
    "one of each kind": (
        'import (\n\t"os"\n)\n',
        ("example.com/a", "time"),
        'import (\n\t"os"\n\t"time"\n\n\t"example.com/a"\n)\n',
    ),
    "a group of its own": (
        'import (\n\t"example.com/a"\n)\n',
        ("os", "time"),
        'import (\n\t"os"\n\t"time"\n\n\t"example.com/a"\n)\n',
    ),
    "a single one": ('import "os"\n', ("fmt",), 'import (\n\t"fmt"\n\t"os"\n)\n'),
    "a single one of others": ('import "example.com/a"\n', ("os",), 'import (\n\t"os"\n\n\t"example.com/a"\n)\n'),
    "several beside a single one": (
        'import "example.com/a"\n',
        ("os", "cmp"),
        'import (\n\t"cmp"\n\t"os"\n\n\t"example.com/a"\n)\n',
    ),
    "several where there is none": (
        "func f() {}\n",
        ("os", "cmp"),
        'import (\n\t"cmp"\n\t"os"\n)\n\nfunc f() {}\n',
    ),
    "none": ("func f() {}\n", ("os",), 'import "os"\n\nfunc f() {}\n'),
    "named ones stay": (
        'import (\n\tf "fmt"\n\t_ "os"\n)\n',
        ("net",),
        'import (\n\tf "fmt"\n\t"net"\n\t_ "os"\n)\n',
    ),
    "c's own preamble stays": (
        '// #include <a.h>\nimport "C"\n\nimport "os"\n',
        ("fmt",),
        '// #include <a.h>\nimport "C"\n\nimport (\n\t"fmt"\n\t"os"\n)\n',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_import_is_added(case: str) -> None:
    before, paths, after = CASES[case]
    assert imported(HEAD + before, *paths) == HEAD + after


def test_a_name_that_stands_for_another_package_stops_it() -> None:
    with pytest.raises(Refused, match="rand"):
        imported(HEAD + 'import (\n\t"math/rand"\n)\n', "crypto/rand")


def test_line_ends_of_the_file_are_kept() -> None:
    before = (HEAD + 'import (\n\t"os"\n)\n').replace("\n", "\r\n")
    assert imported(before, "fmt") == (HEAD + 'import (\n\t"fmt"\n\t"os"\n)\n').replace("\n", "\r\n")


def added(literal: str) -> str:
    data = f"package main\n\nvar x = {literal}\n".encode()
    parsed = source.go(data)
    edit = golang.add_element(parsed, parsed.kind("composite_literal")[0], "Z: 1", "Why.")
    return splice(data, [edit]).decode().partition("= ")[2].removesuffix("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("T{}", "T{Z: 1}"),
        ("T{A: 2}", "T{A: 2, Z: 1}"),
        ("&T{A: 2,}", "&T{A: 2, Z: 1}"),
        ("T{\n\tA: 2,\n}", "T{\n\tA: 2,\n\t// Why.\n\tZ: 1,\n}"),
        ("T{\n\tA: 2, // two\n}", "T{\n\tA: 2, // two\n\t// Why.\n\tZ: 1,\n}"),
    ],
)
def test_an_element_is_added_without_moving_another(before: str, after: str) -> None:
    assert added(before) == after


def test_a_line_that_would_grow_too_long_is_broken() -> None:
    value = '"' + "x" * 100 + '"'
    assert added(f"T{{A: {value}, Long: 1}}") == f"T{{\n\tA:    {value},\n\tLong: 1,\n\t// Why.\n\tZ: 1,\n}}"


@pytest.mark.parametrize("literal", ["T{1, 2}", "T{A: 2,\n\tB: 3}", "T{\n\t// nothing\n}"])
def test_a_literal_of_an_unusual_shape_is_refused(literal: str) -> None:
    if literal == "T{A: 2,\n\tB: 3}":
        assert added(literal) == "T{A: 2,\n\tB: 3, Z: 1}"
        return
    with pytest.raises(Refused):
        added(literal)
