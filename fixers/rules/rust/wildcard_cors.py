"""Any web page may call a service whose CORS layer lets every origin in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixers import templates
from fixers.editors import rust_format, rust_items
from fixers.editors.source import enclosing
from fixers.editors.splice import splice
from fixers.facts import cargo, rust, rust_cors
from fixers.facts.rust import RustFile
from fixers.facts.rust_cors import Layer
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

MANIFEST = (
    '[package]\nname = "a"\n\n[dependencies]\naxum = "0.8"\ntower-http = { version = "0.6", features = ["cors"] }\n'
)
BAD = """\
use axum::Router;
use tower_http::cors::CorsLayer;

pub fn app() -> Router {
    Router::new().layer(CorsLayer::permissive())
}
"""
GOOD = BAD.replace("permissive()", "permissive().allow_origin(allowed_origins())")
GOOD += "\n" + templates.text("rust/allowed_origins.rs")
HTTP: Final = {"axum": "axum::http", "http": "http"}
ADVICE: Final = ("warp::cors", "AllowedOrigins::all", rust_cors.HEADER)
"""Made by what has no function that could be asked for each origin; so are salvo's and ntex's layers."""
ANYTHING: Final = (".allow_any_method()", ".allow_any_header()", ".expose_any_header()", ".supports_credentials()")
WORDS: Final = (
    *(b"CorsLayer", b"Cors::", b"warp::cors", b"AllowedOrigins::"),
    *(b"ccess-Control-Allow-Origin", b"access-control-allow-origin", b"ACCESS_CONTROL_ALLOW_ORIGIN"),
)
STEPS: Final = (
    "List the origins of your own pages, from configuration; an empty list lets no other page in.",
    "Keep credentials off unless the listed pages log in with cookies.",
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q4",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD, "Cargo.toml": MANIFEST},
    good={"src/lib.rs": GOOD, "Cargo.toml": MANIFEST},
)
def check(project: Project) -> Iterator[Result]:
    """Any web page may call the service from a visitor's browser.

    A CORS layer that allows every origin lets the page of a stranger read what the service answers to its visitor.
    With credentials that is everything the visitor's session may do; without them it is still every service that a
    browser reaches and the internet does not: on localhost, in the office, behind a VPN. Name the origins instead.
    """
    if project.fact(rust_cors.speaks_matrix):
        yield NotApplicable("the Matrix specification has every origin let in")
        return
    good, found = list[Location](), False
    for path, code in rust.shipped(project, WORDS):
        written = list[Layer]()
        for layer in rust_cors.layers(code):
            place = Location(path, code.line(layer.node))
            if not layer.fault:
                good.append(place)
            elif project.keep(path, place.line):
                found = True
                if layer.made == rust_cors.HEADER:
                    written.append(layer)
                else:
                    yield _finding(project, path, code, [layer])
        if written:
            yield _finding(project, path, code, written)
    if good and not found:
        yield Pass("the CORS layers name their origins", tuple(good))
    elif not found:
        yield NotApplicable("no CORS layer that lets every origin in")


def _finding(project: Project, path: str, code: RustFile, layers: list[Layer]) -> Finding:
    first = layers[0]
    low = Severity.LOW if first.listed else None
    places = tuple(Location(path, code.line(layer.node)) for layer in layers)
    return Finding(
        path,
        f"{first.fault}, with credentials" if first.credentials else first.fault,
        places[0].line,
        anchor=code.function(first.node).name or "the file",
        severity=Severity.HIGH if first.credentials else low,
        locations=places,
        fixes=_fixes(project, path, code, first),
        steps=STEPS,
    )


def _fixes(project: Project, path: str, code: RustFile, layer: Layer) -> tuple[Fix, ...]:
    """Origins from the environment, none by default, in the place of every origin."""
    node, made, origin, draft = layer.node, layer.made, layer.origin, project.draft()
    title = "Let in the origins that CORS_ALLOWED_ORIGINS names, no others"
    if code.has_error_near(node) or made in ADVICE or "salvo" in code.text or "ntex" in code.text:
        return ()
    package = cargo.package_of(project, path)
    http = next((n for c, n in HTTP.items() if package is not None and package.depends_on(c, "dependencies")), "")
    if made.startswith("Cors::"):
        plain, other = "is_allowed_origin", "is_allowed_cors_origin"
        text = templates.text("rust/is_allowed_origin.rs")
    else:
        plain, other = "allowed_origins", "allowed_cors_origins"
        text = templates.text("rust/allowed_origins.rs").replace("axum::http", http)
        if not http:
            return ()
    there = text in code.text.replace("\r\n", "\n") and enclosing(node, {"mod_item"}) is None
    name = plain if there else rust_items.free_name(code, plain, other)
    if not name:
        return ()
    given = (
        f"allow_origin({name}())" if plain == "allowed_origins" else f"allowed_origin_fn(|origin, _| {name}(origin))"
    )
    edits = [] if there else [rust_items.add_item(code, node, text.replace(f"fn {plain}", f"fn {name}"))]
    if origin is not None:
        edits += rust_format.swap_calls(code, [(origin.call, given)])
        gone = origin.arguments[0].text() if origin.arguments else ""
        if gone in ("Any", "AllowOrigin::any()", "AllowOrigin::mirror_request()"):
            edits += rust_items.drop_unused(code, gone.partition("::")[0], 1)
    elif made == "Cors::permissive":
        edits += rust_format.replace_chain(
            code, node, node.text().replace("permissive", "default"), f".{given}", *ANYTHING
        )
    else:
        edits += rust_format.add_call(code, node, f".{given}")
    draft.edit(path, splice, edits)
    return draft.fixes(title, reason="pages on origins that nobody listed can no longer call the service")
