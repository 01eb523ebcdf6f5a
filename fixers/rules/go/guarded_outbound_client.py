"""go/guarded-outbound-client: see the docstring of `check`."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import goclient
from fixers.model import Applicability, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BARE = 'package fetch\n\nimport "net/http"\n\nvar client = &http.Client{Timeout: 5e9}\n'
GOOD = """package fetch

import (
	"net"
	"net/http"
)

var client = &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Control: refusePrivate}).DialContext}}
"""


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("Q solid",),
    applies=("**/*.go",),
    bad={"fetch.go": BARE},
    good={"fetch.go": GOOD},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """A client for foreign addresses refuses private ones.

    An address from a user may resolve to the cloud's metadata service or to a neighbour on the local network.
    Evidence: a dialer that looks at the address after its name was resolved.
    """
    places = tuple(Location(p) for p in goclient.guarded(project))
    yield (
        Pass("a client looks where it goes after resolution", places)
        if places
        else NotApplicable("no client that looks at resolved addresses")
    )
