"""The editors of .env, JSON, INI and Markdown: the same table, the same properties."""

from __future__ import annotations

import contextlib
import json as plain_json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.editors import env, gates, ini, json, markdown
from fixers.model import Refused

PACKAGE = '{\n  // why\n  "a": 1,\n  "b": {\n    "c": [\n      "x"\n    ]\n  }\n}\n'

TABLE: list[tuple[ModuleType, str, str, tuple[Any, ...], str | None, str]] = [
    (env, "set_value", "A=1\nB='2' # two\n", ("B", "3"), "A=1\nB='3' # two\n", "quotes and comment stay"),
    (env, "set_value", "export A = 1  # one\n", ("A", "2"), "export A = 2  # one\n", "export and spaces stay"),
    (env, "set_value", "A=1\n", ("B", "two words"), 'A=1\nB="two words"\n', "a new one, quoted"),
    (env, "set_value", "A=1\n", ("B", "$x", "why"), "A=1\n# why\nB='$x'\n", "a dollar is not expanded"),
    (env, "set_value", "A=\n", ("A", "x"), "A=x\n", "an empty value"),
    (env, "set_value", "A\n", ("A", "x"), "A=x\n", "no value at all"),
    (env, "set_value", "A=1 # c\n", ("A", ""), "A= # c\n", "emptied"),
    (env, "set_value", "A=1\n", ("A", "1"), "A=1\n", "nothing to do"),
    (env, "set_value", "A=1\nA=2\n", ("A", "3"), None, "it is there twice"),
    (env, "set_value", "A=1\n", ("A", "a\nb"), None, "two lines"),
    (env, "set_value", "a b\n", ("A", "1"), None, "a line that is no assignment"),
    (env, "set_value", "A=1\n", ("a b", "1"), None, "no name"),
    (json, "set_value", PACKAGE, (("a",), 2), PACKAGE.replace("1,", "2,"), "a value"),
    (json, "set_value", PACKAGE, (("b", "d"), {"e": 1}),
     PACKAGE.replace("    ]\n", '    ],\n    "d": {\n      "e": 1\n    }\n'), "a new member in the file's indentation"),
    (json, "set_value", PACKAGE, (("z", "y"), 1),
     PACKAGE.replace("  }\n}", '  },\n  "z": {\n    "y": 1\n  }\n}'), "with an object above it"),
    (json, "set_value", '{"a": 1}', (("b",), [1]), '{"a": 1, "b": [1]}', "on one line"),
    (json, "set_value", "{}\n", (("b",), 1), '{\n  "b": 1\n}\n', "an empty object"),
    (json, "set_value", '{"a": 1, "a": 2}', (("a",), 3), None, "a key twice"),
    (json, "set_value", "{'a': 1}", (("a",), 3), None, "JSON5 quotes"),
    (json, "set_value", '{"a": [1 /* one */]}', (("a",), 3), None, "a comment inside the old value"),
    (json, "set_value", '{"a": 1}', (("a", "b"), 3), None, "a number is no object"),
    (json, "append", PACKAGE, (("b", "c"), "y"), PACKAGE.replace('"x"', '"x",\n      "y"'), "an array in lines"),
    (json, "append", '{"a": [1]}', (("a",), 2), '{"a": [1, 2]}', "an array on one line"),
    (json, "append", '{"a": [1,]}', (("a",), 2), '{"a": [1, 2,]}', "a trailing comma"),
    (json, "append", '{"a": [1]}', (("a",), 1), '{"a": [1]}', "it is there"),
    (json, "delete", '{\n  "a": 1,\n  "b": 2\n}\n', (("a",),), '{\n  "b": 2\n}\n', "the first"),
    (json, "delete", '{\n  "a": 1,\n  "b": 2\n}\n', (("b",),), '{\n  "a": 1\n}\n', "the last"),
    (json, "delete", PACKAGE, (("a",),), PACKAGE.replace('"a": 1,\n  ', ""), "below a comment"),
    (json, "delete", '{"a": 1, // x\n"b": 2}', (("a",),), None, "a comment beside it"),
    (ini, "set_value", "[a]\nx = 1\n; c\ny: 2\n", ("a", "y", "3"), "[a]\nx = 1\n; c\ny: 3\n", "a value"),
    (ini, "set_value", "[a]\nx=1\n\n[b]\n", ("a", "y", "3", "why"), "[a]\nx=1\n# why\ny=3\n\n[b]\n", "a new option"),
    (ini, "set_value", "[a]\nx = 1\n", ("b", "y", "3"), "[a]\nx = 1\n\n[b]\ny = 3\n", "a new section"),
    (ini, "set_value", "[a]\nx =\n    1\n    2\ny = 3\n", ("a", "x", "5"), "[a]\nx = 5\ny = 3\n", "a value in lines"),
    (ini, "set_value", "[a]\nx\n", ("a", "x", "5"), "[a]\nx = 5\n", "no value at all"),
    (ini, "set_value", "[a]\nX = 1\n", ("a", "x", "5"), "[a]\nX = 1\nx = 5\n", "case counts"),
    (ini, "set_value", "[a]\n[b]\n", ("a", "x", "5"), "[a]\nx = 5\n[b]\n", "an empty section"),
    (ini, "set_value", "[a]\nx = 1\nx = 2\n", ("a", "x", "5"), None, "an option twice"),
    (ini, "set_value", "x = 1\n", ("a", "x", "5"), None, "no section"),
    (ini, "set_value", "[a]\n", ("a", "x", "5\n6"), None, "two lines"),
    (ini, "delete", "[a]\nx =\n  1\n  2\ny = 3\n", ("a", "x"), "[a]\ny = 3\n", "an option with its lines"),
    (ini, "delete", "[a]\nx = 1\n", ("a", "y"), "[a]\nx = 1\n", "it is not there"),
    (markdown, "append_section", "# A\n\ntext\n", ("B", "more"), "# A\n\ntext\n\n## B\n\nmore\n", "at the end"),
    (markdown, "append_section", "- item\n", ("B", "more"), "- item\n\n## B\n\nmore\n", "behind a list"),
    (markdown, "append_section", "# A\n\n## b:\n", ("B", "more"), "# A\n\n## b:\n", "it is there"),
    (markdown, "append_section", "```\nopen\n", ("B", "more"), None, "inside a fence without an end"),
    (markdown, "append_section", "<!-- open\n", ("B", "more"), None, "inside a comment without an end"),
    (markdown, "insert_after_heading", "# A\n\ntext\n", ("a", "new"), "# A\n\nnew\n\ntext\n", "below a heading"),
    (markdown, "insert_after_heading", "A\n===\ntext\n", ("A", "new"), "A\n===\n\nnew\n\ntext\n", "an underlined one"),
    (markdown, "insert_after_heading", "# A\n", ("A", "new"), "# A\n\nnew\n", "at the end of the file"),
    (markdown, "insert_after_heading", "# A\n\nnew\n\ntext\n", ("A", "new"), "# A\n\nnew\n\ntext\n", "it is there"),
    (markdown, "insert_after_heading", "```\n# A\n```\n", ("A", "new"), None, "a heading inside code"),
    (markdown, "insert_after_heading", "# A\n# A\n", ("A", "new"), None, "two of them"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["plain", "crlf", "bom", "open end"])
@pytest.mark.parametrize(
    ("editor", "verb", "before", "args", "after", "why"),
    TABLE,
    ids=[f"{t[0].__name__.rpartition('.')[2]}: {t[5]}" for t in TABLE],
)
def test_edits(
    editor: ModuleType, verb: str, before: str, args: tuple[Any, ...], after: str | None, why: str, form: str
) -> None:
    def shaped(text: str) -> bytes:
        text = text.replace("\n", "\r\n") if form == "crlf" else text
        text = text.removesuffix("\n") if form == "open end" else text
        return ("\ufeff" + text if form == "bom" else text).encode()

    act: Callable[..., bytes] = getattr(editor, verb)
    if after is None:
        with pytest.raises(Refused):
            act(shaped(before), *args)
        return
    assert act(shaped(before), *args).decode() == shaped(after).decode()
    assert act(shaped(after), *args) == shaped(after)


def test_places() -> None:
    assert list(env.items(b"\n# c\nA=1\n\nexport B='x\ny'\nC\n")) == [("A", "1", 3), ("B", "x\ny", 5), ("C", None, 7)]
    assert list(json.items(PACKAGE.encode())) == [(("a",), 1, 3), (("b", "c", 0), "x", 6)]
    assert [json.line_of(PACKAGE.encode(), k) for k in (("b", "c"), ("z",))] == [5, 0]
    text = b"[a]\nx = 1\n  2\n\n[b]\ny\n"
    assert list(ini.items(text)) == [("a", "x", "1\n2", 2), ("b", "y", None, 6)]
    assert [ini.line_of(text, *k) for k in (("b",), ("b", "y"), ("z",), ("a", "z"))] == [5, 6, 0, 0]
    text = b"# A *b*\n\n```sh\nmake\n```\n\n    indented\n\n> # no\n\nB\n---\n"
    assert [(b.info, b.text, b.first_line) for b in markdown.code_blocks(text)] == [
        ("sh", "make\n", 4),
        ("", "indented\n", 7),
    ]
    assert [(h.level, h.text, h.line, h.end_line) for h in markdown.headings(text)] == [
        (1, "A *b*", 1, 1),
        (2, "B", 11, 12),
    ]


@pytest.mark.parametrize(
    "data", [b"a\0", b"\xff\xfea\0", b"\xc3", b'{"a": ' + b"[" * 300, b'{"a" 1}', b'{"a": 01}', b""]
)
def test_json_that_is_not_read(data: bytes) -> None:
    with pytest.raises(Refused):
        json.load(data)


SCALAR = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
VALUE = st.recursive(
    SCALAR, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=4), v, max_size=3), max_leaves=8
)


