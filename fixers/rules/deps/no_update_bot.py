"""Dependencies that nobody is told to update."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from fixers.editors import yaml
from fixers.facts.container import is_tool
from fixers.facts.dependabot import PATHS, Entry, entries, missing
from fixers.facts.docker import images
from fixers.facts.forge import GITHUB, ci_systems, forge
from fixers.facts.subprojects import go_modules, node_projects, python_projects, rust_workspaces
from fixers.model import Applicability, Context, Finding, Location, NotApplicable, Pass, Refused, Result, Severity, rule
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
    for a weekly look at every ecosystem and folder that has a manifest, and waits a week with each release. In a
    file that is there, ecosystems of which it says nothing, and folders beside others that it lists, are added.
    """
    known = project.files(*_BOTS, *(f"/{folder}{name}" for folder in ("", ".github/") for name in _BOTS))
    ours = next((p for p in PATHS if project.exists(p)), "")
    if known:
        found = _added(project, ours) if ours and set(known) <= set(PATHS) else None
        yield found or Pass("a bot proposes updates", (Location(known[0]),))
        return
    if forge(project).kind not in ("", GITHUB):
        yield NotApplicable("Dependabot runs on GitHub only; Renovate is set up by the forge's owners")
        return
    parts = sorted(_ecosystems(project))
    if not parts:
        yield NotApplicable("no manifest that a bot could update")
        return
    draft = project.draft()
    draft.create(".github/dependabot.yml", _text(parts))
    names = ", ".join(dict.fromkeys(name for name, _ in parts))
    yield Finding(
        ".github/dependabot.yml",
        f"no bot proposes updates for {names}",
        anchor="bot",
        fixes=draft.fixes("Let Dependabot propose updates every week"),
    )


def _added(project: Project, path: str) -> Finding | None:
    """What the file that is there does not look after, as entries in its own manner; None when nothing."""
    try:
        known = entries(project, path)
    except Refused:
        return None
    lacks = missing(project.text(path), known, {part for part in _ecosystems(project) if _moves(project, *part)})
    if not lacks or not project.keep(path, 1):
        return None
    draft = project.draft()
    for name in dict.fromkeys(name for name, _ in lacks):
        folders = [f"/{folder}" for ecosystem, folder in lacks if ecosystem == name]
        lists = [e for e in known if e.ecosystem == name and isinstance(e.data.get("directories"), list)]
        if len(lists) > 1:
            draft.refuse(f"which of the entries of {name} takes {', '.join(folders[:4])} cannot be told")
        elif lists:
            for folder in folders:
                draft.edit(path, yaml.append_item, ("updates", lists[-1].index, "directories"), folder)
        else:
            draft.edit(path, yaml.append_item, ("updates",), _entry(known[-1], name, folders))
    names = ", ".join(f"{name} in /{folder}" for name, folder in lacks[:6])
    reason = "somebody may have left them out on purpose"
    fixes = draft.fixes("Let Dependabot look there too", Applicability.UNSAFE, reason)
    return Finding(path, f"no entry for {names}", anchor="entries", fixes=fixes)


def _moves(project: Project, name: str, folder: str) -> bool:
    """Whether a bot has something to move there: an image for use whose base has a version."""
    if name != "docker":
        return True
    here = [i for i in project.fact(images) if posixpath.dirname(i.path) == folder and not is_tool(i.path)]
    bases = [i.file.image(s) for i in here for s in i.file.stages if i.file.parent(s) is None]
    return not folder.startswith(".") and any(re.search(r":[^/:]*\d|@sha256:", base) for base in bases)


def _entry(like: Entry, name: str, folders: list[str]) -> dict[str, object]:
    """An entry with the schedule of another one, and a week's wait where that has no other."""
    schedule = like.data.get("schedule")
    waits = like.data.get("cooldown")
    days = waits.get("default-days") if isinstance(waits, dict) else None
    return {
        "package-ecosystem": name,
        **({"directory": folders[0]} if len(folders) == 1 else {"directories": folders}),
        "schedule": schedule if isinstance(schedule, dict) else {"interval": "weekly"},
        "cooldown": {"default-days": days or 7},
    }


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
