"""An address that does not parse is an error to report, and one that is known needs no parsing."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import rust_format
from fixers.editors.splice import splice
from fixers.facts import rust, rust_errors, rust_parses
from fixers.facts.rust import RustFile
from fixers.facts.rust_parses import Parse
from fixers.model import Applicability, Finding, Fix, NotApplicable, Result, Severity, rule
from fixers.project import Project

BAD = """\
use std::net::SocketAddr;

pub fn bind_address() -> SocketAddr {
    "0.0.0.0:0".parse().unwrap()
}
"""
GOOD = BAD.replace('"0.0.0.0:0".parse().unwrap()', "SocketAddr::from(([0, 0, 0, 0], 0))")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("M8",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """An address is parsed and unwrapped.

    Where the text comes from a configuration or a user, a typo takes the process down with a panic instead of an error
    that says what was wrong. Where it is a literal, the parse is a panic waiting for the next edit of that literal:
    `SocketAddr::from(([0, 0, 0, 0], 0))` is checked by the compiler.
    """
    found = False
    for path, code in rust.shipped(project, (b".parse()", b".parse::<", b"Addr::from_str(")):
        if b"unwrap()" not in code.data and b"expect(" not in code.data:
            continue
        places = [p for p in rust_parses.parses(project, code) if project.keep(path, code.line(p.unwrap.node))]
        fixed = [p for p in places if p.constant]
        groups = [fixed, [p for p in places if not p.constant]]
        for name, group in zip(("literal", "text"), groups, strict=True):
            if group:
                found = True
                yield _finding(project, path, code, group, name)
    if not found:
        yield NotApplicable("no address is parsed and unwrapped outside tests")


def _finding(project: Project, path: str, code: RustFile, places: list[Parse], anchor: str) -> Finding:
    lines = tuple(code.place(path, p.unwrap.node) for p in places)
    broken = [p for p in places if p.always_panics]
    if broken:
        message = f'"{broken[0].literal}" never parses as {broken[0].type}: this panics each time it is reached'
    elif all(p.literal for p in places):
        message = "an address that is known is parsed at run time and unwrapped"
    else:
        message = "an address from a text is unwrapped: a wrong one panics instead of giving an error"
    severity = Severity.HIGH if broken else Severity.LOW if all(p.literal for p in places) else Severity.MEDIUM
    fixes = _constants(project, path, code, places) if anchor == "literal" else ()
    return Finding(
        path,
        message,
        lines[0].line,
        anchor=anchor,
        severity=severity,
        locations=lines,
        fixes=fixes + _context(project, path, code, places, "context" if fixes else "default"),
        steps=("Return the error of the parse to the caller, with the text that was wrong.",),
    )


def _constants(project: Project, path: str, code: RustFile, places: list[Parse]) -> tuple[Fix, ...]:
    draft, edits = project.draft(), []
    names = {}
    for place in places:
        if place.type not in names:
            same = [p.unwrap.node for p in places if p.type == place.type]
            names[place.type], use = code.bring("std::net", place.type, same)
            edits += use
        edits.append(code.replace(place.unwrap.node, place.constant.replace(place.type, names[place.type], 1)))
    code.refuse_unreadable(draft, [p.unwrap.node for p in places])
    draft.edit(path, splice, edits)
    return draft.fixes("Write the address so that the compiler checks it")


def _context(project: Project, path: str, code: RustFile, places: list[Parse], name: str) -> tuple[Fix, ...]:
    swaps = []
    for place in places:
        style = rust_errors.style_of(project, path, code, code.function(place.unwrap.node))
        if style is None:
            return ()
        what = place.unwrap.message.strip('"') if place.unwrap.message.startswith('"') else "cannot parse the address"
        swaps.append((place.unwrap.node, f"map_err(|e| {style.error(what, 'e')})?"))
    draft = project.draft()
    code.refuse_unreadable(draft, [p.unwrap.node for p in places])
    draft.edit(path, splice, rust_format.swap_calls(code, swaps))
    reason = "the caller gets an error where the process panicked"
    return draft.fixes("Return the error of the parse", Applicability.UNSAFE, reason, name=name)
