"""go/tls-verification-off: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

ACKNOWLEDGED = r"nosec|nolint:\S*gosec|lgtm\[|#nosec"
ACCEPTED = (
    r"self.?signed|do not verify|don't verify|not verif|accept\b.*(?:invalid|temporary|any)|on purpose|intentional"
)
OPTED = re.compile(
    r"insecure|skip|verif|no_?tls|tls_?check|cert_?check|ignore|tls_?err|trust|self.?sign|dev|debug|test|local|loopback|unix",
    re.I,
)
BAD = """package main

import (
	"crypto/tls"
	"net/http"
	"time"
)

func newClient() *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{
				MinVersion:         tls.VersionTLS12,
				InsecureSkipVerify: true,
			},
		},
	}
}
"""
GOOD = BAD.replace("\t\t\t\tInsecureSkipVerify: true,\n", "").replace("MinVersion:         ", "MinVersion: ")


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=("**/*.go",),
    bad={"client.go": BAD},
    good={"client.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A TLS client accepts any certificate.

    With InsecureSkipVerify whoever is between the two ends reads and changes everything, passwords and tokens
    included; encryption without knowing the other end protects from nobody who can reach the wire. A private
    authority belongs in RootCAs; an exception belongs behind a setting that is off.
    """
    for path, code in gocode.sources(project, b"InsecureSkipVerify"):
        places = [n for n in _places(code) if project.keep(path, code.source.line(n))]
        if not places:
            continue
        names = ", ".join(dict.fromkeys(code.symbol(n) or gocode.assigned_to(n) or "the package" for n in places))
        draft = gocode.drafted(project, path, _mends, code, places)
        yield Finding(
            path,
            f"{names} accepts any certificate",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(n), note=code.symbol(n)) for n in places),
            fixes=draft.fixes(
                "Verify the certificates of servers",
                reason="servers with a certificate of their own making are refused until RootCAs has their authority",
            ),
            steps=("Put a private authority into tls.Config.RootCAs, or the exception behind a setting that is off.",),
        )


def _places(code: Code) -> Iterator[Node]:
    for part in code.source.kind("keyed_element"):
        if re.fullmatch(r"InsecureSkipVerify\s*:\s*true", part.text()):
            literal = enclosing(part, ("composite_literal",))
            if literal is None or not gocode.text_of(literal.field("type")).endswith("tls.Config"):
                continue
            given = gocode.elements(literal)
            own = {"VerifyPeerCertificate", "VerifyConnection", "ClientAuth"} & given.keys()
            if not own and not _is_chosen(code, part):
                yield part
    for given_to in code.source.kind("assignment_statement"):
        if re.fullmatch(r"[\w.]+\.InsecureSkipVerify\s*=\s*true", given_to.text()) and not _is_chosen(code, given_to):
            yield given_to


def _is_chosen(code: Code, node: Node) -> bool:
    """Whether somebody decided, or it means nothing: a comment for a linter, a setting, an own check, a server."""
    if code.comment_near(node, f"{ACKNOWLEDGED}|{ACCEPTED}") or re.search(
        r"\bVerify(?:PeerCertificate|Connection)\b", code.text
    ):
        return True
    if "ClientAuth" in gocode.outermost(code, node):
        return True
    branches = [a for a in node.ancestors() if a.kind() in ("if_statement", "expression_case")]
    if any(OPTED.search(gocode.text_of(a.field("condition") or a.field("value"))) for a in branches):
        return True
    begin, around = code.source.bounds(node)[0], code.around(node)
    for early in around[-1].node.find_all(kind="if_statement") if around else ():
        told = re.search(r"insecure|skip|verif", gocode.text_of(early.field("condition")), re.I)
        if told and code.source.bounds(early)[1] < begin and "return" in early.text():
            return True
    return OPTED.search(code.symbol(node).rpartition(".")[2]) is not None


def _mends(code: Code, places: list[Node]) -> list[Edit]:
    edits: list[Edit] = []
    for node in places:
        literal = enclosing(node, ("composite_literal",))
        if code.source.has_error_near(node) or node.kind() != "keyed_element" or literal is None:
            raise Refused("what the certificates are checked with instead is yours to say")
        edits += golang.drop_elements(code.source, literal, [node])
    return edits
