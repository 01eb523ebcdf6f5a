"""One panic while a lock is held must not take down everything that uses the lock afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import rust_format
from fixers.editors.source import Node
from fixers.editors.splice import splice
from fixers.facts import rust, rust_errors, rust_guards, rust_locks
from fixers.facts.rust import RustFile
from fixers.model import Applicability, Finding, Fix, Location, Pass, Result, Severity, rule
from fixers.project import Project

BAD = """\
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub struct Sessions {
    open: Arc<Mutex<HashMap<u64, String>>>,
}

impl Sessions {
    pub fn name(&self, id: u64) -> Option<String> {
        self.open.lock().unwrap().get(&id).cloned()
    }
}
"""
GOOD = BAD.replace("{Arc, Mutex}", "{Arc, Mutex, PoisonError}").replace(
    "self.open.lock().unwrap().get(&id).cloned()",
    "self.open\n            .lock()\n            .unwrap_or_else(PoisonError::into_inner)"
    "\n            .get(&id)\n            .cloned()",
)
_LOCKS: Final = re.compile(r"(?:lock|read|write)\(\)|wait(?:_while|_timeout)?\(.+\)", re.S)
_IN_MACRO: Final = re.compile(r"\.\s*lock\(\)\s*\.\s*(?:unwrap\(\)|expect\()")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("M7",),
    applies=("*.rs",),
    bad={"src/sessions.rs": BAD, "Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\n'},
    good={"src/sessions.rs": GOOD, "Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\n'},
)
def check(project: Project) -> Iterator[Result]:
    """A poisoned lock panics every later user of it.

    When a thread panics while it holds a `std::sync` lock, the lock is poisoned, and every later `lock().unwrap()`
    panics as well: one bad request becomes an outage that lasts until a restart. `PoisonError::into_inner` takes the
    data as it is. Where a guard is held over several statements the data may be half updated: read those places.
    """
    found = False
    for path, code in rust.parsed(project, project.fact(rust_locks.unwrapping)):
        sites = [n for n in code.unwrap_calls if _poisons(project, path, code, n) and not code.is_test(n)]
        sites = [n for n in sites if project.keep(path, code.line(n))]
        hidden = [line for line in _hidden(project, path, code) if project.keep(path, line)]
        if sites or hidden:
            found = True
            yield _finding(project, path, code, sites, hidden)
    if not found:
        taken = project.grep([b"std::sync::Mutex", b"std::sync::RwLock", b"PoisonError"], "*.rs")
        where = tuple(Location(p) for p in taken if not rust.is_test_path(project, p))
        yield Pass("no lock of the standard library is unwrapped", where[:5])


def _finding(project: Project, path: str, code: RustFile, sites: list[Node], hidden: list[int]) -> Finding:
    places = [code.place(path, n) for n in sites]
    places += [Location(path, line, note="inside a macro, by hand") for line in hidden]
    lines = sorted({p.line for p in places})
    what = f"{len(places)} locks are" if len(places) > 1 else "a lock is"
    hand = "inside a macro: to be edited by hand"
    if not sites:
        return Finding(path, f"{what} unwrapped {hand}", lines[0], anchor="locks", locations=tuple(places))
    held = [code.line(n) for n in sites if rust_guards.outlives_statement(n)]
    fixes = _recover(project, path, code, sites, held) + _report(project, path, code, sites)
    return Finding(
        path,
        f"{what} unwrapped: a panic while one is held makes all later uses panic",
        lines[0],
        anchor="locks",
        locations=tuple(sorted(places, key=lambda p: p.line)),
        fixes=fixes,
        steps=tuple(f"line {line}: {hand}" for line in hidden),
    )


def _recover(project: Project, path: str, code: RustFile, sites: list[Node], held: list[int]) -> tuple[Fix, ...]:
    """Go on with the data of a poisoned lock."""
    draft = project.draft()
    name, edits = code.bring("std::sync", "PoisonError", sites)
    code.refuse_unreadable(draft, sites)
    edits += rust_format.swap_calls(code, [(n, f"unwrap_or_else({name}::into_inner)") for n in sites])
    draft.edit(path, splice, edits)
    title = "Go on with the data of a poisoned lock"
    if not held:
        return draft.fixes(title)
    shown = ", ".join(map(str, held[:8])) + (", ..." if len(held) > 8 else "")
    many = f"lines {shown}" if len(held) > 1 else f"line {shown}"
    return draft.fixes(
        title, Applicability.UNSAFE, f"the guard lives over several statements ({many}): the data may be half updated"
    )


def _report(project: Project, path: str, code: RustFile, sites: list[Node]) -> tuple[Fix, ...]:
    """Return an error instead, when every place is in a function that can."""
    swaps = []
    for site in sites:
        style = rust_errors.style_of(project, path, code, code.function(site))
        if style is None:
            return ()
        swaps.append((site, f"map_err(|e| {style.error('lock poisoned', 'e')})?"))
    draft = project.draft()
    code.refuse_unreadable(draft, sites)
    draft.edit(path, splice, rust_format.swap_calls(code, swaps))
    if not draft.changes:
        return ()
    reason = "callers get an error for as long as the process lives: the lock stays poisoned"
    return draft.fixes("Return an error when a lock is poisoned", Applicability.UNSAFE, reason, name="map-err")


def _poisons(project: Project, path: str, code: RustFile, site: Node) -> bool:
    taken = _taken(site)
    function = taken.field("function") if taken is not None else None
    if function is None:
        return False
    method = function.field("field")
    if (
        taken is None
        or method is None
        or not _LOCKS.fullmatch(code.text, code.bounds(method)[0], code.bounds(taken)[1])
    ):
        return False
    name = method.text() if method is not None else ""
    return rust_locks.is_std(project, path, code, function.field("value"), sure=name == "lock")


def _taken(site: Node) -> Node | None:
    """The call of `lock()` that a `lock().unwrap()` unwraps."""
    function = site.field("function")
    return function.field("value") if function is not None else None


def _hidden(project: Project, path: str, code: RustFile) -> Iterator[int]:
    """Lines at which the text of a macro's arguments unwraps a lock, in a file whose locks are all of std."""
    held = frozenset[str]().union(*project.fact(rust_locks.by_file).get(path, {}).values())
    if "std" in held and "other" not in held:
        yield from map(code.line_at, code.in_macros(_IN_MACRO))
