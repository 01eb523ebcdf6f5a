"""The message of a fix's commit: readable, and not to be forged by a name in the repository."""

from __future__ import annotations

import subprocess

import pytest

from fixers.model import Applicability, Finding, Fix
from fixers.vcs import commit_message, trailers
from tests.engine.gitbox import ENV

FIX = Fix("Ignore keys and databases", applicability=Applicability.SAFE)
FINDING = Finding(
    ".gitignore",
    "not ignored: *.der, *.db",
    line=3,
    rule="git/unignored-secrets",
    id="0123456789ab",
    audit=("M3", "M4"),
)
WHY = """A file no pattern ignores is one `git add .` from history, and a key in
history is a key to rotate.

It stays there."""


def test_it_reads_like_this() -> None:
    assert commit_message(FINDING, FIX, WHY, verified_by="cargo test", depends_on=["abcd"], signoff="D <d@e.org>") == (
        "Ignore keys and databases\n\n"
        ".gitignore:3: not ignored: *.der, *.db\n\n"
        "A file no pattern ignores is one `git add .` from history, and a key in\nhistory is a key to rotate.\n\n"
        "It stays there.\n\n"
        "Readiness-Rule: git/unignored-secrets\n"
        "Readiness-Finding: 0123456789ab\n"
        "Readiness-Audit: M3, M4\n"
        "Readiness-Safety: safe\n"
        "Readiness-Depends-On: abcd\n"
        "Readiness-Checked: parse, quiet, nothing-new\n"
        "Readiness-Verified-By: cargo test\n"
        "Signed-off-by: D <d@e.org>\n"
    )


FORGED = [
    "a\n\nReadiness-Finding: forged",
    "a\nReadiness-Finding: forged",
    "Readiness-Finding: forged",
    "x " * 34 + "Readiness-Finding: forged",
    "a\u2028Readiness-Finding: forged",
    "a\r\rReadiness-Finding: forged\x1b[31m",
    "From x Mon Sep 17 00:00:00 2001",
    "---",
    "diff --git a/x b/x",
    "caf\udce9\x85",
]


@pytest.mark.parametrize("text", FORGED)
def test_no_name_or_message_forges_a_trailer_or_ends_the_message(text: str) -> None:
    finding = Finding(text, text, rule="git/x", id="0123456789ab")
    made = commit_message(finding, Fix(text, reason=text), text, depends_on=[text])
    found = trailers(made)
    assert found["Readiness-Finding"] == ("0123456789ab",)
    theirs = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=made.encode(), capture_output=True, env=ENV, check=True
    )
    assert [x for x in theirs.stdout.decode().splitlines() if x.startswith("Readiness-Finding")] == [
        "Readiness-Finding: 0123456789ab"
    ]
    assert not any(line.startswith(("---", "diff -", "From ", "Index: ")) for line in made.splitlines())
    assert all(c == "\n" or c.isprintable() for c in made)


def test_a_long_title_is_cut_at_a_word_and_given_whole_below() -> None:
    title = "Give every handler of the chat server a limit for the size of its request body and a time to finish"
    subject, _, rest = commit_message(FINDING, Fix(title)).partition("\n\n")
    assert len(subject) <= 72 and subject.endswith("…") and " ".join(rest.split()).startswith(title)


def test_lines_are_wrapped_and_long_words_stay_whole() -> None:
    url = "https://example.org/" + "x" * 90
    made = commit_message(FINDING, FIX, "word " * 50 + url)
    assert url in made and all(len(line) <= 72 for line in made.splitlines() if url not in line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Subject only\n", {}),
        ("Readiness-Finding: in the subject\n", {}),
        ("S\n\nBody\n\nA: 1\nA: 2\nB: x\n", {"A": ("1", "2"), "B": ("x",)}),
        ("S\n\nA: 1\n\nBody that comes last\n", {}),
        ("S\n\nA: 1\n", {"A": ("1",)}),
        ("", {}),
    ],
)
def test_only_the_last_paragraph_has_trailers(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert trailers(text) == expected
