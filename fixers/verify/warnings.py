"""The warnings in what `cargo check --message-format=json` printed, as facts about the tree."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixers.facts.diagnostics import Diagnostic, Swap, split
from fixers.verify.output import objects


def warnings(output: str, root: Path, folder: Path) -> tuple[Diagnostic, ...]:
    """Every warning about a file below `root`, each once. `folder` is where cargo ran: its paths are relative to that.

    A library is compiled with its tests and without; what only one of the two says is marked.
    """
    units: Counter[tuple[str, str]] = Counter()
    said: Counter[tuple[tuple[str, str], Diagnostic]] = Counter()
    for data in objects(output):
        target = data.get("target")
        unit = (str(data.get("package_id")), json.dumps(target, sort_keys=True))
        if data.get("reason") == "compiler-artifact":
            units[unit] += 1
        message = data.get("message")
        if data.get("reason") == "compiler-message" and isinstance(message, dict) and message.get("level") == "warning":
            found = _diagnostic(message, root, folder)
            if found is not None:
                said[(unit, found)] += 1
    places = {d: all(n >= units[u] for (u, o), n in said.items() if o == d) for _, d in said}
    return tuple(replace(d, everywhere=everywhere) for d, everywhere in places.items())


def _diagnostic(message: dict[str, Any], root: Path, folder: Path) -> Diagnostic | None:
    spans = [s for s in message.get("spans", ()) if s.get("is_primary") and s.get("expansion") is None]
    code = message.get("code")
    if not spans or not isinstance(code, dict):
        return None
    file = (folder / str(spans[0]["file_name"])).resolve()
    if not file.is_relative_to(root.resolve()) or any(s["file_name"] != spans[0]["file_name"] for s in spans):
        return None
    try:
        lines = split(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return None
    swaps = _swaps(message, str(spans[0]["file_name"]))
    touched = [(s["line_start"], s["line_end"]) for s in spans] + [(s.line, s.end_line) for s in swaps]
    first, last = min(a for a, _ in touched), max(b for _, b in touched)
    text = tuple(lines[first - 1 : last])
    starts = range(len(lines) - len(text) + 1)
    return Diagnostic(
        path=file.relative_to(root.resolve()).as_posix(),
        lint=str(code.get("code", "")),
        message=str(message.get("message", "")),
        places=tuple(sorted({int(s["line_start"]) for s in spans})),
        first=first,
        lines=text,
        swaps=swaps,
        alone=sum(tuple(lines[n : n + len(text)]) == text for n in starts) == 1,
    )


def _swaps(message: dict[str, Any], name: str) -> tuple[Swap, ...]:
    """The compiler's own mend, when it says that a machine may apply all of it."""
    spans = [s for child in message.get("children", ()) for s in child.get("spans", ())]
    spans = [s for s in spans if s.get("suggested_replacement") is not None]
    sure = all(s.get("suggestion_applicability") == "MachineApplicable" and s["file_name"] == name for s in spans)
    if not sure or any(s.get("expansion") is not None for s in spans):
        return ()
    return tuple(
        Swap(s["line_start"], s["column_start"], s["line_end"], s["column_end"], s["suggested_replacement"])
        for s in spans
    )
