"""JSON, also with comments and trailing commas, edited in place by the spans of its values."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from fixers.editors import gates
from fixers.editors.splice import BOM, Edit
from fixers.model import Refused

Keys: TypeAlias = tuple[str | int, ...]

_GAP: Final = re.compile(r"(?:[ \t\r\n]|//[^\n]*|/\*.*?\*/)*", re.S)
_STRING: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_WORD: Final = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class _Value:
    """A value from `start` to `end`; `members` are (key, where the member begins, value)."""

    start: int
    end: int
    value: Any = field(repr=False)
    members: tuple[tuple[str | int, int, _Value], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Source:
    text: str = field(repr=False)
    root: _Value
    shift: int

    def find(self, keys: Keys) -> tuple[int, _Value] | None:
        at, node = self.root.start, self.root
        for key in keys:
            hit = next(((s, v) for k, s, v in node.members if k == key and type(k) is type(key)), None)
            if hit is None:
                return None
            at, node = hit
        return at, node

    def edit(self, start: int, end: int, new: str) -> Edit:
        head = len(self.text[:start].encode())
        return Edit(self.shift + head, self.shift + head + len(self.text[start:end].encode()), new.encode())

    def indent(self, offset: int) -> str:
        """What stands before a place on its line."""
        return self.text[self.text.rfind("\n", 0, offset) + 1 : offset]


def _read(data: bytes) -> _Source:
    text = gates.decoded(data)
    gates.shallow(data)
    scanner = _Scanner(text)
    root = scanner.value()
    if scanner.skip() != len(text):
        raise scanner.refused()
    return _Source(text, root, len(BOM) if data.startswith(BOM) else 0)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def refused(self) -> Refused:
        return Refused(f"not valid JSON in line {self.text.count(chr(10), 0, self.at) + 1}")

    def skip(self) -> int:
        match = _GAP.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def take(self, pattern: re.Pattern[str]) -> Any:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise self.refused()
        try:
            found = json.loads(match[0])
        except ValueError as error:
            raise self.refused() from error
        self.at = match.end()
        return found

    def value(self) -> _Value:
        start = self.skip()
        opening = self.text[start : start + 1]
        if opening not in ("{", "["):
            found = self.take(_STRING if opening == '"' else _WORD)
            return _Value(start, self.at, found)
        closing = "}" if opening == "{" else "]"
        members: list[tuple[str | int, int, _Value]] = []
        self.at += 1
        while self.text[self.skip() : self.at + 1] != closing:
            begin = self.at
            key: str | int = len(members) if opening == "[" else self._key()
            members.append((key, begin, self.value()))
            if self.text[self.skip() : self.at + 1] == ",":
                self.at += 1
            elif self.text[self.at : self.at + 1] != closing:
                raise self.refused()
        self.at += 1
        if opening == "[":
            return _Value(start, self.at, [v.value for _, _, v in members], tuple(members))
        said = {str(k): v.value for k, _, v in members}
        if len(said) < len(members):
            raise Refused("a key is there twice")
        return _Value(start, self.at, said, tuple(members))

    def _key(self) -> str:
        key = str(self.take(_STRING))
        if self.text[self.skip() : self.at + 1] != ":":
            raise self.refused()
        self.at += 1
        return key


def load(data: bytes) -> Any:
    """What the file says; raises Refused for what is no JSON (comments and trailing commas apart)."""
    return _read(data).root.value


def items(data: bytes) -> Iterator[tuple[Keys, Any, int]]:
    """Every scalar: its path, its value, the 1-based line of its key or item."""
    source = _read(data)
    stack: list[tuple[Keys, int, _Value]] = [((), source.root.start, source.root)]
    while stack:
        keys, at, node = stack.pop()
        if not isinstance(node.value, dict | list):
            yield keys, node.value, source.text.count("\n", 0, at) + 1
        stack += reversed([((*keys, k), s, v) for k, s, v in node.members])


def line_of(data: bytes, keys: Sequence[str | int]) -> int:
    """The 1-based line of a key or an item; 0 when there is no such path."""
    source = _read(data)
    hit = source.find(tuple(keys))
    return source.text.count("\n", 0, hit[0]) + 1 if hit else 0


def set_value(data: bytes, keys: Sequence[str | int], value: Any) -> bytes:
    """A value replaced in its place, or a new last member (objects above it are made too)."""
    source, path = _read(data), tuple(keys)
    hit = source.find(path)
    if hit is not None and gates.same(hit[1].value, value):
        return data
    meant = _with(source.root.value, path, value)
    if hit is not None:
        node = hit[1]
        if node.members and re.search(r"//|/\*", source.text[node.start : node.end]):
            raise Refused("there may be comments inside the old value")
        return gates.edited(data, [source.edit(node.start, node.end, _printed(source, value, hit[0]))], load, meant)
    depth = next(n for n in range(len(path) - 1, -1, -1) if source.find(path[:n]))
    for key in reversed(path[depth + 1 :]):
        value = {key: value}
    parent = cast(tuple[int, _Value], source.find(path[:depth]))[1]
    if not isinstance(parent.value, dict) or not all(isinstance(k, str) for k in path[depth:]):
        raise Refused("the place is no object")
    return gates.edited(data, _added(source, parent, str(path[depth]), value), load, meant)


def append(data: bytes, keys: Sequence[str | int], value: Any) -> bytes:
    """A new last item of an array; the very bytes when an equal one is there."""
    source, path = _read(data), tuple(keys)
    hit = source.find(path)
    if hit is None:
        return set_value(data, path, [value])
    if not isinstance(hit[1].value, list):
        raise Refused("the place is no array")
    if any(gates.same(i, value) for i in hit[1].value):
        return data
    meant = _with(source.root.value, path, [*hit[1].value, value])
    return gates.edited(data, _added(source, hit[1], None, value), load, meant)


def delete(data: bytes, keys: Sequence[str | int]) -> bytes:
    """The file without a member or an item; the very bytes when it is not there."""
    source, path = _read(data), tuple(keys)
    hit = source.find(path)
    if hit is None or not path:
        return data
    above = cast(tuple[int, _Value], source.find(path[:-1]))[1]
    number = next(n for n, (k, _, _) in enumerate(above.members) if k == path[-1])
    _, start, node = above.members[number]
    if number + 1 < len(above.members):
        span = (start, above.members[number + 1][1])
    else:
        span = (above.members[number - 1][2].end if number else start, node.end)
    if re.search(r"//|/\*", re.sub(_STRING, "", source.text[span[0] : span[1]])):
        raise Refused("there are comments beside the value")
    whole = copy.deepcopy(source.root.value)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return gates.edited(data, [source.edit(*span, "")], load, whole)


def _with(data: Any, path: Keys, value: Any) -> Any:
    if not path:
        return value
    whole = copy.deepcopy(data)
    at = whole
    for key in path[:-1]:
        at = at.setdefault(key, {}) if isinstance(at, dict) else _item(at, key)
    if not isinstance(at, dict) and not isinstance(at, list):
        raise Refused("the place is no object")
    if isinstance(at, list):
        _item(at, path[-1])
    cast(Any, at)[path[-1]] = value
    return whole


def _item(data: Any, key: Any) -> Any:
    if not isinstance(data, list) or not isinstance(key, int) or not 0 <= key < len(data):
        raise Refused("there is no such item")
    return data[key]


def _step(source: _Source) -> str:
    """One level of indentation; "" for a file on one line."""
    if source.root.members and "\n" in source.text[source.root.start : source.root.members[0][1]]:
        return source.indent(source.root.members[0][1])
    return "  " if "\n" in source.text.strip() or not source.root.members else ""


def _printed(source: _Source, value: Any, at: int) -> str:
    """A value in the file's indentation, to stand on the line of `at`."""
    lead, step = source.indent(at), _step(source)
    lead = lead[: len(lead) - len(lead.lstrip())]
    if not isinstance(value, dict | list) or not step or step.strip():
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, indent=step).replace("\n", "\n" + lead)


def _added(source: _Source, parent: _Value, key: str | None, value: Any) -> list[Edit]:
    """A new last member, laid out as the one before it."""
    name = "" if key is None else json.dumps(key, ensure_ascii=False) + ": "
    if not parent.members:
        inside = source.text[parent.start + 1 : parent.end - 1]
        if inside.strip():
            raise Refused("there are comments inside an empty value")
        line = source.indent(parent.start)
        lead = line[: len(line) - len(line.lstrip())]
        step = _step(source)
        if not step:
            return [source.edit(parent.start + 1, parent.end - 1, name + json.dumps(value, ensure_ascii=False))]
        text = json.dumps(value, ensure_ascii=False, indent=step).replace("\n", "\n" + lead + step)
        return [source.edit(parent.start + 1, parent.end - 1, f"\n{lead}{step}{name}{text}\n{lead}")]
    _, start, last = parent.members[-1]
    lead = source.indent(start)
    if lead.strip():
        return [source.edit(last.end, last.end, f", {name}{json.dumps(value, ensure_ascii=False)}")]
    return [source.edit(last.end, last.end, f",\n{lead}{name}{_printed(source, value, start)}")]
