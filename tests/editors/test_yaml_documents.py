"""A file of several YAML documents: one is edited, the others stay byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fixers.editors import yaml
from fixers.model import Refused

THREE = b"# one\na:   1 # kept\n---\n# two\nb:\n  - x: 1\n    y: '2'\n---\nc:  {d:  3}\n"

EDITS: list[tuple[Callable[..., bytes], tuple[Any, ...], bytes, bytes]] = [
    (yaml.set_value, ((1, "b", 0, "y"), "5"), b"y: '2'", b"y: '5'"),
    (yaml.set_value, ((0, "a"), 2), b"a:   1 #", b"a:   2 #"),
    (yaml.set_value, ((2, "c", "d"), 4), b"{d:  3}", b"{d:  4}"),
    (yaml.delete, ((1, "b", 0, "y"),), b"    y: '2'\n", b""),
    (yaml.insert_key, ((1, "b", 0), "z", {"k": "v"}), b"'2'\n", b"'2'\n    z:\n      k: v\n"),
    (yaml.replace_scalar, ((1, "b", 0, "x"), "no"), b"x: 1", b"x: no"),
    (yaml.comment_above, ((2, "c"), "said"), b"---\nc:", b"---\n# said\nc:"),
]


@pytest.mark.parametrize(("editor", "args", "old", "new"), EDITS, ids=[e[0].__name__ + str(e[1][0][0]) for e in EDITS])
@pytest.mark.parametrize("eol", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_only_the_one_place_changes(
    editor: Callable[..., bytes], args: tuple[Any, ...], old: bytes, new: bytes, eol: bytes, bom: bytes
) -> None:
    before = bom + THREE.replace(b"\n", eol)
    assert editor(before, *args) == before.replace(old.replace(b"\n", eol), new.replace(b"\n", eol))


@pytest.mark.parametrize("path", [("a",), (3, "a"), ()], ids=["no number", "no such document", "nothing"])
def test_a_path_without_its_document_is_refused(path: tuple[Any, ...]) -> None:
    with pytest.raises(Refused, match="several documents"):
        yaml.set_value(THREE, path, 1)


def test_dashes_inside_a_text_are_no_document() -> None:
    data = b"a: |\n  x\n\n  ---\n  y\n---\nb: 1\n"
    assert yaml.set_value(data, (1, "b"), 2) == data.replace(b"b: 1", b"b: 2")


def test_an_end_mark_that_hides_where_a_document_ends_is_refused() -> None:
    with pytest.raises(Refused):
        yaml.set_value(b"a: 1\n...\nb: 1\n", (1, "b"), 2)


def test_what_is_there_already_changes_nothing() -> None:
    assert yaml.set_value(THREE, (0, "a"), 1) == THREE
