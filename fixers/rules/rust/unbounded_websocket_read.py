"""A peer may make the service hold a message of 64 MiB for it, once for every connection."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import rust_format
from fixers.editors.splice import splice
from fixers.facts import rust, rust_sockets
from fixers.model import Applicability, Finding, Location, NotApplicable, Result, Severity, rule
from fixers.project import Project

BAD = """\
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;

pub async fn events(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(handle)
}

async fn handle(mut socket: WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}
"""
LIMIT = ".max_message_size(1024 * 1024)"
GOOD = BAD.replace("ws.on_upgrade", f"ws{LIMIT}.on_upgrade")


@rule(
    severity=Severity.LOW,
    fix=Applicability.UNSAFE,
    audit=("Q8",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A WebSocket peer may send messages of 64 MiB.

    That is what tungstenite, and axum and warp with it, take when nobody says anything else. The message is held in
    memory until it is complete, for every connection: a hundred idle-looking clients are six gigabytes. Most protocols
    never send more than some kilobytes; 1 MiB is a generous limit for them. Larger messages end the connection.
    """
    found = False
    for path, code in rust.shipped(project, (b"WebSocketUpgrade", b"warp::ws", b"tungstenite")):
        places = [s for s in rust_sockets.sockets(code) if project.keep(path, code.line(s.node))]
        if not places:
            continue
        found = True
        draft = project.draft()
        if any(s.receiver is None for s in places):
            draft.refuse("how a WebSocketConfig is made differs between the versions of tungstenite")
        if any(code.has_error_near(s.node) for s in places):
            draft.refuse("the grammar cannot read the code near a socket")
        edits = [e for s in places if s.receiver is not None for e in rust_format.add_call(code, s.receiver, LIMIT)]
        draft.edit(path, splice, edits)
        lines = tuple(Location(path, code.line(s.node)) for s in places)
        size = "any size" if any(s.endless for s in places) else "64 MiB"
        yield Finding(
            path,
            f"{len(places)} WebSockets take messages of {size}" if len(places) > 1 else f"takes messages of {size}",
            lines[0].line,
            anchor="sockets",
            locations=lines,
            fixes=draft.fixes("Limit WebSocket messages to 1 MiB", reason="larger messages end a connection"),
            steps=(
                "Find the largest message that the protocol needs.",
                "Set max_message_size on the upgrade, or in the WebSocketConfig given to accept_async_with_config.",
                "Bound the queues that messages wait in: size times depth is what a peer may cost.",
            ),
        )
    if not found:
        yield NotApplicable("no WebSocket is taken without a limit on its messages")
