"""What of the tree imports a settings file outside a deployment: image builds, tests, and the CI that runs them."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from fixers.facts.docker import images
from fixers.facts.forge import ci_systems
from fixers.project import Project

_COMMAND: Final = re.compile(
    r"(?:^|&&|;|\|\||\b(?:uv|poetry|pipenv) run)\s*(?:[A-Za-z_]\w*=\S*\s+)*"
    r"((?:flask|django-admin|(?:python[\d.]*\s+)?(?:\S*/)?manage\.py)\s+[^\s&;|][^&;|\n]*)"
)
_TEST_RUN: Final = re.compile(r"\b(?:pytest|unittest|tox|nox)\b|manage\.py test\b|\bmake (?:test|check)\b")
_TESTS: Final = ("test_*.py", "*_test.py", "tests.py", "conftest.py", "/tests/**/*.py", "**/tests/**/*.py")
_PLACES: Final = ("conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "noxfile.py", "Makefile")


def broken_without(project: Project, settings: str, variable: str) -> tuple[str, ...]:
    """What fails when the settings file needs the variable and nobody sets it there, each as half a sentence."""
    said = _builds(project, variable)
    tests = _tests(project, settings)
    given = any(variable in project.text(p) for p in (*tests, *project.files(*_PLACES)))
    if tests and not given:
        runs = _runs(project, variable)
        said.append(f"tests that import it fail ({tests[0]}" + (f", run by {runs[0]})" if runs else ")"))
    return tuple(said)


def _builds(project: Project, variable: str) -> list[str]:
    found = []
    for image in project.fact(images):
        for stage in image.file.stages:
            for i in stage.instructions:
                if variable in i.raw:
                    break
                match = _COMMAND.search(i.value) if i.name == "RUN" else None
                if match:
                    found.append(f"RUN {match[1].strip()} in {image.path} fails")
    return list(dict.fromkeys(found))


def _tests(project: Project, settings: str) -> tuple[str, ...]:
    """Tests that import the settings, or the package that they lie in; with Django every test does."""
    parts = [p for p in settings.removesuffix(".py").split("/") if p not in ("src", "__init__")]
    names = {parts[0], parts[-1]} if parts else set()
    wanted = re.compile(rf"(?m)^\s*(?:from|import)\s+(?:{'|'.join(map(re.escape, sorted(names)))})\b")
    django = bool(project.files("manage.py"))
    tests = (p for p in project.files(*_TESTS) if p != settings and posixpath.basename(p) != "__init__.py")
    return tuple(
        p for p in tests if names and (wanted.search(text := project.text(p)) or (django and "import" in text))
    )


def _runs(project: Project, variable: str) -> list[str]:
    texts = ((p, project.text(p)) for paths in project.fact(ci_systems).values() for p in paths)
    return [p for p, text in texts if _TEST_RUN.search(text) and variable not in text]
