"""The message of a fix's commit, and its trailers read back."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Final

from fixers.model import Applicability, Finding, Fix
from fixers.text import safe_text

WIDTH: Final = 72
CHECKS: Final = ("parse", "quiet", "nothing-new")
"""What every fix passed before it was committed: it parses, its rule is quiet, no rule has a new finding."""
VERIFIED_BY: Final = "Readiness-Verified-By"
"""The trailer of a commit that the project's own build agreed to."""
_TRAILER: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")
_CUTS: Final = re.compile(r"^(?:From |>|---|diff -|Index: |-- $)")
"""Beginnings of a line at which `git am` or `git interpret-trailers` think that the message is over."""
_MISREAD: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*: |" + _CUTS.pattern)


def commit_message(
    finding: Finding,
    fix: Fix,
    rule_why: str = "",
    checks: Iterable[str] = CHECKS,
    verified_by: str = "",
    depends_on: Iterable[str] = (),
    signoff: str = "",
) -> str:
    """What `git log` shows of a fix: its title, what was found, why it matters, and trailers to act on.

    Text of the repository (paths, messages, titles) is escaped and indented where it could be read as
    a trailer, or as the end of the message by `git am`. `signoff` is ``Name <mail>``.
    """
    title = _line(fix.title)
    subject = textwrap.shorten(_CUTS.sub(r"Mend \g<0>", title), WIDTH, placeholder="…")
    where = f"{finding.path}:{finding.line}" if finding.line else finding.path
    body = [] if subject == title else [_wrapped(title)]
    body.append(_wrapped(f"{where}: {finding.message}"))
    body += [_wrapped(part) for part in re.split(r"\n\s*\n", rule_why.strip()) if part]
    safety = (fix.applicability or Applicability.MANUAL).value
    trailers = [("Readiness-Rule", finding.rule), ("Readiness-Finding", finding.id)]
    trailers += [("Readiness-Audit", ", ".join(finding.audit))] if finding.audit else []
    trailers.append(("Readiness-Safety", f"{safety} ({fix.reason})" if fix.reason else safety))
    trailers += [("Readiness-Depends-On", other) for other in depends_on]
    trailers.append(("Readiness-Checked", ", ".join(checks)))
    trailers += [(VERIFIED_BY, verified_by)] if verified_by else []
    trailers += [("Signed-off-by", signoff)] if signoff else []
    last = "\n".join(f"{name}: {_line(value)}" for name, value in trailers)
    return "\n\n".join([subject, *body, last]) + "\n"


def _line(text: str) -> str:
    return " ".join(safe_text(text, newlines=True).split())


def _wrapped(text: str) -> str:
    lines = textwrap.wrap(_line(text), WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join(" " + line if _MISREAD.match(line) else line for line in lines)


def trailers(message: str) -> dict[str, tuple[str, ...]]:
    """The trailers of a message: the lines ``Key: value`` of its last paragraph, in order."""
    last = re.split(r"\n[ \t]*\n", message.strip())[1:][-1:]
    found: dict[str, tuple[str, ...]] = {}
    for line in (last[0] if last else "").split("\n"):
        if match := _TRAILER.fullmatch(line.rstrip()):
            found[match[1]] = (*found.get(match[1], ()), match[2])
    return found
