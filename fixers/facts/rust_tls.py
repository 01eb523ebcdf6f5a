"""rustls in the tree: the providers it is built with, who relies on the default one, who installs one."""

from __future__ import annotations

import re
from typing import Any, Final

from fixers.draft import Draft
from fixers.editors import toml
from fixers.facts import cargo, rust
from fixers.facts.cargo import Package, Workspace
from fixers.model import Refused
from fixers.project import Project

_DEFAULT: Final = re.compile(
    r"\b(?:ClientConfig|ServerConfig|WebPkiServerVerifier|WebPkiClientVerifier)::builder(?:_with_protocol_versions)?\s*\("
)
_PROVIDERS: Final = {"ring": "ring", "aws-lc-rs": "aws_lc_rs"}
_WITH_PROVIDER: Final = {"rustls": (0, 23), "rustls-webpki": (0, 102)}
_BLOCK: Final = re.compile(
    r'^name = "(?P<name>rustls|rustls-webpki)"\r?\nversion = "(?P<version>[^"]+)"\r?\n'
    r"(?:[^\[\r\n].*\r?\n|\r?\n(?!\[))*",
    re.M,
)
_COMMENT: Final = re.compile(r"^\s*//.*$", re.M)


def lock(data: bytes) -> dict[str, Any]:
    """A Cargo.lock as data. Raises Refused when it does not parse."""
    return cargo.manifest(data)


def providers(project: Project, workspace: Workspace) -> frozenset[str] | None:
    """The providers that rustls 0.23 or later is built with ("ring", "aws_lc_rs"); None when it is not used.

    The lock file lists what any feature of the workspace turns on; without one the manifests are read.
    """
    if workspace.lockfile:
        try:
            packages = project.parsed(workspace.lockfile, lock).get("package", [])
        except Refused:
            return None
        for entry in packages:
            if entry.get("name") == "rustls" and _since(entry.get("version", ""), 0, 23):
                names = {d.split(" ")[0] for d in entry.get("dependencies", [])}
                return frozenset(_PROVIDERS[n] for n in names & set(_PROVIDERS))
        return None
    wanted = [d for p in workspace.members for d in p.dependencies if d.package == "rustls"]
    if not wanted or not all(_since(d.version.lstrip("^=~>< "), 0, 23) for d in wanted):
        return None
    features = {f.replace("-", "_") for d in wanted for f in d.features}
    if any(d.default_features for d in wanted):
        features.add("aws_lc_rs")
    return frozenset(features & set(_PROVIDERS.values()))


def chosen(package: Package, built: frozenset[str]) -> str:
    """The provider to install: what the package asks rustls for, else the only one, else rustls' own default."""
    for dependency in package.dependencies:
        if dependency.package == "rustls":
            asked = {f.replace("-", "_") for f in dependency.features} & built
            if len(asked) == 1:
                return asked.pop()
    return next(iter(built)) if len(built) == 1 else "aws_lc_rs" if "aws_lc_rs" in built else "ring"


def turn_on(project: Project, workspace: Workspace, package: Package, draft: Draft, feature: str) -> None:
    """Add a provider's feature to the requirement of rustls, in the package or in its workspace."""
    for path, keys in (
        (package.manifest, ("dependencies", "rustls")),
        (package.manifest, ("dev-dependencies", "rustls")),
        (workspace.manifest, ("workspace", "dependencies", "rustls")),
    ):
        value: Any = project.parsed(path, cargo.manifest)
        for key in keys:
            value = value.get(key, {}) if isinstance(value, dict) else {}
        if isinstance(value, dict) and "version" in value:
            draft.edit(path, toml.append, (*keys, "features"), feature)
            if workspace.lockfile:
                draft.follow(workspace.lockfile, locked, feature)
            return
    draft.refuse("rustls is built without a provider: turn on its feature `ring` or `aws_lc_rs` first")


