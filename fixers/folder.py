"""A plain folder that is no git repository: it can be scanned, not mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fixers import scan as scanning
from fixers.answering import Answering
from fixers.model import ScanResult
from fixers.options import Options, configured, part, rules_of
from fixers.project import Project
from fixers.session import Session
from fixers.vcs import FolderReader, NotARepository

if TYPE_CHECKING:
    from fixers.audits import Answer


def opened_or_folder(path: str | Path, options: Options) -> Session | None:
    """A read-only session; None when the path is a folder outside any repository."""
    try:
        return Session(path, options, write=False)
    except NotARepository:
        if Path(path).is_dir():
            return None
        raise


def scan_folder(path: str | Path, options: Options) -> tuple[ScanResult, str, tuple[Answer, ...]]:
    """What the rules say of a plain folder that is no git repository, its name, and the answers to an audit."""
    reader = FolderReader(Path(path))
    found = configured(options, reader)
    rules = rules_of(options, found)
    project = Project(reader, under=part(options, reader), excluded=found.excluded)
    answering = Answering(options.audit, Path(path).resolve())
    answering.stand(reader, (), {})
    result = scanning.scan(project, rules, replace(found, select=())).result()
    return result, Path(path).resolve().name, answering.answers(result, reader.entries())
