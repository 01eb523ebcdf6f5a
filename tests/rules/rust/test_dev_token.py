"""rust/dev-token and rust/generated-code-warnings: what is found, what is left alone."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.rules.rust.tool import MANIFEST, cured, findings

ARGS = '#[derive(Parser)]\nstruct Args {{\n    #[arg(long, default_value = "{value}")]\n    {name}: String,\n}}\n'
QUIET = {
    "the default of a request": 'impl Default for CreateUser { fn default() -> Self { Self { password: "secret".into() } } }',
    "a real default": ARGS.format(value="0.0.0.0", name="auth_token_host"),
    "a count": ARGS.format(value="test", name="token_count"),
    "a public key": ARGS.format(value="test", name="public_key"),
    "a path of a key": ARGS.format(value="key", name="key_file"),
    "a random secret is another fault": ARGS.format(value="9f8a7b6c5d4e", name="auth_token"),
    "a token of a model": 'const PAD_TOKEN: &str = "default";',
    "the name of a header": 'const AUTH_TOKEN: &str = "auth_token";',
    "a test": '#[cfg(test)]\nmod t { const AUTH_TOKEN: &str = "changeme"; }',
    "the name of a variable": 'const JWT_SECRET_KEY: &str = "JWT_SECRET";',
    "the name of a header with a dash": 'const X_API_KEY: &str = "x-api-key";',
    "a field of a form": 'const PASSWORD: &str = "password";',
    "where a secret store has its secrets": 'fn f() { env::var("VAULT_MOUNT").unwrap_or_else(|_| "secret".to_string()); }',
    "a setting that is no secret": 'fn f() { b.set_default("jwt.issuer", "admin"); }',
    "a default that is computed": 'fn f() { b.set_default("jwt_secret", generated()); }',
    "a key that is read": "fn f(s: &str) { EncodingKey::from_secret(s.as_bytes()); }",
    "a default that is none": "impl Default for Config { fn default() -> Self { Self { api_key: String::new() } } }",
    "a placeholder of a command line": 'fn f() { app.arg("password", "PASSWORD"); }',
    "a map of fields": 'fn f() { map.insert("password", "secret"); }',
    "a value that the code refuses": 'const API_KEY: &str = "changeme-please";\nfn f(k: &str) -> bool { k == API_KEY }',
    "a fallback that the code refuses": 'fn f() { let k = env::var("API_KEY").unwrap_or("changeme-please".into()); if k == "changeme-please" { panic!() } }',
    "one that is called insecure": 'pub const INSECURE_SERVER_TOKEN: &str = "insecure_server";',
    "a key in a test": '#[test]\nfn f() { EncodingKey::from_secret("secret".as_ref()); }',
    "no default": 'fn f() { std::env::var("AUTH_TOKEN").unwrap_or_default(); }',
}
FOUND = {
    "an argument": ARGS.format(value="changeme", name="auth_token"),
    "an empty one": ARGS.format(value="", name="db_key"),
    "a function of serde": 'fn default_auth_token() -> String {\n    "devtoken".to_string()\n}',
    "a constant": 'pub const JWT_SECRET: &str = "changeme";',
    "an environment read": 'fn f() { env::var("API_KEY").unwrap_or_else(|_| "changeme".to_string()); }',
    "a function named the other way": 'fn jwt_secret_default() -> String { String::from("your-secret-key-here") }',
    "a key of bytes": 'const JWT_SECRET: &[u8] = b"secret";',
    "a long one": 'fn f() { env::var("SECRET_KEY").unwrap_or_else(|_| "default-secret-key".to_string()); }',
    "one that says so": 'fn f() { env::var("JWT_SECRET").unwrap_or_else(|_| "dev_secret_key_change_in_production".into()); }',
    "with a warning": 'fn f() { env::var("JWT_SECRET").unwrap_or_else(|_| { warn!("unset"); "change-me-in-production".to_string() }); }',
    "through an Option": 'fn f() { std::env::var("ADMIN_TOKEN").ok().unwrap_or_else(|| "devtoken".into()); }',
    "a helper": 'fn f() { env_or("JWT_SECRET", "supersecret"); }',
    "a builder of settings": 'fn f() -> R { b.set_default("auth.jwt_secret", "development-secret-change-in-production")?; }',
    "a tuple of settings": 'fn f() { figment.merge(("secret_key", "changeme")); }',
    "a struct's default": 'impl Default for Config { fn default() -> Self { Self { port: 1, jwt_secret: "change-me".to_string() } } }',
    "a key of tokens": 'fn f() { EncodingKey::from_secret("only-we-know-17".as_ref()); }',
    "another environment read": 'fn f() { std::env::var("DB_PASSWORD").unwrap_or("password".into()); }',
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings("dev_token", QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    (found,) = findings("dev_token", FOUND[case])
    assert found.fix is None  # where it is read is not in the file, or the function returns no Result


def test_the_guard_stands_after_the_arguments_are_read() -> None:
    main = "#[tokio::main]\nasync fn main() -> anyhow::Result<()> {\n    let args = Args::parse();\n    serve(args).await\n}\n"
    tree = {"Cargo.toml": MANIFEST, "src/main.rs": ARGS.format(value="devtoken", name="auth_token") + "\n" + main}
    after = cured("dev_token", tree, "guard", "src/main.rs")
    assert (
        'let args = Args::parse();\n    if ["", "devtoken"].contains(&args.auth_token.as_str()) {\n        crate::production::'
        in after
    )
    assert findings("dev_token", tree | {"src/main.rs": after}) == []


def test_the_guard_stands_before_the_variable_is_read() -> None:
    code = """\
