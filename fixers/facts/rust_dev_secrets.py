"""Well-known secrets that Rust code falls back to, in arguments, functions, constants and environment reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import rust, rust_locks
from fixers.facts.rust import RustFile
from fixers.project import Project

NAME: Final = re.compile(
    r"(?:\w*_)?(?:token|secret|password|passwd|passphrase|pass|api_?key|auth_?key|secret_?key|signing_?key|db_?key|"
    r"encryption_?key|jwt_?secret|jwt_?key)",
    re.I,
)
_NO_SECRET: Final = re.compile(
    r"insecure|example|demo|dummy|fake|test|public|next_|page|sync_|cancel|stop_|eos_|bos_|pad_|unk_|special|default_token$|(?:^|_)(?:max|min)_",
    re.I,
)
_NEAR: Final = tuple(
    re.compile(p)
    for p in (
        rb'default_value(?:_t)?\s*=\s*"',
        rb"fn default_\w*(?:token|secret|pass|key)",
        rb"fn \w*(?:token|secret|pass|key)_default",
        rb'env::var\(\s*"\w*(?:TOKEN|SECRET|PASS|KEY)\w*"\s*\)\s*\.(?:ok\(\)\s*\.)?unwrap_or',
        rb'dotenvy::var\(\s*"\w*(?:TOKEN|SECRET|PASS|KEY)\w*"\s*\)\s*\.(?:ok\(\)\s*\.)?unwrap_or',
        rb"const \w*(?:TOKEN|SECRET|PASS|KEY)\w*\s*:\s*&(?:'static )?(?:str|\[u8)",
        rb"static \w*(?:TOKEN|SECRET|PASS|KEY)\w*\s*:\s*&(?:'static )?(?:str|\[u8)",
        rb'set_default\(\(?\s*"[\w.]*(?i:token|secret|pass|key)\w*",\s*"',
        rb'merge\(\(?\s*"[\w.]*(?i:token|secret|pass|key)\w*",\s*"',
        rb'join\(\(?\s*"[\w.]*(?i:token|secret|pass|key)\w*",\s*"',
        rb'env\w*\(\(?\s*"[\w.]*(?i:token|secret|pass|key)\w*",\s*"',
        rb'token\s*:\s*(?:String::from\(\s*)?"',
        rb'secret\s*:\s*(?:String::from\(\s*)?"',
        rb'passw\w+\s*:\s*(?:String::from\(\s*)?"',
        rb'passphrase\s*:\s*(?:String::from\(\s*)?"',
        rb'_key\s*:\s*(?:String::from\(\s*)?"',
        rb'codingKey::from_secret\(\s*&?b?"',
    )
)
"""One by one: a pattern that begins with plain text is searched for a hundred times as fast as an alternative."""
_WORDS: Final = frozenset(
    """a api app admin at auth be by change changeit changeme chars characters default demo dev development do dummy
    enough env example fake for hard here hmac in insecure it jwt key least local long me must my not only password
    pass passw0rd please prod production random replace root sample secret secure server session set should sign
    signing some string super test testing that this token top unsafe use value very with you your""".split()  # noqa: SIM905
)
_TELLING: Final = re.compile(
    r"\bdev|change|default|insecure|unsafe|test|demo|dummy|example|sample|fake|your|\bmy\b|super|replace|please|"
    r"\bprod|admin|root",
    re.I,
)
_PLAIN: Final = re.compile(
    r"(?:secret|password|passw0rd|token|pass|key)\d{0,4}|admin|root|letmein|qwerty|12345\d*|abc123|hunter2|minioadmin",
    re.I,
)
_PHRASE: Final = re.compile(
    r"change[-_ ]?(?:me\b|me[-_ ]|it\b|this)|do[-_ ]not[-_ ]use|(?:in|for)[-_ ]prod(?:uction)?|insecure|^dev[-_ ]", re.I
)
_SIGNS: Final = re.compile(r"jwt|sign|session|cookie|hmac", re.I)
_LITERAL: Final = re.compile(
    r'(?:String::from\()?b?"([^"\\]*)"\)?(?:\.(?:to_string|to_owned|into|as_bytes|as_ref|to_vec)\(\))*,?'
)
_HELPER: Final = re.compile(
    r"(?:\w+::)*(?:get_|read_)?env(?:_var)?(?:_or(?:_default|_else)?)?|.*\.(?:set_default|merge|join|admerge)"
)
_READ: Final = re.compile(r'(?:std::)?(?:env|dotenvy?)::var\(\s*"(\w+)"\s*\)\s*(?:\.ok\(\)\s*)?\.unwrap_or(?:_else)?')


def is_known(value: str) -> bool:
    """Whether everybody would try the value: `secret`, `changeme`, `dev-token`, `your-secret-key-here`."""
    if not value or len(value) > 80:
        return False
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value).lower())
    said = all(w in _WORDS or w.isdecimal() or re.sub(r"\d+$", "", w) in _WORDS for w in words)
    joined = re.fullmatch(r"(?:dev|test|demo|default|my|super|top|admin)?(?:secret|password|token|key)\d*", value, re.I)
    known = (said and _TELLING.search(" ".join(words))) or _PHRASE.search(value) or _PLAIN.fullmatch(value)
    return bool(known or joined)


def is_telling(value: str) -> bool:
    """Whether a known value says itself that it is none to keep, so that it is not just a name of something."""
    return is_known(value) and not value.isupper() and bool(_TELLING.search(value) or _PHRASE.search(value))


@dataclass(frozen=True, slots=True)
class DevSecret:
    """A default that everybody knows: where, of what, the value.

    `holder` is the struct of an argument, `variable` what is read of the environment.
    """

    node: Node
    name: str
    value: str
    holder: str = ""
    variable: str = ""


def _is_near(data: bytes) -> bool:
    return any(pattern.search(data) for pattern in _NEAR)


def dev_secrets(project: Project) -> Iterator[tuple[str, RustFile, list[DevSecret]]]:
    """Files that ship and the well-known secrets that they default to."""
    words = (b"token", b"secret", b"passw", b"_key", b"TOKEN", b"SECRET", b"PASSW", b"_KEY")
    for path, code in rust.parsed(project, [p for p in project.grep(words, "*.rs") if _is_near(project.read(p))]):
        every = (
            *(*_arguments(code), *_functions(code), *_constants(code)),
            *(*_reads(code), *_settings(code), *_defaults(code), *_keys(code)),
        )
        found = [s for s in every if not code.is_test(s.node) and not _is_refused(project, path, s)]
        if found:
            yield path, code, found


def _is_refused(project: Project, path: str, secret: DevSecret) -> bool:
    """Whether the crate compares the value, or the constant that holds it: to refuse it, or to warn."""
    names = [re.escape(f'"{secret.value}"')] if len(secret.value) > 7 else []
    names += [secret.name] if secret.node.kind() in ("const_item", "static_item") else []
    if not names:
        return False
    asks = re.compile(rf"(?:[!=]= *&?\*?|contains\(&?|starts_with\()(?:\w+::)*(?:{'|'.join(names)})(?!\w)")
    crate = rust_locks.crate_of(project, path)
    others = project.grep([secret.value.encode(), secret.name.encode()], "*.rs")
    own = [p for p in others if rust_locks.crate_of(project, p) == crate and not rust.is_test_path(project, p)]
    return any(asks.search(project.text(p)) for p in own)


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
        if name is None or not _is_secret(name.text()) or not (is_known(match[1]) or not match[1]):
            continue
        struct = next((a for a in attribute.ancestors() if a.kind() == "struct_item"), None)
        holder = struct.field("name") if struct is not None else None
        yield DevSecret(attribute, name.text(), match[1], holder.text() if holder is not None else "")


def _functions(code: RustFile) -> Iterator[DevSecret]:
    """`fn default_auth_token() -> String { "devtoken".to_owned() }`."""
    for function in code.kind("function_item"):
        name, body = function.field("name"), function.field("body")
        what = re.fullmatch(r"default_(\w+)|(\w+)_default", name.text()) if name is not None else None
        if what is None or body is None:
            continue
        value = _literal(body.text().strip("{} \r\n\t"))
        if is_known(value) and _is_secret(what[1] or what[2]):
            yield DevSecret(function, what[1] or what[2], value)


def _constants(code: RustFile) -> Iterator[DevSecret]:
    """`const AUTH_TOKEN: &str = "devtoken";`, not the names that keys are looked up by."""
    for item in code.kind("const_item", "static_item"):
        name, value = item.field("name"), item.field("value")
        if name is None or value is None or not _is_secret(name.text()):
            continue
        text = _literal(value.text())
        signs = _SIGNS.search(name.text()) is not None and not text.isupper() and is_known(text)
        if (is_telling(text) or signs) and re.sub(r"\W|_", "", text.upper()) != name.text().replace("_", ""):
            yield DevSecret(item, name.text(), text)


def _reads(code: RustFile) -> Iterator[DevSecret]:
    """`env::var("AUTH_TOKEN").unwrap_or_else(|_| "devtoken".into())`."""
    for call in code.find_all(any=[{"pattern": "$A.unwrap_or($B)"}, {"pattern": "$A.unwrap_or_else($B)"}]):
        read = _READ.match(call.text())
        given = call.field("arguments")
        fallback = given.named_children()[-1] if given is not None and given.named_children() else None
        if read is None or fallback is None or not _is_secret(read[1]):
            continue
        value = _literal(_outcome(fallback).text())
        if is_known(value):
            yield DevSecret(call, read[1], value, variable=read[1])


def _settings(code: RustFile) -> Iterator[DevSecret]:
    """`.set_default("jwt_secret", "changeme")`, `.merge(("jwt_secret", "changeme"))`, `env_or("TOKEN", "dev")`."""
    for call in code.kind("call_expression"):
        function, given = call.field("function"), call.field("arguments")
        if function is None or given is None or not _HELPER.fullmatch(re.sub(r"\s", "", function.text())[-80:]):
            continue
        values = given.named_children()
        if len(values) == 1 and values[0].kind() == "tuple_expression":
            values = values[0].named_children()
        if len(values) != 2 or values[0].kind() != "string_literal":
            continue
        name, value = values[0].text().strip('"').rpartition(".")[2], _literal(values[1].text())
        if _is_secret(name) and is_known(value) and value != name:
            yield DevSecret(call, name, value)


_CONFIGURES: Final = re.compile(
    r"Config|Settings|Opt(?:ion)?s?\b|Args|Params|Env|Server|State|Cli\b|Auth|Store|Credentials"
)
"""Types whose default a deployment runs with; that of a request or a row is an example."""


def _defaults(code: RustFile) -> Iterator[DevSecret]:
    """`impl Default for Config { fn default() -> Self { Self { jwt_secret: "changeme".into() } } }`."""
    for item in code.kind("impl_item"):
        trait = item.field("trait")
        made_for = item.field("type")
        if trait is None or trait.text().rpartition("::")[2] != "Default":
            continue
        if made_for is None or not _CONFIGURES.search(made_for.text()):
            continue
        for field in item.find_all(kind="field_initializer"):
            name, value = field.field("field") or field.field("name"), field.field("value")
            text = _literal(value.text()) if value is not None else ""
            if name is not None and _is_secret(name.text()) and is_known(text):
                yield DevSecret(field, name.text(), text)


def _keys(code: RustFile) -> Iterator[DevSecret]:
    """`EncodingKey::from_secret("anything".as_ref())`: whatever it is, it stands in the source."""
    for call in code.find_all(any=[{"pattern": f"{k}::from_secret($A)"} for k in ("EncodingKey", "DecodingKey")]):
        given = call.field("arguments")
        value = _literal(given.named_children()[0].text().lstrip("&")) if given is not None else ""
        if value:
            yield DevSecret(call, "the key of the tokens", value)


def _literal(text: str) -> str:
    """The text of a string literal, turned into another type or not; "" for anything else."""
    match = _LITERAL.fullmatch(text.strip())
    return match[1] if match is not None else ""


def _outcome(fallback: Node) -> Node:
    """What a fallback evaluates to: the value, or the last expression of a closure."""
    body = fallback.field("body") if fallback.kind() == "closure_expression" else None
    if body is not None and body.kind() == "block" and body.named_children():
        return body.named_children()[-1]
    return body or fallback
