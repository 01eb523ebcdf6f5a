"""rust/open-bind: listeners on every interface that only a change of the code can move."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from fixers.model import Severity
from tests.rules.rust.tool import MANIFEST, cured, findings, is_rustfmt_clean

RULE = "open_bind"
TOKIO = "use tokio::net::TcpListener;\n"
QUIET = {
    "loopback": TOKIO + 'async fn f() { TcpListener::bind("127.0.0.1:80").await; }',
    "from the configuration": TOKIO + 'async fn f(c: &C) { TcpListener::bind(&c.listen).await; let d = "0.0.0.0"; }',
    "a default that the environment changes": TOKIO
    + 'async fn f() { let a = std::env::var("BIND").unwrap_or_else(|_| "0.0.0.0:80".into()); TcpListener::bind(a).await; }',
    "any free port": TOKIO
    + 'async fn f() { TcpListener::bind("0.0.0.0:0").await; TcpListener::bind(("0.0.0.0", 0)).await; }',
    "a probe": TOKIO + 'fn f() -> bool { std::net::TcpListener::bind("0.0.0.0:80").is_ok() }',
    "a socket that sends": 'async fn f() { tokio::net::UdpSocket::bind("0.0.0.0:5353").await; }',
    "a network": 'fn f() { allow("0.0.0.0/0"); let l = tokio::net::TcpListener::bind(a); }',
    "another bind": 'fn f() { query.bind("0.0.0.0:80"); }',
    "a test": TOKIO + '#[cfg(test)]\nmod tests { async fn f() { TcpListener::bind("0.0.0.0:80").await; } }',
}
FOUND = {
    "an argument": TOKIO + 'async fn f() {\n    let l = TcpListener::bind("0.0.0.0:80").await;\n}\n',
    "version six": TOKIO + 'async fn f() {\n    let l = TcpListener::bind("[::]:80").await;\n}\n',
    "a variable": TOKIO
    + 'async fn f() {\n    let a = "0.0.0.0:80";\n    let l = TcpListener::bind(a).await;\n    info(a);\n}\n',
    "a port from elsewhere": TOKIO
    + 'async fn f(p: u16) {\n    let a = format!("0.0.0.0:{p}");\n    TcpListener::bind(&a).await;\n}\n',
    "a port as an argument of the text": TOKIO
    + 'async fn f(p: u16) {\n    TcpListener::bind(format!("0.0.0.0:{}", p)).await;\n}\n',
    "a pair": TOKIO + 'async fn f(p: u16) {\n    TcpListener::bind(("0.0.0.0", p)).await;\n}\n',
    "an address that is parsed": 'async fn f() {\n    axum::Server::bind(&"0.0.0.0:80".parse()?).await;\n}\n',
    "actix": 'use actix_web::HttpServer;\nasync fn f() {\n    HttpServer::new(app).workers(2).bind(("0.0.0.0", 80))?.run().await;\n}\n',
    "actix-server": 'use actix_server::ServerBuilder;\nfn f(b: ServerBuilder, p: u16) {\n    b.bind("ldap", ("0.0.0.0", p), app);\n}\n',
    "tonic": 'use tonic::transport::Server;\nasync fn f() {\n    let a = "[::]:50051".parse()?;\n    Server::builder().add_service(s).serve(a).await;\n}\n',
    "salvo": 'use salvo::prelude::*;\nasync fn f() {\n    let l = TcpListener::new("0.0.0.0:5800").bind().await;\n}\n',
    "tide": 'async fn f() {\n    let mut app = tide::new();\n    app.listen("0.0.0.0:8080").await;\n}\n',
    "rouille": 'fn f() {\n    rouille::start_server("0.0.0.0:8000", handle);\n}\n',
    "axum-server": 'async fn f() {\n    axum_server::bind("0.0.0.0:80".parse()?).serve(app).await;\n}\n',
}
ADVICE = {
    "an array": "async fn f() {\n    let a = SocketAddr::from(([0, 0, 0, 0], 80));\n    axum::Server::bind(&a).await;\n}\n",
    "warp": "async fn f() {\n    warp::serve(r).run(([0, 0, 0, 0], 80)).await;\n}\n",
    "a constant": TOKIO + 'const ADDR: &str = "0.0.0.0:80";\nasync fn f() {\n    TcpListener::bind(ADDR).await;\n}\n',
    "UNSPECIFIED": TOKIO + "async fn f() {\n    TcpListener::bind((Ipv4Addr::UNSPECIFIED, 80)).await;\n}\n",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_the_edit_makes_it_quiet(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1
    after = cured(RULE, FOUND[case])
    assert findings(RULE, after) == []
    assert "actix" in case or is_rustfmt_clean(after), after


@pytest.mark.parametrize("case", ADVICE)
def test_it_is_advice_where_the_address_is_no_text(case: str) -> None:
    (found,) = findings(RULE, ADVICE[case])
    assert found.fix is None and found.fixes[0].reason and found.steps


def test_the_default_stays_and_the_variable_is_still_borrowed() -> None:
    after = cured(RULE, FOUND["a variable"])
    assert 'let a = &std::env::var("BIND_ADDRESS").unwrap_or_else(|_| "0.0.0.0:80".to_owned());' in after


def test_the_host_comes_before_the_port() -> None:
    after = cured(RULE, FOUND["a port as an argument of the text"])
    assert 'let host = std::env::var("BIND_HOST").unwrap_or_else(|_| "0.0.0.0".to_owned());\n' in after
    assert 'format!("{host}:{}", p)' in after


def test_in_a_container_all_interfaces_are_right_so_it_is_low() -> None:
    tree = {"Cargo.toml": MANIFEST, "Dockerfile": "FROM scratch\n", "src/lib.rs": FOUND["a pair"]}
    assert findings(RULE, tree)[0].severity is Severity.LOW
