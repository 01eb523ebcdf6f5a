"""One walk over the tree of a Go file for everything that the rules ask each file for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from fixers.editors.source import Node, Source

FUNCTIONS: Final = ("function_declaration", "method_declaration", "func_literal")
_KINDS: Final = (
    *FUNCTIONS,
    *("call_expression", "composite_literal", "import_spec", "import_declaration", "package_clause"),
    *(
        "if_statement",
        "short_var_declaration",
        "assignment_statement",
        "var_spec",
        "field_declaration",
        "keyed_element",
    ),
)
"""What the rules ask every file for; one walk serves them all."""


class Walked(Source):
    """A file whose usual kinds of nodes are gathered in one walk, the first time that one of them is asked for."""

    @cached_property
    def _nodes(self) -> tuple[tuple[str, Node], ...]:
        return tuple((n.kind(), n) for n in Source.kind(self, *_KINDS))

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Node]]:
        found: dict[str, list[Node]] = {k: [] for k in _KINDS}
        for kind, node in self._nodes:
            found[kind].append(node)
        return found

    def kind(self, *kinds: str) -> list[Node]:
        """Every node of the kinds in the order of the text, from the one walk when it gathers them."""
        if len(kinds) == 1 and kinds[0] in self._by_kind:
            return list(self._by_kind[kinds[0]])
        if self._by_kind.keys() >= set(kinds):
            return [n for k, n in self._nodes if k in kinds]
        return super().kind(*kinds)
