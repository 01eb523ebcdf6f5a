"""What Cargo makes of the tree: workspaces, their members, targets, dependencies and features."""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fixers.model import Refused
from fixers.project import Project, matches

_KINDS: Final = ("dependencies", "dev-dependencies", "build-dependencies")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One requirement of a package; `path` is the folder in the tree it points to, "" when it does not."""

    name: str
    package: str
    kind: str
    version: str = ""
    path: str = ""
    git: str = ""
    features: frozenset[str] = frozenset()
    default_features: bool = True
    optional: bool = False
    registry: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the tree. Paths are relative to the root of the tree; `folder` is "" at the root."""

    folder: str
    name: str
    manifest: str
    description: str = ""
    edition: str = ""
    license: str = ""
    publish: bool = True
    library: str = ""
    binaries: Mapping[str, str] = field(default_factory=dict)
    build_script: str = ""
    dependencies: tuple[Dependency, ...] = ()
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def depends_on(self, package: str, kind: str = "") -> bool:
        """Whether the package requires another, in any table or in one of `kind`."""
        return any(d.package == package and kind in ("", d.kind) for d in self.dependencies)


@dataclass(frozen=True, slots=True)
class Workspace:
    """What one `cargo` command builds: a `[workspace]` with its members, or a package on its own."""

    folder: str
    manifest: str
    members: tuple[Package, ...]
    declared: bool
    lockfile: str = ""
    rust_version: str = ""
    exclude: tuple[str, ...] = ()

    @property
    def package(self) -> Package | None:
        """The package in the workspace's own manifest, or None when it is virtual."""
        return next((p for p in self.members if p.folder == self.folder), None)


