"""YAML as a tree of places, built from libyaml's events: no recursion in C, no constructors, no YAML 1.1 booleans."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from fixers.editors import gates
from fixers.editors.rows import Rows
from fixers.editors.splice import BOM
from fixers.model import Refused

Path: TypeAlias = tuple[str | int, ...]

_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]*)+(?:(?:\s|#[^\n]*)*)")
_INT: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)")
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_FREE_ALIASES: Final = 100_000
"""Nodes that aliases may add to a file before it is taken for a bomb."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value and its place, in characters of the text: `outer` counts anchor and tag in, `start` does not.

    `end` is behind the last character of the content: no trailing comment, no blank line. `style` is the
    quote or `|`, `>` of a scalar and "" for a plain one. `size` counts nodes with aliases followed.
    """

    kind: str
    outer: int
    start: int
    end: int
    column: int = 0
    value: Any = None
    style: str = ""
    flow: bool = False
    pairs: tuple[tuple[Node, Node], ...] = field(default=(), repr=False)
    items: tuple[Node, ...] = field(default=(), repr=False)
    target: Node | None = field(default=None, repr=False)
    size: int = 1

    @property
    def empty(self) -> bool:
        """Whether nothing is written: the null of `key:`."""
        return self.kind == "scalar" and not self.style and self.start == self.end


@dataclass(frozen=True, slots=True)
class Source(Rows):
    """The text of a file (BOM dropped), its documents, and the way back to bytes."""

    text: str = field(repr=False)
    documents: tuple[Node, ...]
    shift: int
    breaks: tuple[int, ...] = field(repr=False)

    def line(self, offset: int) -> int:
        """The 1-based line of a character."""
        return bisect_left(self.breaks, offset) + 1


@functools.lru_cache(maxsize=16)
def read(data: bytes) -> Source:
    """All documents of a file; raises Refused for what is no YAML, nests too deep, or grows by aliases."""
    text = gates.decoded(data)
    gates.shallow(data)
    if re.search(r"\r(?!\n)", text):
        raise Refused("a carriage return stands alone")
    breaks = tuple(m.start() for m in re.finditer("\n", text))
    return Source(text, tuple(_documents(text)), len(BOM) if data.startswith(BOM) else 0, breaks)


def _documents(text: str) -> Iterator[Node]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        builder = _Builder(text)
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder(text)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield builder.roots[0]
            else:
                builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise Refused(f"not valid YAML{where}: {getattr(error, 'problem', None) or error}") from error


@dataclass(slots=True)
class _Open:
    kind: str
    event: Any
    children: list[Node] = field(default_factory=list)


class _Builder:
    """One document, from its events; children are complete before their parent is made."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.roots: list[Node] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._written = 0

    def take(self, event: Any) -> None:
        """One event of the parser."""
        name = type(event).__name__
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            self._open.append(_Open("map" if name[0] == "M" else "seq", event))
            if len(self._open) > gates.MAX_DEPTH:
                raise Refused(f"nested more than {gates.MAX_DEPTH} deep")
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self._close(event.end_mark.index)
        elif name == "ScalarEvent":
            self._keep(self._scalar(event), event.anchor)
        elif name == "AliasEvent":
            target = self._anchors.get(event.anchor)
            if target is None:
                raise Refused(f"the alias *{event.anchor} has no anchor above it")
            start, end = event.start_mark.index, event.end_mark.index
            self._keep(Node("alias", start, start, end, self._column(start), target=target, size=target.size), None)

    def _keep(self, node: Node, anchor: str | None) -> None:
        self._written += 1
        if node.size > 10 * self._written + _FREE_ALIASES:
            raise Refused("its aliases multiply (a bomb)")
        if anchor:
            self._anchors[anchor] = node
        (self._open[-1].children if self._open else self.roots).append(node)

    def _inner(self, event: Any) -> int:
        """Where the value begins behind its anchor and tag."""
        start: int = event.start_mark.index
        match = _PROPERTIES.match(self.text, start) if event.anchor or event.tag else None
        return match.end() if match else start

    def _column(self, offset: int) -> int:
        return offset - self.text.rfind("\n", 0, offset) - 1

    def _scalar(self, event: Any) -> Node:
        outer, end = event.start_mark.index, event.end_mark.index
        start = min(self._inner(event), end)
        style = event.style or ""
        value = event.value
        if style in ("|", ">"):
            header = self.text[start : self.text.find("\n", start)].partition("#")[0]
            body = self.text[start:end]
            cut = body.rstrip(" \t\r\n") if "+" not in header else body.removesuffix("\n").rstrip("\r")
            if end == len(self.text) and value and not body.endswith("\n") and "-" not in header:
                value += "\n"
            end = start + len(cut)
        if not style and event.tag is None:
            value = resolved(value)
        return Node("scalar", outer, start, end, self._column(start), value, style)

    def _close(self, end: int) -> None:
        done = self._open.pop()
        children, event = done.children, done.event
        flow = bool(event.flow_style)
        start = self._inner(event)
        if not flow and children:
            end = children[-1].end
        size = 1 + sum(c.size for c in children)
        where = (event.start_mark.index, start, end, self._column(start))
        if done.kind == "seq":
            node = Node("seq", *where, flow=flow, items=tuple(children), size=size)
        else:
            pairs = tuple(zip(children[::2], children[1::2], strict=True))
            node = Node("map", *where, flow=flow, pairs=pairs, size=size)
            self._no_duplicates(pairs)
        self._keep(node, event.anchor)

    def _no_duplicates(self, pairs: tuple[tuple[Node, Node], ...]) -> None:
        seen = set()
        for key, _ in pairs:
            if key.kind != "scalar":
                raise Refused(f"a template, or a key that is no word, in line {self._line(key)}")
            if key.value in seen and key.value != "<<":
                raise Refused(f"the key {key.value} is there twice (line {self._line(key)})")
            seen.add(key.value)

    def _line(self, node: Node) -> int:
        return self.text.count("\n", 0, node.start) + 1


def resolved(text: str) -> Any:
    """What a plain scalar means in YAML 1.2: `on` and `yes` are words."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        if _INT.fullmatch(text):
            return int(text, 0 if text[:2] in ("0o", "0x") else 10)
        if _FLOAT.fullmatch(text):
            return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf"))
    except ValueError:
        return text
    return text


def data_of(node: Node) -> Any:
    """The node as Python data, aliases copied and `<<` merged (the mapping's own keys win)."""
    if node.kind == "alias":
        assert node.target is not None
        return data_of(node.target)
    if node.kind == "scalar":
        return node.value
    if node.kind == "seq":
        return [data_of(i) for i in node.items]
    merged: dict[Any, Any] = {}
    own: dict[Any, Any] = {}
    for key, value in node.pairs:
        if key.value == "<<" and not key.style:
            sources = data_of(value)
            for source in reversed(sources if isinstance(sources, list) else [sources]):
                if not isinstance(source, dict):
                    raise Refused("a merge key (<<) of something that is no mapping")
                merged.update(source)
        else:
            own[key.value] = data_of(value)
    return {**merged, **own}


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node | None, Node]]:
    """Every node below (aliases are not followed): its path, its key in a mapping, itself."""
    stack: list[tuple[Path, Node | None, Node]] = [(path, None, node)]
    while stack:
        here, key, at = stack.pop()
        yield here, key, at
        below: list[tuple[Path, Node | None, Node]] = [((*here, k.value), k, v) for k, v in at.pairs]
        below += [((*here, n), None, i) for n, i in enumerate(at.items)]
        stack += reversed(below)
