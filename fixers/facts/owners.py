"""Who looks after the parts of the tree: handles that history proves, never guessed from names."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from fixers.facts import cargo
from fixers.facts.forge import forge
from fixers.facts.subprojects import aside
from fixers.project import Project

_NOREPLY: Final = re.compile(
    r"(?:\d+\+)?([A-Za-z0-9][A-Za-z0-9-]*)@users\.noreply\.github\.com"
    r"|(?:\d+-)?([A-Za-z0-9][\w.-]*)@users\.noreply\.gitlab\.com"
    r"|([A-Za-z0-9][\w.-]*)@noreply\.codeberg\.org"
)
_BOT: Final = re.compile(
    r"(?i)\[bot\]|\bbot\b|dependabot|renovate|github-actions|semantic-release|allcontributors|\bautomation\b"
)
_SENSITIVE: Final = re.compile(r"(?:^|/)(?:auth|authn|authz|oauth|crypto|cryptography|security|tls|acl|secrets)$")
_LEFT_OVER: Final = re.compile(r"logs?|te?mp|storage|_?build|dist|out|vendor|LICENSES|licenses")
"""Top folders that nobody reviews: what programs write, texts of licences."""
_MOST: Final = 16
"""Lines that somebody reads: of more crates, the folder that holds them is named."""
_SHARE: Final = 0.3
"""Of the commits below a path: less is a contributor, whose name as owner would be news to them."""
_FEW: Final = 3
"""Commits below which nobody is an owner: a pull request or two."""


def people(project: Project, under: str = "") -> list[tuple[str, int]]:
    """(name, commits) of humans who committed below a path, most first; several mails of one name are one person."""
    commits: Counter[str] = Counter()
    for name, mail, count in project.authors(under):
        if not _BOT.search(name) and not _BOT.search(mail):
            commits[name] += count
    return commits.most_common()


def handle(project: Project, under: str = "") -> str:
    """`@handle` of the person who looks after a path; "" when no address proves one of theirs.

    That is who has most commits there, or a share of `_SHARE`; never somebody who passed by once.
    """
    known = project.fact(_handles)
    if not known:
        return ""
    there = people(project, under)
    total, most = sum(count for _, count in there), max((count for _, count in there), default=0)
    few = 1 if len(there) == 1 and not under else _FEW
    owners = (n for n, count in there if count >= few and (count == most or count >= _SHARE * total))
    return next((known[name] for name in owners if name in known), "")


def _handles(project: Project) -> dict[str, str]:
    """`@handle` by name, of those whose address proves one on this forge."""
    where = forge(project)
    wanted = 1 if where.kind in ("", "github") else 2 if where.kind == "gitlab" else 3
    matches = ((name, _NOREPLY.fullmatch(mail)) for name, mail, _ in reversed(project.authors()))
    return {name: f"@{match[wanted]}" for name, match in matches if match and match[wanted] and not _BOT.search(name)}


def parts(project: Project) -> tuple[str, ...]:
    """The folders that have owners of their own: the crates of a workspace, else the top folders."""
    crates = [p.folder for p in project.fact(cargo.packages) if p.folder and not aside(p.folder)]
    top = {p.partition("/")[0] for p in project.files() if "/" in p and not p.endswith(("/.keep", "/.gitkeep"))}
    plain = {t for t in top if not t.startswith(".") and not _LEFT_OVER.fullmatch(t)}
    held = {c.partition("/")[0] for c in crates}
    whole = {*crates, *(plain - held)}
    return tuple(sorted(whole if len(whole) <= _MOST else plain))[:_MOST]


def sensitive(project: Project) -> tuple[str, ...]:
    """Folders whose changes want a second look: authentication, cryptography, and what builds and releases."""
    found = {f for f in project.folders() if _SENSITIVE.search(f) and f.count("/") < 5 and not aside(f)}
    outer = {f for f in found if not any(f != o and f.startswith(o + "/") for o in found)}
    forges = {f for f in (".github", ".gitlab", ".forgejo") if f in project.folders()}
    return tuple(sorted(forges) + sorted(outer)[:6])
