"""A configuration that hands out an empty database key hands out a database in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import markdown
from fixers.facts import dev_secrets
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_CODE = 'fn key() -> String { std::env::var("CHAT_DB_KEY").unwrap_or_default() }\n'
_SECTION: Final = "Encryption of the database"
_NAME: Final = re.compile(r"(?:\w+_)?(?:db|database|sqlite|sqlcipher)_(?:encryption_|cipher_)?(?:key|passphrase)")
_LIKELY: Final = re.compile(rb"(?i)(?:db|database|sqlite|sqlcipher)[-_]?\w*(?:key|passphrase)[\"']?\s*[:=]")
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-.]")
_TO_FILL_IN: Final = re.compile(r"(?:^|/)[^/]*\.?env\b[^/]*$")
"""In a file of variables an empty value is a blank to fill in."""
_SAID: Final = re.compile(r"production", re.I)


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("M2",),
    bad={
        "chat.example.toml": 'listen = "127.0.0.1:7000"\ndb_key = ""\n',
        "src/main.rs": _CODE,
        "README.md": "# Chat\n",
    },
    good={
        "chat.example.toml": 'listen = "127.0.0.1:7000"\n# empty leaves the database in plain text: production needs a '
        'key, e.g. set CHAT_DB_KEY to `openssl rand -hex 32`\ndb_key = ""\n',
        "src/main.rs": _CODE,
        "README.md": "# Chat\n\n## Encryption of the database\n\n"
        "An empty `db_key` leaves the database in plain text on disk. In production set CHAT_DB_KEY to a value of its\n"
        "own (`openssl rand -hex 32`), before the first start: what was written in plain text stays so.\n",
    },
)
def check(project: Project) -> Iterator[Result]:
    """The configuration leaves the database's key empty.

    Whoever deploys the example as it is gets a database that every reader of the disk and of a backup can read, and
    nothing says so. The key itself is for each deployment to make; that one is needed has to stand beside the setting
    and in the guide to deployment.
    """
    said = list[Location]()
    found = False
    for path, rows in dev_secrets.settings(project, _LIKELY):
        for keys, value, line, _ in rows:
            name = next((k for k in reversed(keys) if isinstance(k, str)), "")
            if value != "" or not _NAME.fullmatch(_WORDS.sub("_", name).lower()) or _TO_FILL_IN.search(path):
                continue
            variable, is_read = dev_secrets.variable_of(project, name)
            if not is_read and not project.grep([name], "*.rs", "*.go", "*.py", "*.ts", "*.js", "*.java"):
                continue
            if not project.keep(path, line):
                continue
            if _is_said(project, path, line):
                said.append(Location(path, line))
                continue
            found = True
            yield Finding(
                path,
                f"{name} is empty: the database is in plain text, and nothing says that production needs a key",
                line,
                anchor=name,
                fixes=_documented(project, path, line, name, variable if is_read else ""),
                steps=("Make a key for each deployment before its first start, and keep it out of the repository.",),
            )
    if said and not found:
        yield Pass("where a database key is empty it is said that production needs one", tuple(said))
    elif not found:
        yield NotApplicable("no configuration has an empty key of a database")


def _is_said(project: Project, path: str, line: int) -> bool:
    """Whether the comment lines right above the setting speak of production."""
    lines = project.text(path).split("\n")
    above = line - 2
    while above >= 0 and lines[above].lstrip().startswith(("#", ";", "//")):
        if _SAID.search(lines[above]):
            return True
        above -= 1
    return False


def _documented(project: Project, path: str, line: int, name: str, variable: str) -> tuple[Fix, ...]:
    draft = project.draft()
    how = f"set {variable} to `openssl rand -hex 32`" if variable else "`openssl rand -hex 32`, from a secret store"
    draft.edit(path, _noted, line, f"empty leaves the database in plain text: production needs a key, e.g. {how}")
    guides = (*project.files("/docs/deploy*.md", "/doc/deploy*.md", "/DEPLOY*.md"), *project.files("/README.md"))
    guide = next(iter(guides), "")
    if guide and not any(h.text == _SECTION for h in project.parsed(guide, markdown.headings)):
        set_it = f"set {variable}" if variable else f"set `{name}`"
        text = (
            f"An empty `{name}` leaves the database in plain text on disk. In production {set_it} to a value of its\n"
            "own (`openssl rand -hex 32`), before the first start: what was written in plain text stays so."
        )
        draft.edit(guide, markdown.append_section, _SECTION, text)
    why = "it is your document, and the key itself is for each deployment to make"
    return draft.fixes("Say that production needs a database key", reason=why)


def _noted(data: bytes, line: int, text: str) -> bytes:
    """A comment of its own above a line, indented as the line is."""
    lines = data.splitlines(keepends=True)
    if line > len(lines) or lines[line - 1].lstrip()[:1] in (b"{", b'"', b"/", b"["):
        raise Refused("the format has no comments")
    whole = lines[line - 1]
    bom = b"\xef\xbb\xbf" if whole.startswith(b"\xef\xbb\xbf") else b""
    whole = whole.removeprefix(bom)
    indent = whole[: len(whole) - len(whole.lstrip())]
    end = b"\r\n" if b"\r\n" in data else b"\n"
    lines[line - 1] = bom + indent + b"# " + text.encode() + end + whole
    return b"".join(lines)
