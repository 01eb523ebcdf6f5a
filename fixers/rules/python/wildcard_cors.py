"""python/wildcard-cors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import is_constant
from fixers.facts.python_cors import VARIABLE, Place, named_in_settings, places
from fixers.facts.python_project import is_development, sources
from fixers.facts.python_settings import settings
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project

_REASON: Final = f"browsers on other origins are refused until {VARIABLE} names them"


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q4",),
    applies=("*.py",),
    bad={
        "shop/api.py": "import os\n\nfrom fastapi import FastAPI\n"
        "from fastapi.middleware.cors import CORSMiddleware\n\n"
        'app = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)\n'
    },
    good={
        "shop/api.py": "import os\n\nfrom fastapi import FastAPI\n"
        "from fastapi.middleware.cors import CORSMiddleware\n\n"
        "app = FastAPI()\napp.add_middleware(\n    CORSMiddleware,\n"
        '    allow_origins=os.environ.get("CORS_ORIGINS", "").split(","),\n    allow_credentials=True,\n)\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """Any website may call the API from its visitors' browsers.

    With credentials allowed, `*` is answered with the caller's own origin: every page that a logged-in
    user opens acts in the user's name and reads the answers. Without credentials it still opens what is
    meant for an internal network; a public read-only API may keep it, with a comment that says so.
    """
    seen = False
    named = named_in_settings(project)
    for path, module in sources(project, (b"CORS", b"cross_origin", b"Access-Control-Allow-Origin")):
        seen = seen or b"CORSMiddleware" in project.read(path)
        wide = [] if is_development(path) else [p for p in places(module, named) if project.keep(path, p.line)]
        for credentials in (True, False):
            if chosen := [p for p in wide if p.credentials is credentials]:
                yield _finding(project, path, chosen)
    for s in settings(project, "CORS_(?:ALLOW_ALL_ORIGINS|ORIGIN_ALLOW_ALL)", (b"CORS_",)):
        seen = True
        if is_constant(s.value, True) and project.keep(s.path, s.line):
            with_credentials = any(
                a.target == "CORS_ALLOW_CREDENTIALS" and is_constant(a.value, True) for a in s.module.assignments
            )
            edits = (python.Replace(python.span(s.value), "False"),)
            yield _finding(project, s.path, [Place(s.line, s.anchor, with_credentials, edits)])
    if seen:
        yield Pass("origins that may call the API are named")


def _finding(project: Project, path: str, found: list[Place]) -> Finding:
    """One finding for the places of a file, those with credentials apart."""
    draft = project.draft()
    if not all(p.edits for p in found):
        draft.refuse("the header is written by hand")
    draft.edit(path, python.apply, *dict.fromkeys(e for p in found for e in p.edits))
    first = found[0]
    return Finding(
        path,
        "every origin is allowed" + (", with credentials" if first.credentials else ""),
        line=first.line,
        anchor=first.anchor if len(found) == 1 else "cors.credentials" if first.credentials else "cors",
        severity=None if first.credentials else Severity.LOW,
        fixes=draft.fixes("Allow only the origins that are named", Applicability.UNSAFE, _REASON),
        steps=("Answer Access-Control-Allow-Origin only for origins on a list, with Vary: Origin.",),
        locations=tuple(Location(path, p.line, note=p.anchor) for p in found) if len(found) > 1 else (),
    )