def join(folder: str, path: str) -> str:
    """A path below a folder, normalised; the root of the tree is ""."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


def manifest(data: bytes) -> dict[str, Any]:
    """A Cargo.toml as data. Raises Refused when it does not parse."""
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"not valid TOML: {error}") from None


def workspaces(project: Project) -> tuple[Workspace, ...]:
    """Every workspace and every package outside one, by folder. Broken manifests are skipped with a reason."""
    manifests: dict[str, dict[str, Any]] = {}
    for path in project.files("Cargo.toml"):
        try:
            manifests[posixpath.dirname(path)] = project.parsed(path, manifest)
        except Refused:
            continue
    roots = {folder: data["workspace"] for folder, data in manifests.items() if _table(data, "workspace") is not None}
    found, taken = [], set[str]()
    for folder, table in sorted(roots.items()):
        inside = _members(folder, table, manifests, frozenset(roots))
        taken |= {folder, *inside}
        found.append(_workspace(project, folder, manifests, inside, table))
    found += [
        _workspace(project, folder, manifests, (folder,), None)
        for folder, data in sorted(manifests.items())
        if folder not in taken and _table(data, "package") is not None
    ]
    return tuple(sorted(found, key=lambda w: w.folder))


def packages(project: Project) -> tuple[Package, ...]:
    """Every package of the tree."""
    return tuple(p for w in project.fact(workspaces) for p in w.members)


def package_of(project: Project, path: str) -> Package | None:
    """The package whose folder holds a file: the innermost one."""
    holders = [p for p in project.fact(packages) if not p.folder or path.startswith(p.folder + "/")]
    return max(holders, key=lambda p: len(p.folder), default=None)


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    value = data.get(key)
    return value if isinstance(value, dict) else None


def _strings(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _members(
    folder: str, table: Mapping[str, Any], manifests: Mapping[str, dict[str, Any]], roots: frozenset[str]
) -> tuple[str, ...]:
    """Folders of the members: the globs, less `exclude`, plus path dependencies that lie inside."""
    excluded = tuple(join(folder, e) for e in _strings(table.get("exclude")))

    def kept(candidate: str) -> bool:
        below = any(candidate == e or candidate.startswith(e + "/") for e in excluded)
        return candidate in manifests and not below and (candidate == folder or candidate not in roots)

    members = {folder} if _table(manifests[folder], "package") is not None else set[str]()
    for glob in _strings(table.get("members")):
        pattern = ("/" + join(folder, glob),)
        members |= {m for m in manifests if matches(m, pattern) and m not in roots and m in manifests}
    members = {m for m in members if m == folder or kept(m)}
    waiting = list(members)
    while waiting:
        member = waiting.pop()
        for dependency in _dependencies(member, manifests[member], table, folder):
            inside = not folder or dependency.path.startswith(folder + "/")
            if dependency.path and inside and dependency.path not in members and kept(dependency.path):
                members.add(dependency.path)
                waiting.append(dependency.path)
    return tuple(sorted(members))


def _workspace(
    project: Project,
    folder: str,
    manifests: Mapping[str, dict[str, Any]],
    members: tuple[str, ...],
    table: Mapping[str, Any] | None,
) -> Workspace:
    lock = join(folder, "Cargo.lock")
    shared = (_table(table, "package") if table else None) or {}
    own = _table(manifests[folder], "package") or {}
    version = shared.get("rust-version") or own.get("rust-version")
    return Workspace(
        folder=folder,
        manifest=join(folder, "Cargo.toml"),
        members=tuple(_package(project, m, manifests[m], table or {}, folder) for m in members),
        declared=table is not None,
        lockfile=lock if project.exists(lock) else "",
        rust_version=version if isinstance(version, str) else "",
        exclude=_strings(table.get("exclude")) if table else (),
    )


def _package(
    project: Project, folder: str, data: Mapping[str, Any], workspace: Mapping[str, Any], root: str
) -> Package:
    own = _table(data, "package") or {}
    shared = _table(workspace, "package") or {}

    def inherited(key: str) -> object:
        value = own.get(key)
        return shared.get(key) if isinstance(value, dict) and value.get("workspace") is True else value

    name = own.get("name")
    publish = inherited("publish")
    build = own.get("build", "build.rs" if project.exists(join(folder, "build.rs")) else "")
    features = _table(data, "features") or {}
    return Package(
        folder=folder,
        name=name if isinstance(name, str) else posixpath.basename(folder),
        manifest=join(folder, "Cargo.toml"),
        description=str(own.get("description") or ""),
        edition=str(inherited("edition") or ""),
        license=str(inherited("license") or ""),
        publish=publish not in (False, []),
        library=_library(project, folder, data),
        binaries=_binaries(project, folder, data, str(name or "")),
        build_script=join(folder, build) if isinstance(build, str) and build else "",
        dependencies=_dependencies(folder, data, workspace, root),
        features={k: _strings(v) for k, v in features.items()},
    )


def _library(project: Project, folder: str, data: Mapping[str, Any]) -> str:
    declared = _table(data, "lib")
    if declared is not None and isinstance(declared.get("path"), str):
        return join(folder, declared["path"])
    path = join(folder, "src/lib.rs")
    return path if declared is not None or project.exists(path) else ""


def _binaries(project: Project, folder: str, data: Mapping[str, Any], name: str) -> dict[str, str]:
    found = {}
    main = join(folder, "src/main.rs")
    if project.exists(main):
        found[name] = main
    for path in project.files("/" + join(folder, "src/bin/*.rs"), "/" + join(folder, "src/bin/*/main.rs")):
        stem = posixpath.basename(path).removesuffix(".rs")
        found[posixpath.basename(posixpath.dirname(path)) if stem == "main" else stem] = path
    for binary in data.get("bin", []) if isinstance(data.get("bin"), list) else []:
        if isinstance(binary, dict) and isinstance(binary.get("name"), str):
            declared = binary.get("path")
            if isinstance(declared, str):
                known = join(folder, declared)
                found = {n: p for n, p in found.items() if p != known}
                found[binary["name"]] = known
            else:
                found.setdefault(binary["name"], main)
    return found


def _dependencies(
    folder: str, data: Mapping[str, Any], workspace: Mapping[str, Any], root: str
) -> tuple[Dependency, ...]:
    tables = [data, *(t for t in (_table(data, "target") or {}).values() if isinstance(t, dict))]
    shared = _table(workspace, "dependencies") or {}
    found = []
    for kind in _KINDS:
        for table in tables:
            for name, spec in (_table(table, kind) or {}).items():
                found.append(_dependency(folder, name, spec, kind, shared, root))
    return tuple(found)


def _dependency(folder: str, name: str, spec: object, kind: str, shared: Mapping[str, Any], root: str) -> Dependency:
    if isinstance(spec, str):
        return Dependency(name, name, kind, version=spec)
    own: dict[str, Any] = spec if isinstance(spec, dict) else {}
    base, at = own, folder
    if own.get("workspace") is True:
        entry = shared.get(name)
        base, at = ({"version": entry} if isinstance(entry, str) else dict(entry or {})), root
    path = base.get("path")
    default = own.get("default-features", base.get("default-features", True))
    return Dependency(
        name=name,
        package=str(base.get("package") or name),
        kind=kind,
        version=str(base.get("version") or ""),
        path=join(at, path) if isinstance(path, str) else "",
        git=str(base.get("git") or ""),
        features=frozenset(_strings(own.get("features"))) | frozenset(_strings(base.get("features"))),
        default_features=default is not False,
        optional=own.get("optional") is True,
        registry=str(base.get("registry") or ""),
    )
