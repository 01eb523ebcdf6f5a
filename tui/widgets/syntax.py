"""Colour for code, a few lines at a time: five kinds are enough to read by, and calm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from tui.widgets.lines import Line, Span

_MOST: Final = 60_000
"""Characters over which a run of lines stays plain: Pygments reads about a megabyte a second."""


def colour(lines: Sequence[Line]) -> None:
    """Fill in the spans of diff lines: each side of each hunk is read on its own."""
    path = ""
    hunk: list[Line] = []
    for line in (*lines, Line("f", "")):
        if line.kind in "f@":
            _sides(hunk, path)
            hunk = []
        if line.kind == "f":
            path = line.text.split("  ")[0]
        elif line.kind != "@":
            hunk.append(line)


def _sides(hunk: Sequence[Line], path: str) -> None:
    for kinds in (" -", " +>"):
        side = [line for line in hunk if line.kind in kinds]
        for line, spans in zip(side, spans_of([line.text for line in side], path), strict=False):
            line.spans = spans


def spans_of(texts: Sequence[str], path: str) -> list[list[Span]]:
    """The spans of each text; none for a language nobody knows."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    whole = "\n".join(texts)
    if not whole or len(whole) > _MOST:
        return [[] for _ in texts]
    try:
        lexer = get_lexer_for_filename(path.rpartition("/")[2], stripnl=False, ensurenl=False)
    except ClassNotFound:
        return [[] for _ in texts]
    return _per_line(lexer.get_tokens(whole), len(texts))


def _per_line(tokens: Iterable[tuple[Any, str]], count: int) -> list[list[Span]]:
    out: list[list[Span]] = [[] for _ in range(count)]
    row = column = 0
    for token, value in tokens:
        name = _name(token)
        for i, part in enumerate(value.split("\n")):
            if i:
                row, column = row + 1, 0
            if name and part and row < count:
                out[row].append((column, column + len(part), name))
            column += len(part)
    return out


def _name(token: Any) -> str:
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    for kind, name in (
        (Comment, "comment"),
        (String, "string"),
        (Number, "number"),
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (Name.Function, "name"),
        (Name.Class, "name"),
        (Name.Tag, "name"),
        (Name.Attribute, "name"),
        (Name.Decorator, "name"),
        (Name.Builtin, "name"),
    ):
        if token in kind:
            return name
    return ""
