"""How long the guard of a lock lives: for one statement, or over several."""

from __future__ import annotations

from typing import Final

from fixers.editors.source import Node

_WHOLE_BODY: Final = frozenset({"match_expression", "let_condition", "let_chain", "for_expression"})


def outlives_statement(guard: Node) -> bool:
    """Whether the value of a `lock().unwrap()` expression is alive in more than the statement it stands in.

    A temporary that a method is called on is gone at the end of its statement; in the head of a `match`, `if let`,
    `while let` or `for` that is the end of the body. A guard that is bound, returned or passed on lives longer.
    """
    node, used = guard, False
    while (parent := node.parent()) is not None:
        kind = parent.kind()
        if kind == "let_declaration":
            return not used or _borrowed_in_place(node, guard)
        if kind in _WHOLE_BODY:
            return parent.field("value") == node or kind != "match_expression"
        if kind == "if_expression" or kind == "while_expression":
            return False
        if kind in ("expression_statement", "block", "match_arm", "closure_expression"):
            return not used and kind != "expression_statement"
        if kind in ("return_expression", "field_initializer", "shorthand_field_initializer", "break_expression"):
            return not used
        if kind == "assignment_expression":
            return not used and parent.field("right") == node
        if kind == "arguments":
            called = parent.parent()
            name = called.field("function") if called is not None else None
            if not used and not (name is not None and name.text() in ("drop", "mem::drop", "std::mem::drop")):
                return True
            used = True
        elif kind not in ("parenthesized_expression", "try_expression"):
            used = True
        node = parent
    return False


def _borrowed_in_place(value: Node, guard: Node) -> bool:
    """`let x = &lock.unwrap().field;`: the borrow extends the life of the guard."""
    if value.kind() != "reference_expression":
        return False
    node = guard
    while node != value:
        parent = node.parent()
        if parent is None or parent.kind() not in (
            "reference_expression",
            "unary_expression",
            "field_expression",
            "index_expression",
            "parenthesized_expression",
        ):
            return False
        node = parent
    return True
