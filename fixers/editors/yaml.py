"""YAML: read with places, edited by splices in the file's own hand; nothing is ever dumped.

Paths are tuples of keys and list indices (`("jobs", "build", "steps", 0, "uses")`). In a file of several documents
they begin with the number of the document.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fixers.editors import gates, yaml_print
from fixers.editors.splice import Edit
from fixers.editors.yaml_documents import by_document
from fixers.editors.yaml_place import Place, at, children, entries, index_of, insert, insert_flow, load, tail
from fixers.editors.yaml_print import Commented, Hand
from fixers.editors.yaml_tree import Node, Path, Source, data_of, read, walk
from fixers.model import Refused

__all__ = ["Commented", "Node", "Path", "Source", "load", "read"]

_COMMENT: Final = re.compile(r"[ \t]+#[^\n]*")


def documents(data: bytes) -> list[Any]:
    """Every document as Python data."""
    return [data_of(d) for d in read(data).documents]


def nodes(data: bytes) -> Iterator[tuple[Path, Any, int, tuple[int, int]]]:
    """Every scalar value as written: path, value, 1-based line, byte span without anchor and comment."""
    source = read(data)
    for path, _, node in _walk(source):
        if node.kind == "scalar":
            yield path, node.value, source.line(node.start), (source.byte(node.start), source.byte(node.end))


def lines(data: bytes) -> dict[Path, int]:
    """The 1-based line of every path: of its key, or of the first line of a list's item."""
    source = read(data)
    return {path: source.line((key or node).start) for path, key, node in _walk(source)}


def line_of(data: bytes, path: Sequence[str | int]) -> int:
    """The 1-based line of a path's key (or item); 0 when there is no such path."""
    return lines(data).get(tuple(path), 0)


def comment_of(data: bytes, path: Sequence[str | int]) -> str:
    """The comment behind a scalar on its line, without `#`; "" when there is none."""
    place = Place(data, path)
    match = _COMMENT.match(place.source.text, place.node.end)
    return match[0].strip().lstrip("#").strip() if match else ""


def _walk(source: Source) -> Iterator[tuple[Path, Node | None, Node]]:
    several = len(source.documents) > 1
    for number, root in enumerate(source.documents):
        yield from walk(root, (number,) if several else ())


@by_document
def insert_key(
    data: bytes,
    path: Sequence[str | int],
    key: str,
    value: Any,
    *,
    after: str | None = None,
    before: str | None = None,
    first: bool = False,
) -> bytes:
    """A new key in the mapping at `path`, at its end unless told where; the very bytes when it has that value.

    Raises Refused when the key is there with another value.
    """
    place = Place(data, path).found()
    node, value_meant = place.node, yaml_print.plain_data(value)
    if node.empty or (node.kind == "map" and not node.pairs) or (node.value is None and node.kind == "scalar"):
        if not path:
            return _append_to_empty(place, {key: value})
        return set_value(data, path, {key: value})
    if node.kind != "map":
        raise Refused("the place is no mapping")
    present = index_of(node, key)
    if present >= 0:
        if gates.same(data_of(node.pairs[present][1]), value_meant):
            return data
        raise Refused(f"the key {key} is there already")
    index = len(node.pairs)
    if first:
        index = 0
    elif after is not None or before is not None:
        index = index_of(node, after if after is not None else before or "")
        if index < 0:
            raise Refused(f"there is no key {after or before}")
        index += after is not None
    meant = place.meant({**at(place.loaded, place.path), key: value_meant})
    if node.flow:
        pair = yaml_print.flow({key: value}, place.hand)[1:-1]
        return insert_flow(place, node, index, pair, meant)
    new = yaml_print.entry(key, value, node.column, _local(place, node))
    return insert(place, node, index, new, meant, above=before is not None)


def _local(place: Place, node: Node) -> Hand:
    """The file's hand, or the mapping's own where its values show one."""
    hand, own = place.hand, yaml_print.hand_of([node])
    nested = [v for _, v in node.pairs if not v.flow]
    step = own.step if any(v.kind == "map" for v in nested) else hand.step
    offset = own.offset if any(v.kind == "seq" for v in nested) else hand.offset
    return Hand(step, offset, hand.quote)


