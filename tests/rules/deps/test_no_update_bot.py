"""Dependabot's file names every ecosystem once, and passes the published schema and zizmor."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixers.model import Applicability, Finding, NotApplicable, Pass
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


OURS = ".github/dependabot.yml"
HEAD = "version: 2\nupdates:\n"
GO = "  - package-ecosystem: gomod\n    directories:\n      - /b\n      - /c\n"
WHEN = "    schedule:\n      interval: monthly\n"
MODULES = {f"{n}/{f}": "module x\n" for n in "bcd" for f in ("go.mod", "a.go")}


def added(tree: dict[str, str]) -> str:
    found = only(tree)
    assert isinstance(found, Finding) and found.fix is not None and found.fix.changes[0].after is not None, found
    assert found.fix.applicability is Applicability.UNSAFE
    return found.fix.changes[0].after.decode()


def test_an_ecosystem_that_a_file_does_not_name_is_added_in_its_own_manner() -> None:
    text = HEAD + GO + WHEN
    tree = {**MODULES, OURS: text, "web/package.json": "{}", "web/package-lock.json": "{}"}
    new = "  - package-ecosystem: npm\n    directory: /web\n"
    after = added({k: v for k, v in tree.items() if not k.startswith("d/")})
    assert after == f"{text}{new}{WHEN}    cooldown:\n      default-days: 7\n"


def test_a_folder_beside_others_that_are_listed_is_added_to_the_list() -> None:
    assert added({**MODULES, OURS: HEAD + GO + WHEN}) == (HEAD + GO + WHEN).replace("/c\n", "/c\n      - /d\n")


ENOUGH = {
    "an ecosystem in a comment": f"{HEAD}{GO}{WHEN}  # npm is looked after elsewhere\n",
    "a glob": f"{HEAD}{GO}{WHEN}  - package-ecosystem: npm\n    directories: ['/*']\n{WHEN}",
    "kin of the ecosystem": f"{HEAD}{GO}{WHEN}  - package-ecosystem: bun\n    directory: /web\n{WHEN}",
    "a single folder of many": f"{HEAD}  - package-ecosystem: npm\n    directory: /other\n{WHEN}",
    "a file that does not parse": "version: 2\nupdates: [\n",
}


@pytest.mark.parametrize("text", ENOUGH.values(), ids=list(ENOUGH))
def test_nothing_is_added_to(text: str) -> None:
    assert isinstance(only({OURS: text, "web/package.json": "{}", "web/package-lock.json": "{}"}), Pass)


def test_which_entry_takes_a_folder_may_be_unknown() -> None:
    other = "  - package-ecosystem: gomod\n    directories:\n      - /a\n"
    found = only({**MODULES, "a/go.mod": "module a\n", "a/a.go": "", OURS: HEAD + GO + WHEN + other + WHEN})
    assert isinstance(found, Finding) and found.fix is None


def test_a_base_image_without_a_version_has_nothing_to_move() -> None:
    tree = {k: v for k, v in MODULES.items() if not k.startswith("d/")}
    assert isinstance(only({**tree, OURS: HEAD + GO + WHEN, "Dockerfile": "FROM alpine\nCMD a\n"}), Pass)


def test_another_forge_has_another_bot() -> None:
    assert isinstance(only(TREE, remotes=("https://gitlab.com/a/b.git",)), NotApplicable)
