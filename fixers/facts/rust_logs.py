"""What Rust code writes to its logs: the macros of log, tracing and std, their text and their arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust
from fixers.facts.rust import RustFile
from fixers.project import Project

_MACRO: Final = re.compile(r"(?:tracing::|log::|slog::|defmt::)?(?:trace|debug|info|warn|error|event|eprintln|dbg)")
"""`println!` is the output of a command, asked for by who runs it."""
_SECRET: Final = re.compile(
    r"(?:\w*_)?(?:password|passwd|passphrase|secret|secret_key|private_key|priv_key|signing_key|api_key|apikey|"
    r"auth_token|access_token|refresh_token|bearer_token|session_token|id_token|admin_token|db_key|encryption_key|"
    r"mnemonic|seed_phrase|jwt_secret|client_secret)"
)
_NEAR: Final = re.compile(
    rb"(?:trace|debug|info|warn|error|event|eprintln|dbg)!\s*\([^;]{0,400}?(?:passw|passphrase|secret|private_key|priv_key|"
    rb"signing_key|api_?key|_token|db_key|encryption_key|mnemonic|seed_phrase)"
)
INLINE: Final = re.compile(r"(?<!\{)\{(\w+)(?::[^}]*)?\}")
"""A variable in the text of a message; `{{` is a brace."""
_HARMLESS: Final = re.compile(
    r"\.(?:len|is_empty|is_some|is_none|id|name|kind|exists|count|display|fingerprint)\(\)|redact|mask|hash", re.I
)
_SHOWN: Final = re.compile(
    r"\btarget:\s*\"?\w*(?:PRINT|CONSOLE|STDOUT|OUTPUT)|\bnew_(?:password|secret|token)\s*=", re.I
)
_SWITCH: Final = re.compile(
    r"debug_\w*(?:token|secret|password)|(?:log|show|print|dump)_(?:\w+_)?(?:token|secret|password|key)s?"
)
_VALUE: Final = re.compile(r"(?:\w+(?:\(\))?(?:\.|::))*(\w+)(?:\.(?:clone|as_str|as_ref|to_string|expose_secret)\(\))?")


@dataclass(frozen=True, slots=True)
class Leak:
    """A log call and the name of the secret that it writes."""

    node: Node
    name: str


def leaks(project: Project) -> Iterator[tuple[str, RustFile, list[Leak]]]:
    """Files that ship and the log calls in them that write the value of something named like a secret."""
    words = (b"passw", b"passphrase", b"secret", b"_key", b"_token", b"apikey", b"mnemonic", b"seed_phrase")
    paths = [p for p in project.grep(words, "*.rs") if _NEAR.search(project.read(p))]
    for path, code in rust.parsed(project, paths):
        found = []
        for node in code.kind("macro_invocation"):
            name = node.field("macro")
            if name is None or not _MACRO.fullmatch(name.text()) or code.is_test(node):
                continue
            secret = _secret(node)
            if secret and not _is_asked_for(node):
                found.append(Leak(node, secret))
        if found:
            yield path, code, found


def _is_asked_for(call: Node) -> bool:
    """Whether somebody wants to see it: a switch for just that around the call, or the output of a command."""
    if _SHOWN.search(call.text()):
        return True
    outer = enclosing(call, {"if_expression"})
    condition = outer.field("condition") if outer is not None else None
    return condition is not None and _SWITCH.search(condition.text()) is not None


def arguments(call: Node) -> Node | None:
    """What stands between the brackets of a macro's call."""
    return next((c for c in call.children() if c.kind() == "token_tree"), None)


def is_secret(name: str) -> bool:
    """Whether a variable or field is named like a secret."""
    return _SECRET.fullmatch(name) is not None


def secret_of(part: str) -> str:
    """The name of the secret whose value one argument of a log call is (`?password`, `key = %cfg.api_key`), or ""."""
    value = part.partition("=")[2] if re.match(r"\s*[\w.]+\s*=(?!=)", part) else part
    value = value.strip().lstrip("?%&*").strip()
    last = _VALUE.fullmatch(value)
    if last and is_secret(last[1]) and not _HARMLESS.search(value) and not last[1].isupper():
        return last[1]
    return ""


def _secret(node: Node) -> str:
    """The name of the secret whose value a log call writes, or ""."""
    tree = arguments(node)
    if tree is None:
        return ""
    text = tree.text()
    strings = [s.text() for s in tree.find_all(kind="string_literal")]
    for string in strings:
        for name in INLINE.findall(string):
            if is_secret(name):
                return str(name)
    for string in strings:
        text = text.replace(string, '""')
    return next((secret for part in text[1:-1].split(",") if (secret := secret_of(part))), "")
