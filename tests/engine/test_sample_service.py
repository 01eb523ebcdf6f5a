"""The Rust service: every fault of the www audit in it is found, no trap beside it is, and every commit builds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixers import registry, samples
from fixers.config import Config
from fixers.model import Applied, Finding, Location
from fixers.options import Options
from fixers.project import MemoryReader, Project
from fixers.scan import scan
from fixers.session import Session
from fixers.verify.verifier import Wanted
from tests.rules.rust.tool import is_rustfmt_clean

NAME = "board_rust"
FOUND = [
    # audit item, the rule that finds it, where, the only line that is named, and the trap beside it
    ("Q0", "rust/open-bind", "src/main.rs", 'let listener = TcpListener::bind("0.0.0.0:8090").await?;'),
    ("Q1", "rust/tls-verification-off", "src/neighbours.rs", ".danger_accept_invalid_certs(true)"),
    ("Q3", "rust/missing-rate-limit", "src/routes.rs", '.route("/login", post(login::log_in))'),
    ("Q4", "rust/wildcard-cors", "src/routes.rs", "let cors = CorsLayer::new()"),
    ("Q8", "rust/unbounded-websocket-read", "src/feed.rs", "ws.on_upgrade(move |socket| show(socket, app))"),
    ("Q9", "rust/cookie-without-secure", "src/login.rs", 'Cookie::build(("session", session_token()))'),
    ("Q10", "rust/hardcoded-relying-party", "src/passkeys.rs", 'let rp_id = "localhost";'),
    ("Q13", "rust/unguarded-http-client", "src/neighbours.rs", "client: Client::new(),"),
    ("Q15", "rust/unlimited-request-body", "src/notices.rs", "let body = to_bytes(request.into_body(), usize::MAX)"),
    ("", "rust/weak-random", "src/login.rs", "let mut rng = SmallRng::from_os_rng();"),
]
TRAPS = [
    # code that looks like a fault, and why it is none
    ("src/main.rs", 'TcpListener::bind("127.0.0.1:8091")', "loopback"),
    ("src/neighbours.rs", "if insecure {", "somebody asks for it"),
    ("src/neighbours.rs", "timeout(Duration::from_secs(90))", "a client with a limit"),
    ("src/routes.rs", ".allow_origin(settings::pages())", "origins of the house's own"),
    ("src/routes.rs", ".allow_methods([Method::GET]);", "a list that is only read"),
    ("src/feed.rs", "ws.max_message_size(4096)", "a socket with a limit"),
    ("src/login.rs", 'jar.remove(Cookie::build(("session", ""))', "a cookie that goes"),
    ("src/login.rs", ".secure(true)", "a cookie that is Secure"),
    ("src/login.rs", "StdRng::from_os_rng()", "a generator that is meant for secrets"),
    ("src/notices.rs", "to_bytes(request.into_body(), NOTICE)", "a body with a limit"),
    ("src/notices.rs", "to_bytes(response.into_body(), usize::MAX)", "an answer of our own"),
    ("src/settings.rs", 'rp_id: "localhost".to_owned()', "the default of a setting"),
    ("src/retry.rs", "SmallRng::from_os_rng()", "a pause that nobody has to guess"),
    ("tests/front.rs", 'bind("0.0.0.0:0")', "a test"),
    ("vendor/webauthn-rs/src/lib.rs", "WebauthnBuilder", "somebody else's code"),
]
BY_HAND = {"rust/missing-rate-limit"}


@pytest.fixture(scope="module")
def found() -> tuple[Finding, ...]:
    project = Project(MemoryReader(samples.files(NAME)))
    return scan(project, registry.chosen(registry.rules(), ("rust",), ()), Config()).result().findings


@pytest.mark.parametrize(("item", "rule", "path", "line"), FOUND, ids=[rule for _, rule, _, _ in FOUND])
def test_each_fault_is_found_in_its_line_and_no_other(
    found: tuple[Finding, ...], item: str, rule: str, path: str, line: str
) -> None:
    (one,) = [f for f in found if f.rule == rule]
    text = samples.files(NAME)[path].decode().splitlines()
    assert one.path == path and item in (*one.audit, "")
    assert [text[p.line - 1].strip() for p in one.locations or (Location(path, one.line),)] == [line]


def test_nothing_else_is_found(found: tuple[Finding, ...]) -> None:
    assert {(f.rule, f.path) for f in found} == {(rule, path) for _, rule, path, _ in FOUND}


@pytest.mark.parametrize(("path", "code", "_why"), TRAPS, ids=[f"{p}, {w}" for p, _, w in TRAPS])
def test_the_traps_are_there(path: str, code: str, _why: str) -> None:
    assert code in samples.files(NAME)[path].decode()


def test_the_edits_are_as_rustfmt_has_them(tmp_path: Path) -> None:
    with Session(samples.create(NAME, tmp_path), Options(select=("rust",)), write=False) as session:
        session.scan_now()
        after = [(c.path, c.after or b"") for c in session.preview(session.bulk(unsafe=True)).changes]
    assert len(after) == len({path for _, rule, path, _ in FOUND})
    for path, text in [*after, *((p, b) for p, b in samples.files(NAME).items() if p.endswith(".rs"))]:
        assert is_rustfmt_clean(text.decode().replace("\r\n", "\n")), path


def git(root: str, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, check=True).stdout.decode()


@pytest.mark.cargo
def test_every_commit_builds_and_the_faults_are_gone(tmp_path: Path) -> None:
    """`--select rust --apply-all --unsafe-fixes --verify-each --yes`, as the command line does it."""
    with Session(samples.create(NAME, tmp_path), Options(select=("rust",))) as session:
        session.scan_now()
        wanted = Wanted(each=True)
        session.agree(wanted, session.build_commands(wanted))
        outcomes = [e.outcome for e in session.apply(session.bulk(unsafe=True)) if e.outcome is not None]
        assert {o.finding.rule for o in outcomes if isinstance(o, Applied)} == {r for _, r, _, _ in FOUND} - BY_HAND
        assert [o for o in outcomes if not isinstance(o, Applied)] == []
        assert {o.unverified for o in outcomes if isinstance(o, Applied)} == {""}
        assert session.result is not None
        assert {f.rule for f in session.result.findings} == BY_HAND
        feed = git(session.root, "show", f"{session.target}:src/feed.rs")
        assert "max_message_size(1024 * 1024)" in feed and feed.count("\n") == feed.count("\r\n")
