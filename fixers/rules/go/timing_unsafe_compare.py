"""go/timing-unsafe-compare: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

SECRET = re.compile(r"token|secret|passw|api_?key|signature|hmac|\bmac\b|digest|auth_?key|csrf|credential|bearer", re.I)
NOT_SECRET = re.compile(r"(?:type|kind|name|id|count|len|field|header|url|path|length|expir\w*|confirm\w*)\)?$", re.I)
ASKED = re.compile(
    r"Header\.Get\(|GetHeader\(|FormValue\(|PostForm\(|Query\(\)\.Get\(|\.Query\(\"|\.BasicAuth\(|\.Cookie\(|\bcookie\.Value\b"
)
WORDS = re.compile(
    rb"Header\.Get\(|GetHeader\(|FormValue\(|PostForm\(|\.Query\(|BasicAuth\(|[cC]ookie|hmac\.|ConstantTime"
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
        places = [n for n in [*_comparisons(code), *_sums(code)] if project.keep(path, code.source.line(n))]
        if not places:
            continue
        names = ", ".join(dict.fromkeys(code.symbol(n) or "the package" for n in places))
        draft = gocode.drafted(project, path, _mends, code, places)
        yield Finding(
            path,
            f"{names} compares a secret with {'bytes.Equal' if _is_call(places[0]) else '=='}",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(n), note=n.text()[:80]) for n in places),
            fixes=draft.fixes("Compare secrets in constant time"),
        )
    if safe:
        yield Pass("secrets are compared in constant time", tuple(safe))


def _is_call(node: Node) -> bool:
    return node.kind() == "call_expression"


def _comparisons(code: Code) -> Iterator[Node]:
    """`==` and `!=` between what a request brought and a secret that is kept."""
    for node in code.source.kind("binary_expression"):
        left, right = node.field("left"), node.field("right")
        if left is None or right is None or gocode.text_of(node.field("operator")) not in ("==", "!="):
            continue
        if any(
            side.kind() in ("nil", "true", "false", "int_literal", "interpreted_string_literal")
            for side in (left, right)
        ):
            continue
        asked = [ASKED.search(_origin(code, side)) is not None for side in (left, right)]
        kept = right if asked[0] else left
        named = SECRET.search(kept.text()) and not NOT_SECRET.search(kept.text())
        if asked.count(True) == 1 and named and kept.kind() in ("identifier", "selector_expression", "call_expression"):
            yield node


def _origin(code: Code, node: Node) -> str:
    """An expression, or where the function took a local from: `user, pass, ok := r.BasicAuth()`."""
    if node.kind() != "identifier":
        return node.text()
    function = gocode.outermost(code, node)
    given = re.findall(rf"(?m)^[^\n/]*\b{re.escape(node.text())}\b[^\n=]*:?=(?!=)\s*([^\n]+)", function)
    direct = " ".join(given)
    inner = re.search(r"Trim(?:Prefix|Space)\((\w+)", direct)
    return (
        direct + " ".join(re.findall(rf"(?m)\b{inner[1]}\b[^\n=]*:?=(?!=)\s*([^\n]+)", function)) if inner else direct
    )


def _sums(code: Code) -> Iterator[Node]:
    """`bytes.Equal` on what an HMAC gave."""
    for call in code.calls_of("bytes", "Equal"):
        if "hmac.New(" in gocode.outermost(code, call):
            yield call


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
