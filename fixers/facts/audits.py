"""What in the CI of the tree looks for known vulnerabilities in dependencies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from fixers.facts.forge import ci_files
from fixers.model import Location
from fixers.project import Project

_ALL: Final = (
    r"osv-scanner|trivy|\bsnyk\b|dependency-review-action|dependency[-_]check|\bgrype\b|anchore/scan|\bmend\b|whitesource"
    r"|fossa|socketsecurity|aikido|blackduck|veracode|checkmarx|jfrog|xray"
)
_TOOLS: Final = {
    "rust": r"cargo[- ]audit|audit-check|rustsec",
    "go": r"govulncheck|\bnancy\b|\bgosec\b",
    "python": r"pip-audit|\bsafety (?:check|scan)\b|pyupio/safety",
    "node": r"(?:npm|pnpm|yarn|bun)(?: npm| run)? audit|audit-ci|better-npm-audit|yarn-audit",
}
_DENY: Final = re.compile(rb"cargo[- ]deny")
_DENY_CHECKS: Final = re.compile(rb"\bcheck((?:[ \t]+(?:advisories|bans|licenses|sources|all))*)")


@dataclass(frozen=True, slots=True)
class Audits:
    """Where each language's dependencies are audited; `denies` where cargo-deny runs at all, for whatever check."""

    places: Mapping[str, Location] = field(default_factory=dict)
    denies: Location | None = None


def audits(project: Project) -> Audits:
    """Every audit that a CI file, or a script that it may call, starts; comments do not count."""
    places: dict[str, Location] = {}
    denies: Location | None = None
    for path in project.fact(ci_files):
        data = re.sub(rb"(?m)^[ \t]*(?:#|//).*$", b"", project.read(path))
        for language, words in _TOOLS.items():
            match = re.search(rb"(?i)" + f"{words}|{_ALL}".encode(), data)
            if match and language not in places:
                places[language] = Location(path, data.count(b"\n", 0, match.start()) + 1, note=match[0].decode())
        match = _DENY.search(data)
        if match:
            where = Location(path, data.count(b"\n", 0, match.start()) + 1, note="cargo-deny")
            denies = denies or where
            checks = [set(words.split()) for words in _denied(data)]
            if not checks or any(not c or {b"advisories", b"all"} & c for c in checks):
                places.setdefault("rust", where)
    return Audits(places, denies)


def _denied(data: bytes) -> Iterator[bytes]:
    """The checks that each call of cargo-deny names, "" for all: on its line, or in the step of its action."""
    for match in _DENY.finditer(data):
        start, end = data.rfind(b"\n", 0, match.start()) + 1, data.find(b"\n", match.end())
        line = data[start : end if end >= 0 else len(data)]
        if b"cargo-deny-action" in line:
            step = re.split(rb"(?m)^\s*- ", data[start + len(line) :], maxsplit=1)[0]
            named = _DENY_CHECKS.search(step)
            yield named[1] if named else b""
        elif named := _DENY_CHECKS.search(line, match.end() - start) or _DENY_CHECKS.search(line):
            yield named[1]
