"""What cargo and go print as JSON, an object on a line, among the lines that are for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def objects(output: str) -> Iterator[dict[str, Any]]:
    """The objects, in order; lines that are something else are passed over."""
    yield from (data for data, _ in lines(output) if data is not None)


def lines(output: str) -> Iterator[tuple[dict[str, Any] | None, str]]:
    """Each line, with the object that it is. One that only begins like an object is left out: it was cut off."""
    for line in output.split("\n"):
        if not line.startswith("{"):
            yield None, line
            continue
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if isinstance(data, dict):
            yield data, line
