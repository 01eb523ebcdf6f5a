"""Flask and Quart applications that serve something, apart from those that a script or a dispatcher makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.python import Module
from fixers.facts.python_project import is_development, sources
from fixers.facts.python_scopes import Call
from fixers.project import Project

_TARGETS: Final = ("flask.Flask", "quart.Quart")
_ROUTES: Final = re.compile(rb"\.route\(|\.(?:get|post|put|patch|delete)\(\s*[\"']/|add_url_rule|add_resource")
_PARTS: Final = re.compile(
    rb"register_\w+\(|\.init_app\(|\b(?:Api|SocketIO)\(|\bimport\s+[(\s]*(?:\w+,\s*)*(?:views|routes|handlers|api)\b"
)
"""What brings handlers from other files."""


def applications(project: Project, reads: tuple[bytes, ...] = ()) -> Iterator[tuple[str, Module, Call]]:
    """Where the product makes its applications; with `reads`, those whose own handlers, or parts, read a request.

    A tree with a single application is taken at its word.
    """
    found = [
        (path, module, call)
        for path, module in sources(project, (b"Flask(", b"Quart("))
        for call in (() if is_development(path) else module.calls)
        if call.target in _TARGETS
    ]
    for path, module, call in found:
        data = project.read(path)
        own = _ROUTES.search(data) and (not reads or any(word in data for word in reads))
        if len(found) == 1 or own or _PARTS.search(data):
            yield path, module, call
