"""A kill, a full disk, a lock, a second run at any instant: the branch is old or new, and a re-run gets there."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

from fixers.model import Change
from fixers.vcs import Busy, Moved, RepositoryError, open_repository
from tests.engine.gitbox import git, listed, made, message, untouched

ROOT = Path(__file__).resolve().parents[2]
NAME = "readiness/2026-03-04"
EDIT = Change("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\n")
PROGRAM = """
import datetime, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fixers.model import Change
from fixers.vcs import RepositoryError, open_repository
from tests.engine.gitbox import message
fixes = {
    "aaaa1111": Change("a.txt", b"one\\ntwo\\nthree\\n", b"one\\n2\\nthree\\n"),
    "bbbb2222": Change("src/new.txt", None, b"new\\n"),
    "cccc3333": Change("README", b"# x", None),
}
try:
    with open_repository(sys.argv[2], state_home=Path(sys.argv[3])) as repository:
        if "undo" in sys.argv:
            if repository.branches():
                repository.undo(["aaaa1111"])
            raise SystemExit
        with repository.start(run_date=datetime.date(2026, 3, 4)) as run:
            print("started", flush=True)
            if "wait" in sys.argv:
                sys.stdin.read()
            for finding, change in fixes.items():
                if finding not in run.done:
                    run.commit([change], message(finding))
except RepositoryError as error:
    print(error, "|", error.hint)
    raise SystemExit(2)
