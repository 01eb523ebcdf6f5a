"""One request may fill the memory of a service that reads bodies of any size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import rust_format
from fixers.editors.source import enclosing
from fixers.editors.splice import Edit, splice
from fixers.facts import cargo, rust, rust_bodies, rust_web
from fixers.facts.rust import RustFile
from fixers.facts.rust_bodies import Reading
from fixers.model import Applicability, Finding, Location, NotApplicable, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """\
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;

pub async fn webhook(request: Request) -> Result<String, StatusCode> {
    let body = to_bytes(request.into_body(), usize::MAX)
        .await
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
"""
GOOD = BAD.replace("usize::MAX", "2 * 1024 * 1024")
READ: Final = "2 * 1024 * 1024"
"""axum's own DefaultBodyLimit."""
UPLOAD: Final = "64 * 1024 * 1024"
REASON: Final = "larger bodies are refused: raise the figure to the largest that is meant to come in"
WORDS: Final = (
    b"BodyExt",
    b"max_decoding_message_size",
    b"Multipart",
    b"DefaultBodyLimit",
    b"body::",
    b"PayloadConfig",
    b"JsonConfig",
    b"FormConfig",
    b"payload.next()",
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q15",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A request body of any size is read into memory.

    Whoever can reach the route sends a body that never ends, and the process is killed for its memory with the
    requests of everybody else in it. A limit costs nothing and answers 413 instead. It must be as large as the largest
    body that is meant to come in: 2 MiB is what axum allows by default; uploads need more.
    """
    found = False
    for path, code in rust.shipped(project, (*WORDS, b"payload.try_next()")):
        places = [r for r in rust_bodies.readings(code) if not _limited_by_caller(project, code, r)]
        places = [r for r in places if project.keep(path, code.line(r.node))]
        if not places or _limited_by_layer(project, path):
            continue
        found = True
        draft = project.draft()
        try:
            draft.edit(path, splice, [e for r in places for e in _edits(code, r)])
        except Refused as refused:
            draft.refuse(str(refused))
        lines = tuple(Location(path, code.line(r.node)) for r in places)
        yield Finding(
            path,
            places[0].what if len(places) == 1 else f"{places[0].what}, in {len(places)} places",
            lines[0].line,
            anchor="bodies",
            locations=lines,
            fixes=draft.fixes("Limit how much of a request body is read", reason=REASON),
            steps=(
                "Find the largest body that is meant to come in.",
                "Read through a limit: the second argument of axum's to_bytes, http_body_util::Limited for hyper.",
                "Answer 413 when it is reached.",
            ),
        )
    if not found:
        yield NotApplicable("no request body is read without a limit")


def _limited_by_caller(project: Project, code: RustFile, reading: Reading) -> bool:
    """Whether a filter of warp is a part of others that have a limit."""
    name = code.function(reading.node).name
    if not name or "body::" not in rust_web.called(reading.node):
        return False
    together = re.compile(
        rf"content_length_limit[^;{{}}]{{0,300}}\b{name}\(|\b{name}\([^;{{}}]{{0,300}}content_length_limit"
    )
    return any(together.search(project.text(u)) for u in project.grep([f"{name}("], "*.rs"))


def _limited_by_layer(project: Project, path: str) -> bool:
    """Whether a layer of the same package limits bodies before they get here."""
    package = cargo.package_of(project, path)
    folder = package.folder + "/" if package is not None and package.folder else ""
    holders = project.grep([b"RequestBodyLimitLayer", b"RequestBodyLimit::"], "*.rs")
    return any(h.startswith(folder) for h in holders)


def _edits(code: RustFile, reading: Reading) -> Iterator[Edit]:
    if reading.limit is None:
        raise Refused("which limit fits, and which error answers it, is for a person to say")
    if code.has_error_near(reading.node):
        raise Refused("the grammar cannot read the code near the place")
    made = rust_web.called(reading.node)
    if made.endswith("disable"):
        yield code.replace(reading.node, reading.node.text().replace("disable()", f"max({UPLOAD})"))
    elif reading.node == reading.limit and "body::" in made:
        filters = reading.node.text().rpartition("::")[0].rpartition("body")[0]
        limit = f"{filters}body::content_length_limit({READ})"
        around = enclosing(reading.node, {"call_expression"})
        function = around.field("function") if around is not None else None
        before = function.field("value") if function is not None and function.text().endswith(".and") else None
        if before is not None and rust_web.arguments(around or reading.node)[:1] == (reading.node,):
            yield from rust_format.add_call(code, before, f".and({limit})")
        else:
            yield code.replace(reading.node, f"{limit}.and({reading.node.text()})")
    else:
        yield code.replace(reading.limit, READ if reading.node != reading.limit else UPLOAD)
