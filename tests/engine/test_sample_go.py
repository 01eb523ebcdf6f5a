"""The Go sample: each row of the www readiness audit is found, no trap is, and every commit builds and passes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixers import registry, samples
from fixers.config import Config
from fixers.model import Applied, Finding, ScanResult
from fixers.options import Options
from fixers.project import MemoryReader, Project
from fixers.scan import scan
from fixers.session import Session
from fixers.verify.verifier import Wanted

NAME = "attest_go"
SERVER = "internal/server"
ITEMS = {
    "Q0": ("go/open-bind", f"{SERVER}/server.go", "Server.Run"),
    "Q1": ("go/cleartext-listener", f"{SERVER}/server.go", "Server.Run"),
    "Q2": ("go/unauthenticated-route", f"{SERVER}/server.go", "/sync"),
    "Q3": ("go/missing-rate-limit", f"{SERVER}/server.go", "Server.Run"),
    "Q4": ("go/origin-prefix-match", f"{SERVER}/cors.go", "Server.allows"),
    "Q5": ("go/missing-origin-accepted", f"{SERVER}/live.go", "checkOrigin"),
    "Q6": ("go/talkative-health", f"{SERVER}/health.go", "Server.handleReady"),
    "Q7": ("go/in-memory-sessions", "internal/auth/sessions.go", "sessions"),
    "Q8": ("go/unbounded-websocket-read", f"{SERVER}/live.go", "Server.handleLive"),
    "Q8, the peers": ("go/unbounded-websocket-read", f"{SERVER}/sync.go", "Server.handleSync"),
    "Q9": ("go/cookie-without-secure", f"{SERVER}/login.go", "auth.CookieName"),
    "Q10": ("go/hardcoded-relying-party", "internal/auth/passkeys.go", "Passkeys"),
    "Q11": ("go/rebinding-dialer", "internal/peer/peer.go", "Pull"),
    "Q12": ("go/plaintext-database", "internal/store/store.go", "Open"),
    "Q13": ("go/unguarded-http-client", "internal/watcher/watcher.go", "Engine.Deliver"),
    "Q13, its errors": ("go/unbounded-error-body", "internal/watcher/watcher.go", "refused"),
    "Q14": ("go/unverified-plugin", "internal/plugin/discovery.go", "Start"),
    "Q15": ("go/unlimited-request-body", f"{SERVER}/statements.go", "Server.handleCreate"),
    "M1": ("go/dev-token", "internal/config/config.go", "Load"),
    "beyond": ("go/server-without-timeouts", f"{SERVER}/server.go", "Server.Run"),
}
BY_HAND = {
    ("go/missing-origin-accepted", "checkOrigin"): "internal/peer/peer.go",  # a program that sends no Origin
    ("go/missing-origin-accepted", "feed"): "on purpose",
    ("go/talkative-health", "handleHealth"): "web/app.js",  # the page shows the version
    ("go/unauthenticated-route", "/sync"): "internal/peer/peer.go",
}
"""Findings whose edit is withheld, and what its reason names."""
SOLID = {
    "go/constant-time-comparison": "internal/auth/sessions.go",
    "go/embedded-static-files": "web/embed.go",
    "go/guarded-file-paths": f"{SERVER}/files.go",
    "go/guarded-outbound-client": "internal/outside/outside.go",
    "go/ignored-config-files": ".gitignore",
    "go/logs-without-secrets": f"{SERVER}/statements.go",
    "go/parameterised-sql": "internal/store/store.go",
}
"""What an auditor lists as solid already, and where it is seen."""
TRAPS = ("wire_gen.go", "testserver.go", "_test.go", "embed.go", "passkey/passkey.go")


@pytest.fixture(scope="module")
def result() -> ScanResult:
    project = Project(MemoryReader(samples.files(NAME)))
    return scan(project, registry.chosen(registry.rules(), ("go",), ()), Config()).result()


@pytest.fixture(scope="module")
def found(result: ScanResult) -> tuple[Finding, ...]:
    return result.findings


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_of_the_audit_is_found_at_its_file_and_symbol(item: str, found: tuple[Finding, ...]) -> None:
    rule, path, symbol = ITEMS[item]
    assert [f for f in found if (f.rule, f.path) == (rule, path) and symbol in f.message.split(" (")[0]]


@pytest.mark.parametrize("rule", SOLID)
def test_what_is_solid_already_is_a_pass_with_its_place(rule: str, result: ScanResult) -> None:
    assert [p for p in result.passes if p.rule == rule and SOLID[rule] in {x.path for x in p.locations}]


def test_nothing_else_is_found(found: tuple[Finding, ...]) -> None:
    assert {(f.rule, f.path) for f in found} == {(rule, path) for rule, path, _ in ITEMS.values()}
    assert not [f for f in found for p in (f.path, *(x.path for x in f.locations)) if p.endswith(TRAPS)]


@pytest.mark.parametrize(("rule", "name"), BY_HAND)
def test_what_others_rely_on_is_withheld_with_their_names(rule: str, name: str, found: tuple[Finding, ...]) -> None:
    one = next(f for f in found if f.rule == rule and name in f.message)
    assert one.fix is None and BY_HAND[rule, name] in one.fixes[0].reason and one.steps


def git(root: str, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, check=True).stdout.decode()


@pytest.mark.go
@pytest.mark.slow
def test_every_commit_builds_vets_and_passes_its_tests(tmp_path: Path) -> None:
    with Session(samples.create(NAME, tmp_path), Options(select=("go",))) as session:
        session.scan_now()
        wanted = Wanted(each=True, tests=True)
        session.agree(wanted, session.build_commands(wanted))
        plan = session.bulk(unsafe=True)
        outcomes = [e.outcome for e in session.apply(plan) if e.outcome is not None]
        assert outcomes and not [o for o in outcomes if not isinstance(o, Applied)], outcomes
        if any(isinstance(o, Applied) and o.unverified for o in outcomes):
            pytest.skip("the module of gorilla/websocket could not be downloaded")
        assert session.result is not None
        assert {f.rule for f in session.result.findings if f.fix is not None} == set()
        root, target = session.root, session.target
        files = git(root, "diff", "--name-only", f"{session.branch}..{target}").split()
        watcher = git(root, "show", f"{target}:internal/watcher/watcher.go")
        assert watcher.count("\n") == watcher.count("\r\n")
        assert not [p for p in files if p.endswith(TRAPS) and p in samples.files(NAME)]
