"""Wrong words, hostile configurations, streams that are gone: a sentence and the documented exit code, always."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import git
from test_cli import FAULTY, START, MakeRepo, run

TOO_DEEP = "a = " + "[" * 100_000 + "\n"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (TOO_DEEP, "not valid TOML"),
        ("a = " + "9" * 5_000, "not valid TOML"),
        (f"select = '{'x' * 9_000}'", "`select`: expected an array of strings, found 'xxx"),
        ("# " + "x" * 300_000, "larger than 200 kB"),
        (
            'select = ["docker/root-usr"]',
            "readiness-fix.toml: `select`: there is no rule docker/root-usr; did you mean docker/root-user",
        ),
    ],
    ids=["deep", "long number", "long value", "large", "no such rule"],
)
def test_a_hostile_configuration_is_answered_with_a_short_sentence(make_repo: MakeRepo, config: str, said: str) -> None:
    done = run("scan", cwd=make_repo({**FAULTY, "readiness-fix.toml": config}), code=2)
    assert said in done.stderr.decode() and len(done.stderr) < 400, done.stderr[:600]


@pytest.mark.parametrize("text", ["tool = 5 # readiness-fix\n", "[tool]\nx = 1 # readiness-fix\n", TOO_DEEP])
def test_a_pyproject_that_is_not_for_us_says_nothing(make_repo: MakeRepo, text: str) -> None:
    run("scan", "--select", "docker", cwd=make_repo({"pyproject.toml": text + "# readiness-fix\n"}), code=0)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--select", "dokcer"], "--select: there is no rule dokcer"),
        (["--ignore", "git,nothing/"], "--ignore: there is no rule nothing/"),
        (["--path", "nowhere"], "--path nowhere: no file of the commit"),
        (["--path", "../elsewhere"], "--path ../elsewhere: no file of the commit"),
        (["--config", "pipe"], "is not a regular file"),
        (["--config", "/dev/zero"], "is not a regular file"),
        (["--config", "."], "is not a regular file"),
    ],
)
def test_what_names_nothing_is_said(make_repo: MakeRepo, tmp_path: Path, args: list[str], said: str) -> None:
    root = make_repo(FAULTY)
    os.mkfifo(root / "pipe")
    (tmp_path / "tmp").mkdir()
    done = run("scan", *args, cwd=root, code=2, env={"TMPDIR": str(tmp_path / "tmp")})
    assert said in done.stderr.decode()
    assert not list((tmp_path / "tmp").iterdir()), "something was left behind"
    (tmp_path / "plain").mkdir()
    assert said in run("scan", *args, str(tmp_path / "plain"), cwd=root, code=2).stderr.decode()


def test_a_reader_that_goes_away_is_no_success(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    for args in (["rules"], ["scan"], ["--diff"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([sys.executable, "-c", START, *args], cwd=root, stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, b""), args


def test_output_that_cannot_be_written_is_no_defect_of_ours(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-c", START, "scan"], cwd=root, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2 and b"the system refused: No space left on device" in done.stderr
    assert b"defect" not in done.stderr and b"Exception ignored" not in done.stderr
    command = '"$0" -c "$1" scan <&- >&-; test $? = 2 && exec "$0" -c "$1" scan <&- 2>&-'
    done = subprocess.run(["sh", "-c", command, sys.executable, START], cwd=root, capture_output=True)
    assert done.returncode == 1 and b"findings" in done.stdout and b"standard output is closed" in done.stderr


def test_a_folder_that_is_gone_is_no_obstacle(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo(FAULTY)
    (tmp_path / "gone").mkdir()
    command = 'cd gone && rmdir ../gone && exec "$0" -c "$1" scan "$2"'
    done = subprocess.run(["sh", "-c", command, sys.executable, START, root], cwd=tmp_path, capture_output=True)
    assert done.returncode == 1, done.stderr
    done = subprocess.run(
        ["sh", "-c", command.replace("gone", "away").replace("cd", "mkdir away; cd"), sys.executable, START, "."],
        cwd=tmp_path,
        capture_output=True,
    )
    assert done.returncode == 2 and b"Traceback" not in done.stderr


@pytest.mark.parametrize("where", [".", "lib", "{root}/lib"])
def test_python_path_inside_the_repository_is_not_used(make_repo: MakeRepo, where: str) -> None:
    trap = "open('RAN', 'w')\nraise SystemExit(9)\n"
    names = ("rich", "git", "tomlkit", "fixers/__init__")
    root = make_repo({**FAULTY, **{f"{f}{n}.py": trap for n in names for f in ("", "lib/")}})
    env = {"PYTHONPATH": where.format(root=root)}
    for cwd, path in ((root, "."), (root.parent, str(root)), (root / "lib", ".")):
        run("--apply-all", "--select", "git/unignored-secrets", path, cwd=cwd, env=env)
    assert not list(root.rglob("RAN"))


def test_the_next_commands_can_be_pasted(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    git(root, "remote", "add", "origin", "https://example.org/x.git")
    branch = "a;b$(touch${IFS}PWNED)"
    out = run("--apply-all", "--select", "git/unignored-secrets", "--branch", branch, cwd=root, code=0).stdout.decode()
    commands = [line.strip() for line in out.splitlines() if line.startswith("  git ")]
    assert len(commands) == 3
    subprocess.run(["sh", "-ec", "\n".join(commands[:2])], cwd=root, check=True, capture_output=True)
    assert not (root / "PWNED").exists()
    assert git(root, "rev-parse", "HEAD") == git(root, "rev-parse", branch)
