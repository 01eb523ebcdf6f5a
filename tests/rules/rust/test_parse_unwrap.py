"""rust/parse-unwrap: addresses only, and a constant only where the type is known."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from fixers.model import Severity
from tests.rules.rust.tool import cured, findings, is_rustfmt_clean

RULE = "parse_unwrap"
NET = "use std::net::{IpAddr, Ipv6Addr, SocketAddr};\n\n"
QUIET = {
    "a media type is no address": 'fn f(h: &mut H) { h.insert(A, "text/plain".parse().unwrap()); }',
    "a number is no address": "fn f(s: &str) -> u16 { s.parse().unwrap() }",
    "an address of another crate": 'fn f() { let a: multiaddr::Multiaddr = "/ip4/1.2.3.4".parse().unwrap(); }',
    "a constant": NET + "fn f() -> SocketAddr { crate::DEFAULT.parse().unwrap() }",
    "the message is a proof": NET + 'fn f() -> SocketAddr { "1.2.3.4:5".parse().expect("static bind address") }',
    "allowed": NET + '#[allow(clippy::expect_used)]\nfn f(s: &str) -> SocketAddr { s.parse().expect("no address") }',
    "a feature for tests": NET + '#[cfg(feature = "test_mode")]\nfn f(s: &str) -> SocketAddr { s.parse().unwrap() }',
    "a module of benchmarks": NET
    + '#[cfg(feature = "divan")]\nmod benches {\n    fn f(s: &str) -> SocketAddr { s.parse().unwrap() }\n}',
    "a help for tests": NET + "impl E { pub fn for_test() -> SocketAddr { S.parse::<SocketAddr>().unwrap() } }",
    "a test": NET + '#[test]\nfn f() { let a: SocketAddr = "1.2.3.4:5".parse().unwrap(); }',
    "asked before": NET + "fn f(s: &str) { if s.parse::<IpAddr>().is_ok() { g(s.parse::<IpAddr>().unwrap()); } }",
    "handled": NET + 'fn f() -> Option<SocketAddr> { "1.2.3.4:5".parse().ok() }',
}
CONSTANTS = {
    'fn f() -> SocketAddr {\n    "0.0.0.0:0".parse().unwrap()\n}': "SocketAddr::from(([0, 0, 0, 0], 0))",
    'fn f() {\n    let a: SocketAddr = "127.0.0.1:80".parse().expect("no address");\n}': "SocketAddr::from(([127, 0, 0, 1], 80))",
    'fn f() {\n    let a = "[::1]:80".parse::<SocketAddr>().unwrap();\n}': "SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 80))",
    'fn f() {\n    let a: IpAddr = "10.0.0.1".parse().unwrap();\n}': "IpAddr::from([10, 0, 0, 1])",
    'fn f() {\n    let a = Ipv6Addr::from_str("::1").unwrap();\n}': "Ipv6Addr::from([0, 0, 0, 0, 0, 0, 0, 1])",
    'fn f() {\n    let a = quinn::Endpoint::client("0.0.0.0:0".parse().unwrap());\n}': "SocketAddr::from(([0, 0, 0, 0], 0))",
    'fn g(n: u8, a: SocketAddr) {}\n\nfn f() {\n    g(1, "1.2.3.4:5".parse().unwrap());\n}': "SocketAddr::from(([1, 2, 3, 4], 5))",
    'fn f() {\n    let a = connect_to("1.2.3.4:5".parse().unwrap());\n}\n\nimpl T {\n    fn connect_to(&self, a: SocketAddr) {}\n}': "SocketAddr::from(([1, 2, 3, 4], 5))",
    'fn f(o: O) {\n    o.with_local(Some("1.2.3.4:5".parse().unwrap()));\n}\n\nimpl O {\n    fn with_local(self, a: Option<SocketAddr>) {}\n}': "Some(SocketAddr::from(([1, 2, 3, 4], 5)))",
    'struct S {\n    at: SocketAddr,\n}\n\nfn f() -> S {\n    S {\n        at: "1.2.3.4:5".parse().unwrap(),\n    }\n}': "SocketAddr::from(([1, 2, 3, 4], 5))",
    'fn f(x: bool) -> SocketAddr {\n    if x {\n        "1.2.3.4:5".parse().unwrap()\n    } else {\n        g()\n    }\n}': "SocketAddr::from(([1, 2, 3, 4], 5))",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("code", CONSTANTS)
def test_a_known_address_becomes_a_constant(code: str) -> None:
    after = cured(RULE, NET + code + "\n")
    assert CONSTANTS[code] in after
    assert "unwrap" not in after and "expect" not in after
    assert is_rustfmt_clean(after)


def test_the_type_is_written_in_full_where_it_is_not_imported() -> None:
    after = cured(RULE, 'fn f() -> std::net::SocketAddr {\n    "1.2.3.4:5".parse().unwrap()\n}\n')
    assert "std::net::SocketAddr::from(([1, 2, 3, 4], 5))" in after


def test_a_literal_of_an_unknown_type_is_not_made_a_constant() -> None:
    (found,) = findings(RULE, 'fn f() { other::connect("1.2.3.4:5".parse().unwrap()); }')
    assert (found.fix, found.severity) == (None, Severity.LOW)


def test_two_functions_of_one_name_do_not_tell_the_type() -> None:
    code = 'fn f(o: O) { o.bind_to("1.2.3.4:5".parse().unwrap()); }\n'
    two = NET + "impl O { fn bind_to(&self, a: SocketAddr) {} }\nimpl P { fn bind_to(&self, a: Other) {} }\n"
    (found,) = findings(RULE, {"src/lib.rs": code, "src/a.rs": two})
    assert found.fix is None


def test_a_host_name_never_parses_and_that_is_said() -> None:
    (found,) = findings(RULE, NET + 'fn f() { let a: SocketAddr = "localhost:80".parse().unwrap(); }')
    assert found.severity is Severity.HIGH
    assert "never parses" in found.message


def test_a_text_of_run_time_is_an_error_to_return() -> None:
    code = (
        NET
        + "fn f(s: &str) -> anyhow::Result<SocketAddr> {\n    let a: SocketAddr = s.parse().unwrap();\n    Ok(a)\n}\n"
    )
    (found,) = findings(RULE, code)
    assert found.severity is Severity.MEDIUM
    assert 's\n        .parse()\n        .map_err(|e| anyhow::anyhow!("cannot parse the address: {e}"))?;' in cured(
        RULE, code
    )
