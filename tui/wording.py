"""Words that both faces use for the same thing."""

from __future__ import annotations

from typing import Final

from fixers.model import Effort, Finding
from fixers.text import safe_text

READING: Final = {
    Effort.LOW: "",
    Effort.MEDIUM: "takes a while to review",
    Effort.HIGH: "much to review",
}
"""What a rule's effort means to the person who decides; next to nothing is not worth a word."""
_AUDITS: Final = {
    "M": "the production readiness audit of a Rust messenger (quicnprotochat)",
    "Q": "the www readiness audit of a Go server (QNTX)",
}
"""The two audits that the catalogue of rules began with: an item is a letter and the number in its text."""


def audit(item: str) -> str:
    """An audit item in words: which report, and where in it."""
    report, rest, shown = _AUDITS.get(item[:1]), item[1:].strip(), safe_text(item)
    if report is None:
        return shown
    return f"{shown}: item {rest} of {report}" if rest.isdigit() else f"{shown}: found in order by {report}"


def effort(finding: Finding) -> str:
    """How much work the fix is for a reviewer."""
    return (
        "" if finding.effort is None else f"{finding.effort.label}: {READING[finding.effort] or 'a glance is enough'}"
    )
