"""Blobs by their names, from one child that stays."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess

from fixers.vcs.errors import RepositoryError
from fixers.vcs.private import PrivateGit, kill


class Blobs:
    """One `git cat-file --batch-command`, its answers in the order of the questions."""

    def __init__(self, git: PrivateGit) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._left = b""
        self._at = 0

    def get(self, oids: list[str]) -> list[bytes | None]:
        """The bytes of each object, None for one that is not there. At most some hundred at a time."""
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch-command", "--buffer")
        process = self._process
        assert process.stdin is not None
        try:
            process.stdin.write("".join(f"contents {oid}\n" for oid in oids).encode() + b"flush\n")
            process.stdin.flush()
            return [self._one(process) for _ in oids]
        except BrokenPipeError:
            self.close()
            raise RepositoryError("git cat-file ended early: the object store may be damaged", "git fsck") from None

    def _one(self, process: subprocess.Popen[bytes]) -> bytes | None:
        while (end := self._left.find(b"\n", self._at)) < 0:
            self._left, self._at = self._left[self._at :] + self._more(process), 0
        words = self._left[self._at : end].split()
        self._at = end + 1
        if len(words) != 3 or not words[2].isdigit():
            return None
        size = int(words[2])
        if len(self._left) - self._at <= size:
            parts = [self._left[self._at :]]
            have = len(parts[0])
            while have <= size:
                parts.append(self._more(process))
                have += len(parts[-1])
            self._left, self._at = b"".join(parts), 0
        start, self._at = self._at, self._at + size + 1
        return self._left[start : start + size]

    def _more(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        handle = process.stdout.fileno()
        data = b""
        if select.select([handle], [], [], 60.0)[0]:
            data = os.read(handle, 1 << 20)
        if not data:
            self.close()
            raise RepositoryError("git cat-file does not answer: the object store may be damaged", "git fsck")
        return data

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            kill(self._process)
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
            self._process = None
            self._left, self._at = b"", 0
