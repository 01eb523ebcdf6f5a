"""What Go code answers to the Origin of a request in the headers of CORS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode, goorigin
from fixers.facts.gocode import Code

_SETS: Final = re.compile(r"[\w.()]*(?:Header\(\)\.(?:Set|Add)|\.Header|\w+\.(?:Set|Add))")
_ORIGIN: Final = re.compile(r'"access-control-allow-origin"|\w*(?:Access)?ControlAllowOrigin', re.I)
_CREDENTIALS: Final = re.compile(r'"access-control-allow-credentials"|\w*ControlAllowCredentials', re.I)
_CHECKS: Final = re.compile(r"\b(?!func\b)\w*(?:[oO]rigin|[aA]llow)\w*\(")


@dataclass(frozen=True, slots=True)
class Answer:
    """One function that allows credentials to every origin: where, whether it repeats the Origin, and where it does."""

    place: Node
    reflected: bool
    credentials: tuple[Node, ...]


def answers(code: Code) -> Iterator[Answer]:
    """Functions that allow credentials to `*` or, unchecked, to whatever Origin they were asked from."""
    sets = [c for c in code.source.kind("call_expression") if _SETS.fullmatch(gocode.called(c))]
    sets = [c for c in sets if len(gocode.arguments(c)) == 2]
    for call in sets:
        key, value = (a.text() for a in gocode.arguments(call))
        around = code.around(call)
        if not _ORIGIN.fullmatch(key) or not around:
            continue
        function = next((f for f in around if f.name), around[-1]).node
        text = function.text()
        credentials = tuple(
            c
            for c in sets
            if _CREDENTIALS.fullmatch(gocode.arguments(c)[0].text())
            and gocode.arguments(c)[1].text() in ('"true"', '"True"')
            and _inside(code, c, function)
            and _together(code, call, c)
        )
        reflected = goorigin.is_origin(code, call, value) and _unchecked(text, value)
        if credentials and (reflected or value == '"*"'):
            yield Answer(call, reflected, credentials)


def _inside(code: Code, node: Node, function: Node) -> bool:
    start, end = code.source.bounds(function)
    return start <= code.source.bounds(node)[0] < end


def _together(code: Code, first: Node, second: Node) -> bool:
    """Whether two calls can both run: neither stands under a condition of its own that the other does not share."""
    blocks = []
    for call in (first, second):
        block = next((n for n in call.ancestors() if n.kind() in ("block", "expression_case", "default_case")), None)
        blocks.append(code.source.bounds(block) if block is not None else (0, 0))
    (start, end), (begin, stop) = blocks
    return (start <= begin and stop <= end) or (begin <= start and end <= stop)


def _unchecked(text: str, name: str) -> bool:
    """Whether a function only asks whether the Origin is empty before it repeats it."""
    if not re.fullmatch(r"\w+", name):
        rest = re.sub(r"(?m)\.(?:Set|Add|Header)\(.*$|//[^\n]*", "", text)
        return _CHECKS.search(re.sub(r"\.Get\([^)]*\)", "", rest)) is None
    rest = re.sub(rf"\b{name}\s*:?=[^=][^\n;]*", "", text)
    rest = re.sub(rf'\b{name}\s*[!=]=\s*""|len\({name}\)\s*[>!=]=?\s*0', "", rest)
    rest = re.sub(rf"\.(?:Set|Add)\([^,\n]+,\s*{name}\)|\.Header\([^,\n]+,\s*{name}\)", "", rest)
    rest = re.sub(r"(?m)^.*\b(?:log|logger|slog|fmt|zap)\w*\..*$|//[^\n]*", "", rest)
    rest = re.sub(r"\.Get\([^)]*\)", "", rest)
    return re.search(rf"\b{name}\b", rest) is None and _CHECKS.search(rest) is None
