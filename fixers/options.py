"""What the caller asks for, laid over what the repository's configuration says."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from fixers import config as configuration
from fixers import registry
from fixers.model import REGULAR, Refused, Rule, Severity
from fixers.project import Reader
from fixers.text import safe_text
from fixers.tree import matches
from fixers.vcs.files import small

_NESTED: Final = 200
"""Folders with a configuration of their own, over which nobody wrote them by hand."""
_ROOT_FILES: Final = (configuration.FILE, "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller asks for, on top of the repository's configuration."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    under: str = ""
    branch: str = ""
    config_file: Path | None = None
    min_severity: Severity | None = None
    owner: str = ""
    audit: str = ""
    signoff: bool = False
    sign: bool = False


def configured(options: Options, reader: Reader) -> configuration.Config:
    """The repository's configuration (or the one named), with the command line on top."""
    declared = {r.id: r.options for r in registry.rules()}
    if options.config_file is not None:
        name = options.config_file.name
        data = small(Path(os.path.realpath(options.config_file)))
        if data is None:
            raise configuration.ConfigError(f"--config {safe_text(str(options.config_file))}: there is no such file")
        inside = ("tool", "readiness-fix") if name == "pyproject.toml" else ()
        found = configuration.parse(data, name, inside, declared)
    else:
        entries = reader.entries()
        found = configuration.find({n: reader.read(n) for n in _ROOT_FILES if n in entries}, declared)
        own = [p for p, e in entries.items() if p.endswith("/" + configuration.FILE) and e.mode == REGULAR]
        own = [p for p in own if not found.excluded or not matches(p, found.excluded)]
        found = configuration.nested(found, {p: reader.read(p) for p in own[:_NESTED]})
    settings: dict[str, Mapping[str, Any]] = {**found.options}
    if options.owner:
        settings["git/no-codeowners"] = {**settings.get("git/no-codeowners", {}), "owner": options.owner}
    return replace(found, min_severity=options.min_severity or found.min_severity, options=settings)


def rules_of(options: Options, found: configuration.Config) -> tuple[Rule, ...]:
    """The rules that the command line asks for, else the configuration.

    Raises Refused for a name that is no rule's, and when none is left: either would pass as "no findings".
    """
    known = registry.rules()
    for where, prefixes in (
        ("--select", options.select),
        ("--ignore", options.ignore),
        (f"{found.where}: `select`", found.select),
    ):
        for prefix in prefixes:
            if not registry.chosen(known, (prefix,), ()):
                raise Refused(f"{where}: {registry.unknown(prefix)}")
    rules = registry.chosen(known, options.select or found.select, options.ignore)
    if not rules:
        raise Refused("no rule is left to look with: see --select and --ignore")
    return rules


def part(options: Options, reader: Reader) -> str:
    """The folder of `--path`, relative to the root. Raises Refused when the tree has no such folder."""
    named = posixpath.normpath(options.under).strip("/") if options.under else "."
    if named == ".":
        return ""
    if not any(p.startswith(named + "/") for p in reader.entries()):
        raise Refused(f"--path {safe_text(options.under)}: no file of the commit lies below that folder")
    return named


def widened(options: Options, asked: Path, root: Path) -> tuple[str, ...]:
    """What to say when the caller named a file or a folder inside a repository: all of it is looked at."""
    place = asked.resolve()
    if options.under or place in (root, root / ".git"):
        return ()
    return (
        f"{safe_text(place.name)} lies in {safe_text(root.name)}, which is looked at as a whole; --path is for a part",
    )
