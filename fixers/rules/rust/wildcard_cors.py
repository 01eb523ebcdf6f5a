"""Any web page may call a service whose CORS layer lets every origin in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import rust_format, rust_items
from fixers.editors.source import Node
from fixers.editors.splice import splice
from fixers.facts import cargo, rust, rust_web
from fixers.facts.rust import RustFile
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
TOWER: Final = """\

/// Origins whose pages may call this service: `CORS_ALLOWED_ORIGINS`, separated by commas; none when it is not set.
fn allowed_origins() -> Vec<{http}::HeaderValue> {
    std::env::var("CORS_ALLOWED_ORIGINS")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty() && *origin != "*")
        .filter_map(|origin| origin.parse().ok())
        .collect()
}
"""
ACTIX: Final = """\

/// Whether `CORS_ALLOWED_ORIGINS`, separated by commas, names the origin; no page may call when it is not set.
fn is_allowed_origin(origin: &actix_web::http::header::HeaderValue) -> bool {
    std::env::var("CORS_ALLOWED_ORIGINS")
        .unwrap_or_default()
        .split(',')
        .any(|allowed| allowed.trim().as_bytes() == origin.as_bytes())
}
"""
GOOD = BAD.replace("permissive()", "permissive().allow_origin(allowed_origins())") + TOWER.replace(
    "{http}", "axum::http"
)
ORIGIN: Final = ("allow_origin", "allow_origins", "allowed_origin", "allowed_origin_fn", "allow_any_origin")
ANY: Final = re.compile(r'(?:\w+::)*(?:Any|AllowOrigin::any\(\)|any\(\))|\S*"\*"[^,]*')
MIRROR: Final = re.compile(
    r"(?:\w+::)*AllowOrigin::(?:mirror_request\(\)|(?:async_)?predicate\(\s*\|[^|]*\|\s*true\s*,?\s*\))|\|[^|]*\|\s*true"
)
DEVELOPER: Final = re.compile(r"debug|\bdev|_dev\b|develop|local", re.I)
OPERATOR: Final = re.compile(DEVELOPER.pattern + r'|cors|origin|"\*"|wildcard|permissive|insecure|feature', re.I)
WRITING: Final = re.compile(r"\b(?:POST|PUT|PATCH|DELETE|Any|any|mirror_request)\b|^\w+$")
HTTP: Final = {"axum": "axum::http", "http": "http"}
ANYTHING: Final = ".allow_any_method().allow_any_header().expose_any_header().supports_credentials()"
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
    good, found = list[Location](), False
    if project.fact(_speaks_matrix):
        yield NotApplicable("the Matrix specification has every origin let in")
        return
    for path, code in rust.shipped(project, (b"CorsLayer", b"Cors::", b"warp::cors")):
        places = [(n, *verdict) for n in _layers(code) if (verdict := _verdict(code, n))]
        good += [Location(path, code.line(n)) for n, what, _ in places if not what]
        for node, what, credentials in places:
            if what and project.keep(path, code.line(node)):
                found = True
                yield Finding(
                    path,
                    f"{what}, with credentials" if credentials else what,
                    code.line(node),
                    anchor=code.function(node).name or "the file",
                    severity=Severity.HIGH if credentials else _severity(code, node),
                    fixes=_fixes(project, path, code, node),
                    steps=STEPS,
                )
    if good and not found:
        yield Pass("the CORS layers name their origins", tuple(good))
    elif not good and not found:
        yield NotApplicable("no CORS layer that lets every origin in")


def _severity(code: RustFile, node: Node) -> Severity | None:
    """LOW when the methods or the headers are listed: somebody meant the layer as it is."""
    layer = rust_web.chain(code, node)
    return Severity.LOW if layer.has("allow_methods", "allowed_methods", "allow_headers", "allowed_headers") else None


def _layers(code: RustFile) -> Iterator[Node]:
    yield from rust_web.calls(code, ("tower_http",), "CorsLayer", ("new", "default", "permissive", "very_permissive"))
    yield from rust_web.calls(code, ("actix_cors",), "Cors", ("default", "permissive"))
    yield from rust_web.calls(code, ("warp",), "", ("cors",))


def _verdict(code: RustFile, node: Node) -> tuple[str, bool] | None:
    """What is wrong with a layer ("" for nothing) and whether it allows credentials; None when that is not to say."""
    layer, made = rust_web.chain(code, node), rust_web.called(node)
    credentials = layer.step("allow_credentials", "supports_credentials")
    shared = made == "Cors::permissive" or made == "CorsLayer::very_permissive"
    shared = shared or (credentials is not None and not credentials.gives("false"))
    origin = layer.step(*ORIGIN)
    chosen = DEVELOPER if shared else OPERATOR
    places = [layer.whole, origin.call] if origin is not None else [layer.whole]
    if any(chosen.search(c) for place in places for c in rust_web.conditions(code, place)):
        return None
    methods = layer.step("allow_methods", "allowed_methods")
    if methods is not None and not shared and not WRITING.search(rust_web.last_arguments(methods)):
        return None
    if origin is None:
        return (f"`{made}()` lets every origin in", shared) if made.endswith("permissive") else None
    given = rust_web.last_arguments(origin)
    if re.fullmatch(r"\w+", given) and not ANY.fullmatch(given):
        return None
    if origin.name == "allow_any_origin" or MIRROR.fullmatch(given) or ANY.fullmatch(given):
        return "every origin is let in", shared
    return "", shared


def _fixes(project: Project, path: str, code: RustFile, node: Node) -> tuple[Fix, ...]:
    """Origins from the environment, none by default, in the place of every origin."""
    layer, made, draft = rust_web.chain(code, node), rust_web.called(node), project.draft()
    origin = layer.step(*ORIGIN)
    title = "Let in the origins that CORS_ALLOWED_ORIGINS names, no others"
    if code.has_error_near(node) or made == "warp::cors":
        return ()
    package = cargo.package_of(project, path)
    http = next((n for c, n in HTTP.items() if package is not None and package.depends_on(c, "dependencies")), "")
    if made.startswith("Cors::"):
        name = rust_items.free_name(code, "is_allowed_origin", "is_allowed_cors_origin")
        text, given = ACTIX, f"allowed_origin_fn(|origin, _| {name}(origin))"
    else:
        name = rust_items.free_name(code, "allowed_origins", "allowed_cors_origins")
        text, given = TOWER.replace("{http}", http), f"allow_origin({name}())"
        if not http:
            return ()
    if not name:
        return ()
    text = text.replace("fn is_allowed_origin", f"fn {name}").replace("fn allowed_origins", f"fn {name}")
    edits = [rust_items.add_item(code, node, text)]
    if origin is not None:
        edits += rust_format.swap_calls(code, [(origin.call, given)])
        gone = origin.arguments[0].text() if origin.arguments else ""
        if gone in ("Any", "AllowOrigin::any()", "AllowOrigin::mirror_request()"):
            edits += rust_items.drop_unused(code, gone.partition("::")[0], 1)
    elif made == "Cors::permissive":
        edits.append(code.replace(node, f"{node.text().replace('permissive', 'default')}.{given}{ANYTHING}"))
    else:
        edits.append(code.replace(node, f"{node.text()}.{given}"))
    draft.edit(path, splice, edits)
    return draft.fixes(title, reason="pages on origins that nobody listed can no longer call the service")


def _speaks_matrix(project: Project) -> bool:
    """Whether the tree is a Matrix server: its specification demands that every origin is let in."""
    return any(p.depends_on("ruma") for p in project.fact(cargo.packages))
