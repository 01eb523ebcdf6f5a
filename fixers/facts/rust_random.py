"""Secrets that a Rust program makes of random numbers that can be guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import rust_web
from fixers.facts.rust import RustFile
from fixers.project import Project

_GENERATORS: Final = {
    "SmallRng": ("rand",),
    "XorShiftRng": ("rand_xorshift",),
    "Xoshiro256PlusPlus": ("rand_xoshiro",),
    "Xoshiro256StarStar": ("rand_xoshiro",),
    "Pcg32": ("rand_pcg",),
    "Pcg64": ("rand_pcg",),
    "Rand32": ("oorandom",),
    "Rand64": ("oorandom",),
    "WyRand": ("nanorand",),
    "Rng": ("fastrand",),
}
"""Generators whose state follows from what they gave; `thread_rng`, `rng()`, StdRng and OsRng are not among them."""
_MAKERS: Final = (
    *("from_entropy", "from_os_rng", "from_rng", "from_thread_rng", "seed_from_u64", "new", "new_seed", "with_seed"),
    *("try_from_os_rng", "from_seed", "default"),
)
_FASTRAND: Final = ("alphanumeric", "alphabetic", "lowercase", "uppercase", "digit", "char", "bool", "fill", "choice")
_INTEGERS: Final = tuple(f"{sign}{bits}" for sign in "ui" for bits in ("8", "16", "32", "64", "128", "size"))
_SECRET: Final = re.compile(
    r"(?:^|_)(?:token|secret|password|passwd|passphrase|session_?(?:id|key|token)|sid|api_?key|nonce|otp|totp|csrf|salt|"
    r"(?:verification|reset|auth|invite|recovery|login|confirmation)_?code|access_?key|credential|private_?key)s?(?:_|$)",
    re.I,
)
_NO_SECRET: Final = re.compile(
    r"next_token|max_token|num_token|(?:^|_)n_token|token_?(?:count|id|bucket|len|type|idx|index)|sampl", re.I
)
_MAKING: Final = re.compile(
    r"^(?:generate|gen|new|create|make|random|rand|issue|mint|build)_|_(?:generate|gen|random)$"
)
_MATTER: Final = re.compile(r"\b(?:\w*String|Vec<u8>|u32|u64|u128|Uuid|Token|Secret)\b|\[u8\b|&'static str")
"""What a function returns that makes the matter of a secret: text, bytes, large numbers."""
_CLOCK: Final = re.compile(r"SystemTime::now\(|Instant::now\(|Utc::now\(|Local::now\(|now_utc\(|process::id\(")
_NAMED: Final = re.compile(r"\bfn (\w+)")
_CLOCKED: Final = re.compile(
    r"(?:^|_)(?:token|secret|password|passphrase|api_?key|csrf|otp|access_?key)s?(?:_|$)", re.I
)
"""Secrets without doubt: an id of a session, a nonce, a salt may be told by the clock and do no harm."""
_RANDOM: Final = re.compile(
    r"rand|rng|uuid|nanoid|ulid|entropy|secret|hmac|sign|jwt|claims|encod(?:e|ing)_?key|private|password|derive|"
    r"request|client|self\b|config|crypt|cipher|argon|scrypt|pbkdf|keyring",
    re.I,
)
"""What else a token may be made of, so that the time is only a part of it."""
_PAUSE: Final = re.compile(r"sleep|delay|wait|backoff|jitter|Duration|interval|shuffle", re.I)


@dataclass(frozen=True, slots=True)
class Guessable:
    """A call that makes the numbers, and the secret that comes of them. `generator` is the type's name, if any."""

    node: Node
    generator: str
    secret: str


def guessable(project: Project, code: RustFile) -> Iterator[Guessable]:
    """Secrets of a file, tokens and keys and codes, that come from a generator not meant for them."""
    for call, generator in _sources(code):
        secret = _secret_of(code, call) or _returned(project, code, call)
        if secret:
            yield Guessable(call, generator, secret)
    yield from _told_by_the_clock(code)


def clocks(project: Project) -> Iterator[str]:
    """Files that read a clock and have a function that is named for making a secret: few, so that few are parsed."""
    words = (b"SystemTime::now", b"Instant::now", b"Utc::now", b"Local::now", b"now_utc", b"process::id")
    for path in project.grep(words, "*.rs"):
        if any(_CLOCKED.search(name) and _MAKING.search(name) for name in _NAMED.findall(project.text(path))):
            yield path


