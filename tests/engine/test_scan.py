"""Ids outlive edits, places can be set aside with a reason, failures stop nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fixers import registry
from fixers.config import Config, Ignore
from fixers.editors.splice import Edit, splice
from fixers.model import (
    Applicability,
    Change,
    Finding,
    Location,
    NotApplicable,
    Result,
    Rule,
    Severity,
    finding_id,
    rule,
)
from fixers.project import MemoryReader, Project
from fixers.scan import Scan, scan


@rule(severity=Severity.LOW, fix=Applicability.SAFE, bad={}, good={}, applies=("*.conf", "*.py"))
def shouting(project: Project) -> Iterator[Result]:
    """Someone shouts."""
    for path in project.grep([b"LOUD"], "*.conf", "*.py"):
        data = project.read(path)
        places = [n for n, line in enumerate(data.split(b"\n"), 1) if b"LOUD" in line and project.keep(path, n)]
        if not places:
            continue
        edits, at = [], 0
        for number, line in enumerate(data.split(b"\n"), 1):
            if number in places:
                start = at + line.index(b"LOUD")
                edits.append(Edit(start, start + 4, b"calm"))
            at += len(line) + 1
        draft = project.draft()
        draft.edit(path, splice, edits)
        where = tuple(Location(path, n) for n in places)
        yield Finding(path, "shouts", line=places[0], fixes=draft.fixes("Speak calmly"), locations=where)


@rule(severity=Severity.HIGH, fix=Applicability.MANUAL, bad={}, good={})
def broken(project: Project) -> Iterator[Result]:
    """A rule with a defect."""
    yield Finding("a.conf", "before the defect")
    raise RecursionError("too deep")


@rule(severity=Severity.CRITICAL, fix=Applicability.MANUAL, bad={}, good={})
def named(project: Project) -> Iterator[Result]:
    """Finds a file called fault."""
    if project.exists("fault"):
        yield Finding("fault", "is there", steps=("remove it",))


SHOUT, BROKEN, NAMED = (replace(r, id=i) for r, i in ((shouting, "t/shout"), (broken, "t/broken"), (named, "t/named")))


def scanned(files: dict[str, str | bytes], *rules: Rule, config: Config | None = None) -> Scan:
    return scan(Project(MemoryReader(files)), rules or (SHOUT,), config or Config())


def test_the_id_outlives_lines_that_move() -> None:
    one = scanned({"a.conf": "LOUD\n"}).result().findings[0]
    two = scanned({"a.conf": "x\ny\nLOUD\nLOUD\n"}).result().findings[0]
    assert one.id == two.id == finding_id("t/shout", "a.conf", "")


def test_most_severe_first_then_by_rule_and_path() -> None:
    found = scanned({"b.conf": "LOUD", "a.conf": "LOUD", "fault": ""}, SHOUT, NAMED).result().findings
    assert [(f.rule, f.path) for f in found] == [("t/named", "fault"), ("t/shout", "a.conf"), ("t/shout", "b.conf")]


def test_a_rule_that_fails_is_a_problem_and_the_others_go_on() -> None:
    result = scanned({"a.conf": "LOUD\n"}, BROKEN, SHOUT).result()
    assert [p.where for p in result.problems] == ["t/broken"]
    assert "RecursionError: too deep" in result.problems[0].message
    assert {f.rule for f in result.findings} == {"t/broken", "t/shout"}
    assert not any(p.rule == "t/broken" for p in result.passes), "a rule that failed has not passed"


def test_a_rule_without_its_files_does_not_apply() -> None:
    result = scanned({"README": "LOUD"}).result()
    assert result.not_applicable == (NotApplicable("no *.conf, *.py here", "t/shout"),)


def test_a_path_that_a_rule_names_is_said_from_the_root() -> None:
    rooted = replace(SHOUT, applies=("/.github/*.yml", "**/Dockerfile"))
    assert scanned({"README": ""}, rooted).result().not_applicable[0].reason == "no .github/*.yml, Dockerfile here"


@pytest.mark.parametrize(
    ("files", "evidence"),
    [
        ({"a.conf": "calm"}, "nothing to mend in 1 file: a.conf"),
        ({"a b.conf": "calm", "é\x1b.conf": ""}, 'nothing to mend in 2 files: a b.conf, "\\303\\251\\033.conf"'),
        ({f"{n}.conf": "calm" for n in range(4)}, "nothing to mend in 4 files"),
    ],
)
def test_a_rule_that_finds_nothing_passes_and_says_what_it_read(files: dict[str, str | bytes], evidence: str) -> None:
    assert [p.evidence for p in scanned(files).result().passes] == [evidence]


def test_a_rule_that_reads_nothing_says_so() -> None:
    assert [p.evidence for p in scanned({"a": ""}, NAMED).result().passes] == ["no file holds what it looks for"]


def test_a_file_that_cannot_be_read_is_no_evidence() -> None:
    def careful(project: Project) -> Iterator[Result]:
        """Reads what is text."""
        for path in project.files("*.conf"):
            project.text(path)
        yield from ()

    rule = replace(SHOUT, check=careful)
    one = scanned({"a.conf": b"\xff\xfe\0"}, rule).result()
    assert not one.passes and one.not_applicable[0].reason == "not read: a.conf"
    two = scanned({"a.conf": b"\0", "b.conf": "calm"}, rule).result()
    assert two.passes[0].evidence == "nothing to mend in 1 file: b.conf; 1 not read"


COMMENT = "readiness: ignore[t/shout]"


@pytest.mark.parametrize(
    ("path", "text", "left"),
    [
        ("a.conf", f"LOUD # {COMMENT} we mean it\nLOUD\n", [2]),  # on the line
        ("a.conf", f"# {COMMENT} we mean it\nLOUD\nLOUD\n", [3]),  # alone above it
        ("a.conf", f"LOUD # {COMMENT}\n", [1]),  # no reason, no effect
        ("a.conf", "LOUD # readiness: ignore[t/other] we mean it\n", [1]),  # another rule
        ("a.py", f"x = '''\n# {COMMENT} we mean it\nLOUD'''\n", [3]),  # inside a string it is no comment
        ("a.py", f"# {COMMENT} we mean it\nLOUD = 1\n", []),
        ("a.conf", f'x = "# {COMMENT} LOUD"\n', [1]),
    ],
)
def test_a_comment_takes_away_its_own_place_only(path: str, text: str, left: list[int]) -> None:
    found = scanned({path: text}).result().findings
    assert [p.line for f in found for p in f.locations] == left


def test_a_silenced_place_is_not_edited() -> None:
    now = scanned({"a.conf": f"LOUD # {COMMENT} we mean it\nLOUD\n"})
    fix = now.result().findings[0].fix
    assert fix is not None
    assert fix.changes[0].after == f"LOUD # {COMMENT} we mean it\ncalm\n".encode()


def test_ignores_are_counted_and_idle_ones_reported() -> None:
    text = f"# {COMMENT} nothing here\ncalm\n# {COMMENT}\nLOUD\n"
    config = Config(ignore=(Ignore("t/shout", "legacy", "*.conf"), Ignore("t/named", "never")), where="here.toml")
    result = scanned({"a.conf": text}, SHOUT, NAMED, config=config).result()
    assert [(s.reason, s.where) for s in result.suppressed] == [("legacy", "here.toml")]
    said = [f"{p.where} {p.message}" for p in result.problems]
    assert said == [
        "a.conf:1 `ignore[t/shout]` sets nothing aside; it can go",
        "a.conf:3 `ignore[t/shout]` has no reason, so it has no effect",
        "here.toml the ignore of t/named sets nothing aside; it can go",
    ]


def test_a_configuration_that_names_no_rule_is_told() -> None:
    config = Config(ignore=(Ignore("t/shuot", "typing"),), options={"git/no-codewoners": {}}, where="here.toml")
    said = [f"{p.where}: {p.message}" for p in scanned({"a.conf": ""}, SHOUT, config=config).result().problems]
    assert said == ["here.toml: no rule is called t/shuot", "here.toml: no rule is called git/no-codewoners"]


def test_after_a_change_only_rules_that_looked_there_run_again() -> None:
    now = scanned({"a.conf": "LOUD\n", "z.txt": "x"}, SHOUT, NAMED)
    other = now.after([Change("z.txt", b"x", b"y")])
    assert other.ran["t/shout"] is now.ran["t/shout"] and other.ran["t/named"] is now.ran["t/named"]
    there = now.after([Change("fault", None, b"")])
    assert there.ran["t/shout"] is now.ran["t/shout"]
    assert [f.rule for f in there.result().findings] == ["t/named", "t/shout"]
    cured = now.after([Change("a.conf", b"LOUD\n", b"calm\n")])
    assert cured.result().findings == ()
    fresh = scanned({"a.conf": "calm\n", "z.txt": "x"}, SHOUT, NAMED)
    assert cured.result().passes == fresh.result().passes


def test_excluded_and_vendored_files_are_not_looked_at() -> None:
    files: dict[str, str | bytes] = {"vendor/a.conf": "LOUD", "old/a.conf": "LOUD", "b.conf": "LOUD"}
    project = Project(MemoryReader(files), excluded=("old/**",))
    assert [f.path for f in scan(project, [SHOUT], Config()).result().findings] == ["b.conf"]


def test_part_of_a_monorepo() -> None:
    project = Project(MemoryReader({"one/a.conf": "LOUD", "two/a.conf": "LOUD"}), under="two")
    assert [f.path for f in scan(project, [SHOUT], Config()).result().findings] == ["two/a.conf"]


def test_of_a_part_the_ci_and_the_licence_are_still_seen() -> None:
    files: dict[str, str | bytes] = {
        "one/Cargo.toml": '[package]\nname = "one"\n',
        "one/src/lib.rs": "",
        "LICENSE": "MIT",
        "SECURITY.md": "x",
        ".github/dependabot.yml": "x",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: cargo test\n",
    }
    wanted = (
        "ci/missing-workflow",
        "ci/missing-timeout",
        "git/no-license",
        "git/no-security-policy",
        "deps/no-update-bot",
    )
    rules = [registry.named(name) for name in wanted]
    for under in ("one", ""):
        found = {f.rule for f in scan(Project(MemoryReader(files), under=under), rules, Config()).result().findings}
        assert found == (set() if under else {"ci/missing-timeout"})


def test_of_a_part_a_file_of_the_root_counts_when_the_part_is_why() -> None:
    files: dict[str, str | bytes] = {".gitignore": "x\n", "one/a.toml": 'key_file = "data/server.key"\n'}
    (rule,) = (registry.named("git/unignored-secrets"),)
    found = scan(Project(MemoryReader(files), under="one"), [rule], Config()).result().findings
    assert [f.path for f in found] == [".gitignore"]
    assert not scan(Project(MemoryReader({**files, "two/b": ""}), under="two"), [rule], Config()).result().findings
