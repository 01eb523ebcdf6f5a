"""Text on its way to the screen: escaped, measured in cells, never read as markup."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells, set_cell_size
from textual.content import Content

from fixers.text import safe_text

TAB = 4
LONGEST = 4000
"""Characters of one line that are shown; a minified file has lines of megabytes."""


def line(text: str | bytes, limit: int | None = None) -> str:
    """One line of text from anywhere, safe to draw."""
    return safe_text(text, limit=limit).expandtabs(TAB)


def block(text: str) -> str:
    """Several lines of text from anywhere, safe to draw."""
    return safe_text(text, newlines=True).expandtabs(TAB)


def content(*parts: str | tuple[str, str]) -> Content:
    """Content of (text, style) pairs; newlines are kept, nothing is markup."""
    return Content.assemble(*[block(p) if isinstance(p, str) else (block(p[0]), p[1]) for p in parts])


def cells(text: str) -> int:
    """Columns that a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int) -> str:
    """Exactly `width` columns: cut with an ellipsis or filled with spaces."""
    if width <= 0:
        return ""
    size = cells(text)
    if size <= width:
        return text + " " * (width - size)
    return set_cell_size(text, width - 1) + "…"


def fit_middle(text: str, width: int) -> str:
    """At most `width` columns, cut in the middle: the end of a path says most."""
    if cells(text) <= width:
        return text
    if width < 4:
        return fit(text, width)
    head = set_cell_size(text, (width - 1) // 3)
    tail = text[-(width - 1 - cells(head)) :]
    while cells(tail) > width - 1 - cells(head):
        tail = tail[1:]
    return head + "…" + tail


def fit_path(text: str, width: int) -> str:
    """A path of at most `width` columns: whole parts from its end where they fit, for the end says most."""
    if cells(text) <= width:
        return text
    parts = text.split("/")
    for start in range(1, len(parts)):
        short = "…/" + "/".join(parts[start:])
        if cells(short) <= width:
            return short
    tail = text[-max(1, width - 1) :]
    while cells(tail) >= width > 1:
        tail = tail[1:]
    return "…" + tail


def chopped(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` columns; one empty piece for an empty text."""
    if width <= 0 or cells(text) <= width:
        return [text]
    if text.isascii():
        return [text[i : i + width] for i in range(0, len(text), width)]
    return chop_cells(text, max(2, width))


def bar(part: int, whole: int, width: int, style: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """A bar of `width` cells, filled as far as part/whole, the rest thin and grey."""
    filled = 0 if whole <= 0 else min(width, part * width // whole)
    return ("━" * filled, style), ("─" * (width - filled), "$border-blurred")
