"""go/guarded-file-paths: see the docstring of `check`."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts import goevidence
from fixers.model import Applicability, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BARE = """package main

import (
	"net/http"
	"os"
)

func download(w http.ResponseWriter, r *http.Request) {
	data, _ := os.ReadFile(r.PathValue("name"))
	_, _ = w.Write(data)
}
"""
GUARDED = BARE.replace('"os"\n', '"os"\n\t"path/filepath"\n').replace(
    'os.ReadFile(r.PathValue("name"))', 'os.ReadFile(filepath.Join(root, filepath.Base(r.PathValue("name"))))'
)


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("Q solid",),
    applies=("**/*.go",),
    bad={"files.go": BARE},
    good={"files.go": GUARDED},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """Uploads and downloads look at the path or kind of a file first.

    A name from a request that becomes a path is the way out of the folder it was meant for. Evidence: handlers
    that clean the path and keep it below its folder, or check the kind of an upload against a list.
    """
    places = tuple(goevidence.guarded_paths(project))[: goevidence.LIMIT]
    yield (
        Pass("paths from requests are kept below their folder", places)
        if places
        else NotApplicable("no handler that opens a file after a look at its path")
    )
