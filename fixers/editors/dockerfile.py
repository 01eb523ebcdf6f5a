"""Dockerfiles: instructions with their exact bytes, stages, and edits between them.

A scanner after the rules of BuildKit's own parser (directives, continuation lines with comments inside,
heredocs); the tests hold it against that parser.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import Any, Final

from fixers.editors import gates
from fixers.editors.splice import BOM, Edit, insert_lines, line_start
from fixers.model import Refused

_DIRECTIVE: Final = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$")
_WORD: Final = re.compile(r"""(?:[^\s"'\\]|\\.|\\$|"(?:[^"\\]|\\.)*"|'[^']*'|["'])+""", re.S)
_HEREDOC: Final = re.compile(r"(\d*)<<(-?)([^<]+)")
_SPACE: Final = re.compile(r"[\t\v\f\r ]+")
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?([-+])([^{}]*))?\})")
_PARSED_DIRECTIVES: Final = ("syntax", "escape", "check")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its name in capitals, flags, value with continuation lines joined, and its place.

    `start` and `end` are byte offsets (the last line's newline excluded), lines are 1-based.
    `bodies` are its heredocs as (name, text); `inner` is what an ONBUILD carries; `escape` the character in force.
    """

    name: str
    flags: tuple[str, ...]
    value: str
    start: int
    end: int
    line: int
    end_line: int
    raw: str = field(repr=False)
    bodies: tuple[tuple[str, str], ...] = ()
    inner: Instruction | None = None
    escape: str = "\\"

    @property
    def words(self) -> tuple[str, ...]:
        """The value's words as a shell would split them, without their quotes."""
        return tuple(unquoted(w, self.escape) for w in _WORD.findall(self.value))

    @property
    def exec_form(self) -> tuple[str, ...] | None:
        """The strings of `["a", "b"]`, or None when a shell runs the value."""
        if not self.value.startswith("["):
            return None
        try:
            found = json.loads(self.value)
        except (ValueError, RecursionError):
            return None
        return tuple(found) if isinstance(found, list) and all(isinstance(w, str) for w in found) else None

    @property
    def pairs(self) -> tuple[tuple[str, str | None], ...]:
        """Names and values of ENV, ARG and LABEL; None for an ARG without a default."""
        words = _WORD.findall(self.value)
        if self.name != "ARG" and words and "=" not in words[0]:
            return ((words[0], self.value[len(words[0]) :].strip()),)
        parts = (w.partition("=") for w in words)
        return tuple((unquoted(k, self.escape), unquoted(v, self.escape) if eq else None) for k, eq, v in parts)

    def flag(self, name: str) -> str | None:
        """The value of `--name=value` ("" when it has none), or None when it is not given."""
        for flag in self.flags:
            key, _, value = flag.removeprefix("--").partition("=")
            if key == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Stage:
    """A FROM and what follows it; `name` is "" when it has none, `base` is as written."""

    index: int
    name: str
    base: str
    source: Instruction
    instructions: tuple[Instruction, ...]

    def named(self, *names: str) -> tuple[Instruction, ...]:
        """Its instructions of these names, in order."""
        return tuple(i for i in self.instructions if i.name in names)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A whole file: its instructions in order and its stages."""

    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    directives: dict[str, str]
    directive_lines: int

    @property
    def final(self) -> Stage | None:
        """The stage that becomes the image."""
        return self.stages[-1] if self.stages else None

    @property
    def arguments(self) -> dict[str, str]:
        """Defaults of the ARGs before the first FROM, the ones a FROM may use."""
        found: dict[str, str] = {}
        for instruction in self.instructions:
            if instruction.name == "FROM":
                break
            if instruction.name == "ARG":
                found.update((k, expanded(v, found)) for k, v in instruction.pairs if v is not None)
        return found

    def image(self, stage: Stage) -> str:
        """The stage's base with the ARG defaults put in; an unknown one stays as written."""
        return expanded(stage.base, self.arguments)

    def parent(self, stage: Stage) -> Stage | None:
        """The earlier stage that this one starts from, or None when it starts from an image."""
        name = self.image(stage).lower()
        return next((s for s in reversed(self.stages[: stage.index]) if s.name and s.name.lower() == name), None)

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """The stages that it is built on, the first one first, itself last."""
        found = [stage]
        while (above := self.parent(found[0])) is not None:
            found.insert(0, above)
        return tuple(found)


def unquoted(word: str, escape: str = "\\") -> str:
    """A word without its quotes and escapes."""
    out, quote, at = "", "", 0
    while at < len(word):
        char = word[at]
        if char == escape and quote != "'" and at + 1 < len(word):
            keep = quote == '"' and word[at + 1] not in ('"', "$", escape)
            out, at = out + (char if keep else "") + word[at + 1], at + 2
            continue
        if char in "\"'" and quote in ("", char):
            quote = "" if quote else char
        else:
            out += char
        at += 1
    return out


def expanded(text: str, values: dict[str, str]) -> str:
    """`$name`, `${name}` and `${name:-default}` with these values; an unknown one stays as written."""

    def value(match: re.Match[str]) -> str:
        name, kind, word = match[1] or match[2], match[3], match[4]
        if kind == "+":
            return word if values.get(name) else ""
        return values.get(name) or (word if kind == "-" else match[0])

    return _VARIABLE.sub(value, text)


def parse(data: bytes) -> Dockerfile:
    """Read a Dockerfile; raises Refused when it is not text or a heredoc has no end."""
    return _parsed(gates.decoded(data), len(BOM) if data.startswith(BOM) else 0)


def load(data: bytes) -> list[tuple[Any, ...]]:
    """What the instructions say, without where they stand: what an edit has to leave alone."""
    return [_said(i) for i in parse(data).instructions]


def _said(i: Instruction) -> tuple[Any, ...]:
    return (i.name, i.flags, i.value, i.bodies)


class _Lines:
    """The lines of the file, each with its byte offset."""

    def __init__(self, text: str, offset: int) -> None:
        self.rows = text.split("\n")
        if self.rows[-1] == "":
            self.rows.pop()
        self.starts = [offset]
        for row in self.rows:
            self.starts.append(self.starts[-1] + len(row.encode()) + 1)

    def end(self, row: int) -> int:
        """The offset behind the row's last byte, its line end not counted."""
        return self.starts[row] + len(self.rows[row].removesuffix("\r").encode())


def _parsed(text: str, offset: int, escape: str = "\\") -> Dockerfile:
    lines = _Lines(text, offset)
    directives, at = _directives(lines.rows)
    escape = directives.get("escape", escape)
    first, found = at, []
    while at < len(lines.rows):
        instruction, at = _instruction(lines, at, escape)
        if instruction is not None:
            found.append(instruction)
    return Dockerfile(tuple(found), _stages(found), directives, first)


def _directives(rows: list[str]) -> tuple[dict[str, str], int]:
    """The parser directives on top, and how many lines they take."""
    found: dict[str, str] = {}
    for number, row in enumerate(rows):
        match = _DIRECTIVE.fullmatch(row.strip())
        if match is None or match[1].lower() not in _PARSED_DIRECTIVES or match[1].lower() in found:
            return found, number
        if match[1].lower() == "escape" and match[2] not in ("\\", "`"):
            raise Refused(f"an unknown escape character: {match[2]}")
        found[match[1].lower()] = match[2]
    return found, len(rows)


def _instruction(lines: _Lines, at: int, escape: str) -> tuple[Instruction | None, int]:
    """The instruction that begins in this row, if one does, and the row after it."""
    rows = lines.rows
    begin, at = at, at + 1
    line = rows[begin].strip(" \t\r\v\f")
    if not line or line.startswith("#"):
        return None, at
    text, goes_on = _continued(rows[begin].removesuffix("\r").lstrip(), escape)
    while goes_on and at < len(rows):
        row = rows[at].removesuffix("\r")
        at += 1
        if row.strip() and not row.lstrip().startswith("#"):
            part, goes_on = _continued(row, escape)
            text += part
    last = at - 1
    name, flags, value = _split(text)
    if not name:
        return None, at
    bodies: list[tuple[str, str]] = []
    if _may_hold_heredocs(name, value):
        for chomp, word in _heredocs(value):
            start = at
            while at < len(rows) and _terminator(rows[at], chomp) != word:
                at += 1
            if at == len(rows):
                raise Refused(f"the heredoc {word} of line {begin + 1} has no end")
            bodies.append((word, "".join(r.removesuffix("\r") + "\n" for r in rows[start:at])))
            at += 1
            last = at - 1
    start_byte, end_byte = lines.starts[begin], lines.end(last)
    raw = "\n".join(rows[begin : last + 1]).removesuffix("\r")
    made = Instruction(name, flags, value, start_byte, end_byte, begin + 1, last + 1, raw, tuple(bodies), None, escape)
    if name == "ONBUILD" and value:
        inner, inner_flags, inner_value = _split(value)
        made = replaced(made, inner=replaced(made, name=inner, flags=inner_flags, value=inner_value))
    return made, at


def _continued(row: str, escape: str) -> tuple[str, bool]:
    """The row without its continuation character, and whether it had one (two of them are none)."""
    cut = row.rstrip(" \t")
    if cut.endswith(escape) and not cut.endswith(escape * 2):
        return cut[:-1], True
    return row, False


def _split(text: str) -> tuple[str, tuple[str, ...], str]:
    """Name, flags and the rest of a joined line."""
    name, _, rest = _SPACE.sub(" ", text.strip(), count=1).partition(" ")
    flags = []
    while rest.startswith("--"):
        match = _WORD.match(rest)
        if match is None or match[0] == "--":
            break
        flags.append(match[0])
        rest = rest[match.end() :].lstrip()
    return name.upper(), tuple(flags), rest.strip()


def _may_hold_heredocs(name: str, value: str) -> bool:
    if name == "ONBUILD":
        name, _, value = _split(value)
    return name in ("RUN", "COPY", "ADD") and "<<" in value and not _is_json(value)


def _is_json(value: str) -> bool:
    try:
        return value.startswith("[") and isinstance(json.loads(value), list)
    except (ValueError, RecursionError):
        return False


def _heredocs(value: str) -> list[tuple[bool, str]]:
    words = (_HEREDOC.fullmatch(w) for w in _WORD.findall(value))
    return [(bool(m[2]), unquoted(m[3])) for m in words if m]


def _terminator(row: str, chomp: bool) -> str:
    row = row.removesuffix("\r")
    return row.lstrip("\t") if chomp else row


def _stages(instructions: list[Instruction]) -> tuple[Stage, ...]:
    found: list[Stage] = []
    for instruction in instructions:
        if instruction.name == "FROM":
            words = instruction.words
            name = words[2] if len(words) > 2 and words[1].upper() == "AS" else ""
            found.append(Stage(len(found), name, words[0] if words else "", instruction, ()))
        elif found:
            found[-1] = replaced(found[-1], instructions=(*found[-1].instructions, instruction))
    return tuple(found)


def insert_after(data: bytes, instruction: Instruction, lines: str) -> bytes:
    """Whole lines below an instruction that `parse(data)` gave."""
    index, known = _known(data, instruction)
    new = _parsed(lines, 0, instruction.escape).instructions
    meant = [_said(i) for i in (*known.instructions[: index + 1], *new, *known.instructions[index + 1 :])]
    return gates.edited(data, (insert_lines(data, instruction.end_line + 1, lines.encode()),), load, meant)


def insert_before(data: bytes, instruction: Instruction, lines: str) -> bytes:
    """Whole lines above an instruction and the comment that belongs to it."""
    index, known = _known(data, instruction)
    new = _parsed(lines, 0, instruction.escape).instructions
    meant = [_said(i) for i in (*known.instructions[:index], *new, *known.instructions[index:])]
    rows = gates.decoded(data).split("\n")
    line = instruction.line
    while line - 1 > known.directive_lines and rows[line - 2].lstrip().startswith("#"):
        line -= 1
    return gates.edited(data, (insert_lines(data, line, lines.encode()),), load, meant)


def replace(data: bytes, instruction: Instruction, text: str) -> bytes:
    """Another text (without a final newline) for an instruction; "" takes its lines away."""
    index, known = _known(data, instruction)
    new = _parsed(text, 0, instruction.escape).instructions
    meant = [_said(i) for i in (*known.instructions[:index], *new, *known.instructions[index + 1 :])]
    end = instruction.end if text else line_start(data, instruction.end_line + 1)
    return gates.edited(data, (Edit(instruction.start, end, text.encode()),), load, meant)


def _known(data: bytes, instruction: Instruction) -> tuple[int, Dockerfile]:
    known = parse(data)
    if instruction not in known.instructions:
        raise Refused("the instruction is not in this file")
    return known.instructions.index(instruction), known
