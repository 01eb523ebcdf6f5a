"""go/plaintext-database: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.model import Applicability, Effort, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

SQLITE = re.compile(r'"(?:sqlite3?|sqlite3_\w+|libsql)"')
OPENERS = r"(?:sql|sqlx|otelsql)\.(?:Open|Connect|MustConnect|MustOpen|ConnectContext)|sqlite\.Open|gorm\.Open"
KEYED = re.compile(r"_pragma_key|_key=|PRAGMA key|sqlcipher|sqlite3mc|encrypt", re.I)
WIDE = re.compile(r"0o?7[5-7][0-7]")
BAD = """package store

import (
	"database/sql"
	"os"
	"path/filepath"
)

func Open(path string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return sql.Open("sqlite3", path)
}
"""
GOOD = BAD.replace("0o755", "0o700")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    effort=Effort.MEDIUM,
    audit=("M2", "Q12"),
    applies=("**/*.go",),
    bad={"store.go": BAD},
    good={"store.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A plain SQLite database lies in a folder that everyone may read.

    SQLite writes what it is given: whoever reads the file has every record, session and credential in it. A folder
    of mode 0700 keeps other accounts out; backups and stolen disks need SQLCipher or an encrypted volume. Folders
    that exist keep their mode.
    """
    for path, code in gocode.sources(project, b"sqlite", b"libsql"):
        opened = [c for c in code.calls(OPENERS) if _is_plain(code, c) and project.keep(path, code.source.line(c))]
        made = [m for m in code.calls(r"os\.Mkdir(?:All)?") if _is_wide(m) and _is_theirs(code, m, opened)]
        if not made:
            continue
        draft = gocode.drafted(project, path, _mends, code, made)
        names = ", ".join(dict.fromkeys(code.symbol(c) or "the package" for c in opened))
        yield Finding(
            path,
            f"{names} keeps a plain SQLite database in a folder that everyone may read",
            line=code.source.line(made[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(c), note=c.text()[:60]) for c in [*made, *opened]),
            fixes=draft.fixes("Make the database's folder for its owner alone"),
            steps=(
                "Encrypt the volume of the database and its backups, or build with SQLCipher and a key from outside.",
                "Set the mode of folders that exist already: chmod 700.",
            ),
        )


def _is_plain(code: Code, call: Node) -> bool:
    text = gocode.outermost(code, call)
    if ":memory:" in call.text() or "mode=memory" in call.text() or KEYED.search(text):
        return False
    return SQLITE.search(call.text()) is not None or gocode.called(call).startswith("sqlite.")


def _is_theirs(code: Code, call: Node, opened: list[Node]) -> bool:
    """Whether a folder is made for the database: in the function that opens one, or in one that is named for it."""
    homes = {code.symbol(o) for o in opened}
    return bool(opened) and (
        code.symbol(call) in homes or re.search(r"(?i)db|data|store|sqlite|init", code.symbol(call)) is not None
    )


def _is_wide(call: Node) -> bool:
    given = gocode.arguments(call)
    return len(given) == 2 and WIDE.fullmatch(given[1].text()) is not None


def _mends(code: Code, made: list[Node]) -> list[Edit]:
    edits = []
    for call in made:
        mode = gocode.arguments(call)[1]
        if code.source.has_error_near(call):
            raise Refused("the code near the place could not be read")
        edits.append(code.source.replace(mode, mode.text()[:-3] + "700"))
    return edits