pub fn load() -> Result<Config, String> {
    let config = Config {
        jwt_secret: std::env::var("JWT_SECRET").unwrap_or_else(|_| "changeme".to_string()),
    };
    Ok(config)
}
"""
    after = cured("dev_token", code, "guard")
    assert (
        '    if ["", "changeme"].contains(&std::env::var("JWT_SECRET").unwrap_or_default().as_str()) {\n'
        '        crate::production::development_only("JWT_SECRET is a known secret")?;\n'
        "    }\n"
        "    let config = Config {"
    ) in after
    assert findings("dev_token", after) == []


def test_two_reads_of_one_variable_are_one_finding_without_an_edit() -> None:
    read = 'fn {name}() -> Result<(), String> {{ let s = std::env::var("API_KEY").unwrap_or("changeme".into()); Ok(()) }}\n'
    (found,) = findings("dev_token", read.format(name="one") + read.format(name="two"))
    assert [p.line for p in found.locations] == [1, 2]
    assert "at 2 places" in found.fixes[0].reason


INCLUDE = 'include!(concat!(env!("OUT_DIR"), "/a.rs"));'


@pytest.mark.parametrize(
    "code",
    [
        f"#[allow(unused_parens)]\npub mod a {{\n    {INCLUDE}\n}}\n",
        f"pub mod a {{\n    #![allow(clippy::all)]\n    {INCLUDE}\n}}\n",
        f"#[allow(clippy::all)]\nmod p {{\n    pub mod a {{\n        {INCLUDE}\n    }}\n}}\n",
        f"#![allow(warnings)]\nmod a {{\n    {INCLUDE}\n}}\n",
        f"#[cfg(test)]\nmod a {{\n    {INCLUDE}\n}}\n",
        f"{INCLUDE}\nfn mine() {{}}\n",  # no allow for a whole crate
        'static TABLE: [u8; 4] = include!(concat!(env!("OUT_DIR"), "/t.rs"));\n',
    ],
)
def test_allowed_or_unboxed_generated_code_is_left_alone(code: str) -> None:
    assert findings("generated_code_warnings", code) == []


def test_the_allow_goes_above_the_other_attributes_once() -> None:
    code = f'#[cfg(feature = "rpc")]\npub mod a {{\n    {INCLUDE}\n    {INCLUDE}\n}}\n'
    assert cured("generated_code_warnings", code) == "#[allow(clippy::all, unused)]\n" + code
