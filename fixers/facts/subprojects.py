"""The parts of a tree that are built on their own: Go modules, Python and Node projects, Cargo workspaces."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

from fixers.facts import cargo
from fixers.model import Refused
from fixers.project import Project

_ASIDE: Final = re.compile(
    r"(?:^|/)[._]?(?:tests?|testing|testdata|testinfra|molecule|\w*versioned_docs|attic|test[-_]\w+|\w+[-_]tests?|\w+[-_]tests?[-_](?:deps|utils|support|helpers?)|fixtures?|__fixtures__|examples?|samples?|demos?|fuzz"
    r"|templates?|snapshots?|benche?s?|benchmarks?|playground|docs?|docs?[-_]site|third[-_]party|vendor|forks?|spikes?|experiments?)(?:/|$)",
    re.I,
)
_TESTING: Final = ("*.rs", "*.go", "*.py", "*.js", "*.ts", "*.java", "*.rb", "*.sh")
_TESTS: Final = re.compile(
    r"_test\.(?:go|py|rs)$|(?:^|/)test_[^/]*$|\.(?:test|spec)\.[jt]sx?$|(?:^|/)tests?\.rs$|Test\.java$"
)
_GO_VERSION: Final = re.compile(r"^go\s+(\S+)", re.M)


@dataclass(frozen=True, slots=True)
class GoModule:
    """A go.mod; `folder` is "" at the root."""

    folder: str
    version: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True)
class PythonProject:
    """A Python project: who installs it (`uv`, `poetry`, `pdm`, `pipenv`, `pip`), from which files."""

    folder: str
    manager: str
    requirements: tuple[str, ...] = ()
    installable: bool = False
    version_file: str = ""
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tools: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeProject:
    """A package.json with a lock file beside it: its scripts, and who installs it (npm, pnpm, yarn, ...)."""

    folder: str
    manager: str
    lockfile: str
    scripts: frozenset[str] = frozenset()


def aside(path: str) -> bool:
    """Whether a path lies in tests, examples, fixtures, docs: not a part that goes to production."""
    return _ASIDE.search(path) is not None


def only_tested(project: Project, path: str) -> bool:
    """Whether tests name a file and nothing else does: a fixture, wherever it lies."""
    words = path.split("/")
    names = ["/".join(words[-n:]) for n in (3, 2, 1) if len(words) >= n]
    folder = "/".join(words[-3:-1])
    for name in (*names, *([folder] if folder.count("/") else [])):
        users = project.grep([name], *_TESTING)
        if users:
            return all(aside(u) or _TESTS.search(u) for u in users)
    return False


def rust_workspaces(project: Project) -> tuple[cargo.Workspace, ...]:
    """The workspaces that go to production, the root one first."""
    found = tuple(w for w in project.fact(cargo.workspaces) if w.members and not aside(w.folder))
    return tuple(w for w in found if w.declared or w.lockfile or found[0].folder)


def go_modules(project: Project) -> tuple[GoModule, ...]:
    """The modules that hold Go files and go to production."""
    found = []
    for path in project.files("go.mod"):
        folder = posixpath.dirname(path)
        inside = f"/{folder}/**/*.go" if folder else "/**/*.go"
        if aside(folder) or not project.files(inside):
            continue
        version = _GO_VERSION.search(project.text(path))
        locked = project.exists(posixpath.join(folder, "go.sum"))
        found.append(GoModule(folder, version[1] if version else "", locked))
    return tuple(found)


def python_projects(project: Project) -> tuple[PythonProject, ...]:
    """Folders with a Python manifest and Python files that go to production."""
    manifests = project.files("pyproject.toml", "setup.py", "requirements.txt", "Pipfile", "uv.lock", "poetry.lock")
    found = []
    for folder in sorted({posixpath.dirname(p) for p in manifests}):
        inside = f"/{folder}/**/*.py" if folder else "/**/*.py"
        files = tuple(p for p in project.files(inside) if posixpath.basename(p) != "setup.py")
        if not aside(folder) and files:
            known = _python(project, folder)
            if known is not None:
                found.append(known)
    return tuple(found)


def node_projects(project: Project) -> tuple[NodeProject, ...]:
    """Folders with a package.json and a lock file that go to production."""
    locks = {
        "package-lock.json": "npm",
        "npm-shrinkwrap.json": "npm",
        "pnpm-lock.yaml": "pnpm",
        "yarn.lock": "yarn",
        "bun.lock": "bun",
        "bun.lockb": "bun",
    }
    found: dict[str, NodeProject] = {}
    for path in project.files(*locks):
        folder, name = posixpath.split(path)
        manifest = posixpath.join(folder, "package.json")
        if aside(folder) or folder in found or not project.exists(manifest):
            continue
        try:
            data = json.loads(project.text(manifest) or "{}")
        except (ValueError, RecursionError):
            continue
        scripts = data.get("scripts") if isinstance(data, dict) else None
        known = scripts.items() if isinstance(scripts, dict) else ()
        real = frozenset(k for k, v in known if isinstance(v, str) and "no test specified" not in v)
        manager = locks[name]
        if manager == "yarn" and b"# yarn lockfile v1" in project.read(path)[:200]:
            manager = "yarn-classic"
        found[folder] = NodeProject(folder, manager, path, real)
    return tuple(sorted(found.values(), key=lambda n: n.folder))


def _toml(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"not valid TOML: {error}") from None


def _table(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        value = data.get(key)
        data = value if isinstance(value, dict) else {}
    return data


def _python(project: Project, folder: str) -> PythonProject | None:
    def at(name: str) -> str:
        path = posixpath.join(folder, name)
        return path if project.exists(path) else ""

    data: dict[str, Any] = {}
    if at("pyproject.toml"):
        try:
            data = project.parsed(at("pyproject.toml"), _toml)
        except Refused:
            return None
    declared = bool(_table(data, "project")) or bool(_table(data, "tool", "poetry"))
    plain = tuple(
        p.rpartition("/")[2]
        for p in project.files("/" + posixpath.join(folder, "*requirements*.txt"))
        if not re.search(r"docs|lock|constraint|in\.txt$", p.rpartition("/")[2])
    )
    if _above(project, folder, "uv.lock") or _table(data, "tool", "uv"):
        manager = "uv" if declared else "pip"
    elif at("poetry.lock") or _table(data, "tool", "poetry"):
        manager = "poetry"
    elif at("pdm.lock"):
        manager = "pdm"
    elif at("Pipfile"):
        manager = "pipenv"
    else:
        manager = "pip"
    if manager == "pip" and not (plain or declared or _has_setup(project, at("setup.py"))):
        return None
    version = ".python-version" if at(".python-version") else ""
    if not version and (_table(data, "project").get("requires-python") or _table(data, "tool", "poetry")):
        version = "pyproject.toml"
    return PythonProject(
        folder=folder,
        manager=manager,
        requirements=plain,
        installable=(declared and bool(data.get("build-system"))) or _has_setup(project, at("setup.py")),
        version_file=version,
        extras=tuple(sorted(_table(data, "project", "optional-dependencies"))),
        groups=tuple(sorted(_table(data, "dependency-groups"))),
        tools=frozenset(_table(data, "tool")) | _tool_files(project, folder),
        requires=_requirements(project, folder, data, plain),
        tests=_tests(project, folder),
    )


def _above(project: Project, folder: str, name: str) -> bool:
    """Whether a file of that name is in the folder or one above it (workspaces lock at their root)."""
    while folder:
        if project.exists(posixpath.join(folder, name)):
            return True
        folder = posixpath.dirname(folder)
    return project.exists(name)


def _has_setup(project: Project, path: str) -> bool:
    return bool(path) and "setup(" in project.text(path)


def _tool_files(project: Project, folder: str) -> frozenset[str]:
    files = {"ruff.toml": "ruff", ".ruff.toml": "ruff", ".flake8": "flake8", "mypy.ini": "mypy", ".mypy.ini": "mypy",
             "pytest.ini": "pytest", "manage.py": "django"}  # fmt: skip
    return frozenset(tool for name, tool in files.items() if project.exists(posixpath.join(folder, name)))


def _requirements(project: Project, folder: str, data: dict[str, Any], plain: tuple[str, ...]) -> frozenset[str]:
    """Names of all requirements, in whatever file they stand, in lower case."""
    lines: list[str] = []
    for name in plain:
        lines += project.text(posixpath.join(folder, name)).splitlines()
    for group in (
        [_table(data, "project").get("dependencies")],
        _table(data, "project", "optional-dependencies").values(),
        _table(data, "dependency-groups").values(),
    ):
        for listed in group:
            lines += [line for line in listed if isinstance(line, str)] if isinstance(listed, list) else []
    lines += _table(data, "tool", "poetry", "dependencies")
    for poetry in _table(data, "tool", "poetry", "group").values():
        lines += _table(poetry if isinstance(poetry, dict) else {}, "dependencies")
    for pipfile in ("packages", "dev-packages"):
        path = posixpath.join(folder, "Pipfile")
        if project.exists(path):
            try:
                lines += _table(project.parsed(path, _toml), pipfile)
            except Refused:
                break
    names = (re.match(r"[A-Za-z0-9._-]+", line.strip()) for line in lines)
    return frozenset(n[0].lower().replace("_", "-") for n in names if n)


def _tests(project: Project, folder: str) -> tuple[str, ...]:
    inside = f"/{folder}/**/" if folder else "/**/"
    return project.files(inside + "test_*.py", inside + "*_test.py", inside + "tests.py")
