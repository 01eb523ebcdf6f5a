"""Comparing a secret with == tells an attacker, byte by byte, how much of it was right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import cargo_lock, toml
from fixers.editors.source import Node
from fixers.editors.splice import splice
from fixers.facts import cargo, rust_compares
from fixers.facts.rust import RustFile
from fixers.facts.rust_types import Types
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Draft, Project

MANIFEST = '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nsubtle = "2"\n'
BAD = """\
pub struct Config {
    pub auth_token: String,
}

pub fn allowed(config: &Config, auth_token: &str) -> bool {
    auth_token == config.auth_token
}
"""
GOOD = BAD.replace(
    "auth_token == config.auth_token",
    "bool::from(subtle::ConstantTimeEq::ct_eq(auth_token.as_bytes(), config.auth_token.as_bytes()))",
)
_CALLS: Final = {
    "subtle": "bool::from(subtle::ConstantTimeEq::ct_eq({}, {}))",
    "constant_time_eq": "constant_time_eq::constant_time_eq({}, {})",
}
"""How each crate compares two slices."""


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
    if package is None:
        draft.refuse("no Cargo.toml tells the crate")
        return draft.fixes("Compare in constant time")
    known = {d.package for d in package.dependencies if d.kind == "dependencies" and not d.optional}
    template, why = next((t for crate, t in _CALLS.items() if crate in known), ""), "who measures sees no difference"
    if not template:
        template = _CALLS["subtle"]
        why = f"adds `subtle` to {package.manifest}"
        _depend(project, package, draft)
    types = Types(project, path, code)
    edits = []
    for node in places:
        left, right, operator = (node.field(f) for f in ("left", "right", "operator"))
        one, other = (_bytes(types, s) if s is not None else "" for s in (left, right))
        if not one or not other or operator is None:
            draft.refuse(
                f"line {code.line(node)}: the types of both sides are not evident from the crate's declarations"
            )
            break
        edits.append(code.replace(node, ("!" if operator.text() == "!=" else "") + template.format(one, other)))
    code.refuse_unreadable(draft, places)
    draft.edit(path, splice, edits)
    return draft.fixes("Compare in constant time", reason=why)


def _depend(project: Project, package: cargo.Package, draft: Draft) -> None:
    """`subtle` in the manifest and, where one is tracked, in the lock file that builds with --locked read."""
    if any(d.package == "subtle" and d.kind == "dependencies" for d in package.dependencies):
        draft.refuse(f"`subtle` is an optional dependency of {package.name}")
    draft.edit(package.manifest, toml.set_value, ("dependencies", "subtle"), _requirement(project))
    for workspace in project.fact(cargo.workspaces):
        if package in workspace.members and workspace.lockfile:
            draft.follow(workspace.lockfile, cargo_lock.depend, package.name, "subtle", "2.")


def _requirement(project: Project) -> str | dict[str, bool]:
    """`subtle` as the workspace has it, or its current major version."""
    for workspace in project.fact(cargo.workspaces):
        if workspace.declared and b"subtle" in project.read(workspace.manifest):
            table = cargo.manifest(project.read(workspace.manifest)).get("workspace", {})
            if "subtle" in table.get("dependencies", {}):
                return {"workspace": True}
    return "2"


def _bytes(types: Types, side: Node) -> str:
    """The bytes of one side as a slice; "" when its type is not evident."""
    shape, text = types.shape(side), side.text().lstrip("&*")
    if shape == "text":
        return re.sub(r"\.(?:as_str|as_ref)\(\)$", "", text) + ".as_bytes()"
    if shape == "bytes":
        inner = text.removesuffix(".as_ref()")
        return inner if inner.endswith(".as_bytes()") or types.of(side) == "&[u8]" else f"{inner}.as_slice()"
    return ""
