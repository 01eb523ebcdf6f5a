"""Turning a function that panics into one that returns an error: its signature, its ends, and all its callers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.draft import Draft
from fixers.editors.source import Node
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_errors
from fixers.facts.rust import Function, RustFile
from fixers.facts.rust_errors import Style
from fixers.facts.rust_locks import crate_of
from fixers.facts.rust_unwraps import Unwrap
from fixers.model import Applicability, Fix, Refused
from fixers.project import Project

_OWN_ENDS: Final = frozenset({"closure_expression", "async_block", "function_item"})
_LOOPS: Final = frozenset(
    {"if_expression", "match_expression", "for_expression", "while_expression", "loop_expression"}
)
_HARMLESS: Final = re.compile(r"#\[(?:inline|allow|expect|doc|tracing::instrument|instrument|cfg)\b")
_USE: Final = frozenset({"use_declaration"})


def fixes(project: Project, path: str, code: RustFile, function: Function, places: list[Unwrap]) -> tuple[Fix, ...]:
    """A Result in the place of the panics of one function; or else a `# Panics` section that says so."""
    draft = project.draft()
    try:
        _change(project, path, code, function, places, draft)
    except Refused as refused:
        draft.refuse(str(refused))
    reason = "the signature changes" + (": callers outside the repository have to follow" if function.is_public else "")
    made = draft.fixes(f"Return an error from {function.name}", Applicability.UNSAFE, reason)
    if function.node is None or not function.is_public:
        return made
    said = project.draft()
    said.edit(path, splice, [_documented(code, function.node, "Panics", _when(places, "Panics"))])
    why = "the panic stays; callers can read of it"
    return made + said.fixes("Say in the documentation when it panics", Applicability.UNSAFE, why, name="document")


def _change(
    project: Project, path: str, code: RustFile, function: Function, places: list[Unwrap], draft: Draft
) -> None:
    item, body = function.node, function.node.field("body") if function.node is not None else None
    if item is None or body is None or function.trait or function.is_async or function.result:
        raise Refused(f"{function.name} is asynchronous or belongs to a trait: its callers are not all known")
    head = code.text[code.bounds(item)[0] : code.bounds(body)[0]]
    if re.search(r"\b(?:const|extern|unsafe)\b|->\s*(?:!|Option\b|impl\b)", head) or not _is_plain(item):
        raise Refused(f"{function.name} is more than a plain function")
    calls = list(_callers(project, function.name, code, item))
    kinds = [_style(project, *call) for call in calls if not _is_test(project, *call)]
    if not kinds:
        raise Refused(f"nothing in the repository calls {function.name}")
    style, error = kinds[0]
    if any(kind != kinds[0] for kind in kinds) or any(
        crate_of(project, p) != crate_of(project, path) for p, _, _ in calls
    ):
        raise Refused(f"the callers of {function.name} do not all return the same error type")
    edits = rust_errors.question_marks(project, path, code, [(p, style) for p in places])
    if not edits:
        raise Refused("what is unwrapped is not evident")
    wrapped = _result(code, style, error, function.returns or "()")
    edits += [_signature(code, item, body, wrapped), *_ends(code, body, bool(function.returns))]
    if function.is_public or _comments(item):
        edits.append(_documented(code, item, "Errors", _when(places, "Fails")))
    by_file = {path: (code, edits)}
    for where, other, call in calls:
        _, into = by_file.setdefault(where, (other, []))
        end = other.bounds(call)[1]
        into.append(other.replace_between(end, end, ".unwrap()" if _is_test(project, where, other, call) else "?"))
    for where, (other, changes) in by_file.items():
        other.refuse_unreadable(draft, [item] if where == path else [])
        draft.edit(where, splice, changes)


def _callers(project: Project, name: str, own: RustFile, item: Node) -> Iterator[tuple[str, RustFile, Node]]:
    """Every call of the name in the tree. Raises Refused when the name is used in any other way."""
    for path in project.grep([name.encode()], "*.rs"):
        code = project.parsed(path, rust.file)
        for kind in ("identifier", "field_identifier"):
            for node in code.root.find_all(kind=kind, regex=f"^{name}$"):
                holder = node.parent()
                if holder is None or any(a.kind() in _USE for a in node.ancestors()):
                    continue
                if (
                    holder.kind() == "function_item"
                    and code.text == own.text
                    and code.bounds(holder) == own.bounds(item)
                ):
                    continue
                called = holder if holder.kind() in ("scoped_identifier", "field_expression") else node
                call = called.parent()
                if call is None or call.kind() != "call_expression" or call.field("function") != called:
                    raise Refused(f"{path} line {code.line(node)} has another use of the name {name}")
                yield path, code, call


def _is_test(project: Project, path: str, code: RustFile, call: Node) -> bool:
    return rust.is_test_path(project, path) or code.is_test(call)


def _style(project: Project, path: str, code: RustFile, call: Node) -> tuple[Style, str]:
    """The error style of the function around a call, and its error type as written."""
    function = code.function(call)
    style = rust_errors.style_of(project, path, code, function)
    if style is None or function.result is None:
        raise Refused(f"{path} line {code.line(call)}: the caller cannot pass an error on")
    return style, function.result[1]


def _result(code: RustFile, style: Style, error: str, returns: str) -> str:
    """The new return type, in names that the file knows."""
    match style.name:
        case "anyhow":
            short = "anyhow::Result" in code.imports.get("Result", ())
            return f"Result<{returns}>" if short else f"anyhow::Result<{returns}>"
        case "io":
            return f"std::io::Result<{returns}>"
        case "string":
            return f"Result<{returns}, String>"
        case "box" if "std::error::Error" in error:
            return f"Result<{returns}, {error}>"
    last = error.partition("::")[0]
    if style.name == "enum" and error and (last in ("crate",) or last in code.imports or f"enum {error} " in code.text):
        return f"Result<{returns}, {error}>"
    raise Refused("the file does not know the error type of the callers")


def _signature(code: RustFile, item: Node, body: Node, wrapped: str) -> Edit:
    returns = item.field("return_type")
    if returns is not None:
        return code.replace(returns, wrapped)
    parameters = item.field("parameters")
    at = code.bounds(parameters if parameters is not None else body)[1]
    return code.replace_between(at, at, f" -> {wrapped}")


def _ends(code: RustFile, body: Node, value: bool) -> Iterator[Edit]:
    """`Ok(..)` around what the function returns, at each of its ends."""
    for end in body.find_all(kind="return_expression"):
        inner = next((a for a in end.ancestors() if a.kind() in _OWN_ENDS), None)
        if inner is not None and inner.field("body") != body:
            continue
        given = end.named_children()
        yield code.replace(end, f"return Ok({given[0].text() if given else '()'})")
    children = [c for c in body.named_children() if c.kind() not in ("line_comment", "block_comment")]
    last = children[-1] if children else None
    tail = (
        last is not None
        and not last.kind().endswith(("_statement", "_declaration", "_item"))
        and last.text()[-1] != ";"
    )
    if value:
        if last is None or not tail or "\n" in last.text() or last.kind() in _LOOPS | {"return_expression"}:
            raise Refused("its last expression is more than one line")
        start, end_at = code.bounds(last)
        yield code.replace_between(start, start, "Ok(")
        yield code.replace_between(end_at, end_at, ")")
        return
    if last is None:
        raise Refused("it is empty")
    done = ";" if tail and last.kind() not in _LOOPS else ""
    at = code.bounds(last)[1]
    yield code.replace_between(at, at, f"{done}\n{code.indentation(last)}Ok(())")


def _comments(item: Node) -> list[Node]:
    """The comments and attributes directly above a function, the nearest first."""
    found, before = [], item.prev()
    while before is not None and before.kind() in ("line_comment", "attribute_item"):
        found.append(before)
        before = before.prev()
    return found


def _is_plain(item: Node) -> bool:
    return all(_HARMLESS.match(c.text()) for c in _comments(item) if c.kind() == "attribute_item")


def _documented(code: RustFile, item: Node, title: str, sentence: str) -> Edit:
    """A section below the documentation of a function, or all there is of it."""
    above = _comments(item)
    documented = any(c.text().startswith("///") for c in above)
    attributes = [c for c in above if c.kind() == "attribute_item"]
    text = ("///\n" if documented else "") + f"/// # {title}\n///\n/// {sentence}"
    return code.insert_before(attributes[-1] if attributes else item, text)


def _when(places: list[Unwrap], verb: str) -> str:
    said = next((p.message for p in places if p.message.startswith('"')), "")
    return f"{verb} with {said}." if said else f"{verb} when a value is missing."
