"""TOML: read with places, edited by splices on the exact bytes of keys and values.

Paths are tuples of keys and, for arrays and `[[tables]]`, indices: `("bin", 0, "path")`. What is written is spelled
by tomlkit, and an edit is kept only when tomlkit and `tomllib` both read in its result what was meant.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from fixers.editors import gates
from fixers.editors.splice import Edit
from fixers.editors.toml_tree import Entry, Keys, Source, Table, Value, load, read, value_at
from fixers.model import Refused

__all__ = ["append", "delete", "items", "line_of", "load", "set_value"]

_WIDTH: Final = 100
"""Columns over which a new array is written in lines."""
_TAIL: Final = re.compile(r"[ \t]*,")


def items(data: bytes) -> Iterator[tuple[Keys, Any, int]]:
    """Every scalar as written: its path, its value, the 1-based line where it begins."""
    source = read(data)
    for keys, start, value in source.values():
        if value.kind == "scalar":
            yield keys, value_at(source.data, keys), source.line(start)


def line_of(data: bytes, keys: Sequence[str | int]) -> int:
    """The 1-based line of a key, an item or a table's header; 0 when it is not written anywhere."""
    source, wanted = read(data), tuple(keys)
    for table in source.tables:
        if table.keys == wanted and wanted:
            return source.line(table.start)
    return next((source.line(start) for found, start, _ in source.values() if found == wanted), 0)


def set_value(
    data: bytes, keys: Sequence[str | int], value: Any, *, comment: str = "", table: bool | None = None
) -> bytes:
    """A value replaced in its place, or a new key behind the last of its table, with the table when that is missing.

    A dict sets the keys of an existing table one by one and leaves the others. Where there is none it becomes a
    `[table]`, or an inline one when its parent is written as a table itself (`table=` decides otherwise).
    `comment` is put above the key when something changes.
    """
    source, path = read(data), tuple(keys)
    if gates.same(value_at(source.data, path), _plain(value)):
        return data
    if isinstance(value, dict) and isinstance(value_at(source.data, path), dict):
        for key, inner in value.items():
            data = set_value(data, (*path, key), inner, comment=comment, table=table)
            comment = ""
        return data
    meant = copy.deepcopy(source.data)
    parent: Any = meant
    for key in path[:-1]:
        parent = parent.setdefault(key, {}) if isinstance(parent, dict) else _item(parent, key)
    if not isinstance(parent, dict | list) or (isinstance(parent, list) and not _has(parent, path[-1])):
        raise Refused(f"{_shown(path)} has no place in the file")
    cast(Any, parent)[path[-1]] = _plain(value)
    found = next(((start, v) for k, start, v in source.values() if k == path), None)
    if found is not None:
        edits = _replaced(source, found[0], found[1], value, comment)
    elif value_at(source.data, path) is not None:
        raise Refused(f"{_shown(path)} is a table of its own")
    else:
        edits = _added(source, path, value, comment, table)
    return _edited(data, edits, meant)


def _has(data: list[Any], key: str | int) -> bool:
    return isinstance(key, int) and 0 <= key < len(data)


def _item(data: Any, key: Any) -> Any:
    if not isinstance(data, list) or not _has(data, key):
        raise Refused("there is no such item")
    return data[key]


def _edit(source: Source, start: int, end: int, new: str) -> Edit:
    return Edit(source.byte(start), source.byte(end), new.encode())


def _above(source: Source, start: int, comment: str) -> list[Edit]:
    """Comment lines above the line of a key, unless they are there or it has no line of its own."""
    begin = source.begin(start)
    indent = source.text[begin:start]
    text = "".join(f"{indent}# {line}".rstrip() + "\n" for line in comment.splitlines())
    if not text or indent.strip() or source.text[:begin].replace("\r\n", "\n").endswith(text):
        return []
    return [_edit(source, begin, begin, text)]


def _replaced(source: Source, start: int, old: Value, value: Any, comment: str) -> list[Edit]:
    raw = source.text[old.start : old.end]
    if old.kind != "scalar" and "#" in raw:
        raise Refused("there are comments inside the old value")
    quote = "'" if raw.startswith("'") and not raw.startswith("'''") else '"'
    lines = old.kind == "array" and "\n" in raw and isinstance(value, list | tuple)
    indent = " " * 4
    if lines and old.below:
        first = old.below[0][1]
        indent = source.text[source.begin(first) : first]
    text = _array(value, indent if not indent.strip() else " " * 4) if lines else render(value, quote)
    return [*_above(source, start, comment), _edit(source, old.start, old.end, text)]


