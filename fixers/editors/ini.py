"""INI and .cfg files: `configparser` says what they mean, the lines say where it stands."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors import gates
from fixers.editors.splice import BOM, Edit
from fixers.model import Refused

_SECTION: Final = re.compile(r"\[(?P<name>.+)\]")
_OPTION: Final = re.compile(r"(?P<key>[^=:]*?)\s*(?:(?P<mark>[=:])[ \t]*(?P<value>.*?))?\s*$", re.S)
_NAME: Final = re.compile(r"[^\s=:#;\[\]][^=:\n]*(?<!\s)")


@dataclass(frozen=True, slots=True)
class _Option:
    """A key: its section, its lines (1-based, `end` exclusive), and its value's place in characters."""

    section: str
    key: str
    value: str | None
    line: int
    end: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class _Source:
    text: str
    options: tuple[_Option, ...]
    sections: dict[str, int]
    shift: int

    def edit(self, start: int, end: int, new: str) -> Edit:
        head = len(self.text[:start].encode())
        return Edit(self.shift + head, self.shift + head + len(self.text[start:end].encode()), new.encode())

    def line_start(self, line: int) -> int:
        """Where a 1-based line begins; the text's length past its end."""
        at = 0
        for _ in range(line - 1):
            at = self.text.find("\n", at) + 1
            if not at:
                return len(self.text)
        return at


def load(data: bytes) -> dict[str, dict[str, str | None]]:
    """Sections and their options as written, DEFAULT not mixed in; raises Refused for duplicates and broken lines."""
    parser = configparser.RawConfigParser(allow_no_value=True, default_section="\0", strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    text = gates.decoded(data)
    if re.search(r"\r(?!\n)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text):
        raise Refused("an unusual line end")
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError, AttributeError) as error:
        raise Refused(f"not a valid INI file: {str(error).splitlines()[0]}") from error
    return {name: dict(parser[name]) for name in parser.sections()}


def _read(data: bytes) -> _Source:
    loaded, text = load(data), gates.decoded(data)
    found: list[_Option] = []
    sections: dict[str, int] = {}
    section, at = "", 0
    for number, row in enumerate(text.split("\n"), 1):
        plain = row.rstrip("\r").strip()
        if not plain or plain.startswith(("#", ";")):
            at += len(row) + 1
            continue
        header = _SECTION.match(plain) if not row[:1].isspace() else None
        if header:
            section = header["name"]
            sections[section] = number
        elif row[:1].isspace() and found and found[-1].section == section:
            last = found[-1]
            stop = at + len(row.rstrip())
            found[-1] = _Option(section, last.key, last.value, last.line, number + 1, last.start, stop)
        else:
            match = _OPTION.match(row)
            if match is None or row[:1].isspace():
                raise Refused(f"line {number} was not understood")
            key, begin = match["key"], at + (match.start("value") if match["mark"] else match.end("key"))
            value = loaded.get(section, {}).get(key)
            found.append(_Option(section, key, value, number, number + 1, begin, at + len(row.rstrip())))
        at += len(row) + 1
    if {(o.section, o.key) for o in found} != {(s, k) for s, options in loaded.items() for k in options}:
        raise Refused("the places of its options were not understood")
    return _Source(text, tuple(found), sections, len(BOM) if data.startswith(BOM) else 0)


def items(data: bytes) -> Iterator[tuple[str, str, str | None, int]]:
    """Every option in order: section, key, value, 1-based line."""
    for option in _read(data).options:
        yield option.section, option.key, option.value, option.line


def line_of(data: bytes, section: str, key: str = "") -> int:
    """The 1-based line of an option, or of a section's header; 0 when there is none."""
    source = _read(data)
    if not key:
        return source.sections.get(section, 0)
    return next((o.line for o in source.options if (o.section, o.key) == (section, key)), 0)


def set_value(data: bytes, section: str, key: str, value: str, comment: str = "") -> bytes:
    """An option's value replaced in its place, or a new option behind the last of its section (made when missing)."""
    source, loaded = _read(data), load(data)
    if loaded.get(section, {}).get(key, value + "x") == value:
        return data
    if "\n" in value or value != value.strip() or not _NAME.fullmatch(key) or not _SECTION.fullmatch(f"[{section}]"):
        raise Refused("a name or a value that an INI file cannot hold on one line")
    meant = {**loaded, section: {**loaded.get(section, {}), key: value}}
    above = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    old = next((o for o in source.options if (o.section, o.key) == (section, key)), None)
    if old is not None:
        below = source.text[old.start : old.stop][:1] in ("\r", "\n")
        mark = " = " if old.value is None else " " if below else ""
        edits = [source.edit(old.start, old.stop, mark + value)]
        begin = source.line_start(old.line)
        if above and not source.text[:begin].replace("\r\n", "\n").endswith(above):
            edits.insert(0, source.edit(begin, begin, above))
        return gates.edited(data, edits, load, meant)
    line = above + f"{key}{_mark(source)}{value}\n"
    if section in source.sections:
        kin = [o.end for o in source.options if o.section == section]
        at = source.line_start(max(kin, default=source.sections[section] + 1))
    else:
        line = f"[{section}]\n{line}"
        end = len(source.text.rstrip())
        at = source.text.find("\n", end) + 1 or len(source.text)
        line = "\n" + line if end else line
    if at == len(source.text) and source.text and not source.text.endswith("\n"):
        line = "\n" + line
    return gates.edited(data, [source.edit(at, at, line)], load, meant)


def _mark(source: _Source) -> str:
    """How the file separates keys from values: the first option that has a value shows it."""
    for option in source.options:
        match = re.compile(r"\s*[=:][ \t]*").search(source.text, source.line_start(option.line), option.stop)
        if match and "\n" not in match[0] and option.value:
            return match[0]
    return " = "


def delete(data: bytes, section: str, key: str) -> bytes:
    """The file without an option's lines; the very bytes when it is not there."""
    source, loaded = _read(data), load(data)
    old = next((o for o in source.options if (o.section, o.key) == (section, key)), None)
    if old is None:
        return data
    meant = {s: {k: v for k, v in o.items() if (s, k) != (section, key)} for s, o in loaded.items()}
    edit = source.edit(source.line_start(old.line), source.line_start(old.end), "")
    return gates.edited(data, [edit], load, meant)
