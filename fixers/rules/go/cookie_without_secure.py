"""go/cookie-without-secure: see the docstring of `check`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit, splice
from fixers.facts import gocode, gocookies
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Fix, Location, Refused, Result, Severity, rule
from fixers.project import Project

SECRET = re.compile(r"sess|token|auth|jwt|sid\b|login|csrf|xsrf|state|nonce|remember|user|cred", re.I)
CLEARED = re.compile(r"MaxAge:\s*-|Expires:\s*time\.(?:Unix\(0|Time\{\})")
WHY = "Browsers then never send it over plain HTTP."
ACKNOWLEDGED = r"#nosec|nolint:\S*gosec[^\n]*[sS]ecure"
BAD = """package main

import "net/http"

func login(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name:     "session",
		Value:    newToken(),
		HttpOnly: true,
	})
}
"""
SECURE = 'Secure: {0}.TLS != nil || {0}.Header.Get("X-Forwarded-Proto") == "https"'
GOOD = BAD.replace("true,\n", f"true,\n\t\t// {WHY}\n\t\t{SECURE.format('r')},\n")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q9",),
    applies=("**/*.go",),
    bad={"login.go": BAD},
    good={"login.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A cookie is sent over plain HTTP too.

    Without Secure a browser sends the cookie with every http:// request to the host, where anyone on the way reads
    it; one image tag is enough to provoke such a request. A server behind a TLS proxy sees plain HTTP itself, so
    the address it binds says nothing: the proxy's X-Forwarded-Proto does.
    """
    cookies: dict[tuple[str, str], list[tuple[str, Code, Node]]] = defaultdict(list)
    for path, code in gocode.sources(project, b"http.Cookie{", b"SetCookie(", b"sessions.Options{", *gocookies.STORES):
        for node in [*_literals(project, path, code), *_gin(code), *gocookies.bare_stores(project, path, code)]:
            if project.keep(path, code.source.line(node)) and not code.comment_near(node, ACKNOWLEDGED):
                cookies[gocode.folder(path), _name(node)].append((path, code, node))
    for (_, name), places in cookies.items():
        if all(CLEARED.search(n.text()) for _, _, n in places):
            continue
        path, code, node = places[0]
        yield Finding(
            path,
            f"the cookie {name} is set without Secure",
            line=code.source.line(node),
            anchor=name,
            severity=Severity.HIGH if SECRET.search(name) else None,
            locations=tuple(Location(p, c.source.line(n), note=c.symbol(n)) for p, c, n in places),
            fixes=_fixes(project, places),
            steps=("Set Secure on the cookie wherever it is set and cleared.",),
        )


def _name(node: Node) -> str:
    call = node.kind() == "call_expression"
    name = gocode.elements(node).get("Name") if not call else gocode.arguments(node)[0] if _sets(node) else None
    return gocode.unquoted(name) or gocode.text_of(name) or "of the session store"


def _sets(node: Node) -> bool:
    return gocode.called(node).endswith(".SetCookie")


def _literals(project: Project, path: str, code: Code) -> Iterator[Node]:
    stores = code.literals_of(("github.com/gorilla/sessions", "github.com/gin-contrib/sessions"), "Options")
    for literal in [*code.literals_of("net/http", "Cookie"), *stores]:
        given = gocode.elements(literal)
        if gocode.is_positional(literal) or not given or ("Secure" in given and given["Secure"].text() != "false"):
            continue
        around = code.around(literal)
        text = around[-1].node.text() if around else code.text
        name = gocode.assigned_to(literal).partition(",")[0].strip()
        if not re.search(rf"\b{re.escape(name) or 'Cookie'}\.Secure\s*=[^=]", text) and (
            literal in stores or gocookies.is_set(project, path, code, literal, name, text)
        ):
            yield literal


def _gin(code: Code) -> Iterator[Node]:
    """`c.SetCookie(name, value, maxAge, path, domain, false, httpOnly)`."""
    for call in code.calls(r"[\w.]+\.SetCookie") if code.name_of("github.com/gin-gonic/gin") else ():
        given = gocode.arguments(call)
        if len(given) == 7 and given[5].text() == "false":
            yield call


def _fixes(project: Project, places: list[tuple[str, Code, Node]]) -> tuple[Fix, ...]:
    draft = project.draft()
    requests = [_request(code, node) for _, code, node in places]
    asked = all(requests)
    edits: dict[str, list[Edit]] = defaultdict(list)
    try:
        for (path, code, node), request in zip(places, requests, strict=True):
            if code.source.has_error_near(node):
                raise Refused("the code near the place could not be read")
            if node.kind() == "call_expression" and not _sets(node):
                raise Refused("the store is made without options: give it Path, HttpOnly and Secure")
            secure = SECURE.format(request) if asked else "Secure: true"
            if node.kind() == "call_expression":
                value = secure.partition(": ")[2]
                edits[path].append(code.source.replace(gocode.arguments(node)[5], value))
            elif (old := gocode.element(node, "Secure")) is not None:
                edits[path].append(code.source.replace(old, secure))
            else:
                edits[path].append(golang.add_element(code.source, node, secure, WHY))
    except Refused as refused:
        draft.refuse(str(refused))
    for path, changes in edits.items():
        draft.edit(path, splice, changes)
    reason = (
        "behind a TLS proxy it relies on X-Forwarded-Proto, which the proxy has to set"
        if asked
        else "a browser drops the cookie where the site is still served over plain HTTP (localhost aside)"
    )
    if not asked and (jars := project.grep([b"cookiejar.New("], "**/*_test.go")):
        reason += f"; so do the cookie jars of {', '.join(jars[:8])}"
    return draft.fixes("Send the cookie over HTTPS only", reason=reason)


def _request(code: Code, node: Node) -> str:
    gin = code.name_of("github.com/gin-gonic/gin")
    context = next((c for f in code.around(node) for c in [f.named(f"*{gin}.Context")] if gin and c), "")
    return code.request_at(node) or (f"{context}.Request" if context else "")
