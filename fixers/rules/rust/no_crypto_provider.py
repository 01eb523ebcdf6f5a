"""rustls 0.23 panics at the first connection when it cannot tell which cryptography to use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node
from fixers.editors.splice import splice
from fixers.facts import cargo, rust, rust_tls
from fixers.facts.cargo import Package, Workspace
from fixers.facts.rust import RustFile
from fixers.model import Applicability, Finding, Location, NotApplicable, Pass, Refused, Result, Severity, rule
from fixers.project import Project

MANIFEST = """\
[package]
name = "relay"
version = "0.1.0"

[dependencies]
rustls = { version = "0.23", features = ["ring"] }
"""
BAD = """\
fn main() {
    let tls = rustls::ServerConfig::builder().with_no_client_auth();
    serve(tls);
}
"""
GOOD = BAD.replace(
    "fn main() {\n", "fn main() {\n    let _ = rustls::crypto::ring::default_provider().install_default();\n"
)

_TLS: Final = re.compile(r"quinn|rustls|(?:\b|_)(?:tls|quic|wss|certs?)(?:\b|_)", re.I)


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.UNSAFE,
    audit=("M5",),
    applies=("Cargo.toml",),
    bad={"Cargo.toml": MANIFEST, "src/main.rs": BAD},
    good={"Cargo.toml": MANIFEST, "src/main.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """No process-wide CryptoProvider is installed for rustls.

    Built with both or neither of its providers, rustls cannot pick one: the first `ClientConfig::builder()` or
    `ServerConfig::builder()` panics with "Could not automatically determine the process-level CryptoProvider". Any
    dependency that turns on the other feature brings this about. A program, and each test of its own process, has to
    install one first.
    """
    uses = project.fact(rust_tls.relies_on_default)
    looked = False
    for workspace in project.fact(cargo.workspaces):
        built = rust_tls.providers(project, workspace)
        if built is None or not any(p.folder in uses for p in workspace.members):
            continue
        looked = True
        if len(built) == 1:
            yield Pass(f"rustls is built with {next(iter(built))} alone", (Location(workspace.lockfile),))
            continue
        yield from _workspace(project, workspace, built)
    if not looked:
        yield NotApplicable("no code asks rustls 0.23 for its default provider")


def _workspace(project: Project, workspace: Workspace, built: frozenset[str]) -> Iterator[Result]:
    uses, installs = project.fact(rust_tls.relies_on_default), project.fact(rust_tls.installs)
    done: list[Location] = []
    missing = False
    for package in workspace.members:
        reached = rust_tls.below(workspace, package)
        use = next((uses[p.folder] for p in reached if p.folder in uses), None)
        libraries = {p.folder for p in reached}
        if use is None:
            continue
        inside = [f for f in installs if not rust.is_test_path(project, f) and _folder(project, f) in libraries]
        mains = set(package.binaries.values())
        shared = [f for f in inside if f not in mains and _folder(project, f) == package.folder]
        shared += [f for f in inside if _folder(project, f) != package.folder and not f.endswith("main.rs")]
        done += [Location(f) for f in inside]
        if shared:
            continue
        entries = [m for m in sorted(mains) if m not in installs]
        prefix = package.folder + "/" if package.folder else ""
        tests = [p for p in project.files("/" + prefix + "tests/*.rs") if p not in installs]
        if not uses.keys() & {package.folder, *(d.path for d in package.dependencies if d.path)}:
            tests = []
        common = any(f.startswith(prefix + "tests/") and f.count("/") > prefix.count("/") + 1 for f in installs)
        for path in entries + ([] if common else tests):
            found = _entry(project, workspace, package, path, built, use)
            if found is not None:
                missing = True
                yield found
    if done and not missing:
        yield Pass("a CryptoProvider is installed", tuple(dict.fromkeys(done))[:5])


def _folder(project: Project, path: str) -> str:
    package = cargo.package_of(project, path)
    return package.folder if package is not None else ""


def _entry(
    project: Project, workspace: Workspace, package: Package, path: str, built: frozenset[str], use: tuple[str, int]
) -> Finding | None:
    try:
        code = project.parsed(path, rust.file)
    except Refused:
        return None
    program = path in package.binaries.values()
    bodies = [b for f in code.kind("function_item") if _starts(code, f, path) and (b := f.field("body")) is not None]
    if not bodies or not (program or _TLS.search(code.text)):
        return None
    draft = project.draft()
    if not any(d.package == "rustls" for d in package.dependencies):
        draft.refuse(f"{package.name} does not depend on rustls: add it, with one provider's feature")
    elif not built:
        rust_tls.turn_on(project, workspace, package, draft, "ring")
    provider = rust_tls.chosen(package, built) if built else "ring"
    call = f"let _ = rustls::crypto::{provider}::default_provider().install_default();"
    code.refuse_unreadable(draft, [b.children()[0] for b in bodies])
    draft.edit(path, splice, [code.insert_inside(b, call) for b in bodies])
    which = "both of its providers" if built else "neither of its providers"
    return Finding(
        path,
        f"rustls is built with {which} and none is installed before {use[0]} line {use[1]} asks for it",
        code.line(bodies[0]),
        anchor="provider",
        severity=Severity.CRITICAL if program else Severity.HIGH,
        locations=tuple(Location(path, code.line(b)) for b in bodies),
        fixes=draft.fixes("Install a CryptoProvider first", reason="which provider to use is the project's choice"),
        steps=(f"First in `main` and in each test: `{call}`",),
    )


def _starts(code: RustFile, function: Node, path: str) -> bool:
    """`main`, or a test that runs asynchronous code: where a process that may use TLS begins."""
    outer = function.parent()
    runs = code.function_of(function).is_async or "block_on" in function.text()
    if (function.field("name") or function).text() == "main" and outer is not None and outer.kind() == "source_file":
        return runs or path.endswith("src/main.rs")
    return runs and code.is_test_function(function)
