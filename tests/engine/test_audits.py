"""An audit is read in the shape that somebody gave it, answered where rule, words and place agree, and written back."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from support import ROOT, git

from fixers import audits, registry, samples
from fixers.audits import Answer, Done, State
from fixers.audits.vocabulary import named, plain
from fixers.config import Config, Ignore
from fixers.folder import scan_folder
from fixers.model import Refused
from fixers.options import Options
from fixers.project import MemoryReader, Project
from fixers.reports.json import About, report
from fixers.scan import scan
from fixers.session import Session

MakeRepo = Callable[..., Path]
SHARED = next((p / "shared" / "audits" for p in ROOT.parents if (p / "shared" / "audits").is_dir()), None)
RULES = frozenset(r.id for r in registry.rules())


def items(text: str) -> list[tuple[str, str, str, str, str]]:
    return [
        (i.kind, i.number, i.severity.label if i.severity else "", i.title, i.said) for i in audits.read(text.encode())
    ]


SHAPES = [
    ("## Critical\n\n### 1. No TLS\n\ntext\n", [("item", "1", "critical", "No TLS", "")]),
    (
        "## High\n\n1. No TLS. It is plain.\n   more\n2) No CI\n",
        [("item", "1", "high", "No TLS", ""), ("item", "2", "high", "No CI", "")],
    ),
    (
        "## P2: later\n\n- **No TLS** at all\n- No CI\n",
        [("bullet", "", "medium", "No TLS at all", ""), ("bullet", "", "medium", "No CI", "")],
    ),
    (
        "## Findings\n\n### SEC-01: No TLS\n\n**Severity:** High\n\n#### Fix\n\ntext\n\n### SEC-02: No CI\n",
        [("item", "SEC-01", "high", "No TLS", ""), ("item", "SEC-02", "", "No CI", "")],
    ),
    (
        "## Issues\n\n### No TLS\n\n1. a step\n\n### No CI\n",
        [("item", "", "", "No TLS", ""), ("item", "", "", "No CI", "")],
    ),
    (
        "Report\n\nP0 — Must fix\n\nNo TLS. All is clear text. Done — a proxy.\n\nNo CI. None.\n",
        [("paragraph", "", "critical", "No TLS", "Done"), ("paragraph", "", "critical", "No CI", "")],
    ),
    (
        "| # | Finding | Severity | Status |\n|---|:--|---|---|\n"
        "| 3 | No TLS | **High** | ✅ Fixed |\n| 4 | No CI | Low | |\n",
        [("row", "3", "high", "No TLS", "Fixed"), ("row", "4", "low", "No CI", "")],
    ),
    ("PriItemEffortStatus\nP1No TLS anywhereLowOpen\n", [("row", "", "high", "No TLS anywhere", "Open")]),
    (
        "# Things\n\n- [ ] no CI\n- [x] no TLS\n",
        [("task", "", "", "no CI", "open"), ("task", "", "", "no TLS", "done")],
    ),
    # what is no item: a count, what is good, code, a table of other things, plain prose
    ("| Severity | Count |\n|---|---|\n| High | 3 |\n", []),
    ("## Strengths\n\n1. TLS everywhere\n- no CI is missing\n", []),
    ("## Critical\n\n```\n1. No TLS\n- No CI\n```\n", []),
    ("| Name | Size |\n|---|---|\n| no TLS | 3 |\n", []),
    ("We looked at the code.\n\nIt has no CI.\n", []),
    ("## Critical\n\nThe following must be mended first.\n\n- No TLS\n", [("bullet", "", "critical", "No TLS", "")]),
    ("", []),
]


@pytest.mark.parametrize(("text", "found"), SHAPES)
def test_items_are_read_in_whatever_shape(text: str, found: list[tuple[str, str, str, str, str]]) -> None:
    assert items(text) == found
    assert items(text.replace("\n", "\r\n")) == found
    assert items("\ufeff" + text) == found


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Hardcoded API key in settings", "python/hardcoded-secret-key"),
        ("Default password for the admin", "config/dev-token"),
        ("SQLite database is not encrypted", "go/plaintext-database"),
        ("`.env` is tracked in git", "git/tracked-secrets"),
        ("Container runs as root", "docker/root-user"),
        ("Server binds to 0.0.0.0", "go/open-bind"),
        ("No authentication on /admin", "go/unauthenticated-route"),
        ("Missing rate limiting on login", "python/missing-rate-limit"),
        ("Wildcard CORS", "rust/wildcard-cors"),
        ("Session cookie without Secure flag", "python/insecure-cookie"),
        ("TLS verification disabled", "go/tls-verification-off"),
        ("Passwords are logged", "rust/secret-in-log"),
        ("GitHub Actions are not pinned", "ci/unpinned-action"),
        ("No Dependabot configuration", "deps/no-update-bot"),
        ("Debug mode left on in production", "python/debug-enabled"),
        ("HTTP client without timeout", "go/unguarded-http-client"),
    ],
)
def test_the_words_of_a_fault_name_its_rule(title: str, rule: str) -> None:
    assert rule in named(plain(title), RULES)


@pytest.mark.parametrize(
    "title",
    [
        "Documentation of the API is thin",
        "Token bucket is too small",
        "The database schema has no migration",
        "Test coverage of the client is low",
        "Origin server is far away",
        "Sessions are long",
        "Cookies are eaten",
        "The logo is missing",
        "Health insurance form has no validation",
        "Keys of the map are strings",
        "The license plate reader is slow",
        "The lock screen is ugly",
    ],
)
def test_words_that_only_look_alike_name_none(title: str) -> None:
    assert named(plain(title), RULES) == ()


FILES = {
    ".gitignore": "target/\n",
    "app.py": "import sqlite3\nDB = sqlite3.connect('data/app.db')\n",
    "src/other.py": "x = 1\n",
}
FAULT = "git/unignored-secrets"


def answered(
    text: str,
    files: dict[str, str] | None = None,
    done: tuple[Done, ...] = (),
    config: Config | None = None,
    name: str = "AUDIT.md",
) -> list[Answer]:
    files = files or FILES
    chosen = registry.chosen(registry.rules(), ("git", "python", "docker"), ())
    result = scan(Project(MemoryReader(files)), chosen, config or Config()).result()
    return list(audits.answers(name, audits.read(text.encode()), result, frozenset(files), done))


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        ("1. Keys are not ignored", State.OPEN, ""),
        ("1. Keys are not ignored in `.gitignore`", State.OPEN, ""),
        ("1. Something that `git/unignored-secrets` tells", State.OPEN, ""),  # the rule by its name
        ("1. Keys are not ignored by `src/other.py`", State.UNSURE, "found in .gitignore, not in src/other.py"),
        ("1. Keys are not ignored, see old/place.py:7", State.OPEN, "old/place.py is not there"),
        ("1. Container runs as root", State.UNSURE, "docker/homeless-user: no Dockerfile"),
        ("1. `app.py:12` looks odd", State.OPEN, ""),  # the only finding within 15 lines
        ("1. `app.py:40` looks odd", State.UNMATCHED, "no rule speaks of it"),
        ("1. `app.py` looks odd", State.UNMATCHED, "no rule speaks of it"),
        ("1. The tests are slow", State.UNMATCHED, "no rule speaks of it"),
        ("1. Debug mode is on", State.PASSES, "python/debug-enabled: "),
    ],
)
def test_an_item_is_told_only_where_rule_words_and_place_agree(body: str, state: State, reason: str) -> None:
    (answer,) = answered(f"## High\n\n{body}\n")
    assert (answer.state, answer.reason[: len(reason)]) == (state, reason)


def test_what_is_set_aside_and_what_is_mended_is_told() -> None:
    text = "## High\n\n1. Keys are not ignored\n"
    aside = Config(ignore=(Ignore(FAULT, "not this year"),), where="c.toml")
    assert [(a.state, a.reason) for a in answered(text, config=aside)] == [(State.ASIDE, "not this year")]
    done = Done("0123456789ab", FAULT, "Ignore keys", "c" * 40)
    assert [a.state for a in answered(text, done=(done,))] == [State.PARTLY]
    mended = {**FILES, ".gitignore": "target/\ndata/\n*.db\n*.pem\n*.key\n*.der\n.env\n*.sqlite\n*.p12\n*.pfx\n"}
    assert [a.state for a in answered(text, mended, (done,))] == [State.FIXED]
    labelled = Done("0123456789ab", "t/unknown", "Mend", "c" * 40, ("AUDIT.md#1",))
    assert answered("## High\n\n1. The tests are slow\n", done=(labelled,))[0].state is State.FIXED


def test_the_row_of_a_summary_says_what_its_item_says() -> None:
    table = "\n| # | What | Status |\n|---|---|---|\n| 1 | the first one | Open |\n"
    row, item = sorted(answered(f"## High\n\n1. Keys are not ignored\n{table}"), key=lambda a: a.item.kind == "item")
    assert row.item.kind == "row" and row.state is item.state is State.OPEN


DOCUMENT = """\
# Audit

