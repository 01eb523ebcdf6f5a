"""A repository of a sample's files, made for the demo and the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from fixers.vcs import executable


def new_repository(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files below a new folder and commit them, with an identity of the repository's own."""
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    git = executable.find(root).path
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ.get("PATH", "")}
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("config", "user.name", "Demo"),
        ("config", "user.email", "demo@example.org"),
        ("config", "commit.gpgSign", "false"),
        ("add", "--all", "--force"),
        ("commit", "--quiet", "--message=Start"),
    ):
        subprocess.run([git, *words], cwd=root, env=quiet, check=True, capture_output=True)
    return root
