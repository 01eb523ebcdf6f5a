"""Decisions: on disk at once, undone and made again, in this run or the next; two sessions at once keep both's."""

from __future__ import annotations

import json
import threading
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
    mine.decide(skip={"a": ""})
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
    one.decide(select={"a": "default"})
    two.decide(skip={"b": "not ours"})
    two.decide(select={"both": "guard"})
    one.decide(clear=("old",))
    assert on_disk(path) == ({"a": "default", "both": "guard"}, {"b": "not ours"})
    one.undo()
    one.undo()
    assert on_disk(path) == ({"both": "guard", "old": "default"}, {"b": "not ours"}), "one takes back its own only"


def test_a_disk_that_takes_nothing_ends_no_session(tmp_path: Path) -> None:
    gone = Decisions(tmp_path / "no" / "folder" / "decisions.json")
    gone.decide(select={"a": "default"})
    assert gone.selected == {"a": "default"}
    (tmp_path / "no" / "folder").mkdir(parents=True)
    gone.decide(select={"b": "default"})
    assert on_disk(tmp_path / "no" / "folder" / "decisions.json")[0] == {"a": "default", "b": "default"}


def test_decisions_and_their_undo_are_there_after_a_crash(tmp_path: Path) -> None:
    first = Decisions(tmp_path / "decisions.json")
    first.decide(select={"a": "default", "b": "default"})
    first.decide(skip={"a": "a fixture"})
    first.decide(clear=("b",))
    first.undo()
    del first  # nothing is written on the way out
    again = Decisions(tmp_path / "decisions.json")
    assert (dict(again.selected), dict(again.skipped)) == ({"b": "default"}, {"a": "a fixture"})
    assert again.redo() and not again.selected
    assert again.undo() and again.undo()
    assert (dict(again.selected), dict(again.skipped)) == ({"a": "default", "b": "default"}, {})
    assert again.undo() and not again.selected
    assert not again.undo()


def test_a_decision_that_changes_nothing_is_no_step(tmp_path: Path) -> None:
    made = Decisions()
    made.decide(select={"a": "default"})
    made.decide(select={"a": "default"}, clear=("b",))
    assert made.undo() and not made.undo()


def test_a_new_decision_ends_what_could_be_made_again() -> None:
    made = Decisions()
    made.decide(select={"a": "x"})
    made.undo()
    made.decide(skip={"b": ""})
    assert not made.redo()


def test_what_is_mended_is_in_no_undo() -> None:
    made = Decisions()
    made.decide(select={"a": "x", "b": "x"})
    made.decide(skip={"a": "no"})
    made.forget(["a"])
    assert made.undo(), "b was selected in the first step"
    assert not made.selected and not made.skipped
    assert not made.undo()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"selected": 3, "skipped": {}}',
        '{"selected": {}, "skipped": {}, "past": [3]}',
        '{"selected": {}, "skipped": {}, "past": [{"a": ["eat", "it"]}]}',
        '{"selected": {}, "skipped": {}, "past": [{"a": 1}]}',
    ],
)
def test_a_file_that_nobody_can_read_is_no_decision(tmp_path: Path, text: str) -> None:
    path = tmp_path / "decisions.json"
    path.write_text(text)
    assert on_disk(path) == ({}, {})
    Decisions(path).decide(select={"a": "default"})
    assert on_disk(path) == ({"a": "default"}, {})


def test_the_first_version_of_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "decisions.json"
    path.write_text('{"version": 1, "selected": {"a": "default"}, "skipped": {"b": "why"}}')
    made = Decisions(path)
    assert (dict(made.selected), dict(made.skipped)) == ({"a": "default"}, {"b": "why"})
    assert not made.undo()


def test_the_file_stays_small_when_ten_thousand_are_decided_again_and_again(tmp_path: Path) -> None:
    made = Decisions(tmp_path / "decisions.json")
    every = {f"{n:012x}": "default" for n in range(3000)}
    for _ in range(5):
        made.decide(select=every)
        made.decide(clear=every)
    made.decide(select={"a": "default"})
    kept = json.loads((tmp_path / "decisions.json").read_text())
    assert len(kept["past"]) == 2, "a step of 3,000 and the last one"
    assert Decisions(tmp_path / "decisions.json").undo()


def test_a_run_that_forgets_loses_no_decision_that_is_made_meanwhile() -> None:
    made = Decisions()
    made.decide(select={f"old{n}": "x" for n in range(200)})

    def forget() -> None:
        for n in range(200):
            made.forget([f"old{n}"])

    thread = threading.Thread(target=forget)
    thread.start()
    for n in range(200):
        made.decide(select={f"new{n}": "x"})
    thread.join()
    assert set(made.selected) == {f"new{n}" for n in range(200)}
