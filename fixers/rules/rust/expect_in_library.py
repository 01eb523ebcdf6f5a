"""A library that panics decides for its caller that the process has to end."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import rust_format
from fixers.editors.source import Node
from fixers.editors.splice import Edit, splice
from fixers.facts import cargo, rust, rust_errors, rust_parses, rust_unwraps
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
    found = False
    for path, code in rust.shipped(project, (b".unwrap()", b".expect(")):
        if _is_entry(project, path):
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
            yield _returnable(project, path, code, fallible)
        if other:
            found = True
            yield _advice(path, code, other)
    if not found:
        yield NotApplicable("no code that ships panics on a value that may be missing")


def _is_entry(project: Project, path: str) -> bool:
    """A program's own main file, or part of a procedural macro, whose panics are compiler errors."""
    package = cargo.package_of(project, path)
    if path.endswith("/main.rs") or path == "main.rs" or "/bin/" in path:
        return True
    return package is not None and (path in package.binaries.values() or package.depends_on("proc-macro2"))


def _returnable(project: Project, path: str, code: RustFile, places: list[tuple[Unwrap, Function]]) -> Finding:
    lines = tuple(Location(path, code.line(p.node)) for p, _ in places)
    count = len(places)
    return Finding(
        path,
        f"{count} places panic in functions that return a Result" if count > 1 else "panics where it returns a Result",
        lines[0].line,
        anchor="returns-result",
        severity=Severity.MEDIUM,
        locations=lines,
        fixes=_question_marks(project, path, code, places),
        steps=("Return the error with `?` and say what was tried.",),
    )


def _advice(path: str, code: RustFile, places: list[tuple[Unwrap, Function]]) -> Finding:
    lines = tuple(Location(path, code.line(p.node)) for p, _ in places)
    return Finding(
        path,
        f"{len(places)} places panic on a value that may be missing"
        if len(places) > 1
        else "panics on a value that may be missing",
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
    """`?` in the style of each function; all places of the file or none."""
    draft = project.draft()
    swaps: list[tuple[Node, str]] = []
    contexts: dict[str, list[Node]] = {}
    edits: list[Edit] = []
    for place, function in places:
        style = rust_errors.style_of(project, path, code, function)
        tail = rust_errors.question_mark(style, place) if style is not None else ""
        if style is None or not tail:
            draft.refuse(f"line {code.line(place.node)}: how the error type is made of this one is not clear")
            break
        if tail.startswith(".context"):
            contexts.setdefault(style.name, []).append(place.node)
        swaps.append((place.node, tail.removeprefix(".")))
    for name, nodes in contexts.items():
        trait = {"anyhow": "Context", "eyre": "WrapErr"}[name]
        if f"{name}::{trait}" not in rust_errors.named(project, path, code, trait):
            how, use = code.bring(name, trait, nodes)
            edits += use
            if how != trait:
                draft.refuse(f"{name}::{trait} is not in scope")
    code.refuse_unreadable(draft, [p.node for p, _ in places])
    draft.edit(path, splice, [*edits, *rust_format.swap_calls(code, swaps)])
    return draft.fixes(
        "Return the error instead of a panic", Applicability.UNSAFE, "the build has to agree with the types"
    )
