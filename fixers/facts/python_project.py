"""Python in a tree: which files are the product's, what it depends on, where its settings come from."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fixers.facts.python import Module, module, text_of
from fixers.facts.python_scopes import Scope
from fixers.model import Refused
from fixers.project import Project

_NOT_PRODUCT: Final = re.compile(
    r"(?:^|/)(?:tests?|tests?[-_][^/]+|[^/]+[-_]tests?|testing|testsuite|unittests?|integration[-_]tests?|e2e|playwright|cypress|fixtures?|mocks?|examples|samples|tutorials?"
    r"|docs?|doc_src|docs_src|benchmarks?|notebooks?|site-packages|templates?|fuzz\w*|exploits?|pocs?|payloads?|\.[^/]+)/"
    r"|^(?:example|sample|demo)s?/|(?:^|/)(?:(?:unit)?tests?|test_[^/]*|[^/]*_tests?|conftest|noxfile|tasks|fabfile|setup|example[^/]*)\.py$"
    r"|(?:^|[/_])(?:cve|fuzz|fuzzer|exploit|poc|\w*brute)(?:[-_]\w+)?\.py$"
)
_DEVELOPMENT: Final = re.compile(
    r"(?:^|[/_.-])(?:dev|devel|development|local|locals|test|tests|testing|unittests?|regtest|testnet|ci|debug|demo|example|sample|dist|template"
    r"|docker_dev|e2e|sandbox|playground)(?:[/_.-]|$)",
    re.I,
)
_REQUIREMENT: Final = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)", re.M)
_CONTAINER: Final = (
    "*Dockerfile*",
    "*Containerfile*",
    "*compose*.yml",
    "*compose*.yaml",
    "Procfile",
    "Chart.yaml",
    "fly.toml",
    "app.yaml",
    "render.yaml",
)


def is_product(path: str) -> bool:
    """Whether a file is part of what runs in production: no test, example, document, build script or template."""
    return _NOT_PRODUCT.search(path) is None


def is_development(name: str) -> bool:
    """Whether a path or a class says that it is for development or tests: `settings/dev.py`, `TestConfig`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.removesuffix(".py"))
    return _DEVELOPMENT.search(words) is not None


_FROM: Final = re.compile(rb"(?:^|[;:])[ \t]*from[ \t]+(\w+)")
_IMPORT: Final = re.compile(rb"(?:^|[;:])[ \t]*import[ \t]+([^;#]+)")
_ROOT: Final = re.compile(rb"(?:^|,)[ \t]*(\w+)")


def sources(
    project: Project,
    words: Iterable[bytes],
    line: re.Pattern[bytes] | Callable[[bytes], object] | None = None,
    packages: Iterable[bytes] = (),
) -> Iterator[tuple[str, Module]]:
    """The product's Python files that contain one of the words, parsed; what is no Python 3 is skipped.

    `line` is a second, narrower prefilter on the bytes, for words that are in every other file; `packages`
    are those of which the file must import one.
    """
    known = project.fact(imports) if packages else {}
    wanted = frozenset(packages)
    narrow = line.search if isinstance(line, re.Pattern) else line
    vendored = project.fact(_vendored)
    for path in project.grep(words, "*.py") if not wanted else project.files("*.py"):
        if path.startswith(vendored) or (wanted and not known[path] & wanted):
            continue
        if wanted and not any(w in project.read(path) for w in words):
            continue
        if narrow is not None and not narrow(project.read(path)):
            continue
        if is_product(path) and not project.is_generated(path):
            try:
                yield path, project.parsed(path, module)
            except Refused:
                continue


def lines_with(data: bytes, *words: bytes) -> Iterator[bytes]:
    """The lines that hold one of the words, found word by word: much quicker than a pattern on every line."""
    for word in words:
        at = data.find(word)
        while at >= 0:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            yield data[data.rfind(b"\n", 0, at) + 1 : end]
            at = data.find(word, end)


def imports(project: Project) -> Mapping[str, frozenset[bytes]]:
    """By Python file, the packages that its import statements name (`urllib` of `urllib.request`).

    It is read from the lines: a docstring may add a name, and one after a backslash is not seen.
    """
    return {path: _imported(project.read(path)) for path in project.files("*.py")}


