"""go/timing-unsafe-compare: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, gocompares
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

WORDS = re.compile(
    rb"Header\.Get\(|GetHeader\(|FormValue\(|PostForm\(|\.Query\(|BasicAuth\(|[cC]ookie|hmac\.|ConstantTime|bcrypt"
    rb"|(?i:token|secret|passw\w*|nonce)\s*[!=]=\s*[a-z]"
)
SAFE = re.compile(r"subtle\.ConstantTimeCompare|hmac\.Equal|CompareHashAndPassword")
BAD = """package main

import (
	"net/http"
)

func (s *server) authorized(r *http.Request) bool {
	return r.Header.Get("X-Api-Token") == s.apiToken
}
"""
GOOD = BAD.replace('\t"net/http"', '\t"crypto/subtle"\n\t"net/http"').replace(
    'r.Header.Get("X-Api-Token") == s.apiToken',
    'subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Api-Token")), []byte(s.apiToken)) == 1',
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("M good", "Q solid"),
    applies=("**/*.go",),
    bad={"auth.go": BAD},
    good={"auth.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A secret is compared byte by byte.

    `==` stops at the first byte that differs, so the time of the answer tells how much of a guess was right, and a
    token can be found one byte after the other. crypto/subtle takes the same time for every guess of one length.
    """
    safe: list[Location] = []
    for path, code in gocode.sources(project, having=WORDS):
        safe += [Location(path, code.source.line(c)) for c in code.calls(SAFE.pattern)]
        found = list(gocompares.comparisons(code))
        compared = {code.source.bounds(n): sure for n, sure in found}
        nodes = [*(n for n, _ in found), *gocompares.sums(code)]
        places = [n for n in nodes if project.keep(path, code.source.line(n))]
        if not places:
            continue
        sure = all(compared.get(code.source.bounds(n), True) for n in places)
        names = ", ".join(dict.fromkeys(code.symbol(n) or "the package" for n in places))
        draft = gocode.drafted(project, path, _mends, code, places)
        yield Finding(
            path,
            f"{names} compares a secret with {'bytes.Equal' if _is_call(places[0]) else '=='}",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(n), note=n.text()[:80]) for n in places),
            fixes=draft.fixes(
                "Compare secrets in constant time",
                None if sure else Applicability.UNSAFE,
                "" if sure else "it builds where both sides are strings or bytes",
            ),
        )
    if safe:
        yield Pass("secrets are compared in constant time", tuple(safe))


def _is_call(node: Node) -> bool:
    return node.kind() == "call_expression"


def _mends(code: Code, places: list[Node]) -> list[Edit]:
    edits: list[Edit] = []
    for node in places:
        if code.source.has_error_near(node):
            raise Refused("the code near the place could not be read")
        if _is_call(node):
            function = node.field("function")
            assert function is not None
            edits.append(code.source.replace(function, f"{code.name_of('crypto/hmac')}.Equal"))
            continue
        left, right = gocode.text_of(node.field("left")), gocode.text_of(node.field("right"))
        equal = gocode.text_of(node.field("operator"))
        edits.append(
            code.source.replace(node, f"subtle.ConstantTimeCompare([]byte({left}), []byte({right})) {equal} 1")
        )
    calls = [n for n in places if _is_call(n)]
    if len(calls) < len(places):
        edits += golang.add_import(code.source, "crypto/subtle")
    if calls and code.used(code.name_of("bytes")) == len(calls):
        edits += golang.drop_import(code.source, "bytes")
    return edits
