"""A scan brought up to date says exactly what a fresh scan of the same tree says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fixers import registry
from fixers.config import Config, Ignore
from fixers.model import Applicability, Change, Finding, Result, Rule, ScanResult, Severity, rule
from fixers.project import MemoryReader, Project
from fixers.scan import Scan, scan

RULES = [r for r in registry.rules() if not r.evidence_only]
Files = dict[str, bytes]


def fresh(files: Files, rules: list[Rule], config: Config) -> Scan:
    return scan(Project(MemoryReader(files), excluded=("old/**",)), rules, config)


def said(done: Scan) -> ScanResult:
    return replace(done.result(), seconds=0.0)


def changed(files: Files, changes: tuple[Change, ...]) -> Files:
    after = {**files, **{c.path: c.after for c in changes if c.after is not None}}
    return {p: b for p, b in after.items() if all(c.path != p or c.after is not None for c in changes)}


def hushing(path: str, data: bytes, found: list[Finding], chance: random.Random) -> bytes:
    """The file with an ignore of some rule above one of its lines, with or without a reason."""
    lines = data.split(b"\n")
    here = [(f.rule, f.line) for f in found if f.path == path and f.line] or [(chance.choice(RULES).id, 1)]
    name, line = chance.choice(here)
    mark = b"//" if path.endswith((".rs", ".go")) else b"#"
    reason = chance.choice([b"", b" we mean it"])
    return b"\n".join(
        [*lines[: line - 1], mark + b" readiness: ignore[%s]" % name.encode() + reason, *lines[line - 1 :]]
    )


def step(files: Files, now: Scan, pool: Files, chance: random.Random) -> tuple[Change, ...]:
    """A fix of one of the rules, or what a person might do: add, remove, replace, set aside, break."""
    fixes = [f.changes for r in now.result().findings for f in r.fixes if f.changes]
    kind = chance.choice(["fix", "fix", "fix", "add", "remove", "replace", "ignore", "break"])
    path = chance.choice(sorted(files))
    if kind == "fix" and fixes:
        return chance.choice(fixes)
    if kind == "remove" and len(files) > 1:
        return (Change(path, files[path], None),)
    if kind == "ignore":
        return (Change(path, files[path], hushing(path, files[path], list(now.result().findings), chance)),)
    if kind == "break":
        return (Change(path, files[path], files[path] + chance.choice([b"\n[[[", b"\xff\xfe", b"\0"])),)
    other = chance.choice(sorted(pool))
    return (Change(other, files.get(other), pool[other] if kind == "add" else pool[chance.choice(sorted(pool))]),)


@pytest.mark.parametrize("seed", range(24))
def test_after_changes_the_scan_is_as_if_made_anew(seed: int) -> None:
    chance = random.Random(seed)
    rules = sorted(chance.sample(RULES, 14), key=lambda r: r.id)
    pool: Files = {}
    for r in rules:
        for tree in (r.good_tree(), r.bad_tree()):
            pool |= {p: t.encode() if isinstance(t, str) else t for p, t in tree.items()}
    files = {p: b for p, b in pool.items() if chance.random() < 0.7} or dict(pool)
    config = Config(ignore=(Ignore(rules[0].id, "for now"), Ignore(rules[1].id, "there", "/src/**")), where="c.toml")
    now = fresh(files, rules, config)
    for _ in range(6):
        changes = step(files, now, pool, chance)
        files = changed(files, changes)
        if not files:
            return
        now, anew = now.after(changes), fresh(files, rules, config)
        assert said(now) == said(anew), [
            (c.path, c.before and c.before[-80:], c.after and c.after[-80:]) for c in changes
        ]
        assert now.ids == anew.ids


@rule(severity=Severity.LOW, fix=Applicability.MANUAL, bad={}, good={})
def listed(project: Project) -> Iterator[Result]:
    """Looks only at what a list names, and at a file with a strange name."""
    for path in project.read("list").decode().split():
        if project.keep(path, 1) and b"X" in project.read(path):
            project.text(path)
            yield Finding(path, "has an X", line=1)
    if project.exists("a{b,c}*.txt"):
        yield Finding("a{b,c}*.txt", "is there")
    if (found := project.entry("tool")) and found.mode == "100755":
        yield Finding("tool", "can be run")


LISTED = [replace(listed, id="t/listed")]
HUSHED = b"X # readiness: ignore[t/listed] we mean it\n"


@pytest.mark.parametrize(
    "change",
    [
        Change("list", b"a b c", b"b"),  # a comment that nothing needs any more, a binary that nothing reads
        Change("list", b"a b c", b""),
        Change("a", HUSHED, None),
        Change("a{b,c}*.txt", None, b""),
        Change("tool", b"", b"", mode="100755"),
    ],
    ids=["narrowed", "emptied", "removed", "glob letters", "mode"],
)
def test_what_is_no_longer_looked_at_leaves_nothing_behind(change: Change) -> None:
    files = {"list": b"a b c", "a": HUSHED, "b": HUSHED, "c": b"X\0", "tool": b""}
    now = fresh(files, LISTED, Config()).after([change])
    anew = Project(MemoryReader({})).evolved([Change(p, None, b) for p, b in files.items()]).evolved([change])
    assert said(now) == said(scan(anew, LISTED, Config()))