def _told_by_the_clock(code: RustFile) -> Iterator[Guessable]:
    """Functions named for a secret that make it of the time and the process id, and of nothing that is random."""
    if not _CLOCK.search(code.text):
        return
    for function in code.kind("function_item"):
        about = code.function_of(function)
        body = function.field("body")
        if body is None or code.is_test(function) or not _CLOCKED.search(about.name) or not _MAKING.search(about.name):
            continue
        text = body.text()
        clock = _CLOCK.search(text)
        if clock is None or not _MATTER.search(about.returns) or ".await" in text or _RANDOM.search(text):
            continue
        if re.search(r"format!|to_string\(|hash|encode", text):
            yield Guessable(function.field("name") or function, "", about.name)


def _sources(code: RustFile) -> Iterator[tuple[Node, str]]:
    for generator, crates in _GENERATORS.items():
        if generator in code.text:
            for call in rust_web.calls(code, crates, generator, _MAKERS):
                yield call, generator
    if "fastrand" in code.text:
        for call in rust_web.calls(code, ("fastrand",), "", (*_FASTRAND, *_INTEGERS)):
            yield call, ""
        for path in code.kind("scoped_identifier"):
            handed = path.parent()
            if handed is None or handed.kind() != "arguments" or code.is_test(path):
                continue
            if any(rust_web.is_path(code, path.text(), ("fastrand",), name) for name in _FASTRAND):
                yield path, ""
    for call in rust_web.calls(code, ("rand", "rand_chacha"), "StdRng", ("seed_from_u64",)):
        yield call, "StdRng"


def _secret_of(code: RustFile, call: Node) -> str:
    """The name of the secret: of the variable or field that the number goes into, or of the function that makes it."""
    binding = enclosing(call, {"let_declaration", "field_initializer", "expression_statement"})
    target = _target(binding)
    if is_secret(target):
        return target
    function = code.function(call)
    if _MAKING.search(function.name) and is_secret(function.name):
        return function.name
    if function.node is None or not re.fullmatch(r"\w+", target):
        return ""
    for let in function.node.find_all(kind="let_declaration"):
        value = let.field("value")
        if value is not None and is_secret(_target(let)) and re.search(rf"\b{target}\b", value.text()):
            return _target(let)
    return ""


def _returned(project: Project, code: RustFile, call: Node) -> str:
    """The secret that a function is named for, or that its callers make of what it returns, when that is random."""
    function = code.function(call)
    if function.node is None or not _MATTER.search(function.returns) or not _flows_out(function.node, call):
        return ""
    if is_secret(function.name):
        return function.name
    name = re.escape(function.name)
    use = re.compile(rf"(?:let\s+(?:mut\s+)?(\w+)\s*(?::[^=;]+)?=|\b(\w+):)\s*(?:\w+(?:::|\.))*{name}\(")
    for path in project.grep([f"{function.name}("], "*.rs"):
        for bound in use.finditer(project.text(path)):
            if is_secret(bound[1] or bound[2]):
                return bound[1] or bound[2]
    return ""


def _flows_out(function: Node, call: Node) -> bool:
    """Whether what a call gives is a part of the value that the function ends with, through its variables."""
    body = function.field("body")
    statements = body.named_children() if body is not None else []
    if not statements or statements[-1].kind() in ("let_declaration", "function_item"):
        return False
    names = set[str]()
    for statement in statements:
        text = statement.text()
        if not names & set(re.findall(r"\w+", text)) and call not in statement.find_all(kind=call.kind()):
            continue
        if _PAUSE.search(text):
            continue
        if statement == statements[-1]:
            return not text.rstrip().endswith(";")
        names |= {_target(statement)} if statement.kind() == "let_declaration" else set()
        filled = re.finditer(r"&mut\s+(\w+)|\b(\w+)\.(?:push|extend)\w*\(", text)
        names |= {name for found in filled for name in found.groups() if name}
    return False


def _target(binding: Node | None) -> str:
    """The name that a `let` or a field of a literal gives a value."""
    name = binding.field("pattern") or binding.field("field") if binding is not None else None
    return name.text().removeprefix("mut ") if name is not None else ""


def is_secret(name: str) -> bool:
    """Whether a name speaks of something that nobody may guess."""
    return bool(_SECRET.search(name)) and not _NO_SECRET.search(name)