@settings(max_examples=60, deadline=None)
@given(VALUE, st.booleans())
def test_json_says_what_the_standard_library_says(value: Any, indented: bool) -> None:
    data = plain_json.dumps(value, indent=2 if indented else None).encode()
    assert gates.same(json.load(data), plain_json.loads(data))
    for keys, scalar, _ in json.items(data):
        assert json.set_value(data, keys, scalar) == data
        if keys:
            assert gates.same(json.load(json.set_value(data, keys, ["é"])), _put(plain_json.loads(data), keys))


def _put(data: Any, keys: tuple[Any, ...]) -> Any:
    at = data
    for key in keys[:-1]:
        at = at[key]
    at[keys[-1]] = ["é"]
    return data


SNIPPETS = [
    "a",
    "=",
    " ",
    "\n",
    "\r\n",
    "[s]",
    "# c",
    "'",
    '"',
    "\\",
    "export ",
    "x=1\n",
    "```",
    "- ",
    "{",
    "}",
    '"k":',
    "1",
    ",",
    ":",
    "é",
    "\t",
    "$",
    ";",
]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(SNIPPETS), max_size=12).map("".join)
    | st.binary(max_size=40).map(lambda b: b.decode("latin1"))
)
def test_any_text_is_edited_or_refused(text: str) -> None:
    data = text.encode()
    acts: tuple[Callable[[bytes], bytes], ...] = (
        lambda d: env.set_value(d, "KEY", "va lue"),
        lambda d: ini.set_value(d, "s", "KEY", "va lue"),
        lambda d: json.set_value(d, ("KEY",), ["v"]),
        lambda d: markdown.append_section(d, "Heading", "Body."),
    )
    for act in acts:
        with contextlib.suppress(Refused):
            after = act(data)
            assert act(after) == after
            rest = iter(after.split(b"\n"))
            assert all(row in rest for row in data.split(b"\n")[:-1] if act is not acts[2])


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    reads: tuple[Callable[[bytes], Any], ...] = (
        env.load,
        json.load,
        lambda d: list(ini.items(d)),
        markdown.load,
        markdown.code_blocks,
    )
    for read in reads:
        with contextlib.suppress(Refused):
            read(data)
