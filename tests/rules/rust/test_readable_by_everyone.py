"""rust/readable-by-everyone: keys and folders of databases, where nothing sets a mode."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rules.rust.tool import cured, findings, is_rustfmt_clean

RULE = "readable_by_everyone"
FOLDER = """\
use std::fs;

pub fn open(path: &Path) -> anyhow::Result<Connection> {
    fs::create_dir_all(path.parent().unwrap_or(path)).with_context(|| "make the folder")?;
    Ok(Connection::open(path)?)
}
"""
KEY = "fn keep(p: &Path, k: &Key) -> io::Result<()> {\n    std::fs::write(p, k.serialize_der())?;\n    Ok(())\n}\n"
QUIET = {
    "a certificate": KEY.replace("(p, k.", "(cert, signing_key."),
    "another file": KEY.replace("k.serialize_der()", "text"),
    "modes are set": KEY.replace("    Ok", "    fs::set_permissions(p, Permissions::from_mode(0o600))?;\n    Ok"),
    "a test": "#[test]\n" + KEY,
    "a folder without a database": FOLDER.replace("Connection::open(path)", "File::open(path)"),
    "a folder with a mode": FOLDER.replace("use std::fs;", "use std::fs;\n").replace(
        "fs::create", "umask(0o077);\n    fs::create"
    ),
    "a database without a folder": "fn f(p: &Path) -> R {\n    Connection::open(p)\n}\n",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


def test_the_folder_of_a_database_is_made_for_the_service_alone() -> None:
    after = cured(RULE, FOLDER)
    assert (
        "    let mut private = std::fs::DirBuilder::new();\n    private.recursive(true);\n    #[cfg(unix)]\n"
        "    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);\n"
        '    private.create(path.parent().unwrap_or(path)).with_context(|| "make the folder")?;\n'
    ) in after
    assert findings(RULE, after) == []


def test_a_long_line_is_made_in_two() -> None:
    long = KEY.replace("k.serialize_der()", "bytes_of_the_private_key(of_a_host_with_a_name, and_of_its_domain)")
    after = cured(RULE, long)
    assert "    let contents = bytes_of_the_private_key(of_a_host_with_a_name, and_of_its_domain);\n" in after
    assert is_rustfmt_clean(after)


@pytest.mark.parametrize(
    "line",
    [
        "std::fs::write(p, k.private_key()?)?;",
        "std::fs::write(p, private_key).unwrap();",
        "let r = fs::write(p, private_key);",
    ],
)
def test_what_is_no_plain_statement_is_advice(line: str) -> None:
    (found,) = findings(RULE, f"fn keep() -> R {{\n    {line}\n    Ok(())\n}}\n")
    assert found.fix is None


REAL = """\
use std::path::Path;

pub fn keep(path: &Path, private_key: Vec<u8>, key_pem: &str) -> std::io::Result<()> {
    std::fs::write(path.join("a"), private_key)?;
    std::fs::write(path.join("b"), key_pem)?;
    Ok(())
}
"""


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")
def test_the_mended_code_compiles(tmp_path: Path) -> None:
    source = tmp_path / "lib.rs"
    source.write_text(cured(RULE, REAL))
    command = ["rustc", "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "-D", "warnings", str(source)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
