"""Our own folder for one repository: the lock, the journal, and nothing of the repository's."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fixers.text import safe_text
from fixers.vcs.errors import Busy, RepositoryError
from fixers.vcs.failpoint import failpoint
from fixers.vcs.files import home, is_symlink, small
from fixers.vcs.layout import Layout

_JOURNAL_LIMIT = 50_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """A branch that we made: the commit it starts from, and every tip that we gave it, oldest first."""

    branch: str
    base: str
    tips: tuple[str, ...]


def folder_for(layout: Layout, state_home: Path | None) -> Path:
    """The folder of this repository, made when missing; refused where others could write or git would see it."""
    hint = "set XDG_STATE_HOME to a folder of your own"
    user = home()
    if state_home is None and not os.environ.get("XDG_STATE_HOME") and user is None:
        raise RepositoryError("there is no home folder to keep our state in", hint)
    default = (user or Path("/")) / ".local" / "state"
    named = state_home or Path(os.environ.get("XDG_STATE_HOME") or default)
    if not named.is_absolute():
        raise RepositoryError(f"the state folder {safe_text(str(named))} is not an absolute path", hint)
    facts = layout.common.stat()
    identity = f"{facts.st_dev}:{facts.st_ino}:{layout.common}".encode("utf-8", "surrogateescape")
    folder = named / "readiness-fix" / hashlib.sha256(identity).hexdigest()[:16]
    _check_outside(folder, layout, hint)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        for place in (folder.parent, folder):
            if is_symlink(place) or place.stat().st_uid != os.geteuid():
                raise RepositoryError(f"the state folder {safe_text(str(place))} is a link or another user's", hint)
        folder.chmod(0o700)
    except OSError as error:
        shown = safe_text(str(folder))
        raise RepositoryError(f"the state folder {shown} cannot be made: {error.strerror}", hint) from None
    return folder


def temporary_for(layout: Layout) -> Path:
    """A folder that goes away with the Repository, for runs that leave no trace."""
    hint = "set TMPDIR to a folder outside the repository"
    try:
        folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="readiness-fix-")))
    except OSError as error:
        raise RepositoryError(f"no temporary folder can be made: {error.strerror}", hint) from None
    try:
        _check_outside(folder, layout, hint)
    except RepositoryError:
        folder.rmdir()
        raise
    return folder


def _check_outside(folder: Path, layout: Layout, hint: str) -> None:
    real = Path(os.path.realpath(folder))
    if any(real.is_relative_to(place) for place in (layout.root, layout.common, layout.gitdir)):
        raise RepositoryError(f"the folder {safe_text(str(folder))} lies inside the repository", hint)


@contextlib.contextmanager
def locked(folder: Path, patience: float = 1.0) -> Iterator[int]:
    """Hold the one lock of this repository; Busy names the process that has it.

    Yields the lock's descriptor: a child that gets it keeps the lock while it lives.
    """
    with (folder / "lock").open("a+b", buffering=0) as file:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(0.05)
                    continue
                file.seek(0)
                holder = file.read(20).decode("ascii", "replace").strip()
                message = f"another readiness-fix (process {safe_text(holder) or 'unknown'}) works on this repository"
                raise Busy(message, "wait for it, or stop it; what it has committed stays") from None
        file.truncate(0)
        file.write(b"%d\n" % os.getpid())
        yield file.fileno()


class Journal:
    """One line per move of a branch, on disk before the move. The refs win over it, always."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal"

    def note(self, branch: str, base: str, new: str) -> None:
        """Write down what is about to happen, and wait until the disk has it."""
        line = json.dumps({"branch": branch, "base": base, "new": new}).encode() + b"\n"
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                line = b"\n" + line
            failpoint("before-journal")
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)
        failpoint("after-journal")

    def records(self) -> dict[str, Record]:
        """The branches we made, in the order in which they were last touched; torn lines are passed over.

        An empty tip says that the branch was removed.
        """
        found: dict[str, Record] = {}
        for line in (small(self.path, _JOURNAL_LIMIT) or b"").split(b"\n"):
            try:
                entry = json.loads(line)
                branch, base, new = str(entry["branch"]), str(entry["base"]), str(entry["new"])
            except (ValueError, KeyError, TypeError):
                continue
            known = found.pop(branch, None)
            tips = known.tips if known is not None and known.base == base else ()
            if new:
                found[branch] = Record(branch, base, (*tips, new))
        return found
