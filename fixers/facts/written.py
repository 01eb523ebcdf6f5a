"""What Python and Node programs write below the folder that they run in: folders, logs, SQLite files."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from fixers.facts.docker import Image
from fixers.facts.python_project import is_product
from fixers.facts.subprojects import aside
from fixers.model import Location
from fixers.project import Project

_RELATIVE: Final = rb"[rf]?[\"'](?:\./)?[A-Za-z_][\w./ {}-]*[\"']"
_PYTHON: Final = re.compile(
    rb"\bos\.(?:mkdir|makedirs)\(\s*%b|\bPath\(\s*%b\s*\)\.(?:mkdir|write_text|write_bytes|touch)\("
    rb"|(?<![\w.])open\(\s*%b\s*,\s*(?:mode\s*=\s*)?[\"'][wax]|FileHandler\(\s*(?:filename\s*=\s*)?%b|\bsqlite3\.connect\(\s*%b"
    rb"|[\"']sqlite(?:\+\w+)?:///(?:[\"']\s*\+\s*\w|(?:\./)?[A-Za-z_{][^\"':]*[\"'])" % ((_RELATIVE,) * 5)
)
_NODE: Final = re.compile(
    rb"\b(?:mkdir|writeFile|appendFile|createWriteStream)(?:Sync)?\(\s*[\"'`](?:\./)?[A-Za-z_][\w./-]*[\"'`]"
)
_RUNS: Final = (
    (re.compile(r"(?i)\b(?:python|pip|gunicorn|uvicorn|flask|uv)\b"), _PYTHON, ("*.py",)),
    (re.compile(r"(?i)\b(?:node|nodejs|npm|yarn|pnpm|bun)\b"), _NODE, ("*.js", "*.mjs", "*.cjs", "*.ts")),
)
_LATER: Final = re.compile(
    r"(?:^|/)(?:scripts?|tools?|migrations|public|static|dist|assets)/|\.(?:config|min|test|spec)\.\w+$"
)


def written_below(project: Project, image: Image) -> Location | None:
    """The first place where the program of a Python or Node image writes below its work folder, or None."""
    stages = image.file.lineage(image.file.stages[-1])
    text = "\n".join(i.raw for stage in stages for i in stage.instructions)
    folder = posixpath.dirname(image.path)
    for runs, writes, globs in _RUNS:
        if not runs.search(text):
            continue
        paths = project.files(*globs)
        inside = tuple(p for p in paths if p.startswith(folder + "/")) if folder else ()
        for path in inside or paths:
            if not is_product(path) or aside(path) or _LATER.search(path) or project.is_generated(path):
                continue
            data = project.read(path)
            for match in writes.finditer(data):
                line = data[data.rfind(b"\n", 0, match.start()) + 1 : match.start()]
                if not line.lstrip().startswith((b"#", b"//", b"*")):
                    return Location(path, data.count(b"\n", 0, match.start()) + 1)
    return None
