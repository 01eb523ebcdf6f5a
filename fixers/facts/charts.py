"""Kubernetes manifests and Helm charts: which files they are, and what a template sets in words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fixers.project import Project

TEMPLATE: Final = "a Helm template is not edited: set it where its values are, or take it out by hand"
_MANIFEST: Final = re.compile(rb"(?m)^apiVersion:[^\n]*$(?:\n.*)*?^kind:|^kind:[^\n]*$(?:\n.*)*?^apiVersion:")
_ENTRY: Final = re.compile(
    r"""[ \t]*(?P<item>-[ \t]+)?["']?(?P<name>[A-Za-z][\w.-]*)["']?:[ \t]+"""
    r"""(?:"(?P<one>[^"{]*)"|'(?P<two>[^'{]*)'|(?P<plain>[^\s"'{#&*!|>\[][^{#\n]*?))[ \t]*(?:\#.*)?"""
)
_OPENS: Final = re.compile(r"\{\{-?\s*(if|with|range|define|block|else)\b([^}]*)\}\}")
_CLOSES: Final = re.compile(r"\{\{-?\s*end\b")
_ASKED: Final = re.compile(r"debug|dev|local|test|insecure|verif|tls|ssl|cors|auth|secret|password|token", re.I)
"""Words of a condition that makes what stands below it somebody's choice."""


def is_manifest(data: bytes) -> bool:
    """Whether it is what a cluster is given: `apiVersion` and `kind` at the top of a document."""
    return b"apiVersion:" in data and _MANIFEST.search(data) is not None


def folders(project: Project) -> tuple[str, ...]:
    """Folders of the charts, each with its slash; "" for a chart that is the whole tree."""
    return tuple(p.removesuffix("Chart.yaml") for p in project.files("Chart.yaml"))


def is_template(project: Project, path: str) -> bool:
    """Whether Helm fills the file in before it is YAML; a chart's tests are none."""
    return (
        path.endswith((".yaml", ".yml"))
        and "/tests/" not in path
        and any(path.startswith(f"{folder}templates/") for folder in project.fact(folders))
    )


def is_values(project: Project, path: str) -> bool:
    """Whether it holds a chart's values."""
    name = path.rpartition("/")[2]
    return name.startswith("values") and any(path.startswith(folder) for folder in project.fact(folders))


def settings(data: bytes) -> Iterator[tuple[str, Any, int]]:
    """Name, value and line of what a template sets by itself: `debug: true`, `- name: DEBUG` with `value:`.

    Values that are filled in, and what stands below a condition about them, are left out.
    """
    asked: list[bool] = []
    variable = ""
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        opened = _OPENS.search(line)
        if opened and opened[1] == "else":
            continue
        if opened:
            asked.append(_ASKED.search(opened[2]) is not None)
        if _CLOSES.search(line) and asked:
            asked.pop()
        match = _ENTRY.fullmatch(line)
        if match is None:
            variable = variable if "{{" in line and not line.strip().startswith("-") else ""
            continue
        name, text = match["name"], match["one"] or match["two"] or match["plain"] or ""
        if name == "name" and match["item"]:
            variable = text
        elif not any(asked):
            quoted = match["plain"] is None
            value = {"true": True, "false": False}.get(text.lower(), text) if not quoted else text
            yield (variable if name == "value" and variable else name), value, number
