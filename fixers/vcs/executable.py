"""Which git runs: found once, by absolute path, never one that the repository brings."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fixers.text import safe_text
from fixers.vcs.errors import RepositoryError

OLDEST: Final = (2, 36)
"""core.fsync and `cat-file --batch-command` came with git 2.36 (its release notes)."""


@dataclass(frozen=True, slots=True)
class Git:
    """The git to run and its version."""

    path: str
    version: tuple[int, ...]


def scrubbed() -> dict[str, str]:
    """The caller's environment without anything that steers git."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env["LC_ALL"] = env["LANGUAGE"] = "C"
    return env


def find(outside: Path) -> Git:
    """The first git of PATH that is not below `outside` (the repository); relative entries do not count."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        candidate = Path(folder) / "git"
        if not Path(folder).is_absolute() or not os.access(candidate, os.X_OK) or not candidate.is_file():
            continue
        if outside != Path("/") and candidate.resolve().is_relative_to(outside):
            continue
        return Git(str(candidate), _version(candidate))
    raise RepositoryError("git was not found outside the repository", "install git 2.36 or newer, or put it on PATH")


def _version(path: Path) -> tuple[int, ...]:
    try:
        done = subprocess.run(
            [path, "version"], capture_output=True, timeout=10, env=scrubbed(), cwd="/", stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RepositoryError(f"{safe_text(str(path))} does not run: {safe_text(str(error))}") from None
    found = re.search(rb"git version (\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    if not found:
        raise RepositoryError(f"{safe_text(str(path))} does not say its version", f"{path} version")
    version = tuple(int(n) for n in found.groups() if n)
    if version[:2] < OLDEST:
        raise RepositoryError(
            f"git {'.'.join(map(str, version))} is too old; 2.36 or newer is needed", "update git, or put it on PATH"
        )
    return version