def locked(data: bytes, provider: str) -> bytes:
    """A Cargo.lock in which rustls 0.23 and its webpki have the provider, as cargo would write it.

    The very same bytes unless exactly one version of the provider is locked: cargo writes the rest with the next build.
    """
    text = data.decode()
    if len(re.findall(rf'^name = "{provider}"\r?$', text, re.M)) != 1:
        return data

    def added(block: re.Match[str]) -> str:
        listed = re.search(r"^dependencies = \[\r?\n((?: .*\r?\n)*)\]", block[0], re.M)
        if (
            listed is None
            or f' "{provider}",' in listed[1]
            or not _since(block["version"], *_WITH_PROVIDER[block["name"]])
        ):
            return block[0]
        end = "\r\n" if "\r\n" in listed[1] else "\n"
        lines = sorted([*listed[1].split(end)[:-1], f' "{provider}",'])
        return block[0][: listed.start(1)] + "".join(line + end for line in lines) + block[0][listed.end(1) :]

    return _BLOCK.sub(added, text).encode()


_HAVE_RUSTLS: Final = ("rustls", "tokio-rustls", "quinn", "hyper-rustls", "futures-rustls", "async-rustls", "actix-tls")
"""Crates that hand rustls on under their own name."""
_ASK: Final = {
    "axum-server": re.compile(r"tls-rustls"),
    "tokio-tungstenite": re.compile(r"(?:__)?rustls-tls.*"),
    "async-tungstenite": re.compile(r".*rustls.*"),
    "redis": re.compile(r".*rustls.*"),
    "async-nats": re.compile(r""),
    "rumqttc": re.compile(r"use-rustls.*"),
}
"""Crates that ask rustls for the default provider themselves, with the feature that makes them do it ("" for none)."""


def relies_on_default(project: Project) -> dict[str, tuple[str, int]]:
    """Folder of each package whose code, or a crate it requires, asks rustls for the default provider; and where."""
    found: dict[str, tuple[str, int]] = {}
    for path in project.grep([b"Config::builder", b"Verifier::builder"], "*.rs"):
        if b"rustls" not in project.read(path) or rust.is_test_path(project, path):
            continue
        text = _COMMENT.sub("", project.text(path))
        match = _DEFAULT.search(text)
        package = cargo.package_of(project, path)
        if match and package is not None and any(package.depends_on(d) for d in _HAVE_RUSTLS):
            found.setdefault(package.folder, (path, project.text(path)[: match.start()].count("\n") + 1))
    for package in project.fact(cargo.packages):
        for dependency in package.dependencies:
            asks = _ASK.get(dependency.package)
            if asks is None or dependency.kind != "dependencies" or dependency.optional:
                continue
            if not asks.pattern or any(asks.fullmatch(f) for f in dependency.features):
                at = re.search(rf"^[^\n#]*\b{re.escape(dependency.name)}\b", project.text(package.manifest), re.M)
                line = project.text(package.manifest)[: at.start()].count("\n") + 1 if at else 1
                found.setdefault(package.folder, (package.manifest, line))
    return found


def installs(project: Project) -> frozenset[str]:
    """Files that install a provider."""
    return frozenset(
        p
        for p in project.grep([b"install_default"], "*.rs")
        if re.search(r"install_default\s*\(", _COMMENT.sub("", project.text(p)))
    )


def below(workspace: Workspace, package: Package) -> tuple[Package, ...]:
    """A package and all members that it depends on by path."""
    by_folder = {p.folder: p for p in workspace.members}
    seen, waiting = {package.folder: package}, [package]
    while waiting:
        for dependency in waiting.pop().dependencies:
            member = by_folder.get(dependency.path) if dependency.path else None
            if member is not None and member.folder not in seen:
                seen[member.folder] = member
                waiting.append(member)
    return tuple(seen.values())


def _since(version: str, major: int, minor: int) -> bool:
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2] or 0)) >= (major, minor)
