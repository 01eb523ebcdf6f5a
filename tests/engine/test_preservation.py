"""The figures of `benchmarks preservation` are worth something only when a careless edit makes them rise."""

from __future__ import annotations

import pytest

from benchmarks import asked, forms

BEFORE = b"a: 1\nb: 2\nc: 3\n"
MEANT = b"a: 1\nb: 9\nc: 3\n"
CRLF = forms.FORMS["CRLF"]

EDITS = [
    (BEFORE, MEANT, (0, False, False), "the edit itself"),
    (CRLF(BEFORE), CRLF(MEANT), (0, False, False), "as CRLF"),
    (BEFORE[:-1], MEANT[:-1], (0, False, False), "without a final newline"),
    (CRLF(BEFORE), b"a: 1\r\nb: 9\nc: 3\r\n", (0, True, False), "a line end of another kind"),
    (CRLF(BEFORE), MEANT, (2, False, False), "every line end"),
    (BEFORE, b"a: 1\nb: 9\nc: 3 \n", (1, False, False), "a space elsewhere"),
    (BEFORE, b"b: 9\na: 1\nc: 3\n", (1, False, False), "sorted"),
    (BEFORE, MEANT + b"\n", (1, False, True), "a newline more"),
    (BEFORE[:-1], MEANT, (0, False, True), "a newline that was not there"),
    (forms.BOM + BEFORE, MEANT, (1, False, False), "the byte order mark gone"),
]


@pytest.mark.parametrize(("before", "after", "figures", "why"), EDITS, ids=[e[3] for e in EDITS])
def test_what_an_edit_did_beside_its_hunk_is_counted(
    before: bytes, after: bytes, figures: tuple[int, bool, bool], why: str
) -> None:
    counted = forms.collateral(before, after, (BEFORE, MEANT))
    assert (counted, forms.mixed(before, after), forms.final_newline(before, after)) == figures


@pytest.mark.parametrize(
    ("after", "count"),
    [(MEANT, 0), (b"a: 1\nb: 9\n  c: 3\n", 1), (b"c: 3\na: 1\nb: 2\n", 1), (b"a: 1\nb: 2\nc: 3\nd: 4\n", 0)],
)
def test_lines_that_go_and_come_again_are_counted(after: bytes, count: int) -> None:
    assert forms.moved(BEFORE, after) == count


@pytest.mark.parametrize(
    ("path", "text"),
    [("a.yml", "x: one\ny: {z: two}\n"), ("a.toml", "x = 'one'\n"), ("a.json", '{"x": "one"}\n'),
     ("a.ini", "[s]\nx = one\n"), (".env", "X=one\n")],
)  # fmt: skip
def test_each_editor_is_asked_to_change_a_word_and_to_add_a_key(path: str, text: str) -> None:
    data = text.encode()
    verbs = asked.edits(path, data)
    assert any("changed" in v for v in verbs) and any("gains" in v for v in verbs)
    for edit in verbs.values():
        once = edit(data)
        assert once != data and edit(once) == once
