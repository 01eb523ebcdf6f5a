"""Plain mode: every action of the screen, in sentences, with no screen library loaded."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeSession, findings, session

from fixers.model import Refused
from fixers.verify.command import Command
from tui import plain


def played(answers: str, given: FakeSession | None = None, *, default: bool = False) -> tuple[str, FakeSession]:
    """What is said when those lines are typed."""
    given = given or session()
    out = io.StringIO()
    code = plain.run(given, stdin=io.StringIO(answers), stdout=out, answers_default=default)
    assert code == 0
    return out.getvalue(), given


def test_defaults_apply_every_safe_fix_and_nothing_else() -> None:
    said, given = played("", default=True)
    assert len(given.applied) == 7
    assert "b3b3b3b3b3b3" not in given.applied, "UNSAFE is left"
    assert "7 fixes on readiness/2026-11-22. Next:" in said
    assert said.isascii()


def test_end_of_input_keeps_decisions_and_applies_nothing() -> None:
    said, given = played("n\ny\n")
    assert list(given.decisions.selected) == ["a1a1a1a1a1a1"]
    assert not given.applied
    assert "1 selected, 1 skipped: kept for the next readiness-fix here; nothing of that is committed." in said


def test_a_prompt_is_numbered_and_names_rule_and_place() -> None:
    said, _ = played("")
    assert "(1/10) CRITICAL git/tracked-secrets certs/server.pem" in said
    assert "Apply? [y,n,s,x,e,c,a,u,q,?] " in said


def test_an_empty_line_decides_nothing() -> None:
    said, given = played("\nq\n")
    assert "An empty line is no answer" in said
    assert not given.decisions.selected


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("?\n", "y: select; y 3-9 a range"),
        ("j\nj\nx\n", "alternative 2 of 2"),
        ("x\n", "There is no other fix."),
        ("l\n", "(10/10) LOW deps/loose-version Cargo.toml:6: A dependency takes any version"),
        ("i\n", "Passed: rust/no-graceful-stop: SIGTERM is handled"),
        ("i\n", "git: 2 open, 0 fixed, 0 passed."),
        ("m\n", "## Readiness"),
        ("g 4\n3\n", "A numeric id is what runAsNonRoot can check."),
        ("g 4\n2\n", ">   10 USER nobody"),
        ("4\n", "Nothing yet."),
        ("g 4\nd 0\n", "@@ -10 +10,3 @@"),
        ("g 99\n", "g and a number from 1 to 10."),
        ("y 2-4\n", "3 findings selected."),
        ("n 2-4\n", "3 findings skipped."),
        ("*\n", "7 findings selected; 2 that need an eye were left."),
        ("/ docker\n", "2 of 10 match."),
        ("/ state:none\n", "state: is one of open"),
        ("/ zzz\n", "Everything is shown again."),
        ("y 2\nu\n", "Undone."),
        ("y 2\nu\nr\n", "Decided again."),
        ("u\n", "Nothing to undo."),
        ("b other\n", "Commits go to other."),
        ("C\n", "certs/server.pem"),
        ("j\nk\n", "(1/10) CRITICAL git/tracked-secrets certs/server.pem"),
        ("ü\n", "is no answer; ? lists them."),
        ("c\n", "There is no patch to write."),
    ],
)
def test_each_letter_does_what_the_help_says(answers: str, words: str) -> None:
    said, _ = played(answers)
    assert words in said


def test_secrets_are_not_printed_by_any_letter() -> None:
    said, _ = played("d\n1\n2\n3\n4\nc\ne\no\n")
    assert "SECRETSECRET" not in said


def test_a_reason_can_become_an_ignore() -> None:
    said, given = played("s known and old\ny\n")
    assert given.suppressed == [("a2a2a2a2a2a2", "known and old")]
    assert "Ignored from now on." in said


def test_apply_shows_the_plan_and_asks() -> None:
    said, given = played("y 2-2\na\nn\na\ny\n")
    assert "1. Ignore keys, certificates and databases (safe): .gitignore" in said
    assert list(given.applied) == ["a1a1a1a1a1a1"]
    assert "commit 1111111111" in said


def test_an_applied_fix_is_undone_with_what_needs_it() -> None:
    given = session()
    given.needs = {"a1a1a1a1a1a1": ("c1c1c1c1c1c1",)}
    said, given = played("*\na\ny\nu 2\ny\n", given)
    assert "and 1 fix that need it back?" in said
    assert not {"a1a1a1a1a1a1", "c1c1c1c1c1c1"} & set(given.applied)


def test_a_dropped_fix_says_why_with_the_end_of_its_output() -> None:
    given = session()
    given.fails = {"a1a1a1a1a1a1": "the check found more wrong than before"}
    said, _ = played("y 2\na\ny\n", given)
    assert "dropped: the check found more wrong than before." in said
    assert "error[E0425]" in said
    assert "Not applied: git/unignored-secrets .gitignore:2" in said


def test_a_refusal_is_a_sentence_and_the_review_goes_on() -> None:
    given = session()

    def refuse(choices: object) -> object:
        raise Refused("the branch moved; scan again")

    given.plan = refuse  # type: ignore[method-assign, assignment]
    said, _ = played("y 2\na\nq\n", given)
    assert "Refused: the branch moved; scan again" in said


def test_fixes_that_are_off_say_why() -> None:
    given = session()
    given.why_no_commit = "no user.name: git config user.name NAME"
    said, _ = played("y 2\na\n", given)
    assert said.count("Fixes are off: no user.name") == 2


def test_the_patch_that_c_writes_is_one_that_git_applies(tmp_path: Path) -> None:
    given = session(str(tmp_path / "state"))
    said, _ = played("j\nc\n", given)
    patch = Path(next(line for line in said.splitlines() if line.startswith("git apply ")).removeprefix("git apply "))
    (tmp_path / ".gitignore").write_bytes(b"target/\n*.pem\n")
    assert subprocess.run(["git", "apply", "--check", str(patch)], cwd=tmp_path).returncode == 0


def test_the_editor_changes_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "ed"
    script.write_text('#!/bin/sh\necho "more/" >> "$1"\n')
    script.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(script))
    given = session(str(tmp_path / "state"))
    said, given = played("j\ne\ny\n", given)
    assert "+more/" in said
    assert given.decisions.selected["a1a1a1a1a1a1"] == "default~"


def test_an_edit_that_does_not_parse_is_mended_or_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "ed"
    script.write_text('#!/bin/sh\necho BROKEN >> "$1"\n')
    script.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(script))
    said, _ = played("j\ne\nn\n", session(str(tmp_path / "state")))
    assert "Refused: .gitignore does not parse" in said
    kept = Path(said.split("Your text is in ")[1].split("\n")[0])
    assert kept.read_bytes().endswith(b"BROKEN\n")


def test_hostile_names_and_contents_are_escaped() -> None:
    evil = "a\x1b]52;c;x\x07\u202e[/nope]\n"
    hostile = findings()[:1]
    given = FakeSession([type(f)(evil, evil, rule=f.rule, title=evil, severity=f.severity, id=f.id) for f in hostile])
    given.notes = (evil,)
    said, _ = played("1\n2\n3\n4\nl\ni\n", given)
    assert "\x1b" not in said and "\x07" not in said and "\u202e" not in said
    assert "[/nope]" in said


def test_a_stream_that_knows_only_ascii_is_enough() -> None:
    given = FakeSession([type(f)("größe.md", "π", rule=f.rule, severity=f.severity, id=f.id) for f in findings()[:1]])
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    plain.run(given, stdin=io.StringIO(""), stdout=out, answers_default=False)
    assert b"gr\\xf6\\xdfe.md" in raw.getvalue()


def test_plain_mode_does_not_load_the_screen_library() -> None:
    code = "import sys; import tui.plain; sys.exit('textual' in sys.modules or 'rich' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == 0


def test_the_build_is_shown_and_asked_about_once() -> None:
    given = session()
    given.build = (Command(("cargo", "check")),)
    said, _ = played("y 2\na\ny\nn\ny 3\na\ny\n", given)
    assert said.count("  cargo check\n") == 1
    assert given.agreed is None
    given = session()
    given.build = (Command(("cargo", "check")),)
    played("y 2\na\ny\ny\n", given)
    assert given.agreed is not None


def test_a_session_that_answers_itself_runs_no_build() -> None:
    given = session()
    given.build = (Command(("cargo", "check")),)
    played("", given, default=True)
    assert given.agreed is None and len(given.applied) == 7


def test_going_back_and_forth_a_thousand_times_is_no_depth() -> None:
    said, _ = played("j\nk\n" * 1500)
    assert said.count("(1/10)") == 1501


def test_after_an_apply_the_next_finding_is_asked_about() -> None:
    said, given = played("j\ny\nk\na\ny\nq\n")
    assert list(given.applied) == ["a1a1a1a1a1a1"]
    assert "(3/10) HIGH config/dev-token" in said[said.index("commit 1111111111") :]
