"""go/cleartext-listener: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers import templates
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, golimits, goroutes, goscaffold
from fixers.facts.gocode import Code
from fixers.model import (
    Applicability,
    Effort,
    Finding,
    Location,
    NotApplicable,
    Pass,
    Refused,
    Result,
    Severity,
    rule,
)
from fixers.project import Project

TLS = re.compile(rb"ListenAndServeTLS\(|ServeTLS\(|tls\.(?:NewListener|Listen)\(|autocert\.|RunTLS\(|certmagic\.")
PORT = re.compile(r':(\d{2,5})"')
SETTING = re.compile(rb"""PORT"[^\n]{0,40}?\b(\d{4,5})\b|"port",\s*"?(\d{2,5})\b""")
CERTIFICATE = {"TLS_CERT": "", "TLS_KEY": ""}
OPTIONAL = "the certificate is read once: restart the server when it is renewed"
BAD = """package main

import (
	"log"
	"net/http"
	"time"
)

func main() {
	http.HandleFunc("POST /login", login)
	http.HandleFunc("GET /notes", notes)
	http.HandleFunc("GET /tags", tags)
	server := &http.Server{Addr: "127.0.0.1:8080", ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
"""


@rule(
    severity=Severity.LOW,
    fix=Applicability.UNSAFE,
    effort=Effort.MEDIUM,
    audit=("Q1",),
    applies=("**/*.go",),
    bad={"main.go": BAD},
    good={"main.go": BAD, "deploy/Caddyfile": templates.text("Caddyfile").replace("PORT", "8080")},
)
def check(project: Project) -> Iterator[Result]:
    """Nothing in the tree speaks TLS, neither the server nor a proxy before it.

    Over plain HTTP everyone on the way reads passwords, cookies and answers, and may change them. A proxy that
    terminates TLS is a matter of the deployment; its configuration in the tree makes the deployment repeatable.
    """
    if framework := goroutes.unread(project):
        yield NotApplicable(f"the routes of {framework} are not read")
        return
    if len({r.path for r in golimits.worth_a_limit(project)}) < 3:
        yield NotApplicable("there are no routes of a server")
        return
    spoken = next((p for p in gocode.shipped(project) if TLS.search(project.read(p))), "") or goroutes.proxy(project)
    if spoken:
        yield Pass("TLS is spoken here or in the proxy before it", (Location(spoken),))
        return
    for path, code, node in golimits.servers(project)[:1]:
        found = PORT.search(node.text())
        port = found[1] if found else _default(project)
        reason = "it is a start: put your domain in, and deploy it"
        caddy, nginx = project.draft(), project.draft()
        caddy.create("deploy/Caddyfile", templates.text("Caddyfile").replace("PORT", port))
        nginx.create("deploy/nginx.conf", templates.text("nginx.conf").replace("PORT", port))
        own = gocode.drafted(project, path, _optional, code, node)
        goscaffold.add(project, own, path, code, "optionaltls", CERTIFICATE, "A certificate and its key, for TLS.")
        yield Finding(
            path,
            f"{code.symbol(node) or 'the server'} speaks plain HTTP and no proxy for TLS is in the tree",
            line=code.source.line(node),
            anchor="tls",
            fixes=(
                *caddy.fixes("Terminate TLS in a Caddy before the server", reason=reason),
                *nginx.fixes("Terminate TLS in an nginx before the server", reason=reason, name="nginx"),
                *own.fixes("Speak TLS where the environment names a certificate", reason=OPTIONAL, name="tls"),
            ),
            steps=(
                "Put the server behind a proxy that terminates TLS and redirects port 80, or give it certificates.",
            ),
        )


def _optional(code: Code, server: Node) -> list[Edit]:
    """The edit that lets a server listen through the scaffold."""
    name = gocode.assigned_to(server)
    calls = code.calls(rf"{re.escape(name)}\.ListenAndServe") if re.fullmatch(r"[\w.]+", name) else []
    if server.kind() != "composite_literal" or len(calls) != 1 or code.source.has_error_near(calls[0]):
        raise Refused("where the server begins to listen is not to be seen")
    holder = server.parent()
    pointer = name if holder is not None and holder.text().startswith("&") else f"&{name}"
    return [code.source.replace(calls[0], f"listenAndServe({pointer})")]


def _default(project: Project) -> str:
    """The port that the settings fall back on, 8080 when none is to be seen."""
    matches = (SETTING.search(project.read(p)) for p in gocode.shipped(project))
    return next(((m[1] or m[2]).decode() for m in matches if m), "8080")
