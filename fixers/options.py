"""What the caller asks for, laid over what the repository's configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from fixers import config as configuration
from fixers.model import Severity
from fixers.project import Reader
from fixers.text import safe_text

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
    signoff: bool = False
    sign: bool = False


def configured(options: Options, reader: Reader) -> configuration.Config:
    """The repository's configuration (or the one named), with the command line on top."""
    if options.config_file is not None:
        name = options.config_file.name
        try:
            data = options.config_file.read_bytes()
        except OSError as error:
            raise configuration.ConfigError(f"--config {safe_text(name)}: {error.strerror}") from None
        found = configuration.parse(data, name, ("tool", "readiness-fix") if name == "pyproject.toml" else ())
    else:
        entries = reader.entries()
        found = configuration.find({n: reader.read(n) for n in _ROOT_FILES if n in entries})
    settings: dict[str, Mapping[str, Any]] = {**found.options}
    if options.owner:
        settings["git/no-codeowners"] = {**settings.get("git/no-codeowners", {}), "owner": options.owner}
    return replace(found, min_severity=options.min_severity or found.min_severity, options=settings)
