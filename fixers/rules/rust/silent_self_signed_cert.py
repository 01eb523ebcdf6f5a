"""A server that makes up its own certificate must say so, and must not do it in production."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.editors.splice import splice
from fixers.facts import cargo, rust, rust_production
from fixers.facts.rust import Function, RustFile
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BAD = """\
use std::path::Path;

pub fn load_or_make(cert: &Path, key: &Path) -> anyhow::Result<()> {
    if cert.exists() && key.exists() {
        return Ok(());
    }
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    std::fs::write(cert, made.cert.der())?;
    Ok(())
}
"""
WARNING = "using a self-signed certificate: for development only"
GOOD = BAD.replace("    let made", f'    eprintln!("{WARNING}");\n    let made')
_MAKES: Final = [
    {"pattern": "$A.self_signed($$$)"},
    {"pattern": "rcgen::generate_simple_self_signed($$$)"},
    {"pattern": "generate_simple_self_signed($$$)"},
]
_SAID: Final = re.compile(
    r"(?:warn|error|println|info)!\s*\((?:[^;]*?)(?:self.signed|development|insecure|production)", re.I
)
_ASKED: Final = re.compile(
    r"\b\w*(?:production|is_prod|dev_mode|is_dev|insecure|allow_self|self_signed_\w+|development)\w*\b"
)
_MISSING: Final = re.compile(r"\.(?:try_)?exists\(\)|\.is_file\(\)|NotFound|metadata\(")
_DEV_FUNCTION: Final = re.compile(r"test|dev|mock|demo|example|dummy|fake|generate_ca\b|\bca_", re.I)
MANIFEST = '[package]\nname = "relay"\nversion = "0.1.0"\n\n[lib]\n\n[dependencies]\nanyhow = "1"\nrcgen = "0.13"\n'


@rule(
    severity=Severity.HIGH,
    fix=Applicability.SAFE,
    audit=("M9",),
    applies=("*.rs",),
    bad={"Cargo.toml": MANIFEST, "src/lib.rs": BAD},
    good={"Cargo.toml": MANIFEST, "src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A self-signed certificate is made without a word.

    When the certificate files are missing, a typo in their path is enough, the server makes its own and starts. Clients
    that verify are locked out, and those that do not can be intercepted; nobody is told. Say it in the log, and refuse
    it where production is asked for.
    """
    seen: list[Location] = []
    for path, code in rust.shipped(project, (b"self_signed(",)):
        for place in code.find_all(any=_MAKES):
            function = code.function(place)
            if code.is_test(place) or function.node is None or _DEV_FUNCTION.search(function.name):
                continue
            if not project.keep(path, code.line(place)):
                continue
            body = function.node.text()
            if _SAID.search(body) or _ASKED.search(body.replace("self_signed(", "")):
                seen.append(Location(path, code.line(place)))
                continue
            if _is_fallback(code, place, function):
                yield _finding(project, path, code, place, function)
                break
            seen.append(Location(path, code.line(place)))
    if seen:
        yield Pass("self-signed certificates are announced or asked for", tuple(seen))
    elif not project.grep([b"self_signed("], "*.rs"):
        yield NotApplicable("no code makes a certificate of its own")


def _is_fallback(code: RustFile, place: Node, function: Function) -> bool:
    """Whether the certificate is made because none was found, here or where the function is called."""
    if function.node is None or _MISSING.search(function.node.text()) or _is_else(place):
        return True
    called = [c for c in code.kind("call_expression") if re.match(rf"[\w:]*\b{function.name}\(", c.text())]
    bodies = [code.function(c).node for c in called]
    return any(_is_else(c) for c in called) or any(b is not None and _MISSING.search(b.text()) for b in bodies)


def _is_else(place: Node) -> bool:
    """Whether a place is what happens otherwise: an `else`, or the arm of `_` or `None`."""
    outer = enclosing(place, {"else_clause", "match_arm", "function_item"})
    if outer is None or outer.kind() == "function_item":
        return False
    return outer.kind() == "else_clause" or bool(re.match(r"(?:_|None|Err\()", outer.text()))


def _finding(project: Project, path: str, code: RustFile, place: Node, function: Function) -> Finding:
    when = " when its files are missing" if "exists()" in (function.node.text() if function.node else "") else ""
    return Finding(
        path,
        f"{function.name} makes a self-signed certificate{when} and does not say so",
        code.line(place),
        anchor=function.name,
        fixes=_warn(project, path, code, place) + _guard(project, path, code, place, function),
        steps=("Require certificate and key files in production.", "Write the key file with mode 0600."),
    )


def _statement(place: Node) -> Node | None:
    return enclosing(
        place,
        lambda n: (p := n.parent()) is not None and p.kind() == "block" and n.kind() not in ("match_arm",),
    )


def _warn(project: Project, path: str, code: RustFile, place: Node) -> tuple[Fix, ...]:
    draft = project.draft()
    statement = _statement(place)
    if statement is None:
        draft.refuse("no statement stands around the place")
    else:
        code.refuse_unreadable(draft, [place])
        macro = rust_production.warning(cargo.package_of(project, path))
        draft.edit(path, splice, [code.insert_before(statement, f'{macro}("{WARNING}");')])
    return draft.fixes("Say that a self-signed certificate is in use")


def _guard(project: Project, path: str, code: RustFile, place: Node, function: Function) -> tuple[Fix, ...]:
    draft = project.draft()
    statement = _statement(place)
    text, edits = rust_production.call(project, path, code, function, "a generated self-signed certificate", draft)
    if text and statement is not None:
        draft.edit(path, splice, [*edits, code.insert_before(statement, text)])
    if not draft.changes:
        return ()
    reason = "a deployment that relied on the generated certificate does not start in production mode"
    return draft.fixes("Refuse to make a certificate in production", Applicability.UNSAFE, reason, name="guard")
