"""What happens when we fail: a log of where, without a byte of anybody's files, and one line for the person."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path


def report(error: BaseException) -> str:
    """Where it happened: types, files and lines. The message is left out, it may quote a file."""
    parts = [f"readiness-fix on Python {sys.version.split()[0]}, {sys.platform}"]
    chain: BaseException | None = error
    while chain is not None:
        parts.append(f"{type(chain).__module__}.{type(chain).__qualname__}")
        parts += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(chain.__traceback__)
        ]
        chain = chain.__cause__ or chain.__context__
    return "\n".join(parts) + "\n"


def write_log(error: BaseException, state: str) -> str:
    """Write the report to crash.log in our state folder; the path, or "" when that fails too."""
    path = Path(state) / "crash.log"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(report(error))
    except OSError:
        return ""
    return str(path)