def _imported(data: bytes) -> frozenset[bytes]:
    found: set[bytes] = set()
    for line in lines_with(data, b"import"):
        if match := _FROM.search(line):
            found.add(match[1])
        for match in _IMPORT.finditer(line):
            found.update(_ROOT.findall(match[1]))
    return frozenset(found)


def _vendored(project: Project) -> tuple[str, ...]:
    """Folders that hold other people's packages: two or more of the best known beside each other."""
    beside: dict[str, int] = {}
    for name in ("certifi", "urllib3", "requests", "idna", "bs4", "chardet", "jinja2", "markupsafe", "pytz"):
        for path in project.files(f"{name}/__init__.py", f"**/{name}/__init__.py"):
            folder = path.removesuffix(f"{name}/__init__.py")
            beside[folder] = beside.get(folder, 0) + 1
    return tuple(folder for folder, count in beside.items() if folder and count > 1)


def in_container(project: Project) -> bool:
    """Whether the tree says that it runs behind a container's or a platform's port mapping."""
    if project.files(*_CONTAINER):
        return True
    return any(is_product(p) for p in project.grep((b"kind: Deployment", b"kind: StatefulSet"), "*.yml", "*.yaml"))


def dependencies(project: Project) -> frozenset[str]:
    """Normalised names (`flask-limiter`) that pyproject, requirements, Pipfile, setup.cfg or setup.py ask for."""
    found: set[str] = set()
    for path in project.files("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in"):
        found |= set(_REQUIREMENT.findall(project.text(path)))
    for path in project.files("pyproject.toml", "Pipfile"):
        try:
            found |= set(_named(tomllib.loads(project.text(path))))
        except tomllib.TOMLDecodeError:
            continue
    for path in project.files("setup.cfg", "setup.py"):
        found |= set(re.findall(r"""[\s"']([A-Za-z][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*[<>=~!]=""", project.text(path)))
    return frozenset(re.sub(r"[-_.]+", "-", name).lower() for name in found)


def _named(table: object, key: str = "") -> Iterator[str]:
    """Requirement strings in lists, and names of tables called dependencies (Poetry, Pipfile)."""
    if isinstance(table, dict):
        for name, value in table.items():
            if "dependencies" in key or key in ("packages", "dev-packages"):
                yield name
            yield from _named(value, name)
    elif isinstance(table, list):
        for value in table:
            if isinstance(value, str) and (match := _REQUIREMENT.match(value)):
                yield match[1]
            else:
                yield from _named(value, key)


_SETTINGS_MODULE: Final = re.compile(r"""DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""")


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentRead:
    """A setting read from outside: its name, the call or subscript that does it, and its fallback."""

    name: str
    node: ast.expr
    default: ast.expr | None
    helper: str = ""
    """What reads it when it is not `os`: `env`, `env.bool`, `config`."""


_GETTERS: Final = ("os.environ.get", "os.getenv", "os.environ.setdefault", "os.environ.pop")
_ENVIRONMENT: Final = re.compile(r"(?:^|_)env(?:_?\w+)?$|_env_")
"""Helpers of a project's own: `envbool("DEBUG", "True")`, `get_bool_from_env("DEBUG", True)`."""
_HELPERS: Final = (
    "decouple.config",
    "environ.Env()",
    "environs.Env()",
    "starlette.config.Config()",
    "environ.FileAwareEnv()",
)


def environment_read(node: ast.expr, found_in: Module, scope: Scope) -> EnvironmentRead | None:
    """How an expression reads the environment: os, django-environ, environs, decouple, Starlette; or None."""
    match node:
        case ast.Subscript(value=base, slice=ast.Constant(value=str(name))):
            if found_in.resolve(base, scope) == "os.environ":
                return EnvironmentRead(name, node, None)
        case ast.Call(func=func, args=[ast.Constant(value=str(name)), *rest]):
            target = found_in.resolve(func, scope)
            fallback = next((k.value for k in node.keywords if k.arg == "default"), rest[0] if rest else None)
            if target in _GETTERS:
                return EnvironmentRead(name, node, fallback)
            helper = _ENVIRONMENT.search(ast.unparse(func)) or _reads_environment(func, found_in)
            if fallback is not None and helper and name.isupper():
                return EnvironmentRead(name, node, fallback, ast.unparse(func))
            if any(target == h or target.startswith(f"{h}.") for h in _HELPERS):
                if target == "decouple.config" or target.startswith("starlette"):
                    fallback = next((k.value for k in node.keywords if k.arg == "default"), None)
                return EnvironmentRead(name, node, fallback, ast.unparse(func))
    return None


