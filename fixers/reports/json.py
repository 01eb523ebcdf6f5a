"""The JSON report, version 1; its shape is published in scan.schema.json beside this file."""

from __future__ import annotations

import json as library
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fixers.model import Applied, Failed, Finding, Fix, Outcome, Pass, ScanResult, Severity
from fixers.patch import unified
from fixers.reports.areas import areas
from fixers.text import is_utf8, quoted, safe_text

if TYPE_CHECKING:
    from fixers.audits import Answer

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class About:
    """Which tool looked at which commit of which repository."""

    version: str
    name: str = ""
    commit: str = ""
    branch: str = ""


def report(
    result: ScanResult, about: About, outcomes: Iterable[Outcome] = (), answers: Sequence[Answer] | None = None
) -> str:
    """The whole report as a JSON text ending with a newline; paths are relative, lines 1-based.

    `answers`: the items of an audit that was given, None without one.
    """
    outcomes = tuple(outcomes)
    data = {
        "version": VERSION,
        "tool": {"name": "readiness-fix", "version": about.version},
        "repository": {"name": safe_text(about.name), "commit": about.commit, "branch": safe_text(about.branch)},
        "findings": [_finding(f) for f in result.findings],
        "passes": [_pass(p) for p in result.passes],
        "not_applicable": [{"rule": n.rule, "reason": safe_text(n.reason)} for n in result.not_applicable],
        "suppressed": [
            {"reason": safe_text(s.reason), "where": safe_text(s.where), "finding": _finding(s.finding)}
            for s in result.suppressed
        ],
        "skipped": [{**_path(s.path), "reason": safe_text(s.reason)} for s in result.skipped],
        "errors": [{"where": safe_text(p.where), "message": safe_text(p.message)} for p in result.problems],
        "outcomes": [_outcome(o) for o in outcomes],
        "audit": None if answers is None else [_answer(a) for a in answers],
        "summary": summary(result, outcomes),
    }
    return library.dumps(data, indent=2, ensure_ascii=True) + "\n"


def _path(path: str) -> dict[str, Any]:
    """A name that is not UTF-8 is quoted as git does it, and flagged."""
    return {"path": path} if is_utf8(path) else {"path": quoted(path), "path_quoted": True}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.level.label,
        "effort": finding.effort.label if finding.effort else "low",
        "title": finding.title,
        "message": safe_text(finding.message),
        **_path(finding.path),
        "line": finding.line or None,
        "end_line": finding.end_line or None,
        "locations": [
            {**_path(p.path), "line": p.line or None, "end_line": p.end_line or None, "note": safe_text(p.note)}
            for p in finding.locations
        ],
        "applicability": finding.applicability.value,
        "audit": list(finding.audit),
        "state": "open",
        "steps": [safe_text(s) for s in finding.steps],
        "fixes": [_fix(f, masked=finding.masked) for f in finding.fixes],
    }


def _fix(fix: Fix, *, masked: bool) -> dict[str, Any]:
    return {
        "name": fix.name,
        "title": safe_text(fix.title),
        "applicability": fix.applicability.value if fix.applicability else "manual",
        "reason": safe_text(fix.reason),
        "individually": fix.individually,
        "diff": None if masked else unified(fix.changes).decode("utf-8", "backslashreplace"),
    }


def _pass(passed: Pass) -> dict[str, Any]:
    return {
        "rule": passed.rule,
        "title": passed.title,
        "evidence": safe_text(passed.evidence),
        "audit": list(passed.audit),
        "locations": [{**_path(p.path), "line": p.line or None, "note": safe_text(p.note)} for p in passed.locations],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    base: dict[str, Any] = {"finding": outcome.finding.id, "rule": outcome.finding.rule}
    if isinstance(outcome, Applied):
        return {
            **base,
            "state": "applied",
            "commit": outcome.commit,
            "verified_by": safe_text(outcome.verified_by),
            "unverified": safe_text(outcome.unverified),
        }
    state = "failed" if isinstance(outcome, Failed) else "skipped"
    return {**base, "state": state, "reason": safe_text(outcome.reason)}


def _answer(answer: Answer) -> dict[str, Any]:
    from fixers.audits import words

    item = answer.item
    return {
        "line": item.line,
        "end_line": item.end_line,
        "number": safe_text(item.number),
        "title": safe_text(item.title),
        "severity": item.severity.label if item.severity else None,
        "said": safe_text(item.said),
        "state": answer.state.value,
        "words": words(answer),
        "rules": list(answer.rules),
        "findings": [f.id for f in answer.findings],
        "commits": [d.commit for d in answer.done],
    }


def summary(result: ScanResult, outcomes: Iterable[Outcome] = ()) -> dict[str, Any]:
    """The counts that every report shows."""
    outcomes = tuple(outcomes)
    fixed = [o.finding for o in outcomes if isinstance(o, Applied)]
    failed = sum(isinstance(o, Failed) for o in outcomes)
    by_level: Mapping[str, int] = {
        s.label: sum(f.level is s for f in result.findings) for s in sorted(Severity, reverse=True)
    }
    by_fix = {a: sum(f.applicability.value == a for f in result.findings) for a in ("safe", "unsafe", "manual")}
    return {
        "findings": len(result.findings),
        "severity": by_level,
        "applicability": by_fix,
        "passes": len(result.passes),
        "not_applicable": len(result.not_applicable),
        "suppressed": len(result.suppressed),
        "skipped": len(result.skipped),
        "errors": len(result.problems),
        "applied": len(fixed),
        "failed": failed,
        "files": result.files,
        "rules": result.rules,
        "seconds": round(result.seconds, 3),
        "areas": [
            {"area": a.name, "passed": a.passed, "fixed": a.fixed, "open": a.open}
            for a in areas(result.findings, result.passes, fixed)
        ],
    }
