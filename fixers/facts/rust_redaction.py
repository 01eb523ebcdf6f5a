"""A log call without the values of the secrets in it: what is written in their place, and where that cannot be done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit
from fixers.facts import rust_logs
from fixers.facts.rust import RustFile
from fixers.model import Refused

STANDS_FOR: Final = "<redacted>"
_PART: Final = re.compile(r"(?P<key>\s*[\w.]+\s*=(?!=)\s*)?(?P<sigil>\s*[?%]?)\s*(?P<value>[\s\S]*?)\s*$")
_NUMERIC: Final = re.compile(r"\{\w*:[^}]*[xXobeEp]\??\}")
"""Formats that text does not have."""


def edits(code: RustFile, call: Node) -> list[Edit]:
    """The edits that take every secret out of one log call. Raises Refused with the reason."""
    tree = rust_logs.arguments(call)
    name = call.field("macro")
    if tree is None or name is None or name.text().endswith("dbg"):
        raise Refused("`dbg!` hands its value on")
    strings = list(tree.find_all(kind="string_literal"))
    if any(_NUMERIC.search(s.text()) for s in strings):
        raise Refused("the message formats a value as a number")
    made = [e for s in strings for e in _inline(code, s)]
    message = code.bounds(strings[0])[0] if strings else code.bounds(tree)[1]
    for start, part in _parts(tree.text()):
        at = code.bounds(tree)[0] + start
        match = _PART.fullmatch(part)
        secret = rust_logs.secret_of(part)
        if match is None or not secret:
            continue
        begin, end = at + match.start("sigil"), at + match.end("value")
        begin += len(match["sigil"]) - len(match["sigil"].lstrip())
        shorthand = not match["key"] and (bool(match["sigil"].strip()) or at < message)
        _refuse_unused(code, call, match["value"])
        made.append(code.replace_between(begin, end, f'{secret} = "{STANDS_FOR}"' if shorthand else f'"{STANDS_FOR}"'))
    return made


def _inline(code: RustFile, string: Node) -> Iterator[Edit]:
    """`{password}` in the text itself."""
    for match in rust_logs.INLINE.finditer(string.text()):
        if rust_logs.is_secret(match[1]):
            _refuse_unused(code, string, match[1])
            at = code.bounds(string)[0]
            yield code.replace_between(at + match.start(), at + match.end(), STANDS_FOR)


def _refuse_unused(code: RustFile, place: Node, value: str) -> None:
    """A variable that nothing else uses would be one more warning of the compiler."""
    name = value.lstrip("&*?%").partition(".")[0]
    function = enclosing(place, {"function_item"})
    if function is None or not re.fullmatch(r"\w+", name) or name == "self":
        return
    call = place if place.kind() == "macro_invocation" else enclosing(place, {"macro_invocation"})
    inside = call.text() if call is not None else ""
    word = re.compile(rf"\b{name}\b")
    if len(word.findall(function.text())) - len(word.findall(inside)) < 2:
        raise Refused(f"`{name}` is used for nothing else: it would be unused")


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """The arguments between the brackets of a call with their offsets; commas in strings and brackets do not count."""
    depth, start, at = 0, 1, 1
    while at < len(text) - 1:
        letter = text[at]
        if letter == '"':
            closing = re.compile(r'(?:[^"\\]|\\.)*"', re.S).match(text, at + 1)
            at = closing.end() if closing else len(text)
            continue
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield start, text[start:at]
            start = at + 1
        at += 1
    yield start, text[start : len(text) - 1]
