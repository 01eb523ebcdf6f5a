"""Passkeys and logins that only work on the machine of a developer."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import rust_format, rust_items
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_identity, rust_web
from fixers.facts.rust import RustFile
from fixers.facts.rust_identity import Name
from fixers.model import Applicability, Finding, Location, NotApplicable, Refused, Result, Severity, rule
from fixers.project import Project

MANIFEST = '[package]\nname = "a"\n\n[dependencies]\naxum = "0.8"\nwebauthn-rs = "0.5"\n'
BAD = """\
use webauthn_rs::prelude::*;

pub fn webauthn(origin: &Url) -> WebauthnResult<Webauthn> {
    let rp_id = "localhost";
    WebauthnBuilder::new(rp_id, origin)?.build()
}
"""
READ = 'std::env::var("WEBAUTHN_RP_ID").unwrap_or_else(|_| "localhost".to_owned())'
GOOD = BAD.replace('"localhost";', f"&{READ};")
WORDS = (b"WebauthnBuilder", b"RedirectUrl", b"rp_id", b"rp_origin", b"relying_party")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("Q10",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD, "Cargo.toml": MANIFEST},
    good={"src/lib.rs": GOOD, "Cargo.toml": MANIFEST},
)
def check(project: Project) -> Iterator[Result]:
    """Logins are tied to localhost in the code.

    A passkey is made for one relying party id, and an OAuth provider sends its users back to one address. With
    localhost written into the code neither works under the service's real name, and whoever deploys it has to change
    the code. The environment can say it, with localhost as what it is when nothing does. A relying party id is a bare
    domain, without scheme and port.
    """
    found = False
    for path, code in rust.shipped(project, WORDS):
        if not rust_web.serves(project, path):
            continue
        places = [n for n in rust_identity.names(project, code) if project.keep(path, code.line(n.literal))]
        if not places:
            continue
        found = True
        draft = project.draft()
        try:
            draft.edit(path, splice, [e for n in places for e in _edits(code, n)])
        except Refused as refused:
            draft.refuse(str(refused))
        what = ", ".join(dict.fromkeys(n.variable for n in places))
        yield Finding(
            path,
            f"{what}: tied to this machine",
            code.line(places[0].literal),
            anchor=what,
            locations=tuple(Location(path, code.line(n.literal), note=n.variable) for n in places),
            fixes=draft.fixes("Let the environment say under which name users log in"),
            steps=("Take the name from the configuration: the domain for a relying party id, a URL for the others.",),
        )
    if not found:
        yield NotApplicable("no login is tied to localhost in the code")


def _edits(code: RustFile, name: Name) -> Iterator[Edit]:
    text, parent = name.literal.text(), name.literal.parent()
    statement = rust_items.statement(name.literal)
    variable = rust_items.free_name(code, name.variable, f"public_{name.variable}", f"{name.variable}_setting")
    if code.has_error_near(name.literal) or statement is None or not variable:
        raise Refused("the name is not in a statement before which it could be read")
    read = f'std::env::var("{name.environment}").unwrap_or_else(|_| {text}.to_owned())'
    if parent is not None and parent.kind() == "let_declaration":
        yield rust_format.replace_value(code, name.literal, "&" + read)
        return
    if name.whole != name.literal and name.whole.parent() == statement and statement.kind() == "let_declaration":
        yield rust_format.replace_value(code, name.whole, read)
        return
    yield rust_format.let_before(code, statement, variable, read)
    yield code.replace(name.whole, variable if name.whole != name.literal else "&" + variable)
