"""Python source: calls, expressions and imports, edited by libcst one expression at a time.

The expression is read and written by libcst, which keeps its comments and line breaks; only the bytes
that differ are spliced into the file, so nothing else can move (a form feed that libcst drops at the top
of a file stays). Afterwards the file must mean, node for node, what the edits say and nothing more.
These functions run in the isolated child (fixers.isolation).
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from fixers.editors import python_calls, python_imports
from fixers.editors.splice import BOM, Edit, eol_at, splice
from fixers.model import Refused

PLACES: Final = 500
"""Edits over which a file is no code that somebody wrote; libcst takes about 2 ms for each."""
_VERSION: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_ONE_ROW: Final = re.compile(r"[^\n]*\)|[^\n]*\(\n[^\n#]*[^\n,#]\n[ \t]*\)")
"""A call on one line, or with all its arguments on one line of their own."""
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where an expression or statement stands, as `ast` counts: lines from 1, columns in UTF-8 bytes."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class SetKeyword:
    """Give the call a keyword argument, or another value for the one it has."""

    at: Span
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DropKeyword:
    """Take a keyword argument from the call."""

    at: Span
    name: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Put another expression in the place of one."""

    at: Span
    text: str


@dataclass(frozen=True, slots=True)
class Redact:
    """Put plain text in the place of `{expression}` in the f-string `at`."""

    at: Span
    expression: str
    text: str


@dataclass(frozen=True, slots=True)
class DropValue:
    """Take the value from `name: type = value`, the statement `at` with its annotation."""

    at: Span
    annotation: Span


@dataclass(frozen=True, slots=True)
class InsertAfter:
    """Put statements after one, at its indentation."""

    at: Span
    text: str


@dataclass(frozen=True, slots=True)
class AddImport:
    """`import module`, or `from module import name`, at its place among the imports; none when it is there."""

    module: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DropImport:
    """Take `import module` or `from module import name` away when nothing uses it any more."""

    module: str
    name: str = ""


PythonEdit: TypeAlias = SetKeyword | DropKeyword | Replace | Redact | DropValue | InsertAfter | AddImport | DropImport


def span(node: ast.expr | ast.stmt) -> Span:
    """The span of a node."""
    return Span(node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)


def parse(data: bytes) -> ast.Module:
    """The file's tree; raises Refused for Python 2 and for syntax newer than the Python that runs us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except SyntaxError as error:
            if "too many" in str(error.msg):
                raise Refused("nested too deeply") from None
            hint = "Python 2, or newer than the Python that runs this program"
            raise Refused(f"not valid in Python {_VERSION}: {hint} (line {error.lineno or 0})") from None
        except (ValueError, LookupError):
            raise Refused(f"not valid in Python {_VERSION} (its encoding or a NUL byte)") from None
        except (MemoryError, RecursionError):
            raise Refused("nested too deeply") from None


def apply(data: bytes, *edits: PythonEdit) -> bytes:
    """The file with all edits made at once; their spans are those of the file as it is.

    Raises Refused when the file is not UTF-8, when an edit has no such place, when two touch the same
    bytes, or when the result does not parse to exactly the tree that was meant.
    """
    if len(edits) > PLACES:
        raise Refused(f"more than {PLACES} places in one file")
    _check_encoding(data)
    tree = parse(data)
    places = _Places(data)
    splices = [*_expressions(places, edits), *_statements(places, edits)]
    wanted, unwanted = _imports(tree, edits)
    splices += python_imports.added(data, tree, wanted)
    after = splice(data, splices)
    if unwanted:
        after = python_imports.dropped(after, parse(after), unwanted)
    if after != data:
        _check_meaning(tree, parse(after), edits)
    return after


def _check_encoding(data: bytes) -> None:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except (SyntaxError, UnicodeDecodeError):
        raise Refused("its encoding is not known") from None
    if encoding not in ("utf-8", "utf-8-sig", "ascii"):
        raise Refused(f"its encoding is {encoding}")


class _Places:
    """Byte offsets of spans."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        first = len(BOM) if data.startswith(BOM) else 0
        self.width = max(88, *(len(line.decode("utf-8", "replace")) for line in _LINE_END.split(data)))
        self.starts = [first, *(m.end() for m in _LINE_END.finditer(data))]

    def bytes_of(self, at: Span) -> tuple[int, int]:
        """Start and end of a span; raises Refused when the file has no such lines."""
        if not 0 < at.line <= at.end_line <= len(self.starts):
            raise Refused("the place is not in the file")
        return self.starts[at.line - 1] + at.column, self.starts[at.end_line - 1] + at.end_column


def _expressions(places: _Places, edits: Sequence[PythonEdit]) -> list[Edit]:
    """Splices for the edits of expressions; those of one call are made together."""
    made: list[Edit] = []
    chosen = [e for e in edits if isinstance(e, SetKeyword | DropKeyword | Replace | Redact)]
    for at, group in groupby(sorted(chosen, key=lambda e: e.at), key=lambda e: e.at):
        start, end = places.bytes_of(at)
        segment = places.data[start:end]
        eol = b"\r\n" if b"\r\n" in segment else b"\n"
        before = segment.replace(b"\r\n", b"\n").decode()
        after = before
        grown = False
        for edit in group:
            match edit:
                case SetKeyword(_, name, value):
                    grown = True
                    after = python_calls.set_keyword(after, name, value)
                case DropKeyword(_, name):
                    after = python_calls.drop_keyword(after, name)
                case Replace(_, text):
                    after = text
                case Redact(_, expression, text):
                    after = python_calls.redact(after, expression, text)
        if grown:
            after = _fitted(places, start, end, after)
        made.append(_smallest(start, segment, after.encode().replace(b"\n", eol)))
    return made