def _reads_environment(func: ast.expr, found_in: Module) -> bool:
    """Whether it is a function of the file that looks its first parameter up in the environment."""
    bound = found_in.top.names.get(func.id, ()) if isinstance(func, ast.Name) else ()
    function = bound[0].function if len(bound) == 1 else None
    if function is None or not function.args.args:
        return False
    first = function.args.args[0].arg
    for call in (c for c in found_in.calls if c.scope.node is function and c.target in _GETTERS and c.node.args):
        if isinstance(call.node.args[0], ast.Name) and call.node.args[0].id == first:
            return True
    return False


def fallback(node: ast.expr, found_in: Module, scope: Scope) -> tuple[EnvironmentRead, ast.expr] | None:
    """An environment read with a fallback: `getenv("A", "x")`, `getenv("A") or "x"`; the read and the fallback."""
    match node:
        case ast.BoolOp(op=ast.Or(), values=[first, last]):
            read = environment_read(first, found_in, scope)
            return (read, last) if read and read.default is None else None
        case ast.Call() | ast.Subscript():
            read = environment_read(node, found_in, scope)
            return (read, read.default) if read and read.default is not None else None
    return None


def known_helper(read: EnvironmentRead, found_in: Module, scope: Scope) -> bool:
    """Whether the read is known to fail without the variable once its fallback is gone."""
    if not read.helper or not isinstance(read.node, ast.Call):
        return True
    target = found_in.resolve(read.node.func, scope)
    return any(target == h or target.startswith(f"{h}.") for h in _HELPERS)


def on_request(found_in: Module, node: ast.AST, words: re.Pattern[str]) -> bool:
    """Whether it happens only when an option with one of the words asks for it: `if args.insecure:`."""
    tests = (n.test for n in found_in.ancestors(node) if isinstance(n, ast.If | ast.IfExp))
    return any(words.search(ast.unparse(test)) for test in tests)


def settings_files(project: Project) -> tuple[str, ...]:
    """Django settings modules: those that manage.py or the server's entry names, those that name the URL configuration
    or the middleware, and their siblings.
    """
    named = [p for p in project.grep((b"ROOT_URLCONF", b"INSTALLED_APPS", b"MIDDLEWARE"), "*.py") if is_product(p)]
    found = {p for p in named if _assigns(project, p, {"ROOT_URLCONF", "INSTALLED_APPS", "MIDDLEWARE"})}
    found.update(_chosen_settings(project))
    folders = {
        p.rpartition("/")[0] for p in found if "settings" in p.rpartition("/")[0] or "config" in p.rpartition("/")[0]
    }
    for path in project.grep((b"import *",), "*.py"):
        if path.rpartition("/")[0] in folders and is_product(path):
            found.add(path)
    return tuple(sorted(found))


def _chosen_settings(project: Project) -> Iterator[str]:
    """What `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")` names, beside that file or above it."""
    for path in project.grep((b"DJANGO_SETTINGS_MODULE",), "manage.py", "wsgi.py", "asgi.py", "celery.py"):
        for name in _SETTINGS_MODULE.findall(project.text(path)):
            module_path = name.replace(".", "/")
            folder = path.rpartition("/")[0]
            while True:
                base = f"{folder}/{module_path}" if folder else module_path
                yield from (p for p in (f"{base}.py", f"{base}/__init__.py") if project.exists(p) and is_product(p))
                if not folder:
                    break
                folder = folder.rpartition("/")[0]


def _assigns(project: Project, path: str, names: set[str]) -> bool:
    try:
        return bool(names & project.parsed(path, module).top.names.keys())
    except Refused:
        return False


def constant_strings(node: ast.expr | None) -> list[str] | None:
    """The strings of a literal list or tuple; None when it is something else."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return None
    values = [text_of(e) for e in node.elts]
    return [v for v in values if v is not None] if None not in values else None
