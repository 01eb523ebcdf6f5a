"""Fixtures for all tests: golden files, toolchains, small git repositories."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support import SNAPSHOTS, git

settings.register_profile("calm", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("calm")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files anew; then read the diff")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)`: the text equals snapshots/<name>; with --update it becomes it."""

    def check(name: str, text: str) -> None:
        path = SNAPSHOTS / name
        if request.config.getoption("--update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            return
        assert path.is_file(), f"no snapshot {name}: run pytest --update, then read it"
        assert path.read_bytes().decode("utf-8", "surrogateescape") == text, f"{name} differs: pytest --update"

    return check


def pytest_runtest_setup(item: pytest.Item) -> None:
    for tool in ("cargo", "go"):
        if item.get_closest_marker(tool) and shutil.which(tool) is None:
            if os.environ.get("READINESS_REQUIRE_TOOLCHAINS"):
                pytest.fail(f"{tool} is missing and READINESS_REQUIRE_TOOLCHAINS is set")
            pytest.skip(f"{tool} is not installed")


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No state, identity or colour of the person who runs the tests leaks in."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "TEXTUAL")) or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    yield


@pytest.fixture
def make_repo(tmp_path: Path) -> Callable[..., Path]:
    """`make_repo({path: text})`: a git repository with one commit of those files and an identity in its config."""

    def make(files: dict[str, str | bytes], name: str = "repo") -> Path:
        root = tmp_path / name
        root.mkdir()
        git(root, "init", "-q", "-b", "main")
        git(root, "config", "user.name", "Ada")
        git(root, "config", "user.email", "ada@example.org")
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode() if isinstance(text, str) else text)
        git(root, "add", "-A")
        git(root, "commit", "-qm", "Start")
        return root

    return make
