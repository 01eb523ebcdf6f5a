"""go/wildcard-cors: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit
from fixers.facts import gocode, gocors
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """package main

import "net/http"

func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		next.ServeHTTP(w, r)
	})
}
"""
GOOD = BAD.replace('\t\tw.Header().Set("Access-Control-Allow-Credentials", "true")\n', "")
LIST = (
    "List the origins of your own pages in the configuration, and answer an allowed one with itself and Vary: Origin."
)


@rule(
    severity=Severity.HIGH,
    fix=Applicability.SAFE,
    audit=("Q4",),
    applies=("**/*.go",),
    bad={"cors.go": BAD},
    good={"cors.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """Pages of any origin may call the API, with the user's cookies.

    An answer that repeats whatever Origin it was asked from and allows credentials hands every page that a user
    visits the user's session. With `*` browsers refuse credentials, so that pair only says that more was meant; a
    public file or an API that takes no cookies may well answer `*`.
    """
    for path, code in gocode.sources(project, b"ccess-", b"cors", b"AccessControl"):
        for answer in gocors.answers(code):
            if project.keep(path, code.source.line(answer.place)):
                yield _of_headers(project, path, code, answer)
        for literal in _options(code):
            if project.keep(path, code.source.line(literal)):
                yield _of_options(project, path, code, literal)


def _of_headers(project: Project, path: str, code: Code, answer: gocors.Answer) -> Finding:
    name = code.symbol(answer.place) or "the package"
    credentials = answer.credentials
    what = "repeats any Origin" if answer.reflected else "answers every origin with *"
    draft = gocode.drafted(project, path, _without_credentials, code, credentials)
    if answer.reflected:
        draft.refuse("which origins are your own is yours to say")
    return Finding(
        path,
        f"{name} {what} and allows credentials",
        line=code.source.line(answer.place),
        anchor=name,
        severity=None if answer.reflected else Severity.MEDIUM,
        locations=tuple(Location(path, code.source.line(n)) for n in (answer.place, *credentials)),
        fixes=draft.fixes("Drop the credentials that browsers refuse with *"),
        steps=(LIST,),
    )


def _without_credentials(code: Code, places: tuple[Node, ...]) -> list[Edit]:
    edits = []
    for place in places:
        held = gocode.statement(place)
        if held is None or gocode.is_alone(held) or code.source.has_error_near(place):
            raise Refused("the header is set in an unusual place")
        edits.append(golang.remove_lines(code.source, held))
    return edits


def _options(code: Code) -> Iterator[Node]:
    """Options of rs/cors, chi/cors and gin-contrib/cors that allow all origins and credentials."""
    packages = ("github.com/rs/cors", "github.com/go-chi/cors", "github.com/gin-contrib/cors")
    for literal in code.literals_of(packages, "Options|Config"):
        given = {k: v.text() for k, v in gocode.elements(literal).items()}
        every = given.get("AllowAllOrigins") == "true" or any(
            re.search(r'"\*"', given.get(k, "")) for k in ("AllowedOrigins", "AllowOrigins")
        )
        yes = re.search(r"return true\s*\}?$", given.get("AllowOriginFunc", "").strip("} \t\n"))
        if given.get("AllowCredentials") == "true" and (every or yes):
            yield literal


def _of_options(project: Project, path: str, code: Code, literal: Node) -> Finding:
    name = code.symbol(literal) or gocode.assigned_to(literal) or "the package"
    draft = gocode.drafted(project, path, _without_option, code, literal)
    return Finding(
        path,
        f"{name} allows every origin and credentials",
        line=code.source.line(literal),
        anchor=name,
        fixes=draft.fixes(
            "Drop the credentials that go to every origin",
            Applicability.UNSAFE,
            "pages of other origins that rely on cookies can no longer call; list their origins to keep them",
        ),
        steps=(LIST,),
    )


def _without_option(code: Code, literal: Node) -> list[Edit]:
    part = gocode.element(literal, "AllowCredentials")
    if part is None or code.source.has_error_near(literal) or enclosing(part, ("composite_literal",)) is None:
        raise Refused("the code near the place could not be read")
    return golang.drop_elements(code.source, literal, [part])
