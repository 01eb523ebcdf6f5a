"""rust/hardcoded-relying-party: services tied to localhost, not their settings' defaults, nor native apps."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.rules.rust.tool import MANIFEST, cured, findings, is_rustfmt_clean

RULE = "hardcoded_relying_party"
SERVICE = MANIFEST + '[dependencies]\naxum = "0.8"\n'
WEBAUTHN = "use webauthn_rs::prelude::*;\n"
OAUTH = "use oauth2::RedirectUrl;\n"
DEFAULT = """\
pub struct Rp {
    rp_id: String,
}

impl Default for Rp {
    fn default() -> Self {
        Self {
            rp_id: "localhost".to_string(),
        }
    }
}

pub fn state() -> S {
    S::new(Rp::default())
}
"""
QUIET = {
    "from the configuration": WEBAUTHN + "fn f(c: &C) -> W { WebauthnBuilder::new(&c.rp_id, &c.origin) }",
    "a real name": WEBAUTHN + 'fn f(o: &Url) -> W { WebauthnBuilder::new("example.org", o) }',
    "a default that the environment changes": WEBAUTHN
    + 'fn f(o: &Url) -> W { let rp_id = env::var("RP").unwrap_or("localhost".into()); WebauthnBuilder::new(&rp_id, o) }',
    "the default of a setting": 'impl Default for C { fn default() -> C { C { rp_id: "localhost".into() } } }',
    "a default that a file may change": DEFAULT.replace("pub struct", "#[derive(Debug, Deserialize)]\npub struct"),
    "a default beside another value": DEFAULT + "fn g(id: String) -> Rp {\n    Rp { rp_id: id }\n}\n",
    "a default whose field is set": DEFAULT + "fn g(c: &mut Rp, id: String) {\n    c.rp_id = id;\n}\n",
    "a default that nobody takes": DEFAULT.replace("Rp::default()", "load()"),
    "a default for serde": 'fn default_webauthn() -> C { C { rp_id: "localhost".into() } }',
    "an app that listens for its own redirect": OAUTH
    + 'fn f() -> R { let l = TcpListener::bind("127.0.0.1:0"); RedirectUrl::new("http://localhost:8976/cb".to_string()) }',
    "a test": WEBAUTHN + '#[cfg(test)]\nmod tests { fn f(o: &Url) -> W { WebauthnBuilder::new("localhost", o) } }',
}
FOUND = {
    "an argument": WEBAUTHN + '\nfn f(o: &Url) -> W {\n    WebauthnBuilder::new("localhost", o)\n}\n',
    "a variable": WEBAUTHN + '\nfn f(o: &Url) -> W {\n    let id = "localhost";\n    WebauthnBuilder::new(id, o)\n}\n',
    "the origin": WEBAUTHN
    + '\nfn f(c: &C) -> W {\n    let origin = Url::parse("http://localhost:8080").unwrap();\n    WebauthnBuilder::new(&c.rp, &origin)\n}\n',
    "both": WEBAUTHN
    + '\nfn f() -> W {\n    let rp_origin = Url::parse("http://localhost:8080").unwrap();\n    WebauthnBuilder::new("localhost", &rp_origin)\n}\n',
    "a field": 'fn f() -> C {\n    C {\n        rp_id: "localhost".to_string(),\n    }\n}\n',
    "a default that everybody gets": DEFAULT,
    "where OAuth comes back to": OAUTH
    + '\nfn f() -> R {\n    RedirectUrl::new("http://localhost:3000/auth/callback".to_string())\n}\n',
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, {"Cargo.toml": SERVICE, "src/lib.rs": QUIET[case]}) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_the_edit_makes_it_quiet(case: str) -> None:
    tree = {"Cargo.toml": SERVICE, "src/lib.rs": FOUND[case]}
    assert len(findings(RULE, tree)) == 1
    after = cured(RULE, tree)
    assert findings(RULE, {**tree, "src/lib.rs": after}) == []
    assert is_rustfmt_clean(after), after


def test_the_default_stays() -> None:
    after = cured(RULE, {"Cargo.toml": SERVICE, "src/lib.rs": FOUND["an argument"]})
    assert 'let rp_id = std::env::var("WEBAUTHN_RP_ID").unwrap_or_else(|_| "localhost".to_owned());\n' in after
    assert "WebauthnBuilder::new(&rp_id, o)" in after


def test_a_program_that_serves_nobody_is_left_alone() -> None:
    assert findings(RULE, FOUND["where OAuth comes back to"]) == []


def test_a_constant_is_left_to_a_person() -> None:
    text = WEBAUTHN + 'const ID: &str = "localhost";\nfn f(o: &Url) -> W { WebauthnBuilder::new(ID, o) }\n'
    (found,) = findings(RULE, {"Cargo.toml": SERVICE, "src/lib.rs": text})
    assert found.fix is None and found.steps
