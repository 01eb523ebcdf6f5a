"""The parent of a build: what the build started ends with it, also in a session or a process group of its own.

It runs alone (`python -I reaper.py PROGRAM ARGS...`) and imports nothing of ours. On Linux whatever loses its
parent comes to it (PR_SET_CHILD_SUBREAPER) and is found by descent; elsewhere only the group is ended. A
build that kills this process itself runs with the rights of the user, and is not held by it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SUBREAPER, DEATH_SIGNAL = 36, 1
"""PR_SET_CHILD_SUBREAPER and PR_SET_PDEATHSIG of linux/prctl.h."""
PATIENCE = 5.0
"""Seconds after which what cannot be killed is left."""


def family(leader: int) -> dict[int, int]:
    """The processes below one, each with its resident bytes, where /proc tells; the leader is not among them."""
    parents: dict[int, tuple[int, int]] = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for entry in Path("/proc").glob("[0-9]*/stat") if Path("/proc/self/stat").exists() else ():
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = entry.read_bytes().rpartition(b")")[2].split()  # a process may call itself anything
            if fields[0] != b"Z":
                parents[int(entry.parent.name)] = (int(fields[1]), int(fields[21]) * page)
    found: dict[int, int] = {}
    grown = {leader}
    while grown:
        grown = {p for p, (parent, _) in parents.items() if parent in grown and p not in found}
        found |= {p: parents[p][1] for p in grown}
    return found


def end(leader: int) -> None:
    """Stop, then kill everything below a process; what forks meanwhile is met in the next round.

    One look that shows nothing is no proof: a process is listed below its parent, who may end before it is
    listed itself. For the leader itself the kernel's word that no child is left counts, else a second look.
    """
    until, empty = time.monotonic() + PATIENCE, 0
    while empty < 2 and time.monotonic() < until:
        below = family(leader)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in below:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        if leader == os.getpid():
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return
        else:
            empty = 0 if below else empty + 1
        time.sleep(0.01)


def _asked_to_stop(_number: int, _frame: object) -> None:
    raise SystemExit(143)


def main(argv: list[str]) -> int:
    """Run argv, end what is left of it, and give its exit code."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(SUBREAPER, 1, 0, 0, 0)
        libc.prctl(DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
    signal.signal(signal.SIGTERM, _asked_to_stop)
    child: subprocess.Popen[bytes] | None = None
    try:
        child = subprocess.Popen(argv, start_new_session=True)
        return child.wait() % 256
    except OSError as error:
        sys.stderr.write(f"{argv[0]} could not start: {error.strerror}\n")
        return 126
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if child is not None:
                os.killpg(child.pid, signal.SIGKILL)
        end(os.getpid())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
