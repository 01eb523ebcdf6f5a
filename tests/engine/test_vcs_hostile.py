"""A repository prepared by somebody else: nothing of it runs, nothing outside is touched, nothing hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fixers.model import Change
from fixers.vcs import FolderReader, NotARepository, RepositoryError, open_repository
from tests.engine.gitbox import git, made, message, untouched, write

EDIT = Change("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\n")


def booby_trap(folder: Path, canary: Path) -> None:
    """Every way in which git or GitPython would run something, or be led elsewhere, that we know of."""
    script = folder.parent / "trap.sh"
    script.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\ncat\n")
    script.chmod(0o755)
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "pre-commit",
        "post-commit",
        "commit-msg",
        "reference-transaction",
        "post-index-change",
        "post-checkout",
    ):
        (hooks / name).write_text(script.read_text())
        (hooks / name).chmod(0o755)
    config = {
        "core.fsmonitor": script, "core.hooksPath": hooks, "core.sshCommand": script, "core.pager": script,
        "core.editor": script, "gpg.program": script, "log.showSignature": "true", "commit.gpgSign": "true",
        "filter.trap.clean": script, "filter.trap.smudge": script, "filter.trap.process": script,
        "diff.external": script, "diff.trap.textconv": script, "merge.trap.driver": script,
        "core.attributesFile": folder / ".gitattributes", "credential.helper": script, "core.askPass": script,
        "remote.origin.promisor": "true", "remote.origin.url": f"ext::{script}", "alias.log": f"!{script}",
        "core.alternateRefsCommand": script,
    }  # fmt: skip
    for key, value in config.items():
        git(folder, "config", key, str(value))
    write(folder, ".gitattributes", b"* filter=trap diff=trap merge=trap\n")
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "attributes").write_bytes(b"* filter=trap\n")


def test_nothing_of_the_repository_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, canary = made(tmp_path / "r"), tmp_path / "canary"
    booby_trap(folder, canary)
    for name in ("git", "env", "python3", "multiprocessing.py", "gitdb.py"):
        (folder / name).write_text(f"#!/bin/sh\necho planted >> '{canary}'\n")
        (folder / name).chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f":.:{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere.index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(tmp_path / "trap.sh"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=/bin/false'")
    before = untouched(folder)
    with open_repository(folder, state_home=tmp_path / "state") as repository:
        reader = repository.reader()
        assert [reader.read(p) for p in reader.entries()] and reader.authors("") and not reader.dirty
        with repository.start() as run:
            run.commit([EDIT], message("aaaa1111"))
            run.commit([Change(".gitattributes", None, b"* filter=trap\n")], message("bbbb2222"))
            repository.verify_copy(run.tip)
            assert len(run.commits) == 2
        repository.undo(["aaaa1111"])
        repository.undo_all()
    assert not canary.exists(), canary.read_text()
    traced = (tmp_path / "trace").read_text() if (tmp_path / "trace").exists() else ""
    assert all(line.endswith("git version") for line in traced.splitlines()), "only the import of GitPython sees it"
    assert untouched(folder) == before
    assert not (tmp_path / "elsewhere").exists()
    git(folder, "status")
    assert "fsmonitor" in git(folder, "config", "--list").decode() and canary.exists(), "the trap itself works"


def fifo(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def link(path: Path, target: Path) -> None:
    if path.is_dir():
        path.rename(target)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def config(text: str) -> Callable[[Path, Path], object]:
    return lambda g, out: (g / "config").write_text((g / "config").read_text() + text)


REFUSED: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "HEAD is a FIFO": (lambda g, out: fifo(g / "HEAD"), "not in a git repository"),
    "config is a FIFO": (lambda g, out: fifo(g / "config"), "not a regular file"),
    "an included config is a FIFO": (
        lambda g, out: (fifo(g / "pipe"), config("[include]\npath = pipe\n")(g, out)),
        "not a regular file",
    ),
    "a conditional include is a FIFO": (
        lambda g, out: (fifo(g / "pipe"), config('[includeIf "gitdir:/"]\npath = pipe\n')(g, out)),
        "not a regular file",
    ),
    "config includes itself": (config("[include]\npath = config\n"), "includes more than"),
    "packed-refs is a FIFO": (
        lambda g, out: (fifo(g / "packed-refs"), (g / "refs/heads/main").unlink()),
        "not a regular file",
    ),
    "the branch is a FIFO": (lambda g, out: fifo(g / "refs/heads/main"), "not a regular file"),
    "the branch is a link": (lambda g, out: link(g / "refs/heads/main", out), "is a symbolic link"),
    "objects is a link": (lambda g, out: link(g / "objects", out), "is a symbolic link"),
    "a folder of objects is a link": (lambda g, out: (g / "objects/zz").symlink_to(out), "neither a file nor"),
    "alternates is a FIFO": (lambda g, out: fifo(g / "objects/info/alternates"), "neither a file nor"),
    "HEAD leaves the refs": (lambda g, out: (g / "HEAD").write_text("ref: refs/../../x\n"), "no valid ref"),
    "the work tree is elsewhere": (config("[core]\nworktree = /etc\n"), "core.worktree"),
    "the refs are a reftable": (config("[extensions]\nrefStorage = reftable\n"), "reftable"),
    "an unknown object format": (config("[extensions]\nobjectFormat = md5\n"), "is not known"),
    "a huge config": (config("#" * 2_000_000), "larger than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_hang_or_mislead_git_is_refused_at_once(tmp_path: Path, name: str) -> None:
    folder = made(tmp_path / "r")
    spoil, reason = REFUSED[name]
    spoil(folder / ".git", tmp_path / "outside")
    began = time.monotonic()
    with pytest.raises(RepositoryError, match=reason):
        open_repository(folder, state_home=tmp_path / "state")
    assert time.monotonic() - began < 1.0


def test_a_link_planted_during_the_run_is_not_followed(tmp_path: Path) -> None:
    folder, outside = made(tmp_path / "r"), tmp_path / "outside"
    outside.mkdir()
    for planted in (".git/refs/heads/readiness", ".git/logs/refs/heads/readiness"):
        with open_repository(folder, state_home=tmp_path / "state") as repository, repository.start() as run:
            (folder / planted).symlink_to(outside)
            with pytest.raises(RepositoryError, match="symbolic link"):
                run.commit([EDIT], message("aaaa1111"))
        (folder / planted).unlink()
    assert not list(outside.iterdir())


def test_a_git_file_that_names_another_repository_is_refused(tmp_path: Path) -> None:
    victim = made(tmp_path / "victim")
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / ".git").write_text(f"gitdir: {victim}/.git\n")
    with pytest.raises(RepositoryError, match="does not say that this work tree is its own"):
        open_repository(trap, state_home=tmp_path / "state")
    (trap / ".git").unlink()
    (trap / ".git").symlink_to(victim / ".git")
    with pytest.raises(RepositoryError, match="is a symbolic link"):
        open_repository(trap, state_home=tmp_path / "state")


def test_another_users_repository_is_refused_until_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    folder = made(tmp_path / "r")
    os.chown(folder / ".git", 12345, 12345)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(RepositoryError, match=r"another user \(uid 12345") as caught:
        open_repository(folder, state_home=tmp_path / "state")
    assert caught.value.hint == f"git config --global --add safe.directory {folder}"
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {folder}\n")
    open_repository(folder, state_home=tmp_path / "state").close()


def test_the_state_folder_must_be_ours_and_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "r")
    before = untouched(folder)
    for place, reason in ((folder / "state", "inside the repository"), (Path("state"), "not an absolute path")):
        with pytest.raises(RepositoryError, match=reason):
            open_repository(folder, state_home=place)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "readiness-fix").symlink_to(tmp_path)
    with pytest.raises(RepositoryError, match="a link or another user's"):
        open_repository(folder, state_home=tmp_path / "state")
    assert untouched(folder) == before
    with open_repository(folder, state_home=tmp_path / "good") as repository:
        assert repository.state_dir.stat().st_mode & 0o777 == 0o700
        with repository.start() as run:
            run.commit([EDIT], message("aaaa1111"))
        assert (repository.state_dir / "journal").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("git version 2.25.1", "too old"), ("hello", "does not say its version"), ("", "does not say its version")],
)
def test_a_git_that_is_too_old_or_none_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, reason: str
) -> None:
    folder = made(tmp_path / "r")
    (tmp_path / "bin").mkdir()
    write(tmp_path, "bin/git", f"#!/bin/sh\necho '{answer}'\n".encode(), "100755")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(RepositoryError, match=reason):
        open_repository(folder, state_home=tmp_path / "state")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(RepositoryError, match="git was not found"):
        open_repository(folder, state_home=tmp_path / "state")


def test_a_folder_is_read_without_following_anything(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    write(folder, "src/a.py", b"x\n")
    write(folder, "run.sh", b"#!/bin/sh\n", "100755")
    write(folder, ".gitignore", b"*.log\nbuild/\n!keep.log\n")
    write(folder, "x.log", b"")
    write(folder, "keep.log", b"")
    write(folder, "build/x", b"")
    write(folder, "nested/.gitignore", b"secret\n")
    write(folder, "nested/secret", b"")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    with pytest.raises(NotARepository, match="not in a git repository") as caught:
        open_repository(folder, state_home=tmp_path / "state")
    assert "git init" in caught.value.hint
    reader = FolderReader(folder)
    assert list(reader.entries()) == [".gitignore", "keep.log", "nested/.gitignore", "run.sh", "src/a.py"]
    assert reader.entries()["run.sh"].mode == "100755" and reader.read("src/a.py") == b"x\n"
    (folder / "src/a.py").unlink()
    (folder / "src/a.py").symlink_to("/etc/passwd")
    with pytest.raises(OSError):
        reader.read("src/a.py")
