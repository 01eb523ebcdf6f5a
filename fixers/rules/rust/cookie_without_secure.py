"""A cookie without Secure leaves the browser over plain HTTP as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixers.editors import rust_format
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_cookies
from fixers.facts.rust import RustFile
from fixers.facts.rust_cookies import Cookie
from fixers.model import Applicability, Finding, Location, NotApplicable, Pass, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """\
use axum_extra::extract::cookie::{Cookie, CookieJar};

pub fn log_in(jar: CookieJar, token: String) -> CookieJar {
    jar.add(
        Cookie::build(("session", token))
            .path("/")
            .http_only(true),
    )
}
"""
TEST: Final = 'std::env::var_os("COOKIE_ALLOW_HTTP").is_none()'
GOOD = BAD.replace("token))\n", f"token))\n            .secure({TEST})\n")
REASON: Final = "over plain HTTP logins stop working, but for localhost"
WORDS: Final = (
    b"Cookie",
    b"with_secure",
    b"cookie_secure",
    b"SessionMiddleware",
    b"HttpOnly",
    b"SameSite=",
    b"SET_COOKIE",
    b"et-Cookie",
    b"et-cookie",
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q9",),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A cookie is set without Secure.

    Without the attribute a browser sends the cookie over plain HTTP too: one link to http:// on a hostile network
    hands the session to whoever listens, although the site itself is served over TLS. Browsers take Secure cookies
    from http://localhost, so development goes on; COOKIE_ALLOW_HTTP turns it off for anything else.
    """
    good, found = list[Location](), False
    for path, code in rust.shipped(project, WORDS):
        seen = list(rust_cookies.cookies(code))
        good += [Location(path, code.line(c.node)) for c in seen if c.secure]
        bad = [c for c in seen if not c.secure and project.keep(path, code.line(c.node))]
        if not bad:
            continue
        found = True
        draft = project.draft()
        try:
            draft.edit(path, splice, [e for c in bad for e in _edits(code, c)])
        except Refused as refused:
            draft.refuse(str(refused))
        places = tuple(Location(path, code.line(c.step.call if c.step else c.node)) for c in bad)
        yield Finding(
            path,
            f"{len(bad)} cookies are set without Secure" if len(bad) > 1 else "a cookie is set without Secure",
            places[0].line,
            anchor="cookies",
            locations=places,
            fixes=draft.fixes(
                "Send cookies over TLS only", reason="over plain HTTP logins stop working, but for localhost"
            ),
            steps=("Set Secure on the cookie, from the public URL of the service when its configuration has one.",),
        )
    if good and not found:
        yield Pass("the cookies are Secure, or a setting says so", tuple(good))
    elif not found:
        yield NotApplicable("no cookie is set")


def _edits(code: RustFile, cookie: Cookie) -> Iterator[Edit]:
    if code.has_error_near(cookie.node):
        raise Refused("the grammar cannot read the code near the cookie")
    if cookie.chain is None:
        text, end = cookie.node.text(), code.bounds(cookie.node)[1]
        at = end - (len(text) - len(text.rstrip('"#')))
        yield code.replace_between(at, at, " Secure" if text.rstrip('"#').rstrip().endswith(";") else "; Secure")
    elif cookie.step is not None:
        given = cookie.step.arguments[0].text()
        yield from rust_format.swap_calls(
            code, [(cookie.step.call, f"{cookie.step.name}({given.replace('false', TEST)})")]
        )
    elif (statement := rust_cookies.binding_statement(cookie.chain)) is not None:
        name = statement.text().partition(".")[0].strip()
        yield code.insert_after(statement, f"{name}.set_secure({TEST});")
    elif rust_cookies.is_builder(cookie.chain):
        yield from rust_format.add_call(code, cookie.node, f".secure({TEST})")
    else:
        raise Refused("the cookie is not made by a builder")
