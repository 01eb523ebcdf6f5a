"""Comments that set a finding aside: `readiness: ignore[rule] reason`, on the line or alone above it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MARK: Final = b"readiness: ignore["
_COMMENT: Final = re.compile(
    r"(?P<open>//+|\#+|--|;|<!--|/\*)\s*readiness: ignore\[(?P<rules>[^\]\n]*)\](?P<reason>[^\n]*)"
)
_STARTERS: Final = {
    "//": (".rs", ".go", ".js", ".ts", ".jsonc", ".json", ".proto"),
    "/*": (".rs", ".go", ".js", ".ts", ".css"),
    "--": (".sql", ".lua"),
    ";": (".ini", ".cfg", ".conf"),
    "<!--": (".md", ".html", ".xml"),
}


@dataclass(frozen=True, slots=True)
class Comment:
    """One such comment: its line, the lines it speaks for, the rules it names and the reason it gives."""

    line: int
    covers: tuple[int, ...]
    rules: tuple[str, ...]
    reason: str


def comments(data: bytes, path: str) -> tuple[Comment, ...]:
    """The comments of a file; text inside string literals is not one."""
    if MARK not in data:
        return ()
    text = data.decode("utf-8-sig", "replace")
    real = _python_comments(text) if path.endswith(".py") else None
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _COMMENT.search(line)
        if match is None or not _fits(match["open"], path) or (real is not None and number not in real):
            continue
        before = line[: match.start()]
        if real is None and _inside_string(before):
            continue
        reason = match["reason"].replace("-->", "").replace("*/", "").strip()
        covers = (number,) if before.strip() else (number, number + 1)
        names = tuple(r.strip() for r in match["rules"].split(",") if r.strip())
        found.append(Comment(number, covers, names, reason))
    return tuple(found)


def _fits(opener: str, path: str) -> bool:
    hash_style = (".rs", ".go", ".js", ".ts", ".sql", ".md", ".html", ".xml", ".json", ".jsonc")
    if opener.startswith("#"):
        return not path.endswith(hash_style)
    key = "//" if opener.startswith("//") else opener
    return path.endswith(_STARTERS[key])


def _inside_string(before: str) -> bool:
    plain = re.sub(r"\\.", "", before)
    return any(plain.count(q) % 2 for q in ('"', "`"))


def _python_comments(text: str) -> set[int]:
    import io
    import tokenize

    lines = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                lines.add(token.start[0])
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    return lines