def _append_to_empty(place: Place, value: dict[str, Any]) -> bytes:
    text = "\n".join(yaml_print.block(value, 0, place.hand))
    end = len(place.text)
    if place.text and not place.text.endswith("\n"):
        return place.edited(end, end, "\n" + text, yaml_print.plain_data(value))
    return place.edited(end, end, text + "\n", yaml_print.plain_data(value))


@by_document
def append_item(data: bytes, path: Sequence[str | int], value: Any) -> bytes:
    """A new last item of the list at `path`; the very bytes when an equal item is there."""
    place = Place(data, path).found()
    if place.node.kind == "seq" and any(gates.same(data_of(i), yaml_print.plain_data(value)) for i in place.node.items):
        return data
    return insert_item(data, path, len(place.node.items), value)


@by_document
def insert_item(data: bytes, path: Sequence[str | int], index: int, value: Any) -> bytes:
    """A new item before the one of that index, or at the end."""
    place = Place(data, path).found()
    node = place.node
    if path and ((node.kind == "scalar" and node.value is None) or (node.kind == "seq" and not node.items)):
        return set_value(data, path, [value])
    if node.kind != "seq":
        raise Refused("the place is no list")
    index = min(index, len(node.items))
    old = at(place.loaded, place.path)
    meant = place.meant([*old[:index], yaml_print.plain_data(value), *old[index:]])
    if node.flow:
        return insert_flow(place, node, index, yaml_print.flow(value, place.hand), meant)
    new = yaml_print.item(value, node.column, place.hand)
    return insert(place, node, index, new, meant, above=index < len(node.items))


@by_document
def set_value(data: bytes, path: Sequence[str | int], value: Any) -> bytes:
    """The value at `path` replaced, or made (with the mappings above it) when it is missing."""
    place = Place(data, path)
    meant = yaml_print.plain_data(value)
    if place.missing:
        return _make(data, place, value)
    if gates.same(data_of(place.node), meant):
        return data
    node, hand = place.node, place.hand
    parent = place.parent
    if parent is None or node.kind == "alias":
        raise Refused("the whole document, or an alias, is not replaced")
    if node.outer != node.start:
        raise Refused("the value has an anchor or a tag")
    whole = place.meant(meant)
    if parent.flow:
        return place.edited(node.start, node.end, _spaced(place, node, yaml_print.flow(value, hand)), whole)
    if _is_short(value) and node.kind == "scalar" and node.style not in ("|", ">"):
        quote = node.style if isinstance(value, str) else ""
        return place.edited(node.start, node.end, _spaced(place, node, _short(value, hand, quote)), whole)
    return _replace_entry(place, parent, value, whole)


def _is_short(value: Any) -> bool:
    return not value or not (isinstance(value, dict | list | tuple) or (isinstance(value, str) and "\n" in value))


def _short(value: Any, hand: Hand, quote: str = "") -> str:
    return (
        yaml_print.flow(value, hand)
        if isinstance(value, dict | list | tuple)
        else yaml_print.scalar(value, hand, quote=quote)
    )


def _spaced(place: Place, node: Node, text: str) -> str:
    return " " + text if node.empty and place.text[node.start - 1 : node.start] in (":", "-") else text


def _replace_entry(place: Place, parent: Node, value: Any, whole: Any) -> bytes:
    """Print the value anew, in lines; what stands on the key's (or dash's) own line before it is kept."""
    node, text = place.node, place.text
    if node.kind == "scalar" and not node.empty and _COMMENT.match(text, node.end):
        raise Refused("a comment stands behind the old value")
    begin = entries(place.source, parent)[place.index][0]
    if parent.kind == "map":
        key = parent.pairs[place.index][0]
        match = re.compile(r"[ \t]*:").match(text, key.end)
        if match is None:
            raise Refused("a key written with a question mark")
        start = match.end()
        new = yaml_print.entry("x", value, parent.column, _local(place, parent))
        new[0] = new[0].strip()[2:]
    else:
        start = begin + 1
        new = yaml_print.item(value, parent.column, place.hand)
        new[0] = new[0].strip()[1:]
    between = text[start : node.start]
    if "#" in between:
        if new[0] or "\n" not in between:
            raise Refused("a comment stands between the key and its value")
        start = place.source.begin(node.start) - 1 - (text[place.source.begin(node.start) - 2] == "\r")
    if node.empty and "#" in place.source.row(start):
        if new[0]:
            raise Refused("a comment stands behind the key")
        start = place.source.begin(start) + len(place.source.row(start))
        return place.edited(start, start, "\n".join(new), whole)
    return place.edited(start, node.end, "\n".join(new), whole)


