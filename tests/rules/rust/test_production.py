"""The production guard and the two rules that make it: one module, the crate's own error style, no second copy."""

# ruff: noqa: E501

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fixers.model import Finding
from fixers.project import MemoryReader, Project
from fixers.rules.rust.plaintext_database import check as plaintext
from fixers.rules.rust.silent_self_signed_cert import check as self_signed
from fixers.session import Options, Session
from tests.rules.rust.tool import findings, is_rustfmt_clean, results

MANIFEST = '[package]\nname = "my-relay"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nanyhow = "1"\n'
STORE = (
    "pub fn open(p: &str, key: &str) -> {returns} {{\n    let conn = connect(p)?;\n    if !key.is_empty() {{\n"
    '        conn.pragma_update(None, "key", key)?;\n    }}\n    Ok(conn)\n}}\n'
)
CERT = (
    "pub fn certificate(p: &std::path::Path) -> anyhow::Result<()> {\n    if p.exists() {\n        return Ok(());\n    }\n"
    "    let made = rcgen::generate_simple_self_signed(vec![])?;\n    Ok(())\n}\n"
)


def trailer(message: str, key: str) -> str:
    return message.partition(f"\n{key}: ")[2].partition("\n")[0]


def after(tree: dict[str, str], finding: Finding, name: str) -> dict[str, str]:
    fix = next(f for f in finding.fixes if f.name == name)
    return tree | {c.path: (c.after or b"").decode() for c in fix.changes}


@pytest.mark.parametrize(
    ("returns", "call"),
    [
        ("anyhow::Result<Conn>", ".map_err(anyhow::Error::msg)?;"),
        ("Result<Conn, String>", 'production::development_only("a database without encryption")?;'),
        ("Result<Conn, Box<dyn std::error::Error>>", '("a database without encryption")?;'),
        ("std::io::Result<Conn>", ".map_err(std::io::Error::other)?;"),
    ],
)
def test_the_guard_speaks_the_error_style_of_the_function(returns: str, call: str) -> None:
    tree = {"Cargo.toml": MANIFEST, "src/lib.rs": "mod store;\n", "src/store.rs": STORE.format(returns=returns)}
    (found,) = findings("plaintext_database", tree)
    cured = after(tree, found, "default")
    assert call in cured["src/store.rs"]
    assert cured["src/lib.rs"] == "pub mod production;\nmod store;\n"
    assert "MY_RELAY_PRODUCTION" in cured["src/production.rs"]
    assert all(is_rustfmt_clean(text) for path, text in cured.items() if path.endswith("production.rs"))
    assert not [r for r in results("plaintext_database", cured) if isinstance(r, Finding)]


def test_the_switch_is_named_like_the_variables_that_the_crate_reads() -> None:
    code = (
        STORE.format(returns="anyhow::Result<Conn>")
        + 'fn k() { std::env::var("RELAY_DB_KEY"); std::env::var("RUST_LOG"); }\n'
    )
    tree = {"Cargo.toml": MANIFEST, "src/lib.rs": "mod store;\n", "src/store.rs": code}
    (found,) = findings("plaintext_database", tree)
    assert '"RELAY_PRODUCTION"' in after(tree, found, "default")["src/production.rs"]
    tree["src/other.rs"] = 'fn k() { std::env::var("OTHER_KEY"); }\n'
    (found,) = findings("plaintext_database", tree)
    assert '"MY_RELAY_PRODUCTION"' in after(tree, found, "default")["src/production.rs"]


def test_an_error_about_databases_fits_a_database() -> None:
    error = "pub enum StoreError {\n    Missing,\n    Database(String),\n}\n"
    tree = {"Cargo.toml": MANIFEST, "src/lib.rs": error + STORE.format(returns="Result<Conn, StoreError>")}
    (found,) = findings("plaintext_database", tree)
    assert ".map_err(StoreError::Database)?;" in after(tree, found, "default")["src/lib.rs"]


def test_the_second_fix_uses_the_module_of_the_first() -> None:
    store = STORE.format(returns="anyhow::Result<Conn>")
    tree = {"Cargo.toml": MANIFEST, "src/lib.rs": "mod cert;\nmod store;\n", "src/store.rs": store, "src/cert.rs": CERT}
    first = next(r for r in plaintext.check(Project(MemoryReader(tree))) if isinstance(r, Finding))
    tree = after(tree, first, "default")
    second = next(r for r in self_signed.check(Project(MemoryReader(tree))) if isinstance(r, Finding))
    guard = next(f for f in second.fixes if f.name == "guard")
    assert guard.paths == ("src/cert.rs",)
    assert guard.relies == ("src/production.rs",)


