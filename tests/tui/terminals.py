"""A real terminal for the real program: a pty, its bytes, and what is left of them without our own sequences."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.path[0] = {!r}; sys.argv[0] = 'readiness-fix'; from tui.cli import main; sys.exit(main())"
OURS = re.compile(
    rb"\x1b\[[0-9;:]*m"  # colour
    rb"|\x1b\[\d*(?:;\d*)?[HJKABCDG]"  # moving and clearing
    rb"|\x1b\[\?[0-9;]+[hl]"  # modes
    rb"|\x1b\[\?[0-9;]+\$p"  # asking for a mode
    rb"|\x1b\[>?[0-9;]*[cqu]|\x1b\[<u|\x1b\[=?[0-9;]*u"  # what the terminal is, the keyboard protocol
    rb"|\x1b\[\d+(?:;\d+)*t"  # sizes
    rb"|\x1b\[\d* q"  # the cursor
    rb"|\x1bP=[12]s\x1b\\"  # synchronised output
    rb"|\x1b\]22;[a-z-]*\x07"  # the shape of the pointer
    rb"|\x1b\[6n|\x1b7|\x1b8|\x1b\(B|\x1b\[r"
)


class Terminal:
    """The program on a pty."""

    def __init__(self, argv: list[str], *, size: tuple[int, int] = (40, 120), **env: str) -> None:
        self.bytes = self.past = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
            os.environ.update({"TERM": "xterm-256color", "COLORTERM": "truecolor", **env})
            os.execv(argv[0], argv)
        self.resize(*size)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds: float) -> bool:
        """Take what comes; False at the end."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if ready:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            self.bytes += data
            return bool(data)
        return True

    def until(self, words: str, seconds: float = 120) -> float:
        """Read until the words are on the screen; how long that took."""
        began = time.monotonic()
        while words not in OURS.sub(b"", self.bytes).decode("utf-8", "replace"):
            assert time.monotonic() - began < seconds, f"{words!r} never came; last: {self.text[-1500:]}"
            assert self.read(0.05), f"the program ended; last: {self.text[-1500:]}"
        return time.monotonic() - began

    def fresh(self, keys: str, words: str, seconds: float = 120) -> None:
        """Type, and wait for words that come after."""
        self.past, self.bytes = self.past + self.bytes, b""
        self.type(keys)
        self.until(words, seconds)

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def end(self, seconds: float = 120) -> int:
        """The exit code, once it has ended; negative for a signal."""
        limit = time.monotonic() + seconds
        while self.read(0.05):
            if time.monotonic() > limit:
                os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    @property
    def all(self) -> bytes:
        return self.past + self.bytes

    @property
    def text(self) -> str:
        return OURS.sub(b"", self.all).decode("utf-8", "replace")


def program(*words: str) -> list[str]:
    """The argv of the program with these words."""
    return [sys.executable, "-c", PROGRAM.format(str(ROOT)), *words]
