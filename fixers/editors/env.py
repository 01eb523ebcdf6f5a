""".env files: variables with their places, by python-dotenv's own parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fixers.editors import gates
from fixers.editors.splice import BOM, Edit
from fixers.model import Refused

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_BARE: Final = re.compile(r"[A-Za-z0-9_./:@%+,=~-]*")
_ASSIGNED: Final = re.compile(r"\s*(?:export[ \t]+)?(?:'[^']+'|[^=#\s]+)[ \t]*=[ \t]*")
_QUOTED: Final = re.compile(r"'(?:\\'|[^'])*'|\"(?:\\\"|[^\"])*\"")
_UNQUOTED: Final = re.compile(r"[^\r\n]*?(?=\s+#[^\r\n]*|[ \t]*(?:\r?\n|\r|$))")


@dataclass(frozen=True, slots=True)
class _Variable:
    key: str
    value: str | None = field(repr=False)
    line: int
    begin: int
    start: int
    end: int


def _variables(data: bytes) -> list[_Variable]:
    from io import StringIO

    from dotenv.parser import parse_stream

    text = gates.decoded(data)
    found, at = [], 0
    for binding in parse_stream(StringIO(text, newline="")):
        raw = binding.original.string
        if binding.error:
            raise Refused(f"line {text.count(chr(10), 0, at) + 1} is no assignment")
        if binding.key is not None:
            begin = at + len(raw) - len(raw.lstrip())
            match = _ASSIGNED.match(raw)
            start = end = at + (match.end() if match else len(raw.rstrip()))
            if match:
                value = _QUOTED.match(raw, match.end()) or _UNQUOTED.match(raw, match.end())
                end = at + value.end() if value else end
            found.append(_Variable(binding.key, binding.value, text.count("\n", 0, begin) + 1, begin, start, end))
        at += len(raw)
    gates.identity(text.encode(), text[:at].encode())
    return found


def load(data: bytes) -> dict[str, str | None]:
    """Names and values (the last of a name counts); None for a name without `=`."""
    return {v.key: v.value for v in _variables(data)}


def items(data: bytes) -> Iterator[tuple[str, str | None, int]]:
    """Every variable in order: name, value, 1-based line."""
    for variable in _variables(data):
        yield variable.key, variable.value, variable.line


def set_value(data: bytes, key: str, value: str, comment: str = "") -> bytes:
    """The variable's value replaced in its place, or a new line at the end; `comment` goes above when it changes.

    Where the file sets its commented parts apart with empty lines, the new one is set apart, too.
    """
    variables = _variables(data)
    now = [v for v in variables if v.key == key]
    if len(now) > 1:
        raise Refused(f"{key} is there twice")
    if now and now[0].value == value:
        return data
    if not _NAME.fullmatch(key):
        raise Refused(f"no name of a variable: {key}")
    text, shift = gates.decoded(data), len(BOM) if data.startswith(BOM) else 0
    above = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    if now:
        raw = text[now[0].start : now[0].end]
        new = _written(value, raw[:1] if raw[:1] in ("'", '"') else "")
        if not text[: now[0].start].endswith("=") and now[0].value is None:
            new = "=" + new
        places = (
            [(now[0].begin, now[0].begin, above)]
            if above and not text[: now[0].begin].replace("\r\n", "\n").endswith(above)
            else []
        )
        places.append((now[0].start, now[0].end, new))
    else:
        lead = "\n" if text and not text.endswith("\n") else ""
        lead += "\n" if above and re.search(r"\n\r?\n#", text) else ""
        places = [(len(text), len(text), f"{lead}{above}{key}={_written(value)}\n")]
    edits = [Edit(shift + len(text[:s].encode()), shift + len(text[:e].encode()), n.encode()) for s, e, n in places]
    return gates.edited(data, edits, load, {**load(data), key: value})


def _written(value: str, quote: str = "") -> str:
    if not quote and _BARE.fullmatch(value):
        return value
    if "\\" not in value and "\n" not in value:
        for mark in (quote, '"', "'"):
            if mark and mark not in value and not (mark == '"' and "$" in value and "'" not in value):
                return mark + value + mark
    raise Refused("a value that .env files quote in different ways")
