"""go/secret-in-log: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, gologs
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """package main

import "log"

func login(user, password string) bool {
	log.Printf("login of %s with %s", user, password)
	return allowed(user, password)
}
"""
GOOD = BAD.replace('%s", user, password)', '%s", user, "[redacted]")')


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("M good", "Q solid"),
    applies=("**/*.go",),
    bad={"login.go": BAD},
    good={"login.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A password or token is written to the log.

    Logs are copied to places that nobody guards like a password store: files of world-readable mode, aggregators,
    tickets. Whoever reads them has the secret, and the secret outlives its rotation there.
    """
    for path, code in gocode.sources(project, *gologs.WORDS, having=gologs.LOGS):
        places = [a for a in gologs.secrets(code) if project.keep(path, code.source.line(a))]
        if not places:
            continue
        names = ", ".join(dict.fromkeys(code.symbol(a) or "the package" for a in places))
        draft = gocode.drafted(project, path, _mends, code, places)
        yield Finding(
            path,
            f"{names} logs {', '.join(dict.fromkeys(a.text() for a in places))}",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(a), note=a.text()) for a in places),
            fixes=draft.fixes(
                "Keep secrets out of the log", reason="whoever looked for the value in the log misses it"
            ),
            steps=("Log who and what for, never the secret; rotate what older logs have.",),
        )


def _mends(code: Code, places: list[Node]) -> list[Edit]:
    for argument in places:
        name = argument.text().partition(".")[0]
        uses = len(re.findall(rf"\b{re.escape(name)}\b", gocode.outermost(code, argument)))
        declared = gocode.origin_of(code, argument)
        if code.source.has_error_near(argument) or (declared is not argument and uses <= 2):
            raise Refused(f"{name} would be left without a reader")
    return [code.source.replace(a, '"[redacted]"') for a in places]
