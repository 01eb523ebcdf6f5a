"""rust/unbounded-websocket-read: sockets that strangers open, with nothing but the defaults of the crates."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.rules.rust.tool import cured, findings, is_rustfmt_clean

RULE = "unbounded_websocket_read"
AXUM = "use axum::extract::ws::{WebSocket, WebSocketUpgrade};\n"
QUIET = {
    "a limit": AXUM + "async fn f(ws: WebSocketUpgrade) -> R { ws.max_message_size(65536).on_upgrade(run) }",
    "a limit on the way": AXUM
    + "async fn f(ws: WebSocketUpgrade) -> R { let ws = ws.max_message_size(65536); ws.on_upgrade(run) }",
    "another crate's type": "use mine::WebSocketUpgrade;\nasync fn f(ws: WebSocketUpgrade) -> R { ws.on_upgrade(run) }",
    "a client trusts its server": "async fn f() { tokio_tungstenite::connect_async(URL).await; }",
    "tungstenite with a configuration": "async fn f(s: S) { tokio_tungstenite::accept_async_with_config(s, Some(config())).await; }",
    "an upgrade that is refused": AXUM + "async fn f(ws: WebSocketUpgrade) -> R { drop(ws); refused() }",
    "a limit in a configuration": "async fn f(s: S) { let c = WebSocketConfig { max_message_size: Some(1 << 20), ..d }; accept_async_with_config(s, Some(c)).await; }",
    "a client that takes all its server sends": "async fn f() { connect_async_with_config(URL, Some(WebSocketConfig { max_message_size: None, ..d })).await; }",
    "a page that reloads while it is worked on": AXUM
    + "/// Live reload.\nasync fn f(ws: WebSocketUpgrade) -> R { ws.on_upgrade(run) }",
    "a test": AXUM + "#[cfg(test)]\nmod tests { async fn f(ws: WebSocketUpgrade) -> R { ws.on_upgrade(run) } }",
}
FOUND = {
    "axum": AXUM + "\nasync fn f(ws: WebSocketUpgrade) -> R {\n    ws.on_upgrade(run)\n}\n",
    "with a protocol": AXUM + '\nasync fn f(ws: WebSocketUpgrade) -> R {\n    ws.protocols(["a"]).on_upgrade(run)\n}\n',
    "a long call": AXUM
    + "\nasync fn f(ws: WebSocketUpgrade, s: S) -> R {\n    ws.on_upgrade(move |socket| handle_it_with_a_long_name(socket, s))\n}\n",
    "a chain": AXUM
    + "\nasync fn f(ws: WebSocketUpgrade, s: S) -> R {\n    ws.on_upgrade(move |socket| handle_it_with_a_long_name(socket, s))\n        .into_response()\n}\n",
    "a block": AXUM
    + "\nasync fn f(ws: WebSocketUpgrade) -> R {\n    ws.on_upgrade(move |socket| async move {\n        run(socket).await;\n    })\n}\n",
    "warp": "fn f() -> F {\n    warp::ws().map(|ws: warp::ws::Ws| ws.on_upgrade(run))\n}\n",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_the_edit_makes_it_quiet(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1
    after = cured(RULE, FOUND[case])
    assert findings(RULE, after) == []
    assert case == "warp" or is_rustfmt_clean(after), after


def test_tungstenite_is_advice() -> None:
    (found,) = findings(RULE, "async fn f(s: S) { tokio_tungstenite::accept_async(s).await; }")
    assert found.fix is None and "accept_async_with_config" in found.steps[1]


@pytest.mark.parametrize("limit", ["None", "Some(usize::MAX)", "Some(8 << 30)"])
def test_a_limit_that_is_none_is_advice(limit: str) -> None:
    fields = f"WebSocketConfig {{ max_message_size: {limit}, ..d() }}"
    for config in (fields, f"d().max_message_size({limit})"):
        call = f"tokio_tungstenite::accept_async_with_config(s, Some({config})).await"
        (found,) = findings(RULE, f"async fn f(s: S) {{ {call}; }}")
        assert found.fix is None and found.steps