## High

### 1. Keys are not ignored

- `.gitignore` lacks them.
- Fix: add them.

### 2. The tests are slow

Nobody knows why.

## Low

- Keys are not ignored
* Debug mode is on. Done.

| # | What | Status | Note |
|---|------|:------:|------|
| 1 | keys |  Open  | x    |
| 2 | slow | Open | |

- [ ] keys are not ignored
"""
OPEN = """\
--- 9: - **Status (readiness-fix):** open: `git/unignored-secrets` in `.gitignore`
--- 18:   - **Status (readiness-fix):** open: `git/unignored-secrets` in `.gitignore`
"""
FIXED = """\
--- 9: - **Status (readiness-fix):** fixed by `git/unignored-secrets` (0123456789ab): Ignore keys
--- 18:   - **Status (readiness-fix):** fixed by `git/unignored-secrets` (0123456789ab): Ignore keys
--- 23: | 1 | keys |  Fixed  | x    |
--- 26: - [x] keys are not ignored
"""
MENDED = {**FILES, ".gitignore": "data/\n*.db\n*.sqlite\n*.sqlite3\n.env\n*.pem\n*.key\n*.der\n*.p12\n*.pfx\n*.crt\n"}
DONE = (Done("0123456789ab", FAULT, "Ignore keys", "c" * 40),)
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "lf": lambda b: b,
    "crlf": lambda b: b.replace(b"\n", b"\r\n"),
    "bom": lambda b: b"\xef\xbb\xbf" + b,
    "no final newline": lambda b: b.removesuffix(b"\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_only_the_status_is_written_and_only_once(form: str) -> None:
    data = FORMS[form](DOCUMENT.encode())
    for files, done, expected in ((FILES, (), OPEN), (MENDED, DONE, FIXED)):
        after = audits.written(data, "AUDIT.md", answered(data.decode(), files, done))
        new = dict(enumerate(after.decode("utf-8-sig").splitlines(), 1))
        shown = "".join(f"--- {n}: {new[n]}\n" for n in new if new[n] not in DOCUMENT.splitlines())
        assert shown == expected
        lines = {
            line
            for line in after.split(b"\n")
            if b"Status (r" not in line and b"Fixed" not in line and b"[x]" not in line
        }
        assert lines <= {*data.split(b"\n"), b"- [ ] keys are not ignored\r"}
        assert audits.written(after, "AUDIT.md", answered(after.decode(), files, done)) == after
        assert after.endswith(b"\n") == data.endswith(b"\n")
    opened = audits.written(data, "AUDIT.md", answered(data.decode()))
    later = audits.written(opened, "AUDIT.md", answered(opened.decode(), MENDED, DONE))
    assert later == audits.written(data, "AUDIT.md", answered(data.decode(), MENDED, DONE)), "our own line is replaced"


def test_a_text_without_markup_gets_none() -> None:
    data = b"High\n\nKeys are not ignored. Really.\n\nHigh again\n"
    after = audits.written(data, "audit.txt", answered(data.decode(), name="audit.txt"))
    added = b"Status (readiness-fix): open: git/unignored-secrets in .gitignore\n"
    assert after == data.replace(b"Really.\n", b"Really.\n" + added)


HOSTILE = [
    (b"\0\x01\x02", "NUL"),
    (b"\xff\xfe\x41", "UTF-16"),
    (b"## High\n\n- \xff\n", "not UTF-8"),
    (b"x" * 300_001, "larger than 300 kB"),
    (b"## High\n\n" + b"- No CI\n" * 501, "more than 500 items"),
]


@pytest.mark.parametrize(("data", "said"), HOSTILE, ids=[said for _, said in HOSTILE])
def test_what_is_no_audit_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        audits.read(data)


LONG = [
    "## High\n\n- " + "a" * 290_000,
    "## High\n\n1. " + "secret " * 40_000,
    "|" * 140_000 + "\n" + "|-" * 70_000,
    "| a | status |\n|---|---|\n" + "|x" * 90_000,
    "```\n" * 70_000,
    "#" * 290_000,
    "\n" * 290_000,
    "## High\n\n- a/" + "b/" * 140_000,
    "## High\n\n- " + "a." * 140_000,
    "P1" + "Low" * 90_000,
    "## High\n\n- " + "no " * 90_000,
    "## High\n\n" + "- No CI at all\n  > > > > - [x](((( **a\n" * 400,
    "**" * 140_000,
]


@pytest.mark.parametrize("text", LONG, ids=[t[:20].strip() for t in LONG])
def test_a_hostile_document_takes_no_time(text: str) -> None:
    began = time.perf_counter()
    audits.written(text.encode(), "AUDIT.md", answered(text))
    assert time.perf_counter() - began < 3


PUBLISHED = [
    ("quicnprotochat-production-readiness-audit.txt", "chat_rust", 15, "M"),
    ("qntx-www-readiness-audit.txt", "attest_go", 28, "Q"),
]


@pytest.mark.parametrize(("name", "sample", "count", "letter"), PUBLISHED)
def test_every_item_of_the_published_audits_is_answered(name: str, sample: str, count: int, letter: str) -> None:
    if SHARED is None:
        pytest.skip("the published audits lie beside the project, not in it")
    data = (SHARED / name).read_bytes()
    files = samples.files(sample)
    result = scan(Project(MemoryReader(files)), registry.rules(), Config()).result()
    given = audits.answers(name, audits.read(data), result, frozenset(files))
    assert len(given) == count
    assert {a.state for a in given} <= {State.OPEN, State.ADVISED}
    for answer in given:
        codes = {c for f in answer.findings for c in registry.named(f.rule).audit}
        assert any(c.startswith(letter) for c in codes), answer.item.title
        assert letter != "M" or f"M{answer.item.number}" in codes, answer.item.title
    after = audits.written(data, name, given)
    assert audits.written(after, name, audits.answers(name, audits.read(after), result, frozenset(files))) == after
    assert [n for n in after.split(b"\n") if b"Status (readiness-fix): " not in n] == data.split(b"\n")


AUDIT = "# Audit\n\n## High\n\n### 1. Keys are not ignored\n\nThey are not.\n\n### 2. The tests are slow\n\nYes.\n"


def test_a_run_writes_the_status_back_as_its_last_commit(make_repo: MakeRepo) -> None:
    root = make_repo({**FILES, "docs/AUDIT.md": AUDIT})
    options = Options(select=(FAULT,), audit=str(root / "docs/AUDIT.md"))
    with Session(root, options, write=False) as session:
        patched = session.preview(session.bulk())
        patch, mails = session.patch(patched), session.mbox(patched)
    with Session(root, options) as session:
        list(session.apply(session.bulk()))
        ours, commit = session.target, session.answering.commit
        assert [a.state for a in session.answers] == [State.FIXED, State.UNMATCHED]
    assert git(root, "rev-parse", ours) == commit
    log = git(root, "log", "--format=%s|%(trailers:key=Readiness-Audit,valueonly,separator=%x2C)", f"main..{ours}")
    assert log.split("\n") == [
        "Say what became of the audit's items|",
        "Ignore keys, certificates and local data|docs/AUDIT.md#1",
    ]
    text = git(root, "show", f"{ours}:docs/AUDIT.md")
    added = set(text.split("\n")) - set(AUDIT.split("\n"))
    assert len(added) == 1 and re.fullmatch(
        r"\*\*Status \(readiness-fix\):\*\* fixed by `git/unignored-secrets` \([0-9a-f]{12}\): Ignore keys.*",
        added.pop(),
    )
    git(root, "apply", "--index", "-", data=patch)
    assert git(root, "diff", "--cached", ours) == "", "--diff is what --apply-all commits"
    git(root, "reset", "-q", "--hard")
    git(root, "am", "-q", data=mails)
    assert git(root, "diff", "HEAD", ours) == ""
    git(root, "reset", "-q", "--hard", "HEAD~2")
    with Session(root, options) as again:
        list(again.scan())
        assert [a.state for a in again.answers] == [State.FIXED, State.UNMATCHED], "read off the branch"
        list(again.apply(again.bulk()))
        assert not again.answering.commit, "nothing new to say"


def test_a_fix_that_is_applied_alone_brings_no_second_commit_and_undo_goes_on(make_repo: MakeRepo) -> None:
    root = make_repo({**FILES, "AUDIT.md": AUDIT})
    options = Options(select=(FAULT,), audit=str(root / "AUDIT.md"))
    with Session(root, options) as session:
        plan = session.plan(session.bulk().choices)
        list(session.apply(plan))
        assert git(root, "rev-list", "--count", f"main..{session.target}") == "1"
        list(session.apply(session.bulk()))
        assert git(root, "rev-parse", session.target) == session.answering.commit, "the next run says it"
    with Session(root, options) as session:
        finding = next(iter(session.applied))
        assert session.undo(finding) and finding not in session.applied
        list(session.scan())
        assert [a.state for a in session.answers] == [State.OPEN, State.UNMATCHED]


def test_without_an_audit_no_commit_names_one(make_repo: MakeRepo) -> None:
    root = make_repo(FILES)
    with Session(root, Options(select=(FAULT,))) as session:
        list(session.apply(session.bulk()))
        assert "Readiness-Audit" not in git(root, "log", "-1", "--format=%B", session.target)


def test_a_document_outside_the_commit_is_read_and_not_written(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo(FILES)
    (tmp_path / "audit.md").write_text(AUDIT)
    with Session(root, Options(select=(FAULT,), audit=str(tmp_path / "audit.md"))) as session:
        list(session.apply(session.bulk()))
        assert session.answering.why == "the commit does not hold it" and not session.answering.commit
        assert [a.state for a in session.answers] == [State.FIXED, State.UNMATCHED]
    assert (tmp_path / "audit.md").read_text() == AUDIT


def test_a_document_that_is_not_there_or_no_file_is_refused(make_repo: MakeRepo, tmp_path: Path) -> None:
    root = make_repo(FILES)
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("nothing.md", "no such file"), ("pipe", "not a regular file")):
        with pytest.raises(Refused, match=said):
            Session(root, Options(audit=str(tmp_path / name)), write=False)


def test_the_report_tells_every_item_escaped(make_repo: MakeRepo) -> None:
    root = make_repo({**FILES, "AUDIT.md": "## High\n\n1. Keys are not ignored \x1b[31m\u202e\n2. Slow\n"})
    with Session(root, Options(select=(FAULT,), audit=str(root / "AUDIT.md")), write=False) as session:
        list(session.scan())
        assert session.result is not None
        text = report(session.result, About("1"), answers=session.answers)
    told = json.loads(text)
    assert told["audit"][0]["title"] == "Keys are not ignored \\x1b[31m\\u202e"
    jsonschema.validate(told, json.loads((ROOT / "fixers/reports/scan.schema.json").read_text()))
    assert [(a["number"], a["state"]) for a in told["audit"]] == [("1", "open"), ("2", "not matched")]
    assert [f["audit"] for f in told["findings"]] == [["AUDIT.md#1"]]


def test_a_plain_folder_can_be_asked_too(tmp_path: Path) -> None:
    for name, text in {**FILES, "AUDIT.md": AUDIT}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    *_, given = scan_folder(tmp_path, Options(select=(FAULT,), audit=str(tmp_path / "AUDIT.md")))
    assert [a.state for a in given] == [State.OPEN, State.UNMATCHED]


PLAIN = (
    "1. Actions are not pinned.\n2. Root user\n",
    "# Audit\n\n1. (High) Actions are not pinned.\n2. Root user\n",
    "# Production audit of dufs\n\n- Actions are not pinned.\n- Root user\n",
)


@pytest.mark.parametrize("text", PLAIN)
def test_lists_without_a_heading_of_faults_are_the_audit(text: str) -> None:
    assert [i.title for i in audits.read(text.encode())] in (
        ["Actions are not pinned", "Root user"],
        ["(High) Actions are not pinned", "Root user"],
    )
