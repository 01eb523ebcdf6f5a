"""Secrets that everybody knows, as values of settings that are named like secrets."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fixers.editors import env, ini, json, markdown, toml, yaml
from fixers.facts import charts
from fixers.facts.subprojects import aside, only_tested
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
    r"|\.(?:test|ci|dev|development|local|testing)(?:\.|$)|(?:^|/)(?:test|dev|demo)[-_.]|(?:^|/)(?:\w+_docs|_?attic)/"
)
_SCHEMA: Final = frozenset(
    """properties schema schemas definitions secretKeyRef keys mapping fields columns claims example examples
    components paths parameters responses messages""".split()  # noqa: SIM905
)
_LINE: Final = re.compile(
    rb"""(?i)(?:token|secret|passw(?:or)?d|pwd|passphrase|key|value)["']?\s*[:=]\s*["']?"""
    rb"""([\w!.\- ]{3,18}?)["']?\s*(?:[,#;}]|$)""",
    re.M,
)
_COLLECTION: Final = 8
"""Files of one folder over which the passwords are the data (lists of factory passwords), not a configuration."""
_SHOWN: Final = frozenset(k for k in KNOWN if k.startswith("dev") or "secret" in k or "change" in k)
_WARNS: Final = re.compile(r"(?i)^\s*(?:#|//).*\b(?:wrong|bad|don't|do not|never|avoid|insecure|weak)\b")
"""A comment that shows how not to do it."""
_OTHERS: Final = re.compile(r"(?i)^x-|postgres|mysql|mariadb|^pg|redis|mongo|rabbit|minio|grafana|root")
_REQUEST: Final = re.compile(r"""(?i)["']?(?:e-?mail|user_?name|login)["']?\s*:""")
"""What somebody sends to sign in: a password of a person, not a setting."""
_BLOCK: Final = re.compile(
    r"""(?im)(?<![\w$])-{0,2}([a-z][\w-]*)["']?(?:\s*[=:]\s*|\s+)["']?([a-z0-9][\w-]{1,20})["']?(?=[\s,;\\)}&|]|$)"""
)


Rows = Iterator[tuple[tuple[Any, ...], Any, int, str]]
"""Place, value, line, and the variable's name where it is not the last key."""


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
            template = charts.is_template(project, path)
            if path in found or (_left_out(path) and not template):
                continue
            if not any(is_known(m[1].decode("utf-8", "replace")) for m in _LINE.finditer(project.read(path))):
                continue
            try:
                hits = tuple(_hits(path, (_template if template else reader)(project.read(path))))
            except Refused as refused:
                project.skip(path, str(refused))
                continue
            if hits and not only_tested(project, path):
                found[path] = hits
    folders = Counter("/".join(p.split("/")[:2]) for p in found)
    return {p: h for p, h in found.items() if folders["/".join(p.split("/")[:2])] <= _COLLECTION}


def settings(project: Project, likely: re.Pattern[bytes]) -> Iterator[tuple[str, Rows]]:
    """Configuration files that ship and whose text matches, with their rows; what is left out is as for secrets."""
    seen = set[str]()
    for glob, reader in _READERS.items():
        for path in project.files(glob):
            if path in seen or _left_out(path) or not likely.search(project.read(path)):
                continue
            seen.add(path)
            try:
                rows = tuple(reader(project.read(path)))
            except Refused as refused:
                project.skip(path, str(refused))
                continue
            if not only_tested(project, path):
                yield path, iter(rows)


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
            if _REQUEST.search(block.text):
                continue
            for match in _BLOCK.finditer(block.text):
                shown = re.sub(r"[-_]", "", match[2].lower()) in _SHOWN and not _OTHERS.search(match[1])
                above = block.text[: match.start()].splitlines()[-2:]
                if any(_WARNS.search(row) for row in above):
                    continue
                if shown and is_secret_name(match[1]) and match[1].lower() != match[2].lower():
                    line = block.first_line + block.text.count("\n", 0, match.start())
                    hits.append(DevSecret(path, (), match[1], match[2], line))
        if hits:
            found[path] = tuple(hits)
    return found


def variable_of(project: Project, name: str) -> tuple[str, bool]:
    """The environment variable of a setting, and whether the code reads it; the setting's own name when it does not."""
    upper = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").replace(".", "_").upper()
    for path in project.grep([upper], "*.rs", "*.go", "*.py", "*.js", "*.ts"):
        match = re.search(rf"""["']([A-Z][A-Z0-9_]*_)?{re.escape(upper)}["']""", project.text(path))
        if match:
            return (match[1] or "") + upper, True
    return upper, False


def expands(project: Project) -> bool:
    """Whether some code of the tree puts variables into texts: `${NAME}` in a file may mean something to it."""
    words = (b"shellexpand", b"ExpandEnv", b"os.Expand(", b"expandvars", b"envsubst", b"env_expand", b"expand_env")
    return bool(project.grep(words))


def _left_out(path: str) -> bool:
    if aside(path) or _NOT_CONFIG.search(path):
        return True
    name = posixpath.basename(path).lower()
    return name.endswith((".json", ".jsonc")) and not re.search(r"config|settings|example|sample|secret", name)


def _hits(path: str, rows: Rows) -> Iterator[DevSecret]:
    for keys, value, line, variable in rows:
        names = [k for k in keys if isinstance(k, str)]
        name = variable or (names[-1] if names else "")
        if is_known(value) and is_secret_name(name) and not _SCHEMA & set(names[:-1]):
            yield DevSecret(path, keys, name, str(value), line)


def _yaml(data: bytes) -> Rows:
    """Also `- name: API_TOKEN` with `value: ...`, a container's environment in Kubernetes, by the variable's name."""
    if re.search(rb"(?m)^(?:openapi|swagger):|^\s*kind: CustomResourceDefinition", data) or b"{{" in data:
        return
    found = [(path, value, line) for path, value, line, _ in yaml.nodes(data)]
    names = {path[:-1]: value for path, value, _ in found if path and path[-1] == "name" and isinstance(value, str)}
    for path, value, line in found:
        is_entry = path and path[-1] == "value" and path[:-1] in names
        yield (path, value, line, names[path[:-1]]) if is_entry else (path, value, line, "")


def _template(data: bytes) -> Rows:
    return (((name,), value, line, "") for name, value, line in charts.settings(data))


def _env(data: bytes) -> Rows:
    return (((name,), value, line, "") for name, value, line in env.items(data))


def _ini(data: bytes) -> Rows:
    return (((section, key), value, line, "") for section, key, value, line in ini.items(data))


def _toml(data: bytes) -> Rows:
    return ((path, value, line, "") for path, value, line in toml.items(data))


def _json(data: bytes) -> Rows:
    return ((path, value, line, "") for path, value, line in json.items(data))


_READERS: Final[dict[str, Callable[[bytes], Rows]]] = {
    "*.toml": _toml,
    "*.yml": _yaml,
    "*.yaml": _yaml,
    "*.json": _json,
    "*.jsonc": _json,
    ".env": _env,
    ".env.*": _env,
    "*.env": _env,
    "*.ini": _ini,
    "*.cfg": _ini,
}
