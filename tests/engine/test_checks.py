"""Each gate refuses what it is there for: take one away and a line of these tables goes red."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fixers import checks
from fixers.config import Config
from fixers.model import Applicability, Change, Finding, Refused, Result, Severity, rule
from fixers.project import MemoryReader, Project
from fixers.scan import scan


@rule(severity=Severity.LOW, fix=Applicability.SAFE, bad={}, good={})
def fault(project: Project) -> Iterator[Result]:
    """A file says FAULT."""
    for path in project.grep([b"FAULT"]):
        yield Finding(path, "says FAULT")


@rule(severity=Severity.LOW, fix=Applicability.SAFE, bad={}, good={})
def fragile(project: Project) -> Iterator[Result]:
    """Fails on what it does not expect."""
    if project.grep([b"SURPRISE"]):
        raise Refused("a surprise")
    yield from ()


RULES = (replace(fault, id="t/fault"), replace(fragile, id="t/fragile"))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({}, "the fix changes nothing"),
        ({"a.txt": b"still FAULT"}, "the rule still finds the fault"),
        ({"a.txt": b"calm", "b.txt": b"FAULT"}, "would bring a new finding: t/fault in b.txt"),
        ({"a.txt": b"SURPRISE"}, "t/fragile fails on the result: a surprise"),
        ({"a.txt": b"calm", "b.toml": b"= ="}, "b.toml would no longer parse"),
        ({"a.txt": b"calm"}, ""),
        ({"a.txt": None}, ""),
    ],
)
def test_each_gate_of_a_fix(after: dict[str, bytes | None], said: str) -> None:
    now = scan(Project(MemoryReader({"a.txt": "FAULT"})), RULES, Config())
    changes = tuple(Change(p, b"FAULT" if p == "a.txt" else None, b) for p, b in after.items())
    why = checks.refusal(now, now.after(changes), now.result().findings[0], changes)
    assert why.startswith(said) if not said else said in why
    assert bool(why) == bool(said)


@pytest.mark.parametrize(
    ("path", "before", "after", "broken"),
    [
        ("a.toml", b"a = 1\n", b"a = = 1\n", True),
        ("a.toml", b"a = = 1\n", b"a = = 2\n", False),  # it did not parse before either
        ("a.toml", None, b"a = = 1\n", True),
        ("a.json", b"{}", b"{", True),
        ("a.py", b"x = 1\n", b"x = \n", True),
        ("a.py", b"x = '\\d'\n", b"y = '\\d'\n", False),  # a warning is no error, and is not printed
        ("a.rs", b"fn a() {}\n", b"fn a( {}\n", True),
        ("a.rs", b"fn a( {}\n", b"fn a( {} // b\n", False),  # grammars lag behind languages
        ("a.rs", b"fn a( {}\n", b"fn a( {}\nfn b() {}\n) }\n", True),  # one more error
        ("a.go", b"package a\n", b"package a\nfunc {\n", True),
        ("a.yml", b"a: 1\n", b"a: [\n", True),
        ("a.yaml", b"a: 1\n", b"a: 1\na: 2\n", True),  # a key twice
        ("a.yaml", b"a: {{ x }}\n", b"a: {{ y }}\n", False),  # a template: it was no YAML before either
        ("b/Dockerfile", b"FROM a\n", b"FROM a\nUSR b\n", True),
        ("Dockerfile.dev", b"FROM a\n", b"FROM a\nUSER\n", True),
        ("web.Dockerfile", b"FROM a\n", b"RUN a\nFROM a\n", True),
        ("Dockerfile", b"FROM a\n", b"FROM a\nRUN <<END\n", True),  # a heredoc without an end
        ("Containerfile", b"FROM a\n", b"# b\nARG B\nFROM a:$B\nRUN <<END\nUSR\nEND\n", False),
        ("Dockerfile.j2", b"{% if a %}\nFROM a\n", b"{% if a %}\nFROM a\nUSER b\n", False),
        ("a.toml", b"a = 1\n", None, False),  # a removal
        ("a.bin", b"\0", b"\0\xff", False),
    ],
)
def test_the_gate_that_parses(
    path: str, before: bytes | None, after: bytes | None, broken: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    assert bool(checks.unparsable(Change(path, before, after))) is broken
    assert capfd.readouterr() == ("", "")
