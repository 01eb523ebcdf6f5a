"""The repository's index as data: what git knew of each file in the work tree when it last looked.

The format is git's `Documentation/gitformat-index.txt`, versions 2 to 4.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Final

from fixers.vcs.errors import RepositoryError
from fixers.vcs.files import small

_LIMIT: Final = 300_000_000
_STAT: Final = struct.Struct(">10I")
_EXTENDED: Final = 0x4000


class Seen:
    """Files that need not be read to know that they are what the index says."""

    def __init__(self, path: Path, algorithm: str) -> None:
        self._width = 32 if algorithm == "sha256" else 20
        self._known: dict[bytes, tuple[str, int, int]] = {}
        self._written = 0
        try:
            raw = small(path, _LIMIT) or b""
            self._written = path.lstat().st_mtime_ns if raw else 0
            self._parse(raw)
        except (OSError, RepositoryError, struct.error, IndexError, ValueError):
            self._known = {}

    def unchanged(self, path: str, facts: os.stat_result, oid: str) -> bool:
        """Whether the index has this blob for the path, and the file has not been written since.

        A file written in the same instant as the index, or later, is not trusted (git calls it racy).
        """
        known = self._known.get(path.encode("utf-8", "surrogateescape"))
        same = known == (oid, facts.st_mtime_ns, facts.st_size & 0xFFFFFFFF)
        return same and facts.st_mtime_ns < self._written

    def _parse(self, raw: bytes) -> None:
        if raw[:4] != b"DIRC":
            return
        version, count = struct.unpack_from(">2I", raw, 4)
        if version not in (2, 3, 4):
            return
        at, name = 12, b""
        for _ in range(count):
            start = at
            fields = _STAT.unpack_from(raw, at)
            at += _STAT.size
            oid = raw[at : at + self._width].hex()
            at += self._width
            (flags,) = struct.unpack_from(">H", raw, at)
            at += 4 if version > 2 and flags & _EXTENDED else 2
            if version == 4:
                strip, at = _varint(raw, at)
                end = raw.index(b"\0", at)
                name = name[: len(name) - strip] + raw[at:end]
                at = end + 1
            else:
                end = raw.index(b"\0", at)
                name = raw[at:end]
                at = start + (end - start + 8) // 8 * 8
            self._known[name] = (oid, fields[2] * 1_000_000_000 + fields[3], fields[9])


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = raw[at] & 0x7F
    while raw[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (raw[at] & 0x7F)
    return value, at + 1
