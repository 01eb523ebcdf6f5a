"""The cookies that a Rust service sets, and whether browsers may send them without TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust_web
from fixers.facts.rust import RustFile
from fixers.facts.rust_web import Chain, Step

CRATES: Final = ("cookie", "axum_extra", "tower_cookies", "actix_web", "axum_login", "salvo", "poem", "ntex")
"""Rocket is not among them: it sets Secure by itself when it serves TLS."""
SESSIONS: Final = {
    "SessionManagerLayer": (("tower_sessions", "axum_login"), ("new",)),
    "SessionMiddleware": (("actix_session",), ("builder",)),
    "SessionLayer": (("axum_sessions", "async_sessions", "axum_session"), ("new",)),
    "SessionConfig": (("axum_session",), ("default", "new")),
    "CookieSession": (("actix_session",), ("signed", "private")),
    "CookieConfig": (("poem",), ("new", "default", "signed", "private")),
    "CookieIdentityPolicy": (("actix_identity",), ("new",)),
}
"""Builders whose cookies are Secure unless they are told otherwise, with their crates and constructors."""
SECURE: Final = ("secure", "set_secure", "with_secure", "cookie_secure")
ATTRIBUTES: Final = (
    *("http_only", "same_site", "path", "max_age", "expires", "domain", "permanent"),
    *("set_http_only", "set_same_site", "set_path", "set_max_age", "set_expires", "set_domain", "make_permanent"),
)
_REMOVING: Final = re.compile(r"remov|delet|clear|expire|unset|logout|forget", re.I)
_SETTING: Final = re.compile(r"(?:add|add_cookie|cookie|insert|set_cookie|add_private|add_signed)$")
_RAW: Final = re.compile(r"=.*;\s*(?:HttpOnly|SameSite\s*=|Max-Age\s*=)", re.I | re.S)
_GONE: Final = re.compile(r"Max-Age\s*=\s*0\b|1970", re.I)


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that is set. `step` is the call that says it is not Secure, None when nothing says so.

    `chain` is None for a Set-Cookie header that is written out as text.
    """

    node: Node
    chain: Chain | None
    step: Step | None
    secure: bool


def cookies(code: RustFile) -> Iterator[Cookie]:
    """The cookies of a file: those built by a crate, those of session layers, those written as text."""
    for node in rust_web.calls(code, CRATES, "Cookie", ("new", "build")):
        yield from _built(code, node)
    for node in rust_web.calls(code, CRATES, "CookieBuilder", ("new",)):
        yield from _built(code, node)
    for name, (crates, made) in SESSIONS.items():
        for node in rust_web.calls(code, crates, name, made):
            chain = rust_web.chain(code, node)
            step = chain.step(*SECURE)
            yield Cookie(node, chain, step, secure=step is None or not _says_no(code, step))
    for text in code.kind("string_literal", "raw_string_literal"):
        written = text.text()
        if _is_written_out(code, text) and not _GONE.search(written) and not code.is_test(text):
            around = code.function(text).node
            secure = re.search(r"\bsecure\b", around.text() if around is not None else written, re.I)
            yield Cookie(text, None, None, secure is not None)


def _is_written_out(code: RustFile, text: Node) -> bool:
    """Whether a text is a cookie: it has an attribute that nothing else has, or a path beside `Set-Cookie`."""
    if _RAW.search(text.text()):
        return True
    around = code.function(text).node
    return (
        around is not None
        and bool(re.search(r"=.*;\s*Path\s*=", text.text(), re.I | re.S))
        and bool(re.search(r"set.cookie", around.text(), re.I))
    )


def _built(code: RustFile, node: Node) -> Iterator[Cookie]:
    chain = rust_web.chain(code, node)
    step = chain.step(*SECURE)
    if step is not None:
        yield Cookie(node, chain, step, secure=not _says_no(code, step))
    elif _is_set(code, chain) and not _is_removed(chain):
        yield Cookie(node, chain, None, secure=False)


def _says_no(code: RustFile, step: Step) -> bool:
    """A plain `false`, that no condition guards: outside debug builds it is the answer for everybody."""
    return step.gives("false", "Some(false)") and not list(rust_web.conditions(code, step.call))


def _handed(chain: Chain) -> Iterator[str]:
    for holder in chain.handed_to:
        call = holder.parent()
        function = call.field("function") if call is not None else None
        if function is not None:
            yield re.split(r"::|\.", re.sub(r"\s", "", function.text()))[-1]


def _is_set(code: RustFile, chain: Chain) -> bool:
    """Whether it goes to a browser: a bare one may be put into a jar only to sign or to check a value."""
    if chain.has(*ATTRIBUTES):
        return True
    around = code.function(chain.root).node
    kept = around is not None and "CookieJar::new()" in around.text()
    return not kept and any(_SETTING.match(name) for name in _handed(chain))


def _is_removed(chain: Chain) -> bool:
    given = rust_web.arguments(chain.root)
    values = re.sub(r"\s", "", ",".join(a.text() for a in given))
    age = chain.step("max_age", "set_max_age")
    return (
        bool(re.search(r',(?:""|String::new\(\))\)?$', values))
        or any(_REMOVING.search(s.name) for s in chain.steps)
        or any(_REMOVING.search(name) or "secure" in name for name in _handed(chain))
        or (age is not None and bool(re.search(r"ZERO|zero\(\)|\(0\)|-1", rust_web.last_arguments(age))))
        or (len(given) == 1 and given[0].kind() != "tuple_expression" and not chain.has("value", "set_value"))
    )


def binding_statement(chain: Chain) -> Node | None:
    """The last statement that sets an attribute of the cookie's variable: `cookie.set_path("/");`."""
    last = next(
        (s for s in reversed(chain.steps) if s.name in ATTRIBUTES and s.name.startswith(("set_", "make_"))), None
    )
    return enclosing(last.call, {"expression_statement"}) if last is not None else None


def is_builder(chain: Chain) -> bool:
    """Whether methods that take and give back a builder can be called on what the first call makes."""
    return rust_web.called(chain.root) in ("Cookie::build", "CookieBuilder::new")
