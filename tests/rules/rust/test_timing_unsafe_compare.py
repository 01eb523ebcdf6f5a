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
    "in a closure": "fn f(v: V, token: &str) { v.find(|i| i.as_token == token); }",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1


def test_the_crate_is_added_where_it_is_missing() -> None:
    (found,) = findings(RULE, "fn f(r: &R, c: &C) -> bool {\n    r.password == c.password\n}\n")
    assert found.fix is not None
    assert found.fix.paths == ("Cargo.toml", "src/lib.rs")
    assert b'\n[dependencies]\nsubtle = "2"\n' in (found.fix.changes[0].after or b"")
    assert "Cargo.toml" in found.fix.reason


@pytest.mark.parametrize(
    ("crate", "call"),
    [
        ("subtle", "!bool::from(subtle::ConstantTimeEq::ct_eq(r.password.as_bytes(), c.password.as_bytes()))"),
        ("constant_time_eq", "!constant_time_eq::constant_time_eq(r.password.as_bytes(), c.password.as_bytes())"),
    ],
)
def test_the_crate_that_is_there_is_used(crate: str, call: str) -> None:
    tree = {"Cargo.toml": MANIFEST + f'\n[dependencies]\n{crate} = "1"\n'}
    tree["src/lib.rs"] = "fn f(r: &R, c: &C) -> bool {\n    &r.password != &c.password\n}\n"
    assert call in cured(RULE, tree)


def test_comparisons_in_constant_time_are_the_evidence() -> None:
    (said,) = results(RULE, "fn f(a: &[u8], b: &[u8]) -> bool {\n    a.ct_eq(b).into()\n}\n")
    assert isinstance(said, Pass)
    assert said.locations[0].line == 2
