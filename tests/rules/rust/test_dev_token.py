"""rust/dev-token and rust/generated-code-warnings: what is found, what is left alone."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.rules.rust.tool import MANIFEST, cured, findings

ARGS = '#[derive(Parser)]\nstruct Args {{\n    #[arg(long, default_value = "{value}")]\n    {name}: String,\n}}\n'
QUIET = {
    "a real default": ARGS.format(value="0.0.0.0", name="auth_token_host"),
    "a count": ARGS.format(value="test", name="token_count"),
    "a public key": ARGS.format(value="test", name="public_key"),
    "a path of a key": ARGS.format(value="key", name="key_file"),
    "a random secret is another fault": ARGS.format(value="9f8a7b6c5d4e", name="auth_token"),
    "a token of a model": 'const PAD_TOKEN: &str = "default";',
    "the name of a header": 'const AUTH_TOKEN: &str = "auth_token";',
    "a test": '#[cfg(test)]\nmod t { const AUTH_TOKEN: &str = "changeme"; }',
    "no default": 'fn f() { std::env::var("AUTH_TOKEN").unwrap_or_default(); }',
}
FOUND = {
    "an argument": ARGS.format(value="changeme", name="auth_token"),
    "an empty one": ARGS.format(value="", name="db_key"),
    "a function of serde": 'fn default_auth_token() -> String {\n    "devtoken".to_string()\n}',
    "a constant": 'pub const JWT_SECRET: &str = "changeme";',
    "an environment read": 'fn f() { env::var("API_KEY").unwrap_or_else(|_| "changeme".to_string()); }',
    "another environment read": 'fn f() { std::env::var("DB_PASSWORD").unwrap_or("password".into()); }',
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings("dev_token", QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    (found,) = findings("dev_token", FOUND[case])
    assert found.fix is None  # where it is read is not in the file


def test_the_guard_stands_after_the_arguments_are_read() -> None:
    main = "#[tokio::main]\nasync fn main() -> anyhow::Result<()> {\n    let args = Args::parse();\n    serve(args).await\n}\n"
    tree = {"Cargo.toml": MANIFEST, "src/main.rs": ARGS.format(value="devtoken", name="auth_token") + "\n" + main}
    after = cured("dev_token", tree, "guard", "src/main.rs")
    assert (
        'let args = Args::parse();\n    if ["", "devtoken"].contains(&args.auth_token.as_str()) {\n        crate::production::'
        in after
    )
    assert findings("dev_token", tree | {"src/main.rs": after}) == []


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
