"""go/embedded-static-files: see the docstring of `check`."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import goevidence
from fixers.model import Applicability, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("Q solid",),
    applies=("**/*.go",),
    bad={"web.go": 'package web\n\nimport "net/http"\n\nvar Files = http.FileServer(http.Dir("static"))\n'},
    good={
        "web.go": 'package web\n\nimport "embed"\n\n//go:embed static\nvar Files embed.FS\n',
        "static/a.css": "a {}\n",
    },
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """Static files are part of the binary.

    What is embedded cannot be replaced by whoever can write to the server's folder, and no request leads from it
    to another file of the machine. Evidence: go:embed directives.
    """
    places = tuple(goevidence.embedded_files(project))[: goevidence.LIMIT]
    yield Pass("static files are embedded", places) if places else NotApplicable("no go:embed in the tree")
