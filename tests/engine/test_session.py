"""The session: what is shown is what is committed, builds have a veto, nothing runs without a yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support import git

from fixers import registry
from fixers.editors.splice import Edit, splice
from fixers.model import (
    Applicability,
    Applied,
    Choice,
    Event,
    Failed,
    Finding,
    Refused,
    Result,
    Rule,
    Severity,
    Skipped,
    rule,
)
from fixers.options import Options
from fixers.project import Project
from fixers.session import Session
from fixers.verify.verifier import Wanted

MakeRepo = Callable[..., Path]


def replacing(rule_id: str, old: bytes, new: bytes, applicability: Applicability = Applicability.SAFE) -> Rule:
    """A rule that finds `old` in any file and puts `new` there."""

    @rule(severity=Severity.HIGH, fix=applicability, bad={}, good={})
    def check(project: Project) -> Iterator[Result]:
        """Old words are used.

        They were replaced long ago, and new readers do not know them.
        """
        for path in project.grep([old]):
            start = project.read(path).index(old)
            draft = project.draft()
            draft.edit(path, splice, [Edit(start, start + len(old), new)])
            yield Finding(path, f"says {old.decode()}", line=1, fixes=draft.fixes(f"Say {new.decode()}", reason="why"))

    return replace(check, id=rule_id)


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(*known: Rule) -> None:
        monkeypatch.setattr(registry, "rules", lambda: known)

    return use


def applied(session: Session, *, unsafe: bool = False) -> list[Event]:
    return list(session.apply(session.bulk(unsafe=unsafe)))


FILES = {"a.txt": "one old thing\r\n", "b.txt": "another old thing", "sub/c.txt": "worn\n", "d.txt": "kept\n"}
OLD = replacing("t/old", b"old", b"new")
WORN = replacing("t/worn", b"worn", b"fresh", Applicability.UNSAFE)


def test_the_patch_is_the_branch_and_git_takes_it(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD, WORN)
    root = make_repo(FILES)
    with Session(root, write=False) as session:
        patched = session.preview(session.bulk(unsafe=True))
        patch, mails = session.patch(patched), session.mbox(patched)
    with Session(root) as session:
        events = applied(session, unsafe=True)
    assert [type(e.outcome) for e in events if e.outcome] == [Applied] * 3
    tree = git(root, "rev-parse", f"{session.target}^{{tree}}")
    git(root, "apply", "--index", "-", data=patch)
    assert git(root, "write-tree") == tree
    git(root, "reset", "-q", "--hard")
    git(root, "am", "-q", data=mails)
    assert git(root, "rev-parse", "HEAD^{tree}") == tree
    assert git(root, "log", "-3", "--format=%B") == git(root, "log", "-3", "--format=%B", session.target)


def test_safe_fixes_are_applied_and_the_rest_is_told(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD, WORN)
    with Session(make_repo(FILES)) as session:
        plan = session.bulk()
        assert [c.finding.path for c in plan.choices] == ["a.txt", "b.txt"]
        assert [(f.path, why) for f, why in plan.left] == [("sub/c.txt", "unsafe: why")]


def test_a_second_run_goes_on_where_the_first_ended(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD, WORN)
    root = make_repo(FILES)
    with Session(root) as session:
        applied(session)
        first = session.target
    with Session(root) as session:
        assert session.target == first and len(session.applied) == 2
        assert [f.path for f in session.scan_now().result().findings] == ["sub/c.txt"]
        applied(session, unsafe=True)
        assert session.target == first
    assert git(root, "rev-list", "--count", f"main..{first}") == "3"


def test_a_second_look_knows_what_is_clean_and_what_no_build_has_seen(
    make_repo: MakeRepo, rules: Callable[..., None]
) -> None:
    rules(OLD)
    root = make_repo(FILES)
    with Session(root) as session:
        applied(session)
    with Session(root) as session:
        assert session.dirty == frozenset(), "the work tree is as HEAD has it"
        assert set(session.unbuilt) == set(session.applied) and set(session.titles.values()) == {"Say new"}
        (root / "a.txt").write_text("mine\n")
    with Session(root) as session:
        assert session.dirty == frozenset({"a.txt"})


def test_hooks_that_will_not_run_and_signatures_that_will_miss_are_said(
    make_repo: MakeRepo, rules: Callable[..., None]
) -> None:
    rules(OLD)
    root = make_repo(FILES)
    git(root, "config", "commit.gpgSign", "true")
    (root / ".git/hooks").mkdir(exist_ok=True)
    (root / ".git/hooks/pre-commit").write_text("#!/bin/sh\nexit 1\n")
    with Session(root) as session:
        assert [n.split()[:2] for n in session.notes] == [["the", "hooks"], ["commits", "are"]]
    with Session(root, Options(sign=True)) as session:
        assert [n.split()[:2] for n in session.notes] == [["the", "hooks"]]
    with Session(root, write=False) as session:
        assert session.notes == ()


def test_only_where_there_is_a_remote_is_a_push_advised(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD)
    root = make_repo(FILES)
    with Session(root) as session:
        applied(session)
        assert not any("push" in c for c in session.next_commands())
    git(root, "remote", "add", "up.stream", "https://example.org/x.git")
    with Session(root) as session:
        assert session.next_commands()[-1] == f"git push -u up.stream {session.target}"


def test_a_diff_that_an_earlier_fix_changed_is_told(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    @rule(severity=Severity.LOW, fix=Applicability.SAFE, bad={}, good={})
    def listing(project: Project) -> Iterator[Result]:
        """A list lacks files."""
        names = " ".join(project.files("*.txt"))
        if project.text("list") != names:
            draft = project.draft()
            draft.edit("list", lambda data: names.encode())
            yield Finding("list", "is old", fixes=draft.fixes("List the files"))

    @rule(severity=Severity.HIGH, fix=Applicability.SAFE, bad={}, good={})
    def adding(project: Project) -> Iterator[Result]:
        """A file is missing."""
        if not project.exists("b.txt"):
            draft = project.draft()
            draft.create("b.txt", "")
            yield Finding("b.txt", "is missing", fixes=draft.fixes("Add it"))

    rules(replace(listing, id="t/listing"), replace(adding, id="t/adding"))
    with Session(make_repo({"a.txt": "", "list": ""})) as session:
        notes = {e.outcome.finding.rule: e.outcome.note for e in applied(session) if isinstance(e.outcome, Applied)}
    assert notes["t/adding"] == "" and "changed its diff" in notes["t/listing"]


def test_a_stop_leaves_whole_commits(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD)
    with Session(make_repo(FILES)) as session:
        plan = session.bulk()
        answers = iter([False, True])
        events = list(session.apply(plan, lambda: next(answers)))
        outcomes = [e.outcome for e in events if e.outcome]
        assert [type(o) for o in outcomes] == [Applied, Skipped]
        assert list(session.applied) == [plan.choices[0].finding.id]


def test_a_wrong_edit_is_refused_for_each_check(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    useless = replacing("t/useless", b"kept", b"kept!")  # the rule still finds it
    breaking = replacing("t/breaking", b"= 1", b"= = 1")  # the file no longer parses
    spreading = replacing("t/spreading", b"thing", b"worn tool")  # another rule finds more
    rules(useless, breaking, spreading, WORN)
    with Session(make_repo({"d.txt": "kept", "e.toml": "a = 1\n", "f.txt": "a thing"})) as session:
        outcomes = {e.outcome.finding.rule: e.outcome for e in applied(session) if e.outcome}
    said = {name: o.reason for name, o in outcomes.items() if isinstance(o, Failed)}
    assert said["t/useless"] == "the rule still finds the fault after the edit"
    assert said["t/breaking"].startswith("e.toml would no longer parse")
    assert said["t/spreading"] == "the edit would bring a new finding: t/worn in f.txt: says worn"
    assert session.applied == {}


def test_what_comes_after_a_fix_is_the_next_step_and_no_new_fault(
    make_repo: MakeRepo, rules: Callable[..., None]
) -> None:
    first = replacing("t/first", b"thing", b"worn tool")
    rules(first, replace(WORN, after=("t/first",), fix=Applicability.SAFE))
    root = make_repo({"a.txt": "a thing\n"})
    with Session(root, write=False) as session:
        patched = session.preview(session.bulk())
    with Session(root) as session:
        outcomes = [e.outcome for e in applied(session) if e.outcome]
        assert [(type(o), o.finding.rule) for o in outcomes] == [(Applied, "t/first"), (Applied, "t/worn")]
        assert git(root, "show", f"{session.target}:a.txt") == "a fresh tool"
    assert [c.after for c in patched.changes] == [b"a fresh tool\n"]


def test_one_fix_may_mend_another_finding(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(replacing("t/a", b"old thing", b"x"), OLD)
    with Session(make_repo({"a.txt": "old thing"})) as session:
        kinds = [type(e.outcome) for e in applied(session) if e.outcome]
    assert kinds == [Applied, Skipped]


def test_a_persons_own_edit_is_checked_and_committed(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD)
    root = make_repo(FILES)
    with Session(root) as session:
        finding = session.scan_now().result().findings[0]
        fix = finding.fix
        assert fix is not None
        with pytest.raises(Refused, match="still finds"):
            session.edited(finding, fix, "a.txt", b"one old thing, really\r\n")
        mine = session.edited(finding, fix, "a.txt", b"one modern thing\r\n")
        list(session.apply(session.plan([Choice(finding, mine)])))
        assert git(root, "show", f"{session.target}:a.txt") == "one modern thing"
        assert "Readiness-Safety: unsafe (edited by hand)" in git(root, "log", "-1", "--format=%B", session.target)


def test_a_reason_becomes_an_ignore_in_a_commit_of_its_own(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD)
    root = make_repo({**FILES, "readiness-fix.toml": "select = []"})
    with Session(root) as session:
        finding = session.scan_now().result().findings[0]
        session.suppress(finding, 'they said "old" \\ on purpose')
        assert finding.id not in {f.id for f in session.scan_now().result().findings}
        target = session.target
    text = git(root, "show", f"{target}:readiness-fix.toml")
    assert text.startswith("select = []\n\n[[ignore]]") and 'reason = "they said \\"old\\" \\\\ on purpose"' in text
    assert git(root, "diff", "--stat", "main", target).count("|") == 1


def test_what_was_undone_is_found_again(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD)
    root = make_repo(FILES)
    with Session(root) as session:
        applied(session)
        gone = next(iter(session.applied))
        session.undo(gone)
        assert gone not in session.applied and len(session.applied) == 1
        assert gone in {f.id for f in session.scan_now().result().findings}


def verified(session: Session, *argv: str, each: bool = False) -> list[Event]:
    import shlex

    wanted = Wanted(each=each, command=shlex.join(argv))
    session.agree(wanted, session.build_commands(wanted))
    return applied(session)


@pytest.mark.parametrize("each", [True, False], ids=["each", "batch"])
def test_a_fix_that_breaks_the_build_is_dropped_and_the_others_stay(
    make_repo: MakeRepo, rules: Callable[..., None], each: bool
) -> None:
    rules(OLD)
    files = {f"{n}.txt": "an old thing\n" for n in "abcdef"}
    root = make_repo(files)
    build = "grep -c new d.txt >/dev/null && echo 'error: d was changed' && exit 1; exit 0"
    with Session(root) as session:
        events = verified(session, "sh", "-c", build, each=each)
        outcomes = [e.outcome for e in events if e.outcome]
        lost = [o for o in outcomes if isinstance(o, Failed)]
        done = [o for o in outcomes if isinstance(o, Applied)]
        assert [o.finding.path for o in lost] == ["d.txt"]
        assert "error: d was changed" in lost[0].reason and "error: d was changed" in lost[0].log
        assert [o.finding.path for o in done] == ["a.txt", "b.txt", "c.txt", "e.txt", "f.txt"]
        trailers = git(root, "log", f"main..{session.target}", "--format=%(trailers:key=Readiness-Verified-By)")
        assert trailers.count("Readiness-Verified-By") == 5
        assert trailers.count("(batch tip)") == (0 if each else 5)
        copy = Path(session.state, "verify")
        assert copy.is_dir()
    assert not copy.exists(), "the copy goes when the session ends"


def test_without_a_tool_the_fixes_are_committed_as_unverified(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD)
    root = make_repo(FILES)
    with Session(root) as session:
        events = verified(session, "no-such-tool-here", "build")
        done = [e.outcome for e in events if isinstance(e.outcome, Applied)]
        assert len(done) == 2 and all("not installed" in o.unverified for o in done)
        assert "Verified-By" not in git(root, "log", f"main..{session.target}", "--format=%B")


LIB = 'pub fn greet(name: &str) -> String { format!("hello {name}") }\n'
MAIN = 'fn main() { println!("{}", planted::greet("you")); }\n'
CARGO = {
    "Cargo.toml": '[package]\nname = "planted"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": 'version = 3\n\n[[package]]\nname = "planted"\nversion = "0.1.0"\n',
    "src/lib.rs": LIB,
    "src/main.rs": MAIN,
    "README.md": "an old thing\n",
}


@pytest.mark.cargo
def test_a_fix_that_parses_but_breaks_a_caller_is_dropped_with_cargos_words(
    make_repo: MakeRepo, rules: Callable[..., None]
) -> None:
    rules(OLD, replacing("t/rename", b"pub fn greet", b"pub fn welcome"))
    with Session(make_repo(CARGO)) as session:
        wanted = Wanted()
        build = session.build_commands(wanted)
        assert [c.shown for c in build] == ["cargo check --workspace --all-targets --keep-going --locked"]
        session.agree(wanted, build)
        outcomes = {e.outcome.finding.rule: e.outcome for e in applied(session) if e.outcome}
    lost, done = outcomes["t/rename"], outcomes["t/old"]
    assert isinstance(lost, Failed) and "cannot find function `greet`" in lost.log + lost.reason
    assert isinstance(done, Applied) and done.verified_by.startswith("cargo check")


def test_no_option_of_the_repository_makes_anything_run(make_repo: MakeRepo, rules: Callable[..., None]) -> None:
    rules(OLD)
    root = make_repo({**FILES, "readiness-fix.toml": 'verify = ["touch", "ran"]\n'})
    with Session(root, Options()) as session:
        command = session.build_commands(Wanted())[0]
        assert (command.argv, command.source) == (("touch", "ran"), "configuration")
        applied(session)
        assert not list(root.rglob("ran")) and not list(Path(session.state).rglob("ran"))
