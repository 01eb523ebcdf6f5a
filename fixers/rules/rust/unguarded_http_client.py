"""A request without a limit waits as long as the server at the other end likes."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import rust_format
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_clients, rust_web
from fixers.facts.rust import RustFile
from fixers.facts.rust_clients import Client
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Refused, Result, Severity, rule
from fixers.project import Project

MANIFEST = '[package]\nname = "a"\n\n[dependencies]\naxum = "0.8"\nreqwest = "0.12"\n'
BAD = """\
use std::time::Duration;

use reqwest::Client;

pub struct Rates {
    client: Client,
    every: Duration,
}

impl Rates {
    pub fn new(every: Duration) -> Self {
        let client = Client::new();
        Self { client, every }
    }
}
"""
GOOD = BAD.replace(
    "Client::new();",
    "Client::builder()\n            .timeout(Duration::from_secs(30))\n            .build()\n"
    "            .unwrap_or_default();",
)
SLOW = "a read timeout ends answers that pause for more than a minute; the code streams or waits for slow work"


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("Q13",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD, "Cargo.toml": MANIFEST},
    good={"src/lib.rs": GOOD, "Cargo.toml": MANIFEST},
)
def check(project: Project) -> Iterator[Result]:
    """An HTTP client waits for an answer for ever.

    reqwest has no timeout of its own. One server that accepts the connection and then says nothing holds the task, its
    memory and whatever it has locked; enough of them and the service does nothing else. 30 seconds is the limit of
    reqwest's own blocking client. Where answers are streamed, the limit is on the pauses between their parts.
    """
    found = False
    for path, code in rust.shipped(project, (b"reqwest",)):
        if rust_clients.is_for_browsers(project, path):
            continue
        places = [c for c in rust_clients.clients(project, path, code) if project.keep(path, code.line(c.node))]
        if not places:
            continue
        found = True
        places.sort(key=lambda c: code.line(c.node))
        lines = tuple(Location(path, code.line(c.node)) for c in places)
        yield Finding(
            path,
            f"{len(places)} HTTP clients have no timeout" if len(places) > 1 else "an HTTP client has no timeout",
            lines[0].line,
            anchor="clients",
            severity=None if rust_web.serves(project, path) else Severity.LOW,
            locations=lines,
            fixes=_fixes(project, path, code, places),
            steps=(
                "Give the client a timeout, or a read timeout where answers are streamed.",
                "Where users choose the URL, also refuse redirects and private addresses, with a client of its own.",
            ),
        )
    if not found:
        yield NotApplicable("no HTTP client without a timeout")


def _fixes(project: Project, path: str, code: RustFile, places: list[Client]) -> tuple[Fix, ...]:
    draft, slow = project.draft(), any(c.slow for c in places)
    if slow and rust_clients.version(project, path) < "0.12":
        draft.refuse("the code streams or waits for slow work, and this reqwest has no read timeout")
    try:
        draft.edit(path, splice, [e for c in places for e in _edits(code, c, slow)])
    except Refused as refused:
        draft.refuse(str(refused))
    if slow:
        return draft.fixes("Limit how long an HTTP answer may pause", Applicability.UNSAFE, SLOW)
    return draft.fixes("Limit how long an HTTP client waits for an answer")


def _edits(code: RustFile, client: Client, slow: bool) -> Iterator[Edit]:
    if code.has_error_near(client.node):
        raise Refused("the grammar cannot read the code near a client")
    duration = "Duration" if "std::time::Duration" in code.imports.get("Duration", ()) else "std::time::Duration"
    links = [f".timeout({duration}::from_secs(30))"]
    if slow:
        links = [f".connect_timeout({duration}::from_secs(10))", f".read_timeout({duration}::from_secs(60))"]
    if client.made == "builder":
        yield from rust_format.add_call(code, client.node, *links)
        return
    function = client.node.field("function")
    owner = function.text().rpartition("::")[0] if function is not None else "reqwest"
    links += [".build()", ".unwrap_or_default()"]
    if client.made == "get":
        given = client.node.field("arguments")
        owner, links = f"{owner}::Client", [*links, f".get{given.text() if given is not None else '()'}", ".send()"]
    yield from rust_format.replace_chain(code, client.node, f"{owner}::builder()", *links)
