"""rust/missing-rate-limit: services that check logins with nothing that counts the tries."""

from __future__ import annotations

import pytest

from fixers.model import Pass
from tests.rules.rust.tool import MANIFEST, findings, results

RULE = "missing_rate_limit"
SERVICE = MANIFEST + '[dependencies]\naxum = "0.8"\n'
LOGIN = 'fn r() -> Router { Router::new().route("/api/v1/login", post(login)) }'
QUIET = {
    "no login": {"src/lib.rs": 'fn r() -> Router { Router::new().route("/health", get(ok)).route("/blog", get(all)) }'},
    "a word that is no login": {"src/lib.rs": 'fn r() -> Router { Router::new().route("/registers/{id}", get(one)) }'},
    "a log-out, in the module of the log-in": {
        "src/lib.rs": "fn r() -> Router { Router::new().route(DOOR, post(login::log_out)) }"
    },
    "a login that is another's": {
        "src/lib.rs": 'fn r() -> Router { Router::new().route("/auth/oidc/login", get(oidc::redirect)) }'
    },
    "a form, and its resource": {"src/lib.rs": 'fn f(c: &mut C) { c.route("/login", web::get().to(form)); }'},
    "accounts that lock softly": {"src/lib.rs": LOGIN + "\npub struct CredSoftLock { failures: u32 }"},
    "nodes that register are no users": {
        "src/lib.rs": 'fn r() -> Router { Router::new().route("/register", post(n)).route("/register-node", post(n)) }'
    },
    "a limiter of a crate": {"src/lib.rs": "use tower_governor::GovernorLayer;\n" + LOGIN},
    "a limiter of its own": {"src/lib.rs": LOGIN, "src/rate_limit.rs": "pub struct RateLimiter;"},
    "a limiter among the dependencies": {
        "src/lib.rs": LOGIN,
        "Cargo.toml": SERVICE + 'actix-governor = "0.6"\n',
    },
    "tries that are counted": {"src/lib.rs": LOGIN + "\nfn count_failed_login(who: &str) -> u32 { 1 }"},
    "the proxy limits": {"src/lib.rs": LOGIN, "deploy/nginx.conf": "limit_req_zone $binary_remote_addr zone=a:10m;"},
    "a test server": {"tests/api.rs": LOGIN, "src/lib.rs": "#[cfg(test)]\nmod tests { " + LOGIN + " }"},
}
FOUND = {
    "axum": LOGIN,
    "actix, an attribute": '#[post("/auth/register")]\nasync fn f() -> R { ok() }',
    "actix, a resource": 'fn f(c: &mut C) { c.service(web::resource("/sign-in").route(web::post().to(f))); }',
    "by the handler's name": "fn r() -> Router { Router::new().route(DOOR, post(users::log_in)) }",
    "by the handler's module": "fn r() -> Router {\n    Router::new().route(Path::Door.to_string().as_str(), "
    "get(login::form).post(routes::login::submit))\n}",
    "a form and what it sends to": 'fn r() -> Router { Router::new().route("/login", get(form).post(check)) }',
    "a token endpoint": 'fn r() -> Router { Router::new().route("/connect/token", post(f)) }',
    "an upstream that limits us is no limiter": LOGIN
    + "\npub enum Error { RateLimited, Other }\nfn is_rate_limited(e: &Error) -> bool { true }",
    "a reset": 'fn r() -> Router { Router::new().route("/password/reset", post(f)) }',
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, {"Cargo.toml": SERVICE, **QUIET[case]}) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_advice_with_steps(case: str) -> None:
    (found,) = findings(RULE, {"Cargo.toml": SERVICE, "src/lib.rs": FOUND[case]})
    assert found.fix is None and len(found.steps) == 3


def test_one_finding_for_each_service() -> None:
    two = 'fn r() -> Router { Router::new().route("/login", post(a)).route("/auth/register", post(b)) }'
    (found,) = findings(RULE, {"Cargo.toml": SERVICE, "src/lib.rs": two})
    assert len(found.locations) == 2


def test_a_program_that_serves_nobody_is_left_alone() -> None:
    assert findings(RULE, LOGIN) == []


def test_a_limiter_is_a_pass_with_its_place() -> None:
    said = results(RULE, {"Cargo.toml": SERVICE, **QUIET["a limiter of a crate"]})
    assert [isinstance(s, Pass) and bool(s.locations) for s in said] == [True]
