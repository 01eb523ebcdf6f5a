"""The lines of a diff: what is drawn for which bytes."""

from __future__ import annotations

import pytest

from fixers.model import EXECUTABLE, Change
from tui.widgets.diff_lines import beside, fits_beside, lines_of, quick, stacked
from tui.widgets.syntax import colour


def drawn(change: Change, context: int = 3, *, hidden: frozenset[str] = frozenset()) -> list[str]:
    """Each line as its kind and text, for reading."""
    return [f"{line.kind}{line.text}{line.tail}" for line in lines_of((change,), context, hidden=hidden)]


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (Change("a", b"1\n2\n", b"1\n3\n"), ["fa", "@@@ -1,2 +1,2 @@", " 1", "-2", "+3"]),
        (Change("a", None, b"x\n"), ["fa  new file", "@@@ -0,0 +1 @@", "+x"]),
        (Change("a", None, b"x\n", EXECUTABLE), ["fa  new file, executable", "@@@ -0,0 +1 @@", "+x"]),
        (Change("a", b"x\n", None), ["fa  leaves git; merging deletes it on disk", "@@@ -1 +0,0 @@", "-x"]),
        (Change("a", None, b""), ["fa  new file", "nan empty file"]),
        (Change("a", b"x\n", b"x\n"), ["fa", "nonly the mode changes"]),
        (Change("a", b"\0", b"\0\0"), ["fa", "nbinary, 2 bytes"]),
        # the end of a line is shown where it differs, and only there
        (Change("a", b"x\r\n", b"y\r\n"), ["fa", "@@@ -1 +1 @@  CR LF", "-x", "+y"]),
        (Change("a", b"x\r\n", b"x\n"), ["fa", "@@@ -1 +1 @@", "-x␍␊", "+x␊"]),
        (Change("a", b"x", b"x\n"), ["fa", "@@@ -1 +1 @@", "-x", "n\\ no newline at the end of the file", "+x"]),
        # a carriage return inside a line, a tab, an escape, an override
        (Change("a", None, b"p\rq\n"), ["fa  new file", "@@@ -0,0 +1 @@", "+p\\x0dq"]),
        (Change("a", None, b"p\tq\n"), ["fa  new file", "@@@ -0,0 +1 @@", "+p   q"]),
        (Change("a", None, b"\x1b[31m\n"), ["fa  new file", "@@@ -0,0 +1 @@", "+\\x1b[31m"]),
        (Change("a", None, "\u202e".encode()), ["fa  new file", "@@@ -0,0 +1 @@", "+\\u202e",
                                               "n\\ no newline at the end of the file"]),
        (Change("a", None, b"\xff\n"), ["fa  new file", "@@@ -0,0 +1 @@", "+\\xff"]),
        (Change("a\nb", None, b"x\n"), ['f"a\\nb"  new file', "@@@ -0,0 +1 @@", "+x"]),
    ],
)  # fmt: skip
def test_what_is_drawn(change: Change, lines: list[str]) -> None:
    assert drawn(change) == lines


def test_hidden_files_show_no_contents() -> None:
    key = Change("key.pem", b"SECRET\n", None)
    assert "SECRET" not in "".join(drawn(key, hidden=frozenset({key.path})))
    assert "+key.pem" in drawn(Change(".gitignore", b"", b"key.pem\n"), hidden=frozenset({key.path}))


def test_a_line_of_megabytes_is_cut_and_says_so() -> None:
    line = drawn(Change("a.js", None, b"x" * 2_000_000))[2]
    assert len(line) < 5000
    assert line.endswith("… 1,996,000 more characters")


def test_a_diff_of_a_hundred_thousand_lines_is_cut_and_says_so() -> None:
    lines = drawn(Change("a", None, b"x\n" * 100_000))
    assert len(lines) == 20_001
    assert "80,002 more lines" in lines[-1]


def test_what_changed_inside_a_line_is_marked() -> None:
    lines = lines_of((Change("a", b'tokio = "1.0"\n', b'tokio = "1.40"\n'),), 3)
    old, new = lines[2], lines[3]
    assert [old.text[a:b] for a, b in old.marks] == ["0"]
    assert [new.text[a:b] for a, b in new.marks] == ["40"]


def test_lines_that_have_little_in_common_are_not_marked() -> None:
    lines = lines_of((Change("a", b"alpha beta\n", b"something else here\n"),), 3)
    assert not lines[2].marks and not lines[3].marks


def test_beside_puts_old_left_and_new_right() -> None:
    lines = lines_of((Change("a", b"1\n2\n3\n", b"1\nx\ny\n3\n"),), 3)
    pairs = [(a.text if a else None, b.text if b else None) for a, b in beside(lines)]
    assert pairs[2:] == [("1", "1"), ("2", "x"), (None, "y"), ("3", "3")]
    assert pairs[0] == ("a", None), "heads take the whole width"


def test_beside_is_for_diffs_with_both_sides_that_fit() -> None:
    both = lines_of((Change("a", b"1\n", b"2\n"),), 3)
    only = lines_of((Change("a", None, b"2\n"),), 3)
    long = lines_of((Change("a", b"1\n", b"2" * 90 + b"\n"),), 3)
    assert fits_beside(both, 96)
    assert not fits_beside(only, 96)
    assert not fits_beside(long, 96)


def test_only_what_is_found_at_once_is_found_on_the_screens_thread() -> None:
    lines = [b"%d\n" % n for n in range(20_000)]
    changed = [*lines[:9000], b"x\n", *lines[9001:]]
    scattered = [b"x" + line if n % 10 == 0 else line for n, line in enumerate(lines)]
    assert quick((Change("a", b"".join(lines), b"".join(changed)),))
    assert not quick((Change("a", b"".join(lines), b"".join(scattered)),))


def test_colour_reads_each_side_of_a_hunk_by_itself() -> None:
    lines = lines_of((Change("a.py", b'x = "a\n', b'x = "b"\ny = 1\n'),), 3)
    colour(lines)
    kinds = {(line.kind, name) for line in lines for _, _, name in line.spans}
    assert ("+", "string") in kinds and ("+", "number") in kinds


def test_stacked_is_one_line_each() -> None:
    assert [b for _, b in stacked(lines_of((Change("a", b"1\n", b"2\n"),), 0))] == [None] * 4
