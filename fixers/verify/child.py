"""Runs one command of the repository in its copy: scrubbed environment, limits, all that it started killed."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fixers.vcs.files import home
from fixers.verify import reaper

_KEPT: Final = (
    *("PATH", "LANG", "TMPDIR", "RUSTUP_TOOLCHAIN", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "PYENV_ROOT"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CARGO_HTTP_CAINFO", "VIRTUAL_ENV"),
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"),
)
"""Variables that a build needs; everything else of the caller's environment, its secrets among it, is left out."""
_HOMES: Final = {"CARGO_HOME": ".cargo", "RUSTUP_HOME": ".rustup", "GOPATH": "go", "PYENV_ROOT": ".pyenv"}
"""Folders of the user's home that tools read; HOME itself is a folder of the copy's."""
_OUTPUT: Final = 8_000_000
"""Bytes of output that are kept; what comes after is dropped."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of wall clock, bytes of memory of all processes together, processes at once, bytes of disk added."""

    seconds: float = 1800.0
    memory: int = 12_000_000_000
    processes: int = 512
    disk: int = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: its exit code, what it printed, and which limit stopped it (or why it did not start)."""

    code: int
    output: str
    stopped: str = ""
    seconds: float = 0.0


def run(argv: tuple[str, ...], folder: Path, extra: dict[str, str], limits: Limits | None = None) -> Ran:
    """Run argv in the folder. Never raises for what the command does; KeyboardInterrupt kills it first."""
    limits = limits or Limits()
    program = shutil.which(str(folder / argv[0]) if "/" in argv[0] else argv[0])
    if program is None:
        return Ran(127, "", f"{argv[0]} is not installed")
    environment = _environment() | extra
    began = time.monotonic()
    with tempfile.TemporaryFile() as out:
        try:
            child = subprocess.Popen(
                [sys.executable, "-I", reaper.__file__, program, *argv[1:]],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_limited(limits),
            )
        except OSError as error:
            return Ran(126, "", f"{argv[0]} could not start: {error.strerror}")
        stopped = ""
        try:
            stopped = _watched(child, folder, began, limits)
        finally:
            _kill(child)
        out.seek(0)
        text = out.read(_OUTPUT).decode("utf-8", "replace")
    return Ran(child.returncode, text, stopped, time.monotonic() - began)


def _environment() -> dict[str, str]:
    own = home() or Path("/nonexistent")
    kept = {k: os.environ[k] for k in _KEPT if k in os.environ}
    homes = {k: os.environ.get(k) or str(own / name) for k, name in _HOMES.items()}
    return kept | {k: v for k, v in homes.items() if Path(v).is_dir()} | {"LC_ALL": "C.UTF-8", "CI": "true"}


def _limited(limits: Limits) -> Callable[[], None]:
    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        size = limits.disk if most == resource.RLIM_INFINITY else min(most, limits.disk)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return apply


def _watched(child: subprocess.Popen[bytes], folder: Path, began: float, limits: Limits) -> str:
    free = shutil.disk_usage(folder).free
    pause = 0.02
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(pause)
            return ""
        pause = min(0.5, pause * 1.5)
        if time.monotonic() - began > limits.seconds:
            return f"stopped after {limits.seconds:.0f} s"
        if free - shutil.disk_usage(folder).free > limits.disk:
            return f"stopped: it wrote more than {limits.disk // 10**9} GB"
        running = reaper.family(child.pid)
        if len(running) > limits.processes:
            return f"stopped: more than {limits.processes} processes"
        if sum(running.values()) > limits.memory:
            return f"stopped: more than {limits.memory / 10**9:.0f} GB of memory"


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the build by its parent; when that does not answer, by descent."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(2 * reaper.PATIENCE)
    except subprocess.TimeoutExpired:
        reaper.end(child.pid)
        child.kill()
        child.wait()
