"""Text for people: nothing of a repository reaches a terminal except through here."""

from __future__ import annotations

import unicodedata

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KEPT = {"\t": "\t"}


def safe_text(value: str | bytes, *, newlines: bool = False, limit: int | None = None) -> str:
    """Show every character that could steer a terminal as an escape.

    Control characters (C0, C1, DEL), bidirectional overrides, lone surrogates and other invisible
    format characters become ``\\xNN``/``\\uNNNN``; tabs stay. Newlines stay only when asked for.
    `limit` cuts the result to that many characters, with an ellipsis.
    """
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
    if limit is not None:
        text = text[: limit + 1]
    out = text if text.isascii() and text.isprintable() else "".join(_shown(c, newlines) for c in text)
    if limit is not None and len(out) > limit:
        return out[: max(0, limit - 1)] + "…"
    return out


def _shown(char: str, newlines: bool) -> str:
    if char in _KEPT or (newlines and char == "\n"):
        return char
    code = ord(char)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if char in _BIDI or unicodedata.category(char) in {"Cf", "Cs", "Co", "Zl", "Zp"}:
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return char


def is_utf8(path: str) -> bool:
    """Whether a path (decoded with surrogateescape) was valid UTF-8."""
    return not any(0xDC80 <= ord(c) <= 0xDCFF for c in path)


def quoted(path: str) -> str:
    """A path as git quotes it: plain when it can be, else in double quotes with octal escapes."""
    raw = path.encode("utf-8", "surrogateescape")
    if path.isascii() and path.isprintable() and '"' not in path and "\\" not in path:
        return path
    if is_utf8(path) and safe_text(path) == path and not set(path) & {'"', "\\", "\t"}:
        return path
    named = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
    parts = [named.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in raw]
    return '"' + "".join(parts) + '"'


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``1 fix``, ``2 fixes``: the count and the noun in the right number."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
