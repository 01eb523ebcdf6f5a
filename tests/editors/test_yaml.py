from __future__ import annotations

import contextlib
import difflib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixers.editors import gates, yaml, yaml_print
from fixers.model import Refused

WORKFLOW = """\
# licence
name: CI

on:
  push:
    branches: [main]
  pull_request:

env:
  A: 1   # one

jobs:
  build:
    runs-on: ubuntu-latest
    # the steps
    steps:
      - uses: actions/checkout@v4 # four

      - name: Test
        run: |
          echo hi

          echo ho
      # - name: Off
  # lint it
  lint:
    steps:
    - run: x
"""


def added(verb: str, *args: Any, text: str = WORKFLOW, **options: Any) -> str:
    """The result as a diff without context: what a reviewer would see."""
    after = getattr(yaml, verb)(text.encode(), *args, **options).decode()
    rows = difflib.unified_diff(text.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(r for r in rows if not r.startswith(("---", "+++", "@@")))


JOB = ("jobs", "build")
STEPS = (*JOB, "steps")
DIFFS = [
    ("insert_key", ((), "permissions", {"contents": "read"}), {"after": "on"}, "+\n+permissions:\n+  contents: read"),
    ("insert_key", ((), "permissions", {"a": "read"}), {"before": "jobs"}, "+\n+permissions:\n+  a: read"),
    ("insert_key", (JOB, "timeout-minutes", 30), {"after": "runs-on"}, "+    timeout-minutes: 30"),
    ("insert_key", (JOB, "timeout-minutes", 30), {"first": True}, "+    timeout-minutes: 30"),
    ("insert_key", ((*STEPS, 0), "with", {"a": False}), {}, "+        with:\n+          a: false"),
    ("insert_key", ((*STEPS, 0), "id", "x"), {"first": True},
     "-      - uses: actions/checkout@v4 # four\n+      - id: x\n+        uses: actions/checkout@v4 # four"),
    ("insert_key", (("on", "pull_request"), "types", ["opened"]), {}, "+    types:\n+      - opened"),
    ("append_item", (STEPS, {"uses": yaml.Commented("a/b@c", "v1"), "run": "a\nb\n"}), {},
     "+\n+      - uses: a/b@c # v1\n+        run: |\n+          a\n+          b"),
    ("append_item", (("jobs", "lint", "steps"), "on"), {}, '+    - "on"'),
    ("append_item", (("on", "push", "branches"), "dev"), {}, "-    branches: [main]\n+    branches: [main, dev]"),
    ("insert_item", (STEPS, 1, {"uses": "a"}), {}, "+      - uses: a\n+"),
    ("set_value", (("env", "A"), "2"), {}, '-  A: 1   # one\n+  A: "2"   # one'),
    ("set_value", (("on", "pull_request"), {"types": ["a"]}), {}, "+    types:\n+      - a"),
    ("set_value", ((*STEPS, 1, "run"), "one"), {},
     "-        run: |\n-          echo hi\n-\n-          echo ho\n+        run: one"),
    ("set_value", ((*JOB, "permissions", "contents"), "read"), {}, "+    permissions:\n+      contents: read"),
    ("delete", (("env",),), {}, "-\n-env:\n-  A: 1   # one"),
    ("delete", ((*STEPS, 1, "name"),), {}, "-      - name: Test\n-        run: |\n+      - run: |"),
    ("replace_scalar", ((*STEPS, 0, "uses"), "a@b"), {},
     "-      - uses: actions/checkout@v4 # four\n+      - uses: a@b # four"),
    ("replace_scalar", ((*STEPS, 0, "uses"), "a@b"), {"comment": "v4"},
     "-      - uses: actions/checkout@v4 # four\n+      - uses: a@b # v4"),
    ("comment_above", ((*STEPS, 1, "name"), "why\nso"), {}, "+      # why\n+      # so"),
    ("comment_above", (("jobs", "lint"), "lint it"), {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "args", "options", "diff"), DIFFS)
def test_a_workflow_is_edited_in_its_own_hand(verb: str, args: Any, options: Any, diff: str) -> None:
    assert added(verb, *args, **options) == diff


@pytest.mark.parametrize("form", ["crlf", "bom", "open end"])
@pytest.mark.parametrize(("verb", "args", "options", "diff"), DIFFS)
def test_in_any_form_of_the_file(verb: str, args: Any, options: Any, diff: str, form: str) -> None:
    def shaped(text: str) -> str:
        if form == "crlf":
            return text.replace("\n", "\r\n")
        return "\ufeff" + text if form == "bom" else text.removesuffix("\n")

    expected = getattr(yaml, verb)(WORKFLOW.encode(), *args, **options).decode()
    assert getattr(yaml, verb)(shaped(WORKFLOW).encode(), *args, **options).decode() == shaped(expected)


TABLE = [
    ("insert_key", "a: {b: 1}\n", (("a",), "c", 2), "a: {b: 1, c: 2}\n", "a flow mapping"),
    ("insert_key", "a: {}\n", (("a",), "c", 2), "a:\n  c: 2\n", "an empty one"),
    ("insert_key", "# only\n", ((), "c", 2), "# only\nc: 2\n", "an empty file"),
    ("insert_key", "", ((), "c", 2), "c: 2\n", "no file at all"),
    ("insert_key", "a:\n    b:\n        c: 1\n", ((), "d", {"e": {"f": 1}}),
     "a:\n    b:\n        c: 1\nd:\n    e:\n        f: 1\n", "four spaces"),
    ("insert_key", "a:\n- 1\n", ((), "d", ["x"]), "a:\n- 1\nd:\n- x\n", "lists that are not indented"),
    ("insert_key", "a: 'x'\n", ((), "d", "on"), "a: 'x'\nd: 'on'\n", "single quotes"),
    ("insert_key", "a: 1\n---\n", ((), "d", 1), None, "two documents"),
    ("insert_key", "a: 1\n", ((), "a", 1), "a: 1\n", "it is there"),
    ("insert_key", "a: 1\n", ((), "a", 2), None, "it is there and differs"),
    ("insert_key", "a: &x\n  b: 1\nc: *x\n", (("a",), "d", 1), None, "an alias would change too"),
    ("insert_key", "a: &x\n  b: 1\nc: *x\n", (("c",), "d", 1), None, "behind an alias"),
    ("insert_key", "a: |+\n  x\n\nb: 1\n", ((), "d", 1), "a: |+\n  x\n\nb: 1\nd: 1\n", "a block that keeps its end"),
    ("insert_key", "a: |\n  x", ((), "d", 1), "a: |\n  x\nd: 1", "a block without a newline at its end"),
    ("insert_key", "a: 1\n...\n", ((), "d", 1), "a: 1\nd: 1\n...\n", "a document with an end"),
    ("insert_key", "a:\n  b: é\n  c: 🎉\n", (("a",), "d", "ü"), "a:\n  b: é\n  c: 🎉\n  d: ü\n", "wide characters"),
    ("append_item", "a: [\n  b,\n  c\n]\n", (("a",), "d"), "a: [\n  b,\n  c,\n  d\n]\n", "a flow list in lines"),
    ("append_item", "a:\n", (("a",), "d"), "a:\n  - d\n", "an empty list"),
    ("append_item", "a: []\n", (("a",), "d"), "a:\n  - d\n", "an empty flow list"),
    ("append_item", "a:\n  -\n    b: 1\n", (("a",), "d"), "a:\n  -\n    b: 1\n  - d\n", "a dash on its own line"),
    ("append_item", "a:\n  - d\n", (("a",), "d"), "a:\n  - d\n", "an equal item"),
    ("set_value", "a: &x 1\n", (("a",), 2), None, "an anchor"),
    ("set_value", "a: !t 1\n", (("a",), 2), None, "a tag"),
    ("set_value", "a: 'x' # c\n", (("a",), "y"), "a: 'y' # c\n", "the quotes stay"),
    ("set_value", "a: 1 # c\n", (("a",), [1]), None, "the comment would move"),
    ("set_value", "a: # c\n  b: 1\n", (("a",), {"d": 1}), "a: # c\n  d: 1\n", "a comment behind the key stays"),
    ("set_value", "a: # c\n", (("a",), {"d": 1}), "a: # c\n  d: 1\n", "behind a key without a value too"),
    ("set_value", "- a\n- b\n", ((0,), "c"), "- c\n- b\n", "an item"),
    ("set_value", "- a\n- b\n", ((0,), {"x": [1]}), "- x:\n    - 1\n- b\n", "an item by a mapping"),
    ("set_value", "on: 1\n", (("on",), 2), "on: 2\n", "`on` is a word"),
    ("set_value", "? a\n: b\n", (("a",), ["x"]), None, "a key with a question mark"),
    ("delete", "a: {b: 1, c: 2}\n", (("a", "b"),), "a: {c: 2}\n", "first of a flow mapping"),
    ("delete", "a: [1, 2]\n", (("a", 1),), "a: [1]\n", "last of a flow list"),
    ("delete", "a:\n  b: 1\n", (("a", "b"),), None, "the only entry"),
    ("delete", "a: 1\n\nb: 2\n", (("b",),), "a: 1\n", "the last paragraph"),
    ("delete", "a: 1\n", (("b",),), "a: 1\n", "it is not there"),
    ("replace_scalar", "a: [x, y]\n", (("a", 0), "z"), "a: [z, y]\n", "in a flow list"),
    ("replace_scalar", "a:\n  |\n  x\n", (("a",), "z"), None, "a block scalar"),
    ("replace_scalar", "a: x\n  y\n", (("a",), "z"), None, "a plain scalar on two lines"),
    ("replace_scalar", "a: x\n", (("a",), "z: 1"), None, "raw text that is no scalar there"),
    ("replace_scalar", "a: x\n", (("b",), "z"), None, "no such place"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "before", "args", "after", "why"), TABLE, ids=[t[4] for t in TABLE])
def test_shapes(verb: str, before: str, args: Any, after: str | None, why: str) -> None:
    if after is None:
        with pytest.raises(Refused):
            getattr(yaml, verb)(before.encode(), *args)
    else:
        assert getattr(yaml, verb)(before.encode(), *args).decode() == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"a: 1\na: 2\n", "twice"),
        (b"a: {{ x }}\n", "template"),
        (b"{{ if x }}\na: 1\n", "YAML|template"),
        (b"[" * 300, "200"),
        (b"- " * 300 + b"a", "200"),
        (b"\n".join(b" " * n + b"a:" for n in range(300)), "200"),
        (b"a: *b\n", "anchor"),
        (b"a: &a [*a]\n", "anchor"),
        (b"a: [\n", "YAML"),
        (b"a: \x01\n", "YAML"),
        (b"a\0", "NUL"),
        (b"\xff\xfea\0", "UTF-16"),
        (b"\xc3", "UTF-8"),
        (b"a: 1\rb: 2\n", "carriage"),
        (b"a: &a [x, x, x, x, x, x, x, x, x, x]\n"
         + b"".join(b"%c: &%c [%s]\n" % (c + 1, c + 1, b", ".join([b"*%c" % c] * 10)) for c in range(97, 106)), "bomb"),
    ],
)  # fmt: skip
def test_what_is_not_read(text: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        yaml.documents(text)


def test_yaml_1_2_words() -> None:
    text = b"on: yes\nno: off\na: true\nb: ~\nc: 0o10\nd: 1e3\ne: 1:30\nf: 'true'\ng: 010\n"
    assert gates.same(
        yaml.load(text),
        {"on": "yes", "no": "off", "a": True, "b": None, "c": 8, "d": 1000.0, "e": "1:30", "f": "true", "g": 10},
    )


def test_merge_keys_give_way_to_the_mappings_own() -> None:
    text = b"x: &x\n  a: 1\n  b: 1\ny:\n  <<: *x\n  b: 2\n"
    assert yaml.load(text)["y"] == {"a": 1, "b": 2}


def test_places() -> None:
    text = "\ufeffé: 1\nb:\n  - &x 'q' # c\n  - k: 🎉 z\n    l: |\n      t\n"
    data = text.encode()
    found = {p: (v, line, data[start:end].decode()) for p, v, line, (start, end) in yaml.nodes(data)}
    assert found == {
        ("é",): (1, 1, "1"),
        ("b", 0): ("q", 3, "'q'"),
        ("b", 1, "k"): ("🎉 z", 4, "🎉 z"),
        ("b", 1, "l"): ("t\n", 5, "|\n      t"),
    }
    assert yaml.lines(data)["b",] == 2 and yaml.line_of(data, ("b", 1)) == 4 and yaml.line_of(data, ("z",)) == 0
    assert yaml.comment_of(data, ("b", 0)) == "c" and yaml.comment_of(data, ("é",)) == ""


def test_several_documents_are_read() -> None:
    data = b"a: 1\n---\nb: 2\n"
    assert yaml.documents(data) == [{"a": 1}, {"b": 2}]
    assert yaml.line_of(data, (1, "b")) == 3


WORD = st.text(" ab:-#'\"{}[]&*!|>%@`?,~é\n\t\\=on1.", max_size=8)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | WORD,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(WORD, v, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(key=WORD, value=VALUE, place=st.sampled_from([(), JOB, (*STEPS, 0), ("on", "push"), ("on", "pull_request")]))
def test_any_value_is_written_exactly_or_refused(key: str, value: Any, place: Any) -> None:
    before = WORKFLOW.encode()
    try:
        after = yaml.insert_key(before, place, key, value)
    except Refused:
        assert key in ("on", "<<") or any("\n" in w for w in _words([value]))
        return
    found = yaml.load(after)
    for step in place:
        found = found[step]
    assert gates.same(found[key], value)
    assert yaml.insert_key(after, place, key, value) == after
    rest = iter(after.split(b"\n"))
    assert all(row in rest for row in before.split(b"\n"))


def _words(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [w for k, v in value.items() for w in (k, *_words(v))]
    return [w for v in value for w in _words(v)] if isinstance(value, list) else [str(value)]


@settings(max_examples=200, deadline=None)
@given(st.text(" ab:-#'\"{}[]&*!|>%?,\n\r\t1<\ufeff\u2028\x85é", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    data = text.encode()
    try:
        list(yaml.nodes(data))
        paths = list(yaml.lines(data))
    except Refused:
        return
    for path in paths:
        for verb, args in (("set_value", ("x y",)), ("delete", ()), ("comment_above", ("c",)), ("append_item", (1,))):
            with contextlib.suppress(Refused):
                getattr(yaml, verb)(data, path, *args)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        yaml.documents(data)


@given(VALUE)
def test_a_block_says_what_was_meant(value: Any) -> None:
    with contextlib.suppress(Refused):
        text = "\n".join(yaml_print.entry("k", value, 0, yaml_print.Hand()))
        assert gates.same(yaml.load(text.encode() + b"\n"), {"k": value})
