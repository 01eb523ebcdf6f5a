"""The panics of code that ships, sorted by what could take their place."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import cargo, rust, rust_fallible, rust_parses, rust_unwraps
from fixers.facts.rust import Function, RustFile
from fixers.facts.rust_unwraps import Unwrap
from fixers.project import Project

Places = list[tuple[Unwrap, Function]]


def panics(project: Project) -> Iterator[tuple[str, RustFile, Places, Places]]:
    """Files that ship, their panics in functions that return a Result, and those that others meet elsewhere."""
    for path, code in rust.shipped(project, (b".unwrap()", b".expect(")):
        if is_entry(project, path):
            continue
        parsed = {code.bounds(p.unwrap.node) for p in rust_parses.parses(project, code)}
        fallible, other = Places(), Places()
        for place in rust_unwraps.unwraps(code):
            if code.bounds(place.node) in parsed or rust_unwraps.cannot_fail(code, place):
                continue
            function = code.function(place.node)
            if function.boundary in ("const", "static") or function.node is None:
                continue
            if rust_unwraps.is_defended(code, place, function) or rust_unwraps.is_guarded(code, place, function):
                continue
            if not rust_fallible.is_fault(project, path, code, place, function):
                continue
            if not project.keep(path, code.line(place.node)):
                continue
            to_caller = rust_fallible.returns_result(project, path, code, function)
            (fallible if to_caller else other).append((place, function))
        yield path, code, fallible, other


def is_entry(project: Project, path: str) -> bool:
    """A program's own main file, or part of a procedural macro, whose panics are compiler errors."""
    package = cargo.package_of(project, path)
    if path.endswith("/main.rs") or path == "main.rs" or "/bin/" in path:
        return True
    return package is not None and (path in package.binaries.values() or package.depends_on("proc-macro2"))
