"""Dependencies that nobody is told to update."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from fixers.facts.docker import images
from fixers.facts.forge import GITHUB, ci_systems, forge
from fixers.facts.subprojects import go_modules, node_projects, python_projects, rust_workspaces
from fixers.model import Applicability, Context, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

_BOTS = ("dependabot.yml", "dependabot.yaml", "renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json",
         ".renovaterc.json5", ".dependabot/config.yml", ".pyup.yml", ".depfu.yml", "updatecli.d/**")  # fmt: skip
_TREE = {
    "Cargo.toml": '[package]\nname = "a"\n',
    "Cargo.lock": "version = 4\n",
    ".github/workflows/ci.yml": "on: push\n",
}


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    context=Context(remotes=("https://github.com/example/chat.git",)),
    bad=_TREE,
    good={
        **_TREE,
        ".github/dependabot.yml": "version: 2\nupdates:\n"
        "  - package-ecosystem: cargo\n    directory: /\n    schedule:\n      interval: weekly\n"
        "    cooldown:\n      default-days: 7\n"
        "  - package-ecosystem: github-actions\n    directory: /\n    schedule:\n      interval: weekly\n"
        "    cooldown:\n      default-days: 7\n",
    },
)
def check(project: Project) -> Iterator[Result]:
    """No bot proposes updates of dependencies.

    Old dependencies collect known faults, and the longer an update waits the more it breaks. The file asks
    for a weekly look at every ecosystem and folder that has a manifest, and waits a week with each release.
    """
    known = project.files(*_BOTS)
    if known:
        yield Pass("a bot proposes updates", (Location(known[0]),))
        return
    if forge(project).kind not in ("", GITHUB):
        yield NotApplicable("Dependabot runs on GitHub only; Renovate is set up by the forge's owners")
        return
    found = sorted(_ecosystems(project))
    if not found:
        yield NotApplicable("no manifest that a bot could update")
        return
    draft = project.draft()
    draft.create(".github/dependabot.yml", _text(found))
    names = ", ".join(dict.fromkeys(name for name, _ in found))
    yield Finding(
        ".github/dependabot.yml",
        f"no bot proposes updates for {names}",
        anchor="bot",
        fixes=draft.fixes("Let Dependabot propose updates every week"),
    )


def _ecosystems(project: Project) -> set[tuple[str, str]]:
    """(ecosystem, folder) of every part that has a manifest; tests and examples are left out."""
    parts = {("cargo", w.folder) for w in rust_workspaces(project)}
    parts |= {("gomod", m.folder) for m in go_modules(project)}
    parts |= {("uv" if p.manager == "uv" else "pip", p.folder) for p in python_projects(project)}
    parts |= {("bun" if n.manager == "bun" else "npm", n.folder) for n in node_projects(project)}
    parts |= {("docker", posixpath.dirname(i.path)) for i in project.fact(images)}
    if "GitHub Actions" in project.fact(ci_systems):
        parts.add(("github-actions", ""))
    return parts


def _text(found: list[tuple[str, str]]) -> str:
    rows = "version: 2\nupdates:\n"
    for name in dict.fromkeys(n for n, _ in found):
        folders = [f for n, f in found if n == name]
        where = (
            f"    directory: /{folders[0]}\n"
            if len(folders) == 1
            else ("    directories:\n" + "".join(f"      - /{f}\n" for f in folders))
        )
        rows += f"  - package-ecosystem: {name}\n{where}    schedule:\n      interval: weekly\n"
        rows += "    cooldown:\n      default-days: 7\n"
    return rows
