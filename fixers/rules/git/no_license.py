"""A repository that nobody may use, as far as it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from fixers.facts import cargo
from fixers.model import Applicability, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

_GLOBS = ("/LICENSE*", "/LICENCE*", "/COPYING*", "/UNLICENSE*", "/license*", "/licence*", "/copying*",
          "/LICENSES/*", "/*LICENSE*", "/*License*")  # fmt: skip


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    bad={"Cargo.toml": '[package]\nname = "a"\nlicense = "MIT"\n', "README.md": "# A\n"},
    good={"Cargo.toml": '[package]\nname = "a"\nlicense = "MIT"\n', "README.md": "# A\n", "LICENSE": "MIT License\n"},
)
def check(project: Project) -> Iterator[Result]:
    """No licence file says what others may do.

    Without a licence nobody may use, change or pass on the code, whatever the manifest's one word says; most
    licences ask that their text goes with every copy. Which one it is, is for the owners to say: a text is
    never made up here.
    """
    known = project.files(*_GLOBS)
    if known:
        yield Pass("a licence is there", (Location(known[0]),))
        return
    named, where = _named(project)
    if not named and not project.remotes:
        yield NotApplicable("no remote and no licence in a manifest: nothing says that this is published")
        return
    text = f"{where} names {named}, and its text is not in the repository" if named else "no licence at all"
    add = (
        f"Add the text of {named} as LICENSE"
        if named
        else "Choose a licence with the owners and add its text as LICENSE"
    )
    yield Finding(where or "LICENSE", text, anchor="license", steps=(f"{add} (https://spdx.org/licenses/)",))


def _named(project: Project) -> tuple[str, str]:
    """The licence that a manifest names, and the manifest."""
    for package in project.fact(cargo.packages):
        if package.license:
            return package.license, package.manifest
    for path in project.files("/package.json"):
        try:
            data = json.loads(project.text(path))
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict) and isinstance(data.get("license"), str) and data["license"] != "UNLICENSED":
            return data["license"], path
    for path in project.files("/pyproject.toml", "/setup.cfg"):
        match = re.search(r'(?m)^license\s*=\s*"?(?:\{\s*text\s*=\s*")?([\w.+ -]+)"?', project.text(path))
        if match:
            return match[1].strip(), path
    return "", ""
