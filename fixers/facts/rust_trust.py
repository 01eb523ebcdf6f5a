"""Where a Rust program connects by TLS without a look at the certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust_web
from fixers.facts.rust import RustFile

ACCEPTING: Final = re.compile(
    r"(?:tls_)?(?:danger|dangerous)_accept_invalid_(?:certs|hostnames)|danger_disable_certificate_verification"
)
_OTHERS: Final = ("ssl_verify_peer(false)", "set_no_tls_verify(true)", "disable_verification(true)")
"""The same of curl, ldap3 and ureq."""
CHOSEN: Final = re.compile(
    r"insecure|skip|verif|invalid|danger|self.?signed|accept|trust|no_?check|unsafe|tls|ssl|debug|\bdev|_dev\b|test|local|"
    r"ignore|\bca_|_ca\b|cert|\bsni\b",
    re.I,
)
"""Words of a condition, or of a function's name, by which somebody asked for it."""
_LOOPBACK: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])|[\"@](?:localhost|127\.0\.0\.1)[\":]")
_TRUSTING: Final = re.compile(r"^\{\s*(?:return )?Ok\(\s*(?:\w+::)*ServerCertVerified::assertion\(\)\s*,?\s*\);?\s*\}$")
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


@dataclass(frozen=True, slots=True)
class Unverified:
    """A place that turns verification off. `call` is the method call to take away, None for a verifier of one's own."""

    node: Node
    what: str
    call: Node | None = None


def unverified(code: RustFile) -> Iterator[Unverified]:
    """The places of a file that trust any certificate, for everybody and always."""
    for call in code.kind("call_expression"):
        function = call.field("function")
        method = function.field("field") if function is not None and function.kind() == "field_expression" else None
        if method is None or code.is_test(call):
            continue
        given = [a.text() for a in rust_web.arguments(call)]
        if ACCEPTING.fullmatch(method.text()) and given == ["true"]:
            off = method.text()
        elif method.text() == "set_verify" and given and given[0].endswith("SslVerifyMode::NONE"):
            off = "SslVerifyMode::NONE" if "Connector" in code.text else ""
        elif f"{method.text()}({', '.join(given)})" in _OTHERS:
            off = method.text()
        else:
            continue
        if off and not is_chosen(code, call):
            removable = call if ACCEPTING.fullmatch(off) or "::" in off else None
            yield Unverified(method, f"`{off}` trusts any certificate", removable)
    for verifier in code.kind("impl_item"):
        trait, made_for = verifier.field("trait"), verifier.field("type")
        if trait is None or made_for is None or code.is_test(verifier):
            continue
        name = made_for.text()
        if trait.text().endswith("ServerCertVerifier") and _trusts_all(verifier) and _is_used(code, name):
            yield Unverified(verifier, f"`{name}` trusts any certificate")


def is_chosen(code: RustFile, node: Node) -> bool:
    """Whether somebody asks for it: a condition, a function named for it, or a peer on the same machine."""
    if any(CHOSEN.search(c) for c in rust_web.conditions(code, node)):
        return True
    function = code.function(node)
    text = function.node.text() if function.node is not None else ""
    return bool(CHOSEN.search(function.name)) or bool(_LOOPBACK.search(text))


def _trusts_all(verifier: Node) -> bool:
    for function in verifier.find_all(kind="function_item"):
        name, body = function.field("name"), function.field("body")
        if name is not None and body is not None and name.text() == "verify_server_cert":
            return bool(_TRUSTING.match(_COMMENT.sub("", body.text())))
    return False


def _is_used(code: RustFile, name: str) -> bool:
    """Whether the file hands the verifier to a configuration without being asked."""
    plain = name.partition("<")[0]
    for use in code.kind("identifier", "type_identifier"):
        if use.text() != plain:
            continue
        inside = enclosing(use, {"impl_item", "struct_item", "use_declaration"})
        owner = inside.field("type") if inside is not None and inside.kind() == "impl_item" else None
        declared = inside is not None and inside.kind() in ("struct_item", "use_declaration")
        own = owner is not None and owner.text().partition("<")[0] == plain
        if enclosing(use, {"arguments"}) is None or declared or own or code.is_test(use):
            continue
        if not is_chosen(code, use):
            return True
    return False
