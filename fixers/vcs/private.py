"""The git dir that is ours: git runs here, shares only the object store, and obeys nothing of the repository.

GitPython opens this git dir and nothing else. Every call that makes something goes through its command
object (`make`: read-tree, hash-object, update-index, write-tree, commit-tree, merge-file). Reads
(`read`: ls-tree, cat-file, log) and the one write to the user's git dir (`move_ref`: update-ref) are plain child
processes: a scan must not pay for the import, and GitPython must never see the user's git dir.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fixers.text import quoted, safe_text
from fixers.vcs import settings
from fixers.vcs.errors import Moved, RepositoryError
from fixers.vcs.executable import Git, scrubbed
from fixers.vcs.files import small
from fixers.vcs.layout import Layout

if TYPE_CHECKING:
    import git

_FSYNC: Final = ("-c", "core.fsync=loose-object,pack,reference", "-c", "core.fsyncMethod=fsync")
_QUIET: Final = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
TIMEOUT: Final = 300.0
"""Seconds for one git call; `ls-tree` of a million files takes about five (measured on two cores)."""


class PrivateGit:
    """Runs git on a git dir below `folder`; with `share`, new objects go to the repository's own store."""

    def __init__(self, folder: Path, layout: Layout, binary: Git, *, share: bool) -> None:
        self.layout, self.binary, self.share = layout, binary, share
        self.dir = folder / "private"
        self.index = self.dir / f"run-{uuid.uuid4().hex}.index"
        self._repo: git.Repo | None = None
        self._prepare()

    def _prepare(self) -> None:
        shared = settings.last(self.layout.settings, "core.sharedrepository")
        lines = ["[core]", "bare = true", "hooksPath = /dev/null", "fsmonitor = false", "commitGraph = false"]
        lines += [f"sharedRepository = {shared}"] if re.fullmatch(r"[a-z0-7]{1,10}", shared) else []
        sha256 = self.layout.algorithm == "sha256"
        lines += [f"repositoryFormatVersion = {int(sha256)}", "[gc]", "auto = 0"]
        lines += ["[extensions]", "objectFormat = sha256"] if sha256 else []
        for inner in ("objects/info", "refs"):
            (self.dir / inner).mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write("config", "\n".join(lines).encode() + b"\n")
        self._write("HEAD", b"ref: refs/heads/none\n")
        shallow = small(self.layout.common / "shallow", 50_000_000)
        if shallow:
            self._write("shallow", shallow)
        else:
            (self.dir / "shallow").unlink(missing_ok=True)
        if not self.share:
            store = quoted(str(self.layout.objects))
            self._write("objects/info/alternates", store.encode("utf-8", "surrogateescape") + b"\n")

    def _write(self, name: str, data: bytes) -> None:
        temporary = self.dir / f"{name}.{uuid.uuid4().hex}"
        temporary.write_bytes(data)
        temporary.replace(self.dir / name)

    def environment(self) -> dict[str, str]:
        """What a child needs to see this git dir, the shared objects, and no configuration of anybody."""
        own = {
            "GIT_DIR": str(self.dir),
            "GIT_OBJECT_DIRECTORY": str(self.layout.objects if self.share else self.dir / "objects"),
            "GIT_INDEX_FILE": str(self.index),
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }
        return {**_no_configuration(), **own}

    def read(self, *args: str, data: bytes = b"", timeout: float = TIMEOUT) -> bytes:
        """What a command that only reads prints."""
        return _run(self.start(*args), args, data, timeout)

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        """A child of its own process group, its three streams as pipes."""
        return _popen([self.binary.path, *_QUIET, *args], {**scrubbed(), **self.environment()}, self.dir)

    def make(self, *args: str, data: bytes = b"", env: Mapping[str, str] | None = None, ok: int = 0) -> bytes:
        """What a command that makes objects or writes our index prints, through GitPython; exit codes to `ok` pass."""
        command = [self.binary.path, *_FSYNC, *args]
        process: Any = self._gitpython().git.execute(
            command, istream=subprocess.PIPE, as_process=True, env=env, start_new_session=True
        )
        return _run(process, args, data, TIMEOUT, ok)

    def _gitpython(self) -> git.Repo:
        if self._repo is None:
            os.environ["GIT_PYTHON_GIT_EXECUTABLE"] = self.binary.path
            import git

            class Command(git.Git):
                """GitPython starts from the caller's environment: what steers git there is taken out first."""

                def execute(self, command: str | Sequence[Any], *args: Any, **options: Any) -> Any:
                    known = self.environment().keys() | (options.get("env") or {}).keys()
                    foreign = [n for n in os.environ if re.match("GIT_(?!PYTHON_)", n) and n not in known]
                    unset = ["/usr/bin/env", *(word for n in foreign for word in ("-u", n))] if foreign else []
                    return super().execute([*unset, *command], *args, **options)

            repo = git.Repo(self.dir)
            repo.git = Command(self.dir)
            repo.git.update_environment(**self.environment())
            self._repo = repo
        return self._repo

    def move_ref(self, ref: str, new: str, old: str, why: str, *, hold: int) -> None:
        """Compare and swap one ref of the user's repository; `new` empty deletes it. `hold` keeps our lock.

        The only write to the user's git dir but for added objects. Raises Moved when the ref is not at `old`.
        """
        nothing = "0" * (64 if self.layout.algorithm == "sha256" else 40)
        what = [ref, new, old or nothing] if new else ["-d", ref, old]
        keep = ["--create-reflog"] if new else []
        args = [*_FSYNC, *_QUIET, "update-ref", "--no-deref", *keep, "-m", why, *what]
        env = {**scrubbed(), **_no_configuration(), "GIT_DIR": str(self.layout.common), "GIT_ALLOW_PROTOCOL": "none"}
        env |= {"GIT_COMMITTER_NAME": "readiness-fix", "GIT_COMMITTER_EMAIL": "readiness-fix@localhost"}
        child = _popen([self.binary.path, *args], env, self.dir, hold)
        try:
            _run(child, ("update-ref",), b"", 60, interruptible=False)
        except KeyboardInterrupt:
            child.wait(60)
            raise

    def global_settings(self) -> settings.Settings:
        """The user's own git configuration, system-wide ones below; nothing of the repository's."""
        kept = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
        env = {**scrubbed(), **{k: os.environ[k] for k in kept if k in os.environ}}
        env |= {"GIT_DIR": str(self.layout.gitdir), "GIT_ALLOW_PROTOCOL": "none"}
        child = _popen([self.binary.path, "config", "--includes", "--show-scope", "-z", "--list"], env, self.dir)
        fields = _run(child, ("config",), b"", 20).split(b"\0")
        found: settings.Settings = {}
        for scope, entry in zip(fields[::2], fields[1::2], strict=False):
            key, _, value = entry.partition(b"\n")
            if scope in {b"system", b"global"}:
                found.setdefault(os.fsdecode(key).lower(), []).append(value.decode("utf-8", "replace"))
        return found

    def sweep(self) -> None:
        """Remove what killed runs left in our own git dir; only while the lock is held."""
        for path in [*self.dir.glob("run-*"), *self.dir.glob("*.lock")]:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of GitPython and our index; with `share` off the whole git dir goes."""
        if self._repo is not None:
            self._repo.close()
            self._repo = None
        self.index.unlink(missing_ok=True)
        if not self.share:
            shutil.rmtree(self.dir.parent, ignore_errors=True)


def _no_configuration() -> dict[str, str]:
    return {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _popen(command: list[str], env: dict[str, str], folder: Path, hold: int | None = None) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, env=env, cwd=folder, start_new_session=True,
            pass_fds=() if hold is None else (hold,),
        )  # fmt: skip
    except OSError as error:
        raise RepositoryError(f"git cannot be started: {error.strerror}") from None


def _run(
    process: Any, args: Sequence[str], data: bytes, timeout: float, ok: int = 0, interruptible: bool = True
) -> bytes:
    try:
        out, err = process.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired:
        kill(process)
        raise RepositoryError(f"git {args[0]} did not end within {timeout:.0f} seconds") from None
    except BaseException:
        if interruptible:
            kill(process)
        raise
    if not 0 <= process.returncode <= ok:
        raise _failure(args[0], process.returncode, err)
    return bytes(out)


def kill(process: Any) -> None:
    """End a child and everything that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _failure(name: str, code: int, err: bytes) -> RepositoryError:
    text = safe_text(err.decode("utf-8", "replace").strip(), newlines=True)
    lock = re.search(r"Unable to create '(.+?\.lock)': File exists", text)
    if lock:
        return RepositoryError(f"{lock[1]} exists: another git is at work, or was stopped", f"rm {lock[1]}")
    if re.search(r"cannot lock ref .*(?:but expected|reference already exists|unable to resolve)", text):
        return Moved(f"the branch was moved by somebody else: {text.splitlines()[-1]}")
    return RepositoryError(f"git {name} failed ({code}): {text.splitlines()[-1] if text else 'no message'}")
