"""go/origin-prefix-match: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, goorigin
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

HELPER = """// originMatches reports whether the Origin of a request is an allowed one: same scheme, same
// host, and the same port unless the allowed origin names none.
func originMatches(origin, allowed string) bool {
	got, err := url.Parse(origin)
	if err != nil {
		return false
	}
	want, err := url.Parse(allowed)
	if err != nil || want.Host == "" {
		return false
	}
	return got.Scheme == want.Scheme && strings.EqualFold(got.Hostname(), want.Hostname()) &&
		(want.Port() == "" || got.Port() == want.Port())
}
"""
BAD = """package main

import (
	"net/http"
	"strings"
)

func checkOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return strings.HasPrefix(origin, "http://localhost")
}
"""
GOOD = BAD.replace("strings.HasPrefix(", "originMatches(").replace('http"\n', 'http"\n\t"net/url"\n') + "\n" + HELPER


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.SAFE,
    audit=("Q4",),
    applies=("**/*.go",),
    bad={"cors.go": BAD},
    good={"cors.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """An Origin is allowed because its text begins or ends like one.

    `strings.HasPrefix(origin, "https://example.com")` also allows https://example.com.evil.net, a suffix allows
    https://evilexample.com, and Contains both. Whoever owns such a name calls your API with your users' cookies.
    Compare scheme, host and port of the parsed addresses; an allowed origin without a port then means any port.
    """
    for path, code in gocode.sources(project, b"rigin"):
        places = [
            c
            for c in code.calls_of("strings", "HasPrefix|HasSuffix|Contains")
            if _is_match(code, c) and project.keep(path, code.source.line(c))
        ]
        if not places:
            continue
        names = ", ".join(dict.fromkeys(code.symbol(c) or "the package" for c in places))
        draft = gocode.drafted(project, path, _mends, project, path, code, places)
        yield Finding(
            path,
            f"{names} compares an Origin by a part of its text",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(c), note=c.text()[:80]) for c in places),
            fixes=draft.fixes("Compare origins by scheme, host and port"),
            steps=("Parse both with net/url and compare Scheme, Hostname() and, where one is named, Port().",),
        )


def _is_match(code: Code, call: Node) -> bool:
    """Whether the call decides on an origin; a scheme alone or a prefix that ends the host is no fault."""
    given = [a.text() for a in gocode.arguments(call)]
    if len(given) != 2:
        return False
    literal = gocode.unquoted(gocode.arguments(call)[1])
    if gocode.called(call).endswith("Contains") and given[0] != "origin" and goorigin.is_origin(code, call, given[1]):
        return "origin" in given[0].lower()
    if not goorigin.is_origin(code, call, given[0]) or f"{given[0]}[len(" in gocode.outermost(code, call):
        return False
    if gocode.called(call).endswith("HasPrefix"):
        return not literal.endswith((":", "/"))
    return not (literal.startswith((".", "://", ":", "*")) or literal in ("*", "/", ","))


def _mends(project: Project, path: str, code: Code, places: list[Node]) -> list[Edit]:
    edits: list[Edit] = []
    for call in places:
        function = call.field("function")
        literal = gocode.unquoted(gocode.arguments(call)[1])
        if function is None or not gocode.called(call).endswith("HasPrefix") or code.source.has_error_near(call):
            raise Refused("what a suffix or a part of the text is meant to allow is yours to say")
        patterns = re.search(r'"[^"\n]*\*[^"\n]*"', gocode.outermost(code, call))
        if not literal and (patterns or "(" in gocode.arguments(call)[1].text()):
            raise Refused("the allowed origins may be patterns")
        if literal and "://" not in literal:
            raise Refused(f"{literal!r} has no scheme to compare")
        edits.append(code.source.replace(function, "originMatches"))
    known = gocode.in_package(project, path, ["originMatches"])
    if not known:
        edits += [*golang.add_import(code.source, "net/url"), golang.append(code.source, HELPER)]
    elif not gocode.package_has(project, path, r"func originMatches\(origin, allowed string\) bool"):
        raise Refused("originMatches is the name of something else in this package")
    elif code.used(code.name_of("strings")) == len(places):
        edits += golang.drop_import(code.source, "strings")
    return edits
