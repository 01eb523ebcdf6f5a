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
    r"(?:^|/)(?:log-?in|sign-?in|sign-?up|authenticate|(?:oauth2?|connect)/token|password|"
    r"(?:forgot|reset)-?_?password|otp|2fa|mfa)(?=[/_-]|$)|/(?:auth|users?|accounts?)/register$",
    re.I,
)
POST: Final = re.compile(r"\.route\(\s*([^,;{}]+?)\s*,[^,;{}]*?\bpost\(\s*([\w:]+)\s*\)")
HANDLER: Final = re.compile(
    r"(?:^|::)(?:(?:post|handle|do|user|submit)_)?(?:log_?in|sign_?in|authenticate)"
    r"(?:_(?:post|handler|user|submit|route|endpoint))?(?:$|::(?!.*out))"
)
"""The handler of a route that logs in, by whatever path: `post(login)`, `post(login::submit)`."""
LIMITING: Final = re.compile(
    r"(?:^|[-_])(?:governor|rate[-_]?limit\w*|ratelimit\w*|limitation|leaky[-_]bucket|throttl\w*|lazy[-_]limit)(?:$|[-_])"
)
"""Names of crates that count who asks how often."""
COUNTING: Final = (
    b"imit",
    b"hrottl",
    b"ttempt",
    b"ock_out",
    b"ockout",
    b"oft",
    b"rute",
    b"overnor",
    b"oo_many",
    b"ailed_",
)
LIMITER: Final = re.compile(
    r"\b(?:struct|fn|mod|trait|static|enum)\s+(?!\w*(?:error|exceeded|response|header|retry|info|status|is_|parse))"
    r"\w*(?:rate_?limit|throttl|login_attempt|failed_(?:login|attempt)|lock_?out|soft_?lock|brute_?force|too_many_(?:log|att))\w*|"
    r"\bRateLimit\w*(?:Layer|Middleware)?::(?:new|default|builder|per_)|GovernorLayer|GovernorConfig",
    re.I,
)
WORDS: Final = (b".route(", b"web::resource(", b"web::scope(", b"#[post(", b"warp::path")
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
    for path, code in rust.shipped(project, WORDS):
        package = cargo.package_of(project, path)
        if package is None or not rust_web.serves(project, path):
            continue
        for at, route in sorted(_routes(code.text).items()):
            line = code.line_at(at)
            if not code.is_test_at(at) and project.keep(path, line):
                logins.setdefault(package.folder, []).append(Location(path, line, note=route))
    limiters = _limiters(project) if logins else []
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


def _routes(text: str) -> dict[int, str]:
    """Where the routes of a file begin that check a login, by their path or by their handler's name."""
    found = {m.start(): m[1] or m[2] or "" for m in ROUTE.finditer(text)}
    found = {at: route for at, route in found.items() if LOGIN.search(route) and not _only_reads(text, at)}
    return {m.start(): m[1].strip('"') for m in POST.finditer(text) if HANDLER.search(m[2])} | found


def _only_reads(text: str, at: int) -> bool:
    """Whether a route takes nothing but GET: it shows a form, or sends its visitor to another's login."""
    depth = 0
    for end in range(text.find("(", at), min(len(text), at + 600)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            call = text[at:end]
            methods = set(re.findall(r"\b(get|post|put|patch|any|on|route|method|to)\(", call.partition(",")[2]))
            return "get" in methods and not methods & {"post", "put", "patch", "any", "on", "method"}
    return False


def _limiters(project: Project) -> list[str]:
    """What in the tree counts: manifests that name such a crate, code that defines or sets up a limiter.

    That an upstream's answer may be "rate limited" is no limiter.
    """
    counting = [
        p.manifest for p in project.fact(cargo.packages) if any(LIMITING.search(d.package) for d in p.dependencies)
    ]
    return counting + [
        path
        for path in project.grep(COUNTING, "*.rs")
        if not rust.is_test_path(project, path) and LIMITER.search(project.text(path))
    ]
