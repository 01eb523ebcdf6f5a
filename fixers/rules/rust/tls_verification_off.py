"""A connection that trusts any certificate is encrypted for whoever listens in between."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import rust_format
from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_trust
from fixers.facts.rust import RustFile
from fixers.facts.rust_trust import Unverified
from fixers.model import Applicability, Finding, Location, NotApplicable, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """\
use std::time::Duration;

pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .danger_accept_invalid_certs(true)
        .build()
}
"""
GOOD = BAD.replace("        .danger_accept_invalid_certs(true)\n", "")
REASON = "peers whose certificate no known CA signed can no longer be reached"
WORDS = (
    *(b"danger", b"SslVerifyMode::NONE", b"ServerCertVerifier"),
    *(b"ssl_verify_peer", b"set_no_tls_verify", b"disable_verification"),
)


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q1",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """TLS certificates are not verified.

    Anybody on the way can answer in the name of the server, read what is sent and change what comes back; tokens and
    passwords in the requests are theirs. Where a peer has a certificate of its own, trust that one: give its CA to the
    client instead of trusting everyone.
    """
    found = False
    for path, code in rust.shipped(project, WORDS):
        places = [u for u in rust_trust.unverified(code) if project.keep(path, code.line(u.node))]
        places.sort(key=lambda u: code.line(u.node))
        if not places:
            continue
        found = True
        draft = project.draft()
        try:
            draft.edit(path, splice, _edits(code, places))
        except Refused as refused:
            draft.refuse(str(refused))
        lines = tuple(Location(path, code.line(u.node), note=u.what) for u in places)
        yield Finding(
            path,
            places[0].what,
            lines[0].line,
            anchor="verification",
            locations=lines,
            fixes=draft.fixes("Verify TLS certificates", reason=REASON),
            steps=(
                "Give the CA of a private peer to the client: reqwest's add_root_certificate, or a RootCertStore.",
                "Where it must stay possible, let a setting that is off by default decide, and warn when it is on.",
            ),
        )
    if not found:
        yield NotApplicable("no client trusts any certificate unasked")


def _edits(code: RustFile, places: list[Unverified]) -> list[Edit]:
    """Take the calls out of their chains; a statement that does nothing else goes as a whole, its `mut` too."""
    edits, links = list[Edit](), list[Node]()
    for place in places:
        call = place.call
        function = call.field("function") if call is not None else None
        receiver = function.field("value") if function is not None else None
        if call is None or receiver is None:
            raise Refused("what takes the place of the verifier is for a person to say")
        if code.has_error_near(call):
            raise Refused("the grammar cannot read the code near the place")
        statement = enclosing(call, {"expression_statement", "let_declaration"})
        if statement is None or not _does_nothing_else(statement, call, receiver):
            links.append(call)
            continue
        start, end = code.bounds(statement)
        begin = code.text.rfind("\n", 0, start) + 1
        whole_line = not code.text[begin:start].strip() and code.text[end : end + 1] in "\r\n"
        edits.append(code.replace_between(begin, end + 1) if whole_line else code.replace(statement, ""))
        edits += _mut(code, statement, receiver.text())
    return edits + rust_format.drop_calls(code, links)


def _mut(code: RustFile, statement: Node, name: str) -> Iterator[Edit]:
    """The `mut ` of a variable that only the statement that goes gave another value."""
    function = enclosing(statement, {"function_item"})
    if function is None or not statement.text().startswith(f"{name} ="):
        return
    text = function.text()
    others = len(re.findall(rf"\b{name}\s*=[^=]|&mut {name}\b", text)) - 1
    lets = [p for p in function.find_all(kind="let_declaration") if (f := p.field("pattern")) and f.text() == name]
    if len(lets) == 1 and (mut := re.match(rf"let (mut )(?={name}\b)", lets[0].text())) and others == 1:
        begin = code.bounds(lets[0])[0]
        yield code.replace_between(begin + mut.start(1), begin + mut.end(1))


def _does_nothing_else(statement: Node, call: Node, receiver: Node) -> bool:
    """`builder.set_verify(NONE);`, `builder = builder.accept(true);` and `let builder = builder.accept(true);`."""
    name = receiver.text()
    text = statement.text().removesuffix(";").removesuffix(call.text()).strip()
    return receiver.kind() == "identifier" and text in ("", f"{name} =", f"let {name} =", f"let mut {name} =")
