"""The editor: what it is given, and what becomes of what it leaves."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from fakes import FakeSession, fixed, one, session
from stage import Stage

from fixers.model import Change, Severity
from tui import editor
from tui.screens.prompts import ConfirmScreen, PickScreen

Play = Callable[..., None]


@pytest.fixture
def ed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`ed(shell)`: $EDITOR is a script of that body; the screen need not be suspended."""
    monkeypatch.setattr("tui.app.ReadinessApp.suspend", lambda self: nullcontext())

    def make(body: str) -> None:
        script = tmp_path / "an editor"
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o700)
        monkeypatch.setenv("EDITOR", f"'{script}'")

    return make


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/a.rs", "a.rs"),
        (".gitignore", "file.gitignore"),
        ("-rf.py", "file.py"),
        ("+call system('x').py", "file.py"),
        ("a b.toml", "file.toml"),
        ("a\nb", "file"),
        ("x" * 300 + ".go", "file.go"),
    ],
)
def test_an_editor_never_sees_a_name_it_could_obey(path: str, name: str) -> None:
    assert editor.tame(path) == name


@pytest.mark.parametrize(
    ("environ", "argv"),
    [
        ({}, ["vi", "+7", "/s/a.rs"]),
        ({"EDITOR": "nano"}, ["nano", "+7", "/s/a.rs"]),
        ({"EDITOR": "nano", "VISUAL": "code -w"}, ["code", "-w", "/s/a.rs"]),
        ({"EDITOR": "'/my tools/vim' -u NONE"}, ["/my tools/vim", "-u", "NONE", "+7", "/s/a.rs"]),
    ],
)
def test_the_command_line(environ: dict[str, str], argv: list[str]) -> None:
    assert editor.command(environ, Path("/s/a.rs"), 7) == argv


def test_an_edit_is_checked_and_shown_as_edited(play: Play, ed: Callable[[str], None]) -> None:
    ed('echo "more/" >> "$1"')

    async def script(stage: Stage) -> None:
        await stage.press("j", "y", "k", "k", "e")
        assert "more/" in stage.text
        assert "~ edited" in stage.text
        assert stage.session.decisions.selected["a1a1a1a1a1a1"] == "default~"
        await stage.press("x")
        assert "more/" not in stage.text, "x goes back to the proposal"
        await stage.press("x", "A", "y")
        assert stage.session.plans[0].choices[0].fix.changes[0].after.endswith(b"more/\n")

    play(script)


def test_the_copy_is_private_and_absolute(play: Play, ed: Callable[[str], None], tmp_path: Path) -> None:
    ed(f'echo "$1" > "{tmp_path}/seen"')

    async def script(stage: Stage) -> None:
        await stage.press("j", "e")
        seen = Path((tmp_path / "seen").read_text().strip())
        assert seen.is_absolute() and seen.is_relative_to(stage.session.state)
        assert stat.S_IMODE(seen.stat().st_mode) == 0o600
        assert "Nothing was changed" in stage.text

    play(script)


def test_a_result_that_is_refused_is_mended_not_lost(play: Play, ed: Callable[[str], None]) -> None:
    ed('if grep -q BROKEN "$1"; then sed -i s/BROKEN/good/ "$1"; else echo BROKEN >> "$1"; fi')

    async def script(stage: Stage) -> None:
        await stage.press("j", "e")
        assert isinstance(stage.screen, ConfirmScreen)
        assert "does not parse" in stage.text
        await stage.press("y")
        assert "+ good" in stage.text

    play(script)


def test_a_result_that_is_dropped_says_where_it_is(play: Play, ed: Callable[[str], None]) -> None:
    ed('echo BROKEN >> "$1"')

    async def script(stage: Stage) -> None:
        await stage.press("j", "e", "n")
        assert "Not taken over" in stage.text
        kept = editor.folder(stage.session, stage.detail.finding) / "file.gitignore"
        assert kept.read_bytes().endswith(b"BROKEN\n")
        assert not stage.review.edits

    play(script)


def test_an_edit_survives_a_crash(play: Play, ed: Callable[[str], None], tmp_path: Path) -> None:
    ed('echo "more/" >> "$1"')
    first = session(str(tmp_path / "state"))

    async def edit(stage: Stage) -> None:
        await stage.press("j", "e", "y")

    async def later(stage: Stage) -> None:
        await stage.press("j")
        assert "more/" in stage.text
        assert stage.session.decisions.selected == {"a1a1a1a1a1a1": "default~"}

    play(edit, first)
    again = session(str(tmp_path / "state"))
    again.decisions = first.decisions
    play(later, again)


def test_a_choice_whose_edit_is_gone_is_no_choice(play: Play) -> None:
    given = session()
    given.decisions.decide(select={"a1a1a1a1a1a1": "default~"})

    async def script(stage: Stage) -> None:
        assert not stage.session.decisions.selected

    play(script, given)


def test_of_several_files_one_is_picked(play: Play, ed: Callable[[str], None]) -> None:
    ed('echo "# mine" >> "$1"')
    both = fixed("Two files", Change("a.py", b"a = 1\n", b"a = 2\n"), Change("b.py", b"b = 1\n", b"b = 2\n"))

    async def script(stage: Stage) -> None:
        await stage.press("e")
        assert isinstance(stage.screen, PickScreen)
        await stage.press("j", "enter")
        assert "# mine" in stage.text
        assert stage.diff.lines[-1].text == "# mine"

    play(script, FakeSession([one("a/b", "a.py", "t", "m", Severity.LOW, fixes=(both,))]), size=(120, 40))


def test_an_editor_that_is_missing_is_a_sentence(play: Play, ed: Callable[[str], None], monkeypatch: object) -> None:
    ed("true")
    monkeypatch.setenv("EDITOR", "/no/such/editor")  # type: ignore[attr-defined]

    async def script(stage: Stage) -> None:
        await stage.press("j", "e")
        assert "did not start" in stage.said
        assert stage.app.is_running

    play(script)


def test_o_opens_a_copy_and_never_a_link_or_a_pipe(play: Play, ed: Callable[[str], None], tmp_path: Path) -> None:
    ed(f'cat "$1" >> "{tmp_path}/seen"')
    given = session(str(tmp_path / "state"))
    root = tmp_path / "repo"
    (root / "src").mkdir(parents=True)
    given.root = str(root)
    (root / "src/session.rs").symlink_to("/etc/passwd")

    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "j", "j", "j", "o")
        assert "no regular file" in stage.text
        (root / "src/session.rs").unlink()
        (root / "src/session.rs").write_text("other")
        await stage.press("o")
        assert (tmp_path / "seen").read_bytes() == given.files["src/session.rs"]

    play(script, given)


def test_the_patch_in_the_clipboard_is_one_that_git_applies(play: Play, tmp_path: Path) -> None:
    async def script(stage: Stage) -> None:
        for keys in (("G", "k", "k", "k", "k", "k"), ("k", "k")):
            await stage.press(*keys, "c")
            finding = stage.detail.finding
            for change in stage.review.fix(finding).changes:
                target = tmp_path / change.path
                target.parent.mkdir(parents=True, exist_ok=True)
                if change.before is not None:
                    target.write_bytes(change.before)
            patch = stage.app.clipboard.encode()
            done = subprocess.run(["git", "apply", "--check", "-"], cwd=tmp_path, input=patch)
            assert done.returncode == 0, finding.rule

    play(script)
