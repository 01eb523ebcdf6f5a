"""go/missing-origin-accepted and go/origin-prefix-match: what they find, leave alone and write."""

from __future__ import annotations

import pytest

from fixers.model import Severity
from tests.rules.go.tool import cured, findings, is_gofmt_clean

MISSING, PREFIX = "missing-origin-accepted", "origin-prefix-match"
HEAD = 'package main\n\nimport (\n\t"net/http"\n\t"strings"\n\n\t"github.com/gorilla/websocket"\n)\n\n'
USE = "\nvar up = websocket.Upgrader{CheckOrigin: check}\n"


def check(*lines: str, header: str = '\torigin := r.Header.Get("Origin")\n') -> str:
    body = header + "".join(f"\t{x}\n" for x in lines)
    return f"{HEAD}func check(r *http.Request) bool {{\n{body}}}\n"


EMPTY = ('if origin == "" {', "\treturn true", "}", "return allowed(origin)")
ANY = (
    HEAD
    + "var up = websocket.Upgrader{\n\tReadBufferSize: 1024,\n"
    + "\tCheckOrigin: func(r *http.Request) bool {\n\t\treturn true\n\t},\n}\n"
)


@pytest.mark.parametrize(
    "text",
    [
        check('if origin == "" {', "\treturn false", "}", "return allowed(origin)") + USE,
        check(*EMPTY),  # nothing of this package checks websockets with it
        check('if origin == "" {', "\tif isLocal(r.RemoteAddr) {", "\t\treturn true", "\t}", "\treturn false", "}")
        + USE,
        HEAD + "var up websocket.Upgrader\n",  # the library's default compares hosts
        HEAD + "var c = cors.New(func(r *http.Request) bool { return true })\n",
    ],
)
def test_a_check_that_is_one_is_left_alone(text: str) -> None:
    assert findings(MISSING, text) == []


def test_a_missing_origin_is_refused_from_now_on() -> None:
    after = cured(MISSING, check(*EMPTY) + USE)["main.go"]
    assert "return true" not in after and is_gofmt_clean(after)


def test_a_client_of_the_tree_that_sends_none_stops_the_fix_and_is_named() -> None:
    client = HEAD + "func sync() {\n\twebsocket.DefaultDialer.Dial(u, nil)\n}\n"
    found = findings(MISSING, {"main.go": check(*EMPTY) + USE, "sync.go": client})
    assert found[0].fix is None and "sync.go:11" in found[0].fixes[0].reason


@pytest.mark.parametrize(
    ("path", "text"),
    [("cli/feed.js", "const WebSocket = require('ws')\n"), ("tools/feed.py", "ws = await websockets.connect(url)\n")],
)
def test_a_client_in_another_language_stops_it_too(path: str, text: str) -> None:
    found = findings(MISSING, {"main.go": check(*EMPTY) + USE, path: text})
    assert found[0].fix is None and path in found[0].fixes[0].reason


def test_tests_that_dial_without_one_stop_it() -> None:
    test = HEAD + "func TestX(t *testing.T) {\n\twebsocket.DefaultDialer.Dial(u, nil)\n}\n"
    found = findings(MISSING, {"main.go": check(*EMPTY) + USE, "main_test.go": test})
    assert found[0].fix is None and "main_test.go:11" in found[0].fixes[0].reason


DIALS = HEAD + "func TestX(t *testing.T) {\n\twebsocket.DefaultDialer.Dial(u, nil)\n}\n"
LISTED = (*EMPTY[:3], 'return origin == "https://a.example" || strings.HasPrefix(origin, "http://localhost:")')


def test_tests_that_dial_get_an_origin_where_the_check_names_one() -> None:
    after = cured(MISSING, {"main.go": check(*LISTED) + USE, "main_test.go": DIALS})
    assert 'Dial(u, http.Header{"Origin": {"https://a.example"}})' in after["main_test.go"]
    assert "return true" not in after["main.go"] and is_gofmt_clean(after["main_test.go"])


