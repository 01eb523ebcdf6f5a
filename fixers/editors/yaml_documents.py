"""YAML files of several documents, as Kubernetes manifests are: one is edited, the others stay byte for byte."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Concatenate, Final, ParamSpec

from fixers.editors import gates
from fixers.editors.yaml_tree import data_of, read
from fixers.model import Refused

P = ParamSpec("P")
Edit = Callable[Concatenate[bytes, Sequence[str | int], P], bytes]
_START: Final = re.compile(rb"^---(?=[ \t\r\n]|$)", re.M)


def by_document(editor: Edit[P]) -> Edit[P]:
    """The editor, for paths that begin with the number of a document where the file holds several."""

    @functools.wraps(editor)
    def edit(data: bytes, path: Sequence[str | int], /, *args: P.args, **options: P.kwargs) -> bytes:
        found = read(data).documents
        if len(found) < 2:
            return editor(data, path, *args, **options)
        if not path or not isinstance(path[0], int) or not 0 <= path[0] < len(found):
            raise Refused("the file holds several documents")
        number, below = path[0], tuple(path[1:])
        parts = _parts(data)
        index = [n for n, part in enumerate(parts) for _ in read(part).documents]
        if len(index) != len(found) or index.count(index[number]) > 1:
            raise Refused("where one of its documents ends cannot be told")
        parts[index[number]] = editor(parts[index[number]], below, *args, **options)
        after = b"".join(parts)
        there = read(after).documents
        others = [n for n in range(len(found)) if n != number]
        if len(there) != len(found) or not all(gates.same(data_of(found[n]), data_of(there[n])) for n in others):
            raise Refused("the edit would have changed another document")
        return after

    return edit


def _parts(data: bytes) -> list[bytes]:
    """The file cut before each `---` that stands at the beginning of a line."""
    cuts = [m.start() for m in _START.finditer(data)]
    bounds = [0, *(c for c in cuts if c), len(data)]
    return [data[a:b] for a, b in pairwise(bounds)]
