"""Named places where a test can kill the process or make a system call fail."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path


def failpoint(name: str) -> None:
    """Nothing, unless RF_CRASH_AT names this place.

    ``RF_CRASH_AT=after-blob`` is a kill -9 there; ``after-blob:ENOSPC`` raises that OSError instead.
    RF_CRASH_LOG is a file that collects the names passed, so that a test knows them all.
    """
    wanted = os.environ.get("RF_CRASH_AT", "")
    if log := os.environ.get("RF_CRASH_LOG"):
        with Path(log).open("a") as file:
            file.write(name + "\n")
    place, _, error = wanted.partition(":")
    if place != name:
        return
    if error:
        code = getattr(errno, error)
        raise OSError(code, os.strerror(code))
    os.kill(os.getpid(), signal.SIGKILL)
