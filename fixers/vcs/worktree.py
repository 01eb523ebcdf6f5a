"""The work tree, looked at without git: names and bytes only, bounded, no symlink followed."""

from __future__ import annotations

import functools
import os
import re
import stat
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from fixers.editors.gitignore import Matcher
from fixers.model import EXECUTABLE, REGULAR
from fixers.patch import Algorithm, blob_id
from fixers.tree import Entry
from fixers.vcs.errors import RepositoryError
from fixers.vcs.files import below
from fixers.vcs.index import Seen

_TELLING: Final = re.compile(
    r"(?:^|/)(?:\.env(?:\..+)?|.+\.(?:env|pem|key|p12|pfx|jks|keystore|kdbx|der|crt|cer|ppk|asc|gpg|db|sqlite3?|mdb|dump"
    r"|tfstate|tfvars|ovpn)|.*id_(?:rsa|dsa|ecdsa|ed25519)|\.(?:npmrc|pypirc|netrc|htpasswd|pgpass)"
    r"|.*(?:credential|secret|service-?account).*\.(?:json|ya?ml|toml|ini|txt))",
    re.I,
)
_HEAVY: Final = {"node_modules", "target", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".git", "dist"}
_MOST_NAMES: Final = 100_000
_MOST_SECONDS: Final = 2.0
_MOST_BYTES: Final = 5_000_000
_MOST_FILES: Final = 1_000_000
_LFS: Final = b"version https://git-lfs.github.com/spec/"


def untracked_names(root: Path, tracked: Collection[str]) -> tuple[str, ...]:
    """Untracked files whose names look like keys, databases or settings; at most two seconds of looking."""
    known = frozenset(tracked)
    until = time.monotonic() + _MOST_SECONDS
    found = []
    for seen, (path, _) in enumerate(_walk(root)):
        if seen > _MOST_NAMES or (seen % 1000 == 0 and time.monotonic() > until):
            break
        if path not in known and _TELLING.search(path):
            found.append(path)
    return tuple(sorted(found))


def _walk(root: Path, skip: Callable[[str, bool], bool] | None = None) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Regular files below a folder, with paths relative to it; nested repositories and heavy folders are left out."""
    todo = [""]
    while todo:
        folder = todo.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = sorted(listing, key=lambda e: e.name)
        except OSError:
            continue
        if folder and any(e.name == ".git" for e in entries):
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if skip is not None and skip(path, is_folder):
                continue
            if is_folder and entry.name not in _HEAVY:
                todo.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path, entry


def dirty_files(
    root: Path, entries: Mapping[str, Entry], read: Callable[[str], bytes], algorithm: str, index: Path
) -> frozenset[str]:
    """Paths whose bytes differ from their blob, line ends aside; only what the index cannot vouch for is read.

    A file that is missing (a sparse checkout), that is no regular file, that is huge, or that git-lfs
    keeps elsewhere is not called dirty.
    """
    kind: Algorithm = "sha256" if algorithm == "sha256" else "sha1"
    seen = Seen(index, algorithm)
    found = set()
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for path, entry in entries.items():
            try:
                if seen.unchanged(path, os.stat(path, dir_fd=handle, follow_symlinks=False), entry.oid):
                    continue
                data = below(handle, path, _MOST_BYTES)
            except (OSError, ValueError):
                continue
            if blob_id(data, kind) == entry.oid:
                continue
            try:
                blob = read(path) if 0 <= entry.size <= _MOST_BYTES else b""
            except (OSError, RepositoryError):
                continue
            if not blob.startswith(_LFS) and _plain(blob) != _plain(data):
                found.add(path)
    finally:
        os.close(handle)
    return frozenset(found)


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


class FolderReader:
    """A folder that is no repository, for a scan that only reads; `.gitignore` files are honoured."""

    remotes: tuple[str, ...] = ()
    branch = "main"
    untracked: tuple[str, ...] = ()
    dirty: frozenset[str] = frozenset()

    def __init__(self, path: Path) -> None:
        self.root = Path(os.path.realpath(path))
        if not self.root.is_dir():
            raise RepositoryError(f"{path} is not a folder")

    @functools.cached_property
    def _entries(self) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for path, entry in _walk(self.root, _ignored(self.root)):
            facts = entry.stat(follow_symlinks=False)
            mode = EXECUTABLE if facts.st_mode & stat.S_IXUSR else REGULAR
            found[path] = Entry(mode, facts.st_size)
            if len(found) >= _MOST_FILES:
                break
        return dict(sorted(found.items()))

    def entries(self) -> Mapping[str, Entry]:
        """Every regular file that no `.gitignore` leaves out."""
        return self._entries

    def read(self, path: str) -> bytes:
        """The bytes of a file; OSError when it is not what it was."""
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return below(handle, path, 2 * _MOST_BYTES)
        finally:
            os.close(handle)

    def authors(self, under: str = "") -> tuple[tuple[str, str, int], ...]:
        """Nobody: there is no history."""
        return ()

    def close(self) -> None:
        """Nothing to let go of."""


def _ignored(root: Path) -> Callable[[str, bool], bool]:
    """Whether the `.gitignore` files above a path leave it out."""

    def read(path: str) -> bytes:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return below(handle, path, 1_000_000)
        except (OSError, ValueError):
            return b""
        finally:
            os.close(handle)

    decide = Matcher(read)
    return lambda path, is_folder: decide.ignores(path + "/" if is_folder else path)
