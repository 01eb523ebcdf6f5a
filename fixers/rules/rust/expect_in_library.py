"""A library that panics decides for its caller that the process has to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fixers.editors.splice import splice
from fixers.facts import rust_errors, rust_locks, rust_panics, rust_signatures
from fixers.facts.rust import Function, RustFile
from fixers.facts.rust_unwraps import Unwrap
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Result, Severity, rule
from fixers.project import Project
from fixers.text import safe_text

BAD = """\
use anyhow::{Context, Result};

pub fn load(path: &str) -> Result<String> {
    let text = std::fs::read_to_string(path).expect("no configuration");
    Ok(text)
}
"""
_FILES: Final = 5
"""Files of one crate over which its advice is one finding: the list of a healthy repository stays short."""
_STEPS: Final = (
    "Let the function return a Result and its callers pass the error on with `?`.",
    "Where the value cannot be missing, say why in the message of `expect`; where the caller must see to it, "
    "write a `# Panics` section.",
)
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
    for path, code, fallible, other in rust_panics.panics(project):
        if fallible:
            found = True
            yield from _returnable(project, path, code, fallible)
        demanded = {f.name: (p, f) for p, f in other if p.demands and not f.boundary}
        for name, (_, function) in demanded.items():
            found = True
            yield _demand(project, path, code, function, [p for p, f in other if f.name == name and not f.boundary])
        other = [(p, f) for p, f in other if f.name not in demanded or f.boundary]
        if other:
            found = True
            advised.setdefault(rust_locks.crate_of(project, path), []).append(_advice(path, code, other))
    for crate in advised.values():
        yield from _gathered(crate)
    if not found:
        yield NotApplicable("no code that ships panics on a value that may be missing")


def _returnable(project: Project, path: str, code: RustFile, places: rust_panics.Places) -> Iterator[Finding]:
    """One finding for the places whose `?` is clear, one for those that a person has to look at."""
    clear: rust_panics.Places = []
    unclear: rust_panics.Places = []
    for place, function in places:
        style = rust_errors.style_of(project, path, code, function)
        known = style is not None and bool(rust_errors.question_mark(style, place))
        (clear if known else unclear).append((place, function))
    for anchor, some in (("returns-result", clear), ("returns-result-unclear", unclear)):
        lines = tuple(code.place(path, p.node) for p, _ in some)
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


def _demand(project: Project, path: str, code: RustFile, function: Function, places: list[Unwrap]) -> Finding:
    """A function that panics when its caller forgot something."""
    lines = tuple(code.place(path, p.node) for p in places)
    return Finding(
        path,
        f"{function.name} panics when its caller forgot what it demands: {safe_text(places[0].message, limit=80)}",
        lines[0].line,
        anchor=f"demands-{function.name}",
        severity=Severity.MEDIUM,
        locations=lines,
        fixes=rust_signatures.fixes(project, path, code, function, places),
        steps=_STEPS,
    )


def _gathered(findings: list[Finding]) -> Iterator[Finding]:
    """Advice of a crate, file by file, or as one finding when more than a few files have it."""
    if len(findings) <= _FILES:
        yield from findings
        return
    places = tuple(location for f in findings for location in f.locations)
    message = f"panics on a value that may be missing, {len(places)} places in {len(findings)} files"
    yield replace(findings[0], message=message, anchor="crate-panics", locations=places)


def _advice(path: str, code: RustFile, places: rust_panics.Places) -> Finding:
    lines = tuple(code.place(path, p.node) for p, _ in places)
    message = f"panics on a value that may be missing, {_count(lines)}"
    return Finding(path, message, lines[0].line, anchor="panics", locations=lines, steps=_STEPS)


def _question_marks(project: Project, path: str, code: RustFile, places: rust_panics.Places) -> tuple[Fix, ...]:
    """`?` in the style of each function."""
    draft = project.draft()
    styled = [(p, rust_errors.style_of(project, path, code, f)) for p, f in places]
    edits = rust_errors.question_marks(project, path, code, styled)
    if not edits:
        draft.refuse("anyhow::Context is not in scope, and what some places unwrap is not clear without it")
    code.refuse_unreadable(draft, [p.node for p, _ in places])
    draft.edit(path, splice, edits)
    return draft.fixes(
        "Return the error instead of a panic", Applicability.UNSAFE, "callers get an error where the process ended"
    )
