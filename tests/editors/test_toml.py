from __future__ import annotations

import contextlib
import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.editors import gates, toml, toml_tree
from fixers.model import Refused

CARGO = """\
# licence

[package]
name = 'a'  # the name
version = "1.0"

# what it needs
[dependencies]
serde = { version = "1", features = ["derive"] }
tokio = "1"
# not yet
# axum = "0.7"

[profile.release]
lto = true
"""

TABLE = [
    ("set_value", CARGO, (("package", "name"), "b"), {}, ("'a'", "'b'"), "the quotes and the comment stay"),
    ("set_value", CARGO, (("dependencies", "serde", "version"), "2"), {}, ('"1", f', '"2", f'), "in an inline table"),
    ("set_value", CARGO, (("dependencies", "serde", "optional"), True), {}, ('"] }', '"], optional = true }')[::1],
     "a new key of an inline table"),
    ("set_value", CARGO, (("package", "edition"), "2024"), {}, ('"1.0"\n', '"1.0"\nedition = "2024"\n'), "a new key"),
    ("set_value", CARGO, (("dependencies", "x"), {"path": "x"}), {}, ('"1"\n#', '"1"\nx = { path = "x" }\n#'),
     "a dict in a table is inline"),
    ("set_value", CARGO, (("package", "rust-version"), "1.80"), {"comment": "why"},
     ('"1.0"\n', '"1.0"\n# why\nrust-version = "1.80"\n'), "with a comment"),
    ("set_value", CARGO, (("profile", "release", "panic"), "abort"), {}, ("true\n", 'true\npanic = "abort"\n'),
     "at the end of the file"),
    ("set_value", CARGO, (("profile", "dev"), {"debug": 1}), {}, ("true\n", "true\n\n[profile.dev]\ndebug = 1\n"),
     "a new table beside its kin"),
    ("set_value", CARGO, (("lints", "clippy", "x"), "warn"), {}, ("true\n", 'true\n\n[lints.clippy]\nx = "warn"\n'),
     "a new table at the end"),
    ("set_value", CARGO, (("package", "metadata"), {"a": 1}), {"table": True},
     ('"1.0"\n\n', '"1.0"\n\n[package.metadata]\na = 1\n\n'), "a table when asked for"),
    ("set_value", CARGO, (("profile", "release"), {"lto": True, "strip": True}), {}, ("true\n", "true\nstrip = true\n"),
     "the keys of a table one by one"),
    ("set_value", CARGO, (("top",), 1), {}, ("\n\n[package]", "\n\ntop = 1\n\n[package]"), "a key of the root"),
    ("set_value", CARGO, (("package", "name"), "a"), {"comment": "x"}, ("", ""), "nothing to do"),
    ("set_value", CARGO, (("package", "name", "x"), 1), {}, None, "a string is no table"),
    ("set_value", CARGO, (("profile", "release"), 1), {}, None, "a table is not replaced by a value"),
    ("set_value", "a.b = 1\nz = 2\n", (("a", "new"), 3), {}, ("1\n", "1\na.new = 3\n"), "dotted keys stay together"),
    ("set_value", "a.b = 1\nz = 2\n", (("a", "new"), {"x": 1}), {}, ("2\n", "2\n\n[a.new]\nx = 1\n"),
     "a table below dotted keys"),
    ("set_value", "[a.b]\nx = 1\n", (("a", "y"), 2), {}, ("1\n", "1\n\n[a]\ny = 2\n"), "a table that was only implied"),
    ("set_value", "x = [\n  1, # one\n  2,\n]\n", (("x",), [3]), {}, None, "comments inside the old value"),
    ("set_value", "x = [\n  1,\n  2,\n]\n", (("x",), [3, 4]), {}, ("  1,\n  2,", "  3,\n  4,"), "an array in lines"),
    ("set_value", "[[b]]\nn = 1\n[x]\n[[b]]\nn = 2\n", (("b", 1, "n"), 3), {}, ("2", "3"), "split arrays of tables"),
    ("set_value", "x = 1979-05-27 07:32:00 # d\n", (("x",), datetime.date(2026, 1, 2)), {},
     ("1979-05-27 07:32:00", "2026-01-02"), "a date with a space"),
    ("set_value", "x = 1\ny = 2\n", (("x",), True), {}, ("1\n", "true\n"), "1 is not true"),
    ("append", "x = ['a']\n", (("x",), "b"), {}, ("'a'", "'a', \"b\""), "an array on one line"),
    ("append", "x = [\n  1, # one\n]\n", (("x",), 2), {}, ("one\n", "one\n  2,\n"), "an array in lines"),
    ("append", "x = [\n  1 # one\n]\n", (("x",), 2), {}, ("1 # one\n", "1, # one\n  2\n"), "without a last comma"),
    ("append", "x = []\n", (("x",), 2), {}, ("[]", "[2]"), "an empty one"),
    ("append", "x = [\n  # a,\n]\n", (("x",), 2), {}, ("a,\n", "a,\n  2,\n"), "an empty one with a comment"),
    ("append", "x = [1, 2]\n", (("x",), 2), {}, ("", ""), "it is there"),
    ("append", "[[b]]\nn = 1\n\n[c]\n", (("b",), {"n": 2}), {}, ("1\n", "1\n\n[[b]]\nn = 2\n"), "an array of tables"),
    ("append", "x = 1\n", (("x",), 2), {}, None, "no array"),
    ("append", "[t]\n", (("t", "x"), 2), {}, ("[t]\n", "[t]\nx = [2]\n"), "a missing one"),
    ("delete", CARGO, (("dependencies", "tokio"),), {}, ('tokio = "1"\n', ""), "a key"),
    ("delete", CARGO, (("profile",),), {}, ("\n[profile.release]\nlto = true\n", ""), "a table"),
    ("delete", CARGO, (("dependencies", "serde", "version"),), {}, ('version = "1", ', ""), "of an inline table"),
    ("delete", "x = [1, 2]\n", (("x", 1),), {}, (", 2", ""), "an item"),
    ("delete", "x = [\n  1,\n  2,\n]\n", (("x", 0),), {}, ("  1,\n", ""), "an item with its line"),
    ("delete", "x = 1\n", (("y",),), {}, ("", ""), "it is not there"),
    ("delete", "a.b = 1\n", (("a", "b"),), {}, None, "its parent would go too"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["plain", "crlf", "bom", "open end"])
@pytest.mark.parametrize(("verb", "text", "args", "options", "change", "why"), TABLE, ids=[t[5] for t in TABLE])
def test_edits(verb: str, text: str, args: Any, options: Any, change: Any, why: str, form: str) -> None:
    def shaped(text: str) -> bytes:
        text = text.replace("\n", "\r\n") if form == "crlf" else text
        text = text.removesuffix("\n") if form == "open end" else text
        return ("\ufeff" + text if form == "bom" else text).encode()

    act = getattr(toml, verb)
    if change is None:
        with pytest.raises(Refused):
            act(shaped(text), *args, **options)
        return
    assert text.count(change[0]) == 1 or not change[0]
    after = shaped(text.replace(*change) if change[0] else text)
    assert act(shaped(text), *args, **options).decode() == after.decode()
    assert act(after, *args, **options) == after or verb == "delete"


def test_places() -> None:
    data = b"\xef\xbb\xbfa = 1\n[t]\n'b c' = [\n  'x',\n  { y = 2 },\n]\n[[u]]\n[[u]]\nv.w = ''\n"
    assert list(toml.items(data)) == [
        (("a",), 1, 1),
        (("t", "b c", 0), "x", 4),
        (("t", "b c", 1, "y"), 2, 5),
        (("u", 1, "v", "w"), "", 9),
    ]
    assert [toml.line_of(data, k) for k in (("t",), ("t", "b c"), ("u", 1), ("q",), ())] == [2, 3, 8, 0, 0]


@pytest.mark.parametrize(
    "data",
    [
        b"a = {\n b = 1,\n}\n",
        b"a = \xff\n",
        b"a\0",
        "a = 1".encode("utf-16"),
        b"a = 1\na = 2\n",
        b"x = " + b"[" * 300,
        b"a = 1\rb = 2\n",
        b"x = " + b"9" * 9000,
    ],
)
def test_what_is_not_read(data: bytes) -> None:
    with pytest.raises(Refused):
        toml.load(data)


WORD = st.text("ab-. \"'\\\n\té🎉#=[]{}\x7f\x01", max_size=6)
VALUE = st.recursive(
    st.booleans() | st.integers(-9, 999) | st.floats(allow_nan=True) | WORD | st.dates() | st.times() | st.datetimes(),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(WORD, v, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(key=WORD, value=VALUE, table=st.sampled_from([(), ("package",), ("dependencies", "serde"), ("new", "one")]))
def test_any_value_is_written_exactly(key: str, value: Any, table: tuple[str, ...]) -> None:
    before = CARGO.encode()
    path = (*table, "k" + key)
    after = toml.set_value(before, path, value)
    assert gates.same(toml_tree.value_at(toml.load(after), path), value)
    assert toml.set_value(after, path, value) == after
    if table and table != ("new", "one"):
        assert toml.delete(after, path) == before


PIECES = [
    "a",
    "b.c",
    "'d'",
    "=",
    " 1",
    '"x"',
    "'''\n'''",
    '"""\\""""',
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "\n",
    "#",
    "\r\n",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    data = text.encode()
    with contextlib.suppress(Refused):
        toml.load(data)
        for keys, value, _ in toml.items(data):
            assert toml.set_value(data, keys, value) == data
            with contextlib.suppress(Refused):
                toml.delete(data, keys)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        toml_tree.read(data)


def test_an_edit_that_tomlkit_reads_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(data: bytes) -> dict[str, Any]:
        return {**toml.load(data), "more": 1}

    monkeypatch.setattr(toml, "opinion", other)
    with pytest.raises(Refused, match="more than what was meant"):
        toml.set_value(b"a = 1\n", ("a",), 2)
    assert toml.set_value(b"a = 1\n", ("a",), 1) == b"a = 1\n"
