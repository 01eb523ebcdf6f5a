"""go/dev-token: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.source import Node, enclosing
from fixers.facts import gocode, gologs, gomodules, goproduction, goscaffold
from fixers.facts.gocode import Code
from fixers.model import Applicability, Effort, Finding, Location, Result, Severity, rule
from fixers.project import Project

KEY = re.compile(
    r"(?:^|[_.\W])(?:\w*(?:secret|password|passwd|api_?key|auth_?token|access_?token|admin_?token|jwt_?key|signing_?key"
    r"|session_?key|hash_?key|encryption_?key)|token)$",
    re.I,
)
KNOWN = re.compile(
    r"(?:(?:dev|test|demo|local|default|example|insecure|my|your|super|top|change|admin|root|jwt|app|please)[-_ ]?)*"
    r"(?:secret|token|password|passwd|key|changeme|change|me|admin|root|devtoken|123456\d*|qwerty|letmein|secretkey"
    r"|supersecret|signing)"
    r"(?:[-_ ]?(?:key|token|here|in|production|prod|me|123\d*|please|dev|development|only|this|for|use))*",
    re.I,
)
QUOTED = re.compile(rb"[\"`]" + KNOWN.pattern.encode() + rb"[\"`]", re.I)
DEFAULTS = (
    (re.compile(r"(?:\w+\.)*(?:\w*[eE]nv\w*|Or|SetDefault|String|\w*[dD]efault\w*)"), 1),
    (re.compile(r"(?:\w+\.)*(?:StringVar|StringP)"), 2),
    (re.compile(r"(?:\w+\.)*StringVarP"), 3),
)
"""Calls that name a default, and which of their arguments it is."""
BAD = """package main

import (
	"cmp"
	"log"
	"os"
)

func main() {
	secret := cmp.Or(os.Getenv("JWT_SECRET"), "changeme")
	log.Fatal(serve(secret))
}
"""
GUARD = """
	if err := checkSecret("JWT_SECRET", secret, "changeme"); err != nil {
		log.Fatal(err)
	}
"""


def good() -> dict[str, str]:
    """The example with the guard."""
    names = ("production.go", "production_test.go")
    made = {n: re.sub(r"\bCheckSecret\b", "checkSecret", goscaffold.written(n, "main", "")) for n in names}
    return {"main.go": BAD.replace('"changeme")\n', '"changeme")' + GUARD), **made}


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    effort=Effort.MEDIUM,
    audit=("M1",),
    applies=("**/*.go",),
    bad={"main.go": BAD},
    good=good,
)
def check(project: Project) -> Iterator[Result]:
    """A well-known secret holds when the deployment sets none.

    The default is in the source for everyone to read, and nothing says that it is in force: who forgets the
    variable runs a server whose tokens anybody can sign. In production the start has to fail instead.
    """
    for path, code in gocode.sources(project, *gologs.WORDS, b"_KEY", b"Key", having=QUOTED):
        places = [n for n in _places(code) if project.keep(path, code.source.line(n))]
        places = [n for n in places if not goproduction.is_guarded(project, n)]
        if not places:
            continue
        draft = goproduction.guard(project, path, code, places)
        names = ", ".join(dict.fromkeys(code.symbol(n) or gocode.assigned_to(n) for n in places))
        yield Finding(
            path,
            f"{names} falls back on a well-known secret",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(n)) for n in places),
            fixes=draft.fixes(
                "Refuse the default of a secret in production",
                reason=f"{gomodules.env_prefix(project)}{goproduction.SETTING}=1 has to be set where it is deployed;"
                " a deployment that relied on the default does not start then",
                name="guard",
            ),
            steps=(
                "Refuse to start in production (by a variable or flag) when the secret is empty or the default.",
                "Generate a random secret for development and say so in the log, without the secret.",
                "Rotate the secret wherever the default may have been in force.",
            ),
        )


def _places(code: Code) -> Iterator[Node]:
    """Literals that a secret falls back on: defaults of environment reads, flags and settings, or the value itself."""
    for node in code.source.kind("interpreted_string_literal", "raw_string_literal"):
        value = gocode.unquoted(node)
        if not 3 <= len(value) <= 60 or not KNOWN.fullmatch(value) or re.fullmatch(r"[A-Z]+_[A-Z_]+", value):
            continue
        call = enclosing(node, ("call_expression", "block", "literal_value"))
        if call is not None and call.kind() == "call_expression" and gocode.called(call) not in ("[]byte", "string"):
            given = [a.text().strip('"`') for a in gocode.arguments(call)]
            named = [g for g in given if g != value and KEY.search(re.sub(r'^.*\("|"\)$', "", g))]
            if named and any(p.fullmatch(gocode.called(call)) and value in given[i : i + 1] for p, i in DEFAULTS):
                yield node
        elif KEY.search(name := gocode.assigned_to(node)) and value != name and _is_value(node):
            yield node


def _is_value(node: Node) -> bool:
    """Whether the literal is the whole value (or `[]byte` of it), not a part of an expression."""
    parent = node.parent()
    while parent is not None and parent.kind() in (
        "argument_list",
        "call_expression",
        "type_conversion_expression",
        "literal_element",
    ):
        parent = parent.parent()
    return parent is not None and parent.kind() in ("expression_list", "keyed_element", "const_spec", "var_spec")
