"""The tree speaks in characters, the file in bytes: edits must land on the byte."""

import pytest

from fixers.editors import source
from fixers.editors.source import Source, enclosing
from fixers.editors.splice import splice
from fixers.model import Refused

RUST = 'fn grüße() {\n    let é = "日本"; // 🦀\n    x.lock().unwrap();\n}\n'


def call(tree: Source, text: str) -> source.Node:
    return next(n for n in tree.kind("call_expression") if n.text() == text)


def variants(text: str) -> list[bytes]:
    crlf = text.replace("\n", "\r\n")
    return [
        text.encode(),
        crlf.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        b"\xef\xbb\xbf" + crlf.encode(),
        text.rstrip("\n").encode(),
    ]


@pytest.mark.parametrize(
    "data",
    variants(RUST) + variants(RUST.encode("ascii", "ignore").decode()) + variants("// " + "ü" * 3000 + "\n" + RUST),
)
def test_a_replacement_lands_on_the_bytes_of_its_node(data: bytes) -> None:
    tree = source.rust(data)
    node = call(tree, "x.lock().unwrap()")
    start, end = tree.span(node)
    assert data[start:end] == b"x.lock().unwrap()"
    assert splice(data, [tree.replace(node, "y")]) == data.replace(b"x.lock().unwrap()", b"y")


@pytest.mark.parametrize("data", variants(RUST))
def test_lines_count_from_one_in_every_line_ending(data: bytes) -> None:
    tree = source.rust(data)
    assert tree.line(call(tree, "x.lock().unwrap()")) == 3
    assert tree.line(tree.kind("function_item")[0]) == 1
    assert tree.end_line(tree.kind("function_item")[0]) == 4


@pytest.mark.parametrize("data", variants("fn f() {\n    a();\n    b(); // said\n}\n"))
def test_inserted_lines_take_the_indentation_and_the_line_end_of_their_neighbour(data: bytes) -> None:
    tree = source.rust(data)
    statement = call(tree, "b()").parent()
    assert statement is not None
    wanted = data.replace(b"    b(); // said", b"    one();\n    b(); // said\n    if x {\n        two();\n    }")
    got = splice(
        data, [tree.insert_before(statement, "one();"), tree.insert_after(statement, "if x {\n    two();\n}\n")]
    )
    assert got.replace(b"\r\n", b"\n") == wanted.replace(b"\r\n", b"\n")
    assert got.count(b"\r") == (got.count(b"\n") if b"\r" in data else 0)


def test_tabs_stay_tabs() -> None:
    data = b"fn f() {\n\ta();\n}\n"
    tree = source.rust(data)
    got = splice(data, [tree.insert_after(call(tree, "a()"), "if x {\n    two();\n}")])
    assert got == b"fn f() {\n\ta();\n\tif x {\n\t\ttwo();\n\t}\n}\n"


def test_within_a_line_the_insertion_stays_within_it() -> None:
    data = b"fn f() { a(); b() }\n"
    tree = source.rust(data)
    assert splice(data, [tree.insert_before(call(tree, "a()"), "z();")]) == b"fn f() { z(); a(); b() }\n"
    assert splice(data, [tree.insert_after(call(tree, "b()"), "?", own_line=False)]) == b"fn f() { a(); b()? }\n"


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("fn f() { x.lock().unwrap(); }\n", False),
        ("fn f() { x.lock().unwrap(); }\nfn g() { let y = (1 ; }\n", False),  # in another function
        ("fn f() { let y = (1; x.lock().unwrap(); }\n", True),  # one statement swallowed the next
        ("fn f() { let y = x.lock().unwrap()) + }; }\n", True),
        ("fn f() { foo(x.lock().unwrap(), @@); }\n", True),  # an error inside the statement
        ('fn f() { let s = ""; x.lock().unwrap(); }\n', False),  # an empty string is no missing token
    ],
)
def test_errors_near_a_place_are_seen_and_those_away_from_it_are_not(text: str, near: bool) -> None:
    tree = source.rust(text.encode())
    assert tree.has_error_near(call(tree, "x.lock().unwrap()")) is near


def test_nested_matches_are_all_found() -> None:
    tree = source.rust(b"fn f() { a(b(c(d()))).unwrap().x().unwrap() }")
    assert len(tree.find_all("$A.unwrap()")) == 2
    assert len(tree.kind("call_expression")) == 7
    inner = call(tree, "d()")
    assert enclosing(inner, {"function_item"}) == tree.kind("function_item")[0]
    assert enclosing(inner, {"closure_expression"}) is None


def test_go_is_spoken_too() -> None:
    data = 'package a\n\nfunc f() {\n\tprintln("é")\n\tg()\n}\n'.encode()
    tree = source.go(data)
    assert splice(data, [tree.insert_before(call(tree, "g()"), "h()")]) == data.replace(b"\tg()", b"\th()\n\tg()")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"fn f() { \xff }", "UTF-8"),
        (b"fn f() {}\0", "binary"),
        (b"(" * 501, "nested"),
        (b"[" * 100_000, "nested"),
        (b" " * 5_000_001, "larger"),
    ],
)
def test_what_cannot_be_parsed_safely_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        source.rust(data)
    with pytest.raises(Refused, match="no grammar"):
        source.parse(b"", "cobol")
