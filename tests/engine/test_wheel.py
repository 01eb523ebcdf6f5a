"""The wheel is the product: it installs into an empty environment, and its demo is the checkout's, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from support import ROOT, git

from fixers import samples
from tui.exits import VERSION

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
DIGESTS = """
import hashlib, json
from fixers import samples
print(json.dumps({n: {p: hashlib.sha256(b).hexdigest() for p, b in samples.files(n).items()} for n in samples.names()}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what git tracks, as a release is."""
    folder = tmp_path_factory.mktemp("wheel")
    git(ROOT, "worktree", "prune")
    source = folder / "source"
    files = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that holds the wheel and its dependencies and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(pip, check=True, env=CLEAN, capture_output=True)
    return folder / "bin"


def test_the_program_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run([installed / "readiness-fix", "--version"], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.decode() == f"readiness-fix {VERSION}\n"
    listed = subprocess.run([installed / "readiness-fix", "rules"], cwd=tmp_path, capture_output=True, check=True)
    from fixers import registry

    assert listed.stdout.decode().count("\n") == len(registry.rules())


def test_the_demo_is_the_checkouts_byte_for_byte(installed: Path, tmp_path: Path) -> None:
    out = subprocess.run([installed / "python", "-I", "-c", DIGESTS], cwd=tmp_path, capture_output=True, check=True)
    here = {n: {p: hashlib.sha256(b).hexdigest() for p, b in samples.files(n).items()} for n in samples.names()}
    assert here and json.loads(out.stdout) == here


def test_the_demo_answers_its_own_prompts_without_a_terminal(installed: Path, tmp_path: Path) -> None:
    env = {**CLEAN, "XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    command = [installed / "readiness-fix", "demo"]
    done = subprocess.run(command, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert "readiness/" in done.stdout.decode()


def test_uvx_runs_it(wheel: Path, tmp_path: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    command = [uv, "tool", "run", "--python", sys.executable, "--from", str(wheel), "readiness-fix", "--version"]
    env = {**CLEAN, "UV_CACHE_DIR": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == f"readiness-fix {VERSION}\n"