def _added(source: Source, path: Keys, value: Any, comment: str, table: bool | None) -> list[Edit]:
    """The edits for a key that is nowhere yet: in its table, its inline table, among its dotted kin, or a new table."""
    above, name = path[:-1], str(path[-1])
    inline = next((v for k, _, v in source.values() if k == above and v.kind == "table"), None)
    if inline is not None:
        return [_member(source, inline, f"{_key(name)} = {render(value)}")]
    home = next((t for t in source.tables if t.keys == above), None)
    kin = next((e for t in reversed(source.tables) for e in reversed(t.entries) if _dotted(e, t, above)), None)
    header = isinstance(value, dict) and (not above or home is None if table is None else table)
    if home is not None and not header and (above or not isinstance(value, dict)):
        return _behind(source, home, f"{_key(name)} = {_long(value)}", comment)
    if kin is not None and not header:
        owner = next(t for t in source.tables if kin in t.entries)
        spelled = ".".join(_key(str(k)) for k in path[len(owner.keys) :])
        return _behind(source, owner, f"{spelled} = {_long(value)}", comment, kin)
    if any(isinstance(k, int) for k in path):
        raise Refused("a table inside an array of tables")
    return [_table(source, path, value, comment) if header else _table(source, above, {name: value}, comment)]


def _dotted(entry: Entry, table: Table, above: Keys) -> bool:
    """Whether `a.b = 1` in this table makes the table `above` what it is."""
    return len(above) > len(table.keys) and len(entry.keys) > len(above) and entry.keys[: len(above)] == above


def _behind(source: Source, table: Table, line: str, comment: str, entry: Entry | None = None) -> list[Edit]:
    """A line behind the last entry of a table (or a given one), or as its first."""
    last = entry or (table.entries[-1] if table.entries else None)
    start = last.start if last else table.start
    indent = source.text[source.begin(start) : start]
    indent = indent if not indent.strip() else ""
    text = "".join(f"{indent}# {c}".rstrip() + "\n" for c in comment.splitlines()) + indent + line
    if last is None and not table.keys:
        if len(source.tables) == 1:
            return [_whole(source, len(source.text), text)]
        begin = _lead(source, source.tables[1].start)
        return [_edit(source, begin, begin, text + "\n\n")]
    return [_whole(source, source.after(last.value.end if last else table.end), text)]


def _whole(source: Source, at: int, text: str) -> Edit:
    """An insertion of whole lines; at the end of a file without a final newline the newline comes first."""
    if at == len(source.text) and source.text and not source.text.endswith("\n"):
        return _edit(source, at, at, "\n" + text)
    return _edit(source, at, at, text + "\n")


def _lead(source: Source, start: int) -> int:
    """Where the comment lines directly above a header begin."""
    at = source.begin(start)
    while at > 0 and source.row(at - 1).lstrip().startswith("#"):
        at = source.begin(at - 1)
    return at


def _table(source: Source, path: Keys, value: dict[str, Any], comment: str) -> Edit:
    """A new table behind its nearest kin, or at the end of the file."""
    name = ".".join(_key(str(k)) for k in path)
    return _block(source, f"[{name}]", value, comment, _kin(source, path))


def _kin(source: Source, path: Keys) -> Table | None:
    common = [(_shared(t.keys, path), n) for n, t in enumerate(source.tables) if t.keys]
    best, number = max(common, default=(0, 0))
    return source.tables[number] if best else None


def _shared(one: Keys, other: Keys) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def _block(source: Source, header: str, value: dict[str, Any], comment: str, kin: Table | None) -> Edit:
    rows = [f"# {c}".rstrip() for c in comment.splitlines()] + [header]
    rows += [f"{_key(k)} = {_long(v)}" for k, v in value.items()]
    text = "\n".join(rows)
    if kin is not None and kin is not source.tables[-1]:
        at = source.after(kin.last)
        while at < len(source.text) and source.row(at).lstrip().startswith("#"):
            at = source.after(at)
        if not source.row(at).strip():
            return _edit(source, at, at, "\n" + text + "\n")
        at = source.after(kin.last)
        return _edit(source, at, at, "\n" + text + "\n\n")
    end = len(source.text.rstrip())
    at = source.after(end) if end else len(source.text)
    return _whole(source, at, ("\n" if end else "") + text)


def _member(source: Source, inline: Value, text: str) -> Edit:
    """A new last member of an inline table."""
    if not inline.below:
        return _edit(source, inline.start, inline.end, "{ " + text + " }")
    end = inline.below[-1][2].end
    return _edit(source, end, end, ", " + text)


def append(data: bytes, keys: Sequence[str | int], value: Any) -> bytes:
    """A new last item of an array (in its own layout) or of `[[tables]]`; the very bytes when an equal one is there."""
    source, path = read(data), tuple(keys)
    now = value_at(source.data, path)
    if now is None:
        return set_value(data, path, [value])
    if not isinstance(now, list):
        raise Refused(f"{_shown(path)} is no array")
    if any(gates.same(i, _plain(value)) for i in now):
        return data
    meant = copy.deepcopy(source.data)
    value_at(meant, path).append(_plain(value))
    array = next((v for k, _, v in source.values() if k == path), None)
    if array is None:
        if not isinstance(value, dict) or any(isinstance(k, int) for k in path):
            raise Refused(f"{_shown(path)} is an array of tables")
        kin = [t for t in source.tables if t.keys[: len(path)] == path][-1]
        edits = [_block(source, f"[[{'.'.join(_key(str(k)) for k in path)}]]", value, "", kin)]
    else:
        edits = _appended(source, array, value)
    return _edited(data, edits, meant)


