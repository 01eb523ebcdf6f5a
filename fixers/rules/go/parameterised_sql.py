"""go/parameterised-sql: see the docstring of `check`."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import goevidence
from fixers.model import Applicability, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BUILT = """package store

import (
	"database/sql"
	"fmt"
)

func find(db *sql.DB, name string) *sql.Row {
	return db.QueryRow(fmt.Sprintf("SELECT id FROM notes WHERE name = '%s'", name))
}
"""
GOOD = """package store

import "database/sql"

func find(db *sql.DB, name string) *sql.Row {
	return db.QueryRow("SELECT id FROM notes WHERE name = ?", name)
}
"""


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("Q solid",),
    applies=("**/*.go",),
    bad={"store.go": BUILT},
    good={"store.go": GOOD},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """SQL statements take their values as parameters.

    A value that is pasted into a statement can end it and begin another. Evidence: statements that are literals
    with their values beside them; the number of those that are put together is said along with it.
    """
    good, built = goevidence.statements(project)
    if not good or len(built) > len(good):
        yield NotApplicable("no statement with parameters" if not good else "most statements are put together")
        return
    rest = f"; {len(built)} are put together, which is for identifiers only" if built else ""
    yield Pass(f"{len(good)} statements take their values as parameters{rest}", tuple(good[: goevidence.LIMIT]))
