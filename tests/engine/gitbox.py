"""Real repositories for tests, made by the git of this machine with no configuration but their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def git(folder: Path, *args: str, data: bytes = b"") -> bytes:
    """What git prints; a failure is a failed assertion with its message."""
    done = subprocess.run(["git", *args], cwd=folder, input=data, capture_output=True, env=ENV)
    assert done.returncode == 0, (args, done.stderr.decode("utf-8", "replace"), data[:4000])
    return done.stdout


def write(folder: Path, path: str, data: bytes, mode: str = "100644") -> None:
    """A file, an executable or a symlink below a folder."""
    target = os.fsencode(folder) + b"/" + path.encode("utf-8", "surrogateescape")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if mode == "120000":
        os.symlink(data, target)
        return
    with open(target, "wb") as file:
        file.write(data)
    os.chmod(target, 0o755 if mode == "100755" else 0o644)


def listed(folder: Path, commit: str = "") -> dict[str, tuple[str, str]]:
    """Mode and blob of every path, of a commit or of the index."""
    args = ["ls-tree", "-rz", commit] if commit else ["ls-files", "-sz"]
    rows = git(folder, *args).decode("utf-8", "surrogateescape").split("\0")
    found = {}
    for row in filter(None, rows):
        meta, path = row.split("\t", 1)
        words = meta.split()
        found[path] = (words[0], words[2] if commit else words[1])
    return found


def made(folder: Path, files: dict[str, bytes] | None = None, *, algorithm: str = "sha1") -> Path:
    """A repository with one commit on main and an identity of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main", f"--object-format={algorithm}")
    git(folder, "config", "user.name", "Dev")
    git(folder, "config", "user.email", "dev@example.org")
    for path, data in (FILES if files is None else files).items():
        write(folder, path, data)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Start")
    return folder


def message(finding: str, *needs: str) -> str:
    """A commit message with the trailers that undo and resume read."""
    lines = [f"Readiness-Finding: {finding}", *(f"Readiness-Depends-On: {n}" for n in needs)]
    return f"Mend {finding}\n\nWhy.\n\n" + "\n".join(lines) + "\n"


FILES = {"a.txt": b"one\ntwo\nthree\n", "src/b.txt": b"b\r\nb\r\n", "src/deep/c.bin": b"\0\1\2", "README": b"# x"}


def untouched(folder: Path, *, but: str = "refs/heads/readiness") -> dict[str, object]:
    """All that must be the same before and after: work tree bytes and modes, index, HEAD, refs but ours, config."""
    found: dict[str, object] = {}
    for place, folders, names in os.walk(folder):
        inside = Path(place).relative_to(folder).as_posix()
        if inside in {".git/objects", "objects"} or (".git/" in inside and inside.endswith("/objects")):
            folders.clear()
            continue
        for name in names:
            path = Path(place) / name
            key = f"{inside}/{name}"
            if but in key or key.endswith(("logs/" + but,)):
                continue
            facts = path.lstat()
            body: object = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
            found[key] = (facts.st_mode, body)
    return found
