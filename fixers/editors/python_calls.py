"""Keyword arguments of one call, added, replaced and removed by libcst in the call's own layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.model import Refused

if TYPE_CHECKING:
    import libcst


def set_keyword(source: str, name: str, value: str) -> str:
    """The call `source` with `name=value`: a new argument goes last, laid out like the others.

    Raises Refused for what is not a call, and for a call of one bare generator.
    """
    import libcst as cst

    call = _call(source)
    new = cst.parse_expression(value)
    for index, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == name:
            return _source(_with_arg(call, index, arg.with_changes(value=new)))
    bare = cst.SimpleWhitespace("")
    keyword = cst.Arg(
        value=new, keyword=cst.Name(name), equal=cst.AssignEqual(whitespace_before=bare, whitespace_after=bare)
    )
    if not call.args:
        return _source(call.with_changes(args=[keyword]))
    last = call.args[-1]
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        raise Refused("the call's only argument is a generator")
    between = _between(call)
    if isinstance(last.comma, cst.Comma):
        closing = last.comma.whitespace_after
        kept = last.with_changes(comma=last.comma.with_changes(whitespace_after=_carried(closing, between)))
        keyword = keyword.with_changes(comma=cst.Comma(whitespace_after=_bare(closing)))
    else:
        closing = last.whitespace_after_arg
        kept = last.with_changes(
            comma=cst.Comma(whitespace_after=_carried(closing, between)), whitespace_after_arg=bare
        )
        keyword = keyword.with_changes(whitespace_after_arg=_bare(closing))
    return _source(call.with_changes(args=[*call.args[:-1], kept, keyword]))


def drop_keyword(source: str, name: str) -> str:
    """The call without that keyword argument; unchanged when it has none.

    Raises Refused when a comment would go with it.
    """
    import libcst as cst

    call = _call(source)
    index = next((i for i, a in enumerate(call.args) if a.keyword is not None and a.keyword.value == name), None)
    if index is None:
        return source
    gone = call.args[index]
    if "#" in _text(gone.with_changes(value=cst.Name("_"))):
        raise Refused("a comment stands beside the argument")
    args = [a for i, a in enumerate(call.args) if i != index]
    if index == len(args) and args:
        args[-1] = args[-1].with_changes(comma=gone.comma, whitespace_after_arg=gone.whitespace_after_arg)
    elif not args:
        call = call.with_changes(whitespace_before_args=cst.SimpleWhitespace(""))
    return _source(call.with_changes(args=args))


def redact(source: str, expression: str, text: str) -> str:
    """The f-string with `text` in the place of each `{expression}` (compared as `ast.unparse` writes it)."""
    import ast

    import libcst as cst

    class Redaction(cst.CSTTransformer):
        """Redacts, and takes the `f` from strings that have nothing to format any more."""

        def leave_FormattedStringExpression(
            self, original_node: cst.FormattedStringExpression, updated_node: cst.FormattedStringExpression
        ) -> cst.BaseFormattedStringContent:
            inner = ast.unparse(ast.parse(_text(original_node.expression), mode="eval"))
            return cst.FormattedStringText(text) if inner == expression else updated_node

        def leave_FormattedString(
            self, original_node: cst.FormattedString, updated_node: cst.FormattedString
        ) -> cst.BaseExpression:
            written = _text(updated_node.with_changes(lpar=(), rpar=()))
            if any(isinstance(p, cst.FormattedStringExpression) for p in updated_node.parts) or "{" in written:
                return updated_node
            prefix = updated_node.prefix
            plain = cst.SimpleString(prefix.replace("f", "") + written[len(prefix) :])
            return plain.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)

    tree = cst.parse_expression(f"({source})")
    if _text(tree)[1:-1] != source:
        raise Refused("libcst does not give the expression back unchanged")
    changed = tree.visit(Redaction())
    assert isinstance(changed, cst.BaseExpression)
    return _text(changed)[1:-1]


def wrapped(source: str, indent: str, room: int) -> str:
    """The call of one line with its arguments on lines of their own: all on one when they fit, else one on each.

    `indent` is that of the line it stands on, `room` how many columns an argument line may have.
    """
    call = _call(source)
    import libcst as cst

    head = _text(call.func) + _text(call.whitespace_after_func) + "("
    args = [_text(a.with_changes(comma=cst.MaybeSentinel.DEFAULT)).strip() for a in call.args]
    joined = ", ".join(args)
    inner = indent + "    "
    lines = [inner + joined] if len(inner + joined) <= room else [f"{inner}{a}," for a in args]
    return "\n".join((head, *lines, f"{indent})"))


def _call(source: str) -> libcst.Call:
    import libcst as cst

    try:
        call = cst.parse_expression(f"({source})")
    except cst.ParserSyntaxError:
        raise Refused("the place is not an expression that libcst reads") from None
    if not isinstance(call, cst.Call):
        raise Refused("the place is not a call")
    if _source(call) != source:
        raise Refused("libcst does not give the expression back unchanged")
    return call


def _source(call: libcst.Call) -> str:
    return _text(call)[1:-1]


def _text(node: libcst.CSTNode) -> str:
    import libcst as cst

    return cst.Module([]).code_for_node(node)


def _with_arg(call: libcst.Call, index: int, arg: libcst.Arg) -> libcst.Call:
    return call.with_changes(args=[*call.args[:index], arg, *call.args[index + 1 :]])


def _between(call: libcst.Call) -> libcst.BaseParenthesizableWhitespace:
    """The white space that separates this call's arguments, without its comments."""
    import libcst as cst

    if len(call.args) > 1:
        comma = call.args[-2].comma
        if isinstance(comma, cst.Comma):
            return _bare(comma.whitespace_after)
    first = call.whitespace_before_args
    if isinstance(first, cst.ParenthesizedWhitespace) and isinstance(call.args[-1].comma, cst.Comma):
        return _bare(first)
    return cst.SimpleWhitespace(" ")


def _bare(space: libcst.BaseParenthesizableWhitespace) -> libcst.BaseParenthesizableWhitespace:
    import libcst as cst

    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return space.with_changes(first_line=cst.TrailingWhitespace(newline=space.first_line.newline), empty_lines=())


def _carried(
    closing: libcst.BaseParenthesizableWhitespace, between: libcst.BaseParenthesizableWhitespace
) -> libcst.BaseParenthesizableWhitespace:
    """`between`, with the comments that stood after the argument that was the last."""
    import libcst as cst

    if not isinstance(closing, cst.ParenthesizedWhitespace) or "#" not in _text(closing):
        return between
    if not isinstance(between, cst.ParenthesizedWhitespace):
        return closing.with_changes(last_line=cst.SimpleWhitespace(_text(closing.last_line) or " "))
    return closing.with_changes(last_line=between.last_line, indent=between.indent)
