"""The sample of the demo has every fault of the audit and nothing beside it; its fixes build."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import git

from fixers import samples
from fixers.model import Applied, Failed, Finding, Location, Outcome, ScanResult
from fixers.session import Options, Session
from fixers.verify.verifier import Wanted

FOUND = [
    # audit item, the rule that finds it, where
    ("M1", "config/dev-token", "parley.example.toml"),
    ("M1", "config/dev-token", "README.md"),
    ("M1", "rust/dev-token", "crates/server/src/main.rs"),
    ("M2", "rust/plaintext-database", "crates/server/src/sql_store.rs"),
    ("M2", "config/plaintext-database", "parley.example.toml"),
    ("M3", "git/unignored-secrets", ".gitignore"),
    ("M4", "docker/missing-workspace-member", "Dockerfile"),
    ("M5", "rust/no-crypto-provider", "crates/server/src/main.rs"),
    ("M5", "rust/no-crypto-provider", "crates/client/src/main.rs"),
    ("M5", "rust/no-crypto-provider", "crates/client/tests/e2e.rs"),
    ("M6", "rust/expect-in-library", "crates/client/src/lib.rs"),
    ("M7", "rust/mutex-unwrap", "crates/server/src/sql_store.rs"),
    ("M7", "rust/mutex-unwrap", "crates/server/src/storage.rs"),
    ("M7", "rust/mutex-unwrap", "crates/mesh/src/routes.rs"),
    ("M7", "rust/mutex-unwrap", "crates/mesh/src/count.rs"),
    ("M8", "rust/parse-unwrap", "crates/client/src/lib.rs"),
    ("M9", "rust/silent-self-signed-cert", "crates/server/src/tls.rs"),
    ("M9", "rust/readable-by-everyone", "crates/server/src/tls.rs"),
    ("M10", "ci/missing-workflow", ".github/workflows/ci.yml"),
    ("M11", "git/no-codeowners", ".github/CODEOWNERS"),
    ("M12", "ci/no-dependency-audit", ".github/workflows/audit.yml"),
    ("M13", "deps/missing-deny-toml", "deny.toml"),
    ("M14", "rust/generated-code-warnings", "crates/wire/src/lib.rs"),
    ("M15", "docker/homeless-user", "Dockerfile"),
]
GOOD = [
    # what the audit finds in good shape, the rule that says so, where
    ("tokens are compared in constant time", "rust/timing-unsafe-compare", "crates/server/src/auth.rs"),
    ("sizes and lengths have limits", "rust/unchecked-input", "crates/core/src/lib.rs"),
    ("a peer has a limit", "rust/unchecked-input", "crates/server/src/limits.rs"),
    ("no secret is in the log", "rust/secret-in-log", "crates/server/src/auth.rs"),
    ("errors have codes", "rust/untyped-errors", "crates/core/src/error.rs"),
    ("there is a health request", "rust/no-health-endpoint", "crates/server/src/handler.rs"),
]
TRAPS = [
    # a place that looks like a fault, and why it is none
    ("docker/whole.Dockerfile", "copies the whole tree"),
    ("crates/client/tests/say.rs", "a token in a test"),
    ("crates/server/tests/fixtures/parley.toml", "a fixture"),
    ("crates/client/tests/fixtures/peer.pub", "a public key"),
    ("crates/server/migrations/0002_credentials.sql", "a name alone"),
    (".env.example", "an example without a value"),
    ("crates/core/src/lib.rs", "an expect in a constant and in a LazyLock"),
    ("crates/core/src/error.rs", "an enum of errors"),
    ("crates/server/src/limits.rs", "a lock whose error is looked at"),
    ("crates/server/src/settings.rs", "a fixture that a test includes"),
    ("crates/server/src/auth.rs", "a token in a comparison in constant time"),
    ("crates/wire/build.rs", "a build script may panic"),
    ("vendor/rusqlite/src/lib.rs", "somebody else's code"),
    ("vendor/rusqlite/Cargo.toml", "no member of the workspace"),
    ("docs/deployment.md", "no fault"),
]
LINES = [
    # files that have traps beside their faults: the lines that are named, and no others
    ("config/dev-token", "parley.example.toml", ['auth_token = "devtoken"']),
    ("config/dev-token", "README.md", ['auth_token = "devtoken"']),
    ("rust/mutex-unwrap", "crates/server/src/sql_store.rs", [
        "let conn = self.conn.lock().unwrap();", "let found = self",
    ]),
    ("rust/mutex-unwrap", "crates/mesh/src/count.rs", ["counted!(self.total.lock().unwrap())"]),
    ("rust/parse-unwrap", "crates/client/src/lib.rs", ['let bind: SocketAddr = "0.0.0.0:0".parse().unwrap();']),
    ("rust/expect-in-library", "crates/client/src/lib.rs", [
        "let token = AUTH",
        'let name = ServerName::try_from(name.to_owned()).expect("a name of a server");',
    ]),
    ("docker/missing-workspace-member", "Dockerfile", ["COPY crates/client/Cargo.toml crates/client/Cargo.toml"]),
]  # fmt: skip
BEYOND = {"docker/no-healthcheck", "docker/swallowed-error", "docker/unpinned-base-image", "git/no-license",
          "git/no-security-policy", "deps/no-update-bot"}  # fmt: skip
"""Hygiene that the audit has no item for."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.create("chat_rust", tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def result(sample: Path) -> ScanResult:
    with Session(sample, Options(), write=False) as session:
        return session.scan_now().result()


