"""Every value of a project's own configuration files, whatever their format, and how to change one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors import env, ini, json, toml, yaml
from fixers.facts import charts
from fixers.facts.python_project import is_development, is_product
from fixers.model import Refused
from fixers.project import Draft, Project

GLOBS: Final = ("*.toml", "*.yml", "*.yaml", "*.json", "*.jsonc", ".env", ".env.*", "*.env", "*.ini", "*.cfg", "*.conf")
_NOT_OURS: Final = re.compile(
    r"(?:^|/)(?:package(?:-lock)?|tsconfig[^/]*|jsconfig[^/]*|composer|renovate|launch|devcontainer|vercel|angular|nx|lerna)"
    r"\.jsonc?$|(?:^|/)(?:Cargo|pyproject|deny|clippy|rustfmt|taplo|netlify|book|uv|rust-toolchain)\.toml$"
    r"|(?:^|/)(?:setup\.cfg|tox\.ini|pytest\.ini|mypy\.ini|mkdocs\.ya?ml|pnpm-[^/]*|[^/]*\.lock|[^/]*lock\.json)$"
    r"|openapi|swagger|schema|locale|i18n|translations?|crowdin|grafana|dashboards?|override"
)
SIZE_LIMIT: Final = 65_536
"""Bytes over which a file is data, not configuration that somebody wrote."""
_CONFIG: Final = re.compile(r"(?:config|settings?|options|server|app|application|env|deployment)[^/]*\.jsonc?$", re.I)
"""Names of JSON files that configure; most others are data."""
_FOR_DEVELOPMENT: Final = re.compile(rb"(?im)^[#;].*\b(?:development|testing|local use|tests)\b")
_WORDS: Final = frozenset(w for v in ("yes", "no", "on", "off") for w in (v, v.title(), v.upper()))
Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One scalar: its file, its place there, its value and line."""

    path: str
    keys: Keys
    value: Any
    line: int
    name: str
    written: str = ""
    """`NAME=` when the value is the rest of a list item (compose's environment)."""
    plain: bool = False
    """Whether it is YAML without quotes, where `no` is a word of its own to readers of YAML 1.1."""
    fixed: str = ""
    """Why it is told and not edited: it stands in a template."""

    @property
    def plain_name(self) -> str:
        """The name in snake case: `insecure_skip_verify` for insecureSkipVerify and INSECURE-SKIP-VERIFY."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.name)
        return re.sub(r"[-_. ]+", "_", words).lower()

    @property
    def anchor(self) -> str:
        """What stays when lines move."""
        return ".".join(map(str, self.keys)) + (f".{self.name}" if self.written else "")

    @property
    def is_on(self) -> bool:
        """Whether it says yes: true or 1, and in text also yes, on."""
        return isinstance(self.value, str | int) and str(self.value).lower() in ("true", "1", "yes", "on")

    @property
    def is_off(self) -> bool:
        """Whether it says no: false or 0, and in text also no, off."""
        return isinstance(self.value, str | int) and str(self.value).lower() in ("false", "0", "no", "off")

    def flipped(self) -> Any:
        """The opposite, as the value is written: `False` for True, "0" for "1", "no" for "yes"."""
        if isinstance(self.value, int):
            return not self.value if isinstance(self.value, bool) else 1 - self.value
        pairs = (("true", "false"), ("1", "0"), ("yes", "no"), ("on", "off"))
        table = {a: b for one, two in pairs for a, b in ((one, two), (two, one))}
        new = table[str(self.value).lower()]
        return new.upper() if str(self.value).isupper() else new.title() if str(self.value).istitle() else new

    def edit(self, draft: Draft, value: Any) -> None:
        """Give it another value, through the editor of its format."""
        if self.fixed:
            draft.refuse(self.fixed)
        suffix = self.path.rpartition(".")[2].lower()
        if suffix == "toml":
            draft.edit(self.path, toml.set_value, self.keys, value)
        elif self.plain and value in _WORDS:
            draft.edit(self.path, yaml.replace_scalar, self.keys, value)
        elif suffix in ("yml", "yaml"):
            draft.edit(self.path, yaml.set_value, self.keys, f"{self.written}{value}" if self.written else value)
        elif suffix in ("json", "jsonc"):
            draft.edit(self.path, json.set_value, self.keys, value)
        elif suffix in ("ini", "cfg", "conf"):
            draft.edit(self.path, ini.set_value, str(self.keys[0]), str(self.keys[1]), str(value))
        else:
            draft.edit(self.path, env.set_value, str(self.keys[0]), str(value))


def values(project: Project, words: Iterable[bytes]) -> Iterator[Value]:
    """Values of configuration files that hold one of the words; tests, examples, development and tools are left out."""
    for path in project.grep(words, *GLOBS):
        template = charts.is_template(project, path)
        if not (template or is_product(path)) or is_development(path) or _NOT_OURS.search(path):
            continue
        data = project.read(path)
        if len(data) > SIZE_LIMIT or _FOR_DEVELOPMENT.search(data[:800]):
            continue
        if path.endswith((".json", ".jsonc")) and not _CONFIG.search(path):
            continue
        if template:
            for name, value, line in charts.settings(data):
                yield Value(path, (name,), value, line, name, fixed=charts.TEMPLATE)
            continue
        try:
            yield from project.parsed(path, _reader(path))(path)
        except Refused:
            continue


class _Read:
    """What a file holds, without its name, so that it is kept as long as its bytes stay."""

    def __init__(self, found: list[tuple[Keys, Any, int, str, str, bool]]) -> None:
        self.found = found

    def __call__(self, path: str) -> Iterator[Value]:
        return (Value(path, *one) for one in self.found)


def _reader(path: str) -> Any:
    suffix = path.rpartition(".")[2].lower()
    readers = {
        "toml": _toml,
        "yml": _yaml,
        "yaml": _yaml,
        "json": _json,
        "jsonc": _json,
        "ini": _ini,
        "cfg": _ini,
        "conf": _ini,
    }
    return readers.get(suffix, _env)


def _toml(data: bytes) -> _Read:
    return _Read([(k, v, line, _last(k), "", False) for k, v, line in toml.items(data)])


def _json(data: bytes) -> _Read:
    return _Read([(k, v, line, _last(k), "", False) for k, v, line in json.items(data)])


def _env(data: bytes) -> _Read:
    return _Read([((k,), v, line, k, "", False) for k, v, line in env.items(data)])


def _ini(data: bytes) -> _Read:
    return _Read([((section, k), v, line, k, "", False) for section, k, v, line in ini.items(data)])


def _yaml(data: bytes) -> _Read:
    """Also `- name: DEBUG` with `value: "1"` (Kubernetes) and `- DEBUG=1` (compose), by the variable's name."""
    nodes = [(k, v, line, data[at : at + 1] not in (b'"', b"'")) for k, v, line, (at, _) in yaml.nodes(data)]
    by_place = {k: v for k, v, _, _ in nodes}
    found: list[tuple[Keys, Any, int, str, str, bool]] = []
    for keys, value, line, plain in nodes:
        match = re.fullmatch(r"(\w+)=(.*)", value, re.S) if isinstance(value, str) else None
        if match and len(keys) > 1 and keys[-2] == "environment":
            found.append((keys, match[2], line, match[1], f"{match[1]}=", False))
        elif keys and keys[-1] == "value" and isinstance(by_place.get((*keys[:-1], "name")), str):
            found.append((keys, value, line, by_place[(*keys[:-1], "name")], "", plain))
        else:
            found.append((keys, value, line, _last(keys), "", plain))
    return _Read(found)


def _last(keys: Keys) -> str:
    """The innermost key; the list's own for an item of a list."""
    return next((k for k in reversed(keys) if isinstance(k, str)), "")
