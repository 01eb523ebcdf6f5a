"""TOML as places: the exact characters of every key, value and table header.

A scanner beside `tomllib`: that one decides what is valid and what it means, this one where it stands. Printing a
document anew (tomlkit) was seen to move keys into other tables and to change line ends; a splice cannot.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from fixers.editors import gates
from fixers.editors.rows import Rows
from fixers.editors.splice import BOM
from fixers.model import Refused

Keys: TypeAlias = tuple[str | int, ...]

_GAP: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK: Final = re.compile(r"[ \t]*")
_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_SCALAR: Final = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:\\.|[^"\\])*"|'[^']*\''''
    r"""|\d{4}-\d\d-\d\d[ Tt]\d\d:[^\s,\]}#]+|[^\s,\]}#]+""",
    re.S,
)


@dataclass(frozen=True, slots=True)
class Value:
    """A value from `start` to `end` (characters); an array's or inline table's members are `below`."""

    kind: str
    start: int
    end: int
    below: tuple[tuple[tuple[str | int, ...], int, Value], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """`key = value`: its whole path, where the key begins, how many of its keys the line spells."""

    keys: Keys
    start: int
    value: Value
    spelled: int


@dataclass(frozen=True, slots=True)
class Table:
    """A header (none for the root) and the entries under it."""

    keys: Keys
    start: int
    end: int
    entries: tuple[Entry, ...]
    array: bool = False

    @property
    def last(self) -> int:
        """Behind its last entry, or its header."""
        return self.entries[-1].value.end if self.entries else self.end


@dataclass(frozen=True, slots=True)
class Source(Rows):
    """A whole file: its text (BOM dropped), what it says, and its tables in order, the root first."""

    text: str = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    tables: tuple[Table, ...]
    shift: int

    def line(self, offset: int) -> int:
        """The 1-based line of a character."""
        return self.text.count("\n", 0, offset) + 1

    def values(self) -> Iterator[tuple[Keys, int, Value]]:
        """Every value that is written, arrays and inline tables before what is in them."""
        for table in self.tables:
            for entry in table.entries:
                yield from _spread(entry.keys, entry.start, entry.value)


def _spread(keys: Keys, start: int, value: Value) -> Iterator[tuple[Keys, int, Value]]:
    yield keys, start, value
    for below, begin, inner in value.below:
        yield from _spread((*keys, *below), begin, inner)


def load(data: bytes) -> dict[str, Any]:
    """What the file says; raises Refused for what `tomllib` rejects (TOML 1.1 too) and what nests too deep."""
    text = gates.decoded(data)
    gates.shallow(data)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise Refused(f"not valid TOML 1.0: {error}") from error


def read(data: bytes) -> Source:
    """The file with its places; raises Refused as `load`, and when the places do not add up to what it says."""
    loaded = load(data)
    text = gates.decoded(data)
    source = Source(text, loaded, tuple(_Scanner(text).tables()), len(BOM) if data.startswith(BOM) else 0)
    written = {k for k, _, v in source.values() if not v.below}
    if written != set(_leaves(loaded, ())) | {k for k in written if value_at(loaded, k) in ({}, [])}:
        raise Refused("the places of its values were not understood")
    return source


def value_at(data: Any, keys: Keys) -> Any:
    """What stands at a path of the data, or None."""
    for key in keys:
        try:
            data = data[key]
        except (LookupError, TypeError):
            return None
    return data


def _leaves(data: Any, keys: Keys) -> Iterator[Keys]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*keys, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _leaves(value, (*keys, number))
    else:
        yield keys


class _Scanner:
    """Reads text that `tomllib` has found valid."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._counts: dict[Keys, int] = {}

    def tables(self) -> Iterator[Table]:
        """The root, then each header with its entries."""
        keys: Keys = ()
        start = end = 0
        array = False
        entries: list[Entry] = []
        while self._skip(_GAP) < len(self.text):
            if self.text[self.at] != "[":
                entries.append(self._entry(keys))
                continue
            yield Table(keys, start, end, tuple(entries), array)
            start, entries = self.at, []
            array = self.text.startswith("[[", start)
            self.at += 1 + array
            self._skip(_BLANK)
            keys = self._absolute(self._keys(), array)
            self.at = end = self.text.index("]", self.at) + 1 + array
        yield Table(keys, start, end, tuple(entries), array)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _absolute(self, names: list[str], array: bool) -> Keys:
        keys: Keys = ()
        for number, name in enumerate(names):
            keys = (*keys, name)
            if array and number == len(names) - 1:
                self._counts[keys] = self._counts.get(keys, 0) + 1
            if keys in self._counts:
                keys = (*keys, self._counts[keys] - 1)
        return keys

    def _keys(self) -> list[str]:
        names = []
        while True:
            self._skip(_BLANK)
            part = self._take(_PART)
            names.append(tomllib.loads(f"k = {part}")["k"] if part[0] in "\"'" else part)
            self._skip(_BLANK)
            if self.text[self.at : self.at + 1] != ".":
                return names
            self.at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise Refused("the places of its values were not understood")
        self.at = match.end()
        return match[0]

    def _entry(self, table: Keys) -> Entry:
        start = self.at
        names = self._keys()
        self.at += 1
        return Entry((*table, *names), start, self._value(), len(names))

    def _value(self) -> Value:
        self._skip(_BLANK)
        start = self.at
        opening = self.text[start : start + 1]
        if opening not in ("[", "{"):
            self._take(_SCALAR)
            return Value("scalar", start, self.at)
        below: list[tuple[tuple[str | int, ...], int, Value]] = []
        self.at += 1
        closing = "]" if opening == "[" else "}"
        while self.text[self._skip(_GAP) : self.at + 1] != closing:
            if self.at >= len(self.text):
                raise Refused("the places of its values were not understood")
            if self.text[self.at] == ",":
                self.at += 1
            elif opening == "[":
                begin = self.at
                below.append(((len(below),), begin, self._value()))
            else:
                inner = self._entry(())
                below.append((inner.keys, inner.start, inner.value))
        self.at += 1
        return Value("array" if opening == "[" else "table", start, self.at, tuple(below))
