"""The main screen: every key, and every state it can be in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeSession, findings, fixed, one, session
from stage import Stage

from fixers.model import Change, Plan, Severity
from fixers.verify.command import Command
from tui.app import parting
from tui.review import State
from tui.screens.apply import ApplyScreen
from tui.screens.main import MainScreen
from tui.screens.pages import Page
from tui.screens.plan import PlanScreen
from tui.screens.prompts import ConfirmScreen, SkipScreen

Play = Callable[..., None]


def test_the_list_fills_and_the_first_finding_is_shown(play: Play) -> None:
    async def script(stage: Stage) -> None:
        assert [r.group for r in stage.list.rows if r.is_head][:2] == ["critical", "high"]
        assert stage.detail.finding is not None
        assert stage.detail.finding.id == "a2a2a2a2a2a2"
        assert "1/10" in stage.text

    play(script)


def test_while_nobody_moved_the_first_finding_stays_in_view_as_others_arrive(play: Play) -> None:
    async def script(stage: Stage) -> None:
        rows = list(stage.list.rows)
        last = [r for r in rows if r.finding][-1]
        stage.list.moved = False
        stage.list.set_rows([last])
        stage.list.set_rows(rows)
        assert stage.list.row is not None and stage.list.row.finding is not None
        assert stage.list.row.finding.id == "a2a2a2a2a2a2"
        stage.list.set_rows([last])
        stage.list.go(0)
        stage.list.set_rows(rows)
        assert stage.list.row.finding.id == last.finding.id

    play(script)


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (("j",), 2),
        (("down", "down"), 3),
        (("j", "k"), 1),
        (("G",), 18),
        (("G", "g"), 0),
        (("end", "home"), 0),
        (("ctrl+d",), 18),
        (("pagedown", "pageup"), 0),
    ],
)
def test_the_cursor_goes_where_it_is_sent(play: Play, keys: tuple[str, ...], cursor: int) -> None:
    async def script(stage: Stage) -> None:
        await stage.press(*keys)
        assert stage.list.cursor == cursor

    play(script)


def test_space_selects_and_moves_on_and_takes_it_back(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("space")
        assert dict(stage.session.decisions.selected) == {"a2a2a2a2a2a2": "default"}
        assert stage.detail.finding.id == "a1a1a1a1a1a1"
        await stage.press("k", "space")
        assert not stage.session.decisions.selected

    play(script)


def test_y_selects_n_skips_and_moves_over_heads(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("y", "n")
        assert list(stage.session.decisions.selected) == ["a2a2a2a2a2a2"]
        assert dict(stage.session.decisions.skipped) == {"a1a1a1a1a1a1": ""}
        assert stage.detail.finding.id == "b3b3b3b3b3b3", "the head HIGH is passed over"
        assert "1 selected · 1 skipped" in stage.text

    play(script)


def test_a_manual_finding_cannot_be_selected_and_says_why(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "j", "j", "j", "y")
        assert not stage.session.decisions.selected
        assert "for a person" in stage.text
        assert "Choose a store" not in stage.text or "MANUAL" in stage.text

    play(script)


def test_s_asks_for_a_reason_and_can_make_it_an_ignore(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("s")
        assert isinstance(stage.screen, SkipScreen)
        await stage.type("known")
        await stage.press("tab", "space", "shift+tab", "enter")
        assert dict(stage.session.decisions.skipped) == {"a2a2a2a2a2a2": "known"}
        assert stage.session.suppressed == [("a2a2a2a2a2a2", "known")]

    play(script)


def test_an_ignore_without_a_reason_is_not_accepted(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("s", "tab", "space", "shift+tab", "enter")
        assert isinstance(stage.screen, SkipScreen)
        await stage.press("escape")
        assert not stage.session.decisions.skipped

    play(script)


def test_a_range_is_decided_as_one_and_undone_as_one(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("v", "j", "j", "j", "y")
        assert len(stage.session.decisions.selected) == 3
        await stage.press("u")
        assert not stage.session.decisions.selected
        await stage.press("ctrl+r")
        assert len(stage.session.decisions.selected) == 3

    play(script)


def test_star_selects_what_is_safe_and_says_what_it_left(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("*")
        chosen = set(stage.session.decisions.selected)
        assert len(chosen) == 7
        assert not chosen & {"a2a2a2a2a2a2", "b3b3b3b3b3b3"}, "UNSAFE needs an eye"
        assert "2 that need an eye were left" in stage.text
        await stage.press("*")
        assert not stage.session.decisions.selected

    play(script)


def test_star_selects_unsafe_when_the_filter_asks_for_just_that(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("/")
        await stage.type("fix:unsafe")
        await stage.press("enter", "*")
        assert set(stage.session.decisions.selected) == {"b3b3b3b3b3b3"}, "one by one stays one by one"

    play(script)


def test_the_filter_narrows_and_escape_clears_it(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("/")
        await stage.type("docker sev:high")
        assert [r.finding.rule for r in stage.list.rows if r.finding] == [
            "docker/homeless-user",
            "docker/missing-workspace-member",
        ]
        await stage.press("enter", "escape")
        assert len([r for r in stage.list.rows if r.finding]) == 10

    play(script)


def test_no_match_says_so_and_how_to_get_out(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("/")
        await stage.type("zzz")
        assert "0 of 10, esc clears the filter" in stage.text

    play(script)


def test_a_filter_that_cannot_be_read_says_what_it_takes(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("/")
        await stage.type("state:gone")
        assert "state: is one of open, selected" in stage.text

    play(script)


def test_x_turns_to_the_next_fix_and_a_selection_follows(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "y", "k", "x")
        assert stage.session.decisions.selected["b3b3b3b3b3b3"] == "empty"
        assert "empty token" in stage.text
        assert "2 of 2" in stage.text

    play(script)


def test_enter_opens_and_escape_comes_back_and_never_quits(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("enter")
        assert stage.app.main.in_detail
        await stage.press("escape")
        assert stage.app.main.focused is stage.list
        await stage.press("escape", "escape")
        assert stage.app.is_running

    play(script)


@pytest.mark.parametrize(("key", "inside"), [("tab", True), ("l", True), ("right", True), ("h", False)])
def test_the_focus_changes_panes(play: Play, key: str, inside: bool) -> None:
    async def script(stage: Stage) -> None:
        await stage.press(key)
        assert stage.app.main.in_detail is inside
        await stage.press("tab" if inside else "h")
        assert not stage.app.main.in_detail

    play(script)


def test_capital_j_goes_to_the_next_finding_from_the_detail(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("enter", "J", "J")
        assert stage.detail.finding.id == "b3b3b3b3b3b3"
        assert stage.app.main.in_detail
        await stage.press("K")
        assert stage.detail.finding.id == "a1a1a1a1a1a1"

    play(script)


def test_groups_fold_and_the_passes_unfold(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("g", "enter")
        assert "critical" in stage.review.folded
        assert stage.list.rows[1].is_head
        await stage.press("enter", "G", "k", "k", "k", "k", "enter", "j")
        assert stage.list.row.group == "passed"
        assert "SIGTERM is handled" in stage.text

    play(script)


def test_a_head_shows_readiness_by_area(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("g")
        assert "Readiness by area" in stage.text
        assert "in order" in stage.text

    play(script)


@pytest.mark.parametrize(
    ("key", "words"),
    [("1", "USER nobody"), ("2", "11 lines"), ("3", "runAsNonRoot"), ("4", "Nothing yet")],
)
def test_the_tabs(play: Play, key: str, words: str) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "j", key)
        assert stage.detail.finding.rule == "docker/homeless-user"
        assert words in stage.text

    play(script)


def test_contents_of_secrets_are_on_no_tab(play: Play) -> None:
    async def script(stage: Stage) -> None:
        for key in "1234":
            await stage.press(key)
            assert "SECRETSECRET" not in stage.text
        await stage.press("c")
        assert "SECRETSECRET" not in stage.app.clipboard

    play(script)


def test_a_file_with_secrets_is_hidden_whichever_rule_speaks_of_it(play: Play, tmp_path: Path) -> None:
    env = b"TOKEN=devtoken\nKEY=SECRETSECRET\n"
    away, change = Change(".env", env, None), Change(".env", env, env.replace(b"devtoken", b""))
    more = Change("compose.yml", b"a: devtoken\n", b"a: other\n")
    given = FakeSession(
        [
            one("config/dev-token", ".env", "t", "m", Severity.HIGH, line=1, fixes=(fixed("Empty it", change, more),)),
            one("git/tracked-secrets", ".env", "t", "m", Severity.LOW, masked=True, fixes=(fixed("Away", away),)),
        ],
        state=str(tmp_path),
    )
    given.files = {".env": env}

    async def script(stage: Stage) -> None:
        for key in "1234":
            await stage.press(key)
            assert "SECRETSECRET" not in stage.text and "devtoken\n" not in stage.text
        assert stage.detail.finding.rule == "config/dev-token"
        await stage.press("1")
        assert "contents are not shown" in stage.text and "a: other" in stage.text
        await stage.press("c", "o")
        assert not stage.app.clipboard
        assert "no source to open" in stage.said

    play(script, given)


def test_apply_one_shows_the_plan_first_and_the_same_key_does_not_confirm(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "a")
        assert isinstance(stage.screen, PlanScreen)
        assert "1 commit, 1 file" in stage.text
        await stage.press("a")
        assert isinstance(stage.screen, PlanScreen)
        await stage.press("enter")
        assert isinstance(stage.screen, MainScreen), "cancel has the focus"
        assert not stage.session.plans

    play(script)


def test_apply_selected_commits_and_shows_the_summary(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("*", "A", "y")
        assert isinstance(stage.screen, ApplyScreen)
        assert "7/7" in stage.text
        await stage.press("enter")
        assert isinstance(stage.screen, Page)
        assert "git merge --ff-only" in stage.text
        await stage.press("escape")
        assert stage.review.counts()[State.APPLIED] == 7
        assert "7 applied" in stage.text

    play(script)


def test_nothing_selected_is_said(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("A")
        assert isinstance(stage.screen, MainScreen)
        assert "Nothing is selected" in stage.text

    play(script)


def test_the_branch_can_be_named_in_the_plan(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "a", "b", "end")
        await stage.type("-b")
        await stage.press("enter", "y")
        assert stage.session.target == "readiness/2026-11-22-b"

    play(script)


def test_a_dropped_fix_keeps_its_output_and_the_rest_goes_on(play: Play) -> None:
    given = session()
    given.fails = {"b2b2b2b2b2b2": "cargo check failed"}

    async def script(stage: Stage) -> None:
        await stage.press("*", "A", "y")
        assert "6 committed on readiness" in stage.text
        await stage.press("enter")
        assert "cargo check failed" in stage.text
        await stage.press("escape", "/")
        await stage.type("state:dropped")
        await stage.press("enter", "4")
        assert "E0425" in stage.text
        assert "[!]" in stage.text

    play(script, given)


def test_escape_stops_after_the_fix_under_way(play: Play) -> None:
    given = session()
    began, go = threading.Event(), threading.Event()

    async def script(stage: Stage) -> None:
        def hold() -> None:
            began.set()
            go.wait(60)

        await stage.press("*", "A")
        given.hold = hold
        await stage.pilot.press("y")
        await asyncio.to_thread(began.wait)
        await stage.pilot.press("escape")
        await stage.until("stopping after this fix")
        go.set()
        await stage.settle()
        assert len(given.applied) == 1
        assert "What is left stays selected" in stage.text
        await stage.press("enter", "escape")
        assert len(given.decisions.selected) == 6

    play(script, given)


def held(given: FakeSession) -> tuple[threading.Event, threading.Event]:
    """Hold the next run at its first fix: (it has come there, let it go on)."""
    began, go = threading.Event(), threading.Event()

    def hold() -> None:
        began.set()
        go.wait(60)

    given.hold = hold
    return began, go


def test_reviewing_goes_on_while_fixes_are_applied(play: Play) -> None:
    given = session()

    async def script(stage: Stage) -> None:
        await stage.press("*", "A")
        began, go = held(given)
        await stage.pilot.press("y")
        await asyncio.to_thread(began.wait)
        await stage.pilot.press("tab")
        await stage.until("A shows it")
        assert "applying git/unignored-secrets edit" in stage.text and "0/7" in stage.text
        await stage.pilot.press("n")
        await stage.until("1 skipped")
        for key in ("e", "r"):
            await stage.pilot.press(key)
            await stage.until("this can wait")
            stage.app.clear_notifications()
        await stage.pilot.press("A")
        await stage.until("review on meanwhile")
        await stage.pilot.press("tab")
        await stage.until("A shows it")
        go.set()
        await stage.settle()
        assert "7 committed on readiness/2026-11-22; S shows the summary." in stage.said
        assert list(given.decisions.skipped) == ["a2a2a2a2a2a2"], "what was decided meanwhile is kept"
        assert stage.review.counts()[State.APPLIED] == 7
        await stage.press("S")
        assert "git merge --ff-only" in stage.text

    play(script, given)


def test_q_while_fixes_are_applied_finishes_the_one_under_way(play: Play) -> None:
    given = session()

    async def script(stage: Stage) -> None:
        await stage.press("*", "A")
        began, go = held(given)
        await stage.pilot.press("y")
        await asyncio.to_thread(began.wait)
        await stage.pilot.press("q")
        await stage.until("Stopping after this fix, then quitting")
        assert stage.app.return_value is None
        go.set()
        while stage.app.return_value is None:
            await asyncio.sleep(0.01)
        assert len(given.applied) == 1
        assert len(given.decisions.selected) == 6

    play(script, given)


def test_what_is_kept_is_said_after_the_screen_is_gone(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("y", "n")
        kept = "1 selected, 1 skipped: kept for the next readiness-fix here; nothing of that is committed."
        assert parting(stage.review) == [kept]

    play(script)


def test_a_page_that_is_read_stays_where_it_is_while_findings_arrive(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "j", "3", "enter", "j", "j")
        pane = stage.detail.query_one("#why")
        assert pane.scroll_y == 2
        stage.app.main.refresh_list()
        await stage.settle()
        assert pane.scroll_y == 2

    play(script, size=(80, 24))


def test_ten_thousand_findings_come_in_small_batches(play: Play) -> None:
    given = FakeSession([one("a/b", f"f{n}", f"t{n}", "m", Severity.LOW, id=f"{n:012x}") for n in range(2500)])

    async def script(stage: Stage) -> None:
        assert len(stage.review.findings) == 2500
        assert "1/2,500" in stage.text

    play(script, given)


def test_the_plan_says_what_hangs_together(play: Play) -> None:
    given = session()
    given.plan = lambda choices: Plan(tuple(sorted(choices, key=lambda c: c.finding.rule != "deps/missing-deny-toml")))  # type: ignore[method-assign]

    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "y", "*", "A")
        assert "4 and 5 change Dockerfile: each is made anew on the one before it." in stage.text
        assert "7 comes after 1, which it needs." in stage.text
        assert "a deployment that relies on the default will not start" in stage.text

    play(script, given)


def test_undo_of_an_applied_fix_names_its_dependents_and_asks(play: Play) -> None:
    given = session()
    given.needs = {"a1a1a1a1a1a1": ("c1c1c1c1c1c1",)}

    async def script(stage: Stage) -> None:
        await stage.press("*", "A", "y", "enter", "escape", "g", "j", "j", "u")
        assert isinstance(stage.screen, ConfirmScreen)
        assert "Nothing checks licences" in stage.text
        await stage.press("n")
        assert "a1a1a1a1a1a1" in given.applied
        await stage.press("u", "y")
        assert not {"a1a1a1a1a1a1", "c1c1c1c1c1c1"} & set(given.applied)
        assert stage.review.state(stage.review.find("a1a1a1a1a1a1")) is State.OPEN

    play(script, given)


def test_fixes_that_are_off_say_why(play: Play) -> None:
    given = session()
    given.why_no_commit = "no user.name: git config user.name NAME"

    async def script(stage: Stage) -> None:
        assert "Fixes are off: no user.name" in stage.text
        await stage.press("j", "a")
        assert isinstance(stage.screen, MainScreen)

    play(script, given)


def test_all_clear_is_not_a_blank_pane(play: Play) -> None:
    async def script(stage: Stage) -> None:
        assert "No findings in 412 files. 38 rules ran, 0 not applicable." in stage.text

    play(script, FakeSession())


def test_a_file_with_edits_is_marked(play: Play) -> None:
    given = session()
    given.dirty = frozenset({"Dockerfile"})

    async def script(stage: Stage) -> None:
        assert "1 file with edits" in stage.text
        await stage.press("j", "j", "j", "j")
        assert "edits that are not committed" in stage.text

    play(script, given)


def test_escape_stops_the_scan_and_what_was_found_stays(play: Play) -> None:
    given = session()
    began, go = threading.Event(), threading.Event()
    calls: list[int] = []

    def hold() -> None:
        calls.append(1)
        if len(calls) == 2:
            began.set()
            go.wait(60)

    async def script(stage: Stage) -> None:
        given.hold = hold
        await stage.pilot.press("r")
        await asyncio.to_thread(began.wait)
        await stage.until("esc stops")
        await stage.until("scanning")
        await stage.pilot.press("escape")
        go.set()
        await stage.settle()
        assert "was stopped" in stage.text

    play(script, given)


def test_decisions_can_be_made_while_the_scan_runs(play: Play) -> None:
    given = session()
    go = threading.Event()
    seen: list[int] = []

    def hold() -> None:
        seen.append(1)
        if len(seen) == 2:
            go.wait(60)

    async def script(stage: Stage) -> None:
        given.hold = hold
        stage.review._known.clear()
        await stage.pilot.press("r")
        await stage.until("Findings 5")
        await stage.pilot.press("y", "A")
        await stage.until("still running")
        assert given.decisions.selected
        go.set()
        await stage.settle()

    play(script, given)


def test_tiny_terminals_are_told_what_is_needed(play: Play) -> None:
    async def script(stage: Stage) -> None:
        assert "59x14 is too small; readiness-fix needs 60x15." in stage.text

    play(script, size=(59, 14))


def test_narrow_terminals_show_one_pane_at_a_time(play: Play) -> None:
    async def script(stage: Stage) -> None:
        assert not stage.detail.region.width
        await stage.press("enter")
        assert stage.detail.region.width and not stage.list.region.width
        await stage.press("escape")
        assert stage.list.region.width

    play(script, size=(80, 24))


def test_a_resize_at_any_moment_keeps_everything(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j", "y")
        for size in [(80, 24), (40, 10), (200, 60), (60, 15), (120, 40)]:
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
        assert len(stage.session.decisions.selected) == 1
        assert stage.list.cursor == 5

    play(script)


def test_z_shows_one_pane_and_both_again(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("z")
        assert not stage.detail.region.width
        await stage.press("z", "enter", "z")
        assert stage.detail.region.width == 120
        await stage.press("z")
        assert stage.list.region.width

    play(script)


def test_help_lists_the_keys_as_they_are_bound(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("W")
        assert stage.list.rows and stage.detail.finding.id == "a1a1a1a1a1a1"
        await stage.press("f1")
        assert isinstance(stage.screen, Page)
        assert "W " in stage.text and "down a line" in stage.text

    play(script, keys={"down": "W"})


def test_the_palette_runs_an_action(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("ctrl+p")
        await stage.type("readiness by area")
        await stage.until("key i")
        await stage.press("enter")
        assert isinstance(stage.screen, Page)

    play(script)


def test_the_mouse_points_ticks_and_opens(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.pilot.click(stage.list, offset=(20, 4))
        await stage.settle()
        assert stage.detail.finding.id == "b3b3b3b3b3b3"
        await stage.pilot.click(stage.list, offset=(2, 5))
        await stage.settle()
        assert list(stage.session.decisions.selected) == ["b2b2b2b2b2b2"]
        await stage.pilot.click("#tabs", offset=(22, 0))
        await stage.settle()
        assert stage.detail.query_one("#why").display
        await stage.pilot.click(stage.list, offset=(20, 5), times=2)
        await stage.settle()
        assert stage.app.main.in_detail

    play(script)


def test_quitting_stops_what_runs_and_is_0(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.pilot.press("q")
        assert stage.app.return_value == 0

    play(script)


def test_copies(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "c")
        assert stage.app.clipboard.startswith("diff --git a/.gitignore b/.gitignore\n")
        await stage.press("C")
        assert stage.app.clipboard == ".gitignore:2"
        await stage.press("m")
        assert stage.app.clipboard.startswith("## Readiness")

    play(script)


def test_a_plan_with_nothing_in_it_cannot_be_applied(play: Play) -> None:
    given = session()
    given.plan = lambda choices: Plan((), tuple((c.finding, "the file changed") for c in choices))  # type: ignore[method-assign]

    async def script(stage: Stage) -> None:
        await stage.press("j", "a", "y")
        assert isinstance(stage.screen, PlanScreen)
        assert "the file changed" in stage.text

    play(script, given)


def test_what_an_earlier_run_applied_is_listed_and_can_be_undone(play: Play) -> None:
    given = FakeSession(findings())
    given.applied = {"eeeeeeeeeeee": "f" * 40}

    async def script(stage: Stage) -> None:
        assert "FIXED EARLIER" in stage.text
        await stage.press("G", "u", "y")
        assert not given.applied

    play(script, given)


def test_a_key_for_no_action_is_said(play: Play) -> None:
    async def script(stage: Stage) -> None:
        assert "names what is no action: fly" in stage.said

    play(script, keys={"fly": "f"})


def many_hunks() -> FakeSession:
    """A finding whose diff has three hunks and a long line."""
    before = b"".join(b"line %d\n" % n for n in range(90)) + b"x" * 300 + b"\n"
    after = before.replace(b"line 10\n", b"line ten\n").replace(b"line 50\n", b"line fifty\n").replace(b"xx\n", b"xy\n")
    fix = fixed("Mend it", Change("a.txt", before, after))
    return FakeSession([one("a/b", "a.txt", "t", "m", Severity.HIGH, line=50, fixes=(fix,))])


def test_brackets_jump_from_hunk_to_hunk_and_braces_widen_them(play: Play) -> None:
    async def script(stage: Stage) -> None:
        tops = [stage.diff.scroll_y]
        await stage.press("enter", "]", "]")
        tops.append(stage.diff.scroll_y)
        await stage.press("[")
        tops.append(stage.diff.scroll_y)
        assert tops[1] > tops[2] > tops[0] == 0
        rows = len(stage.diff.lines)
        await stage.press("}")
        assert len(stage.diff.lines) == rows + 3 * 6 - 3, "three lines more on each side, none after the end"
        await stage.press("{", "{")
        assert stage.diff.context == 0

    play(script, many_hunks(), size=(120, 24))


def test_w_wraps_or_scrolls_sideways(play: Play) -> None:
    async def script(stage: Stage) -> None:
        assert stage.diff.virtual_size.width == 0
        await stage.press("enter", "w")
        assert stage.diff.virtual_size.width > 300
        await stage.press("w", "G")
        assert "↪" in stage.text or "xxxx" in stage.text

    play(script, many_hunks(), size=(120, 30))


def test_t_goes_round_and_wide_terminals_show_both_sides(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j", "j", "j")
        assert stage.diff.halves
        await stage.press("t")
        assert stage.diff.mode == "unified" and not stage.diff.halves
        await stage.press("t", "t")
        assert stage.diff.mode == "auto"

    play(script, size=(200, 60))


def test_a_line_that_does_not_fit_is_not_put_beside(play: Play) -> None:
    async def script(stage: Stage) -> None:
        assert not stage.diff.halves

    play(script, many_hunks(), size=(200, 60))


def test_a_diff_that_takes_long_does_not_hold_the_screen_up(play: Play) -> None:
    before = b"".join(b"line %d\n" % n for n in range(3000))
    after = b"".join(b"line %d%s\n" % (n, b"!" if n % 7 == 0 else b"") for n in range(3000))
    fix = fixed("Mend it", Change("a.txt", before, after))

    async def script(stage: Stage) -> None:
        assert len(stage.diff.lines) > 3000

    play(script, FakeSession([one("a/b", "a.txt", "t", "m", Severity.HIGH, fixes=(fix,))]))


def test_text_can_be_selected_with_the_mouse(play: Play) -> None:
    async def script(stage: Stage) -> None:
        await stage.press("j")
        await stage.pilot.mouse_down(stage.diff, offset=(10, 5))
        await stage.pilot.hover(stage.diff, offset=(16, 5))
        await stage.pilot.mouse_up(stage.diff, offset=(16, 5))
        await stage.settle()
        assert "*.der" in (stage.screen.get_selected_text() or "") or stage.screen.selections

    play(script)


def test_the_build_runs_only_after_its_commands_were_shown_and_agreed_to(play: Play) -> None:
    given = session()
    given.build = (Command(("cargo", "check", "--locked")), Command(("make", "it"), source="configuration"))

    async def script(stage: Stage) -> None:
        await stage.press("j", "a")
        assert "cargo check --locked" in stage.text
        assert "make it  (named by the configuration)" in stage.text
        assert "rust-toolchain.toml has a say" in stage.text
        await stage.press("y", "enter", "escape")
        assert given.agreed is None, "without a v nothing was agreed to"
        await stage.press("G", "k", "k", "k", "k", "k", "a", "v")
        assert "runs the repository's own code" in stage.text
        await stage.press("y")
        assert given.agreed is not None and given.agreed[1] == given.build

    play(script, given)
