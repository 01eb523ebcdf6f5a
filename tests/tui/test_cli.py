"""The command line: documented exit codes, sentences instead of traces, raw to a pipe."""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from support import ROOT, git

from tui.exits import VERSION

MakeRepo = Callable[..., Path]
SCHEMA = json.loads((ROOT / "fixers/reports/scan.schema.json").read_text())
FAULTY = {".gitignore": "target/\n", "app.py": "import sqlite3\nDB = sqlite3.connect('data/app.db')\n"}
START = f"import sys; sys.path[0] = {str(ROOT)!r}; from tui.cli import main; sys.exit(main())"


def run(
    *args: str, cwd: Path, code: int | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [sys.executable, "-c", START, *args], cwd=cwd, capture_output=True, env={**os.environ, **(env or {})}
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    if code is not None:
        assert done.returncode == code, (done.stdout.decode(), done.stderr.decode())
    return done


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert run("--version", cwd=tmp_path, code=0).stdout.decode() == f"readiness-fix {VERSION}\n"


def test_scan_says_what_and_where(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    out = run("scan", "--select", "git/unignored-secrets", cwd=root, code=1).stdout.decode()
    assert "git/unignored-secrets" in out and "1 finding (1 high) in 2 files, 1 rule" in out
    assert run("scan", "--select", "docker", cwd=root, code=0).stdout.decode().endswith(" s.\n")


def test_json_keeps_to_its_schema(make_repo: MakeRepo) -> None:
    root = make_repo({**FAULTY, "big.bin": b"\0" * 10, "odd\nname.py": "x = 1\n"})
    os.rename(root / "odd\nname.py", os.fsencode(root) + b"/odd\xff.py")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "names")
    done = run("scan", "--format", "json", cwd=root, code=1)
    report = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert report["repository"]["commit"] == git(root, "rev-parse", "HEAD")
    assert report["summary"]["findings"] == len(report["findings"]) > 0
    assert all(re.fullmatch("[0-9a-f]{12}", f["id"]) for f in report["findings"])


def test_a_folder_that_is_no_repository_can_be_scanned_but_not_mended(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for name, text in FAULTY.items():
        (folder / name).write_text(text)
    out = run("scan", "--select", "git/unignored-secrets", cwd=folder, code=1).stdout.decode()
    assert "it can be scanned, not mended" in out
    said = run("--apply-all", cwd=folder, code=2).stderr.decode()
    assert "is not in a git repository" in said and "git init" in said


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["--patches"], "--patches goes with --diff"),
        (["--apply-all", "--diff"], "choose one"),
        (["scan", "/nonexistent/folder"], "does not exist"),
        (["explain", "git/unignored-secret"], "did you mean git/unignored-secrets"),
        (["undo"], "name one finding to undo, or --all"),
        (["scan", "--config", "missing.toml"], "--config missing.toml"),
        (["scan", "--select", "dockr/root-user"], "there is no rule dockr/root-user; did you mean docker/root-user"),
        (["scan", "--ignore", "nonsense-of-mine"], "there is no rule nonsense-of-mine"),
        (["scan", "--select", "docker", "--ignore", "docker"], "no rule is left to look with"),
        (["scan", "--path", "nowhere"], "--path nowhere: no file of the commit lies below that folder"),
        (["--select", "docker", "scan"], "a command comes first: readiness-fix scan ..."),
        (["--quiet", "scan", "."], "a command comes first: readiness-fix scan ..."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(make_repo: MakeRepo, args: list[str], said: str) -> None:
    done = run(*args, cwd=make_repo(FAULTY), code=2)
    assert said in done.stderr.decode()


def test_a_wrong_configuration_says_key_line_and_what_was_expected(make_repo: MakeRepo) -> None:
    root = make_repo({**FAULTY, "readiness-fix.toml": 'min-severity = "huge"\n'})
    said = run("scan", cwd=root, code=2).stderr.decode()
    assert "readiness-fix.toml:1: `min-severity`: expected one of low" in said


def test_a_configuration_that_selects_no_rule_is_no_green_light(make_repo: MakeRepo) -> None:
    root = make_repo({**FAULTY, "readiness-fix.toml": 'select = ["gitt"]\n'})
    assert "readiness-fix.toml: `select`: there is no rule gitt" in run("scan", cwd=root, code=2).stderr.decode()


@pytest.mark.parametrize("under", ["src", "./src/", "."])
def test_a_folder_may_be_written_in_several_ways(make_repo: MakeRepo, under: str) -> None:
    root = make_repo({"src/app.py": 'import yaml\nyaml.load(open("x"), Loader=yaml.Loader)\n'})
    out = run("scan", "--path", under, "--select", "python/unsafe-yaml-load", cwd=root, code=1).stdout
    assert b"src/app.py:2" in out


def test_what_is_not_committed_is_said_to_be_left_out(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    select = ("--select", "git/unignored-secrets")
    (root / "readiness-fix.toml").write_text('[[ignore]]\nrule = "git"\nreason = "mine"\n')
    (root / "app.py").write_text("print()\n")
    out = run("scan", *select, cwd=root, code=1).stdout.decode()
    assert "readiness-fix.toml has uncommitted changes, which have no effect" in out
    assert "1 file has uncommitted edits, which are not looked at" in out
    assert "Note: " not in run("scan", *select, "--quiet", cwd=root, code=1).stdout.decode()
    assert b"--config" not in run("scan", *select, "--config", "readiness-fix.toml", cwd=root, code=0).stdout
    assert "Note: readiness-fix.toml" in run("--diff", *select, cwd=root, code=1).stderr.decode()
    git(root, "add", "-A")
    git(root, "commit", "-qm", "configured")
    assert b"Note: " not in run("scan", *select, cwd=root, code=0).stdout


def test_a_file_or_a_folder_of_a_repository_stands_for_the_whole_and_that_is_said(make_repo: MakeRepo) -> None:
    root = make_repo({**FAULTY, "src/a.py": "x = 1\n"}, name="shop")
    select = ("--select", "git/unignored-secrets")
    said = "lies in shop, which is looked at as a whole; --path is for a part"
    assert f"Note: app.py {said}" in run("scan", "app.py", *select, cwd=root, code=1).stdout.decode()
    assert f"Note: src {said}" in run("scan", *select, cwd=root / "src", code=1).stdout.decode()
    assert b"lies in" not in run("scan", *select, "--path", "src", cwd=root).stdout
    assert b"lies in" not in run("scan", ".git", *select, cwd=root, code=1).stdout


def test_one_sentence_for_all_rules_that_say_the_same(make_repo: MakeRepo) -> None:
    out = run("scan", "--select", "go", cwd=make_repo(FAULTY), code=0).stdout.decode()
    assert out.count("no *.go here") == 1
    listed = out.partition("no *.go here:\n")[2].partition("\n\n")[0]
    assert "go/server-without-timeouts, " in listed
    assert all(line.startswith("    go/") and len(line) <= 100 for line in listed.splitlines())


def test_diff_is_raw_for_a_pipe_and_writes_nothing(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo(FAULTY)
    state = tmp_path / "state"
    before = sorted(p for p in root.rglob("*"))
    done = run("--diff", "--select", "git/unignored-secrets", cwd=root, code=1, env={"XDG_STATE_HOME": str(state)})
    assert sorted(p for p in root.rglob("*")) == before and not state.exists()
    git(root, "apply", "--check", "-", data=done.stdout)
    assert run("--diff", "--select", "docker", cwd=root, code=0).stdout == b""
    mails = run("--diff", "--patches", "--select", "git/unignored-secrets", cwd=root, code=1).stdout
    git(root, "am", "-q", data=mails)


def test_apply_all_then_undo(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    out = run("--apply-all", "--select", "git/unignored-secrets", cwd=root, code=0).stdout.decode()
    branch = re.search(r"1 fix committed on (\S+)\.", out)
    assert branch, out
    assert f"git merge --ff-only {branch[1]}" in out
    assert git(root, "status", "--porcelain") == "" and git(root, "symbolic-ref", "HEAD") == "refs/heads/main"
    trailer = git(root, "log", "-1", "--format=%(trailers:key=Readiness-Finding,valueonly)", branch[1]).strip()
    again = run("--apply-all", "--select", "git/unignored-secrets", cwd=root, code=0)
    said = again.stdout.decode()
    assert f"0 fixes committed, 1 on {branch[1]} from before." in said and "git merge --ff-only" in said
    assert b"uncommitted" not in again.stderr, "our own branch is no edit of theirs"
    (root / "readiness-fix.toml").write_text("options = 3\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "a configuration that is wrong")
    assert "taken back" in run("undo", trailer, cwd=root, code=0).stdout.decode()
    assert run("undo", trailer, cwd=root, code=2).stderr


def test_undo_all_takes_no_for_an_answer(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    run("--apply-all", "--select", "git/unignored-secrets", cwd=root, code=0)
    before = git(root, "for-each-ref")
    assert "Nothing was undone" in run("undo", "--all", cwd=root, code=2).stdout.decode()
    assert git(root, "for-each-ref") == before and "readiness/" in before
    assert "is gone" in run("undo", "--all", "--yes", cwd=root, code=0).stdout.decode()
    assert "readiness/" not in git(root, "for-each-ref")


def test_undo_all_leaves_the_commits_of_others(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    run("--apply-all", "--select", "git/unignored-secrets", cwd=root, code=0)
    branch = git(root, "for-each-ref", "--format=%(refname)", "refs/heads/readiness").strip()
    tree = git(root, "rev-parse", f"{branch}^{{tree}}").strip()
    git(root, "update-ref", branch, git(root, "commit-tree", "-m", "theirs", "-p", branch, tree).strip())
    assert b"not ours" in run("undo", "--all", "--yes", cwd=root, code=2).stderr
    assert branch in git(root, "for-each-ref")


def test_there_is_no_patch_on_a_repository_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert b"there is no commit yet" in run("--diff", cwd=tmp_path, code=2).stderr


def test_a_path_named_like_a_command(make_repo: MakeRepo, tmp_path: Path) -> None:
    make_repo(FAULTY, name="scan")
    assert b"HIGH (1)" in run("scan", "./scan", "--select", "git/unignored-secrets", cwd=tmp_path, code=1).stdout
    assert run("./scan", "--diff", "--select", "git/unignored-secrets", cwd=tmp_path, code=1).stdout


def test_no_name_no_commit_and_the_command_to_run(make_repo: MakeRepo) -> None:
    root = make_repo(FAULTY)
    git(root, "config", "--unset", "user.name")
    git(root, "config", "--unset", "user.email")
    said = run("--apply-all", "--select", "git/unignored-secrets", cwd=root, code=2).stderr.decode()
    assert "git config" in said and "user.name" in said


def test_the_repositorys_modules_are_never_imported(make_repo: MakeRepo) -> None:
    trap = "open('RAN', 'w')\nraise SystemExit(9)\n"
    names = (
        "git",
        "textual",
        "tomllib",
        "argparse",
        "multiprocessing",
        "yaml",
        "fixers/__init__",
        "tui/__init__",
        "rich",
    )
    root = make_repo({**FAULTY, **{f"{n}.py": trap for n in names}})
    run("--apply-all", "--select", "git/unignored-secrets", cwd=root, code=0, env={"PYTHONPATH": ""})
    assert not (root / "RAN").exists()


def test_yes_does_not_cover_a_command_of_the_repository(make_repo: MakeRepo) -> None:
    root = make_repo({**FAULTY, "readiness-fix.toml": 'verify = ["touch", "/tmp/readiness-canary"]\n'})
    canary = Path("/tmp/readiness-canary")
    canary.unlink(missing_ok=True)
    done = run("--apply-all", "--verify", "--yes", "--select", "git/unignored-secrets", cwd=root, code=3)
    assert not canary.exists()
    assert "touch /tmp/readiness-canary" in done.stderr.decode() and "unverified" in done.stdout.decode()
    again = run("--apply-all", "--verify", "--yes", "--select", "git/unignored-secrets", cwd=root, code=3)
    assert "no build has agreed to it" in again.stdout.decode()


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_scripts(tmp_path: Path, shell: str) -> None:
    assert b"apply" in run("completion", shell, cwd=tmp_path, code=0).stdout


@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        (("sc",), "scan", "rules"),
        (("",), "undo", "--diff"),
        (("--app",), "--apply-all", "--all"),
        (("scan", "--"), "--format", "--apply-all"),
        (("scan", "--format", ""), "json", "scan"),
        (("scan", "--min-severity", "h"), "high", "low"),
        (("undo", "--"), "--all", "--diff"),
        (("completion", ""), "zsh", "scan"),
        (("scan", "--audit", "AU"), "AUDIT.md", "src"),
        (("scan", "--path", "s"), "src", "AUDIT.md"),
    ],
)
def test_bash_completes_commands_options_values_and_files(
    tmp_path: Path, words: tuple[str, ...], offered: str, not_offered: str
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "AUDIT.md").touch()
    script = completion_script()
    quoted = " ".join(shlex.quote(w) for w in ("readiness-fix", *words))
    ask = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _shtab_readiness_fix"
    done = subprocess.run(
        ["bash", "-c", f'{script}\n{ask}\nprintf "%s\\n" "${{COMPREPLY[@]}}"'], cwd=tmp_path, capture_output=True
    )
    found = done.stdout.decode().split()
    assert offered in found and not_offered not in found, done.stderr.decode()


@functools.cache
def completion_script() -> str:
    return run("completion", "bash", cwd=ROOT, code=0).stdout.decode()
