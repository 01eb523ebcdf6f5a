"""rust/unguarded-http-client: clients that nothing limits, wherever the limit would stand; edits as rustfmt likes them."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from fixers.model import Applicability, Severity
from tests.rules.rust.tool import MANIFEST, cured, findings, is_rustfmt_clean

RULE = "unguarded_http_client"
NEW = MANIFEST + '[dependencies]\nreqwest = "0.12"\n'
QUIET = {
    "a timeout": "fn f() { reqwest::Client::builder().timeout(LIMIT).build(); }",
    "a read timeout": "fn f() { reqwest::Client::builder().read_timeout(LIMIT).build(); }",
    "set on the variable": "fn f(c: &C) { let mut b = reqwest::Client::builder(); if c.tls { b = b.use_rustls_tls(); } b = b.timeout(LIMIT); b.build(); }",
    "set by whoever asks for the builder": "fn base() -> B { reqwest::Client::builder().user_agent(UA) }\nfn f() { base().timeout(LIMIT).build(); }",
    "a builder for others": "pub fn base() -> reqwest::ClientBuilder { reqwest::Client::builder().user_agent(UA) }",
    "a builder that is handed on": "fn f() { guard::safe(reqwest::Client::builder()); }",
    "set on the request": "async fn f() { let c = reqwest::Client::new(); c.get(URL).timeout(LIMIT).send().await; }",
    "set on the requests of a field": "struct S { c: reqwest::Client }\nimpl S {\n    fn new() -> S { S { c: reqwest::Client::new() } }\n"
    + "    async fn f(&self) { self.c.get(URL).timeout(LIMIT).send().await; }\n}",
    "a builder that goes through what limits it": "fn limited(b: B) -> B {\n    b.timeout(LIMIT)\n}\n\nfn f() {\n    let b = limited(reqwest::Client::builder());\n    b.build();\n}\n",
    "what takes the place of one that has it": "fn f() { let c = reqwest::Client::builder().timeout(LIMIT).build().unwrap_or_else(|_| reqwest::Client::new()); }",
    "the same, by name": "use reqwest::Client;\nfn f() { let c = Client::builder().timeout(LIMIT).build().unwrap_or(Client::new()); }",
    "waited for with a limit": "async fn f() { tokio::time::timeout(LIMIT, reqwest::get(URL)).await; }",
    "the blocking client has its own": "fn f() { reqwest::blocking::Client::new(); reqwest::blocking::get(URL); }",
    "the blocking client, imported": "use reqwest::blocking::Client;\nfn f() { Client::new(); }",
    "the blocking module, imported": "use reqwest::blocking;\nfn f() { blocking::Client::builder().build(); }",
    "another client": "use mine::Client;\nfn f() { let x = reqwest::Url::parse(U); Client::new(); }",
    "for the browser too": '#[cfg(target_arch = "wasm32")]\nfn g() {}\nfn f() { reqwest::Client::new(); }',
    "a test": "#[cfg(test)]\nmod tests { fn f() { reqwest::Client::new(); } }",
}
FOUND = {
    "new": "fn f() { let c = reqwest::Client::new(); }",
    "default": "fn f() { let c = reqwest::Client::default(); }",
    "imported": "use reqwest::Client;\nfn f() { let c = Client::new(); }",
    "another name": "use reqwest::Client as Http;\nfn f() { let c = Http::new(); }",
    "re-exported": "use ours::reqwest;\nfn f() { let c = reqwest::Client::new(); }",
    "a builder": "fn f() { let c = reqwest::Client::builder().user_agent(UA).build().unwrap(); }",
    "the builder by name": "use reqwest::ClientBuilder;\nfn f() { let c = ClientBuilder::new().build().unwrap(); }",
    "only the connection has a limit": "fn f() { let c = reqwest::Client::builder().connect_timeout(LIMIT).build(); }",
    "the function of the crate": "async fn f() { let r = reqwest::get(URL).await; }",
    "a builder that goes through a function of the tree": "fn with_proxy(b: B) -> B {\n    b.proxy(P)\n}\n\nfn f() {\n    let b = with_proxy(reqwest::Client::builder());\n    b.build();\n}\n",
    "beside a client that has a limit": "use reqwest::Client;\nstruct S { a: Client, b: Client }\nfn f() -> S { let b = Client::builder().timeout(LIMIT).build(); S { a: Client::new(), b } }",
    "behind middleware": "fn f() { let c = reqwest_middleware::ClientBuilder::new(reqwest::Client::new()).build(); }",
}
WRITTEN = {
    "a variable": (
        "fn f() {\n    let c = reqwest::Client::new();\n}\n",
        "fn f() {\n    let c = reqwest::Client::builder()\n        .timeout(std::time::Duration::from_secs(30))\n        .build()\n        .unwrap_or_default();\n}\n",
    ),
    "the links that follow": (
        'fn f() {\n    let r = reqwest::Client::new().get("u");\n}\n',
        'fn f() {\n    let r = reqwest::Client::builder()\n        .timeout(std::time::Duration::from_secs(30))\n        .build()\n        .unwrap_or_default()\n        .get("u");\n}\n',
    ),
    "a struct on one line": (
        "fn f() -> S {\n    S { c: reqwest::Client::new(), n: 1 }\n}\n",
        "fn f() -> S {\n    S {\n        c: reqwest::Client::builder()\n            .timeout(std::time::Duration::from_secs(30))\n            .build()\n            .unwrap_or_default(),\n        n: 1,\n    }\n}\n",
    ),
    "an argument in an argument": (
        "fn f() {\n    let c = g(1, Arc::new(reqwest::Client::new()));\n}\n",
        "fn f() {\n    let c = g(\n        1,\n        Arc::new(\n            reqwest::Client::builder()\n                .timeout(std::time::Duration::from_secs(30))\n                .build()\n                .unwrap_or_default(),\n        ),\n    );\n}\n",
    ),
    "a builder on one line": (
        'fn f() {\n    let c = reqwest::Client::builder().user_agent("me").build()?;\n}\n',
        'fn f() {\n    let c = reqwest::Client::builder()\n        .timeout(std::time::Duration::from_secs(30))\n        .user_agent("me")\n        .build()?;\n}\n',
    ),
    "the imported duration": (
        "use std::time::Duration;\n\nfn f(d: Duration) {\n    let c = reqwest::Client::new();\n}\n",
        "use std::time::Duration;\n\nfn f(d: Duration) {\n    let c = reqwest::Client::builder()\n        .timeout(Duration::from_secs(30))\n        .build()\n        .unwrap_or_default();\n}\n",
    ),
    "two spaces": (
        "fn f() {\n  let c = reqwest::Client::new();\n}\n",
        "fn f() {\n  let c = reqwest::Client::builder()\n    .timeout(std::time::Duration::from_secs(30))\n    .build()\n    .unwrap_or_default();\n}\n",
    ),
    "the function of the crate": (
        "async fn f() {\n    let r = reqwest::get(URL).await?;\n}\n",
        "async fn f() {\n    let r = reqwest::Client::builder()\n        .timeout(std::time::Duration::from_secs(30))\n        .build()\n        .unwrap_or_default()\n        .get(URL)\n        .send()\n        .await?;\n}\n",
    ),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_the_edit_makes_it_quiet(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1
    assert findings(RULE, cured(RULE, FOUND[case])) == []


@pytest.mark.parametrize("case", WRITTEN)
def test_it_is_written_as_rustfmt_would(case: str) -> None:
    before, after = WRITTEN[case]
    assert cured(RULE, before) == after
    assert case == "two spaces" or is_rustfmt_clean(after)


def test_answers_that_are_streamed_get_a_limit_on_their_pauses() -> None:
    text = "async fn f() {\n    let c = reqwest::Client::new();\n    c.get(URL).send().await?.bytes_stream();\n}\n"
    (found,) = findings(RULE, {"Cargo.toml": NEW, "src/lib.rs": text})
    assert found.fixes[0].applicability is Applicability.UNSAFE
    after = cured(RULE, {"Cargo.toml": NEW, "src/lib.rs": text})
    assert ".connect_timeout(std::time::Duration::from_secs(10))\n        .read_timeout(" in after


def test_an_old_reqwest_has_no_read_timeout() -> None:
    text = "async fn f() { let c = reqwest::Client::new(); c.get(URL).send().await?.bytes_stream(); }"
    (found,) = findings(RULE, {"Cargo.toml": NEW.replace("0.12", "0.11"), "src/lib.rs": text})
    assert found.fix is None and "read timeout" in found.fixes[0].reason


def test_a_package_for_the_browser_is_left_alone() -> None:
    tree = {"Cargo.toml": MANIFEST + '[dependencies]\nwasm-bindgen = "0.2"\n', "src/lib.rs": FOUND["new"]}
    assert findings(RULE, tree) == []


def test_outside_services_it_is_low() -> None:
    assert findings(RULE, FOUND["new"])[0].severity is Severity.LOW
    served = {"Cargo.toml": MANIFEST + '[dependencies]\naxum = "0.8"\n', "src/lib.rs": FOUND["new"]}
    assert findings(RULE, served)[0].severity is None


SLOW = {
    "the package streams, and the client is handed on": {
        "src/lib.rs": "pub fn f() -> S {\n    S {\n        c: reqwest::Client::new(),\n    }\n}\n",
        "src/proxy.rs": "async fn g(r: reqwest::Response) -> Body { Body::from_stream(r.bytes_stream()) }",
    },
    "its author says so": {
        "src/lib.rs": "pub fn f() -> S {\n    // No overall timeout: generations take long.\n    S::new(reqwest::Client::new())\n}\n",
    },
    "its author says so inside": {
        "src/lib.rs": "pub fn f() -> C {\n    reqwest::Client::builder()\n        // No overall timeout on purpose.\n        .build()\n}\n",
    },
}
QUICK = {
    "the package streams, and the client asks at once": {
        "src/lib.rs": "pub async fn f() -> R {\n    reqwest::Client::new().get(URL).send().await\n}\n",
        "src/proxy.rs": "async fn g(r: reqwest::Response) -> Body { Body::from_stream(r.bytes_stream()) }",
    },
    "another package streams": {
        "src/lib.rs": "pub fn f() -> S {\n    S {\n        c: reqwest::Client::new(),\n    }\n}\n",
        "other/Cargo.toml": '[package]\nname = "other"\n',
        "other/src/lib.rs": "async fn g(r: reqwest::Response) -> Body { Body::from_stream(r.bytes_stream()) }",
    },
}


@pytest.mark.parametrize("case", SLOW)
def test_answers_that_take_long_may_only_not_pause(case: str) -> None:
    (found,) = findings(RULE, {"Cargo.toml": NEW, **SLOW[case]})
    assert found.fix is not None and found.fix.applicability is Applicability.UNSAFE
    assert ".read_timeout(" in cured(RULE, {"Cargo.toml": NEW, **SLOW[case]})


@pytest.mark.parametrize("case", QUICK)
def test_other_answers_have_an_end(case: str) -> None:
    (found,) = findings(RULE, {"Cargo.toml": NEW, **QUICK[case]})
    assert found.fix is not None and found.fix.applicability is not Applicability.UNSAFE
