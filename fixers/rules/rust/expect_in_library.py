"""A library that panics decides for its caller that the process has to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fixers.editors.splice import splice
from fixers.facts import rust, rust_errors, rust_locks, rust_parses, rust_unwraps
from fixers.facts.rust import Function, RustFile
from fixers.facts.rust_unwraps import Unwrap
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Result, Severity, rule
from fixers.project import Project

BAD = """\
use anyhow::{Context, Result};

pub fn load(path: &str) -> Result<String> {
    let text = std::fs::read_to_string(path).expect("no configuration");
    Ok(text)
}
"""
_FILES: Final = 5
"""Files of one crate over which its advice is one finding: the list of a healthy repository stays short."""
GOOD = BAD.replace('.expect("no configuration")', '.context("no configuration")?')


@rule(
    severity=Severity.LOW,
    fix=Applicability.UNSAFE,
    audit=("M6",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A library panics where it could return an error.

    A panic in a library, a handler or a task cannot be handled by its caller: it ends the request, the task or, with
    `panic = "abort"`, the process. Where the function returns a Result already, the error can simply be returned.
    """
    advised: dict[str, list[Finding]] = {}
    found = False
    for path, code in rust.shipped(project, (b".unwrap()", b".expect(")):
        if rust_unwraps.is_entry(project, path):
            continue
        parsed = {code.bounds(p.unwrap.node) for p in rust_parses.parses(code)}
        fallible: list[tuple[Unwrap, Function]] = []
        other: list[tuple[Unwrap, Function]] = []
        for place in rust_unwraps.unwraps(code):
            if code.bounds(place.node) in parsed or rust_unwraps.cannot_fail(code, place):
                continue
            function = code.function(place.node)
            if function.boundary in ("const", "static") or function.node is None:
                continue
            if rust_unwraps.is_defended(code, place, function) or rust_unwraps.is_guarded(code, place, function):
                continue
            if not project.keep(path, code.line(place.node)):
                continue
            if function.result and not function.boundary:
                fallible.append((place, function))
            elif rust_unwraps.reaches_callers(project, path, place, function):
                other.append((place, function))
        if fallible:
            found = True
            yield from _returnable(project, path, code, fallible)
        if other:
            found = True
            advised.setdefault(rust_locks.crate_of(project, path), []).append(_advice(path, code, other))
    for crate in advised.values():
        yield from _gathered(crate)
    if not found:
        yield NotApplicable("no code that ships panics on a value that may be missing")


def _returnable(
    project: Project, path: str, code: RustFile, places: list[tuple[Unwrap, Function]]
) -> Iterator[Finding]:
    """One finding for the places whose `?` is clear, one for those that a person has to look at."""
    clear: list[tuple[Unwrap, Function]] = []
    unclear: list[tuple[Unwrap, Function]] = []
    for place, function in places:
        style = rust_errors.style_of(project, path, code, function)
        known = style is not None and bool(rust_errors.question_mark(style, place))
        (clear if known else unclear).append((place, function))
    for anchor, some in (("returns-result", clear), ("returns-result-unclear", unclear)):
        lines = tuple(Location(path, code.line(p.node)) for p, _ in some)
        if some:
            yield Finding(
                path,
                f"panics where it returns a Result, {_count(lines)}",
                lines[0].line,
                anchor=anchor,
                severity=Severity.MEDIUM,
                locations=lines,
                fixes=_question_marks(project, path, code, some) if some is clear else (),
                steps=("Return the error with `?` and say what was tried.",),
            )


def _count(lines: tuple[Location, ...]) -> str:
    return f"{len(lines)} places" if len(lines) > 1 else "1 place"


def _gathered(findings: list[Finding]) -> Iterator[Finding]:
    """Advice of a crate, file by file, or as one finding when more than a few files have it."""
    low = [f for f in findings if f.severity is Severity.LOW]
    yield from (f for f in findings if f.severity is not Severity.LOW)
    if len(low) <= _FILES:
        yield from low
        return
    places = tuple(location for f in low for location in f.locations)
    message = f"panics on a value that may be missing, {len(places)} places in {len(low)} files"
    yield replace(low[0], message=message, anchor="crate-panics", locations=places)


def _advice(path: str, code: RustFile, places: list[tuple[Unwrap, Function]]) -> Finding:
    lines = tuple(Location(path, code.line(p.node)) for p, _ in places)
    return Finding(
        path,
        f"panics on a value that may be missing, {_count(lines)}",
        lines[0].line,
        anchor="panics",
        severity=Severity.MEDIUM if any(p.demands for p, _ in places) else Severity.LOW,
        locations=lines,
        steps=(
            "Let the function return a Result and its callers pass the error on with `?`.",
            "Where the value cannot be missing, say why in the message of `expect`; where the caller must see to it, "
            "write a `# Panics` section.",
        ),
    )


def _question_marks(
    project: Project, path: str, code: RustFile, places: list[tuple[Unwrap, Function]]
) -> tuple[Fix, ...]:
    """`?` in the style of each function."""
    draft = project.draft()
    edits = rust_errors.question_marks(project, path, code, places)
    if not edits:
        draft.refuse("anyhow::Context is not in scope, and what some places unwrap is not clear without it")
    code.refuse_unreadable(draft, [p.node for p, _ in places])
    draft.edit(path, splice, edits)
    return draft.fixes(
        "Return the error instead of a panic", Applicability.UNSAFE, "callers get an error where the process ended"
    )