@pytest.mark.parametrize(("item", "rule", "path"), FOUND)
def test_the_audit_is_found(result: ScanResult, item: str, rule: str, path: str) -> None:
    hits = [f for f in result.findings if (f.rule, f.path) == (rule, path)]
    assert hits and item in hits[0].audit


@pytest.mark.parametrize(("_what", "rule", "path"), GOOD)
def test_what_is_in_good_shape_is_said_with_its_place(result: ScanResult, _what: str, rule: str, path: str) -> None:
    places = [place.path for p in result.passes if p.rule == rule for place in p.locations]
    assert path in places


@pytest.mark.parametrize(("path", "_why"), TRAPS)
def test_traps_are_left_alone(result: ScanResult, path: str, _why: str) -> None:
    assert path in samples.files("chat_rust")
    assert [f.rule for f in result.findings if path in places(f)] == []


@pytest.mark.parametrize(("rule", "path", "lines"), LINES, ids=[f"{r}-{p}" for r, p, _ in LINES])
def test_only_the_faulty_lines_are_named(result: ScanResult, rule: str, path: str, lines: list[str]) -> None:
    text = samples.files("chat_rust")[path].decode().splitlines()
    hits = [f for f in result.findings if (f.rule, f.path) == (rule, path)]
    named = {p.line for f in hits for p in f.locations or (Location(path, f.line),) if p.path == path}
    assert [text[n - 1].strip() for n in sorted(named)] == lines


def test_nothing_else_is_found(result: ScanResult) -> None:
    known = {(rule, path) for _, rule, path in FOUND}
    assert {(f.rule, f.path) for f in result.findings if f.rule not in BEYOND} - known == set()
    assert not result.problems


def places(finding: Finding) -> set[str]:
    return {finding.path, *(place.path for place in finding.locations)}


def test_the_ends_of_lines_and_files_stay_as_they_are(sample: Path) -> None:
    with Session(sample, Options(), write=False) as session:
        patched = session.preview(session.bulk(unsafe=True))
    after = {c.path: c.after or b"" for c in patched.changes}
    routes, ignored = after["crates/mesh/src/routes.rs"], after[".gitignore"]
    assert routes.count(b"\n") == routes.count(b"\r\n") > 30
    assert not samples.files("chat_rust")[".gitignore"].endswith(b"\n") and not ignored.endswith(b"\n")


