"""A plain folder that is no git repository: it can be scanned, not mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fixers import scan as scanning
from fixers.model import ScanResult
from fixers.options import Options, configured, part, rules_of
from fixers.project import Project
from fixers.vcs import FolderReader


def scan_folder(path: str | Path, options: Options) -> tuple[ScanResult, str]:
    """What the rules say of a plain folder that is no git repository, and its name."""
    reader = FolderReader(Path(path))
    found = configured(options, reader)
    rules = rules_of(options, found)
    project = Project(reader, under=part(options, reader), excluded=found.excluded)
    return scanning.scan(project, rules, replace(found, select=())).result(), Path(path).resolve().name