def test_the_second_commit_says_that_it_depends_on_the_first(make_repo: Callable[..., Path]) -> None:
    """Undo of the fix that made the guard has to name the ones that call it, and no others."""
    args = 'use clap::Parser;\n\n#[derive(Parser)]\nstruct Args {\n    #[arg(long, default_value = "devtoken")]\n    auth_token: String,\n}\n\n'
    main = args + "fn main() {\n    let args = Args::parse();\n    serve(args);\n}\n\n"
    store = STORE.format(returns="anyhow::Result<Conn>")
    lock = "use std::sync::Mutex;\n\npub fn f(m: &Mutex<u8>) -> u8 {\n    *m.lock().unwrap()\n}\n"
    tree = {"Cargo.toml": MANIFEST + 'clap = "4"\n', "src/main.rs": "mod store;\nmod state;\n" + main}
    root = make_repo(tree | {"src/store.rs": store, "src/state.rs": lock})
    select = ("rust/dev-token", "rust/plaintext-database", "rust/mutex-unwrap")
    with Session(root, Options(select=select), write=False) as session:
        steps = session.preview(session.bulk(unsafe=True)).steps
    depends = {trailer(m, "Readiness-Rule"): trailer(m, "Readiness-Depends-On") for _, m in steps}
    made = next(m for changes, m in steps if any(c.path == "src/production.rs" for c in changes))
    (second,) = (rule for rule, needed in depends.items() if needed)
    assert second in select[:2] and f"Readiness-Finding: {depends[second]}" in made
    assert depends["rust/mutex-unwrap"] == ""


def test_without_a_way_to_refuse_there_is_only_advice() -> None:
    code = 'pub fn open(key: Option<&str>) -> Conn {\n    if let Some(k) = key {\n        c.pragma_update(None, "key", k);\n    }\n    c\n}\n'
    (found,) = findings("plaintext_database", {"Cargo.toml": MANIFEST, "src/lib.rs": code})
    assert found.fix is None


@pytest.mark.parametrize(
    "code",
    [
        STORE.format(returns="anyhow::Result<C>").replace(
            "    }\n    Ok", "    } else {\n        bail!(1);\n    }\n    Ok"
        ),
        "#[cfg(test)]\nmod tests {\n" + STORE.format(returns="anyhow::Result<C>") + "}\n",
        'fn f(c: &C) { if c.on() { c.pragma_update(None, "foreign_keys", "ON"); } }\n',
        'fn f(c: &C, k: &str) { c.pragma_update(None, "key", k); }\n',
    ],
)
def test_other_pragmas_and_handled_keys_are_left_alone(code: str) -> None:
    assert findings("plaintext_database", code) == []


@pytest.mark.parametrize(
    "code",
    [
        CERT.replace("    let made", '    tracing::warn!("self-signed certificate");\n    let made'),
        CERT.replace("if p.exists()", "if !cli.dev_mode"),
        CERT.replace("fn certificate", "fn test_certificate"),
        "#[cfg(test)]\nmod tests {\n" + CERT + "}\n",
        CERT.replace("if p.exists()", "if p.is_asked()"),  # chosen by the configuration, no fallback
    ],
)
def test_announced_or_chosen_certificates_are_left_alone(code: str) -> None:
    assert findings("silent_self_signed_cert", code) == []


def test_a_fallback_in_another_function_is_one_too() -> None:
    code = CERT.replace("    if p.exists() {\n        return Ok(());\n    }\n", "")
    caller = "pub fn load(p: &std::path::Path) {\n    if !p.exists() {\n        certificate(p);\n    }\n}\n"
    assert len(findings("silent_self_signed_cert", code + caller)) == 1


@pytest.mark.cargo
def test_the_module_compiles_and_its_tests_pass(tmp_path: Path) -> None:
    from fixers import templates
    from fixers.editors.template import fill

    rustc = shutil.which("rustc")
    if rustc is None:
        pytest.skip("no rustc")
    source = tmp_path / "production.rs"
    source.write_text(fill(templates.text("rust/production.rs"), prefix="APP", warn="eprintln!"))
    subprocess.run(
        [rustc, "--edition", "2021", "--test", "-o", tmp_path / "t", source], check=True, capture_output=True
    )
    subprocess.run([tmp_path / "t"], check=True, capture_output=True)
