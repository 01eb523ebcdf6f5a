"""Passwords can be tried as fast as the network carries them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts import cargo, rust, rust_web
from fixers.model import Applicability, Effort, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BAD = """\
use axum::Router;
use axum::routing::post;

pub fn app() -> Router {
    Router::new().route("/api/login", post(login))
}
"""
GOOD = BAD.replace(
    '    Router::new().route("/api/login", post(login))\n',
    "    let limits = tower_governor::GovernorLayer::new(limits());\n"
    '    Router::new()\n        .route("/api/login", post(login))\n        .layer(limits)\n',
)
MANIFEST = '[package]\nname = "a"\n\n[dependencies]\naxum = "0.8"\n'
ROUTE: Final = re.compile(
    r'(?:\.(?:route|nest)|web::(?:resource|scope)|warp::path!?)\(\s*"([^"\n]*)"|#\[(?:post|put|patch)\(\s*"([^"\n]*)"'
)
LOGIN: Final = re.compile(
    r"(?:^|/)(?:log-?in|sign-?in|sign-?up|authenticate|oauth/token|password|(?:forgot|reset)-?_?password|otp|2fa|mfa)"
    r"(?=[/_-]|$)|/(?:auth|users?|accounts?)/register$",
    re.I,
)
LIMITER: Final = (
    b"governor",
    b"RateLimit",
    b"rate_limit",
    b"ratelimit",
    b"rate-limit",
    b"throttl",
    b"Throttl",
    b"limitation",
)
PROXY: Final = ("*.conf", "*.conf.template", "Caddyfile*", "*traefik*", "*ingress*", "*haproxy*", "*envoy*")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.MANUAL,
    effort=Effort.MEDIUM,
    audit=("Q3",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD, "Cargo.toml": MANIFEST},
    good={"src/lib.rs": GOOD, "Cargo.toml": MANIFEST},
)
def check(project: Project) -> Iterator[Result]:
    """Nothing limits how often a login may be tried.

    A route that checks a password, a code or an invitation answers a stranger's script as often as it asks: a list of
    leaked passwords is through in minutes, and each try costs a slow hash, so that a few clients take the service down.
    A limit for each client address, tighter on these routes than elsewhere, ends both.
    """
    if limited := project.grep([b"limit_req", b"rate_limit", b"ratelimit", b"RateLimit"], *PROXY):
        yield Pass("the proxy in the tree limits how often clients may ask", tuple(Location(p) for p in limited))
        return
    logins: dict[str, list[Location]] = {}
    for path, code in rust.shipped(project, (b".route(", b"web::resource(", b"web::scope(", b"#[post(", b"warp::path")):
        package = cargo.package_of(project, path)
        if package is None or not rust_web.serves(project, path):
            continue
        for match in ROUTE.finditer(code.text):
            line = code.line_at(match.start())
            if (
                LOGIN.search(match[1] or match[2] or "")
                and not code.is_test_at(match.start())
                and project.keep(path, line)
            ):
                logins.setdefault(package.folder, []).append(Location(path, line, note=match[1] or match[2]))
    limiters = project.grep(LIMITER, "*.rs", "Cargo.toml")
    for folder, places in sorted(logins.items()):
        if limiters:
            yield Pass("a limiter is in the tree", tuple(Location(p) for p in limiters[:3]))
            return
        yield Finding(
            places[0].path,
            f"no rate limit in front of {', '.join(dict.fromkeys(p.note for p in places[:4]))}",
            places[0].line,
            anchor=folder or "the service",
            locations=tuple(places),
            steps=(
                "Count by client address: the peer's, or the header that your own proxy sets, never the client's word.",
                "axum: tower_governor's GovernorLayer on these routes; actix-web: actix-governor; warp: the proxy.",
                "Answer 429 with Retry-After; leave health checks out; take the figures from the configuration.",
            ),
        )
    if not logins:
        yield NotApplicable("no route that checks a login was recognised")
