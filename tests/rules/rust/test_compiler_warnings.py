"""rust/compiler-warnings: only what a build said, found again where it stands now, mended as the compiler is sure."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fixers.config import Config
from fixers.facts.diagnostics import Diagnostic, Swap, compiler
from fixers.model import Applicability, Applied, Finding, NotApplicable, Pass, Result
from fixers.project import MemoryReader, Project
from fixers.rules.rust.compiler_warnings import check as rule
from fixers.scan import scan
from fixers.session import Options, Session
from fixers.verify.verifier import Wanted
from fixers.verify.warnings import warnings

MANIFEST = '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n'
CODE = "fn f() -> u8 {\n    let mut a = 1;\n    a\n}\n"
MUT = Diagnostic("src/lib.rs", "unused_mut", "m", (2,), 2, ("    let mut a = 1;",), (Swap(2, 9, 2, 13, ""),))
FIELDS = "struct Session {\n    id: u64,\n    username: String,\n    key: Vec<u8>,\n}\n"
DEAD = Diagnostic(
    "src/lib.rs",
    "dead_code",
    "fields `username` and `key` are never read",
    (3, 4),
    3,
    ("    username: String,", "    key: Vec<u8>,"),
)


def said(code: str, *found: Diagnostic) -> list[Result]:
    project = Project(MemoryReader({"Cargo.toml": MANIFEST, "src/lib.rs": code})).recorded(compiler, found)
    return list(scan(project, [rule], Config()).ran[rule.id].results)


def finding(code: str, *found: Diagnostic) -> Finding:
    (one,) = said(code, *found)
    assert isinstance(one, Finding)
    return one


def cured(code: str, *found: Diagnostic) -> str:
    fix = finding(code, *found).fix
    assert fix is not None
    return (fix.changes[0].after or b"").decode()


def test_without_a_build_it_says_why_it_does_not_apply() -> None:
    (one,) = rule.check(Project(MemoryReader({"Cargo.toml": MANIFEST})))
    assert isinstance(one, NotApplicable)
    assert "no build has run" in one.reason


def test_a_build_without_warnings_is_a_pass() -> None:
    assert isinstance(said(CODE)[0], Pass)


def test_what_the_compiler_is_sure_of_is_mended() -> None:
    after = cured(CODE, MUT)
    assert after == CODE.replace("let mut", "let")
    assert isinstance(said(after, MUT)[0], Pass)


def test_the_place_is_found_again_after_other_fixes() -> None:
    assert cured("// one more line\n" + CODE, MUT) == "// one more line\n" + CODE.replace("let mut", "let")


def test_a_line_that_stood_twice_is_not_looked_for() -> None:
    twice = replace(MUT, alone=False)
    assert cured(CODE + CODE, twice) == CODE.replace("let mut", "let") + CODE
    assert isinstance(said("// moved\n" + CODE, twice)[0], Pass)


def test_fields_that_nothing_reads_are_kept_with_a_note() -> None:
    found = finding(FIELDS, DEAD)
    assert found.fix is not None and found.fix.applicability is Applicability.UNSAFE
    after = cured(FIELDS, DEAD)
    note = "    #[allow(dead_code)] // never read so far: use it or remove it\n"
    assert after == FIELDS.replace("    username", note + "    username").replace("    key", note + "    key")
    assert isinstance(said(after, DEAD)[0], Pass)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (replace(MUT, lint="unused_variables"), "no mend that it is sure of"),
        (replace(MUT, swaps=()), "no mend that it is sure of"),
        (replace(MUT, everywhere=False), "with its tests or without them"),
        (replace(MUT, lint="dead_code", message="function `f` is never used"), "no mend that it is sure of"),
    ],
)
def test_the_rest_is_advice(other: Diagnostic, why: str) -> None:
    found = finding(CODE, other)
    assert found.fix is None
    assert why in found.fixes[0].reason


def test_a_space_that_the_compiler_leaves_is_left_out() -> None:
    code = "fn f(n: u8) -> u8 {\n    let x = (n + 1);\n    x\n}\n"
    swaps = (Swap(2, 13, 2, 14, ""), Swap(2, 19, 2, 20, " "))
    parens = Diagnostic("src/lib.rs", "unused_parens", "m", (2,), 2, ("    let x = (n + 1);",), swaps)
    assert "let x = n + 1;" in cured(code, parens)


def test_what_is_outside_of_the_tree_or_no_warning_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "lib.rs").write_text("use x;\n")
    span = {"is_primary": True, "line_start": 1, "line_end": 1, "file_name": "../lib.rs", "expansion": None}
    inside = span | {"file_name": "lib.rs"}

    def line(level: str, place: object) -> str:
        message = {"level": level, "code": {"code": "unused_imports"}, "message": "m", "spans": [place]}
        return json.dumps({"reason": "compiler-message", "package_id": "a", "target": {}, "message": message})

    output = "\n".join([line("warning", span), line("error", inside), "no json", "{broken", line("warning", inside)])
    assert [d.path for d in warnings(output, tmp_path / "a", tmp_path / "a")] == ["lib.rs"]


REAL = """\
use std::collections::HashMap;
use std::fs;