def _fitted(places: _Places, start: int, end: int, after: str) -> str:
    """The longer call, broken over lines when its line would be longer than any that the file has (and than 88)."""
    data = places.data
    first = data.rfind(b"\n", 0, start) + 1
    line_end = _LINE_END.search(data, end)
    lead, rest = data[first:start].decode(), data[end : line_end.start() if line_end else len(data)].decode()
    longest = max(map(len, f"{lead}{after}{rest}".split("\n")))
    if longest <= places.width or not _ONE_ROW.fullmatch(after):
        return after
    indent = lead[: len(lead) - len(lead.lstrip())]
    return python_calls.wrapped(after, indent, places.width)


def _smallest(start: int, before: bytes, after: bytes) -> Edit:
    """The splice without what both have in common at either end."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return Edit(start + head, start + len(before) - tail, after[head : len(after) - tail])


def _statements(places: _Places, edits: Iterable[PythonEdit]) -> list[Edit]:
    made = []
    for edit in edits:
        if isinstance(edit, DropValue):
            made.append(Edit(places.bytes_of(edit.annotation)[1], places.bytes_of(edit.at)[1], b""))
        if not isinstance(edit, InsertAfter):
            continue
        data = places.data
        start, end = places.bytes_of(edit.at)
        indent = data[places.starts[edit.at.line - 1] : start]
        rest = _LINE_END.split(data[end:], maxsplit=1)[0].strip()
        if indent.strip() or (rest and not rest.startswith(b"#")):
            raise Refused("the statement shares its line with another")
        lines = b"\n".join(indent + line.encode() if line else b"" for line in edit.text.splitlines())
        line_end = _LINE_END.search(data, end)
        if line_end:
            made.append(Edit(line_end.end(), line_end.end(), lines + b"\n"))
        else:
            made.append(Edit(len(data), len(data), eol_at(data, len(data)) + lines))
    return made


def _imports(tree: ast.Module, edits: Iterable[PythonEdit]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    present = python_imports.present(tree)
    wanted = [(e.module, e.name) for e in edits if isinstance(e, AddImport)]
    unwanted = [(e.module, e.name) for e in edits if isinstance(e, DropImport)]
    return [w for w in dict.fromkeys(wanted) if w not in present], list(dict.fromkeys(unwanted))


def _check_meaning(before: ast.Module, after: ast.Module, edits: Sequence[PythonEdit]) -> None:
    """Make the edits to the old tree and compare: imports by what they bring, all else node for node."""
    meant = _Meant(edits).visit(before)
    missing = {(e.module, e.name) for e in edits if isinstance(e, AddImport)} - python_imports.present(after)
    dropped = {(e.module, e.name) for e in edits if isinstance(e, DropImport)}
    added = {(e.module, e.name) for e in edits if isinstance(e, AddImport)}
    lost = python_imports.present(before) - python_imports.present(after) - dropped
    gained = python_imports.present(after) - python_imports.present(before) - added
    for tree in (_Plain().visit(meant), _Plain().visit(after)):
        tree.body = [s for s in tree.body if not isinstance(s, ast.Import | ast.ImportFrom)]
    if missing or lost or gained or ast.dump(meant) != ast.dump(after):
        raise Refused("the edit would have changed more than was meant")


class _Plain(ast.NodeTransformer):
    """f-strings in which nothing is left to format are strings."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        texts = [v.value for v in node.values if isinstance(v, ast.Constant)]
        return ast.Constant("".join(map(str, texts))) if len(texts) == len(node.values) else node


class _Meant(ast.NodeTransformer):
    """The old tree with the edits made to it; the very places are those that the spans name."""

    def __init__(self, edits: Sequence[PythonEdit]) -> None:
        placed = [e for e in edits if not isinstance(e, AddImport | DropImport)]
        self.edits = {at: list(group) for at, group in groupby(sorted(placed, key=lambda e: e.at), key=lambda e: e.at)}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        here = self.edits.get(span(node), ()) if isinstance(node, ast.expr) else ()
        for edit in here:
            match edit:
                case Replace(_, text):
                    node = _expression(text)
                case Redact(_, expression, text) if isinstance(node, ast.JoinedStr):
                    _redact(node, expression, text)
                case SetKeyword(_, name, value) if isinstance(node, ast.Call):
                    known = [k for k in node.keywords if k.arg == name]
                    if known:
                        known[0].value = _expression(value)
                    else:
                        node.keywords.append(ast.keyword(name, _expression(value)))
                case DropKeyword(_, name) if isinstance(node, ast.Call):
                    node.keywords = [k for k in node.keywords if k.arg != name]
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [s for statement in block for s in self._with_inserted(statement)])
        return node

    def _with_inserted(self, statement: ast.stmt) -> list[ast.stmt]:
        here = self.edits.get(span(statement), ()) if isinstance(statement, ast.stmt) else ()
        if isinstance(statement, ast.AnnAssign) and any(isinstance(e, DropValue) for e in here):
            statement.value = None
        texts = [e.text for e in here if isinstance(e, InsertAfter)]
        return [statement, *(s for text in texts for s in ast.parse(text).body)]


def _redact(node: ast.JoinedStr, expression: str, text: str) -> None:
    values: list[ast.expr] = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue) and ast.unparse(value.value) == expression:
            value = ast.Constant(text)
        if isinstance(value, ast.Constant) and values and isinstance(values[-1], ast.Constant):
            value = ast.Constant(str(values.pop().value) + str(value.value))  # type: ignore[attr-defined]
        values.append(value)
    node.values = values


def _expression(text: str) -> ast.expr:
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError:
        raise Refused("the new expression is not valid Python") from None
