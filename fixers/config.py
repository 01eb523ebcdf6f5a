"""The configuration: readiness-fix.toml, or [tool.readiness-fix] in pyproject.toml. It is data, never code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from fixers.model import Refused, Severity

FILE: Final = "readiness-fix.toml"
LIMIT: Final = 200_000
"""Bytes over which a configuration is refused: tomllib takes time that grows with the square of some inputs."""
_SHOWN: Final = 80
"""Characters of a wrong value that its message quotes."""
Key: TypeAlias = tuple[str, ...]
Declared: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Rule id to its options with their defaults."""
_KINDS: Final[Mapping[type, str]] = {int: "a whole number", str: "a string", bool: "true or false", list: "an array"}
_BARE: Final = re.compile(r"[\w-]+")
_NAME: Final = r'"([^"\n]*)"|\'([^\'\n]*)\'|([\w-]+)'
_HEADER: Final = re.compile(r"\s*(\[\[?)((?:[\w.\s-]|\"[^\"]*\"|'[^']*')+)\]")
_PAIR: Final = re.compile(r"((?:[\w.\s-]|\"[^\"]*\"|'[^']*')+?)=")


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


def find(read: Mapping[str, bytes], declared: Declared | None = None) -> Config:
    """The configuration among the root's files (`{name: bytes}` of the candidates that exist)."""
    if FILE in read:
        return parse(read[FILE], FILE, declared=declared)
    if "pyproject.toml" in read and b"readiness-fix" in read["pyproject.toml"]:
        return parse(read["pyproject.toml"], "pyproject.toml", ("tool", "readiness-fix"), declared)
    return Config()


def nested(root: Config, read: Mapping[str, bytes]) -> Config:
    """The root's configuration with what the folders below set aside for themselves (`{path: bytes}` of their files).

    A folder's own file may ignore and exclude; globs in it are relative to its folder. What else is asked for is the
    root's to say: raises ConfigError.
    """
    found = root
    for path in sorted(read):
        folder = path.rpartition("/")[0]
        own = parse(read[path], path)
        more = Config(ignore=own.ignore, exclude=own.exclude, where=own.where)
        if own != more:
            raise ConfigError(f"{path}: only `ignore` and `exclude` count below the root")
        ignore = tuple(replace(i, path=_below(folder, i.path or "**")) for i in own.ignore)
        exclude = tuple(replace(e, paths=tuple(_below(folder, p) for p in e.paths)) for e in own.exclude)
        found = replace(found, ignore=(*found.ignore, *ignore), exclude=(*found.exclude, *exclude))
    return found


def _below(folder: str, glob: str) -> str:
    """A glob of a folder's own file as the root would write it."""
    anywhere = "/" not in glob and glob != "**"
    return f"/{folder}/**/{glob}" if anywhere else f"/{folder}/{glob.removeprefix('/')}"


def parse(data: bytes, where: str, inside: tuple[str, ...] = (), declared: Declared | None = None) -> Config:
    """Read a configuration. `declared`: the options of each rule with their defaults, whose types count.

    Raises ConfigError.
    """
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
    return _Reading(where, _places(data.decode("utf-8-sig"), inside), declared or {}).config(table)


def _places(text: str, inside: tuple[str, ...]) -> dict[Key, int]:
    """The 1-based line of each table and key; the entries of an array of tables are counted from 0."""
    found: dict[Key, int] = {}
    entries: dict[Key, int] = {}
    table: Key = ()
    for number, line in enumerate(text.split("\n"), 1):
        header, pair = _HEADER.match(line), _PAIR.match(line)
        if header:
            table = _words(header[2])
            found.setdefault(table, number)
            if header[1] == "[[":
                entries[table] = entries.get(table, -1) + 1
                table = (*table, str(entries[table]))
            found.setdefault(table, number)
        elif pair:
            found.setdefault((*table, *_words(pair[1])), number)
    return {key[len(inside) :]: line for key, line in found.items() if key[: len(inside)] == inside}


def _words(dotted: str) -> Key:
    return tuple(next(filter(None, groups), "") for groups in re.findall(_NAME, dotted))


