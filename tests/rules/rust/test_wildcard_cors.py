"""rust/wildcard-cors: layers that let every origin in, not those that are meant to, or that an operator chose."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from fixers.model import Pass, Severity
from tests.rules.rust.tool import MANIFEST, cured, findings, is_rustfmt_clean, results

RULE = "wildcard_cors"
TOWER = "use tower_http::cors::{Any, AllowOrigin, CorsLayer};\n"
ACTIX = "use actix_cors::Cors;\n"
AXUM = MANIFEST + '[dependencies]\naxum = "0.8"\n'
STAR = 'h.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));'
WRITES = 'h.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));'
QUIET = {
    "a header on what may only be read": f"fn f(h: &mut HeaderMap) {{ {STAR} }}",
    "a header on a document for everybody": f'fn jwks(h: &mut HeaderMap) {{ {STAR} {WRITES} file(".well-known/jwks.json") }}',
    "what public clients of OAuth need": f"fn oauth2_preflight(h: &mut HeaderMap) {{ {STAR} {WRITES} }}",
    "a header that a setting asks for": f"fn f(h: &mut HeaderMap, s: &S) {{ if s.cors {{ {STAR} {WRITES} }} }}",
    "a header with an origin": 'fn f(h: &mut H) { h.insert("Access-Control-Allow-Origin", origin); ' + WRITES + " }",
    "a header that is read": 'fn f(r: &Response) -> bool { r.headers()["access-control-allow-origin"] == "*" }',
    "a list of origins": TOWER
    + 'fn f() -> CorsLayer { CorsLayer::new().allow_origin(["https://a.example".parse().unwrap()]) }',
    "a predicate that looks": TOWER
    + "fn f() -> CorsLayer { CorsLayer::new().allow_origin(AllowOrigin::predicate(|o, _| known(o))).allow_credentials(true) }",
    "public data that is only read": TOWER
    + "fn f() -> CorsLayer { CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::HEAD]) }",
    "the operator wrote a star": TOWER
    + 'fn f(o: &[String]) -> CorsLayer { if o.contains(&"*".into()) { CorsLayer::new().allow_origin(Any) } else { list(o) } }',
    "a build for development": TOWER
    + "fn f() -> CorsLayer { if cfg!(debug_assertions) { CorsLayer::very_permissive() } else { CorsLayer::new() } }",
    "an item of debug builds": TOWER + "#[cfg(debug_assertions)]\nfn f() -> CorsLayer { CorsLayer::permissive() }",
    "origins from elsewhere": TOWER
    + "fn f(origins: AllowOrigin) -> CorsLayer { CorsLayer::new().allow_origin(origins) }",
    "no origin at all": TOWER + "fn f() -> CorsLayer { CorsLayer::new() }",
    "another crate's layer": "use mine::cors::CorsLayer;\nfn f() -> CorsLayer { CorsLayer::permissive() }",
    "a test": TOWER + "#[cfg(test)]\nmod tests { fn f() { CorsLayer::permissive(); } }",
    "actix with origins": ACTIX + 'fn f() -> Cors { Cors::default().allowed_origin("https://a.example") }',
    "actix, chosen in a setting": ACTIX
    + "fn f(s: &S) -> Cors { let mut c = Cors::default(); if s.origins.is_empty() { c = c.allow_any_origin(); } c }",
}
FOUND = {
    "permissive": (TOWER + "fn f() -> CorsLayer { CorsLayer::permissive() }", Severity.MEDIUM),
    "the full path": ("fn f(r: R) { r.layer(tower_http::cors::CorsLayer::very_permissive()); }", Severity.HIGH),
    "another name": ("use tower_http::cors::CorsLayer as C;\nfn f() -> C { C::permissive() }", Severity.MEDIUM),
    "a glob": ("use tower_http::cors::*;\nfn f() -> CorsLayer { CorsLayer::new().allow_origin(Any) }", Severity.MEDIUM),
    "the module": (
        "use tower_http::cors::{self, CorsLayer};\nfn f() -> CorsLayer { CorsLayer::new().allow_origin(cors::Any) }",
        Severity.MEDIUM,
    ),
    "the asker is let in with cookies": (
        TOWER
        + "fn f() -> CorsLayer { CorsLayer::new().allow_origin(AllowOrigin::mirror_request()).allow_credentials(true) }",
        Severity.HIGH,
    ),
    "a predicate that does not look": (
        TOWER
        + "fn f() -> CorsLayer { CorsLayer::new().allow_origin(AllowOrigin::predicate(|_, _| true)).allow_credentials(true) }",
        Severity.HIGH,
    ),
    "a star as a header value": (
        TOWER + 'fn f() -> CorsLayer { CorsLayer::new().allow_origin("*".parse::<HeaderValue>().unwrap()) }',
        Severity.MEDIUM,
    ),
    "through a variable": (
        TOWER + "fn f() -> CorsLayer { let cors = CorsLayer::new(); let cors = cors.allow_origin(Any); cors }",
        Severity.MEDIUM,
    ),
    "through a function": (
        TOWER + "fn base() -> CorsLayer { CorsLayer::new() }\nfn f() -> CorsLayer { base().allow_origin(Any) }",
        Severity.MEDIUM,
    ),
    "methods that somebody listed": (
        TOWER + "fn f() -> CorsLayer { CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::POST]) }",
        Severity.LOW,
    ),
    "actix permissive has credentials": (ACTIX + "fn f() -> Cors { Cors::permissive() }", Severity.HIGH),
    "actix, any origin": (ACTIX + "fn f() -> Cors { Cors::default().allow_any_origin() }", Severity.MEDIUM),
    "actix, a function that says yes": (
        ACTIX + "fn f() -> Cors { Cors::default().allowed_origin_fn(|_, _| true).supports_credentials() }",
        Severity.HIGH,
    ),
    "a header, with what else a page may do": (f"fn f(h: &mut HeaderMap) {{ {STAR} {WRITES} }}", Severity.LOW),
    "a header by its name": (
        'fn f(r: Builder) { r.header("Access-Control-Allow-Origin", "*").header("Access-Control-Allow-Headers", "content-type, authorization"); }',
        Severity.LOW,
    ),
    "rocket's header": (
        'fn f(r: &mut Response) { r.set_header(Header::new("Access-Control-Allow-Origin", "*")); r.set_header(Header::new("Access-Control-Allow-Methods", "POST, GET")); }',
        Severity.LOW,
    ),
    "headers in two functions are one cause": (
        f"fn f(h: &mut H) {{ {STAR} {WRITES} }}\nfn g(h: &mut H) {{ {STAR} {WRITES} }}",
        Severity.LOW,
    ),
    "rocket_cors": (
        "use rocket_cors::{AllowedOrigins, CorsOptions};\nfn f() -> C { CorsOptions { allowed_origins: AllowedOrigins::all(), ..d() } }",
        Severity.MEDIUM,
    ),
    "salvo": (
        "use salvo::cors::{Any, Cors};\nfn f() -> C { Cors::new().allow_origin(Any).allow_methods(Any).into_handler() }",
        Severity.LOW,
    ),
    "warp": ("fn f() { routes().with(warp::cors().allow_any_origin()); }", Severity.MEDIUM),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    text, severity = FOUND[case]
    (found,) = findings(RULE, text)
    assert (found.severity or Severity.MEDIUM) is severity


def test_a_matrix_server_must_let_every_origin_in() -> None:
    tree = {"Cargo.toml": MANIFEST + '[dependencies]\nruma = "0.12"\n', "src/lib.rs": FOUND["permissive"][0]}
    assert findings(RULE, tree) == []


def test_an_import_that_nothing_uses_any_more_goes() -> None:
    text = (
        "use tower_http::cors::{Any, CorsLayer};\n\nfn f() -> CorsLayer {\n    CorsLayer::new().allow_origin(Any)\n}\n"
    )
    after = cured(RULE, {"Cargo.toml": AXUM, "src/lib.rs": text})
    assert after.startswith(
        "use tower_http::cors::CorsLayer;\n\nfn f() -> CorsLayer {\n    CorsLayer::new().allow_origin(allowed_origins())\n}\n\n/// Origins"
    )
    assert is_rustfmt_clean(after)


def test_an_import_that_something_else_uses_stays() -> None:
    text = "use tower_http::cors::{Any, CorsLayer};\n\nfn f() -> CorsLayer {\n    CorsLayer::new().allow_origin(Any).allow_headers(Any)\n}\n"
    assert "cors::{Any, CorsLayer}" in cured(RULE, {"Cargo.toml": AXUM, "src/lib.rs": text})


def test_the_function_stands_before_the_tests() -> None:
    text = TOWER + "pub fn f() -> CorsLayer {\n    CorsLayer::permissive()\n}\n\n#[cfg(test)]\nmod tests {}\n"
    after = cured(RULE, {"Cargo.toml": AXUM, "src/lib.rs": text})
    assert after.index("fn allowed_origins") < after.index("mod tests")


def test_without_a_crate_that_has_header_values_it_is_advice() -> None:
    (found,) = findings(RULE, FOUND["permissive"][0])
    assert found.fixes == () and found.steps


@pytest.mark.parametrize("call", ["Cors::permissive()", "Cors::default().allow_any_origin()"])
def test_actix_asks_a_function(call: str) -> None:
    after = cured(RULE, ACTIX + f"\npub fn f() -> Cors {{\n    {call}\n}}\n")
    assert "Cors::default().allowed_origin_fn(|origin, _| is_allowed_origin(origin))" in after.replace("\n        ", "")
    assert findings(RULE, after) == []
    assert call != "Cors::permissive()" or is_rustfmt_clean(after), after


def test_named_origins_are_a_pass_with_its_place() -> None:
    (said,) = results(RULE, QUIET["a list of origins"])
    assert isinstance(said, Pass) and said.locations


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_the_layers_of_a_file_share_one_function(eol: str) -> None:
    text = TOWER + "pub fn f() -> CorsLayer {\n    CorsLayer::permissive()\n}\n"
    once = cured(RULE, {"Cargo.toml": AXUM, "src/lib.rs": text})
    again = once + "\npub fn g() -> CorsLayer {\n    CorsLayer::permissive()\n}\n"
    after = cured(RULE, {"Cargo.toml": AXUM, "src/lib.rs": again.replace("\n", eol)})
    assert after.count("fn allowed_origins") == 1 and after.count("allow_origin(allowed_origins())") == 2
