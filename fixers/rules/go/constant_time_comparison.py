"""go/constant-time-comparison: see the docstring of `check`."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import gocode, goevidence
from fixers.model import Applicability, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BARE = 'package auth\n\nimport "net/http"\n\nfunc ok(r *http.Request) bool {\n\treturn r.FormValue("key") == key\n}\n'
GOOD = """package auth

import "crypto/subtle"

func ok(given, key []byte) bool {
	return subtle.ConstantTimeCompare(given, key) == 1
}
"""


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("M good", "Q solid"),
    applies=("**/*.go",),
    bad={"auth.go": BARE},
    good={"auth.go": GOOD},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """Secrets are compared in constant time.

    A comparison that takes as long for a wrong guess as for a right one tells nothing about how near the guess
    was. Evidence: subtle.ConstantTimeCompare, hmac.Equal and bcrypt's own comparison.
    """
    sources = gocode.sources(project, b"ConstantTimeCompare", b"hmac.Equal", b"CompareHashAndPassword")
    places = tuple(Location(path, line) for path, code in sources for line in goevidence.constant_time(code))
    yield (
        Pass("secrets are compared in constant time", places[: goevidence.LIMIT])
        if places
        else NotApplicable("no comparison of secrets in constant time")
    )
