"""go/logs-without-secrets: see the docstring of `check`."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import gocode, goevidence, gologs
from fixers.model import Applicability, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BAD = 'package main\n\nimport "log/slog"\n\nfunc f(password string) {\n\tslog.Info("login", "password", password)\n}\n'
GOOD = BAD.replace('"password", password', '"length", len(password)')


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("M good", "Q solid"),
    applies=("**/*.go",),
    bad={"main.go": BAD},
    good={"main.go": GOOD},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """Logs are structured and hold no secrets.

    Fields are found and redacted by name, sentences are not. Evidence: the first structured log call of each file,
    when no call of the tree is given a password, key or token whole.
    """
    places = tuple(goevidence.log_calls(project))
    if not places or any(
        True for _, code in gocode.sources(project, *gologs.WORDS, having=gologs.LOGS) for _ in gologs.secrets(code)
    ):
        yield NotApplicable("no structured logs" if not places else "some log calls are given secrets")
        return
    yield Pass("structured logs without secrets", places[: goevidence.LIMIT])
