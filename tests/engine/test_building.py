"""The build has a veto: each fix gets one outcome, whatever was tried on the way, and what did not run is said."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support import git

from fixers import registry
from fixers.config import Config
from fixers.editors.splice import Edit, splice
from fixers.model import Applicability, Applied, Failed, Finding, Outcome, Refused, Result, Rule, Severity, rule
from fixers.options import Options
from fixers.project import MemoryReader, Project
from fixers.scan import run
from fixers.session import Session
from fixers.verify import child, command
from fixers.verify.verifier import Verifier, Wanted
from tui.cli import Interrupted, _signals

MakeRepo = Callable[..., Path]


def replacing(rule_id: str, old: bytes, new: bytes) -> Rule:
    """A rule that finds `old` in any file and puts `new` there."""

    @rule(severity=Severity.HIGH, fix=Applicability.SAFE, bad={}, good={})
    def check(project: Project) -> Iterator[Result]:
        """Old words are used."""
        for path in project.grep([old], "*.txt"):
            start = project.read(path).index(old)
            draft = project.draft()
            draft.edit(path, splice, [Edit(start, start + len(old), new)])
            yield Finding(path, f"says {old.decode()}", line=1, fixes=draft.fixes(f"Say {new.decode()}"))

    return replace(check, id=rule_id)


OLD = replacing("t/old", b"old", b"new")


def built(session: Session, script: str, *, each: bool) -> list[Outcome]:
    wanted = Wanted(each=each, command=shlex.join(["sh", "-c", script]))
    session.agree(wanted, session.build_commands(wanted))
    return [e.outcome for e in session.apply(session.bulk()) if e.outcome]


BOTH = pytest.mark.parametrize("each", [True, False], ids=["each", "batch"])


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(*known: Rule) -> None:
        monkeypatch.setattr(registry, "rules", lambda: known)

    use(OLD)
    return use


@BOTH
def test_several_bad_fixes_are_each_dropped_once(make_repo: MakeRepo, tmp_path: Path, each: bool) -> None:
    root = make_repo({f"{n}.txt": "an old thing\n" for n in "abcdefgh"})
    count = tmp_path / "count"
    script = f"echo x >> {count}; for f in b d e; do grep -q new $f.txt && echo error: $f && exit 1; done; exit 0"
    with Session(root) as session:
        outcomes = built(session, script, each=each)
    assert sorted(o.finding.path[0] for o in outcomes if isinstance(o, Failed)) == ["b", "d", "e"]
    assert sorted(o.finding.path[0] for o in outcomes if isinstance(o, Applied)) == ["a", "c", "f", "g", "h"]
    assert len(count.read_text().split()) <= (9 if each else 14)


@BOTH
def test_of_two_fixes_that_break_only_together_the_first_stays(make_repo: MakeRepo, each: bool) -> None:
    root = make_repo({f"{n}.txt": "an old thing\n" for n in "abc"})
    script = "grep -q new a.txt && grep -q new c.txt && echo error: a and c && exit 1; exit 0"
    with Session(root) as session:
        outcomes = built(session, script, each=each)
        assert [(type(o), o.finding.path) for o in outcomes if o.finding.path != "b.txt"] == [
            (Applied, "a.txt"),
            (Failed, "c.txt"),
        ]
        assert "new" in git(root, "show", f"{session.target}:b.txt")


@BOTH
def test_what_only_a_dropped_fix_would_have_mended_is_mended_and_told_once(
    make_repo: MakeRepo, rules: Callable[..., None], each: bool
) -> None:
    rules(replacing("t/a", b"old thing", b"bad"), OLD)
    root = make_repo({"x.txt": "an old thing\n"})
    with Session(root) as session:
        outcomes = built(session, "grep -q bad x.txt && echo error: bad && exit 1; exit 0", each=each)
        assert [(type(o), o.finding.rule) for o in outcomes] == [(Failed, "t/a"), (Applied, "t/old")]
        assert git(root, "show", f"{session.target}:x.txt") == "an new thing"


def test_a_fix_that_makes_the_build_hang_is_dropped_and_a_tool_that_is_missing_is_said(tmp_path: Path) -> None:
    def checkout(commit: str) -> Path:
        (tmp_path / "state").write_text(commit)
        return tmp_path

    sleeps = command.Command(("sh", "-c", "grep -q tip state && sleep 30; exit 0"), kind=command.CARGO)
    absent = command.Command(("no-such-go", "build", "./x"), kind=command.GO)
    verify = Verifier(checkout, (sleeps, absent), scratch=tmp_path / "scratch", limits=child.Limits(seconds=0.6))
    assert verify.baseline("base") == ""
    assert "no-such-go is not installed" in verify.unreached(["a.go"])
    assert verify.unreached(["a.py", ".github/workflows/ci.yml"]) == ""
    verdict = verify.check("tip", Project(MemoryReader({})), ())
    assert any("stopped after" in f for f in verdict.added)


def test_a_command_of_the_tree_is_looked_for_in_the_copy(tmp_path: Path) -> None:
    script = tmp_path / "check.sh"
    script.write_text("#!/bin/sh\necho here\n")
    script.chmod(0o755)
    assert child.run(("./check.sh",), tmp_path, {}).output == "here\n"


def test_a_lower_limit_of_the_caller_is_kept(tmp_path: Path) -> None:
    code = f"from fixers.verify.child import *; print(run(('echo', 'ran'), Path({str(tmp_path)!r}), {{}}).output)"
    words = ["sh", "-c", 'ulimit -f 2000 && exec "$0" -c "$1"', sys.executable, code]
    done = subprocess.run(words, capture_output=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.stdout == b"ran\n\n", done.stderr


@pytest.mark.parametrize("words", ["", " ", "'", ("",)])
def test_a_command_that_is_none_is_refused(words: str | tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        command.named(words, "user")


def test_what_has_a_say_in_the_toolchain_is_named_wherever_the_build_runs(make_repo: MakeRepo) -> None:
    names = (".cargo/config.toml", "a/rust-toolchain.toml", "a/b/.cargo/config", "go.work", "elsewhere/go.work")
    root = make_repo({**dict.fromkeys(names, ""), "a/b/Cargo.toml": '[package]\nname = "b"\n'})
    with Session(root, write=False) as session:
        assert session.overrides() == (".cargo/config.toml", "a/b/.cargo/config", "a/rust-toolchain.toml", "go.work")


# signals


def interrupting(number: int) -> Rule:
    @rule(severity=Severity.LOW, fix=Applicability.SAFE, bad={}, good={})
    def check(project: Project) -> Iterator[Result]:
        """Somebody stops the program here."""
        os.kill(os.getpid(), number)
        time.sleep(5)
        yield Finding("x", "never")

    return replace(check, id="t/stop")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_inside_a_rule_stops_the_run_and_a_second_one_is_too_late(number: int, code: int) -> None:
    before = signal.signal(number, signal.default_int_handler)  # what is ignored (nohup) stays ignored
    try:
        with _signals():
            with pytest.raises(Interrupted) as stopped:
                run(interrupting(number), Project(MemoryReader({})), Config())
            os.kill(os.getpid(), number)
        assert stopped.value.code == code and signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def test_a_signal_during_a_build_ends_all_that_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    later = threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGTERM))
    with _signals(), pytest.raises(Interrupted):
        later.start()
        child.run(("sh", "-c", f"(sleep 1.5; touch {shlex.quote(str(mark))}) & sleep 20"), tmp_path, {})
    time.sleep(1.6)
    assert not mark.exists()


# around the commits


def test_a_mail_is_from_the_author(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bea")
    with Session(make_repo({"a.txt": "old"}), write=False) as session:
        assert b"From: Bea <ada@example.org>" in session.mbox(session.preview(session.bulk()))


def test_an_ignore_is_not_written_beside_a_configuration_named_by_hand(make_repo: MakeRepo, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("")
    with Session(make_repo({"a.txt": "old"}), Options(config_file=tmp_path / "mine.toml")) as session:
        finding = session.scan_now().result().findings[0]
        with pytest.raises(Refused, match="--config"):
            session.suppress(finding, "because")


@pytest.mark.parametrize("name", ["a{b,c}*.txt", "a\udcff.txt", 'q"uote.txt'])
def test_any_name_can_be_set_aside(make_repo: MakeRepo, name: str) -> None:
    with Session(make_repo({name: "old"})) as session:
        session.suppress(session.scan_now().result().findings[0], "they \x7f said so")
        result = session.scan_now().result()
        assert (len(result.findings), len(result.suppressed)) == (0, 1)


def test_what_the_configuration_sets_aside_stops_no_fix(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(replacing("t/first", b"thing", b"worn tool"), replacing("t/worn", b"worn", b"fresh"))
    config = '[[ignore]]\nrule = "t/worn"\nreason = "we like it"\n'
    with Session(make_repo({"a.txt": "a thing\n", "readiness-fix.toml": config})) as session:
        assert [type(e.outcome) for e in session.apply(session.bulk()) if e.outcome] == [Applied]
