"""A killable child process for the parsers that can crash or hang on a hostile file.

libcst dies of a segmentation fault at 3,000 nested brackets and takes seconds and gigabytes on 2 KB of
`[` (reliability.md). Such editors run in one child that is started once, reused, and restarted when it
had to be killed: a file can cost its own edit, never the run.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib
import json
import math
import os
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

import fixers
from fixers.model import Refused

ISOLATED: Final = ("fixers.editors.python",)
"""Modules whose functions never run in our own process."""
SECONDS: Final = 10.0
MEMORY: Final = 1_000_000_000
ANSWERS: Final = 32_000_000
"""Bytes of answers that are kept, the oldest go first."""
_LENGTH: Final = struct.Struct(">I")
_BOOT: Final = "import sys; sys.path[:0] = sys.argv[1:]; from fixers.isolation import serve; serve()"
_KEPT: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")


def call(function: Callable[..., Any], *args: Any, seconds: float = SECONDS, **options: Any) -> Any:
    """`function(*args, **options)`, in the child when its module is one of ISOLATED.

    Arguments are plain data (bytes, text, numbers, frozen dataclasses of ours); the answer is bytes or
    what JSON can hold. Raises Refused when the function does, and when the child crashed, ran out of
    memory or took longer than `seconds`.
    """
    if function.__module__ not in ISOLATED or _inside:
        return function(*args, **options)
    return _child.ask((function.__module__, function.__name__, args, options), seconds)


class Child:
    """The child process, its pipes, the inputs that killed it before, and its last answers.

    Editors are pure, so an answer is good for ever; after each commit the rule asks for all its other fixes again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._deadly: dict[bytes, str] = {}
        self._answers: dict[bytes, tuple[bytes, bytes]] = {}
        self._held = 0

    @property
    def pid(self) -> int:
        """The process id of the running child, 0 when there is none."""
        return self._process.pid if self._process else 0

    def ask(self, question: tuple[str, str, tuple[Any, ...], dict[str, Any]], seconds: float) -> Any:
        """One question, one answer; an input that killed the child once is not tried again."""
        message = pickle.dumps((question, seconds))
        name = hashlib.sha256(message).digest()
        with self._lock:
            if name in self._deadly:
                raise Refused(self._deadly[name])
            try:
                kind, body = self._answers.get(name) or self._exchange(message, time.monotonic() + seconds)
            except TimeoutError:
                reason = f"the parser took longer than {seconds:g} seconds"
            except (EOFError, BrokenPipeError):
                reason = "the parser crashed on this file"
            except BaseException:
                self.stop()  # its answer would be taken for that of the next question
                raise
            else:
                self._keep(name, kind, body)
                if kind == b"-":
                    raise Refused(body.decode("utf-8", "replace"))
                return body if kind == b"b" else json.loads(body)
            self.stop()
            self._deadly[name] = reason
            raise Refused(reason)

    def _keep(self, name: bytes, kind: bytes, body: bytes) -> None:
        if name in self._answers:
            return
        self._answers[name] = (kind, body)
        self._held += len(body) + len(name)
        while self._held > ANSWERS:
            oldest = next(iter(self._answers))
            self._held -= len(self._answers.pop(oldest)[1]) + len(oldest)

    def _exchange(self, message: bytes, deadline: float) -> tuple[bytes, bytes]:
        """The answer; when the child had died of something else before, a new one is asked."""
        known = self.pid
        try:
            return self._exchanged(message, deadline)
        except (EOFError, BrokenPipeError):
            if self.pid != known:
                raise
            self.stop()
            return self._exchanged(message, deadline)

    def _exchanged(self, message: bytes, deadline: float) -> tuple[bytes, bytes]:
        process = self._started()
        assert process.stdin and process.stdout
        _send(process.stdin, message, deadline)
        (length,) = _LENGTH.unpack(_receive(process.stdout, _LENGTH.size, deadline))
        answer = _receive(process.stdout, length, deadline)
        return answer[:1], answer[1:]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        if self._owner == os.getpid():
            self.stop()
        self._owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT, *_folders()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={k: os.environ[k] for k in _KEPT if k in os.environ},
            start_new_session=True,
        )
        assert self._process.stdin
        os.set_blocking(self._process.stdin.fileno(), False)
        return self._process

    def stop(self) -> None:
        """Kill the child, if there is one and it is ours."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


def _folders() -> list[str]:
    """Where the child finds us and what we need: never the current folder, never the environment's word."""
    ours = Path(fixers.__file__).resolve().parent.parent
    spec = find_spec("libcst")
    theirs = Path(spec.origin).resolve().parent.parent if spec and spec.origin else ours
    return list(dict.fromkeys((str(ours), str(theirs))))


def _send(pipe: IO[bytes], message: bytes, deadline: float) -> None:
    view = memoryview(_LENGTH.pack(len(message)) + message)
    while view:
        if not select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))[1]:
            raise TimeoutError
        view = view[os.write(pipe.fileno(), view[:65536]) :]


def _receive(pipe: IO[bytes], count: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    while count:
        if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError
        part = os.read(pipe.fileno(), min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


# the child's side

_inside = False


def serve() -> None:
    """Answer questions until the parent goes away; limits make sure that an orphan does not linger."""
    global _inside
    import resource
    import signal

    _inside = True
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        question, seconds = pickle.loads(source.read(_LENGTH.unpack(head)[0]))  # noqa: S301 - our parent's own words
        signal.alarm(math.ceil(seconds) + 2)
        answer = _answer(*question)
        signal.alarm(0)
        sink.write(_LENGTH.pack(len(answer)) + answer)
        sink.flush()


def _answer(module: str, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> bytes:
    try:
        if module not in ISOLATED:
            raise Refused(f"{module} does not run in the child")
        result = getattr(importlib.import_module(module), name)(*args, **options)
        return b"b" + result if isinstance(result, bytes) else b"j" + json.dumps(result).encode()
    except Refused as refused:
        return b"-" + str(refused).encode("utf-8", "replace")
    except MemoryError:
        return b"-the parser ran out of memory"
    except RecursionError:
        return b"-nested too deeply for the parser"
    except Exception as error:
        return f"-the parser failed: {type(error).__name__}".encode()


_child = Child()
atexit.register(_child.stop)
