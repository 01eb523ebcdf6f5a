"""A secret in a log is a secret for everybody who reads logs."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors.splice import splice
from fixers.facts import rust, rust_logs, rust_redaction
from fixers.facts.rust import RustFile
from fixers.facts.rust_logs import Leak
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Pass, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """\
pub fn login(user: &str, password: &str) -> bool {
    tracing::info!("login of {user} with {password}");
    allowed(user, password)
}
"""
GOOD = BAD.replace("{password}", rust_redaction.STANDS_FOR)


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
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
                fixes=_redacted(project, path, code, places),
                steps=("Take the value out of the message, and replace the secret if a log with it was kept.",),
            )
    if found:
        return
    where = [p for p in project.grep([b"tracing::", b"log::", b"slog::"], "*.rs") if not rust.is_test_path(project, p)]
    if where:
        yield Pass("structured logs; no value named like a secret is written", tuple(Location(p) for p in where[:5]))
    else:
        yield NotApplicable("no code that ships writes logs")


def _redacted(project: Project, path: str, code: RustFile, places: list[Leak]) -> tuple[Fix, ...]:
    draft = project.draft()
    try:
        edits = [edit for leak in places for edit in rust_redaction.edits(code, leak.node)]
        draft.edit(path, splice, edits)
    except Refused as refused:
        draft.refuse(str(refused))
    code.refuse_unreadable(draft, [leak.node for leak in places])
    return draft.fixes(
        "Leave the value of the secret out of the log", reason="who followed one secret through the log no longer can"
    )
