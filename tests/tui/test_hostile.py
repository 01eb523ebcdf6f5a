"""Hostile names and contents on every screen: shown, never obeyed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeSession, fixed, one
from stage import Stage

from fixers.model import (
    Change,
    Location,
    NotApplicable,
    Pass,
    Problem,
    Severity,
    Skip,
    Suppressed,
)

Play = Callable[..., None]
EVIL = {
    "control": "a\x1b[31mred\x1b]52;c;aGk=\x07 \x9b31m\x90q\x9c \u202etxt.exe\u2066 \nb\rc \x00\x7f\u200b",
    "markup": "[/nope][bold][@click=app.quit]x[/]",
    "markup-open": "[",
    "wide": "漢字" * 40 + "\t👩‍👩‍👧 e\u0301\t",
    "bytes": "a\udcff\udc80" + "x" * 5000,
}


def evil_session(text: str, state: str) -> FakeSession:
    """Every string that a repository can reach is hostile."""
    raw = text.encode("utf-8", "surrogateescape")
    change = Change(text, raw + b"\nold\n", raw + b"\nnew " + raw)
    finding = one(
        "git/unignored-secrets", text, text, text, Severity.HIGH, id="e" * 12, line=1, audit=(text,), steps=(text,),
        locations=(Location(text, 1, note=text), Location(text, 2)),
        fixes=(fixed(text, change, reason=text), fixed("other", change, name="other")),
    )  # fmt: skip
    manual = one("git/b", text, text, text, Severity.LOW, id="d" * 12, steps=(text,))
    given = FakeSession(
        [finding, manual],
        state=state,
        passes=(Pass(text, (Location(text, 1),), "a/b", text),),
        not_applicable=(NotApplicable(text, "a/c"),),
        suppressed=(Suppressed(finding, text, text),),
        skipped=(Skip(text, text),),
        problems=(Problem(text, text),),
    )
    given.name = given.branch = given.target = text
    given.notes = (text,)
    given.files = {text: raw}
    given.fails = {"e" * 12: text}
    return given


@pytest.mark.parametrize("kind", EVIL)
def test_nothing_is_obeyed_and_nothing_breaks(play: Play, kind: str, tmp_path: Path) -> None:
    async def script(stage: Stage) -> None:
        seen = []

        async def press(*keys: str) -> None:
            for key in keys:
                await stage.press(key)
                seen.append(stage.text)

        await press("1", "2", "3", "4", "1", "x", "t", "w", "w", "enter", "escape")
        await press("y", "k", "A", "escape", "A", "y", "enter", "escape")
        await press("4", "G", "enter", "j", "G", "k", "k", "enter", "j", "s", "escape", "C", "c", "i", "escape", "?")
        for text in seen:
            assert not set(text) & set("\x1b\x07\x9b\x90\u202e\u2066\x00\x7f\r"), kind
        assert stage.app.is_running

    play(script, evil_session(EVIL[kind], str(tmp_path)), size=(110, 32))


def test_a_failure_is_a_sentence_and_its_log_holds_no_contents(play: Play, tmp_path: Path) -> None:
    given = FakeSession(state=str(tmp_path))

    def broken(stop: object) -> object:
        text = "TOP SECRET CONTENTS"
        raise ValueError(text)
        yield

    given.scan = broken  # type: ignore[method-assign, assignment]

    async def script(stage: Stage) -> None:
        assert "ValueError" in stage.text
        log = (tmp_path / "crash.log").read_text()
        assert "fakes" in log or "test_hostile" in log
        assert "TOP SECRET" not in log

    play(script, given)
