"""The project's own build: compared as sets, limited, scrubbed, never called verified when nothing ran."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixers.project import MemoryReader, Project
from fixers.verify import child, command, failures, reaper
from fixers.verify.verifier import Verifier, Wanted, commands

PROJECT = Project(MemoryReader({"a.txt": ""}))


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def verifier(tmp_path: Path, trees: dict[str, str], *build: command.Command, seconds: float = 20) -> Verifier:
    """A verifier over commits that each hold one file, `state`."""

    def checkout(commit: str) -> Path:
        folder = tmp_path / "copy"
        folder.mkdir(exist_ok=True)
        (folder / "state").write_text(trees[commit])
        return folder

    return Verifier(checkout, build, scratch=tmp_path / "scratch", limits=child.Limits(seconds=seconds))


SAYS = command.Command(python("import sys; t=open('state').read(); print(t); sys.exit(1 if 'error' in t else 0)"))


@pytest.mark.parametrize(
    ("before", "after", "good"),
    [
        ("fine", "fine", True),
        ("fine", "error: a", False),
        ("error: a", "error: a", True),  # a red baseline is no obstacle
        ("error: a\nerror: b", "error: a", True),  # mending is welcome
        ("error: a", "error: a\nerror: b", False),
        ("error: a.c:10 x", "error: a.c:99 x", True),  # lines move
    ],
)
def test_failures_are_compared_as_sets(tmp_path: Path, before: str, after: str, good: bool) -> None:
    verify = verifier(tmp_path, {"base": before, "tip": after}, SAYS)
    assert verify.baseline("base") == ""
    verdict = verify.check("tip", PROJECT, ())
    assert verdict.good is good
    assert bool(verdict.log) is not good


def test_a_tool_that_is_missing_makes_it_unusable(tmp_path: Path) -> None:
    verify = verifier(tmp_path, {"base": "", "tip": ""}, command.Command(("no-such-tool-here", "check")))
    assert "no-such-tool-here is not installed" in verify.baseline("base")
    verdict = verify.check("tip", PROJECT, ())
    assert not verdict.good and verdict.commands == () and "not installed" in verdict.unusable


def test_no_command_at_all_is_said(tmp_path: Path) -> None:
    assert "name one with --verify-with" in verifier(tmp_path, {"base": ""}).baseline("base")


def test_a_build_that_hangs_is_stopped_with_everything_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    later = f"import time; time.sleep(2); open({str(mark)!r}, 'w')"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {later!r}]); time.sleep(60)"
    ran = child.run(python(code), tmp_path, {}, child.Limits(seconds=0.7))
    assert ran.stopped == "stopped after 1 s" and ran.seconds < 10
    time.sleep(2)
    assert not mark.exists(), "a grandchild outlived the build"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the process group is ended")
@pytest.mark.parametrize("hangs", [True, False], ids=["stopped", "ended by itself"])
def test_a_process_that_leaves_session_group_and_parent_ends_with_the_build(tmp_path: Path, hangs: bool) -> None:
    mark = tmp_path / "pid"
    stray = (
        f"import os, time; p = {str(mark)!r}; f = open(p + '.new', 'w'); f.write(str(os.getpid())); f.close(); "
        "os.rename(p + '.new', p); time.sleep(30)"
    )
    code = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.closerange(0, 3)\n"
        f"        os.execve(sys.executable, ['stray', '-c', {stray!r}], {{}})\n"
        "    os._exit(0)\n"
        f"while {hangs} or not os.path.exists({str(mark)!r}):\n"
        "    time.sleep(0.05)\n"
    )
    ran = child.run(python(code), tmp_path, {}, child.Limits(seconds=3 if hangs else 60))
    assert bool(ran.stopped) is hangs
    time.sleep(0.2)
    assert mark.read_text()
    assert not Path("/proc", mark.read_text()).exists(), "a stray process outlived the build"


def test_the_exit_code_is_the_commands(tmp_path: Path) -> None:
    assert child.run(python("raise SystemExit(7)"), tmp_path, {}).code == 7
    assert child.run(python("import os; os.kill(os.getpid(), 9)"), tmp_path, {}).code not in (0, 126, 127)
    (tmp_path / "odd").write_bytes(b"\x7fELF")
    (tmp_path / "odd").chmod(0o755)
    assert child.run(("./odd",), tmp_path, {}).code == 126


def test_processes_and_memory_are_limited(tmp_path: Path) -> None:
    many = "import os, time\nfor _ in range(12):\n    if os.fork() == 0: time.sleep(20); os._exit(0)\ntime.sleep(20)"
    assert "processes" in child.run(python(many), tmp_path, {}, child.Limits(processes=8)).stopped
    large = "import time; x = b'x' * 300_000_000; time.sleep(20)"
    assert "memory" in child.run(python(large), tmp_path, {}, child.Limits(memory=150_000_000)).stopped


def test_the_environment_is_scrubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    code = "import os; print(sorted(os.environ))"
    ran = child.run(python(code), tmp_path, {"HOME": str(tmp_path)})
    assert "AWS_SECRET" not in ran.output and "GIT_DIR" not in ran.output and "HOME" in ran.output
    assert os.environ["AWS_SECRET_ACCESS_KEY"]


CARGO = command.Command(("cargo", "check"), kind=command.CARGO)
GO = command.Command(("go", "test", "-json", "./..."), kind=command.GO, tests=True)
ERROR = (
    '{"reason":"compiler-message","message":{"level":"error","message":"mismatched types",'
    '"rendered":"error[E0308]: mismatched types\\n","spans":'
    '[{"is_primary":true,"file_name":"src/a.rs","line_start":%d}]}}'
)


@pytest.mark.parametrize(
    ("what", "output", "found"),
    [
        (CARGO, ERROR % 3 + "\nerror: could not compile `a` (lib)\n", {"src/a.rs: mismatched types"}),
        (CARGO, ERROR % 77, {"src/a.rs: mismatched types"}),
        (CARGO, "test deep::works ... FAILED\n", {"test deep::works"}),
        (CARGO, "error: failed to parse manifest\n", {"error: failed to parse manifest"}),
        (GO, "./a.go:3:4: undefined: x\n", {"./a.go: undefined: x"}),
        (GO, '{"Action":"fail","Package":"p","Test":"TestX"}\n', {"test p TestX"}),
        (GO, "something else\n", {"go test -json ./... fails (exit 1)"}),
    ],
)
def test_what_the_tools_say_is_read_without_line_numbers(what: command.Command, output: str, found: set[str]) -> None:
    assert failures.failures(what, output, 1) == found
    assert failures.failures(what, output, 0) == frozenset()


def test_commands_are_read_off_the_tree() -> None:
    tree = {
        "Cargo.toml": '[workspace]\nmembers = ["a"]\n',
        "Cargo.lock": "",
        "a/Cargo.toml": '[package]\nname = "aa"\n',
        "a/src/lib.rs": "",
        "srv/go.mod": "module x\n",
        "srv/p/x.go": "package p\n",
        "tool.py": "",
        "test_tool.py": "",
    }
    project = Project(MemoryReader(tree))
    assert [c.shown for c in commands(project, (), Wanted())] == [
        "cargo check --workspace --all-targets --keep-going --locked",
        "go build ./...  (in srv)",
        "go vet ./...  (in srv)",
        "python3 -m compileall -q .",
    ]
    tests = command.for_tests(project, ["a/src/lib.rs", "srv/p/x.go", "tool.py"])
    assert [c.shown for c in tests] == [
        "cargo test --package aa --all-targets --no-fail-fast --locked",
        "go test -json ./p  (in srv)",
        "python3 -m pytest -q -rf -p no:cacheprovider",
    ]
    assert [c.source for c in commands(project, ("make", "x"), Wanted())] == ["configuration"]
    assert [c.argv for c in commands(project, ("make",), Wanted(command="just build"))] == [("just", "build")]


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux")
def test_a_process_cannot_hide_behind_its_name() -> None:
    named = r"ctypes.CDLL(None).prctl(15, b'\xff\xfe) S 1', 0, 0, 0)"
    code = f"import ctypes, time; {named}; print(flush=True); time.sleep(60)"
    with subprocess.Popen(python(code), stdout=subprocess.PIPE) as hidden:
        assert hidden.stdout
        hidden.stdout.readline()
        try:
            assert hidden.pid in reaper.family(os.getpid())
        finally:
            hidden.kill()
