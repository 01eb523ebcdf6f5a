"""rust/mutex-unwrap: only locks that a panic can poison, and only edits that compile."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from fixers.model import Applicability, Pass
from tests.rules.rust.tool import cured, findings, is_rustfmt_clean, places, results

RULE = "mutex_unwrap"
STD = "use std::sync::Mutex;\n"
QUIET = {
    "parking_lot has no poison": "use parking_lot::Mutex;\nfn f(m: &Mutex<Option<u8>>) { m.lock().unwrap(); }",
    "tokio has no poison": "use tokio::sync::Mutex;\nasync fn f(m: &Mutex<Option<u8>>) { m.lock().await.unwrap(); }",
    "a lock of stdin": STD + "fn f() { std::io::stdin().lock().lines().next().unwrap(); }",
    "a file lock fails for other reasons": STD + "fn f(file: &std::fs::File) { file.lock().unwrap(); }",
    "a child that is waited for": STD + "fn f(c: &mut std::process::Child) { c.wait().unwrap(); }",
    "read() of something that is no lock": STD + "fn f(s: &Sensor) { s.read().unwrap(); }",
    "a test module": STD + "#[cfg(test)]\nmod tests { use super::*; fn f(m: &Mutex<u8>) { m.lock().unwrap(); } }",
    "a test module in a test module": STD
    + "#[cfg(test)]\nmod t { mod u { fn f(m: &Mutex<u8>) { m.lock().unwrap(); } } }",
    "a test function": STD + "#[tokio::test]\nasync fn f() { let m = Mutex::new(1); m.lock().unwrap(); }",
    "test helpers behind a feature": STD
    + '#[cfg(any(test, feature = "x"))]\nfn f(m: &Mutex<u8>) { m.lock().unwrap(); }',
    "the poison is handled": STD + "fn f(m: &Mutex<u8>) { if let Ok(g) = m.lock() { drop(g) } }",
    "try_lock says more than poison": STD + "fn f(m: &Mutex<u8>) { m.try_lock().unwrap(); }",
    "set aside with a reason": STD
    + "fn f(m: &Mutex<u8>) {\n    // readiness: ignore[rust/mutex-unwrap] a poisoned ledger must stop us\n    m.lock().unwrap();\n}",
}
FOUND = {
    "a parameter": STD + "fn f(m: &Mutex<u8>) { m.lock().unwrap(); }",
    "with a message": STD + 'fn f(m: &Mutex<u8>) { m.lock().expect("poisoned"); }',
    "the full path in a field": "struct S { m: std::sync::Mutex<u8> }\nimpl S { fn f(&self) { *self.m.lock().unwrap() = 1; } }",
    "the module imported": "use std::sync;\nfn f(m: &sync::Mutex<u8>) { m.lock().unwrap(); }",
    "another name": "use std::sync::Mutex as M;\nfn f(m: &M<u8>) { m.lock().unwrap(); }",
    "an RwLock": "use std::sync::RwLock;\nfn f(m: &RwLock<u8>) { m.read().unwrap(); }",
    "a condition variable": "use std::sync::{Condvar, Mutex};\nfn f(c: &Condvar, m: std::sync::MutexGuard<u8>) { c.wait(m).unwrap(); }",
    "a variable": STD + "fn f() { let m = Mutex::new(1); m.lock().unwrap(); }",
    "a clone of a field": STD
    + "struct S { m: std::sync::Arc<Mutex<u8>> }\nfn f(s: &S) { let x = s.m.clone(); std::thread::spawn(move || x.lock().unwrap()); }",
    "a static of lazy_static": STD
    + "lazy_static! { static ref ALL: Mutex<u8> = Mutex::new(1); }\nfn f() { ALL.lock().unwrap(); }",
    "a function that hands it out": STD
    + "fn all() -> &'static Mutex<u8> { todo!() }\nfn f() { all().lock().unwrap(); }",
    "an alias": STD + "type Shared = std::sync::Arc<Mutex<u8>>;\nfn f(m: Shared) { m.lock().unwrap(); }",
    "an element": STD + "struct S { shards: Vec<Mutex<u8>> }\nfn f(s: &S) { s.shards[1].lock().unwrap(); }",
    "beside a test": STD + "fn f(m: &Mutex<u8>) { m.lock().unwrap(); }\n#[cfg(test)]\nmod tests {}",
    "not in tests": STD + "#[cfg(not(test))]\nfn f(m: &Mutex<u8>) { m.lock().unwrap(); }",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found(case: str) -> None:
    (found,) = findings(RULE, FOUND[case])
    assert found.fix is not None
    assert len(found.locations) == 1


def test_files_that_a_test_module_declares_are_tests() -> None:
    code = STD + "fn f(m: &Mutex<u8>) { m.lock().unwrap(); }"
    tree = {"src/lib.rs": "#[cfg(test)]\nmod helpers;\n", "src/helpers.rs": code, "src/helpers/deep.rs": code}
    assert findings(RULE, tree) == []
    for path in ("tests/it.rs", "benches/b.rs", "examples/e.rs", "build.rs", "app-testing/src/lib.rs"):
        assert findings(RULE, {path: code}) == []


def test_the_declaration_of_another_file_of_the_crate_decides() -> None:
    use = "fn f(s: &crate::State) { s.jobs.lock().unwrap(); }"
    std = {"src/state.rs": "pub struct State { jobs: std::sync::Mutex<u8> }", "src/lib.rs": use}
    other = {"src/state.rs": "pub struct State { jobs: parking_lot::Mutex<Option<u8>> }", "src/lib.rs": use}
    assert places(RULE, std) == [1]
    assert findings(RULE, other) == []


def test_macro_arguments_are_reported_and_never_edited() -> None:
    (found,) = findings(RULE, STD + 'fn f(m: &Mutex<u8>) {\n    println!("{}", m.lock().unwrap());\n}\n')
    assert (found.line, found.fix, found.locations[0].note) == (3, None, "inside a macro, by hand")


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("m.lock().unwrap().push(1);", True),
        ("let n = m.lock().unwrap().len();", True),
        ("*m.lock().unwrap() = vec![];", True),
        ("drop(m.lock().unwrap());", True),
        ("if m.lock().unwrap().is_empty() { g() }", True),
        ("let g = m.lock().unwrap();", False),
        ("let g = &mut *m.lock().unwrap();", False),
        ("let n = &m.lock().unwrap()[0];", False),
        ("for x in m.lock().unwrap().iter() { g(x) }", False),
        ("match m.lock().unwrap().first() { Some(x) => g(x), None => {} }", False),
        ("if let Some(x) = m.lock().unwrap().first() { g(x) }", False),
        ("g(m.lock().unwrap());", False),
        ("S { guard: m.lock().unwrap() };", False),
        ("return m.lock().unwrap();", False),
    ],
)
def test_a_guard_that_outlives_its_statement_needs_a_reviewer(line: str, safe: bool) -> None:
    (found,) = findings(RULE, STD + f"fn f(m: &Mutex<Vec<u8>>) {{\n    {line}\n}}\n")
    assert found.fix is not None
    assert found.fix.applicability is (None if safe else Applicability.UNSAFE)


def test_an_error_is_offered_where_every_function_can_return_one() -> None:
    code = "use anyhow::Result;\nuse std::sync::Mutex;\n\nfn f(m: &Mutex<u8>) -> Result<u8> {\n    Ok(*m.lock().unwrap())\n}\n"
    assert 'Ok(*m.lock().map_err(|e| anyhow::anyhow!("lock poisoned: {e}"))?)' in cured(RULE, code, "map-err")
    closure = code.replace("Ok(*m.lock().unwrap())", "let g = || *m.lock().unwrap();\n    Ok(g())")
    assert [f.name for f in findings(RULE, closure)[0].fixes] == ["default"]
    enum = "enum StoreError {\n    Missing,\n    Internal(String),\n}\n"
    typed = enum + code.replace("Result<u8>", "std::result::Result<u8, StoreError>")
    assert 'StoreError::Internal(format!("lock poisoned: {e}"))' in cured(RULE, typed, "map-err")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "        let mut open = self.connections_that_are_open.lock().unwrap();",
            "        let mut open = self\n            .connections_that_are_open\n            .lock()"
            "\n            .unwrap_or_else(PoisonError::into_inner);",
        ),
        (
            "        self.tasks_of_mine_x.lock().unwrap().spawn(async move {\n            go().await;\n        });",
            "        self.tasks_of_mine_x\n            .lock()\n            .unwrap_or_else(PoisonError::into_inner)"
            "\n            .spawn(async move {\n                go().await;\n            });",
        ),
        (
            "        if let Some(x) = self.tasks_of_mine_x.lock().unwrap().first() {\n            go(x);\n        }",
            "        if let Some(x) = self\n            .tasks_of_mine_x\n            .lock()"
            "\n            .unwrap_or_else(PoisonError::into_inner)\n            .first()\n        {\n            go(x);\n        }",
        ),
        (
            "        let Some(x) = self.tasks_of_mine_x.lock().unwrap().first() else {\n            return;\n        };",
            "        let Some(x) = self\n            .tasks_of_mine_x\n            .lock()"
            "\n            .unwrap_or_else(PoisonError::into_inner)\n            .first()\n        else {\n            return;\n        };",
        ),
    ],
)
def test_chains_that_get_too_long_are_broken_as_rustfmt_does(before: str, after: str) -> None:
    head = (
        "use std::{\n    collections::HashMap,\n    sync::{Arc, Mutex, RwLock},\n};\n\nstruct S {\n"
        "    tasks_of_mine_x: Mutex<Vec<u8>>,\n    connections_that_are_open: Mutex<Vec<u8>>,\n}\n\n"
        "impl S {\n    fn f(&self) {\n"
    )
    code = head + before + "\n    }\n}\n"
    wanted = code.replace(before, after).replace("Mutex, RwLock}", "Mutex, PoisonError, RwLock}")
    assert is_rustfmt_clean(code)
    assert cured(RULE, code) == wanted
    assert is_rustfmt_clean(wanted)


def test_code_that_cannot_be_read_is_not_edited() -> None:
    (found,) = findings(RULE, STD + "fn f(m: &Mutex<u8>) { let x = (1; m.lock().unwrap(); }")
    assert found.fix is None
    assert "cannot read" in found.fixes[0].reason


def test_handled_locks_are_a_pass_with_their_places() -> None:
    (said,) = results(RULE, "fn f(m: &std::sync::Mutex<u8>) { if let Ok(g) = m.lock() { drop(g) } }")
    assert isinstance(said, Pass)
    assert said.locations[0].path == "src/lib.rs"
