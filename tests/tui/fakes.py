"""A session without git, and findings of every kind, for the screens' tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from fixers.decisions import Decisions
from fixers.model import (
    COMMITTED,
    DONE,
    DROPPED,
    EDITING,
    FOUND,
    READING,
    SCANNED,
    SCANNING,
    VERIFYING,
    Applicability,
    Applied,
    Change,
    Choice,
    Effort,
    Event,
    Failed,
    Finding,
    Fix,
    Location,
    NotApplicable,
    Pass,
    Plan,
    Problem,
    Refused,
    Rule,
    ScanResult,
    Severity,
    Skip,
    Suppressed,
)
from fixers.verify.command import Command

S, A = Severity, Applicability


class FakeSession:
    """Answers as a real session would, at once and the same every time."""

    def __init__(self, findings: Sequence[Finding] = (), *, state: str = "/nowhere", **result: object) -> None:
        self.name, self.branch, self.target = "shop-api", "main", "readiness/2026-11-22"
        self.root, self.state = "/nowhere/shop-api", state
        self.notes: tuple[str, ...] = ()
        self.why_no_commit = ""
        self.dirty: frozenset[str] = frozenset()
        self.result: ScanResult | None = None
        self.decisions = Decisions()
        self.applied: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self.rules: dict[str, Rule] = {}
        self.files: dict[str, bytes] = {}
        self.findings = tuple(findings)
        self.others = {"files": 412, "rules": 38, "seconds": 0.4, **result}
        self.fails: dict[str, str] = {}
        self.needs: dict[str, tuple[str, ...]] = {}
        self.suppressed: list[tuple[str, str]] = []
        self.hold: Callable[[], None] = lambda: None
        self.pause = 0.0
        self.plans: list[Plan] = []
        self.build: tuple[Command, ...] = ()
        self.agreed: tuple[object, tuple[Command, ...]] | None = None

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def scan(self, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        yield Event(READING, 0, 0)
        left = [f for f in self.findings if f.id not in self.applied]
        for number in range(0, len(left), 5):
            self.hold()
            if stop():
                break
            yield Event(SCANNING, number, len(left), text="docker/homeless-user")
            yield Event(FOUND, findings=tuple(left[number : number + 5]))
        self.result = ScanResult(findings=tuple(left), **self.others)  # type: ignore[arg-type]
        yield Event(SCANNED, result=self.result)

    def build_commands(self, wanted: object) -> tuple[Command, ...]:
        return self.build

    def agree(self, wanted: object, build: tuple[Command, ...]) -> None:
        self.agreed = (wanted, build)

    def overrides(self) -> tuple[str, ...]:
        return ("rust-toolchain.toml",) if self.build else ()

    def plan(self, choices: Sequence[Choice]) -> Plan:
        return Plan(tuple(choices))

    def apply(self, plan: Plan, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        self.plans.append(plan)
        for number, choice in enumerate(plan.choices):
            if stop():
                break
            finding = choice.finding
            yield Event(EDITING, number, len(plan.choices), finding)
            self.hold()
            time.sleep(self.pause)
            yield Event(VERIFYING, number, len(plan.choices), finding, text="cargo check --locked")
            if finding.id in self.fails:
                failed = Failed(
                    finding, self.fails[finding.id], "error[E0425]: cannot find value `x`\n  --> src/lib.rs:3:5"
                )
                yield Event(DROPPED, number + 1, len(plan.choices), finding, outcome=failed)
                continue
            commit = f"{number + 1:x}" * 40
            self.applied[finding.id] = commit[:40]
            self.decisions.forget([finding.id])
            outcome = Applied(finding, choice.fix, commit[:40], verified_by="cargo check")
            yield Event(COMMITTED, number + 1, len(plan.choices), finding, outcome=outcome)
        left = tuple(f for f in self.findings if f.id not in self.applied)
        self.result = ScanResult(findings=left, **self.others)  # type: ignore[arg-type]
        yield Event(DONE, text="done")

    def undo(self, finding_id: str, with_dependents: bool = False) -> tuple[str, ...]:
        for gone in (finding_id, *(self.needs.get(finding_id, ()) if with_dependents else ())):
            self.applied.pop(gone, None)
        return ("Taken back.",)

    def dependents(self, finding_id: str) -> tuple[str, ...]:
        return self.needs.get(finding_id, ())

    def edited(self, finding: Finding, fix: Fix, path: str, data: bytes) -> Fix:
        if b"BROKEN" in data:
            raise Refused(f"{path} does not parse: line 1")
        changes = tuple(Change(c.path, c.before, data if c.path == path else c.after, c.mode) for c in fix.changes)
        return Fix(fix.title, changes, A.UNSAFE, "edited by hand", name=fix.name.removesuffix("~") + "~")

    def suppress(self, finding: Finding, reason: str) -> None:
        self.suppressed.append((finding.id, reason))

    def summary_markdown(self) -> str:
        return "## Readiness\n\n- one fix\n"

    def next_commands(self) -> tuple[str, ...]:
        return ("git diff main...readiness/2026-11-22", "git merge --ff-only readiness/2026-11-22")


DOCKER = b"""\
FROM rust:1.81 AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y ca-certificates
COPY --from=build /src/target/release/shop /usr/local/bin/shop
EXPOSE 8080
USER nobody
ENTRYPOINT ["/usr/local/bin/shop"]
"""
DOCKER_AFTER = DOCKER.replace(
    b"USER nobody\n",
    b"RUN useradd --uid 10001 --create-home --home-dir /var/lib/shop shop\n"
    b'ENV SHOP_DATA_DIR="/var/lib/shop"\nUSER 10001:10001\n',
)
CARGO = (
    b'[package]\nname = "shop"\nversion = "0.3.1"\n\n[dependencies]\ntokio = { version = "1", features = ["full"] }\n'
)


def one(rule: str, path: str, title: str, message: str, severity: Severity, **more: object) -> Finding:
    """A finding with what matters to a test."""
    identity = more.pop("id", f"{abs(sum(map(ord, rule + path + message))):012x}")
    return Finding(path, message, rule=rule, title=title, severity=severity, id=str(identity), **more)  # type: ignore[arg-type]


def fixed(title: str, *changes: Change, safety: Applicability = A.SAFE, **more: object) -> Fix:
    """A fix with its changes."""
    return Fix(title, changes, safety, **more)  # type: ignore[arg-type]


def findings() -> list[Finding]:
    """A little of everything."""
    gitignore = Change(".gitignore", b"target/\n*.pem\n", b"target/\n*.pem\ndata/\n*.der\n*.db\n")
    docker = Change("Dockerfile", DOCKER, DOCKER_AFTER)
    lock = Change("crates/store/src/sql_store.rs", b"let a = db.lock().unwrap();\n", b"let a = db.lock();\n")
    guard = Change("src/config.rs", b'token: "dev-token".into(),\n', b'token: env("SHOP_TOKEN")?,\n')
    empty = Change("src/config.rs", b'token: "dev-token".into(),\n', b"token: String::new(),\n")
    deny = Change("deny.toml", None, b'[advisories]\nyanked = "deny"\n\n[licenses]\nallow = ["Apache-2.0", "MIT"]\n')
    crlf = CARGO.replace(b"\n", b"\r\n")
    cargo = Change("Cargo.toml", crlf, crlf.replace(b'"1"', b'"1.40"'))
    key = Change("certs/server.pem", b"-----BEGIN\nSECRETSECRET\n", None)
    members = b"COPY Cargo.toml Cargo.lock ./\nCOPY crates/notify/Cargo.toml crates/notify/\nCOPY . .\n"
    copied = Change("Dockerfile", DOCKER, DOCKER.replace(b"COPY . .\n", members))
    return [
        one("git/unignored-secrets", ".gitignore", "Keys, certificates and databases can be committed by accident",
            "not ignored: data/, *.der, *.db", S.CRITICAL, id="a1a1a1a1a1a1", line=2, audit=("M3",), effort=Effort.LOW,
            fixes=(fixed("Ignore keys, certificates and databases", gitignore),)),
        one("git/tracked-secrets", "certs/server.pem", "A private key is tracked",
            "certs/server.pem holds an RSA private key", S.CRITICAL, id="a2a2a2a2a2a2", masked=True, audit=("M3",),
            fixes=(fixed("Take the key out of the index", key, gitignore, safety=A.UNSAFE,
                         reason="history keeps the key: rotate it", individually=True),),
            steps=("Make a new key and roll it out.", "Revoke the old one.")),
        one("docker/missing-workspace-member", "Dockerfile", "The image build does not copy every workspace member",
            "crates/notify is missing from COPY", S.HIGH, id="b1b1b1b1b1b1", line=3, effort=Effort.MEDIUM,
            fixes=(fixed("Copy crates/notify/Cargo.toml too", copied),)),
        one("docker/homeless-user", "Dockerfile", "The user nobody has no writable data directory",
            "USER nobody cannot write to /var/lib/shop", S.HIGH, id="b2b2b2b2b2b2", line=10, audit=("M15",),
            effort=Effort.LOW, fixes=(fixed("Run as a user of its own with a home", docker),)),
        one("config/dev-token", "src/config.rs", "A token for development works in production",
            "`dev-token` is accepted when SHOP_TOKEN is not set", S.HIGH, id="b3b3b3b3b3b3", line=41, audit=("M1",),
            fixes=(fixed("Refuse to start without SHOP_TOKEN", guard, safety=A.UNSAFE, name="guard",
                         reason="a deployment that relies on the default will not start"),
                   fixed("Use an empty token, which no request matches", empty, safety=A.UNSAFE, name="empty"))),
        one("rust/unwrapped-lock", "crates/store/src/sql_store.rs", "A poisoned lock takes the whole server down",
            "7 calls of lock().unwrap()", S.HIGH, id="b4b4b4b4b4b4", line=88, effort=Effort.MEDIUM,
            locations=tuple(Location("crates/store/src/sql_store.rs", n) for n in (88, 93, 120)),
            fixes=(fixed("Recover from a poisoned lock", lock),)),
        one("rust/in-memory-sessions", "src/session.rs", "Sessions live in one process's memory",
            "a restart logs everybody out", S.HIGH, id="b5b5b5b5b5b5", line=12, audit=("M8",), effort=Effort.HIGH,
            steps=("Choose a store: PostgreSQL is there already.", "Move `Sessions` behind a trait.")),
        one("deps/missing-deny-toml", "deny.toml", "Nothing checks licences and advisories",
            "no deny.toml in a Cargo workspace", S.MEDIUM, id="c1c1c1c1c1c1", audit=("M12",),
            fixes=(fixed("Add a deny.toml", deny),)),
        one("ci/no-dependency-audit", ".github/workflows/ci.yml", "CI never audits dependencies",
            "no step runs cargo deny or cargo audit", S.MEDIUM, id="c2c2c2c2c2c2", line=14,
            after=("deps/missing-deny-toml",),
            fixes=(fixed("Audit dependencies in CI", Change(".github/workflows/ci.yml", b"jobs:\n  test:\n    steps:\n",
                   b"jobs:\n  test:\n    steps:\n      - uses: EmbarkStudios/cargo-deny-action@v2\n")),)),
        one("deps/loose-version", "Cargo.toml", "A dependency takes any version", "tokio = 1", S.LOW,
            id="d1d1d1d1d1d1", line=6, fixes=(fixed("Name the version that is tested", cargo),)),
    ]  # fmt: skip


def rule_of(rule_id: str, why: str) -> Rule:
    """A rule with an explanation."""

    def check(project: object) -> list[Finding]:
        return []

    check.__doc__ = f"Title of {rule_id}.\n\n{why}\n"
    return Rule(rule_id, check, S.HIGH, A.SAFE, {}, {})


WHY = {
    "docker/homeless-user": "`nobody` owns nothing: its home is /nonexistent, so the first write to the data\n"
    "directory fails, and the container restarts for ever.\n\nA numeric id is what runAsNonRoot can check.",
    "git/unignored-secrets": "A file no pattern ignores is one `git add .` from history,\n"
    "and a key in history is a key to rotate.",
}


def session(state: str = "/nowhere") -> FakeSession:
    """The session most tests look at."""
    made = FakeSession(
        findings(),
        state=state,
        passes=(
            Pass(
                "SIGTERM is handled in src/main.rs",
                (Location("src/main.rs", 40),),
                "rust/no-graceful-stop",
                "Stops in order",
            ),
            Pass("every image has a digest", (), "docker/floating-base", "Base images are pinned"),
            Pass("tracing, no secret in a field", (), "rust/secret-in-log", "Logs hold no secret"),
        ),
        not_applicable=(NotApplicable("no go.mod here", "go/missing-timeout"),),
        suppressed=(Suppressed(findings()[0], "test fixture", "readiness-fix.toml"),),
        skipped=(Skip("assets/app.min.js", "2,118,004 bytes: over 1,000,000, not edited"),),
        problems=(Problem("src/x.rs:3", "an ignore without a reason has no effect"),),
    )
    made.rules = {rule: rule_of(rule, why) for rule, why in WHY.items()}
    source = b"use std::collections::HashMap;\n\npub struct Sessions {\n    map: HashMap<String, User>,\n}\n"
    made.files = {"src/session.rs": source * 6}
    return made
