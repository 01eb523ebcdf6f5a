"""The Go modules of a tree: what go.mod requires, and which environment names the code reads already."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fixers.draft import Draft
from fixers.editors import env
from fixers.facts import gocode
from fixers.model import Refused
from fixers.project import Project

_REQUIRE: Final = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/\S+|[\w.-]+\.[a-z]+/\S+)\s+(v\S+)", re.M)
_GETENV: Final = re.compile(
    rb'(?:Getenv|LookupEnv)\("([A-Z][A-Z0-9]*_)[A-Z0-9_]*"\)|env(?:config)?:"([A-Z][A-Z0-9]*_)[A-Z0-9_]*'
)


@dataclass(frozen=True, slots=True)
class Module:
    """One go.mod: its folder ("" at the root), its path, its Go version and what it requires."""

    folder: str
    path: str
    go: tuple[int, int]
    requires: frozenset[str]

    def has(self, package: str) -> bool:
        """Whether the module requires the one that a package path belongs to."""
        return any(package == r or package.startswith(r + "/") for r in self.requires)


def modules(project: Project) -> tuple[Module, ...]:
    """Every module, the outermost first."""
    return project.fact(_modules)


def _modules(project: Project) -> tuple[Module, ...]:
    found = []
    for path in project.files("**/go.mod"):
        text = project.text(path)
        name = re.search(r"^module\s+(\S+)", text, re.M)
        version = re.search(r"^go\s+(\d+)\.(\d+)", text, re.M)
        requires = frozenset(m[1] for m in _REQUIRE.finditer(re.sub(r"//[^\n]*", "", text)))
        go = (int(version[1]), int(version[2])) if version else (1, 16)
        found.append(Module(gocode.folder(path), name[1] if name else "", go, requires))
    return tuple(sorted(found, key=lambda m: len(m.folder)))


def module_of(project: Project, path: str) -> Module:
    """The module that a file belongs to; an old one without requirements when there is no go.mod above it."""
    inside = [m for m in modules(project) if not m.folder or path.startswith(m.folder + "/")]
    return inside[-1] if inside else Module("", "", (1, 16), frozenset())


def env_prefix(project: Project) -> str:
    """What the environment names of this tree begin with (`APP_`): the most common start of at least three, else ""."""
    return project.fact(_env_prefix)


def _env_prefix(project: Project) -> str:
    starts: Counter[str] = Counter()
    for path in gocode.shipped(project):
        for match in _GETENV.finditer(project.read(path)):
            starts[(match[1] or match[2]).decode()] += 1
    (best, count), *_ = starts.most_common(1) or [("", 0)]
    return best if count >= 3 and count * 2 > sum(starts.values()) else ""


def document(project: Project, draft: Draft, path: str, values: Mapping[str, str], comment: str) -> None:
    """Add variables that a fix reads from now on to the example of the environment, when the tree has one.

    What stands there already is left, and an example that is no plain list of assignments, too.
    """
    folder = module_of(project, path).folder
    for name in (".env.example", ".env.sample", ".env.template"):
        file = f"{folder}/{name}" if folder else name
        if not project.exists(file):
            continue
        try:
            known = env.load(project.read(file))
            for key in [k for k in values if k not in known]:
                env.set_value(project.read(file), key, values[key])
                draft.edit(file, env.set_value, key, values[key], "" if key in list(values)[1:] else comment)
        except Refused:
            pass
        return