def test_the_demo_answers_its_own_prompts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No terminal: the session is the plain one, takes the defaults, and ends with a branch."""
    from tui.cli import main

    with open(os.devnull) as nothing, pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdin", nothing)
        assert main(["demo", "--keep", str(tmp_path / "kept")]) == 0
    said = capsys.readouterr().out
    root = tmp_path / "kept" / "chat_rust"
    (branch,) = git(root, "for-each-ref", "--format=%(refname:short)", "refs/heads/readiness").split()
    count = int(git(root, "rev-list", "--count", f"main..{branch}"))
    assert f"{count} fixes on {branch}" in said and count >= 8
    assert git(root, "status", "--porcelain") == ""


BY_HAND = {
    # what no edit mends
    ("rust/expect-in-library", "crates/client/src/lib.rs"): "set_auth returns nothing: its callers have to change",
    ("rust/mutex-unwrap", "crates/mesh/src/count.rs"): "the lock is inside the arguments of a macro",
}
WARNED = {
    # what only a build tells, and no edit mends
    ("rust/compiler-warnings", "crates/client/tests/say.rs"): "the compiler has no mend for a deprecated function",
}


@dataclass
class Mended:
    """What became of the sample: a checkout before, one after, and the target folder that the builds share."""

    before: Path
    after: Path
    target: Path
    commits: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    left: ScanResult

    def cargo(self, where: Path, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "CARGO_TARGET_DIR": str(self.target), "CARGO_TERM_COLOR": "never"}
        command = ["cargo", *words, "--locked"]
        return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Mended:
    """`--apply-all --unsafe-fixes --verify-each --yes`, as the command line does it."""
    root = samples.create("chat_rust", tmp_path_factory.mktemp("mended"))
    with Session(root, Options()) as session:
        session.scan_now()
        wanted = Wanted(each=True)
        session.agree(wanted, session.build_commands(wanted))
        outcomes = tuple(e.outcome for e in session.apply(session.bulk(unsafe=True)) if e.outcome is not None)
        commits = tuple(git(root, "rev-list", "--reverse", f"main..{session.target}").split())
        target, left = Path(session.state) / "build" / "target", session.result
    after = root.parent / "after"
    git(root, "worktree", "add", "--quiet", "--detach", str(after), commits[-1])
    assert left is not None
    return Mended(root, after, target, commits, outcomes, left)


@pytest.mark.cargo
def test_every_commit_builds(mended: Mended) -> None:
    assert [(o.finding.rule, o.reason, o.log) for o in mended.outcomes if isinstance(o, Failed)] == []
    applied = [o for o in mended.outcomes if isinstance(o, Applied)]
    assert [o.commit for o in applied] == list(mended.commits)
    assert {(o.verified_by, o.unverified) for o in applied} == {
        ("cargo check --workspace --all-targets --keep-going --locked", "")
    }


@pytest.mark.cargo
def test_the_faults_that_have_an_edit_are_gone(mended: Mended) -> None:
    audited = {(rule, path) for _, rule, path in FOUND}
    assert {(f.rule, f.path) for f in mended.left.findings} & audited == set(BY_HAND)
    built = {(f.rule, f.path) for f in mended.left.findings if f.rule == "rust/compiler-warnings"}
    assert built == set(WARNED)
    assert {f.rule for f in mended.left.findings} - {rule for rule, _ in {**BY_HAND, **WARNED}} <= BEYOND


@pytest.mark.cargo
def test_the_test_that_panicked_passes(mended: Mended) -> None:
    """rustls without a provider panics at the first connection; the branch has one."""
    words = ("test", "--quiet", "--package", "parley-client", "--test", "e2e")
    before, after = mended.cargo(mended.before, *words), mended.cargo(mended.after, *words)
    assert before.returncode != 0 and "CryptoProvider" in before.stdout + before.stderr
    assert after.returncode == 0, after.stdout + after.stderr


@pytest.mark.cargo
def test_clippy_and_rustfmt_have_nothing_new_to_say(mended: Mended) -> None:
    before, after = (warnings(mended, where) for where in (mended.before, mended.after))
    assert before and after - before == set()
    done = subprocess.run(["cargo", "fmt", "--all", "--check"], cwd=mended.after, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def warnings(mended: Mended, where: Path) -> set[tuple[str, str]]:
    """Clippy's messages by file, without their lines."""
    done = mended.cargo(where, "clippy", "--quiet", "--workspace", "--all-targets", "--message-format=json")
    assert done.returncode == 0, done.stderr
    said = (json.loads(line) for line in done.stdout.splitlines())
    messages = [m["message"] for m in said if m["reason"] == "compiler-message" and m["message"]["spans"]]
    return {(m["message"], Path(m["spans"][0]["file_name"]).name) for m in messages}