def _appended(source: Source, array: Value, value: Any) -> list[Edit]:
    text = render(value)
    if not array.below and "\n" in source.text[array.start : array.end]:
        close = source.begin(array.end)
        above = source.row(close - 1)
        indent = above[: len(above) - len(above.lstrip())] if above.lstrip().startswith("#") else " " * 4
        return [_edit(source, close, close, f"{indent}{text},\n")]
    if not array.below:
        return [_edit(source, array.start, array.end, f"[{text}]")]
    start, end = array.below[-1][1], array.below[-1][2].end
    indent = source.text[source.begin(start) : start]
    comma = _TAIL.match(source.text, end)
    behind = source.row(end)[(comma.end() if comma else end) - source.begin(end) :].strip()
    if indent.strip() or (behind and not behind.startswith("#")):
        if comma:
            return [_edit(source, comma.end(), comma.end(), f" {text},")]
        return [_edit(source, end, end, f", {text}")]
    at = source.after(end)
    new = _edit(source, at, at, indent + text + ("," if comma else "") + "\n")
    return [new] if comma else [_edit(source, end, end, ","), new]


def delete(data: bytes, keys: Sequence[str | int]) -> bytes:
    """The file without a key's lines, a table's lines, or an item; the very bytes when it is not there."""
    source, path = read(data), tuple(keys)
    if not path or value_at(source.data, path) is None:
        return data
    meant = copy.deepcopy(source.data)
    del value_at(meant, path[:-1])[path[-1]]
    edits: list[Edit] = []
    for number, table in enumerate(source.tables):
        if table.keys[: len(path)] == path:
            after = source.tables[number + 1] if number + 1 < len(source.tables) else None
            stop = _lead(source, after.start) if after else len(source.text)
            start = source.begin(table.start)
            while stop == len(source.text) and start and not source.row(start - 1).strip():
                start = source.begin(start - 1)
            edits.append(_edit(source, start, stop, ""))
            continue
        for entry in table.entries:
            if entry.keys[: len(path)] == path:
                edits.append(_edit(source, source.begin(entry.start), source.after(entry.value.end), ""))
    for keys_above, _, value in source.values():
        if keys_above == path[: len(keys_above)] and len(keys_above) < len(path):
            edits += _without(source, value, path[len(keys_above) :])
    return _edited(data, edits, meant)


def _without(source: Source, value: Value, below: Keys) -> list[Edit]:
    """A member of an array or inline table taken away, with its line when it has one of its own."""
    number = next((n for n, (k, _, _) in enumerate(value.below) if k == below), None)
    if number is None:
        return []
    _, start, inner = value.below[number]
    comma = _TAIL.match(source.text, inner.end)
    end = comma.end() if comma else inner.end
    begin, row = source.begin(start), source.row(inner.end)
    alone = not source.text[begin:start].strip() and not row[end - source.begin(inner.end) :].partition("#")[0].strip()
    if alone:
        return [_edit(source, begin, source.after(end), "")]
    if number + 1 < len(value.below):
        return [_edit(source, start, value.below[number + 1][1], "")]
    return [_edit(source, value.below[number - 1][2].end if number else start, end, "")]


def _edited(data: bytes, edits: list[Edit], meant: dict[str, Any]) -> bytes:
    """The spliced bytes, once they are through the gates and tomlkit too reads what was meant."""
    after = gates.edited(data, edits, load, meant)
    if after != data:
        gates.meaning(after, opinion, meant)
    return after


def opinion(data: bytes) -> dict[str, Any]:
    """What tomlkit reads, which knows nothing of `tomllib`; raises Refused for what it cannot read.

    Line ends come as LF, as `tomllib` takes them inside strings. The two agree on 1,591 of 1,591 files in 121
    repositories. What tomlkit prints is not asked for: it moves the parts of a split `[[table]]` (2 of the 1,591)
    and drops the space behind a date in an inline table, which says nothing about a splice.
    """
    import tomlkit

    try:
        return tomlkit.parse(gates.decoded(data).replace("\r\n", "\n")).unwrap()
    except Refused:
        raise
    except Exception as error:  # it was seen to raise more than its own kind
        raise Refused(f"tomlkit: {error}") from error


def render(value: Any, quote: str = '"') -> str:
    """A value on one line, as tomlkit spells it; raises Refused for what TOML cannot say."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if isinstance(value, list | tuple):
        return "[" + ", ".join(render(v, quote) for v in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {render(v, quote)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, str) and quote == "'" and value.isprintable() and "'" not in value:
        return tomlkit.string(value, literal=True).as_string()
    try:
        return str(tomlkit.item(value).as_string())
    except (TOMLKitError, ValueError) as error:
        raise Refused(f"no TOML value: {type(value).__name__}") from error


def _long(value: Any) -> str:
    text = render(value)
    return _array(value, " " * 4) if isinstance(value, list | tuple) and len(text) > _WIDTH else text


def _array(value: Sequence[Any], indent: str) -> str:
    return "[\n" + "".join(f"{indent}{render(v)},\n" for v in value) + "]"


def _key(name: str) -> str:
    import tomlkit

    return tomlkit.key(name).as_string()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _shown(keys: Keys) -> str:
    return ".".join(map(str, keys))
