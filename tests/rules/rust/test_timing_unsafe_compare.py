"""rust/timing-unsafe-compare: secrets against claims; not what was typed twice, not tokens of a parser."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from fixers.model import Pass
from tests.rules.rust.tool import MANIFEST, cured, findings, results

RULE = "timing_unsafe_compare"
QUIET = {
    "typed twice": "fn f(d: D) -> bool { d.password != d.password_verify }",
    "two fields of a form": "fn f(d: D) -> bool { d.secret == d.other }",
    "empty": 'fn f(p: &str) -> bool { p.password == "" }',
    "a constant": "fn f(token: u32) -> bool { token == INVALID_TOKEN }",
    "a variant": "fn f(token: T) -> bool { token == Token::Comma }",
    "a token of a parser": "fn f(token: T, expected: T) -> bool { token == expected }",
    "a length": "fn f(s: &S) -> bool { s.secret.len() == n }",
    "no secret": "fn f(c: &C) -> bool { c.secret_count == n && c.token_id == id }",
    "a file with a code beside it": "fn mac(key: &[u8]) -> String { Hmac::<Sha256>::new(key) }\nfn g(a: u8) -> u8 { a }\nfn f(a: u8, b: u8, key: u8) -> bool { g(a) == b }",
    "a file of its own": "fn f(p: &P, k: &K) -> bool { let data = fs::read(p); data == k.secret() }",
    "a change that is kept": "fn f(s: &mut S, current_password: String) { if s.password != current_password { s.password = current_password; } }",
    "what was kept": "fn insert_checked(v: &mut V, app_password: P) { v.iter_mut().find(|e| e.app_password == app_password); }",
    "a pointer": "fn f(passwd: &mut P, result: &mut P) -> bool { result != &mut passwd }",
    "hashes that drift": "fn f(a: &R, b: &R) -> bool { a.encrypted_password != b.encrypted_password }",
    "tokens of locks": "fn f(h: H, r: R) -> bool { let auth = h.headers(); r.lock_tokens.iter().any(|t| t == token) }",
    "an id of a public key": "fn f(id: I, signing_key: K) -> bool { id != signing_key.to_peer_id() }",
    "a public key": "fn f(k: K) -> bool { k.public_key == invite_token }",
    "nothing there": "fn f(c: &C) -> bool { c.api_key == None }",
    "taken out of a list": "fn f(v: &mut Vec<String>, secret: &str) { v.retain(|x| x != secret); }",
    "a test": "#[test]\nfn f() { assert(password == other) ; let b = password == other; }",
}
FOUND = {
    "a password of the configuration": "fn f(r: R, c: &C) -> bool { r.password != c.admin_password }",
    "a token of a header": 'fn f(h: &H, expected_token: &str) -> bool { let token = h.get("authorization"); let auth = 1; token == expected_token }',
    "by its bytes": "fn f(c: &C, given: &str) -> bool { given.as_bytes() == c.api_key.as_bytes() }",
    "a signature": "fn f(sig: &[u8], expected_sig: &[u8]) -> bool { sig == expected_sig }",
    "a token that a provider sends back": "fn f(p: P, wa: &W) -> bool { p.verify_token.as_deref() == Some(wa.verify_token()) }",
    "an option's text": "fn f(t: &str) -> bool { match CONFIG.admin_token().as_ref() { None => false, Some(t) => t == token } }",
    "a code of recovery": "fn f(recovery_code: &str, u: &U) -> bool { recovery_code == u.totp.to_lowercase() }",
    "a code that the file computes": "fn mac(id: u8, key: &[u8]) -> String { let m = Hmac::<Sha256>::new(key); hex(m) }\nfn f(given: &[u8], api: &[u8]) -> bool { mac(1, api).as_bytes() == given }",
    "in a closure": "fn f(v: V, token: &str) { v.find(|i| i.as_token == token); }",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1


TYPES = """struct C {
    password: String,
    key: [u8; 32],
    maybe: Option<String>,
    sealed: Sealed,
}
enum Kind {
    Plain(String),
    Sealed(Sealed),
}
"""
SUBTLE = {"Cargo.toml": MANIFEST + '\n[dependencies]\nsubtle = "2"\n'}
EVIDENT = {
    "two texts": (
        "fn f(c: &C, given: &str) -> bool { given == c.password }",
        "given.as_bytes(), c.password.as_bytes()",
    ),
    "a negation": ("fn f(c: &C, given: &str) -> bool { *given != *c.password }", "!bool::from("),
    "by as_str": ("fn f(c: &C, given: String) -> bool { given == c.password.as_str() }", "c.password.as_bytes()"),
    "behind pointers": ("fn f(c: Arc<C>, given: &'a str) -> bool { given == c.password }", "c.password.as_bytes()"),
    "of an extractor": (
        "fn f(State(c): State<Arc<C>>, given: &str) -> bool { given == c.password }",
        "c.password.as_bytes()",
    ),
    "of self": ("impl C { fn f(&self, g: &str) -> bool { g == self.password } }", "self.password.as_bytes()"),
    "of a variable": (
        "fn f(c: &C) -> bool { let password = c.password.clone(); c.password == password }",
        "password.as_bytes()",
    ),
    "out of an Option": (
        "fn f(c: &C, g: &str) -> bool { if let Some(password) = &c.maybe { g == password } else { false } }",
        "password.as_bytes()",
    ),
    "out of a variant": (
        "fn f(k: &Kind, g: &str) -> bool { match k { Kind::Plain(password) => g == password, _ => false } }",
        "password.as_bytes()",
    ),
    "arrays": ("fn f(c: &C, api_key: &[u8; 32]) -> bool { api_key == &c.key }", "api_key.as_slice(), c.key.as_slice()"),
    "slices": ("fn f(sig: &[u8], expected_sig: &[u8]) -> bool { sig == expected_sig }", "(sig, expected_sig)"),
    "bytes of texts": (
        "fn f(c: &C, g: &str) -> bool { g.as_bytes() == c.password.as_bytes() }",
        "g.as_bytes(), c.password.as_bytes()",
    ),
}
NOT_EVIDENT = {
    "a type of its own": "fn f(c: &C, password: &Sealed) -> bool { password == c.sealed }",
    "bytes of an unknown digest": "fn f(d: D, expected_digest: &[u8]) -> bool { d.derive().as_bytes() == expected_digest }",
    "a struct of another crate": "fn f(r: &Request, c: &C) -> bool { r.password == c.password }",
    "a variant that holds another type": "fn f(k: &Kind, g: &str) -> bool { match k { Kind::Sealed(password) => g == password, _ => false } }",
    "an Option": "fn f(c: &C, password: &Option<String>) -> bool { password == c.maybe }",
    "a generic": "fn f<T: PartialEq>(password: T, other: T) -> bool { password == other }",
    "a variable that is bound anew": "fn f(c: &C, password: &str) -> bool { let password = seal(password); c.password == password }",
    "what a loop binds": "fn f(c: &C, all: Vec<Sealed>) { for password in all { let a = c.password == password; } }",
}


@pytest.mark.parametrize("case", EVIDENT)
def test_bytes_are_compared_where_the_types_are_evident(case: str) -> None:
    code, written = EVIDENT[case]
    assert written in cured(RULE, SUBTLE | {"src/lib.rs": TYPES + code + "\n"})


@pytest.mark.parametrize("case", NOT_EVIDENT)
def test_where_they_are_not_it_is_advice(case: str) -> None:
    (found,) = findings(RULE, SUBTLE | {"src/lib.rs": TYPES + NOT_EVIDENT[case] + "\n"})
    assert found.fix is None or not found.fix.changes
    assert "types" in found.fixes[0].reason


PLAIN = "fn f(password: &str, c: &str) -> bool {\n    password != c\n}\n"


def test_the_crate_is_added_where_it_is_missing() -> None:
    (found,) = findings(RULE, PLAIN)
    assert found.fix is not None
    assert found.fix.paths == ("Cargo.toml", "src/lib.rs")
    assert b'\n[dependencies]\nsubtle = "2"\n' in (found.fix.changes[0].after or b"")
    assert "Cargo.toml" in found.fix.reason


LOCK = 'version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\n'
KNOWN = '\n[[package]]\nname = "subtle"\nversion = "2.6.1"\nsource = "registry+https://example.org/index"\n'


def test_the_lock_file_changes_with_the_manifest() -> None:
    (found,) = findings(RULE, {"src/lib.rs": PLAIN, "Cargo.lock": "# @generated by Cargo.\n" + LOCK + KNOWN})
    assert found.fix is not None
    assert found.fix.paths == ("Cargo.lock", "Cargo.toml", "src/lib.rs")
    assert b'version = "0.1.0"\ndependencies = [\n "subtle",\n]\n\n[[package]]' in (found.fix.changes[0].after or b"")


def test_a_crate_that_the_lock_file_lacks_is_for_cargo_to_add() -> None:
    (found,) = findings(RULE, {"src/lib.rs": PLAIN, "Cargo.lock": LOCK})
    assert not found.fixes[0].changes
    assert "cargo add" in found.fixes[0].reason


@pytest.mark.parametrize(
    ("crate", "call"),
    [
        ("subtle", "!bool::from(subtle::ConstantTimeEq::ct_eq(password.as_bytes(), c.as_bytes()))"),
        ("constant_time_eq", "!constant_time_eq::constant_time_eq(password.as_bytes(), c.as_bytes())"),
    ],
)
def test_the_crate_that_is_there_is_used(crate: str, call: str) -> None:
    tree = {"Cargo.toml": MANIFEST + f'\n[dependencies]\n{crate} = "1"\n', "src/lib.rs": PLAIN}
    assert call in cured(RULE, tree)


def test_comparisons_in_constant_time_are_the_evidence() -> None:
    (said,) = results(RULE, "fn f(a: &[u8], b: &[u8]) -> bool {\n    a.ct_eq(b).into()\n}\n")
    assert isinstance(said, Pass)
    assert said.locations[0].line == 2
