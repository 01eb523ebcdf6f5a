"""Many one-line scalars of a YAML file replaced at once, each with a comment: one parse instead of three for each."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Final

from fixers.editors import gates, yaml
from fixers.editors.splice import Edit
from fixers.model import Refused

_REST: Final = re.compile(rb"([\"']?)[ \t]*(#[^\r\n]*)?(?=\r?\n|\r?\Z)")


def replace(data: bytes, values: Mapping[tuple[str | int, ...], tuple[str, str]]) -> bytes:
    """`path: (text, comment)` for plain or quoted scalars that end their line; raises Refused for any other."""
    spans = {path: span for path, _, _, span in yaml.nodes(data) if path in values}
    meant: Any = copy.deepcopy(yaml.load(data))
    edits = []
    for path, (text, comment) in values.items():
        if path not in spans:
            raise Refused("the value is not where it was")
        start, end = spans[path]
        rest = _REST.match(data, end)
        if rest is None or rest[1] or b"\n" in data[start:end]:
            raise Refused("the value does not end its line")
        edits.append(Edit(start, rest.end(), f"{text} # {comment}".encode()))
        place = meant
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = text
    return gates.edited(data, edits, yaml.load, meant)
