"""rust/cookie-without-secure: cookies that go to browsers, not those that are taken away or only looked at."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from fixers.model import Pass
from tests.rules.rust.tool import cured, findings, is_rustfmt_clean, results

RULE = "cookie_without_secure"
JAR = "use axum_extra::extract::cookie::{Cookie, CookieJar};\n"
QUIET = {
    "secure": JAR + 'fn f(j: CookieJar, t: String) { j.add(Cookie::build(("s", t)).secure(true).path("/")); }',
    "from the configuration": JAR
    + 'fn f(j: CookieJar, t: String, c: &C) { j.add(Cookie::build(("s", t)).path("/").secure(c.https)); }',
    "outside debug builds": JAR
    + 'fn f(j: CookieJar, t: String) { j.add(Cookie::build(("s", t)).secure(!cfg!(debug_assertions))); }',
    "set on the variable later": JAR
    + 'fn f(j: CookieJar, t: String) { let mut c = Cookie::new("s", t); c.set_path("/"); c.set_secure(true); j.add(c); }',
    "set by whoever asks for it": JAR
    + 'fn make(t: String) -> Cookie<\'static> { let mut c = Cookie::new("s", t); c.set_path("/"); c }\n'
    + "fn f(j: CookieJar) { let mut c = make(t); c.set_secure(true); j.add(c); }",
    "taken away": JAR + 'fn f(j: CookieJar) { j.remove(Cookie::build("s").path("/")); }',
    "emptied": JAR + 'fn f(j: CookieJar) { j.add(Cookie::build(("s", "")).path("/")); }',
    "of no age": JAR + 'fn f(j: CookieJar, v: String) { j.add(Cookie::build(("s", v)).max_age(Duration::ZERO)); }',
    "a jar that only signs": JAR
    + 'fn f(k: &Key, u: String) -> String { let mut j = CookieJar::new(); j.signed_mut(k).add(Cookie::new("u", u)); j.out() }',
    "another crate's cookie": 'use mine::Cookie;\nfn f(j: J) { j.add(Cookie::build(("s", t)).path("/")); }',
    "Rocket sees to it": 'use rocket::http::{Cookie, CookieJar};\nfn f(j: &CookieJar) { j.add(Cookie::build(("s", t)).path("/")); }',
    "a session layer as it comes": 'use tower_sessions::SessionManagerLayer;\nfn f(s: S) -> L { SessionManagerLayer::new(s).with_name("id") }',
    "a session layer in debug builds": "use tower_sessions::SessionManagerLayer;\n"
    + "fn f(s: S) -> L { let l = SessionManagerLayer::new(s); if cfg!(debug_assertions) { l.with_secure(false) } else { l } }",
    "a header that says Secure": 'fn f(t: &str) -> String { format!("s={t}; Path=/; HttpOnly; Secure") }',
    "a header that may say Secure": 'fn f(t: &str, tls: bool) -> String { let secure = if tls { "; Secure" } else { "" }; format!("s={t}; HttpOnly{secure}") }',
    "a header that takes it away": 'fn f() -> &\'static str { "s=; Path=/; HttpOnly; Max-Age=0" }',
    "a path and no cookie": 'fn f(t: &str) -> String { format!("a={t}; Path=/b") }',
    "a test": JAR + '#[cfg(test)]\nmod tests { fn f(j: J) { j.add(Cookie::new("s", t)); } }',
}
FOUND = {
    "a builder": JAR + 'fn f(j: CookieJar, t: String) { j.add(Cookie::build(("s", t)).http_only(true)); }',
    "the old builder": 'use actix_web::cookie::Cookie;\nfn f(t: &str) -> R { ok().cookie(Cookie::build("s", t).path("/").finish()) }',
    "a plain one in a jar": JAR + 'fn f(j: CookieJar, t: String) -> CookieJar { j.add(Cookie::new("s", t)) }',
    "attributes on a variable": JAR
    + 'fn f(t: String) -> C { let mut c = Cookie::new("s", t); c.set_http_only(true); c }',
    "false for everybody": JAR + 'fn f(j: CookieJar, t: String) { j.add(Cookie::build(("s", t)).secure(false)); }',
    "a session layer told so": "use tower_sessions::SessionManagerLayer;\nfn f(s: S) -> L { SessionManagerLayer::new(s).with_secure(false) }",
    "actix sessions told so": "use actix_session::SessionMiddleware;\nfn f() -> M { SessionMiddleware::builder(s(), k()).cookie_secure(false).build() }",
    "a header with a path": 'fn f(t: &str) -> R { r().header(SET_COOKIE, format!("session={t}; Path=/")) }',
    "poem's sessions told so": "use poem::session::CookieConfig;\nfn f() -> C { CookieConfig::default().secure(false) }",
    "a header written out": 'fn f(t: &str) -> String { format!("session={t}; Path=/; HttpOnly; SameSite=Lax") }',
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1


@pytest.mark.parametrize("case", [c for c in FOUND if c != "a plain one in a jar"])
def test_the_edit_makes_it_quiet(case: str) -> None:
    assert findings(RULE, cured(RULE, FOUND[case])) == []


def test_a_plain_cookie_is_left_to_a_person() -> None:
    (found,) = findings(RULE, FOUND["a plain one in a jar"])
    assert found.fix is None and found.steps and found.fixes[0].reason


def test_a_chain_that_gets_too_long_is_broken_as_rustfmt_does() -> None:
    text = JAR + '\nfn f(t: String) -> C {\n    Cookie::build(("s", t)).path("/").build()\n}\n'
    after = cured(RULE, text)
    assert '        .secure(std::env::var_os("COOKIE_ALLOW_HTTP").is_none())\n        .path("/")\n' in after
    assert is_rustfmt_clean(after)


def test_a_statement_of_its_own_sets_it_on_a_variable() -> None:
    text = JAR + '\nfn f(t: String) -> C {\n    let mut c = Cookie::new("s", t);\n    c.set_path("/");\n    c\n}\n'
    after = cured(RULE, text)
    assert '    c.set_path("/");\n    c.set_secure(std::env::var_os("COOKIE_ALLOW_HTTP").is_none());\n    c\n' in after


def test_a_secure_cookie_is_a_pass_with_its_place() -> None:
    (said,) = results(RULE, QUIET["secure"])
    assert isinstance(said, Pass) and said.locations
