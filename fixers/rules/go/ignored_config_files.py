"""go/ignored-config-files: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.model import Applicability, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

CONFIG = re.compile(
    r"^[/*]*(?:[\w./-]*/)?(?:\.env(?:\.\w+|\*)?|[\w*.-]*(?:config|settings|secrets?|local)[\w*.-]*|[\w-]+\.toml)\s*$"
)


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("Q solid",),
    applies=("**/*.go",),
    bad={"main.go": "package main\n", ".gitignore": "bin/\n"},
    good={"main.go": "package main\n", ".gitignore": "bin/\n.env\nconfig.local.toml\n"},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """Files with local settings and secrets are ignored by git.

    What git ignores is not committed by accident. Evidence: lines of .gitignore that name environment and
    configuration files; whether all secrets are covered is for git/unignored-secrets to say.
    """
    lines = enumerate(project.text(".gitignore").splitlines(), 1)
    places = tuple(Location(".gitignore", n, note=line.strip()) for n, line in lines if CONFIG.match(line))
    yield (
        Pass("local configuration is ignored by git", places)
        if places
        else NotApplicable("no line of .gitignore names a configuration file")
    )
