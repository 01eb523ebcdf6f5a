"""Dependabot's file names every ecosystem once, and passes the published schema and zizmor."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixers.model import Finding, NotApplicable, Pass
from fixers.project import MemoryReader, Project
from fixers.rules.deps.no_update_bot import check

TREE = {
    "Cargo.toml": '[package]\nname = "a"\n',
    "Cargo.lock": "",
    "tools/go.mod": "module x\n",
    "tools/a.go": "",
    "b/go.mod": "module y\n",
    "b/a.go": "",
    "api/requirements.txt": "flask\n",
    "api/a.py": "",
    "web/package.json": "{}",
    "web/package-lock.json": "{}",
    "Dockerfile": "FROM debian:12\n",
    "tests/app/package.json": "{}",
    "tests/app/package-lock.json": "{}",
    ".github/workflows/ci.yml": "on: push\n",
}


def only(tree: dict[str, str], **around: object) -> object:
    (found,) = check.check(Project(MemoryReader(tree, **around)))  # type: ignore[arg-type]
    return found


def text() -> str:
    found = only(TREE)
    assert isinstance(found, Finding) and found.fix is not None and found.fix.changes[0].after is not None
    return found.fix.changes[0].after.decode()


def test_each_ecosystem_is_named_once_with_its_folders() -> None:
    assert text().count("package-ecosystem") == 6
    assert "    directories:\n      - /b\n      - /tools\n" in text() and "tests" not in text()


@pytest.mark.parametrize("tool", ["check-jsonschema", "zizmor"])
def test_it_passes(tool: str, tmp_path: Path) -> None:
    program = shutil.which(tool, path=str(Path(sys.executable).parent)) or shutil.which(tool)
    if program is None:
        pytest.skip(f"{tool} is not installed")
    path = tmp_path / ".github" / "dependabot.yml"
    path.parent.mkdir()
    path.write_text(text())
    options = ["--builtin-schema", "vendor.dependabot"] if tool == "check-jsonschema" else ["--offline", "--quiet"]
    done = subprocess.run([program, *options, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [".github/dependabot.yml", "renovate.json", ".github/renovate.json5", ".renovaterc"])
def test_a_bot_that_is_there_is_a_pass(path: str) -> None:
    assert isinstance(only({**TREE, path: "x"}), Pass)


def test_another_forge_has_another_bot() -> None:
    assert isinstance(only(TREE, remotes=("https://gitlab.com/a/b.git",)), NotApplicable)
