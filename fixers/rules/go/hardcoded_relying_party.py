"""go/hardcoded-relying-party: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit
from fixers.facts import gocode, gomodules
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

NAMES = {
    "RPID": "RP_ID",
    "RPOrigin": "RP_ORIGIN",
    "RPOrigins": "RP_ORIGINS",
    "Domain": "COOKIE_DOMAIN",
    "Issuer": "ISSUER",
    "IssuerURL": "ISSUER_URL",
    "CallbackURL": "CALLBACK_URL",
    "RedirectURL": "REDIRECT_URL",
    "RedirectURI": "REDIRECT_URI",
}
LOCAL = re.compile(r"(?:https?://)?(?:localhost|127\.0\.0\.1)(?::\d+)?(?:/[^\s]*)?")
ENV_OR = """// envOr is an environment variable, or what holds without it.
func envOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
"""
MODULE = "module example.com/app\n\ngo 1.22\n"
BAD = """package main

import (
	"github.com/go-webauthn/webauthn/webauthn"
)

func newWebAuthn() (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPDisplayName: "Notes",
		RPID:          "localhost",
	})
}
"""
GOOD = BAD.replace("import (\n", 'import (\n\t"cmp"\n\t"os"\n\n').replace(
    '"localhost"', 'cmp.Or(os.Getenv("RP_ID"), "localhost")'
)


@rule(
    severity=Severity.HIGH,
    fix=Applicability.SAFE,
    audit=("Q10",),
    applies=("**/*.go",),
    bad={"go.mod": MODULE, "auth.go": BAD},
    good={"go.mod": MODULE, "auth.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A login works on localhost only, for its address is in the code.

    Passkeys are bound to the relying party's domain, OAuth answers go to the redirect address, cookies and tokens
    to the domain and issuer named in the code. With localhost there nobody can log in to the deployed server, and
    the way out is a patched build. The address has to come from the deployment; RPID is a bare domain.
    """
    for path, code in gocode.sources(project, *(k.encode() + b":" for k in NAMES)):
        places = [p for p in _places(code) if project.keep(path, code.source.line(p[2]))]
        if not places:
            continue
        keys = ", ".join(dict.fromkeys(k for k, _, _ in places))
        draft = gocode.drafted(project, path, _mends, project, path, code, places)
        known = {gomodules.env_prefix(project) + NAMES[k]: value for k, value, _ in places}
        gomodules.document(project, draft, path, known, "The address that the users of the deployed server see.")
        yield Finding(
            path,
            f"{keys} of {code.symbol(places[0][2]) or 'the package'} is localhost",
            line=code.source.line(places[0][2]),
            anchor=keys,
            locations=tuple(Location(path, code.source.line(n), note=k) for k, _, n in places),
            fixes=draft.fixes(f"Read {keys} from the environment"),
            steps=("Set the variable to the public address wherever the server is deployed.",),
        )


def _places(code: Code) -> Iterator[tuple[str, str, Node]]:
    """(key, literal, its node) of elements and of the strings in a list that is one."""
    for part in code.source.kind("keyed_element"):
        key = part.children()[0].text()
        literal = enclosing(part, ("composite_literal",))
        if key not in NAMES or literal is None or "." not in gocode.text_of(literal.field("type")):
            continue
        if key == "Domain" and not gocode.text_of(literal.field("type")).endswith((".Cookie", ".Options")):
            continue
        for text in part.children()[-1].find_all(kind="interpreted_string_literal"):
            inside = enclosing(text, ("call_expression", "keyed_element"))
            if inside is not None and inside.kind() == "keyed_element" and LOCAL.fullmatch(gocode.unquoted(text)):
                yield key, gocode.unquoted(text), text


def _mends(project: Project, path: str, code: Code, places: list[tuple[str, str, Node]]) -> list[Edit]:
    prefix, helper = gomodules.env_prefix(project), False
    edits: list[Edit] = []
    needed: set[str] = set()
    for key, _, node in places:
        if code.source.has_error_near(node) or len([p for p in places if p[0] == key]) > 1:
            raise Refused(f"{key} is a list of several addresses")
        name = f'"{prefix}{NAMES[key]}"'
        if gomodules.module_of(project, path).go >= (1, 22):
            text = f"cmp.Or(os.Getenv({name}), {node.text()})"
            needed |= {"cmp", "os"}
        else:
            text, helper = f"envOr({name}, {node.text()})", True
        listed = enclosing(node, ("composite_literal",))
        if listed is not None and gocode.text_of(listed.field("type")) == "[]string":
            edits.append(code.source.replace(listed, f'strings.Split({text}, ",")'))
            needed.add("strings")
        else:
            edits.append(code.source.replace(node, text))
    if helper and not gocode.package_has(project, path, r"func envOr\(name, fallback string\) string"):
        if gocode.in_package(project, path, ["envOr"]):
            raise Refused("envOr is the name of something else in this package")
        edits.append(golang.append(code.source, ENV_OR))
        needed.add("os")
    return [*edits, *golang.add_imports(code.source, *needed)]
