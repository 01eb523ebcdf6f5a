"""Secrets that everybody knows, as values of settings that are named like secrets."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors import env, ini, json, markdown, toml, yaml
from fixers.facts.subprojects import aside
from fixers.model import Refused
from fixers.project import Project

KNOWN: Final = frozenset(
    """devtoken devsecret devpassword devkey dev changeme changeit secret secretkey supersecret mysecret mytoken
    password passw0rd password1 password123 pass admin admin123 test test123 testtoken testing testsecret token
    default root toor
    letmein qwerty 1234 12345 123456 12345678 123456789 guest demo insecure foobar""".split()  # noqa: SIM905
)
_NAME: Final = re.compile(
    r"(?i)(?:^|[_.\-])(?:(?:auth|api|access|admin|bearer|refresh|server|jwt|session)_?)?(?:token|secret|password|passwd|pwd"
    r"|passphrase|api_?key|secret_?key|db_?key|encryption_?key|signing_?key|jwt_?key|master_?key|hmac_?key|cookie_?key)$"
)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_CONFIG: Final = re.compile(
    r"(?:^|/)(?:Cargo|pyproject|book|clippy|rustfmt|deny|netlify|fly|mkdocs|package|package-lock|tsconfig[^/]*|composer)"
    r"\.(?:toml|json|ya?ml)$|(?:^|/)(?:\.github|\.gitlab|\.circleci|\.woodpecker|\.devcontainer|locales?|i18n|lang|"
    r"translations?|openapi|swagger|crds?|e2e|ci|hack|development|dev)/|(?:^|/)[^/]*compose[^/]*\.ya?ml$|[-_.]lock\."
    r"|(?:^|/)(?:\.gitlab-ci|\.travis|\.drone|\.woodpecker|action|Taskfile|\.pre-commit-config|tox|setup|mypy|pytest)\b"
    r"|\.(?:test|ci|dev|development|local|testing)(?:\.|$)|(?:^|/)(?:test|dev)[-_.]"
)
_SCHEMA: Final = frozenset(
    """properties schema schemas definitions secretKeyRef keys mapping fields columns claims example examples
    components paths parameters responses messages""".split()  # noqa: SIM905
)
_LINE: Final = re.compile(
    rb"""(?i)(?:token|secret|passw(?:or)?d|pwd|passphrase|key)["']?\s*[:=]\s*["']?"""
    rb"""([\w!.\- ]{3,18}?)["']?\s*(?:[,#;}]|$)""",
    re.M,
)
_COLLECTION: Final = 8
"""Files of one folder over which the passwords are the data (lists of factory passwords), not a configuration."""
_SHOWN: Final = frozenset(k for k in KNOWN if k.startswith("dev") or "secret" in k or "change" in k)
_OTHERS: Final = re.compile(r"(?i)^x-|postgres|mysql|mariadb|^pg|redis|mongo|rabbit|minio|grafana|root")
_BLOCK: Final = re.compile(
    r"""(?im)(?<![\w$])-{0,2}([a-z][\w-]*)["']?(?:\s*[=:]\s*|\s+)["']?([a-z0-9][\w-]{1,20})["']?(?=[\s,;\\)}&|]|$)"""
)


@dataclass(frozen=True, slots=True)
class DevSecret:
    """A setting with a known secret: where, its path in the file, its last name."""

    path: str
    keys: tuple[Any, ...]
    name: str
    value: str
    line: int


def is_secret_name(name: str) -> bool:
    """`authToken`, `db_key`, `JWT_SECRET`; not `token_count`, `public_key`, `key_package`."""
    return _NAME.search(_WORDS.sub("_", name).replace("-", "_")) is not None and "public" not in name.lower()


def is_known(value: object) -> bool:
    """Whether the value is a secret that everybody tries first."""
    return isinstance(value, str) and re.sub(r"[-_ !.]", "", value.strip().lower()) in KNOWN


def dev_secrets(project: Project) -> dict[str, tuple[DevSecret, ...]]:
    """Per configuration file, the settings with known secrets; tests, examples of other tools and CI are left out."""
    found: dict[str, tuple[DevSecret, ...]] = {}
    for glob, reader in _READERS.items():
        for path in project.files(glob):
            if path in found or _left_out(path):
                continue
            if not any(is_known(m[1].decode("utf-8", "replace")) for m in _LINE.finditer(project.read(path))):
                continue
            try:
                hits = tuple(_hits(path, reader(project.read(path))))
            except Refused as refused:
                project.skip(path, str(refused))
                continue
            if hits:
                found[path] = hits
    folders = Counter("/".join(p.split("/")[:2]) for p in found)
    return {p: h for p, h in found.items() if folders["/".join(p.split("/")[:2])] <= _COLLECTION}


def in_documents(project: Project) -> dict[str, tuple[DevSecret, ...]]:
    """The same in code blocks of the README and the documents beside it."""
    found: dict[str, tuple[DevSecret, ...]] = {}
    for path in project.files("/README*.md", "/docs/*.md", "/doc/*.md", "/INSTALL.md", "/DEPLOY*.md"):
        try:
            blocks = project.parsed(path, markdown.code_blocks)
        except Refused:
            continue
        hits = []
        for block in blocks:
            for match in _BLOCK.finditer(block.text):
                shown = re.sub(r"[-_]", "", match[2].lower()) in _SHOWN and not _OTHERS.search(match[1])
                if shown and is_secret_name(match[1]) and match[1].lower() != match[2].lower():
                    line = block.first_line + block.text.count("\n", 0, match.start())
                    hits.append(DevSecret(path, (), match[1], match[2], line))
        if hits:
            found[path] = tuple(hits)
    return found


def _left_out(path: str) -> bool:
    if aside(path) or _NOT_CONFIG.search(path):
        return True
    name = posixpath.basename(path).lower()
    return name.endswith((".json", ".jsonc")) and not re.search(r"config|settings|example|sample|secret", name)


def _hits(path: str, rows: Iterator[tuple[tuple[Any, ...], Any, int]]) -> Iterator[DevSecret]:
    for keys, value, line in rows:
        names = [k for k in keys if isinstance(k, str)]
        if names and is_known(value) and is_secret_name(names[-1]) and not _SCHEMA & set(names[:-1]):
            yield DevSecret(path, keys, names[-1], str(value), line)


def _yaml(data: bytes) -> Iterator[tuple[tuple[Any, ...], Any, int]]:
    if re.search(rb"(?m)^(?:openapi|swagger):|^\s*kind: CustomResourceDefinition", data) or b"{{" in data:
        return iter(())
    return ((path, value, line) for path, value, line, _ in yaml.nodes(data))


def _env(data: bytes) -> Iterator[tuple[tuple[Any, ...], Any, int]]:
    return (((name,), value, line) for name, value, line in env.items(data))


def _ini(data: bytes) -> Iterator[tuple[tuple[Any, ...], Any, int]]:
    return (((section, key), value, line) for section, key, value, line in ini.items(data))


_READERS: Final[dict[str, Callable[[bytes], Iterator[tuple[tuple[Any, ...], Any, int]]]]] = {
    "*.toml": toml.items,
    "*.yml": _yaml,
    "*.yaml": _yaml,
    "*.json": json.items,
    "*.jsonc": json.items,
    ".env": _env,
    ".env.*": _env,
    "*.env": _env,
    "*.ini": _ini,
    "*.cfg": _ini,
}
