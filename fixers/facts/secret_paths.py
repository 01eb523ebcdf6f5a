"""Where the code of the tree keeps keys, certificates and databases: the paths that it names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.facts.subprojects import aside
from fixers.model import Location
from fixers.project import Project

KEYS: Final = ("pem", "key", "der", "p12", "pfx", "jks", "keystore", "p8", "ppk")
DATABASES: Final = ("db", "sqlite", "sqlite3", "db3", "sled", "redb", "duckdb")
_LITERAL: Final = re.compile(
    rb"""(["'`]|[=:]\s?|sqlite(?:\+\w+)?:/{0,3})((?:\./)?\w[\w.-]*(?:/\w[\w.-]*)*\.(%b))(?=["'`?]|\s|$)"""
    % "|".join((*KEYS, *DATABASES)).encode(),
    re.M,
)
_NAMED: Final = re.compile(
    rb"""([\"'`])((?:\./)?(?:\w[\w.-]*/)*(?:client_secrets?[\w-]*\.json|credentials?\.(?:json|ya?ml|toml|ini)"""
    rb"""|token\.(?:json|pickle)|service[-_]?account[\w-]*\.json|secrets?\.(?:toml|ya?ml|json|ini)"""
    rb"""|id_(?:rsa|ed25519|ecdsa)|[\w-]+\.(?:kdbx|priv|pk8|wallet)|\.(?:pgpass|netrc)))(?=[\"'`])"""
)
_NAMES: Final = re.compile(
    rb"client_secret|credential|token\.|service[-_]?account|secrets?\.|id_[red]|kdbx|priv|pk8|wallet|pgpass|netrc"
)
"""Names of files with secrets by the manuals of the programs that make them, whatever their ending."""
_JOINED: Final = re.compile(rb"(?i)(?:join\w*|resolve)\([^()]*,\s*[\"'`]$|[\w)]\s*[+/]\s*[\"'`]$")
_BESIDE: Final = re.compile(
    rb"(?:sqlite:///[\"']\s*\+\s*|[\"']NAME[\"']\s*:\s*)(?:str\()?(?:os\.path\.)?(?:join\(\s*)?\w+\s*[/,]\s*"
    rb"[\"'](\w[\w.-]*\.(db|sqlite3?))[\"']"
)
"""The database of a Django or Flask project, beside its code."""
_STREAMLIT: Final = ".streamlit/secrets.toml"
"""Where streamlit reads its secrets from: https://docs.streamlit.io/develop/api-reference/connections/secrets.toml"""
_IMPORTED: Final = re.compile(rb"(?m)^[ \t]*(?:import|from) streamlit\b")
_SECRETS: Final = re.compile(rb"(?m)^[^#\n\"']*(?<![\w.])(?:st|streamlit)\.secrets\b")
_FOLDER: Final = re.compile(
    rb"""(?i)(?:data|db|database|cert|state|storage|keys?|secrets?)[_-]?(?:dir|directory|folder|root)\b"?'?"""
    rb"""\s{0,3}[:=]{1,2}\s{0,3}(?:(?:PathBuf|String|Path)(?:::from|::new)?\()?["'](?:\./)?([A-Za-z][\w-]*)/?["']"""
)
_ENDING: Final = re.compile(rb"\.(?:%b)(?=[\"'`?]|\s|$)" % "|".join((*KEYS, *DATABASES)).encode(), re.M)
_DATA: Final = r"data|db|databases?|certs?|keys?|secrets?|tls|ssl|pki|storage|state|var"
_QUOTED_FOLDER: Final = re.compile(rb"[\"'](?:\./)?(?:%b)/?[\"']" % _DATA.encode())
"""What every match has in it: searched first, so that the slow patterns see a line at a time."""
DATA_FOLDERS: Final = re.compile(_DATA)
_OPENED: Final = re.compile(
    rb"(?:\b[Cc]onnect|\b[Oo]pen|::(?:open|create)|ListenAndServeTLS|LoadX509KeyPair|from_\w+_file|read_to_string"
    rb"|(?:[Rr]ead|[Ww]rite)File(?:Sync)?)\(\s*&?[\"'`]$"
)
_SETTING: Final = re.compile(rb"(?i)(?:path|file|dsn|uri|url|database|db|key|cert|name)[\"']?\s*[:=]\s*[\"'`]?$")
_CODE: Final = ("*.rs", "*.go", "*.py", "*.rb", "*.java", "*.kt", "*.cs", "*.php", "*.ex", "*.sh", "*.js", "*.ts")
_CONFIG: Final = ("*.toml", "*.yml", "*.yaml", "*onfig*.json", "*ettings*.json", "*.ini", "*.cfg", "*.conf", ".env*",
                  "*.env", "Dockerfile*", "*.dockerfile")  # fmt: skip
_OUTSIDE: Final = re.compile(
    r"(?:^|/)(?:\.github|\.gitlab|\.circleci|\.vscode|\.idea|locales?|i18n|translations?|charts?|dist|assets|static|public)/"
    r"|(?:^|/)(?:tsconfig[^/]*|Cargo|mkdocs|\.pre-commit-config)\.(?:json|toml|ya?ml)$|\.min\.js$"
    r"|(?:^|/)(?:playwright|cypress|jest|vitest)\.config\.\w+$|_test\.(?:go|rs|py)$|(?:^|/)test_[^/]*\.py$|\.(?:test|spec)\.[jt]sx?$|(?:^|/)tests?\.rs$|(?:^|/)conftest\.py$"
)
_COMMENT: Final = re.compile(rb"\s*(?://|#(?!\[)|;|\*|--|import |from |use |rem |')")
"""Lines that name no path of the program's: comments and imports; `#[` begins an attribute of Rust."""
_ENV_LOADED: Final = re.compile(
    rb"^\s*(?:dotenv\.)?load_dotenv\((?P<python>(?:[^()]|\([^()]*\)){0,300})\)"
    rb"|\bdotenvy?::(?:dotenv|load)\b|\bdotenvy?::from_\w+\((?P<rust>[^)]*)"
    rb"|\bgodotenv\.(?:Load|Overload|Read)\((?P<go>[^)]*)|\bread_env\((?P<django>[^)]*)"
    rb"|(?:require\([\"']dotenv[\"']\)|from [\"']dotenv[\"'])(?:[^{}]{0,80}\bconfig\(\{(?P<node>[^}]*))?"
    rb"|env_file=[\"']\.env[\"']|^\s*(?:- |env_file:\s*)(?:\./)?\.env\s*$",
    re.M,
)
_ENV_NAMED: Final = re.compile(rb"[\"'`/]\.env[\"'`]")
_ENV_PATHLESS: Final = re.compile(
    rb"\s*(?:find_dotenv\([^)]*\)\s*,?\s*)?(?:(?:override|verbose|interpolate|encoding|overwrite|debug|quiet)\s*[=:][^,]*,?\s*)*"
)
"""Arguments that name no file, so that the loader takes `.env`."""
_LAYOUT: Final = re.compile(
    rb"(?i)(?:content|layouts?|themes?|templates?|assets?|static|archetypes?)[_-]?(?:dir|path|folder)\b"
)
"""Beside the folder of a site's own contents: what a person writes and keeps in git."""
_LIMIT: Final = 400_000
"""Bytes over which no person wrote the file."""
_ENV_WORDS: Final = (b"dotenv", b"env_file", b"read_env")


@dataclass(frozen=True, slots=True)
class SecretPath:
    """A relative path that code or configuration names for a key, a certificate, a database, or their folder."""

    path: str
    extension: str
    where: Location

    @property
    def folder(self) -> str:
        """Its first folder, or "" when it lies at the root."""
        return self.path.partition("/")[0] if "/" in self.path else ""


def secret_paths(project: Project) -> tuple[SecretPath, ...]:
    """Each path once, at the first place that names it; a folder ends with a slash.

    A name without a folder counts only where it is opened or is a setting's whole value: `join(dir, "app.db")`
    lies wherever `dir` is. Paths of tracked files are left out.
    """
    tracked = {posixpath.basename(p) for p in project.files(*(f"*.{e}" for e in (*KEYS, *DATABASES)))}
    folders = project.folders()
    found: dict[str, SecretPath] = {}
    for path in project.files(*_CODE, *_CONFIG):
        data = project.read(path)
        if aside(path) or _OUTSIDE.search(path) or len(data) > _LIMIT or project.is_generated(path):
            continue
        tests = data.find(b"#[cfg(test)]") if path.endswith(".rs") else -1
        end = tests if tests >= 0 else len(data)
        for match in _on_lines(_LITERAL, _ENDING, data, end):
            if _is_joined(data, match.start(2)) or (path.endswith(".py") and _in_text(data, match.start())):
                continue
            named = posixpath.normpath(match[2].decode())
            if named not in found and posixpath.basename(named) not in tracked and _is_path(path, data, match):
                found[named] = SecretPath(named, match[3].decode(), _at(path, data, match.start(2), named))
        for match in _on_lines(_NAMED, _NAMES, data, end):
            named = posixpath.normpath(match[2].decode())
            bare = named == posixpath.basename(named)
            before = data[max(0, match.start(2) - 60) : match.start(2)].split(b"\n")[-1]
            opened = not bare or _OPENED.search(before) or _SETTING.search(before)
            written = path.endswith(".py") and _in_text(data, match.start())
            told = named in found or project.files(posixpath.basename(named)) or _is_joined(data, match.start(2))
            told = bool(told or written or _COMMENT.match(_line(data, match.start(2))))
            if opened and not told:
                ending = posixpath.splitext(named)[1][1:]
                found[named] = SecretPath(named, ending, _at(path, data, match.start(2), named))
        for match in _BESIDE.finditer(data) if path.endswith(".py") else ():
            folder = posixpath.dirname(path)
            folder = posixpath.dirname(folder) if b"BASE_DIR" in match[0] else folder
            named = posixpath.join(folder, match[1].decode())
            if named not in found and posixpath.basename(named) not in tracked:
                found[named] = SecretPath(named, match[2].decode(), _at(path, data, match.start(1), named))
        use = _SECRETS.search(data) if path.endswith(".py") and _IMPORTED.search(data) else None
        if use and _STREAMLIT not in found:
            found[_STREAMLIT] = SecretPath(_STREAMLIT, "toml", _at(path, data, use.start(), _STREAMLIT))
        for match in _on_lines(_FOLDER, _QUOTED_FOLDER, data, end):
            named = match[1].decode() + "/"
            known = named in found or match[1].decode() in folders or not DATA_FOLDERS.fullmatch(match[1].decode())
            site = _LAYOUT.search(data, max(0, match.start() - 400), match.end() + 400)
            if not known and not site and not _COMMENT.match(_line(data, match.start(1))):
                found[named] = SecretPath(named, "", _at(path, data, match.start(1), named))
    return tuple(sorted(found.values(), key=lambda s: s.path))


def env_files(project: Project) -> Location | None:
    """The first place that shows that a file called `.env` configures the code, or None; other names do not count."""
    for path in project.files(".env.example", ".env.sample", ".env.template", ".env.dist", "env.example"):
        if not aside(path) and not project.exists(posixpath.join(posixpath.dirname(path), ".env")):
            return Location(path, note="an example of it")
    for path in project.grep(_ENV_WORDS, *_CODE, "*compose*.yml", "*compose*.yaml"):
        if aside(path) or _OUTSIDE.search(path):
            continue
        data = project.read(path)
        tests = data.find(b"#[cfg(test)]") if path.endswith(".rs") else -1
        for match in _ENV_LOADED.finditer(data, 0, tests if tests >= 0 else len(data)):
            if b"def load_dotenv" in data:
                break
            given = b"".join(g for g in match.groups() if g)
            itself = _ENV_PATHLESS.fullmatch(given) or _ENV_NAMED.search(data)
            if itself and not _line(data, match.start()).lstrip().startswith((b"//", b"#")):
                return _at(path, data, match.end(), "reads it")
    return None


def _on_lines(wanted: re.Pattern[bytes], sign: re.Pattern[bytes], data: bytes, end: int) -> Iterator[re.Match[bytes]]:
    """The matches of a pattern on lines that show the sign of it; 2,000 bytes of a line are looked at."""
    at = 0
    while hit := sign.search(data, at, end):
        start = max(at, data.rfind(b"\n", 0, hit.start()) + 1, hit.start() - 1000)
        stop = data.find(b"\n", hit.end(), end)
        stop = min(end if stop < 0 else stop, hit.end() + 1000)
        yield from wanted.finditer(data, start, stop)
        at = stop


def _at(path: str, data: bytes, offset: int, note: str) -> Location:
    return Location(path, data.count(b"\n", 0, offset) + 1, note=note)


def _is_joined(data: bytes, offset: int) -> bool:
    """Whether the words at a place, or the constant that they become, are put behind a folder."""
    line = data[max(0, offset - 200) : offset].split(b"\n")[-1]
    if _JOINED.search(line):
        return True
    constant = re.search(rb"(\w+)\s*(?::\s*\w+\s*)?:?=\s*[\"'`]$", line)
    return constant is not None and re.search(rb"(?i)join\w*\([^()\n]*,\s*%b\b" % constant[1], data) is not None


def _in_text(data: bytes, offset: int) -> bool:
    """Whether a place of a Python file lies in a string of several lines."""
    return data.count(b'"""', 0, offset) % 2 == 1


def _line(data: bytes, offset: int) -> bytes:
    start = data.rfind(b"\n", 0, offset) + 1
    return data[start : start + 400].split(b"\n")[0]


def _is_path(path: str, data: bytes, match: re.Match[bytes]) -> bool:
    """Whether the words are a file's path that is relative to where the program runs."""
    line = _line(data, match.start(2))
    code = path.endswith(tuple(g[1:] for g in _CODE))
    if _COMMENT.match(line) or match[2].startswith((b"application/", b"image/")) or b"://" in line:
        whole = match[1].endswith(b":///") and not path.endswith((".py", ".ini", ".cfg", "env"))
        return match[1].startswith(b"sqlite") and not whole and not _COMMENT.match(line)
    if code and match[1][:1] not in b"\"'`s":
        return False
    if b"/" in match[2].removeprefix(b"./"):
        return True
    if match[2].startswith(b"./") or match[1].startswith(b"sqlite"):
        return True
    before = data[max(0, match.start(2) - 60) : match.start(2)].split(b"\n")[-1]
    return (_OPENED if code else _SETTING).search(before) is not None
