"""A secret in a log is a secret for everybody who reads logs."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import rust, rust_logs
from fixers.model import Applicability, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BAD = """\
pub fn login(user: &str, password: &str) {
    tracing::info!("login of {user} with {password}");
}
"""
GOOD = """\
pub fn login(user: &str, password: &str) {
    tracing::info!("login of {user} with a password of {} bytes", password.len());
}
"""


@rule(
    severity=Severity.HIGH,
    fix=Applicability.MANUAL,
    audit=("M good",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """The value of a secret is written to the log.

    Logs are copied, shipped, kept and read by more people and systems than the secret was meant for, and a secret that
    was in one has to be replaced. Log who and what, never the value; a length or a hash where one has to tell two
    apart.
    """
    found = False
    for path, code, leaks in rust_logs.leaks(project):
        places = [leak for leak in leaks if project.keep(path, code.line(leak.node))]
        if places:
            found = True
            names = ", ".join(sorted({f"`{leak.name}`" for leak in places}))
            yield Finding(
                path,
                f"the value of {names} is written to the log",
                code.line(places[0].node),
                anchor=names,
                locations=tuple(Location(path, code.line(leak.node)) for leak in places),
                steps=("Take the value out of the message, and replace the secret if a log with it was kept.",),
            )
    if found:
        return
    where = [p for p in project.grep([b"tracing::", b"log::", b"slog::"], "*.rs") if not rust.is_test_path(project, p)]
    if where:
        yield Pass("structured logs; no value named like a secret is written", tuple(Location(p) for p in where[:5]))
    else:
        yield NotApplicable("no code that ships writes logs")