class _Reading:
    def __init__(self, where: str, places: Mapping[Key, int], declared: Declared) -> None:
        self.where = where
        self.places = places
        self.declared = declared

    def fail(self, key: Key, expected: str, value: object) -> ConfigError:
        """What is wrong, at the key or, for one that is missing, at the table that should hold it."""
        line = next((self.places[key[:n]] for n in range(len(key), -1, -1) if key[:n] in self.places), 0)
        place = f"{self.where}:{line}" if line else self.where
        names = [k if _BARE.fullmatch(k) else f'"{k}"' for k in key if not k.isdecimal()]
        found = "nothing" if value is None else repr(value)
        found = found if len(found) <= _SHOWN else found[:_SHOWN] + "…"
        return ConfigError(f"{place}: `{'.'.join(names)[:_SHOWN]}`: expected {expected}, found {found}")

    def config(self, table: Any) -> Config:
        if not isinstance(table, dict):
            raise self.fail((), "a table", table)
        known = {"select", "ignore", "exclude", "min-severity", "options", "prefer", "verify", "keys"}
        self.only(table, (), *sorted(known))
        return Config(
            select=self.strings(table, ("select",)),
            ignore=tuple(self.ignore(t, ("ignore", str(n))) for n, t in enumerate(self.tables(table, "ignore"))),
            exclude=tuple(self.exclude(t, ("exclude", str(n))) for n, t in enumerate(self.tables(table, "exclude"))),
            min_severity=self.severity(table),
            options=self.options(table),
            prefer=self.words(table, "prefer"),
            verify=self.strings(table, ("verify",)),
            keys=self.words(table, "keys"),
            where=self.where,
        )

    def strings(self, table: dict[str, Any], key: Key) -> tuple[str, ...]:
        value = table.get(key[-1], [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.fail(key, "an array of strings", value)
        return tuple(value)

    def tables(self, table: dict[str, Any], key: str) -> list[dict[str, Any]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.fail((key,), f"an array of tables ([[{key}]])", value)
        return value

    def words(self, table: dict[str, Any], key: str) -> dict[str, str]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self.fail((key,), "a table of strings", value)
        for name, word in value.items():
            if not isinstance(word, str):
                raise self.fail((key, name), "a string", word)
        return value

    def severity(self, table: dict[str, Any]) -> Severity:
        value = table.get("min-severity", "low")
        names = [s.label for s in Severity]
        if value not in names:
            raise self.fail(("min-severity",), f"one of {', '.join(names)}", value)
        return Severity[value.upper()]

    def options(self, table: dict[str, Any]) -> dict[str, dict[str, Any]]:
        value = table.get("options", {})
        if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
            raise self.fail(("options",), 'one table per rule ([options."git/no-codeowners"])', value)
        for rule in value.keys() & self.declared.keys():
            self.option(rule, value[rule])
        return value

    def option(self, rule: str, given: dict[str, Any]) -> None:
        """An option that the rule does not have, or of another kind than its default, would have no effect or harm."""
        declared = self.declared[rule]
        self.only(given, ("options", rule), *declared)
        for name, value in given.items():
            kind = type(declared[name])
            if type(value) is not kind:
                raise self.fail(("options", rule, name), _KINDS.get(kind, f"a value like {declared[name]!r}"), value)

    def text(self, entry: dict[str, Any], key: Key, *, needed: bool) -> str:
        value = entry.get(key[-1], None if needed else "")
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.fail(key, "a sentence" if key[-1] == "reason" else "a string", value)
        return value.strip()

    def only(self, entry: dict[str, Any], of: Key, *keys: str) -> None:
        for key in entry:
            if key not in keys:
                expected = f"one of {', '.join(keys)}" if keys else "nothing: the rule has no options"
                raise self.fail((*of, key), expected, key)

    def ignore(self, entry: dict[str, Any], at: Key) -> Ignore:
        self.only(entry, at, "rule", "path", "finding", "reason")
        return Ignore(
            rule=self.text(entry, (*at, "rule"), needed=True),
            reason=self.text(entry, (*at, "reason"), needed=True),
            path=self.text(entry, (*at, "path"), needed=False),
            finding=self.text(entry, (*at, "finding"), needed=False),
        )

    def exclude(self, entry: dict[str, Any], at: Key) -> Exclude:
        self.only(entry, at, "paths", "reason")
        if not entry.get("paths"):
            raise self.fail((*at, "paths"), "an array of globs", entry.get("paths"))
        return Exclude(self.strings(entry, (*at, "paths")), self.text(entry, (*at, "reason"), needed=True))
