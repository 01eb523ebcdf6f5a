"""Each gate with an editor that is deliberately wrong: what it would let through is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fixers import templates
from fixers.editors import gates, template
from fixers.editors.splice import Edit, insert_lines, splice
from fixers.model import Refused

BEFORE = b"a=1\nb=2\nc=3\n"


def load(data: bytes) -> dict[str, str]:
    rows = gates.decoded(data).splitlines()
    pairs = dict(row.strip().partition("=")[::2] for row in rows if not row.startswith("#"))
    if "" in pairs.values():
        raise Refused("no value")
    return pairs


MEANT = {"a": "1", "b": "9", "c": "3"}
EDITS = (Edit(6, 7, b"9"),)


def test_the_right_editor_passes() -> None:
    assert gates.edited(BEFORE, EDITS, load, MEANT) == b"a=1\nb=9\nc=3\n"


WRONG = [
    (b"a=1\nb=\nc=3\n", "break the file", "it breaks the syntax"),
    (b"a=1\nb=8\nc=3\n", "more than what was meant", "it writes another value"),
    (b"a=1\nb=9\n", "more than what was meant", "it drops a neighbour"),
    (b"b=9\na=1\nc=3\n", "other lines", "it sorts"),
    (b"a=1 \nb=9\nc=3\n", "other lines", "it adds a space elsewhere"),
    (b"# made by a tool\na=1\nb=9\nc=3\n", "other lines", "it leaves a mark on top"),
    (b"a=1\nb=9\nc=3\n# x\n", "other lines", "it leaves a mark at the end"),
    (b"\xef\xbb\xbfa=1\nb=9\nc=3\n", "other lines|byte order", "it adds a byte order mark"),
    (b"a=1\nb=9\nc=3", "other lines|final newline", "it drops the final newline"),
    (b"a=1\nb=9\r\nc=3\n", "line ends", "it mixes line ends"),
]


@pytest.mark.parametrize(("after", "reason", "why"), WRONG, ids=[w[2] for w in WRONG])
def test_a_wrong_editor_is_refused(after: bytes, reason: str, why: str) -> None:
    with pytest.raises(Refused, match=reason):
        gates.passed(BEFORE, after, EDITS, load, MEANT)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"\xef\xbb\xbfa=1\n", b"a=2\n", "byte order"),
        (b"a=1", b"a=2\n", "final newline"),
        (b"a=1\n", b"a=2", "final newline"),
        (b"a=1\r\nb=1\r\n", b"a=1\r\nb=2\n", "line ends"),
        (b"a=1\n", b"a=1\r", "final newline|line ends"),
    ],
)
def test_the_form_gate_alone(before: bytes, after: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        gates.form(before, after)


def test_the_locality_gate_alone() -> None:
    edits = (insert_lines(BEFORE, 2, b"x=1"), Edit(8, 12, b""))
    gates.locality(BEFORE, splice(BEFORE, edits), edits)
    with pytest.raises(Refused, match="other lines"):
        gates.locality(BEFORE, b"a=1\nx=1\n", edits)
    with pytest.raises(Refused, match="other lines"):
        gates.locality(BEFORE, b"a=1\nx=1\nb=2\nb=2\n", (insert_lines(BEFORE, 2, b"x=1"),))


def test_the_identity_gate_alone() -> None:
    gates.identity(b"a", b"a")
    with pytest.raises(Refused, match="unchanged"):
        gates.identity(b"a", b"a\n")


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, 1.0), ("1", 1), ([1], (1,)), ({"a": 1}, {"a": True}), ([1, 2], [1]), (None, "")]
)
def test_values_that_python_takes_for_equal_are_told_apart(one: object, other: object) -> None:
    assert not gates.same(one, other)
    assert gates.same([float("nan"), {"a": [1]}], [float("nan"), {"a": [1]}])


@pytest.mark.parametrize("data", [b"[" * 201, b"({[" * 70, b"-" * 201, b"- " * 202, b"!" * 300])
def test_what_parsers_die_of_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        gates.shallow(data)


@pytest.mark.parametrize("data", [b"[" * 200 + b"]" * 200, b"[]" * 5000, b"#" * 500, b"x" * 5000])
def test_what_is_only_long_is_not(data: bytes) -> None:
    gates.shallow(data)


@pytest.mark.parametrize("act", [lambda: template.fill("$a $b", a="1"), lambda: template.fill("$ x")])
def test_a_template_without_a_value_is_refused(act: Callable[[], str]) -> None:
    with pytest.raises(Refused):
        act()


def test_templates_are_found_by_name() -> None:
    assert template.fill("$a $$x ${b}", a="1", b="2") == "1 $x 2"
    with pytest.raises(FileNotFoundError):
        templates.text("no/such.yml")
