"""A repository's config file as data: parsed here, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fixers.text import safe_text
from fixers.vcs.errors import RepositoryError
from fixers.vcs.files import home, small

_SECTION: Final = re.compile(r'\[\s*([A-Za-z0-9.-]+)\s*(?:"((?:[^"\\\n]|\\.)*)")?\s*\]')
_KEY: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=)?[ \t]*")
_ESCAPES: Final = {"n": "\n", "t": "\t", "b": "\b"}
_MOST_INCLUDES: Final = 20

Settings = dict[str, list[str]]
"""``section.subsection.key`` (section and key in lower case) to its values, in order."""


def parse(data: bytes) -> Settings:
    """Git's config grammar; a line that it does not know is passed over."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").replace("\r\n", "\n")
    found: Settings = {}
    section, at = "", 0
    while at < len(text):
        char = text[at]
        if char in " \t\n":
            at += 1
        elif char in "#;":
            at = _line_end(text, at)
        elif char == "[" and (head := _SECTION.match(text, at)):
            name, sub = head[1].lower(), head[2]
            section = name if sub is None else name + "." + re.sub(r"\\(.)", r"\1", sub)
            at = head.end()
        elif section and (key := _KEY.match(text, at)):
            value, at = _value(text, key.end()) if key[2] else ("true", _line_end(text, key.end()))
            found.setdefault(f"{section}.{key[1].lower()}", []).append(value)
        else:
            at = _line_end(text, at)
    return found


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _value(text: str, at: int) -> tuple[str, int]:
    out: list[str] = []
    quoted, kept = False, 0
    while at < len(text):
        char = text[at]
        if char == "\n":
            break
        if char == "\\":
            after = text[at + 1 : at + 2]
            if after != "\n":
                out.append(_ESCAPES.get(after, after))
                kept = len(out)
            at += 2
            continue
        if char == '"':
            quoted, at = not quoted, at + 1
            kept = len(out)
            continue
        if not quoted and char in "#;":
            at = _line_end(text, at)
            break
        out.append(char)
        if quoted or char not in " \t":
            kept = len(out)
        at += 1
    return "".join(out[:kept]), at


def load(common: Path, gitdir: Path) -> Settings:
    """The config of a repository and of one work tree; refused when git itself would hang on it.

    Included files are looked at only to see that git can read them (regular, small, few); their
    settings are not taken: an include may point at any file of the user.
    """
    settings = parse(small(common / "config") or b"")
    todo = [(common / "config", settings)]
    for place in {common, gitdir}:
        extra = parse(small(place / "config.worktree") or b"")
        todo.append((place / "config.worktree", extra))
        if place == gitdir and truth(settings, "extensions.worktreeconfig"):
            settings.update({key: settings.get(key, []) + values for key, values in extra.items()})
    seen = 0
    while todo:
        source, values = todo.pop()
        for target in _includes(source, values):
            seen += 1
            if seen > _MOST_INCLUDES:
                raise RepositoryError(f"{safe_text(str(common / 'config'))} includes more than {_MOST_INCLUDES} files")
            inner = small(target.resolve() if target.is_file() else target)
            if inner is not None:
                todo.append((target, parse(inner)))
    return settings


def _includes(source: Path, values: Settings) -> Iterator[Path]:
    for key, paths in values.items():
        if key == "include.path" or (key.startswith("includeif.") and key.endswith(".path")):
            for path in paths:
                yield (home() or Path("/")) / path[2:] if path.startswith("~/") else source.parent / path


def last(settings: Settings, key: str, default: str = "") -> str:
    """The value that wins: the last one."""
    return settings.get(key, [default])[-1]


def truth(settings: Settings, key: str) -> bool:
    """A yes or no, as git reads it."""
    return last(settings, key).lower() in {"true", "yes", "on", "1"}


def remotes(settings: Settings) -> tuple[str, ...]:
    """URLs of the remotes, `origin` first, then as they come; a password in one is left out."""
    named = {k[len("remote.") : -len(".url")]: v[0] for k, v in settings.items() if re.fullmatch(r"remote\..+\.url", k)}
    order = sorted(named, key=lambda name: name != "origin")
    return tuple(re.sub(r"^(\w+://)[^/@]*@", r"\1", named[name]) for name in order)
