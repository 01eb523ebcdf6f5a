"""Who runs a service asks it whether it is well; a service that cannot answer is found out by its users."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts import cargo, rust, rust_web
from fixers.model import Applicability, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

MANIFEST = '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\naxum = "0.8"\n'
BAD = """\
fn main() {
    let app = axum::Router::new().route("/users", get(users));
    axum::serve(listener, app);
}
"""
GOOD = BAD.replace('.route("/users"', '.route("/healthz", get(well)).route("/users"')
_HEALTH: Final = re.compile(
    r"\"(?:[^\" ]*/)?(?:health|healthz|healthcheck|health-check|livez|liveness|readyz|readiness|heartbeat)\"|"
    r"\"(?:/[^\" ]*)?/(?:alive|ping|status|up|live|ready)\"|"
    r"\bfn\s+\w*(?:health|liveness|readiness)\w*\s*[(<]|Health(?:Server|Reporter|Check|Service)",
)
_SERVES: Final = re.compile(
    r"axum::serve\(|HttpServer::new\(|warp::serve\(|Server::b(?:ind|uilder)\(|rocket::(?:build|custom)|#\[launch\]|"
    r"\.serve_connection|Endpoint::server\(|\bTlsAcceptor\b|\bquic::Server|s2n_quic::Server"
)


_BESIDE: Final = re.compile(r"prometheus|metrics|(?:^|/)(?:cmd|commands?|cli|preview|console)(?:/|\.rs$)")
"""Servers beside the service, and those that a command of a tool starts."""


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("M good",),
    applies=("Cargo.toml",),
    bad={"Cargo.toml": MANIFEST, "src/main.rs": BAD},
    good={
        "Cargo.toml": MANIFEST,
        "src/main.rs": BAD.replace('route("/users"', 'route("/healthz", get(ok)).route("/users"'),
    },
)
def check(project: Project) -> Iterator[Result]:
    """The service has no health endpoint.

    Without one a load balancer and an orchestrator only see that the port is open: a process that hangs, or has lost
    its database, keeps getting traffic, and a rolling update cannot tell when the new version is ready.
    """
    programs = [p for p in project.fact(cargo.packages) if p.binaries]
    services = [p for p in programs if any(p.depends_on(s) for s in _FRAMEWORKS | _SOCKETS)]
    answered, looked = list[Location](), False
    for package in services:
        folder = "/" + (package.folder + "/" if package.folder else "")
        files = [p for p in project.files(folder + "**/*.rs") if not rust.is_test_path(project, p)]
        serves = next((p for p in files if not _BESIDE.search(p) and _SERVES.search(project.text(p))), "")
        if not serves:
            continue
        everywhere = (*files, *project.files("*.rs"))
        health = next((place for p in everywhere if (place := _place(project, p))), None)
        if health is not None:
            answered.append(health)
            continue
        if not any(package.depends_on(s) for s in _FRAMEWORKS):
            continue
        looked = True
        line = project.text(serves)[: _start(project, serves)].count("\n") + 1
        yield Finding(
            serves,
            f"{package.name} serves requests and has no route that says whether it is well",
            line,
            anchor=package.name,
            steps=(
                "Add a route such as /healthz that answers 200 while the process can work, without a login.",
                "Let it say no more than up or down; ask it from the load balancer and the container.",
            ),
        )
    if answered:
        yield Pass("a health endpoint is there", tuple(dict.fromkeys(answered)))
    elif not looked:
        yield NotApplicable("no package is a service")


_FRAMEWORKS: Final = rust_web.SERVERS | {"hyper", "quinn", "capnp-rpc", "tarpc", "jsonrpsee"}
_SOCKETS: Final = frozenset({"tokio-rustls", "tokio-native-tls", "s2n-quic"})
"""Services of a protocol of their own: a health request is evidence, the want of one is no fault to report."""


def _start(project: Project, path: str) -> int:
    match = _SERVES.search(project.text(path))
    return match.start() if match else 0


def _place(project: Project, path: str) -> Location | None:
    if rust.is_test_path(project, path):
        return None
    match = _HEALTH.search(project.text(path))
    return Location(path, project.text(path)[: match.start()].count("\n") + 1) if match else None
