"""Well-known secrets that Rust code falls back to, in arguments, functions, constants and environment reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import rust
from fixers.facts.rust import RustFile
from fixers.project import Project

NAME: Final = re.compile(
    r"(?:\w*_)?(?:token|secret|password|passwd|passphrase|pass|api_?key|auth_?key|secret_?key|signing_?key|db_?key|"
    r"encryption_?key|jwt_?secret|jwt_?key)",
    re.I,
)
_NO_SECRET: Final = re.compile(
    r"public|next_|page|sync_|cancel|stop_|eos_|bos_|pad_|unk_|special|default_token$|max_|min_", re.I
)
_NEAR: Final = re.compile(
    rb'default_value(?:_t)?\s*=\s*"|fn default_\w*(?:token|secret|pass|key)|'
    rb'env::var\(\s*"\w*(?:TOKEN|SECRET|PASS|KEY)\w*"\s*\)\s*\.unwrap_or|'
    rb"(?:const|static) \w*(?:TOKEN|SECRET|PASS|KEY)\w*\s*:\s*&(?:'static )?str\s*="
)
KNOWN: Final = re.compile(
    r"(?:dev|test|demo|default|insecure|dummy|example|sample|fake)(?:[-_ ]?(?:token|secret|password|key|pass))?|"
    r"(?:please[-_ ])?change[-_ ]?(?:me|it|this)(?:[-_ ]?\w+)?|(?:my|super|top)?[-_ ]?"
    r"(?:secret|password|passw0rd|token)(?:[-_ ]?key)?\d{0,4}|admin|root|letmein|qwerty|12345\d*|abc123|hunter2",
    re.I,
)
"""Values that everybody knows; an empty one is for the caller to judge."""


@dataclass(frozen=True, slots=True)
class DevSecret:
    """A default that everybody knows: where, of what, the value; `holder` is the struct of an argument."""

    node: Node
    name: str
    value: str
    holder: str = ""


def dev_secrets(project: Project) -> Iterator[tuple[str, RustFile, list[DevSecret]]]:
    """Files that ship and the well-known secrets that they default to."""
    words = (b"token", b"secret", b"passw", b"_key", b"TOKEN", b"SECRET", b"PASSW", b"_KEY")
    for path, code in rust.parsed(project, [p for p in project.grep(words, "*.rs") if _NEAR.search(project.read(p))]):
        every = (*_arguments(code), *_functions(code), *_constants(code), *_reads(code))
        found = [secret for secret in every if not code.is_test(secret.node)]
        if found:
            yield path, code, found


def _is_secret(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and not _NO_SECRET.search(name)


def _arguments(code: RustFile) -> Iterator[DevSecret]:
    """`#[arg(default_value = "devtoken")] auth_token: String`."""
    for attribute in code.kind("attribute_item"):
        match = re.search(r'default_value(?:_t)?\s*=\s*"([^"]*)"', attribute.text())
        if match is None or not re.match(r"#\[(?:arg|clap|structopt|argh|command)\b", attribute.text()):
            continue
        field = attribute.next()
        while field is not None and field.kind() in ("attribute_item", "line_comment", "block_comment"):
            field = field.next()
        name = field.field("name") if field is not None and field.kind() == "field_declaration" else None
        if name is None or not _is_secret(name.text()) or not (KNOWN.fullmatch(match[1]) or not match[1]):
            continue
        struct = next((a for a in attribute.ancestors() if a.kind() == "struct_item"), None)
        holder = struct.field("name") if struct is not None else None
        yield DevSecret(attribute, name.text(), match[1], holder.text() if holder is not None else "")


def _functions(code: RustFile) -> Iterator[DevSecret]:
    """`fn default_auth_token() -> String { "devtoken".to_owned() }`."""
    for function in code.kind("function_item"):
        name, body = function.field("name"), function.field("body")
        if name is None or body is None or not name.text().startswith("default_"):
            continue
        match = re.fullmatch(r'\{\s*(?:String::from\()?"([^"]*)"\)?(?:\.\w+\(\))?\s*\}', body.text())
        if match and _is_secret(name.text().removeprefix("default_")) and KNOWN.fullmatch(match[1]):
            yield DevSecret(function, name.text().removeprefix("default_"), match[1])


def _constants(code: RustFile) -> Iterator[DevSecret]:
    """`const AUTH_TOKEN: &str = "devtoken";`."""
    for item in code.kind("const_item", "static_item"):
        name, value = item.field("name"), item.field("value")
        if name is None or value is None or value.kind() != "string_literal" or not _is_secret(name.text()):
            continue
        text = value.text()[1:-1]
        if KNOWN.fullmatch(text) and text.upper() not in (name.text().upper(), "TOKEN", "SECRET", "PASSWORD"):
            yield DevSecret(item, name.text(), text)


def _reads(code: RustFile) -> Iterator[DevSecret]:
    """`env::var("AUTH_TOKEN").unwrap_or_else(|_| "devtoken".into())`."""
    for call in code.find_all(any=[{"pattern": "$A.unwrap_or($B)"}, {"pattern": "$A.unwrap_or_else($B)"}]):
        read = re.match(r'(?:std::)?env::var\(\s*"(\w+)"\s*\)', call.text())
        value = re.search(r'unwrap_or(?:_else)?\(\s*(?:\|_\w*\|\s*)?(?:String::from\()?"([^"]*)"', call.text())
        if read and value and _is_secret(read[1]) and KNOWN.fullmatch(value[1]):
            yield DevSecret(call, read[1], value[1])