def test_the_other_librarys_tests_get_one_too() -> None:
    test = 'package main\n\nimport "github.com/coder/websocket"\n\nfunc TestX(t *testing.T) {\n'
    test += "\twebsocket.Dial(ctx, u, nil)\n}\n"
    after = cured(MISSING, {"main.go": check(*LISTED) + USE, "main_test.go": test})["main_test.go"]
    options = '&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://a.example"}}}'
    assert options in after and '\t"net/http"\n' in after and is_gofmt_clean(after)


def test_tests_with_headers_of_their_own_stop_it() -> None:
    test = DIALS.replace("nil", "header")
    found = findings(MISSING, {"main.go": check(*LISTED) + USE, "main_test.go": test})
    assert found[0].fix is None and "main_test.go:11" in found[0].fixes[0].reason


def test_a_check_that_says_yes_to_everything_gives_way_to_the_librarys() -> None:
    after = cured(MISSING, ANY)["main.go"]
    assert "CheckOrigin" not in after and '"net/http"' not in after and is_gofmt_clean(after)


def test_what_a_comment_allows_on_purpose_is_low_and_not_edited() -> None:
    found = findings(
        MISSING, ANY.replace("\t\treturn true", "\t\t// every client has an access token\n\t\treturn true")
    )
    assert [f.severity for f in found] == [Severity.LOW] and found[0].fix is None


def test_the_header_may_be_read_as_a_list() -> None:
    text = (
        'package main\n\nfunc check(r *http.Request) bool {\n\torigin := r.Header["Origin"]\n\tif len(origin) == 0 {\n'
    )
    text += "\t\treturn true\n\t}\n\treturn same(origin[0])\n}\n\nvar up = websocket.Upgrader{CheckOrigin: check}\n"
    assert "\t\treturn false\n" in cured(MISSING, text)["main.go"]


def test_the_other_librarys_switch_is_found() -> None:
    text = 'package main\n\nimport "github.com/coder/websocket"\n\n'
    text += "var o = &websocket.AcceptOptions{InsecureSkipVerify: true}\n"
    assert cured(MISSING, text)["main.go"].endswith("websocket.AcceptOptions{}\n")


@pytest.mark.parametrize(
    "lines",
    [
        ('return origin == "https://a.example"',),
        ('return strings.HasPrefix(origin, "http://localhost:")',),  # a port has to follow
        ('return strings.HasPrefix(origin, "chrome-extension://")',),  # a scheme alone
        ('return strings.HasSuffix(origin, ".example.com")',),  # a dot begins the name
        ('return strings.HasPrefix(r.URL.Path, "/api")',),
        ("if !strings.HasPrefix(origin, a) {", "\treturn false", "}", 'return origin[len(a):] == ""'),
    ],
)
def test_a_comparison_that_ends_the_host_is_left_alone(lines: tuple[str, ...]) -> None:
    assert findings(PREFIX, check(*lines)) == []


@pytest.mark.parametrize(
    "lines",
    [
        ('return strings.HasPrefix(origin, "https://example.com")',),
        ("for _, a := range allowed {", "\tif strings.HasPrefix(origin, a) {", "\t\treturn true", "\t}", "}"),
        ('return strings.HasPrefix(r.Header.Get("Origin"), base)',),
    ],
)
def test_a_prefix_is_mended_as_gofmt_likes_it(lines: tuple[str, ...]) -> None:
    assert len(findings(PREFIX, check(*lines))) == 1
    after = cured(PREFIX, check(*lines))["main.go"]
    assert "originMatches(" in after and '\t"net/url"\n\t"strings"\n' in after
    assert findings(PREFIX, after) == [] and is_gofmt_clean(after), after


@pytest.mark.parametrize("call", ['strings.Contains(origin, "localhost")', 'strings.HasSuffix(origin, "example.com")'])
def test_a_suffix_or_a_part_is_found_and_left_to_a_person(call: str) -> None:
    found = findings(PREFIX, check(f"return {call}"))
    assert len(found) == 1 and found[0].fix is None and found[0].steps


def test_the_second_file_uses_the_helper_of_the_first() -> None:
    one = check('return strings.HasPrefix(origin, "https://a.example")')
    two = one.replace("func check", "func other")
    after = cured(PREFIX, {"a.go": one, "b.go": two})
    assert sum(t.count("func originMatches") for t in after.values()) == 1
    assert all(is_gofmt_clean(t) for t in after.values())
