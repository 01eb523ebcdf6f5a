"""Comparing a secret with == tells an attacker, byte by byte, how much of it was right."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import toml
from fixers.editors.source import Node
from fixers.editors.splice import splice
from fixers.facts import cargo, rust_compares
from fixers.facts.rust import RustFile
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

MANIFEST = '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nsubtle = "2"\n'
BAD = """\
pub fn allowed(config: &Config, auth_token: &str) -> bool {
    auth_token == config.auth_token
}
"""
GOOD = """\
pub fn allowed(config: &Config, auth_token: &str) -> bool {
    bool::from(subtle::ConstantTimeEq::ct_eq(auth_token.as_bytes(), config.auth_token.as_bytes()))
}
"""


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("M good",),
    applies=("*.rs",),
    bad={"Cargo.toml": MANIFEST, "src/lib.rs": BAD},
    good={"Cargo.toml": MANIFEST, "src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A secret is compared in a time that depends on its content.

    `==` on strings stops at the first byte that differs. Who may try often enough learns a token or a signature from
    the time that refusals take. A comparison that always looks at every byte gives nothing away.
    """
    found = False
    for path, code, compared in rust_compares.comparisons(project):
        places = [n for n in compared if project.keep(path, code.line(n))]
        if places:
            found = True
            yield Finding(
                path,
                "a secret is compared with `==`, which stops at the first byte that differs",
                code.line(places[0]),
                anchor="compare",
                locations=tuple(Location(path, code.line(n)) for n in places),
                fixes=_constant_time(project, path, code, places),
                steps=("Compare the bytes with `subtle::ConstantTimeEq` or the crate `constant_time_eq`.",),
            )
    safe = tuple(Location(p, line) for p, line in rust_compares.evidence(project))
    if safe and not found:
        yield Pass("secrets are compared in constant time", safe)
    elif not found:
        yield NotApplicable("no secret is compared")


def _constant_time(project: Project, path: str, code: RustFile, places: list[Node]) -> tuple[Fix, ...]:
    draft = project.draft()
    package = cargo.package_of(project, path)
    known = {d.package for d in package.dependencies if d.kind == "dependencies"} if package is not None else set()
    edits, why = [], "both sides have to be texts: the build tells"
    for node in places:
        left, right, operator = (node.field(f) for f in ("left", "right", "operator"))
        if left is None or right is None or operator is None or "Some(" in node.text():
            draft.refuse(f"line {code.line(node)} compares more than two texts")
            break
        one, other = (_bytes(s) for s in (left, right))
        if "subtle" in known:
            call = f"bool::from(subtle::ConstantTimeEq::ct_eq({one}, {other}))"
        elif "constant_time_eq" in known:
            call = f"constant_time_eq::constant_time_eq({one}, {other})"
        elif package is not None:
            known.add("subtle")
            why = f"adds `subtle` to {package.manifest} (Cargo.lock follows with the next build); {why}"
            draft.edit(package.manifest, toml.set_value, ("dependencies", "subtle"), _requirement(project))
            call = f"bool::from(subtle::ConstantTimeEq::ct_eq({one}, {other}))"
        else:
            draft.refuse("no Cargo.toml tells the crate")
            break
        edits.append(code.replace(node, ("!" if operator.text() == "!=" else "") + call))
    code.refuse_unreadable(draft, places)
    draft.edit(path, splice, edits)
    return draft.fixes("Compare in constant time", reason=why)


def _requirement(project: Project) -> str | dict[str, bool]:
    """`subtle` as the workspace has it, or its current major version."""
    for workspace in project.fact(cargo.workspaces):
        if workspace.declared and b"subtle" in project.read(workspace.manifest):
            table = cargo.manifest(project.read(workspace.manifest)).get("workspace", {})
            if "subtle" in table.get("dependencies", {}):
                return {"workspace": True}
    return "2"


def _bytes(side: Node) -> str:
    text = side.text().lstrip("&*")
    text = re.sub(r"\.(?:as_str|as_ref)\(\)$", "", text)
    return text if text.endswith(".as_bytes()") else f"{text}.as_bytes()"
