"""go/unbounded-websocket-read: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean, passes

RULE = "unbounded-websocket-read"
HEAD = 'package main\n\nimport (\n\t"net/http"\n\n\t"github.com/gorilla/websocket"\n)\n\n'
UPGRADE = ("conn, err := up.Upgrade(w, r, nil)", "if err != nil {", "\treturn", "}")
READ = "conn.ReadMessage()"


def body(*lines: str) -> str:
    return HEAD + "func serve(w http.ResponseWriter, r *http.Request) {\n" + "".join(f"\t{x}\n" for x in lines) + "}\n"


PUMP = "\nfunc (c *client) pump() {\n\tc.conn.SetReadLimit(512)\n\tc.conn.ReadMessage()\n}\n"
QUIET = {
    "bounded here": body(*UPGRADE, "conn.SetReadLimit(512)", READ),
    "bounded where it is read": body(*UPGRADE, "(&client{conn: conn}).pump()") + PUMP,
    "never read": body(*UPGRADE, "conn.WriteMessage(1, b)"),
    "another upgrade": body("h2c.Upgrade(w, r)"),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


def test_the_limit_is_set_after_the_error_is_checked() -> None:
    after = cured(RULE, body(*UPGRADE, "defer conn.Close()", READ))["main.go"]
    assert "\t}\n\tconn.SetReadLimit(1 << 20)\n\tdefer" in after
    assert findings(RULE, after) == [] and is_gofmt_clean(after)


def test_the_packages_own_constant_is_used() -> None:
    text = body(*UPGRADE, READ) + "\nconst maxMessageSize = 4096\n"
    assert "conn.SetReadLimit(maxMessageSize)" in cured(RULE, text)["main.go"]


def test_a_limit_elsewhere_does_not_bound_what_is_read_here() -> None:
    assert len(findings(RULE, body(*UPGRADE, READ) + PUMP)) == 1


def test_a_constant_that_is_too_large_itself_is_not_used() -> None:
    after = cured(RULE, body(*UPGRADE, READ) + "\nconst maxMessage = 10 << 20\n")["main.go"]
    assert "conn.SetReadLimit(1 << 20)" in after and findings(RULE, after) == []


def test_a_file_that_takes_the_upgrader_of_its_package_is_read_too() -> None:
    up = HEAD + "var up = websocket.Upgrader{}\n"
    serve = body(*UPGRADE, READ).replace('\n\t"github.com/gorilla/websocket"\n', "")
    assert [f.path for f in findings(RULE, {"up.go": up, "serve.go": serve})] == ["serve.go"]
    assert findings(RULE, {"serve.go": serve}) == []


def test_an_unchecked_error_stops_the_edit() -> None:
    found = findings(RULE, body("conn, _ := up.Upgrade(w, r, nil)", READ))
    assert found and found[0].fix is None and found[0].steps


def test_a_very_large_limit_is_advice_and_the_queue_is_named_not_multiplied() -> None:
    text = body(*UPGRADE, "conn.SetReadLimit(maxSize)", "q := make(chan []byte, 256)", READ)
    found = findings(RULE, text + "\nconst maxSize = 10 * 1024 * 1024\n")
    assert len(found) == 1 and "10 MiB" in found[0].message and "queue of 256" in found[0].message
    assert found[0].fix is None
    assert [x.note.partition("(")[0] for x in found[0].locations] == ["", "maxSize", "make"]


def test_lifting_the_limit_of_the_other_library_is_found() -> None:
    text = (
        'package main\n\nimport "github.com/coder/websocket"\n\nfunc f(c *websocket.Conn) {\n\tc.SetReadLimit(-1)\n}\n'
    )
    assert len(findings(RULE, text)) == 1


def test_a_limit_is_a_pass_with_its_place() -> None:
    found = passes(RULE, body(*UPGRADE, "conn.SetReadLimit(512)", READ))
    assert [(x.path, x.line) for p in found for x in p.locations] == [("main.go", 14)]
