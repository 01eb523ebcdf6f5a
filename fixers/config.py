"""The configuration: readiness-fix.toml, or [tool.readiness-fix] in pyproject.toml. It is data, never code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fixers.model import Refused, Severity

FILE: Final = "readiness-fix.toml"
LIMIT: Final = 200_000
"""Bytes over which a configuration is refused: tomllib takes time that grows with the square of some inputs."""
_SHOWN: Final = 80
"""Characters of a wrong value that its message quotes."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """A rule (or a prefix) that is set aside, everywhere or below a glob, for a reason."""

    rule: str
    reason: str
    path: str = ""
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Exclude:
    """Paths that are not looked at, for a reason."""

    paths: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Config:
    """What the repository (or --config) asks for."""

    select: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    exclude: tuple[Exclude, ...] = ()
    min_severity: Severity = Severity.LOW
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    prefer: Mapping[str, str] = field(default_factory=dict)
    verify: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    where: str = ""

    @property
    def excluded(self) -> tuple[str, ...]:
        """All excluded globs."""
        return tuple(p for e in self.exclude for p in e.paths)


class ConfigError(Refused):
    """A configuration that cannot be used; the text names the file, the line, the key and what was expected."""


def find(read: Mapping[str, bytes]) -> Config:
    """The configuration among the root's files (`{name: bytes}` of the candidates that exist)."""
    if FILE in read:
        return parse(read[FILE], FILE)
    if "pyproject.toml" in read and b"readiness-fix" in read["pyproject.toml"]:
        return parse(read["pyproject.toml"], "pyproject.toml", ("tool", "readiness-fix"))
    return Config()


def parse(data: bytes, where: str, inside: tuple[str, ...] = ()) -> Config:
    """Read a configuration. Raises ConfigError."""
    if len(data) > LIMIT:
        if inside and b"readiness-fix" not in data:
            return Config()
        raise ConfigError(f"{where}: larger than {LIMIT // 1000} kB; a configuration is a few lines")
    try:
        table: Any = tomllib.loads(data.decode("utf-8-sig"))
    except (
        ValueError,
        RecursionError,
    ) as error:  # ValueError: also bytes that are not UTF-8 and numbers of 5,000 digits
        if inside:
            return Config()
        raise ConfigError(f"{where}: not valid TOML: {error}") from None
    for name in inside:
        table = table.get(name, {}) if isinstance(table, dict) else {}
    return _Reading(where, data).config(table)


class _Reading:
    def __init__(self, where: str, data: bytes) -> None:
        self.where = where
        self.lines = data.decode("utf-8", "replace").split("\n")

    def fail(self, key: str, expected: str, value: object) -> ConfigError:
        shown = re.escape(key.rpartition(".")[2])
        line = next((n for n, t in enumerate(self.lines, 1) if re.match(rf"\s*\[*\"?[\w.\"/-]*{shown}\b", t)), 0)
        place = f"{self.where}:{line}" if line else self.where
        found = repr(value)
        found = found if len(found) <= _SHOWN else found[:_SHOWN] + "…"
        return ConfigError(f"{place}: `{key[:_SHOWN]}`: expected {expected}, found {found}")

    def config(self, table: Any) -> Config:
        if not isinstance(table, dict):
            raise self.fail("tool.readiness-fix", "a table", table)
        known = {"select", "ignore", "exclude", "min-severity", "options", "prefer", "verify", "keys"}
        for key in table:
            if key not in known:
                raise self.fail(key, f"one of {', '.join(sorted(known))}", key)
        return Config(
            select=self.strings(table, "select"),
            ignore=tuple(self.ignore(t) for t in self.tables(table, "ignore")),
            exclude=tuple(self.exclude(t) for t in self.tables(table, "exclude")),
            min_severity=self.severity(table),
            options=self.options(table),
            prefer=self.words(table, "prefer"),
            verify=self.strings(table, "verify"),
            keys=self.words(table, "keys"),
            where=self.where,
        )

    def strings(self, table: dict[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.fail(key, "an array of strings", value)
        return tuple(value)

    def tables(self, table: dict[str, Any], key: str) -> list[dict[str, Any]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.fail(key, f"an array of tables ([[{key}]])", value)
        return value

    def words(self, table: dict[str, Any], key: str) -> dict[str, str]:
        value = table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self.fail(key, "a table of strings", value)
        return value

    def severity(self, table: dict[str, Any]) -> Severity:
        value = table.get("min-severity", "low")
        names = [s.label for s in Severity]
        if value not in names:
            raise self.fail("min-severity", f"one of {', '.join(names)}", value)
        return Severity[value.upper()]

    def options(self, table: dict[str, Any]) -> dict[str, dict[str, Any]]:
        value = table.get("options", {})
        if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
            raise self.fail("options", 'one table per rule ([options."git/no-codeowners"])', value)
        return value

    def text(self, entry: dict[str, Any], key: str, of: str, *, needed: bool) -> str:
        value = entry.get(key, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.fail(f"{of}.{key}", "a sentence" if key == "reason" else "a string", value)
        return value.strip()

    def only(self, entry: dict[str, Any], of: str, *keys: str) -> None:
        for key in entry:
            if key not in keys:
                raise self.fail(f"{of}.{key}", f"one of {', '.join(keys)}", key)

    def ignore(self, entry: dict[str, Any]) -> Ignore:
        self.only(entry, "ignore", "rule", "path", "finding", "reason")
        return Ignore(
            rule=self.text(entry, "rule", "ignore", needed=True),
            reason=self.text(entry, "reason", "ignore", needed=True),
            path=self.text(entry, "path", "ignore", needed=False),
            finding=self.text(entry, "finding", "ignore", needed=False),
        )

    def exclude(self, entry: dict[str, Any]) -> Exclude:
        self.only(entry, "exclude", "paths", "reason")
        if not entry.get("paths"):
            raise self.fail("exclude.paths", "an array of globs", entry.get("paths"))
        return Exclude(self.strings(entry, "paths"), self.text(entry, "reason", "exclude", needed=True))
