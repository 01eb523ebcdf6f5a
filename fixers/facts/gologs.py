"""What Go code writes to its logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code

WORDS: Final = (
    b"assword",
    b"asswd",
    b"ecret",
    b"oken",
    b"ASSWORD",
    b"ECRET",
    b"OKEN",
    b"pi_key",
    b"piKey",
    b"PIKey",
    b"APIKey",
    b"ApiKey",
    b"assphrase",
    b"ivateKey",
    b"jwt",
    b"JWT",
    b"pwd",
)
"""What a file holds that can name a secret: the prefilter."""
LOGS: Final = re.compile(rb"\.(?:Print|Fatal|Panic|Debug|Info|Warn|Warning|Error|Trace)(?:f|ln|w|Context)?\(")
CALLS: Final = (
    r"(?:log|slog|logrus|glog|klog|logger|zlog|l|lg|\w*[lL]og(?:ger)?|[\w.]+\.(?:log|logger|Log|Logger))\."
    r"(?:(?:Print|Fatal|Panic|Debug|Info|Warn|Warning|Error|Trace)(?:f|ln|w|Context)?)"
)
_FIELDS: Final = r"(?:zap|slog|log)\.(?:String|Any|ByteString)"
_SECRET: Final = re.compile(
    r"(?:\w*(?:password|passwd|passphrase|secret|apikey|api_key|access_?token|auth_?token|session_?token|refresh_?token|"
    r"bearer_?token|private_?key|client_?secret|jwt_?token|reset_?token|csrf_?token)|token|jwt)",
    re.I,
)
_HANDED_OVER: Final = re.compile(
    r"generated|initial|first.?start|randomly|one.?time|please (?:log|sign|enter)|(?:user|account) (?:was )?created",
    re.I,
)
"""A password that the program made for its operator, who has no other way to learn it."""
_ABOUT: Final = re.compile(
    r"(?:\w*[a-z_])?(?:[fF]allback|[uU]se|[hH]as|[iI]s|[aA]llow|[rR]equire|[nN]eed|[eE]nable|[nN]o|[tT]pl|[tT]emplate|[mM]ax|[mM]in"
    r"|[fF]orgot|[rR]eset(?=P))_?[A-Z]\w*"
)
"""What is said about a secret: whether one is used, how long it may be, which page asks for it."""
_OPTED: Final = re.compile(r"sensitive|unsafe|insecure|debugSecrets|logSecrets", re.I)
_FILE: Final = re.compile(r"\bfile\b|\bpath\b|\.pem\b|PKCS", re.I)
_LOGIN: Final = re.compile(
    r"auth|login|session|bearer|passw|credential|secret|jwt|(?:invalid|wrong|bad)[ _]?token", re.I
)
"""Words beside a bare `token` that make it a secret; there are tokens of pages, parsers and transfers, too."""
_LEXER: Final = re.compile(r"lex|pars|scan|token|ast|compil|syntax|llm|gpt|embed", re.I)


def secrets(code: Code) -> Iterator[Node]:
    """Names of secrets that a log call is given whole: `password`, `cfg.APIKey`, `zap.String("token", token)`."""
    lexer = _LEXER.search(code.package) or "go/token" in code.imports.values()
    for call in code.calls(CALLS):
        if _HANDED_OVER.search(call.text()) or _is_wanted(call):
            continue
        for argument in gocode.arguments(call):
            given = [argument]
            if argument.kind() == "call_expression" and re.fullmatch(_FIELDS, gocode.called(argument)):
                given = gocode.arguments(argument)[1:]
            elif argument.kind() == "call_expression" and gocode.called(argument) == "string":
                given = gocode.arguments(argument)
            for value in given:
                last = value.text().rpartition(".")[2]
                if value.kind() not in ("identifier", "selector_expression") or not _SECRET.fullmatch(last):
                    continue
                if value.kind() == "identifier" and _names_one(code, last):
                    continue
                if value.text().partition(".")[0] in code.imports or _ABOUT.fullmatch(last):
                    continue
                if "private" in last.lower() and _FILE.search(call.text()):
                    continue
                if last.lower() == "token" and (lexer or not _LOGIN.search(gocode.outermost(code, call))):
                    continue
                yield value


def _is_wanted(call: Node) -> bool:
    """Whether a setting with such a name has to be on for the line to be written."""
    branches = [a for a in call.ancestors() if a.kind() == "if_statement"]
    return any(_OPTED.search(gocode.text_of(b.field("condition"))) for b in branches)


def _names_one(code: Code, name: str) -> bool:
    """Whether the name is a constant of the file: its text is in the source anyway, so it only names a secret."""
    declared = code.source.kind("const_spec")
    return any((field := n.field("name")) is not None and field.text() == name for n in declared)
