"""go/missing-origin-accepted: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit
from fixers.facts import gocode, goorigin
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Fix, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """package main

import "net/http"

func checkOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	return origin == "https://app.example.com"
}

var upgrader = websocket.Upgrader{CheckOrigin: checkOrigin}
"""
GOOD = BAD.replace("return true", "return false")


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q5",),
    applies=("**/*.go",),
    bad={"ws.go": BAD},
    good={"ws.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A websocket accepts requests of any origin, or of none.

    Browsers do not keep a page from opening a websocket to another site, and they send the cookies along: the
    Origin header is the only thing that tells such a page from your own. A check that says yes to everything, or
    to a request without the header, leaves the door to every tool that simply does not send it.
    """
    for path, code in gocode.sources(project, b"rigin", b"AcceptOptions"):
        if code.package == "websocket":
            continue
        if gocode.package_has(project, path, r"CheckOrigin"):
            for place in _empty_accepted(code):
                if project.keep(path, code.source.line(place)):
                    yield _missing(project, path, code, place)
        for place in [*_always(project, path, code), *_skipped(code)]:
            if project.keep(path, code.source.line(place)):
                yield _any(project, path, code, place)


def _empty_accepted(code: Code) -> Iterator[Node]:
    """The `return true` below `if origin == ""`."""
    for branch in code.source.kind("if_statement"):
        condition, then = gocode.text_of(branch.field("condition")), branch.field("consequence")
        match = re.fullmatch(r'(.+?)\s*==\s*""|len\((.+?)\)\s*==\s*0', condition)
        if match is None or then is None or not goorigin.is_origin(code, branch, match[1] or match[2]):
            continue
        body = [n for n in then.children() if n.kind() == "statement_list"]
        yield from (n for b in body for n in b.children() if n.text().split() == ["return", "true"])


def _missing(project: Project, path: str, code: Code, place: Node) -> Finding:
    clients = [f"{p}:{c.source.line(n)}" for p, n, c in goorigin.dialers(project, tests=False)]
    clients += goorigin.other_clients(project)
    tests = goorigin.dialers(project, tests=True)
    draft = gocode.drafted(project, path, lambda: [code.source.replace(place, "return false")])
    if clients:
        draft.refuse(f"these clients of the tree dial without an Origin and would be refused: {', '.join(clients[:8])}")
    elif tests:
        goorigin.give(draft, tests, goorigin.allowed(code, place))
    return Finding(
        path,
        f"{code.symbol(place)} accepts a request without an Origin header",
        line=code.source.line(place),
        anchor=code.symbol(place),
        fixes=draft.fixes(
            "Refuse websocket requests without an Origin",
            reason="clients that are no browsers have to send an Origin from now on",
        ),
        steps=("Have the clients named above send an Origin that is allowed, then refuse requests without one.",),
    )


def _always(project: Project, path: str, code: Code) -> Iterator[Node]:
    """`CheckOrigin: func(...) bool { return true }`, assigned or as an element; a function of that kind by its name."""
    yes = [f for f in code.functions if f.body is not None and goorigin.says_yes(f.body)]
    for function in yes:
        holder = enclosing(function.node, ("keyed_element", "assignment_statement", "call_expression", "block"))
        if holder is None or function.name:
            if function.name and gocode.package_has(
                project, path, rf"CheckOrigin\s*[:=]\s*(?:\w+\.)?{function.name}\b"
            ):
                yield function.node
        elif holder.kind() in ("keyed_element", "assignment_statement") and re.match(
            r"(?:[\w.]+\.)?CheckOrigin\s*[:=]", holder.text()
        ):
            yield holder


def _skipped(code: Code) -> Iterator[Node]:
    """`websocket.AcceptOptions{InsecureSkipVerify: true}` of coder/websocket, or its pattern for every origin."""
    for literal in code.literals_of(("github.com/coder/websocket", "nhooyr.io/websocket"), "AcceptOptions"):
        for key, yes in (("InsecureSkipVerify", "true"), ("OriginPatterns", '[]string{"*"}')):
            part = gocode.element(literal, key)
            if part is not None and gocode.elements(literal)[key].text() == yes:
                yield part


def _any(project: Project, path: str, code: Code, place: Node) -> Finding:
    draft = gocode.drafted(project, path, _default, code, place)
    reason = "pages of other origins (a development server on its own port, too) can no longer connect"
    fixes: tuple[Fix, ...] = draft.fixes("Accept websockets of the same origin only", reason=reason)
    return Finding(
        path,
        f"the websocket of {code.symbol(place) or 'the package'} accepts every origin",
        line=code.source.line(place),
        anchor=f"{code.symbol(place)}:any",
        severity=Severity.LOW if goorigin.on_purpose(code, place) else None,
        fixes=fixes,
        steps=("List the origins of your own pages in the configuration and compare with them, scheme and port too.",),
    )


def _default(code: Code, place: Node) -> list[Edit]:
    """Without the check the library compares the Origin's host with the request's."""
    if code.source.has_error_near(place):
        raise Refused("the code near the place could not be read")
    if place.kind() not in ("keyed_element", "assignment_statement"):
        raise Refused("the function may have other callers")
    if goorigin.on_purpose(code, place):
        raise Refused("the comment beside it says that it is on purpose")
    if place.kind() == "assignment_statement" and gocode.is_alone(place):
        raise Refused("it is the whole of a block")
    literal = enclosing(place, ("composite_literal",)) if place.kind() == "keyed_element" else None
    http = code.name_of("net/http")
    edits = [golang.drop_element(code.source, place)] if literal else [golang.remove_lines(code.source, place)]
    if http and code.used(http) == len(re.findall(rf"\b{http}\.", place.text())):
        edits += golang.drop_import(code.source, "net/http")
    return edits
