"""TLS verification that a configuration file turns off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.config_values import GLOBS, Value, values
from fixers.model import Applicability, Finding, Result, Severity, rule
from fixers.project import Project

_VERIFIES: Final = re.compile(
    r"(?:\w+_)?(?:(?:ssl|tls|https|certs?|certificates?)_verif(?:y|ication)(?:_enabled)?|verify_(?:ssl|tls|certs?|certificates?)"
    r"|reject_unauthorized|strict_ssl)|pythonhttpsverify"
)
_SKIPS: Final = re.compile(
    r"(?:\w+_)?(?:skip_(?:ssl_|tls_|certs?_|certificates?_)?verif(?:y|ication)|insecure_skip(?:_tls|_ssl)?_verify|tls_insecure"
    r"|ssl_no_verify|accept_invalid_certs|disable_(?:ssl|tls)_verif\w*|tls_skip_verify\w*)"
)
_WORDS: Final = tuple(b"verif Verif VERIF nsecure NSECURE nauthorized UNAUTHORIZED strict invalid_certs".split())


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=GLOBS,
    bad={"deploy/.env": "API_URL=https://api.example.org\nNODE_TLS_REJECT_UNAUTHORIZED=0\n"},
    good={"deploy/.env": "API_URL=https://api.example.org\nNODE_TLS_REJECT_UNAUTHORIZED=1\n"},
)
def check(project: Project) -> Iterator[Result]:
    """A configuration file turns the verification of certificates off.

    The connection is then encrypted to whoever answers: anyone on the path reads and changes what is
    sent, credentials first. A private authority is no reason: configure its certificate instead.
    """
    for value in values(project, _WORDS):
        if not _is_fault(value) or not project.keep(value.path, value.line):
            continue
        draft = project.draft()
        value.edit(draft, value.flipped())
        yield Finding(
            value.path,
            f"{value.name} is {str(value.value).lower()}",
            line=value.line,
            anchor=value.anchor,
            fixes=draft.fixes(
                "Verify TLS certificates",
                Applicability.UNSAFE,
                "a peer with a self-signed or private certificate will be refused until its authority is configured",
            ),
            steps=("Configure the authority's certificate where the client takes one.",),
        )


def _is_fault(value: Value) -> bool:
    name = value.plain_name
    return (value.is_off and _VERIFIES.fullmatch(name) is not None) or (
        value.is_on and _SKIPS.fullmatch(name) is not None
    )
