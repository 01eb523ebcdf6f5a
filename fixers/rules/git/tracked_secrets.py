"""Private keys, databases of accounts and filled .env files that git tracks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import gitignore
from fixers.facts.secrets import holds_accounts, is_database, is_private_key, is_symmetric_key, secret_names
from fixers.facts.subprojects import aside, only_tested
from fixers.model import Applicability, Effort, Finding, Fix, Location, Pass, Result, Severity, rule
from fixers.project import Project

_CANDIDATES: Final = (
    "*.pem", "*.key", "*.der", "*.p8", "*.pk8", "*.ppk", "*.asc", "id_rsa*", "id_ed25519*", "id_ecdsa*", "*.priv",
    "*.rsa", "*.db", "*.sqlite", "*.sqlite3", "*.db3", ".env", ".env.*", "*.env",
)  # fmt: skip
_EXAMPLE: Final = re.compile(
    r"(?i)example|sample|template|dist|default|benchmark|\.pub$|\.test|mock|dummy|snake.?oil|fake|self.?signed"
    r"|(?:^|[/_.-])(?:test|dev|ci|local|valid|invalid)"
    r"|(?:^|/)(?:debian|docker/test|e2e|integration|cypress|playwright|spec|specs|it|testutil\w*|mocks?|hack|dev|complement)/"
)
_BUILT_IN: Final = (b"include_bytes!", b"include_str!", b"go:embed", b"COPY ", b"ADD ")
_KEY = "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIThisIsNoKeyAtAllXXXXXXXXXX\n-----END\n"


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.UNSAFE,
    effort=Effort.HIGH,
    audit=("M3",),
    bad={"data/server.pem": _KEY, ".gitignore": "target/\n"},
    good={".gitignore": "target/\n\n# Secrets and local data\n/data/server.pem\n"},
)
def check(project: Project) -> Iterator[Result]:
    """Git tracks a private key, a database of accounts or credentials.

    Whoever can read the repository, or any old clone of it, has them. Taking the file out of the index
    does not take it out of history: the secret has to be replaced first. The file is told by its content,
    not by its name; test fixtures and public certificates are left alone.
    """
    named = project.files(*_CANDIDATES)
    candidates = [p for p in named if not aside(p) and not _EXAMPLE.search(p)]
    fixtures = [Location(p) for p in named if p not in set(candidates)]
    found = False
    for path in candidates:
        told = _told(project, path)
        if told is not None and only_tested(project, path):
            fixtures.append(Location(path))
            continue
        if told is None or not project.keep(path, 1):
            continue
        found = True
        what, severity = told
        yield Finding(
            path,
            f"git tracks {what}",
            anchor="tracked",
            severity=severity,
            masked=True,
            fixes=_fixes(project, path),
            steps=(
                "Replace the secret wherever it is used: everything in history is public to its readers",
                "Keep a copy: merging the commit deletes the file from every work tree",
                f"How many commits hold it: `git log --all --oneline -- {path}`; its owners decide on rewriting it",
            ),
        )
    if not found:
        looked = len(named) - len(fixtures)
        left = f"; {len(fixtures)} more are fixtures or examples by where they lie, and left out" if fixtures else ""
        yield Pass(
            f"no tracked key, database of accounts or filled .env: {looked} files of such names looked at{left}",
            tuple(fixtures[:20]),
        )


def _told(project: Project, path: str) -> tuple[str, Severity] | None:
    """What the content says, and how bad it is; None for what is harmless."""
    name = posixpath.basename(path)
    if name == ".env" or name.startswith(".env.") or name.endswith(".env"):
        names = secret_names(project.text(path))
        return (f"credentials: {', '.join(names[:5])}", Severity.HIGH) if names else None
    data = project.read(path)
    if is_private_key(data):
        return "a private key", Severity.CRITICAL
    if name.endswith(".key") and is_symmetric_key(data):
        return "a symmetric key", Severity.CRITICAL
    if is_database(data) and holds_accounts(data):
        return "a database with a table of accounts or sessions", Severity.HIGH
    return None


def _fixes(project: Project, path: str) -> tuple[Fix, ...]:
    draft = project.draft()
    name = posixpath.basename(path).encode()
    users = [p for p in project.grep(_BUILT_IN, "*.rs", "*.go", "Dockerfile*") if name in project.read(p)]
    if users:
        draft.refuse(f"{users[0]} builds it in: replace the secret and load it at run time first")
    draft.remove(path)
    if not project.ignores(path):
        draft.edit(".gitignore", gitignore.add, f"/{path}", comment="Secrets and local data")
    return draft.fixes(
        f"Take {path} out of the index",
        reason="merging it deletes the file from every work tree; the secret stays in history",
        individually=True,
    )
