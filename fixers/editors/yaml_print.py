"""New YAML in the hand of the file around it: its indentation, its list offset, its quotes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors.yaml_tree import Node, resolved
from fixers.model import Refused

_PLAIN: Final = re.compile(r"[^\s!&*#?|>@`%\"'\[\]{},:\-=<~][^\n\r\t\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")
_LEADING_DASH: Final = re.compile(r"[-:?][^\s,\[\]{}][^\n\r\t\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")
_OLD_WORD: Final = re.compile(
    r"y|yes|n|no|on|off|true|false|null|[-+]?[\d_]+(?:[.:][\d_]*)*(?:e[-+]?\d+)?|0b[01_]+|\d{4}-\d\d?-\d\d?.*", re.I
)


@dataclass(frozen=True, slots=True)
class Hand:
    """How a file is written: indentation of mappings, offset of lists below their key, quote."""

    step: int = 2
    offset: int = 2
    quote: str = '"'


class Commented(str):
    """A string that is printed with a comment behind it (`actions/checkout@abc # v4`)."""

    comment: str

    def __new__(cls, value: str, comment: str) -> Commented:
        """The string and what stands behind its `#`."""
        made = super().__new__(cls, value)
        made.comment = comment
        return made


def hand_of(roots: Iterable[Node]) -> Hand:
    """What most of the file does; two spaces, indented lists and double quotes when it does not say."""
    steps: Counter[int] = Counter()
    offsets: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    stack = list(roots)
    while stack:
        node = stack.pop()
        stack += [*node.items, *(v for _, v in node.pairs)]
        if node.kind == "scalar" and node.style in ("'", '"'):
            quotes[node.style] += 1
        for _, value in node.pairs:
            if not (node.flow or value.flow):
                if value.kind == "map":
                    steps[value.column - node.column] += 1
                elif value.kind == "seq":
                    offsets[value.column - node.column] += 1
    step = _usual(steps, 2)
    return Hand(step, _usual(offsets, step), quotes.most_common(1)[0][0] if quotes else '"')


def _usual(counts: Counter[int], otherwise: int) -> int:
    """The most frequent, of two equals the larger."""
    return max(counts, key=lambda n: (counts[n], n), default=otherwise)


def plain_data(value: Any) -> Any:
    """The value as a parser would give it back: no tuples, no Commented."""
    if isinstance(value, dict):
        return {plain_data(k): plain_data(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(v) for v in value]
    return str(value) if isinstance(value, str) else value


def scalar(value: Any, hand: Hand, *, flow: bool = False, quote: str = "", key: bool = False) -> str:
    """One scalar on one line; `quote` forces a style. Raises Refused for what is no scalar."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if not isinstance(value, str):
        raise Refused(f"no YAML scalar: {type(value).__name__}")
    if not quote and _is_plain(value, flow) and (not _OLD_WORD.fullmatch(value) or (key and value == "on")):
        return str(value)
    if (quote or hand.quote) == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(str(value), ensure_ascii=not value.isprintable())


def _is_plain(value: str, flow: bool) -> bool:
    if not (_PLAIN.fullmatch(value) or _LEADING_DASH.fullmatch(value)) or value != value.strip():
        return False
    if ": " in value or " #" in value or value.endswith(":") or value.startswith(("---", "...")):
        return False
    if flow and re.search(r"[,\[\]{}]|:$", value):
        return False
    return isinstance(resolved(value), str)


def flow(value: Any, hand: Hand) -> str:
    """A value on one line: `{a: 1}`, `[a, b]`."""
    if isinstance(value, dict):
        inner = ", ".join(f"{scalar(k, hand, flow=True, key=True)}: {flow(v, hand)}" for k, v in value.items())
        return "{" + inner + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v, hand) for v in value) + "]"
    return scalar(value, hand, flow=True)


def entry(key: Any, value: Any, indent: int, hand: Hand) -> list[str]:
    """`key: value` as lines at an indentation."""
    name = " " * indent + scalar(key, hand, key=True) + ":"
    if value is None:
        return [name]
    if value and isinstance(value, dict):
        return [name, *block(value, indent + hand.step, hand)]
    if value and isinstance(value, list | tuple):
        return [name, *block(value, indent + hand.offset, hand)]
    first, *rest = _inline(value, indent + hand.step, hand)
    return [f"{name} {first}", *rest]


def item(value: Any, indent: int, hand: Hand) -> list[str]:
    """`- value` as lines at an indentation."""
    dash = " " * indent + "- "
    if value and isinstance(value, dict | list | tuple):
        lines = block(value, indent + 2, hand)
        return [dash + lines[0][indent + 2 :], *lines[1:]]
    first, *rest = _inline(value, indent + 2, hand)
    return [dash + first, *rest]


def block(value: Any, indent: int, hand: Hand) -> list[str]:
    """A mapping or a list, one entry a line."""
    if isinstance(value, dict):
        return [line for k, v in value.items() for line in entry(k, v, indent, hand)]
    return [line for v in value for line in item(v, indent, hand)]


def _inline(value: Any, indent: int, hand: Hand) -> list[str]:
    """A scalar, `{}` or `[]`; a text of several lines as a literal block."""
    if isinstance(value, dict | list | tuple):
        return [flow(value, hand)]
    if isinstance(value, str) and "\n" in value.rstrip("\n"):
        return literal(value, indent)
    text = scalar(value, hand)
    return [f"{text} # {value.comment}" if isinstance(value, Commented) else text]


def literal(value: str, indent: int) -> list[str]:
    """A `|` block: its header, then its lines at an indentation."""
    body = value.removesuffix("\n")
    if value.endswith("\n\n") or body.startswith((" ", "\n")) or re.search(r"[^\S\n]$|[^\n\t -~\xa0-\ud7ff]", body):
        raise Refused("a text that a literal block cannot hold as it is")
    header = "|" if value.endswith("\n") else "|-"
    return [header, *(" " * indent + row if row else "" for row in body.split("\n"))]
