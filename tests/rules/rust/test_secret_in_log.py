"""rust/secret-in-log: values, not words; rust/no-health-endpoint: services, not libraries."""

from __future__ import annotations

import pytest

from fixers.model import Pass
from tests.rules.rust.tool import cured, findings, results

QUIET = [
    'info!("password accepted");',
    'info!("{} bytes of password", password.len());',
    'info!("has secret: {}", secret.is_some());',
    'info!(token_count, "counted");',
    'info!(key_id = %id, "loaded api_key");',
    'println!("your api_key: {api_key}");',
    'info!("env {}", API_KEY);',
    'info!("login of {}", user.name);',
    "#[cfg(test)]\n{ debug!(?password); }",
    'info!("{}", redact(password));',
    'if CONFIG.sso_debug_tokens() { debug!("{}", id_token.to_string()); }',
    'event!(target: PRINT_TARGET, Level::INFO, "made {}", user.password);',
    "info!(new_password = ?password);",
]
FOUND = [
    'info!("with {password}");',
    'log::debug!("with {:?}", &config.auth_token);',
    'tracing::warn!(secret_key = ?self.secret_key, "odd");',
    "debug!(?password);",
    'error!(api_key = %cfg.api_key.clone(), "refused");',
]


@pytest.mark.parametrize("line", QUIET)
def test_words_and_lengths_are_no_secret(line: str) -> None:
    assert findings("secret_in_log", f"fn f() {{\n    {line}\n}}\n") == []


@pytest.mark.parametrize("line", FOUND)
def test_a_value_is(line: str) -> None:
    (found,) = findings("secret_in_log", f"fn f() {{\n    {line}\n}}\n")
    assert found.line == 2


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('info!("with {password}");', 'info!("with <redacted>");'),
        ('info!("with {password:?} and {{password}}");', 'info!("with <redacted> and {{password}}");'),
        ('debug!(?password, "checked");', 'debug!(password = "<redacted>", "checked");'),
        ('debug!(user, api_key = %cfg.api_key.clone(), "no");', 'debug!(user, api_key = "<redacted>", "no");'),
        ('log::debug!("at {}: {:?}", f(1, 2), &cfg.auth_token);', 'log::debug!("at {}: {:?}", f(1, 2), "<redacted>");'),
        ('warn!(secret_key = ?self.secret_key, "odd, {}", x);', 'warn!(secret_key = "<redacted>", "odd, {}", x);'),
        ('info!("a, {password}, {}", password);', 'info!("a, <redacted>, {}", "<redacted>");'),
    ],
)
def test_the_value_is_taken_out_and_nothing_else(line: str, after: str) -> None:
    code = f"fn f(password: &str, cfg: &Cfg) {{\n    {line}\n    g(password, cfg);\n}}\n"
    made = cured("secret_in_log", code)
    assert made == code.replace(line, after)
    assert findings("secret_in_log", made) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('info!("with {password}");', "used for nothing else"),
        ("dbg!(password);\n    g(password);", "hands its value on"),
        ('info!("with {:02x}", password);\n    g(password);', "as a number"),
    ],
)
def test_where_that_would_not_build_it_is_advice(line: str, why: str) -> None:
    (found,) = findings("secret_in_log", f"fn f(password: &str) {{\n    {line}\n}}\n")
    assert found.fix is None
    assert why in found.fixes[0].reason


def test_logs_without_secrets_are_the_evidence() -> None:
    (said,) = results("secret_in_log", 'fn f() { tracing::info!("started"); }\n')
    assert isinstance(said, Pass)


SERVICE = '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\naxum = "0.8"\n'
SERVE = "fn main() {\n    axum::serve(l, app());\n}\n"


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        ({"src/main.rs": SERVE}, 1),
        ({"src/main.rs": SERVE, "src/routes.rs": 'fn app() { r.route("/api/health", get(h)) }'}, 0),
        ({"src/main.rs": SERVE, "src/routes.rs": "async fn health_check() {}"}, 0),
        ({"src/main.rs": SERVE, "src/routes.rs": 'const A: &str = "status";'}, 1),
        ({"src/main.rs": SERVE, "tests/a.rs": 'get("/health")'}, 1),
        ({"src/main.rs": "fn main() { TcpListener::bind(a).is_ok(); }"}, 0),
        ({"src/lib.rs": SERVE.replace("main", "run")}, 0),
    ],
)
def test_a_service_without_a_health_route_is_found(tree: dict[str, str], found: int) -> None:
    assert len(findings("no_health_endpoint", {"Cargo.toml": SERVICE} | tree)) == found
