"""rust/expect-in-library: what others meet and nothing speaks for; a fix only where the types are clear."""

from __future__ import annotations

import pytest

from fixers.model import Severity
from tests.rules.rust.tool import cured, findings, is_rustfmt_clean, places

RULE = "expect_in_library"
ANYHOW = "use anyhow::{Context, Result};\n\n"


def body(line: str, returns: str = " -> Result<()>") -> str:
    return ANYHOW + f"pub fn f(x: &X){returns} {{\n    {line}\n    Ok(())\n}}\n"


QUIET = {
    "a pattern that is a literal": body('let r = Regex::new("^a$").unwrap();'),
    "a constant header": body('let h = HeaderValue::from_str("text/html").unwrap();'),
    "a literal number": body("let n = NonZeroU32::new(5).unwrap();"),
    "a date of literals": body("let d = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();"),
    "a literal parsed": body('let u: Url = "https://example.org".parse().unwrap();'),
    "a text made of constants": body('let u: Url = format!("https://{HOST}").parse().unwrap();'),
    "text written to a String": body('write!(s, "{x}").unwrap();'),
    "four bytes of a slice": body("let n = u32::from_le_bytes(b[0..4].try_into().unwrap());"),
    "the clock": body("let t = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();"),
    "a panic passed on": body("handle.join().unwrap();"),
    "a lock is another rule's": body("x.lock().unwrap();"),
    "an address is another rule's": body('let a: std::net::SocketAddr = "1.2.3.4:5".parse().unwrap();'),
    "the message is a proof": body('let v = x.get(0).expect("checked above");'),
    "the message states a fact": body('let v = x.user.as_ref().expect("user is authenticated");'),
    "a comment says why": body("// SAFETY: the map has every key\n    let v = x.get(0).unwrap();"),
    "a comment beside it": body("let v = x.get(0).unwrap(); // never empty"),
    "a comment that counts": body("// there is at least one\n    let v = x.get(0).unwrap();"),
    "written to memory": body("serde_json::to_writer(&mut buffer, &x).unwrap();"),
    "asked before": body("if x.list.is_empty() { return Ok(()); }\n    let v = x.list.first().unwrap();"),
    "assigned before": body("x.tx = Some(1);\n    let v = x.tx.unwrap();"),
    "documented": ANYHOW + "/// # Panics\n///\n/// When empty.\npub fn f(x: &[u8]) {\n    x.first().unwrap();\n}\n",
    "allowed": ANYHOW + "#[allow(clippy::unwrap_used)]\npub fn f(x: &[u8]) {\n    x.first().unwrap();\n}\n",
    "a static": "static R: LazyLock<Regex> = LazyLock::new(|| Regex::new(&make()).unwrap());\n",
    "a test": "#[test]\nfn f() { g().unwrap(); }\n",
    "a private function's own business": "fn f(x: &[u8]) { g(x).unwrap(); }\n",
    "unwrap_or is no panic": body("let v = x.get(0).unwrap_or(&1);"),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("path", ["src/main.rs", "src/bin/tool.rs", "build.rs", "tests/a.rs", "examples/a.rs"])
def test_programs_and_tests_may_panic(path: str) -> None:
    assert findings(RULE, {path: body("let v = x.get(0).unwrap();")}) == []


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('let v = x.get(0).expect("no first");', 'x.get(0).context("no first")?;'),
        ("let v = x.get(0).unwrap();", 'x.get(0).context("get found nothing")?;'),
        ("let v = std::env::var(&x).unwrap();", 'std::env::var(&x).context("std::env::var failed")?;'),
    ],
)
def test_where_the_function_returns_a_result_the_error_is_returned(line: str, after: str) -> None:
    cure = cured(RULE, body(line))
    assert after in cure
    assert is_rustfmt_clean(cure)


def test_the_context_trait_is_imported_when_it_is_not() -> None:
    code = body("let v = x.get(0).unwrap();").replace("{Context, Result}", "Result")
    assert "use anyhow::{Context, Result};" in cured(RULE, code)


def test_the_style_is_found_through_a_module_that_exports_it_again() -> None:
    tree = {
        "src/errors.rs": "pub use anyhow::{Context, Result};\n",
        "src/lib.rs": body("let v = x.get(0).unwrap();").replace(
            "use anyhow::{Context, Result}", "use crate::errors::*"
        ),
    }
    assert 'x.get(0).context("get found nothing")?' in cured(RULE, tree)


@pytest.mark.parametrize(
    ("returns", "after"),
    [
        (" -> std::io::Result<()>", 'x.get(0).ok_or_else(|| std::io::Error::other("get found nothing"))?'),
        (" -> Result<(), Box<dyn std::error::Error>>", 'x.get(0).ok_or("get found nothing")?'),
        (" -> Result<(), String>", 'x.get(0).ok_or_else(|| "get found nothing".to_owned())?'),
        (" -> Result<(), AppError>", 'AppError::Internal("get found nothing".to_owned()))?'),
    ],
)
def test_other_styles_need_to_know_that_it_is_an_option(returns: str, after: str) -> None:
    enum = "enum AppError {\n    Io(std::io::Error),\n    Internal(String),\n}\n"
    code = (enum + body("let v = x.get(0).unwrap();", returns)).replace(ANYHOW, "")
    assert after in "".join(cured(RULE, code).split("\n        "))
    (unclear,) = findings(RULE, code.replace("x.get(0)", "x.some()"))
    assert unclear.fix is None


def test_a_demand_on_the_caller_is_found_in_any_function() -> None:
    (found,) = findings(
        RULE, 'fn auth(b: &mut B) {\n    let c = STATE.get().expect("init must be called before calls");\n}\n'
    )
    assert (found.line, found.severity, found.fix) == (2, Severity.MEDIUM, None)


def test_a_closure_returns_from_itself() -> None:
    assert places(RULE, body("let g = || x.get(0).unwrap();")) == []


def test_one_finding_for_a_file() -> None:
    assert places(RULE, body("let v = x.get(0).unwrap();\n    let w = x.get(1).unwrap();")) == [4, 5]
