"""Decisions outlive a crash, and those of two sessions at once are both kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixers.decisions import Decisions


def on_disk(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    read = Decisions(path)
    return dict(read.selected), dict(read.skipped)


def test_each_decision_is_on_the_disk_at_once_and_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "decisions.json"
    mine = Decisions(path)
    mine.decide(select={"a": "guard"}, skip={"b": "later"})
    assert on_disk(path) == ({"a": "guard"}, {"b": "later"})
    mine.skip("a")
    assert on_disk(path) == ({}, {"b": "later", "a": ""})
    assert mine.undo() and on_disk(path) == ({"a": "guard"}, {"b": "later"})
    assert mine.redo() and on_disk(path) == ({}, {"b": "later", "a": ""})
    mine.forget(("a",))
    assert on_disk(path) == ({}, {"b": "later"})
    assert path.stat().st_mode & 0o77 == 0


def test_two_sessions_at_once_keep_what_both_decided(tmp_path: Path) -> None:
    path = tmp_path / "decisions.json"
    Decisions(path).decide(select={"old": "default"}, skip={"both": "first"})
    one, two = Decisions(path), Decisions(path)
    one.select("a")
    two.skip("b", "not ours")
    two.select("both", "guard")
    one.clear("old")
    assert on_disk(path) == ({"a": "default", "both": "guard"}, {"b": "not ours"})
    one.undo()
    one.undo()
    assert on_disk(path) == ({"both": "guard", "old": "default"}, {"b": "not ours"}), "one takes back its own only"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"selected": 3, "skipped": {}}', '{"selected": {}}', "\x00"])
def test_a_broken_file_is_no_decision(tmp_path: Path, text: str) -> None:
    path = tmp_path / "decisions.json"
    path.write_text(text)
    assert on_disk(path) == ({}, {})
    Decisions(path).select("a")
    assert on_disk(path) == ({"a": "default"}, {})


def test_a_disk_that_takes_nothing_ends_no_session(tmp_path: Path) -> None:
    gone = Decisions(tmp_path / "no" / "folder" / "decisions.json")
    gone.select("a")
    assert gone.selected == {"a": "default"}
    (tmp_path / "no" / "folder").mkdir(parents=True)
    gone.select("b")
    assert on_disk(tmp_path / "no" / "folder" / "decisions.json")[0] == {"a": "default", "b": "default"}
