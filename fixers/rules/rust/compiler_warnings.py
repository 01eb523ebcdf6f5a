"""Warnings that come with every build hide the one that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from fixers.editors.splice import BOM, Edit, splice
from fixers.facts import diagnostics
from fixers.facts.diagnostics import Diagnostic, Swap
from fixers.model import Applicability, Context, Finding, Fix, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BAD = "pub fn total(parts: &[u64]) -> u64 {\n    let mut all = parts.iter().sum();\n    all\n}\n"
_SEEN = Diagnostic(
    path="src/lib.rs",
    lint="unused_mut",
    message="variable does not need to be mutable",
    places=(2,),
    first=2,
    lines=("    let mut all = parts.iter().sum();",),
    swaps=(Swap(2, 9, 2, 13, ""),),
)
_OTHER_BUILD: Final = re.compile(r"\bcfg(?:_attr)?!?\s*\((?!\s*test\s*\))|macro_rules!")
"""What one build does not tell the whole of: code for another feature or system, and macros."""
_MECHANICAL: Final = re.compile(
    r"unused_(?:mut|imports|parens|braces|attributes|qualifications|labels)|redundant_semicolons|deprecated|"
    r"non_shorthand_field_patterns|bare_trait_objects|anonymous_parameters|ellipsis_inclusive_range_patterns"
)
"""Lints whose own mend changes nothing that runs. `let _x` for an unused variable only hides it."""
_FIELDS: Final = re.compile(r"fields? .* (?:is|are) never read")
_ALLOW: Final = "#[allow(dead_code)] // never read so far: use it or remove it"


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    audit=("M14",),
    applies=("Cargo.toml",),
    context=Context(facts={diagnostics.compiler: (_SEEN,)}),
    bad={"Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\n', "src/lib.rs": BAD},
    good={"Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\n', "src/lib.rs": BAD.replace("let mut", "let")},
)
def check(project: Project) -> Iterator[Result]:
    """The compiler warns of this code in every build.

    Warnings that are always there are no longer read, and the new one that tells of a mistake drowns in them. They are
    known once the project's own build has run: with `--verify` its diagnostics are kept. What the compiler is sure to
    mend is mended so; a field that nothing reads is kept with a note, for a person to decide.
    """
    said = project.fact(diagnostics.compiler)
    if said is None:
        yield NotApplicable("no build has run: with --verify the compiler's warnings are known")
        return
    found = False
    for (path, lint), group in groupby(
        sorted(said, key=lambda d: (d.path, d.lint, d.first)), lambda d: (d.path, d.lint)
    ):
        if not project.files("/" + path):
            continue
        still = [(d, by) for d in group if (by := diagnostics.moved(project, d)) is not None]
        still = [(d, by) for d, by in still if not _is_allowed(project, d, by)]
        still = [(d, by) for d, by in still if project.keep(path, d.places[0] + by)]
        if still:
            found = True
            yield _finding(project, path, lint, still)
    if not found:
        yield Pass("the build has no warning", tuple(Location(p) for p in project.files("/Cargo.toml")))


def _finding(project: Project, path: str, lint: str, places: list[tuple[Diagnostic, int]]) -> Finding:
    lines = tuple(Location(path, line + by, note=d.message) for d, by in places for line in d.places)
    many = f", {len(lines)} places" if len(lines) > 1 else ""
    return Finding(
        path,
        f"the compiler warns: {places[0][0].message} ({lint}){many}",
        lines[0].line,
        anchor=lint,
        locations=lines,
        fixes=_mended(project, path, lint, places),
        steps=("Mend what the compiler names; where it is meant, say so with an `allow` on that item and the reason.",),
    )


def _mended(project: Project, path: str, lint: str, places: list[tuple[Diagnostic, int]]) -> tuple[Fix, ...]:
    draft = project.draft()
    if all(d.lint == "dead_code" and _FIELDS.match(d.message) for d, _ in places):
        draft.edit(path, _noted, frozenset(line + by for d, by in places for line in d.places))
        why = "whether the field is wanted is for a person to say: using or removing it is better"
        return draft.fixes("Keep the fields that nothing reads, with a note", Applicability.UNSAFE, why)
    if not _MECHANICAL.fullmatch(lint) or not all(d.swaps for d, _ in places):
        draft.refuse("the compiler has no mend that it is sure of")
    elif not all(d.everywhere for d, _ in places):
        draft.refuse("only some builds of the file say so: with its tests or without them the code is needed")
    else:
        draft.edit(path, _swapped, frozenset((s, by) for d, by in places for s in d.swaps))
    if _OTHER_BUILD.search(project.text(path)):
        why = "the file has code for other features or systems, which this build did not compile"
        return draft.fixes("Mend it as the compiler says", Applicability.UNSAFE, why)
    return draft.fixes("Mend it as the compiler says")


def _is_allowed(project: Project, found: Diagnostic, by: int) -> bool:
    """Whether an attribute right above each place allows the lint."""
    lines = diagnostics.split(project.text(found.path))
    return all(re.match(rf"\s*#\[(?:allow|expect)\({found.lint}\b", lines[p + by - 2]) for p in found.places)


def _noted(data: bytes, lines: frozenset[int]) -> bytes:
    """The note above each of the lines."""
    whole = data.splitlines(keepends=True)
    for number in sorted(lines, reverse=True):
        line = whole[number - 1]
        indent = line[: len(line) - len(line.lstrip())]
        end = b"\r\n" if line.endswith(b"\r\n") else b"\n"
        whole.insert(number - 1, indent + _ALLOW.encode() + end)
    return b"".join(whole)


def _swapped(data: bytes, swaps: frozenset[tuple[Swap, int]]) -> bytes:
    """The compiler's replacements; a space that it leaves before a semicolon is left out."""
    text = data.decode("utf-8-sig")
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def at(line: int, column: int) -> int:
        return len(text[: starts[line - 1] + column - 1].encode()) + (len(BOM) if data.startswith(BOM) else 0)

    edits = []
    for swap, by in swaps:
        end = at(swap.end_line + by, swap.end_column)
        new = "" if swap.text == " " and data[end : end + 1] in (b";", b",", b")") else swap.text
        edits.append(Edit(at(swap.line + by, swap.column), end, new.encode()))
    return splice(data, sorted(edits, key=lambda e: e.start))
