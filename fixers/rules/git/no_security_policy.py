"""Nobody knows where to report a vulnerability."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.forge import GITHUB, GITLAB, forge
from fixers.model import Applicability, Context, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_GLOBS = ("/SECURITY*", "/.github/SECURITY*", "/docs/SECURITY*", "/doc/SECURITY*", "security.txt", "/security.md",
          "/.github/security.md", "/docs/security.md", "/.gitlab/SECURITY*")  # fmt: skip
_TELLING: Final = (
    "/README*",
    "/CONTRIBUTING*",
    "/.github/CONTRIBUTING*",
    "/.github/ISSUE_TEMPLATE/*",
    "/.github/*.yml",
)
_TOLD: Final = re.compile(
    rb"(?i)\bsecurity@[\w-]+\.|/security/(?:advisories/new|policy)\b|\btab=security|\bsecurity-ov-file"
)
"""A private way that a file of another name tells, often the policy of the whole organisation."""
_TREE = {"README.md": "# Chat\n"}


@rule(
    severity=Severity.LOW,
    fix=Applicability.UNSAFE,
    context=Context(remotes=("https://github.com/example/chat.git",)),
    bad=_TREE,
    good={
        **_TREE,
        "SECURITY.md": "# Security\n\n"
        "Please report a vulnerability in private, not in an issue:\n"
        "https://github.com/example/chat/security/advisories/new\n\n"
        "Say what an attacker can do, with which version, and how to see it. Fixes are made for the latest release.\n",
    },
)
def check(project: Project) -> Iterator[Result]:
    """No security policy says where to report a vulnerability.

    Whoever finds a fault and sees no private way to say so tells it in a public issue, or not at all. The
    file names the forge's own private form, nothing else: no address is made up.
    """
    known = project.files(*_GLOBS) or tuple(p for p in project.files(*_TELLING) if _TOLD.search(project.read(p)))
    if known:
        yield Pass("a security policy is there", (Location(known[0]),))
        return
    where = forge(project)
    forms = {
        GITHUB: f"https://{where.host}/{where.slug}/security/advisories/new",
        GITLAB: f"https://{where.host}/{where.slug}/-/issues/new?issue[confidential]=true",
    }
    draft = project.draft()
    if where.slug and where.kind in forms:
        draft.create("SECURITY.md", _text(forms[where.kind]))
    else:
        draft.refuse("no remote tells where a report can be sent: write down an address that is read")
    yield Finding(
        "SECURITY.md",
        "no SECURITY.md: there is no private way to report a vulnerability",
        anchor="security",
        fixes=draft.fixes("Say where to report a vulnerability", reason="private reporting has to be turned on"),
        steps=("Turn on private vulnerability reporting in the settings of the repository",),
    )


def _text(form: str) -> str:
    return (
        f"# Security\n\nPlease report a vulnerability in private, not in an issue:\n{form}\n\n"
        "Say what an attacker can do, with which version, and how to see it. Fixes are made for the latest release.\n"
    )
