"""rust/no-crypto-provider: the lock file tells the features, and only processes that use TLS need one."""

from __future__ import annotations

import pytest

from fixers.facts import rust_tls
from fixers.model import Pass
from tests.rules.rust.tool import cured, findings, results

RULE = "no_crypto_provider"
LIB = "pub fn tls() {\n    let c = rustls::ClientConfig::builder();\n}\n"
MAIN = "#[tokio::main]\nasync fn main() {\n    run().await;\n}\n"
TEST = "#[tokio::test]\nasync fn e2e() {\n    let cert = app::connect().await;\n}\n\n#[test]\nfn other() {}\n"
INSTALL = "let _ = rustls::crypto::ring::default_provider().install_default();"


def manifest(rustls: str = 'rustls = { version = "0.23", features = ["ring"] }') -> str:
    return f'[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n{rustls}\n'


def lock(*providers: str, version: str = "0.23.20") -> str:
    names = "".join(f' "{p}",\n' for p in providers)
    return f'version = 4\n\n[[package]]\nname = "rustls"\nversion = "{version}"\ndependencies = [\n{names}]\n'


def tree(**files: str) -> dict[str, str]:
    base = {"Cargo.toml": manifest(), "Cargo.lock": lock("aws-lc-rs", "ring"), "src/lib.rs": LIB, "src/main.rs": MAIN}
    return base | {name.replace("__", "/").replace("_rs", ".rs"): text for name, text in files.items()}


def test_a_program_and_its_tests_each_need_one() -> None:
    found = findings(RULE, tree(tests__e2e_rs=TEST))
    assert [f.path for f in found] == ["src/main.rs", "tests/e2e.rs"]
    for finding in found:
        assert finding.fix is not None
        assert (finding.fix.changes[0].after or b"").decode().count(INSTALL) == 1


def test_the_line_is_the_first_of_main() -> None:
    assert cured(RULE, tree(), path="src/main.rs") == MAIN.replace("{\n", "{\n    " + INSTALL + "\n", 1)


def test_rustls_under_the_name_of_another_crate_is_rustls() -> None:
    code = LIB.replace("rustls::", "tokio_rustls::rustls::")
    files = tree(src__lib_rs=code) | {"Cargo.toml": manifest('tokio-rustls = "0.26"')}
    (found,) = findings(RULE, files)
    assert found.path == "src/main.rs" and found.fix is None


@pytest.mark.parametrize(
    ("requirement", "count"),
    [
        ('axum-server = { version = "0.7", features = ["tls-rustls"] }', 1),
        ('tokio-tungstenite = { version = "0.26", features = ["rustls-tls-webpki-roots"] }', 1),
        ('redis = { version = "0.27", features = ["tokio-rustls-comp"] }', 1),
        ('axum-server = "0.7"', 0),
        ('redis = { version = "0.27", features = ["tls-rustls"], optional = true }', 0),
        ('reqwest = { version = "0.12", features = ["rustls-tls"] }', 0),
    ],
)
def test_a_crate_that_asks_for_the_default_itself(requirement: str, count: int) -> None:
    files = {k: v for k, v in tree().items() if k != "src/lib.rs"} | {"Cargo.toml": manifest(requirement)}
    assert len(findings(RULE, files)) == count


@pytest.mark.parametrize(
    ("case", "files"),
    [
        ("one provider only", tree() | {"Cargo.lock": lock("ring")}),
        ("an older rustls has no such choice", tree() | {"Cargo.lock": lock("ring", version="0.22.4")}),
        ("main installs one", tree(src__main_rs=MAIN.replace("{\n", "{\n    " + INSTALL + "\n", 1))),
        ("the library installs one itself", tree(src__lib_rs=LIB.replace("{\n", "{\n    " + INSTALL + "\n", 1))),
        ("an explicit provider", tree(src__lib_rs=LIB.replace("builder()", "builder_with_provider(p)"))),
        ("a comment only", tree(src__lib_rs="// rustls::ClientConfig::builder()\n")),
        ("a test without TLS", tree(src__main_rs="", tests__a_rs="#[tokio::test]\nasync fn a() {}\n")),
        ("a library alone", tree(src__main_rs="")),
    ],
)
def test_it_is_left_alone(case: str, files: dict[str, str]) -> None:
    assert findings(RULE, {k: v for k, v in files.items() if v}) == [], case


NEITHER = """\
version = 4

[[package]]
name = "ring"
version = "0.17.14"

[[package]]
name = "rustls"
version = "0.21.12"
dependencies = [
 "rustls-webpki",
]

[[package]]
name = "rustls"
version = "0.23.46"
dependencies = [
 "once_cell",
 "zeroize",
]

[[package]]
name = "rustls-webpki"
version = "0.103.17"
dependencies = [
 "untrusted",
]
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_lock_file_follows_the_feature_that_is_turned_on(end: str) -> None:
    """`--locked` builds would fail otherwise; cargo writes the same lines."""
    after = NEITHER.replace(' "once_cell",\n', ' "once_cell",\n "ring",\n').replace(' "unt', ' "ring",\n "unt')
    assert rust_tls.locked(NEITHER.replace("\n", end).encode(), "ring") == after.replace("\n", end).encode()
    assert rust_tls.locked(after.encode(), "ring") == after.encode()


def test_a_lock_file_without_the_provider_is_left_to_cargo() -> None:
    without = NEITHER.replace('name = "ring"', 'name = "rinf"').encode()
    assert rust_tls.locked(without, "ring") == without


def test_without_a_lock_file_the_manifest_is_read() -> None:
    files = {k: v for k, v in tree().items() if k != "Cargo.lock"}
    assert [f.path for f in findings(RULE, files)] == ["src/main.rs"]  # ring beside the default aws-lc-rs
    files["Cargo.toml"] = manifest('rustls = { version = "0.23", default-features = false, features = ["ring"] }')
    (said,) = results(RULE, files)
    assert isinstance(said, Pass)


def test_a_build_without_any_provider_gets_the_feature_too() -> None:
    files = tree() | {"Cargo.lock": lock(), "Cargo.toml": manifest('rustls = { version = "0.23", features = ["std"] }')}
    (found,) = findings(RULE, files)
    assert found.fix is not None
    assert b'features = ["std", "ring"]' in (found.fix.changes[0].after or b"")


def test_what_does_not_compile_is_not_written() -> None:
    other = '[package]\nname = "lib"\nversion = "0.1.0"\n\n[dependencies]\nrustls = "0.23"\n'
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["app", "lib"]\n',
        "Cargo.lock": lock("ring", "aws-lc-rs"),
        "app/Cargo.toml": manifest('lib = { path = "../lib" }'),
        "app/src/main.rs": MAIN,
        "lib/Cargo.toml": other,
        "lib/src/lib.rs": LIB,
    }
    (found,) = findings(RULE, files)
    assert found.fix is None
    assert "does not depend on rustls" in found.fixes[0].reason
