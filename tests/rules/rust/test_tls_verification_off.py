"""rust/tls-verification-off: what trusts any certificate unasked, not what a setting or a debug build asks for."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.rules.rust.tool import cured, findings

RULE = "tls_verification_off"
VERIFIER = (
    "struct NoVerify;\nimpl rustls::client::danger::ServerCertVerifier for NoVerify {\n"
    "    fn verify_server_cert(&self, c: &C) -> Result<ServerCertVerified, Error> {\n"
    "        // all of them\n        Ok(ServerCertVerified::assertion())\n    }\n}\n"
)
ACCEPT = "reqwest::Client::builder().danger_accept_invalid_certs(true).build()"
QUIET = {
    "verified": "fn f() { reqwest::Client::builder().danger_accept_invalid_certs(false).build(); }",
    "a setting decides": "fn f(c: &C) { reqwest::Client::builder().danger_accept_invalid_certs(c.insecure).build(); }",
    "a setting is asked": f"fn f(c: &C) {{ if c.skip_tls_verify {{ {ACCEPT} }} else {{ reqwest::Client::new() }} }}",
    "a word in the place of a CA": 'fn f(c: &C) { if c.ca_path.eq_ignore_ascii_case("ignore") { B::new().danger_accept_invalid_certs(true); } }',
    "a debug build": "fn f() { let mut b = B::new();\n#[cfg(debug_assertions)]\n{ b = b.danger_accept_invalid_certs(true); } }",
    "a feature for tests": 'fn f() {\n#[cfg(feature = "test_mode")]\nlet b = b.danger_accept_invalid_certs(true);\nb.build(); }',
    "a function that is asked for it": f"fn insecure_client() -> C {{ {ACCEPT} }}",
    "a peer on the same machine": f'fn f() {{ {ACCEPT}.get("https://localhost:8443/health"); }}',
    "a test": f"#[cfg(test)]\nmod tests {{ fn f() {{ {ACCEPT}; }} }}",
    "a comment": "fn f() {\n    // .danger_accept_invalid_certs(true)\n    g();\n}",
    "a method of that name": "impl B { pub fn danger_accept_invalid_certs(self, yes: bool) -> Self { self } }",
    "a verifier that pins": VERIFIER.replace("Ok(S", "if c != &self.pin { return Err(E) }\n Ok(S")
    + "fn f() { c.set(Arc::new(NoVerify)); }",
    "a verifier that a setting asks for": VERIFIER + "fn f(verify: bool) { if !verify { c.set(Arc::new(NoVerify)); } }",
    "a verifier that nobody uses": VERIFIER,
    "a server that asks for no client certificate": "fn f() { let mut b = SslAcceptor::mozilla(m); b.set_verify(SslVerifyMode::NONE); }",
}
FOUND = {
    "a client": f"fn f() {{ {ACCEPT}; }}",
    "host names": "fn f() { reqwest::Client::builder().danger_accept_invalid_hostnames(true).build(); }",
    "on a variable": "fn f() {\n    let mut b = B::new();\n    b = b.danger_accept_invalid_certs(true);\n    b.build();\n}\n",
    "mail": "fn f() { TlsParameters::builder(h).dangerous_accept_invalid_certs(true).build(); }",
    "OpenSSL": "fn f() {\n    let mut b = SslConnector::builder(m);\n    b.set_verify(SslVerifyMode::NONE);\n    b.build();\n}\n",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_the_edit_makes_it_quiet(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1
    assert findings(RULE, cured(RULE, FOUND[case])) == []


def test_a_statement_that_does_nothing_else_goes_as_a_whole_and_its_mut() -> None:
    assert cured(RULE, FOUND["on a variable"]) == "fn f() {\n    let b = B::new();\n    b.build();\n}\n"


def test_a_mut_that_something_else_needs_stays() -> None:
    text = FOUND["on a variable"].replace("    b.build", "    b = b.proxy(P);\n    b.build")
    assert "let mut b = B::new();" in cured(RULE, text)


def test_a_verifier_of_ones_own_is_advice() -> None:
    (found,) = findings(RULE, VERIFIER + "fn f() { c.set(Arc::new(NoVerify)); }")
    assert found.fix is None and "add_root_certificate" in found.steps[0]


@pytest.mark.parametrize("call", ["easy.ssl_verify_peer(false)?", "settings.set_no_tls_verify(true)"])
def test_what_is_not_a_link_of_a_builder_is_advice(call: str) -> None:
    (found,) = findings(RULE, f"fn f() {{ {call}; }}")
    assert found.fix is None and found.steps
    assert findings(RULE, f"fn f(insecure: bool) {{ if insecure {{ {call}; }} }}") == []


CHAINS = {
    "a chain that fits on one line now": (
        "    B::builder()\n        .timeout(Duration::from_secs(10))\n        .danger_accept_invalid_certs(true)\n        .build()\n",
        "    B::builder().timeout(Duration::from_secs(10)).build()\n",
    ),
    "a chain that is too long still": (
        "    reqwest::Client::builder()\n        .danger_accept_invalid_certs(true)\n        .timeout(Duration::from_secs(10))\n        .build()\n",
        "    reqwest::Client::builder()\n        .timeout(Duration::from_secs(10))\n        .build()\n",
    ),
    "a chain with a comment": (
        "    B::builder()\n        // ten\n        .timeout(T)\n        .danger_accept_invalid_certs(true)\n        .build()\n",
        "    B::builder()\n        // ten\n        .timeout(T)\n        .build()\n",
    ),
    "a chain that nobody formatted": (
        "    B::new()\n        .danger_accept_invalid_certs(true)\n        .build()\n",
        "    B::new()\n        .build()\n",
    ),
    "two links": (
        "    C::builder()\n        .danger_accept_invalid_hostnames(true)\n        .danger_accept_invalid_certs(true)\n        .build()\n",
        "    C::builder().build()\n",
    ),
}


@pytest.mark.parametrize("case", CHAINS)
def test_a_chain_is_left_as_rustfmt_has_it(case: str) -> None:
    before, after = CHAINS[case]
    assert cured(RULE, "fn f() -> C {\n" + before + "}\n") == "fn f() -> C {\n" + after + "}\n"