struct Session {
    id: u64,
    username: String,
}

pub fn f(n: u64) -> u64 {
    let mut s = Session { id: n, username: String::new() };
    s.id
}

#[test]
fn t() {
    let all: HashMap<u64, u64> = HashMap::new();
    assert_eq!(f(1), 1 + all.len() as u64);
}
"""


@pytest.mark.cargo
@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_what_cargo_really_says(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text(MANIFEST)
    (tmp_path / "src" / "lib.rs").write_text(REAL)
    command = ["cargo", "check", "--workspace", "--all-targets", "--message-format=json", "--offline"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    found = {(d.lint, d.first): d for d in warnings(done.stdout, tmp_path, tmp_path)}
    assert {key: d.everywhere for key, d in found.items()} == {
        ("unused_imports", 1): False,
        ("unused_imports", 2): True,
        ("dead_code", 6): True,
        ("unused_mut", 10): True,
    }
    assert found[("unused_mut", 10)].swaps == (Swap(10, 9, 10, 13, ""),)


@pytest.mark.cargo
@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_a_verified_run_mends_what_its_baseline_said(make_repo: Callable[..., Path]) -> None:
    root = make_repo({"Cargo.toml": MANIFEST, "src/lib.rs": REAL})
    with Session(root, Options(select=(rule.id,))) as session:
        wanted = Wanted(each=True)
        session.agree(wanted, session.build_commands(wanted))
        outcomes = [e.outcome for e in session.apply(session.bulk(unsafe=True)) if e.outcome is not None]
        after = session.read("src/lib.rs") or b""
    applied = {o.finding.anchor for o in outcomes if isinstance(o, Applied) and o.verified_by}
    assert applied == {"unused_mut", "dead_code"}
    assert b"let mut" not in after and b"#[allow(dead_code)]" in after and b"use std::fs" in after


@pytest.mark.parametrize(
    ("more", "safety"),
    [
        ("", None),
        ("#[cfg(test)]\nmod tests {}\n", None),
        ("#[cfg(windows)]\nfn g() {}\n", Applicability.UNSAFE),
        ('fn g() -> bool {\n    cfg!(feature = "extra")\n}\n', Applicability.UNSAFE),
        ("macro_rules! m {\n    () => {};\n}\n", Applicability.UNSAFE),
    ],
)
def test_what_one_build_does_not_compile_makes_its_mend_unsafe(more: str, safety: Applicability | None) -> None:
    (finding,) = (r for r in said(CODE + more, MUT) if isinstance(r, Finding))
    assert finding.fixes[0].applicability in (safety, Applicability.SAFE if safety is None else safety)
