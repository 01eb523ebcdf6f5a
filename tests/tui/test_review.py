"""The review behind both faces: states, decisions, filter, order."""

from __future__ import annotations

import pytest
from fakes import findings, session

from fixers.model import COMMITTED, Applied, Event, Failed, Finding, Pass
from fixers.reports.areas import Area, areas
from tui import filtering
from tui.review import Review, State


def scanned() -> Review:
    """A review after its scan."""
    review = Review(session())
    for event in review.session.scan():
        if event.result is not None:
            review.finish(event.result)
    return review


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", 10),
        ("docker", 2),
        ("DOCKER", 2),
        ("docker home", 1),
        ("writable data", 1),
        ("docker -home", 1),
        ("-docker", 8),
        ("sev:critical", 2),
        ("sev:c", 2),
        ("sev:>=high", 7),
        ("sev:>h", 7),
        ("sev:low,critical", 3),
        ("area:git", 2),
        ("rule:lock", 1),
        ("path:.github/", 1),
        ("path:cargo", 1),
        ("state:manual", 1),
        ("state:open", 9),
        ("-state:open", 1),
        ("fix:safe", 7),
        ("fix:unsafe", 2),
        ("fix:manual", 1),
        ("sev:high fix:safe docker", 2),
        ("sev:", 10),
        ("m3", 2),
        ("nosuch:field", 0),
        ("[", 0),
        ("-", 10),
    ],
)
def test_the_filter(text: str, ids: int) -> None:
    review = scanned()
    review.filter = filtering.parse(text)
    assert len(review.visible()) == ids


@pytest.mark.parametrize("text", ["sev:huge", "state:gone", "fix:maybe", "sev:>huge"])
def test_a_value_that_is_unknown_is_said_and_left_out(text: str) -> None:
    found = filtering.parse(text)
    assert "is one of" in found.problem
    assert not found.terms


def test_rows_are_grouped_by_severity_with_what_else_there_is() -> None:
    heads = [(r.group, r.count) for r in scanned().rows() if r.is_head]
    assert heads == [
        ("critical", 2), ("high", 5), ("medium", 2), ("low", 1), ("passed", 3), ("not applicable", 1),
        ("set aside", 1), ("not read", 1), ("problems", 1),
    ]  # fmt: skip


def test_a_dropped_fix_is_no_longer_selected_and_can_be_again() -> None:
    review = scanned()
    finding = review.findings[1]
    review.select([finding])
    review.take(Event("dropped", finding=finding, outcome=Failed(finding, "no", "line\n")))
    assert review.state(finding) is State.DROPPED
    assert review.logs[finding.id] == ["dropped: no", "line"]
    review.select([finding])
    assert review.state(finding) is State.SELECTED


def test_what_was_applied_stays_in_the_list_after_a_scan() -> None:
    review = scanned()
    finding = review.findings[1]
    fix = review.fix(finding)
    assert fix is not None
    review.session.applied[finding.id] = "c" * 40  # type: ignore[index]
    review.take(Event(COMMITTED, finding=finding, outcome=Applied(finding, fix, "c" * 40)))
    for event in review.session.scan():
        if event.result is not None:
            review.finish(event.result)
    assert review.state(finding) is State.APPLIED
    assert finding in review.findings
    assert not review.select([finding])


def test_a_fix_without_a_known_safety_needs_an_eye() -> None:
    finding = findings()[1]
    bare = Finding(finding.path, "m", fixes=finding.fixes, rule="a/b", id="f" * 12)
    assert scanned().applicability(bare).value == "unsafe"


def test_areas_count_what_passed_what_was_fixed_and_what_is_open() -> None:
    review = scanned()
    assert Area("rust", passed=2, fixed=0, open=2) in review.areas()
    review.session.applied["b4b4b4b4b4b4"] = "c" * 40  # type: ignore[index]
    assert Area("rust", passed=2, fixed=1, open=1) in review.areas()


def test_a_rule_that_passes_because_its_finding_was_fixed_is_counted_once() -> None:
    finding = findings()[0]
    passes = [Pass("all are ignored", rule=finding.rule), Pass("no lock", rule="git/other")]
    assert areas([], passes, [finding]) == [Area("git", passed=1, fixed=1)]


def test_one_key_is_one_step_of_undo_however_many_it_decides() -> None:
    review = scanned()
    review.select_safe()
    assert review.counts()[State.SELECTED] == 7
    assert review.session.decisions.undo()
    assert review.counts()[State.SELECTED] == 0
    assert not review.session.decisions.undo()
