"""What every rule owes, with no further test written: its own example proves it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import pytest

from fixers import checks, registry
from fixers.config import Config
from fixers.model import Applicability, Finding, Pass, Rule
from fixers.project import MemoryReader, Project
from fixers.scan import Scan, scan

RULES = registry.rules()
EDITING = [r for r in RULES if r.fix is not Applicability.MANUAL and not r.evidence_only]
BOM = b"\xef\xbb\xbf"
Files = dict[str, bytes]

VARIANTS = {
    "crlf": lambda b: b.replace(b"\n", b"\r\n"),
    "bom": lambda b: b if b.startswith((b"#!", b"FROM")) else BOM + b,
    "no final newline": lambda b: b.removesuffix(b"\n"),
}


def as_bytes(tree: Mapping[str, str | bytes]) -> Files:
    return {p: t.encode() if isinstance(t, str) else t for p, t in tree.items()}


def scan_of(rule: Rule, files: Files) -> Scan:
    context = rule.context
    reader = MemoryReader(
        files,
        remotes=context.remotes,
        branch=context.branch,
        authors=context.authors,
        untracked=context.untracked,
    )
    project = Project(reader)
    for fact, value in context.facts.items():
        project = project.recorded(fact, value)
    done = scan(project, [rule], Config(options={rule.id: context.options}))
    assert not done.ran[rule.id].failed, done.ran[rule.id].failed
    return done


def findings(done: Scan) -> list[Finding]:
    return list(done.result().findings)


def cure(rule: Rule, files: Files, rounds: int = 20) -> Files:
    """Apply the first fix of the first finding until the rule is quiet."""
    now = scan_of(rule, files)
    for _ in range(rounds):
        found = next((f for f in findings(now) if f.fix is not None), None)
        if found is None or found.fix is None:
            return tree_of(now.project)
        after = now.after(found.fix.changes)
        assert checks.refusal(now, after, found, found.fix.changes) == ""
        now = after
    raise AssertionError("the fix does not converge")


def tree_of(project: Project) -> Files:
    return {p: project.read(p) for p in project.files()}


def shown(expected: Files, actual: Files) -> str:
    out: list[str] = []
    for path in sorted(expected.keys() | actual.keys()):
        a = expected.get(path, b"").decode("utf-8", "backslashreplace").splitlines(keepends=True)
        b = actual.get(path, b"").decode("utf-8", "backslashreplace").splitlines(keepends=True)
        out += difflib.unified_diff(a, b, f"expected/{path}", f"actual/{path}")
    return "".join(out)


ids = {"ids": lambda r: r.id if isinstance(r, Rule) else str(r)}


@pytest.mark.parametrize("rule", RULES, **ids)
def test_it_says_what_and_why(rule: Rule) -> None:
    assert re.fullmatch(r"(?:[a-z0-9-]+/)?[a-z]+/[a-z0-9-]+", rule.id)
    doc = (rule.check.__doc__ or "").strip().split("\n")
    assert doc[0].endswith("."), "the title is a sentence"
    assert len(rule.title) <= 72, f"{rule.title!r} is longer than 72"
    assert len(rule.why.split()) >= 10, "the docstring says why"
    assert all(re.fullmatch(r"[MQ]\d{1,2}|M good|Q solid", a) for a in rule.audit)


@pytest.mark.parametrize("rule", [r for r in RULES if not r.evidence_only], **ids)
def test_the_bad_example_is_found(rule: Rule) -> None:
    found = findings(scan_of(rule, as_bytes(rule.bad_tree())))
    assert found
    for f in found:
        assert f.message and f.message.strip() == f.message
        assert f.applicability is not Applicability.MANUAL or f.steps or f.fixes, "advice has steps"
        for fix in f.fixes:
            assert fix.applicability is Applicability.SAFE or fix.reason, f"{fix.title}: why is it not SAFE?"


@pytest.mark.parametrize("rule", RULES, **ids)
def test_the_good_example_is_left_alone(rule: Rule) -> None:
    assert findings(scan_of(rule, as_bytes(rule.good_tree()))) == []


@pytest.mark.parametrize("rule", [r for r in RULES if r.evidence_only], **ids)
def test_evidence_is_given_with_places(rule: Rule) -> None:
    results = scan_of(rule, as_bytes(rule.good_tree())).ran[rule.id].results
    assert any(isinstance(r, Pass) and r.evidence and r.locations for r in results)
    nothing = scan_of(rule, as_bytes(rule.bad_tree())).ran[rule.id].results
    assert not any(isinstance(r, Pass) and r.locations for r in nothing), "no evidence where there is none"


@pytest.mark.parametrize("rule", EDITING, **ids)
def test_the_fix_makes_the_good_example(rule: Rule) -> None:
    bad, good = as_bytes(rule.bad_tree()), as_bytes(rule.good_tree())
    cured = cure(rule, bad)
    assert cured == good, shown(good, cured)


@pytest.mark.parametrize("variant", sorted(VARIANTS))
@pytest.mark.parametrize("rule", EDITING, **ids)
def test_line_ends_bom_and_final_newline_stay(rule: Rule, variant: str) -> None:
    change = VARIANTS[variant]
    bad = {p: change(b) if b"\0" not in b else b for p, b in as_bytes(rule.bad_tree()).items()}
    cured = cure(rule, bad)
    for path, before in bad.items():
        after = cured.get(path)
        if after is None or after == before:
            continue
        assert after.startswith(BOM) == before.startswith(BOM), path
        assert after.endswith(b"\n") == before.endswith(b"\n"), f"{path}: final newline"
        if variant == "crlf":
            assert after.count(b"\n") == after.count(b"\r\n"), f"{path}: mixed line ends"
        else:
            assert b"\r" not in after, path


@pytest.mark.parametrize("rule", EDITING, **ids)
def test_curing_twice_is_curing_once(rule: Rule) -> None:
    once = cure(rule, as_bytes(rule.bad_tree()))
    assert cure(rule, once) == once
