"""Where an entry of a YAML collection stands, and how a new one is put beside it."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any

from fixers.editors import gates, yaml_print
from fixers.editors.splice import Edit
from fixers.editors.yaml_print import Hand
from fixers.editors.yaml_tree import Node, Path, Source, data_of, read
from fixers.model import Refused


def load(data: bytes) -> Any:
    """The one document as Python data (None when empty); YAML 1.2, so `on` is a string."""
    return loaded(read(data))


def loaded(source: Source) -> Any:
    """The same of a file that is read."""
    if len(source.documents) > 1:
        raise Refused("the file holds several documents")
    return data_of(source.documents[0]) if source.documents else None


def at(data: Any, path: Path) -> Any:
    """What stands at a path of the data."""
    for key in path:
        data = data[key]
    return data


class Place:
    """A path of the one document: its node, its parent, and its number there."""

    def __init__(self, data: bytes, path: Sequence[str | int]) -> None:
        self.data, self.path = data, tuple(path)
        self.source = read(data)
        self.loaded = loaded(self.source)
        self.parent: Node | None = None
        self.index = -1
        roots = self.source.documents
        self.missing: Path = self.path
        self.node = roots[0] if roots else Node("scalar", 0, 0, 0)
        for depth, key in enumerate(self.path):
            index = index_of(self.node, key)
            if index < 0:
                return
            self.parent, self.index = self.node, index
            self.node = children(self.node)[index]
            self.missing = self.path[depth + 1 :]

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.source.text

    @property
    def hand(self) -> Hand:
        """How the file is written."""
        return yaml_print.hand_of(self.source.documents)

    def found(self) -> Place:
        """Itself; raises Refused when the path is not written in the file."""
        if self.missing:
            raise Refused(f"there is no {'.'.join(map(str, self.path))}")
        return self

    def edited(self, start: int, end: int, new: str, meant: Any) -> bytes:
        """The characters `start` to `end` replaced, through the gates."""
        edit = Edit(self.source.byte(start), self.source.byte(end), new.encode())
        return gates.edited(self.data, (edit,), load, meant)

    def meant(self, value: Any) -> Any:
        """The data with `value` at the path."""
        if not self.path:
            return value
        whole = copy.deepcopy(self.loaded)
        at(whole, self.path[:-1])[self.path[-1]] = value
        return whole


def children(node: Node) -> tuple[Node, ...]:
    """The values of a mapping, the items of a list."""
    return node.items or tuple(v for _, v in node.pairs)


def index_of(node: Node, key: str | int) -> int:
    """The number of a key or item among its siblings, -1 when it is not written there."""
    if node.kind == "alias":
        raise Refused("the place is behind an alias")
    if node.kind == "seq" and isinstance(key, int):
        return key if 0 <= key < len(node.items) else -1
    return next((n for n, (k, _) in enumerate(node.pairs) if k.value == key), -1)


def entries(source: Source, node: Node) -> list[tuple[int, int]]:
    """Begin (the key, the dash) and end of each entry of a collection."""
    if node.kind == "map":
        return [(k.outer, v.end) for k, v in node.pairs]
    if node.flow:
        return [(i.outer, i.end) for i in node.items]
    found: list[tuple[int, int]] = []
    for number, entry in enumerate(node.items):
        dash = node.start
        if number:
            dash = source.begin(entry.outer) + node.column
            while source.text[dash : dash + 1] != "-" or source.text[dash - node.column : dash].strip():
                dash = source.begin(source.begin(dash - node.column) - 1) + node.column
                if dash <= found[-1][0]:
                    raise Refused("an item of the list was not found")
        found.append((dash, entry.end))
    return found


def _is_blank(source: Source, start: int, end: int) -> bool:
    """Whether an empty line stands between two places."""
    return re.search(r"\n[ \t]*\r?\n", source.text[start:end]) is not None


def tail(source: Source, node: Node, end: int, last: bool) -> int:
    """Where the line after an entry begins, comments that belong to the entry included."""
    at = source.after(end)
    deeper = at
    while at < len(source.text):
        row = source.row(at)
        indent = len(row) - len(row.lstrip())
        if not row.lstrip().startswith("#"):
            return at if last or not row.strip() else deeper
        if indent < node.column:
            return at if last and node.column else deeper
        at = source.after(at)
        deeper = at if indent > node.column else deeper
    return at


def _head(source: Source, start: int, floor: int) -> int:
    """Where the comment lines that stand directly above an entry begin."""
    at = source.begin(start)
    column = start - at
    while at > floor:
        row = source.row(at - 1)
        if not row.lstrip().startswith("#") or len(row) - len(row.lstrip()) != column:
            break
        at = source.begin(at - 1)
    return at


def insert(place: Place, node: Node, index: int, new: list[str], meant: Any, *, above: bool = False) -> bytes:
    """Lines as entry `index` of a block collection (`above`: tied to the entry that follows)."""
    source, spans = place.source, entries(place.source, node)
    text = "\n".join(new)
    if index == 0:
        start = spans[0][0]
        blank = len(spans) > 1 and _is_blank(source, spans[0][1], spans[1][0])
        gap = "\n\n" if blank else "\n"
        begin = source.begin(start)
        if source.text[begin:start].strip():
            return place.edited(start, start, text.lstrip(" ") + gap + " " * node.column, meant)
        if place.path:
            begin = _head(source, start, 0)
        return place.edited(begin, begin, text + gap, meant)
    last = index == len(spans)
    before = spans[index - 1]
    if last:
        blank = index > 1 and _is_blank(source, spans[index - 2][1], before[0])
    else:
        blank = _is_blank(source, before[1], spans[index][0])
    if above and not last:
        begin = _head(source, spans[index][0], source.after(before[1]))
        return place.edited(begin, begin, text + ("\n\n" if blank else "\n"), meant)
    end = tail(source, node, before[1], last)
    lead = "\n" if blank else ""
    if end == len(source.text) and not source.text.endswith("\n"):
        return place.edited(end, end, "\n" + lead + text, meant)
    return place.edited(end, end, lead + text + "\n", meant)


def insert_flow(place: Place, node: Node, index: int, new: str, meant: Any) -> bytes:
    """An entry of a `{...}` or `[...]`, on one line or with a line of its own."""
    source, spans = place.source, entries(place.source, node)
    if not spans:
        return place.edited(node.start + 1, node.end - 1, new, meant)
    single = "\n" not in source.text[node.start : node.end]
    if index < len(spans):
        start = spans[index][0]
        gap = ", " if single else ",\n" + " " * (start - source.begin(start))
        return place.edited(start, start, new + gap, meant)
    start, end = spans[-1]
    if single:
        return place.edited(end, end, ", " + new, meant)
    if source.text[source.begin(start) : start].strip() or "#" in source.row(end):
        raise Refused("the list or mapping in brackets is laid out in a way of its own")
    return place.edited(end, end, ",\n" + " " * (start - source.begin(start)) + new, meant)
