"""Places in Go code that speak for themselves: what an auditor writes under "already solid"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts import gocode, goroutes
from fixers.facts.gocode import Code
from fixers.model import Location
from fixers.project import Project

LIMIT: Final = 12
"""Places that an evidence names; more would bury the reader."""
_PREFIX: Final = re.compile(
    r"HasPrefix\(|filepath\.IsLocal\(|filepath\.Base\(|securejoin\.|os\.OpenRoot\(|os\.OpenInRoot\(|\.\.\""
)
_FILES: Final = re.compile(r"os\.(?:Open|ReadFile|Create|WriteFile|OpenFile)\(|http\.ServeFile\(")
_LOGGERS: Final = (b"log/slog", b"go.uber.org/zap", b"sirupsen/logrus", b"rs/zerolog")
_LOG_CALL: Final = re.compile(
    rb"(?<![\w.])(?:\w+\.)*(?:[lL]og(?:ger)?|slog|zap)\.(?:Info|Warn|Error|Debug)(?:w|Context)?\("
)
_SQL: Final = r"(?:[\w.]+\.)?(?:Query|QueryRow|Exec|QueryContext|QueryRowContext|ExecContext|Get|Select|Raw|NamedExec)"
_STATEMENT: Final = re.compile(r'[`"]\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH)\b', re.I)
_BUILT: Final = re.compile(r"fmt\.Sprintf\(|\+\s*\w")


def guarded_paths(project: Project) -> Iterator[Location]:
    """Handlers that look at a path before they open the file, and uploads whose kind is on a list."""
    for path, code in gocode.sources(
        project, b"FormFile(", b"os.Open", b"os.Read", b"os.Create", b"os.Write", b"ServeFile("
    ):
        for function in goroutes.handlers(code):
            text = function.node.text()
            cleaned = (
                "filepath.Clean(" in text or "filepath.Join(" in text or "path.Clean(" in text
            ) and _PREFIX.search(text)
            listed = "FormFile(" in text and re.search(r"(?i)allowed\w*\[|DetectContentType\(|filepath\.Ext\(", text)
            if (_FILES.search(text) and cleaned) or listed:
                yield Location(path, code.source.line(function.node), note=function.symbol)


def embedded_files(project: Project) -> Iterator[Location]:
    """Static files in the binary: `//go:embed` beside an `embed.FS`."""
    for path, code in gocode.sources(project, b"//go:embed"):
        if "embed" in code.imports.values() or '_ "embed"' in code.text:
            line = code.text[: code.text.index("//go:embed")].count("\n") + 1
            yield Location(path, line)


def statements(project: Project) -> tuple[list[Location], list[Location]]:
    """SQL statements with parameters, and those that are put together from values."""
    good, built = [], []
    for path, code in gocode.sources(project, b"database/sql", b"sqlx", b"pgx"):
        for call in code.calls(_SQL):
            given = gocode.arguments(call)
            query = next((a for a in given[:2] if _STATEMENT.search(a.text())), None)
            if query is None:
                continue
            place = Location(path, code.source.line(call), note=code.symbol(call))
            if query.kind() in ("interpreted_string_literal", "raw_string_literal"):
                if len(given) > given.index(query) + 1:
                    good.append(place)
            elif _BUILT.search(query.text()):
                built.append(place)
    return good, built


def constant_time(code: Code) -> Iterator[int]:
    """Lines of comparisons that take the same time for every guess."""
    calls = code.calls(
        r"subtle\.ConstantTimeCompare|hmac\.Equal|bcrypt\.CompareHashAndPassword|[\w.]+\.ConstantTimeCompare"
    )
    yield from (code.source.line(c) for c in calls)


def log_calls(project: Project) -> Iterator[Location]:
    """The first structured log call of each file: slog, zap, logrus, zerolog."""
    for path in gocode.shipped(project):
        data = project.read(path)
        if any(w in data for w in _LOGGERS) and (match := _LOG_CALL.search(data)):
            yield Location(path, data.count(b"\n", 0, match.start()) + 1)
