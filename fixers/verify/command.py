"""Which commands build and test a tree: read off its files, or named by its configuration or the user."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fixers.model import Refused
from fixers.project import Project
from fixers.text import safe_text

CARGO: Final = "cargo"
GO: Final = "go"
PYTHON: Final = "python"
OTHER: Final = "other"
_OVERRIDES: Final = ("rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config", "go.work")


@dataclass(frozen=True, slots=True)
class Command:
    """One argv, the folder it runs in (relative to the root), and how its output is read.

    `source` says who named it: ``detected``, ``configuration`` (needs its own yes) or ``user``.
    """

    argv: tuple[str, ...]
    folder: str = ""
    kind: str = OTHER
    source: str = "detected"
    tests: bool = False

    @property
    def shown(self) -> str:
        """The command as one would type it, with the folder when it is not the root."""
        words = [a for a in self.argv if not a.startswith("--message-format")]
        return shlex.join(words) + (f"  (in {self.folder})" if self.folder else "")


def detected(project: Project) -> tuple[Command, ...]:
    """Build commands of the languages present: cargo per workspace, go per module, compileall for Python."""
    return (*_cargo(project), *_go(project), *_python(project))


def for_tests(project: Project, touched: Iterable[str]) -> tuple[Command, ...]:
    """The tests of what was touched: crates, Go packages, and a Python project's pytest."""
    paths = tuple(touched)
    return (*_cargo_tests(project, paths), *_go_tests(project, paths), *_python_tests(project, paths))


def _roots(project: Project, manifest: str) -> tuple[str, ...]:
    """Folders of the manifest that no other such folder contains."""
    folders = sorted(p.rpartition("/")[0] for p in project.files(f"**/{manifest}"))
    return tuple(f for f in folders if not any(o != f and (not o or f.startswith(o + "/")) for o in folders))


def _cargo(project: Project) -> Iterator[Command]:
    for folder in _roots(project, "Cargo.toml"):
        locked = ("--locked",) if project.exists(_join(folder, "Cargo.lock")) else ()
        argv = ("cargo", "check", "--workspace", "--all-targets", "--keep-going", *locked, "--message-format=json")
        yield Command(argv, folder, CARGO)


def _modules(project: Project) -> tuple[str, ...]:
    return tuple(sorted(p.rpartition("/")[0] for p in project.files("**/go.mod") if "/testdata/" not in f"/{p}"))


def _go(project: Project) -> Iterator[Command]:
    for folder in _modules(project):
        for words in (("build", "./..."), ("vet", "./...")):
            yield Command(("go", *words), folder, GO)


def _python(project: Project) -> Iterator[Command]:
    if project.files("*.py"):
        yield Command(("python3", "-m", "compileall", "-q", "."), "", PYTHON)


def _cargo_tests(project: Project, paths: tuple[str, ...]) -> Iterator[Command]:
    for folder in _roots(project, "Cargo.toml"):
        crates = sorted({c for p in paths if p.endswith((".rs", ".toml")) for c in (_crate(project, folder, p),) if c})
        if not crates:
            continue
        locked = ("--locked",) if project.exists(_join(folder, "Cargo.lock")) else ()
        picked = tuple(w for c in crates for w in ("--package", c))
        argv = ("cargo", "test", *picked, "--all-targets", "--no-fail-fast", *locked, "--message-format=json")
        yield Command(argv, folder, CARGO, tests=True)


def _crate(project: Project, root: str, path: str) -> str:
    """The name of the package that holds a path below the root."""
    import tomllib

    folder = path.rpartition("/")[0]
    while True:
        manifest = _join(folder, "Cargo.toml")
        if project.exists(manifest):
            try:
                table = tomllib.loads(project.text(manifest))
            except tomllib.TOMLDecodeError:
                return ""
            name = table.get("package", {}).get("name", "")
            if isinstance(name, str) and name:
                return name
        if folder == root or not folder:
            return ""
        folder = folder.rpartition("/")[0]


def _go_tests(project: Project, paths: tuple[str, ...]) -> Iterator[Command]:
    for module in sorted(_modules(project), key=len, reverse=True):
        inside = module + "/" if module else ""
        packages = sorted(
            {
                "./" + p.rpartition("/")[0][len(inside) :]
                for p in paths
                if p.endswith(".go") and p.startswith(inside) and _owner(project, p) == module
            }
        )
        if packages:
            yield Command(("go", "test", "-json", *packages), module, GO, tests=True)


def _owner(project: Project, path: str) -> str:
    return max((m for m in _modules(project) if not m or path.startswith(m + "/")), key=len, default="")


def _python_tests(project: Project, paths: tuple[str, ...]) -> Iterator[Command]:
    if any(p.endswith(".py") for p in paths) and project.files("test_*.py", "*_test.py"):
        yield Command(("python3", "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider"), "", PYTHON, tests=True)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def named(words: str | tuple[str, ...], source: str) -> Command:
    """A command that the user or the configuration names. Raises Refused when it is none."""
    try:
        argv = tuple(shlex.split(words)) if isinstance(words, str) else words
    except ValueError as error:
        raise Refused(f"the command {safe_text(str(words))} cannot be read: {error}") from None
    if not argv or not argv[0]:
        raise Refused(f"the {source} names an empty command to verify with")
    kind = {"cargo": CARGO, "go": GO}.get(argv[0].rpartition("/")[2], OTHER)
    return Command(argv, kind=kind, source=source)


def overriding(commands: Iterable[Command], tracked: Container[str]) -> tuple[str, ...]:
    """Files of the tree that say which toolchain or wrapper the commands really use: where they run, and above."""
    folders = {"", *(c.folder for c in commands)}
    above = {"/".join(f.split("/")[:n]) for f in folders for n in range(f.count("/") + 2)}
    return tuple(p for p in sorted(_join(f, name) for f in above for name in _OVERRIDES) if p in tracked)
