"""A Cargo workspace that accepts any dependency, licence and source."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Final

from fixers.editors.template import fill
from fixers.facts import cargo
from fixers.facts.subprojects import rust_workspaces
from fixers.model import Applicability, Effort, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.templates import text

_PERMISSIVE: Final = (
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib",
)  # fmt: skip
_CONFIGS: Final = ("deny.toml", ".deny.toml", ".cargo/deny.toml")
_REGISTRY: Final = "https://github.com/rust-lang/crates.io-index"
_TREE = {
    "Cargo.toml": '[package]\nname = "chat"\nversion = "0.1.0"\nlicense = "AGPL-3.0-only"\n',
    "Cargo.lock": '[[package]]\nname = "x"\nsource = "git+https://github.com/example/x?tag=v1#0a1b"\n',
    "src/main.rs": "fn main() {}\n",
}


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    effort=Effort.LOW,
    audit=("M13",),
    applies=("Cargo.toml",),
    bad=_TREE,
    good=lambda: {**_TREE, "deny.toml": text("examples/deny.toml")},
)
def check(project: Project) -> Iterator[Result]:
    """No policy says which dependencies are accepted.

    Without a deny.toml a new dependency may bring any licence, come from any registry or git repository,
    or have a known vulnerability, and nobody is asked. The file allows what the lock file has now: common
    permissive licences, the project's own, and its git sources by name.
    """
    spaces = [w for w in rust_workspaces(project) if w.lockfile]
    if not spaces:
        yield NotApplicable("no Cargo.lock is tracked")
        return
    covered: list[Location] = []
    written: set[str] = set()
    for space in spaces:
        above = [space.folder, *_parents(space.folder)]
        known = next((p for f in above for n in _CONFIGS if project.exists(p := posixpath.join(f, n))), None)
        if known:
            covered.append(Location(known))
        elif not written & set(above):
            written.add(space.folder)
            yield _finding(project, space, [s for s in spaces if space.folder in (s.folder, *_parents(s.folder))])
    if covered and not written:
        yield Pass("cargo-deny has a policy", tuple(dict.fromkeys(covered)))


def _finding(project: Project, space: cargo.Workspace, inside: list[cargo.Workspace]) -> Finding:
    path = posixpath.join(space.folder, "deny.toml")
    draft = project.draft()
    draft.create(path, _policy(project, inside))
    bare = sorted(m.name for s in inside for m in s.members if m.publish and not _licensed(project, m))
    steps: tuple[str, ...] = ("Run `cargo deny check` once and decide about what it reports",)
    if bare:
        steps += (f"No licence in {', '.join(bare[:6])}: add `license`, or `publish = false` when it is private",)
    return Finding(
        path,
        f"{space.lockfile} is tracked and no deny.toml says what is accepted",
        anchor="deny.toml",
        fixes=draft.fixes("Say which licences and sources are accepted"),
        steps=steps,
    )


def _policy(project: Project, inside: list[cargo.Workspace]) -> str:
    locks = "".join(project.text(s.lockfile) for s in inside)
    sources = set(re.findall(r'^source = "(git|registry|sparse)\+([^"?#]+)', locks, re.M))
    gits = sorted({url for kind, url in sources if kind == "git"})
    registries = sorted({url for kind, url in sources if kind != "git"} | {_REGISTRY})
    own = {part for s in inside for m in s.members for part in _parts(m.license)}
    allowed = sorted({*_PERMISSIVE, *own}, key=str.lower)
    return fill(
        text("deny.toml"),
        licenses=_lines(allowed),
        registries="\n" + _lines(registries) if len(registries) > 1 else f'"{registries[0]}"',
        gits="\n" + _lines(gits) if gits else "",
    )


def _lines(values: Iterable[str]) -> str:
    return "".join(f'    "{value}",\n' for value in values)


def _parts(expression: str) -> list[str]:
    """The licences of an SPDX expression; `WITH` stays with its licence; the old `MIT/Apache-2.0` counts as OR."""
    words = re.split(r"\s+(?:AND|OR)\s+|/|[()]", expression)
    return [w.strip() for w in words if re.fullmatch(r"[A-Za-z0-9.+-]+(?: WITH [A-Za-z0-9.+-]+)?", w.strip())]


def _licensed(project: Project, member: cargo.Package) -> bool:
    return bool(member.license) or "license-file" in project.text(member.manifest)


def _parents(folder: str) -> list[str]:
    found = []
    while folder:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found
