"""Settings of web applications: Django settings modules, Flask's `app.config`, configuration classes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fixers.facts.python import Module, text_of
from fixers.facts.python_project import imports, is_development, is_product, settings_files, sources
from fixers.facts.python_scopes import Call, Scope
from fixers.project import Project

FRAMEWORKS: Final = (
    "django",
    "flask",
    "quart",
    "fastapi",
    "starlette",
    "aiohttp",
    "sanic",
    "bottle",
    "dash",
    "pyramid",
)
_CLASS: Final = re.compile(r"(?:Config|Configuration|Settings|Base|Prod|Production)$|^(?:Config|Settings)")
_MODULE: Final = re.compile(r"(?:^|/)(?:[a-z_]*settings|[a-z_]*config|defaults)\.py$")
_PRODUCTION: Final = re.compile(r"prod|deploy|live|heroku|staging|docker", re.I)
_ATTRIBUTES: Final = {"secret_key": "SECRET_KEY", "debug": "DEBUG"}


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """`name = value` as an application's setting; `kind` is django, flask, class or module."""

    path: str
    module: Module
    name: str
    value: ast.expr
    scope: Scope
    kind: str

    @property
    def line(self) -> int:
        """The 1-based line of the value."""
        return self.value.lineno

    @property
    def anchor(self) -> str:
        """What stays when lines move."""
        return ".".join((*self.scope.path, self.name))


def frameworks(project: Project) -> frozenset[str]:
    """Web frameworks that the product's files import."""
    wanted = {n.encode() for n in FRAMEWORKS}
    found: set[bytes] = set()
    for path, packages in project.fact(imports).items():
        if not packages.isdisjoint(wanted) and is_product(path):
            found |= packages & wanted
    return frozenset(n.decode() for n in found)


def settings(project: Project, names: str, words: tuple[bytes, ...]) -> Iterator[Setting]:
    """Where the product sets a name that fully matches the pattern `names`; `words` are its prefilter.

    Settings for development are left out, and those that production has another value for.
    """
    found = list(_all(project, re.compile(names), words))
    for s in found:
        if not _overridden(s, found):
            yield s


def _all(project: Project, names: re.Pattern[str], words: tuple[bytes, ...]) -> Iterator[Setting]:
    django = frozenset(project.fact(settings_files))
    for path, module in sources(project, words):
        if is_development(path):
            continue
        for a in module.assignments:
            kind, name = _kind(project, path, a.target, a.scope, django)
            if kind and names.fullmatch(name) and not any(is_development(n) for n in a.scope.path):
                yield Setting(path, module, name, a.value, a.scope, kind)
        for call in module.calls:
            for name, value in _configured(call):
                if names.fullmatch(name) and not any(is_development(n) for n in call.scope.path):
                    yield Setting(path, module, name, value, call.scope, "flask")


def _kind(project: Project, path: str, target: str, scope: Scope, django: frozenset[str]) -> tuple[str, str]:
    config = re.fullmatch(r"(?:.*\.)?config\[(\w+)\]", target)
    if config:
        return "flask", config[1]
    owner, _, last = target.rpartition(".")
    if last in _ATTRIBUTES and re.search(
        r"(?:^|\.)(?:Flask|Quart|FastAPI|Starlette)\(\)$|(?:^|_)app(?:lication)?$", owner
    ):
        return "flask", _ATTRIBUTES[last]
    if owner:
        return "", ""
    if isinstance(scope.node, ast.Module):
        if path in django:
            return "django", target
        if _MODULE.search(path) and project.fact(frameworks) & {"flask", "quart", "fastapi", "starlette", "aiohttp"}:
            return "module", target
    if scope.is_class and isinstance(scope.node, ast.ClassDef) and project.fact(frameworks):
        bases = {ast.unparse(b).rpartition(".")[2] for b in scope.node.bases}
        if _CLASS.search(scope.node.name) or "BaseSettings" in bases:
            return "class", target
    return "", ""


def _configured(call: Call) -> Iterator[tuple[str, ast.expr]]:
    """`app.config.update(NAME=value)`, `.from_mapping({...})`, `.setdefault("NAME", value)`."""
    func = call.node.func
    if not isinstance(func, ast.Attribute) or not ast.unparse(func.value).endswith("config"):
        return
    if func.attr in ("update", "from_mapping"):
        yield from ((k.arg, k.value) for k in call.node.keywords if k.arg)
        for argument in call.node.args:
            yield from _items(argument)
    elif func.attr == "setdefault" and len(call.node.args) == 2:
        yield text_of(call.node.args[0]) or "", call.node.args[1]


def _items(node: ast.expr) -> Iterable[tuple[str, ast.expr]]:
    if isinstance(node, ast.Dict):
        return [(text_of(k) or "", v) for k, v in zip(node.keys, node.values, strict=True)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return [(k.arg, k.value) for k in node.keywords if k.arg]
    return []


def _overridden(one: Setting, found: list[Setting]) -> bool:
    """Whether production has another value: a later assignment, a production module or class, a condition."""
    if isinstance(one.module.statement(one.value), ast.stmt) and any(
        isinstance(n, ast.If) for n in one.module.ancestors(one.value)
    ):
        return True
    for other in found:
        if other is one or other.name != one.name:
            continue
        same_file = other.path == one.path
        if same_file and other.scope is one.scope and other.line > one.line:
            return True
        if (
            one.kind == other.kind == "django"
            and _side_by_side(one.path, other.path)
            and _PRODUCTION.search(other.path)
        ):
            return not _PRODUCTION.search(one.path)
        if one.kind == other.kind == "class" and same_file and _PRODUCTION.search(" ".join(other.scope.path)):
            return not _PRODUCTION.search(" ".join(one.scope.path))
    return False


def _side_by_side(one: str, other: str) -> bool:
    return one != other and one.rpartition("/")[0] == other.rpartition("/")[0]