def _make(data: bytes, place: Place, value: Any) -> bytes:
    found = place.path[: len(place.path) - len(place.missing)]
    key, *below = place.missing
    for name in reversed(below):
        if not isinstance(name, str):
            raise Refused("a list that is not there")
        value = {name: value}
    if isinstance(key, str):
        return insert_key(data, found, key, value)
    if place.node.kind == "seq" and key == len(place.node.items):
        return insert_item(data, found, key, value)
    raise Refused(f"there is no item {key}")


@by_document
def delete(data: bytes, path: Sequence[str | int]) -> bytes:
    """The file without a key or an item, and without comments indented below it; Refused for the only entry."""
    place = Place(data, path)
    if place.missing:
        return data
    parent, source, whole = place.parent, place.source, copy.deepcopy(place.loaded)
    if parent is None or len(children(parent)) < 2:
        raise Refused("the only entry of its kind is not taken away")
    del at(whole, place.path[:-1])[place.path[-1]]
    spans, number = entries(source, parent), place.index
    begin, end = spans[number]
    if parent.flow:
        last = number == len(spans) - 1
        span = (spans[number - 1][1], end) if last else (begin, spans[number + 1][0])
        return place.edited(*span, "", whole)
    start = source.begin(begin)
    if source.text[start:begin].strip():
        return place.edited(begin, spans[number + 1][0], "", whole)
    stop = tail(source, parent, end, last=False)
    blank_above = start > 0 and not source.row(start - 1).strip()
    if blank_above and stop < len(source.text) and not source.row(stop).strip():
        stop = source.after(stop)
    elif blank_above and stop == len(source.text):
        start = source.begin(start - 1)
    return place.edited(start, stop, "", whole)


@by_document
def replace_scalar(data: bytes, path: Sequence[str | int], raw_text: str, *, comment: str | None = None) -> bytes:
    """Raw YAML in place of a one-line scalar; its comment is kept, or becomes `comment`."""
    place = Place(data, path).found()
    node, source = place.node, place.source
    if node.kind != "scalar" or "\n" in source.text[node.start : node.end] or "\n" in raw_text:
        raise Refused("the value is not on one line")
    edits = [Edit(source.byte(node.start), source.byte(node.end), _spaced(place, node, raw_text).encode())]
    if comment is not None and comment_of(data, path) != comment:
        match = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\r?$)").match(source.text, node.end)
        if match is None or "\n" in comment:
            raise Refused("there is no room for a comment behind the value")
        edits.append(Edit(source.byte(node.end), source.byte(match.end()), f" # {comment}".encode()))
    new = read(raw_text.encode()).documents
    meant = place.meant(data_of(new[0]) if new else None)
    if all(data[e.start : e.end] == e.new for e in edits):
        return data
    return gates.edited(data, edits, load, meant)


@by_document
def comment_above(data: bytes, path: Sequence[str | int], text: str) -> bytes:
    """Comment lines above the line of a key or an item; the very bytes when they are there."""
    place = Place(data, path).found()
    source, parent = place.source, place.parent
    if parent is None:
        raise Refused("the whole document has no line of its own")
    at = source.begin(entries(source, parent)[place.index][0])
    row = source.row(at)
    indent = " " * (len(row) - len(row.lstrip()))
    new = "".join(f"{indent}# {line}".rstrip() + "\n" for line in text.splitlines())
    if source.text[:at].replace("\r\n", "\n").endswith(new):
        return data
    return place.edited(at, at, new, place.loaded)
