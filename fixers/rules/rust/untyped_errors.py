"""Evidence: errors have a type or a code that a caller can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts import rust
from fixers.model import Applicability, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

CODE = """\
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("no such key")]
    Missing,
    #[error("database: {0}")]
    Database(String),
}
"""
_TYPED: Final = re.compile(
    r"derive\([^)]*\b(?:thiserror::)?Error\b[^)]*\)\]\s*(?:#\[[^\]]*\]\s*)*pub(?:\([^)]*\))?\s+enum\s+\w+|"
    r"impl\s+(?:\w+::)*IntoResponse\s+for\s+\w*Error|impl\s+(?:\w+::)*ResponseError\s+for\s+\w+|"
    r"impl\s+(?:std::error::|core::error::|error::)?Error\s+for\s+\w+|"
    r"\b(?:pub(?:\([^)]*\))?\s+)?(?:const\s+E_?[A-Z]*\d+\w*|enum\s+ErrorCode|fn\s+coded_error)\b"
)


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("M good",),
    applies=("*.rs",),
    bad={"src/lib.rs": "pub fn open() -> Result<(), String> {\n    Err(String::new())\n}\n"},
    good={"src/lib.rs": CODE},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """Errors have types or codes.

    A caller that gets a type or a code can retry, tell the user, or give up; one that gets a text can only print it.
    This looks for what is there.
    """
    found = []
    for path in project.grep(
        [b"Error for", b"Error)]", b"Error,", b"ErrorCode", b"coded_error", b"IntoResponse"], "*.rs"
    ):
        if not rust.is_test_path(project, path) and (match := _TYPED.search(project.text(path))):
            found.append(Location(path, project.text(path).count("\n", 0, match.start()) + 1))
        if len(found) == 5:
            break
    if found:
        yield Pass("errors have types or codes", tuple(found))
    else:
        yield NotApplicable("no error type of the project was recognised")