"""


def child(folder: Path, *words: str, **env: str) -> subprocess.Popen[bytes]:
    state = folder.parent / "state"
    command = [sys.executable, "-c", PROGRAM, str(ROOT), str(folder), str(state), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, env={**os.environ, **env})


def run(folder: Path, *words: str, **env: str) -> tuple[int, str]:
    """The program in a fork, which is a tenth of the time of a new interpreter; its exit code and output."""
    output = folder.parent / "output"
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.environ.update(env)
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            sys.stdout = sys.stderr = os.fdopen(1, "w")
            sys.argv = ["-c", str(ROOT), str(folder), str(folder.parent / "state"), *words]
            exec(PROGRAM, {})
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.read_text()


def names_passed(tmp_path: Path, *words: str) -> list[str]:
    log = tmp_path / "names"
    folder = made(tmp_path / "dry" / "r")
    if words:
        run(folder)
    assert run(folder, *words, RF_CRASH_LOG=str(log))[0] == 0
    return sorted(set(log.read_text().split()))


def test_a_kill_at_any_step_loses_nothing_and_the_next_run_gives_the_same_tree(tmp_path: Path) -> None:
    names = names_passed(tmp_path)
    assert len(names) >= 8, names
    wanted = listed(tmp_path / "dry" / "r", NAME)
    for name in names:
        folder = made(tmp_path / name / "r")
        before = untouched(folder)
        assert run(folder, RF_CRASH_AT=name)[0] == -signal.SIGKILL
        assert untouched(folder) == before, name
        code, out = run(folder)
        assert code == 0, (name, out)
        assert listed(folder, NAME) == wanted, name
        assert git(folder, "rev-list", "--count", f"main..{NAME}") == b"3\n"
        assert untouched(folder) == before, name
        assert git(folder, "fsck", "--strict", "--no-dangling") == b""


def test_a_kill_during_undo_loses_nothing(tmp_path: Path) -> None:
    names = names_passed(tmp_path, "undo")
    wanted = listed(tmp_path / "dry" / "r", NAME)
    for name in names:
        folder = made(tmp_path / name / "r")
        before = untouched(folder)
        run(folder)
        assert run(folder, "undo", RF_CRASH_AT=name)[0] == -signal.SIGKILL
        code, out = run(folder, "undo")
        assert code == 0 or "is not a fix on" in out, (name, out)
        assert listed(folder, NAME) == wanted, name
        assert untouched(folder) == before, name


def test_a_git_that_is_killed_at_any_call_is_a_clear_error(tmp_path: Path) -> None:
    real = shutil.which("git")
    counter, wrapper = tmp_path / "count", tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(
        f"#!/bin/sh\n[ $1 = version ] && exec {real} version\n"
        f'n=$(cat {counter}); echo $((n + 1)) > {counter}\n[ $n = "$KILL_AT" ] && kill -9 $$\nexec {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    path = f"{wrapper.parent}:{os.environ['PATH']}"
    for at in range(40):
        counter.write_text("0")
        folder = made(tmp_path / str(at) / "r")
        before = untouched(folder)
        code, out = run(folder, PATH=path, KILL_AT=str(at))
        assert untouched(folder) == before, at
        if code == 0:
            break
        assert code == 2 and "git" in out and "Traceback" not in out, (at, out)
        assert run(folder)[0] == 0
        assert git(folder, "rev-list", "--count", f"main..{NAME}") == b"3\n"
    assert at > 12, "all calls were tried"


def test_a_kill_at_a_random_moment_loses_nothing(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    before = untouched(folder)
    for delay in (0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3):
        pid = os.fork()
        if pid == 0:
            os.setpgrp()
            run(folder)
            os._exit(0)
        time.sleep(delay)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert untouched(folder) == before
    time.sleep(1.0)
    assert run(folder)[0] == 0
    assert git(folder, "rev-list", "--count", f"main..{NAME}") == b"3\n"
    assert untouched(folder) == before and git(folder, "fsck", "--strict", "--no-dangling") == b""


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EMFILE"])
@pytest.mark.parametrize("name", ["before-blob", "before-journal", "before-publish"])
def test_a_failing_system_call_is_a_clear_error(tmp_path: Path, name: str, error: str) -> None:
    folder = made(tmp_path / "r")
    before = untouched(folder)
    code, out = run(folder, RF_CRASH_AT=f"{name}:{error}")
    assert code == 2 and os.strerror(getattr(errno, error)) in out and "Traceback" not in out
    assert ("free some space" in out) == (error == "ENOSPC")
    assert untouched(folder) == before
    assert not list((folder / ".git").rglob("*.lock"))
    assert run(folder)[0] == 0


def test_a_full_disk_under_git_is_a_clear_error(tmp_path: Path) -> None:
    import resource

    folder = made(tmp_path / "r")
    before = untouched(folder)
    big = os.urandom(2_000_000)
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start() as started:
        started.commit([EDIT], message("aaaa1111"))
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limits[1]))
        try:
            with pytest.raises(RepositoryError, match="hash-object failed"):
                started.commit([Change("big", None, big)], message("bbbb2222"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        started.commit([Change("big", None, big)], message("bbbb2222"))
        assert len(started.done) == 2
    assert untouched(folder) == before
    assert git(folder, "fsck", "--strict", "--no-dangling") == b""


def test_a_second_run_at_once_is_told_who_works(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    first = child(folder, "wait")
    assert first.stdout is not None and first.stdout.readline() == b"started\n"
    code, out = run(folder)
    assert code == 2 and f"process {first.pid}" in out
    with open_repository(folder, state_home=tmp_path / "state") as repository, pytest.raises(Busy):
        repository.undo_all()
    assert first.communicate(timeout=30)[0] == b"" and first.returncode == 0
    assert run(folder)[0] == 0


def test_the_user_works_on_while_we_do(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    first = child(folder, "wait")
    assert first.stdout is not None and first.stdout.readline() == b"started\n"
    (folder / "a.txt").write_bytes(b"edited\n")
    git(folder, "commit", "-qam", "Meanwhile")
    git(folder, "switch", "-q", "-c", "other")
    (folder / "a.txt").write_bytes(b"edited again\n")
    git(folder, "stash")
    (folder / ".git" / "index.lock").touch()
    (folder / ".git" / "HEAD.lock").touch()
    before = untouched(folder)
    assert first.communicate(timeout=30)[0] == b"" and first.returncode == 0
    assert untouched(folder) == before
    assert git(folder, "rev-list", "--count", f"main..{NAME}") == b"3\n"


def test_our_stale_lock_is_recovered_and_the_users_is_not(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    ours = folder / ".git/refs/heads/readiness/2026-03-04.lock"
    ours.parent.mkdir(parents=True)
    ours.touch()
    assert run(folder)[0] == 0 and not ours.exists()
    packed = folder / ".git/packed-refs.lock"
    packed.touch()
    with open_repository(folder, state_home=tmp_path / "state") as repository:
        with pytest.raises(RepositoryError, match=r"packed-refs\.lock exists: another git") as caught:
            repository.undo_all()
        assert caught.value.hint == f"rm {packed}" and packed.exists()
        packed.unlink()
        repository.undo_all()


def test_a_branch_moved_between_our_look_and_our_write_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path / "r")
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start() as started:
        started.commit([EDIT], message("aaaa1111"))
        look = started._check_place
        monkeypatch.setattr(
            started, "_check_place", lambda: (look(), git(folder, "branch", "-f", started.branch, "main"))
        )
        with pytest.raises(Moved, match="moved by somebody else"):
            started.commit([Change("new", None, b"x\n")], message("bbbb2222"))
        branch = started.branch
    assert git(folder, "rev-parse", branch) == git(folder, "rev-parse", "main")


def test_a_torn_journal_or_none_at_all_costs_nothing_of_the_branch(tmp_path: Path) -> None:
    folder = made(tmp_path / "r")
    run(folder)
    (journal,) = (tmp_path / "state").rglob("journal")
    journal.write_bytes(b"\0garbage\n[]\n" + journal.read_bytes() + b'{"branch": "rea')
    tip = git(folder, "rev-parse", NAME)
    with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start() as started:
        assert started.branch == NAME and len(started.done) == 3
        started.commit([Change("new", None, b"x\n")], message("dddd4444"))
    assert json.loads(journal.read_text().splitlines()[-1])["branch"] == NAME
    journal.unlink()
    with open_repository(folder, state_home=tmp_path / "state") as repository:
        assert repository.resumable() is None and not repository.branches()
    code, _ = run(folder)
    assert code == 0 and git(folder, "rev-parse", f"{NAME}^") == tip
    assert git(folder, "rev-list", "--count", f"main..{NAME}-2") == b"3\n"


def test_objects_are_on_disk_before_the_branch_moves(tmp_path: Path) -> None:
    strace = "/usr/bin/strace"
    if not Path(strace).exists():
        pytest.skip("strace is not installed")
    folder = made(tmp_path / "r")
    log = tmp_path / "trace"
    command = [
        strace,
        "-f",
        "-y",
        "-o",
        str(log),
        "-e",
        "trace=fsync,fdatasync,rename,link",
        sys.executable,
        "-c",
        PROGRAM,
    ]
    subprocess.run([*command, str(ROOT), str(folder), str(tmp_path / "state")], check=True, capture_output=True)
    calls = log.read_text().splitlines()
    moved = next(i for i, line in enumerate(calls) if "refs/heads/readiness" in line and "rename" in line)
    synced = [line for line in calls[:moved] if "fsync(" in line]
    assert sum("/objects/" in line for line in synced) >= 3, "a blob, a tree and a commit"
    assert any("/journal>" in line for line in synced) and any("refs/heads/readiness" in line for line in synced)
