"""Markdown: headings, code blocks and new sections, by the line numbers of markdown-it's blocks."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fixers.editors import gates
from fixers.editors.splice import Edit, insert_lines
from fixers.model import Refused

if TYPE_CHECKING:
    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code block: the word behind its fence, its text, and the 1-based line of the text's first line."""

    info: str
    text: str
    first_line: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading outside of lists and quotes: level 1 to 6, text as written, first and last 1-based line."""

    level: int
    text: str
    line: int
    end_line: int


def _tokens(text: str) -> list[Token]:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").parse(text)


def load(data: bytes) -> list[tuple[Any, ...]]:
    """The blocks of the file, in order, without their places."""
    return _said(gates.decoded(data))


def _said(text: str) -> list[tuple[Any, ...]]:
    return [(t.type, t.tag, t.info, t.content, t.level) for t in _tokens(text)]


def code_blocks(data: bytes) -> list[CodeBlock]:
    """Every fenced or indented code block."""
    found = []
    for token in _tokens(gates.decoded(data)):
        if token.type in ("fence", "code_block") and token.map:
            found.append(CodeBlock(token.info.strip(), token.content, token.map[0] + 1 + (token.type == "fence")))
    return found


def headings(data: bytes) -> list[Heading]:
    """Every heading that is not inside a list or a quote."""
    tokens, found = _tokens(gates.decoded(data)), []
    for token, inner in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.map and not token.level:
            found.append(Heading(int(token.tag[1]), inner.content, token.map[0] + 1, token.map[1]))
    return found


def _is(heading: Heading, text: str) -> bool:
    return heading.text.strip().rstrip(":").casefold() == text.strip().rstrip(":").casefold()


def append_section(data: bytes, heading: str, body: str, *, level: int = 2) -> bytes:
    """A new last section; the very bytes when a heading of that text is there (case and a colon do not count)."""
    if any(_is(h, heading) for h in headings(data)):
        return data
    new = f"{'#' * level} {heading}\n\n{body.strip()}\n"
    text = gates.decoded(data)
    end = len(text.rstrip())
    line = text.count("\n", 0, end) + 2 if end else 1
    edit = insert_lines(data, line, (("\n" if end else "") + new).encode())
    return gates.edited(data, (edit,), load, [*_said(text), *_said(new)])


def insert_after_heading(data: bytes, heading: str, body: str) -> bytes:
    """Blocks directly below a heading; the very bytes when they are there, Refused when the heading is not."""
    found = [h for h in headings(data) if _is(h, heading)]
    if len(found) != 1:
        raise Refused(f"the heading {heading} is there {len(found)} times")
    text, new = gates.decoded(data), body.strip() + "\n"
    rows = text.replace("\r\n", "\n").split("\n")
    wanted = new.rstrip("\n").split("\n")
    below = rows[found[0].end_line :]
    while below and not below[0].strip():
        below.pop(0)
    if below[: len(wanted)] == wanted:
        return data
    tokens = _tokens(text)
    below_it = (n for n, t in enumerate(tokens) if t.map and not t.level and t.map[0] >= found[0].end_line)
    place = next(below_it, len(tokens))
    old = _said(text)
    meant = [*old[:place], *_said(new), *old[place:]]
    line = found[0].end_line + 1
    blank = line > len(rows) or not rows[line - 1].strip()
    edit: Edit = insert_lines(data, line, f"\n{new}{'' if blank else chr(10)}".encode())
    return gates.edited(data, (edit,), load, meant)
