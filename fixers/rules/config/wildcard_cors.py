"""Configuration that lets every website in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.config_values import GLOBS, Value, values
from fixers.model import Applicability, Finding, Result, Severity, rule
from fixers.project import Project

_ORIGINS: Final = re.compile(r"(?:\w+_)?(?:cors_(?:\w+_)?origins?|allow(?:ed)?_origins?|allow_origin_patterns?)")
_ALL: Final = re.compile(r"(?:\w+_)?cors_(?:allow_all(?:_origins)?|origin_allow_all)")


@rule(
    severity=Severity.HIGH,
    fix=Applicability.MANUAL,
    audit=("Q4",),
    applies=GLOBS,
    bad={"config.yml": 'cors:\n  allowed_origins: ["*"]\n  allow_credentials: true\n'},
    good={"config.yml": 'cors:\n  allowed_origins: ["https://shop.example.org"]\n  allow_credentials: true\n'},
)
def check(project: Project) -> Iterator[Result]:
    """The configuration lets every website call the API.

    Every page that a user opens may then call the service from that user's browser and read what it
    answers; with credentials it does so in the user's name. Which origins are right only the project
    knows, so nothing is edited.
    """
    found = list(values(project, (b"origin", b"ORIGIN", b"Origin", b"ALLOW_ALL")))
    for value in found:
        wide = (_ORIGINS.search(value.plain_name) and _is_wild(value)) or (
            _ALL.fullmatch(value.plain_name) and value.is_on
        )
        if not wide or not project.keep(value.path, value.line):
            continue
        with_credentials = any(
            v.path == value.path
            and "credentials" in v.plain_name
            and v.is_on
            and v.keys[:-2] == value.keys[: len(v.keys) - 2]
            for v in found
        )
        yield Finding(
            value.path,
            f"{value.name} allows every origin" + (", with credentials" if with_credentials else ""),
            line=value.line,
            anchor=value.anchor,
            severity=None if with_credentials else Severity.LOW,
            steps=("List the origins of your own front ends: scheme, host and port of each.",),
        )


def _is_wild(value: Value) -> bool:
    """`*`, alone or in a list that is written as one string."""
    return isinstance(value.value, str) and "*" in [v.strip(" \"'[]") for v in value.value.split(",")]
