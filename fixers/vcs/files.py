"""Reading files that somebody else may have prepared: bounded, regular files only, no symlinks."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from fixers.text import safe_text
from fixers.vcs.errors import RepositoryError

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def small(path: Path, limit: int = 1_000_000) -> bytes | None:
    """The bytes of a small regular file, None when there is none.

    A FIFO, a device, a symlink or a longer file is refused: git would follow or hang.
    """
    try:
        handle = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        what = "is a symbolic link" if error.errno == errno.ELOOP else f"cannot be read ({error.strerror})"
        raise RepositoryError(f"{safe_text(str(path))} {what}") from None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        raise RepositoryError(f"{safe_text(str(path))} is not a regular file")
    with os.fdopen(handle, "rb") as file:
        if facts.st_size > limit:
            raise RepositoryError(f"{safe_text(str(path))} is larger than {limit:,} bytes")
        return file.read(limit + 1)


def below(root: int, path: str, limit: int) -> bytes:
    """The bytes of a file below an open folder; no component may be a symlink.

    Raises OSError for anything that is not a regular file of at most `limit` bytes.
    """
    *folders, name = os.fsencode(path).split(b"/")
    at = root
    try:
        for folder in folders:
            inner = os.open(folder, _FLAGS | os.O_DIRECTORY, dir_fd=at)
            if at != root:
                os.close(at)
            at = inner
        with os.fdopen(os.open(name, _FLAGS, dir_fd=at), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise OSError(errno.EINVAL, "not a regular file")
            if facts.st_size > limit:
                raise OSError(errno.EFBIG, f"larger than {limit:,} bytes")
            return file.read(limit + 1)
    finally:
        if at != root:
            os.close(at)


def is_symlink(path: Path) -> bool:
    """Whether the path itself is a symbolic link; False when there is nothing."""
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except OSError:
        return False


def home() -> Path | None:
    """The user's home folder; None in a container that knows neither HOME nor the user."""
    try:
        return Path.home()
    except RuntimeError:
        return None
