"""A service that listens on every interface can be kept from it only by changing its code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixers.editors import rust_format, rust_items
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_binds
from fixers.facts.rust import RustFile
from fixers.facts.rust_binds import Bind
from fixers.model import Applicability, Finding, Location, NotApplicable, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """\
use axum::Router;
use tokio::net::TcpListener;

pub async fn serve(app: Router, port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    axum::serve(listener, app).await
}
"""
GOOD = BAD.replace(
    'let listener = TcpListener::bind(("0.0.0.0", port)).await?;',
    'let host = std::env::var("BIND_HOST").unwrap_or_else(|_| "0.0.0.0".to_owned());\n'
    "    let listener = TcpListener::bind((host, port)).await?;",
)
WORDS: Final = (b"0.0.0.0", b"UNSPECIFIED", b"[0, 0, 0, 0]", b"[::]", b"[0; 8]")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("Q0",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """The service listens on every interface, and no setting says otherwise.

    On a host with a public address the port is on the internet the moment the process starts, past the proxy that
    should stand in front of it. In a container all interfaces are right, on a host it is 127.0.0.1 behind a proxy:
    the environment must be able to say which. The default stays what it is.
    """
    found = False
    contained = bool(project.files("Dockerfile*", "*.dockerfile", "Containerfile"))
    for path, code in rust.shipped(project, WORDS):
        places = [b for b in rust_binds.binds(code) if project.keep(path, code.line(b.node))]
        if not places:
            continue
        found = True
        draft = project.draft()
        try:
            draft.edit(path, splice, [e for b in _once(code, places) for e in _edits(code, b)])
        except Refused as refused:
            draft.refuse(str(refused))
        lines = tuple(Location(path, code.line(b.node)) for b in places)
        yield Finding(
            path,
            "listens on every interface" + (f", in {len(places)} places" if len(places) > 1 else ""),
            lines[0].line,
            anchor="bind",
            severity=Severity.LOW if contained else None,
            locations=lines,
            fixes=draft.fixes("Let the environment say on which address to listen"),
            steps=(
                "Read the address to listen on from the configuration or the environment.",
                "Outside containers set it to 127.0.0.1 and put a proxy with TLS in front.",
            ),
        )
    if not found:
        yield NotApplicable("no listener on every interface is written into the code")


def _once(code: RustFile, places: list[Bind]) -> list[Bind]:
    """One place for each address: two listeners may share a variable."""
    return list({code.bounds(b.literal): b for b in places}.values())


def _edits(code: RustFile, bind: Bind) -> Iterator[Edit]:
    if code.has_error_near(bind.literal):
        raise Refused("the grammar cannot read the code near the address")
    text, named = bind.literal.text(), bind.form in ("text", "let")
    host = text.partition(":")[0] if text.startswith('"0') else text.partition("]")[0] + "]"
    default = host + '"' if bind.form == "format" else text
    read = f'std::env::var("{"BIND_ADDRESS" if named else "BIND_HOST"}").unwrap_or_else(|_| {default}.to_owned())'
    name = rust_items.free_name(code, *(("address", "bind_address") if named else ("host", "bind_host")))
    statement = rust_items.statement(bind.literal)
    if not name or not bind.form or statement is None:
        raise Refused("the address is not text in a statement: how to read it is for a person to say")
    if bind.form == "let":
        yield rust_format.replace_value(code, bind.literal, "&" + read)
        return
    yield rust_format.let_before(code, statement, name, read)
    put = bind.literal.text().replace(host, f'"{{{name}}}', 1) if bind.form == "format" else name
    yield code.replace(bind.literal, put)
