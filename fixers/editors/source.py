"""Code of the languages that ast-grep knows: a tree to ask, and edits on bytes for the splice engine.

ast-grep counts characters, git stores bytes; its own `commit_edits` drops a BOM and overlapping edits without a
word. So the tree is only asked here, and what is to change is given as `Edit`s for `splice.splice`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from fixers.editors.splice import BOM, Edit
from fixers.model import Refused

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    Node: TypeAlias = SgNode
else:
    Node: TypeAlias = object

LANGUAGES: Final = frozenset(
    {"bash", "c", "css", "go", "hcl", "html", "java", "javascript", "python", "rust", "tsx", "typescript"}
)
"""Names that ast-grep-py 0.51 takes; an unknown one panics inside it with a BaseException."""
SIZE_LIMIT: Final = 5_000_000
"""Bytes over which nothing is parsed (reliability.md); a tree takes about ten times its source."""
DEPTH_LIMIT: Final = 500
"""Open brackets at once over which nothing is parsed: no code written by people comes near it."""
_SHALLOW: Final = 50
"""Levels of brackets that are taken away without counting them one by one."""
_STEP: Final = 1024
_NOT_BRACKETS: Final = bytes(b for b in range(256) if b not in b"()[]{}")
_STATEMENT: Final = re.compile(r"_(?:statement|declaration|item|definition|spec)$")


class Source:
    """One parsed file. Nodes speak in characters; everything that leaves here speaks in bytes."""

    def __init__(self, data: bytes, language: str) -> None:
        from ast_grep_py import SgRoot

        self.data = data
        self.language = language
        self.text = _decoded(data)
        self._offset = len(BOM) if data.startswith(BOM) else 0
        self._ascii = len(self.text) + self._offset == len(data)
        self._marks: list[int] = []
        self._errors: list[tuple[int, int]] | None = None
        self._kinds: dict[tuple[str, ...], list[Node]] = {}
        self._tree = SgRoot(self.text, language)
        self.root: Node = self._tree.root()

    # where things are

    def byte(self, offset: int) -> int:
        """The byte offset in the file, BOM counted, of a character offset in `text`."""
        if self._ascii:
            return offset + self._offset
        if not self._marks:
            at, self._marks = self._offset, []
            for start in range(0, len(self.text) + 1, _STEP):
                self._marks.append(at)
                at += len(self.text[start : start + _STEP].encode())
        block = offset // _STEP
        return self._marks[block] + len(self.text[block * _STEP : offset].encode())

    def bounds(self, node: Node) -> tuple[int, int]:
        """Start and end of a node in characters of `text`."""
        place = node.range()
        return place.start.index, place.end.index

    def span(self, node: Node) -> tuple[int, int]:
        """Start and end of a node in bytes of the file."""
        start, end = self.bounds(node)
        return self.byte(start), self.byte(end)

    def line(self, node: Node) -> int:
        """The 1-based line on which a node begins."""
        return int(node.range().start.line) + 1

    def end_line(self, node: Node) -> int:
        """The 1-based line on which a node ends."""
        return int(node.range().end.line) + 1

    def line_at(self, offset: int) -> int:
        """The 1-based line of a character offset."""
        return self.text.count("\n", 0, offset) + 1

    def indentation(self, node: Node) -> str:
        """The white space that the line of a node begins with."""
        start = self.text.rfind("\n", 0, self.bounds(node)[0]) + 1
        end = start
        while self.text[end : end + 1] in (" ", "\t"):
            end += 1
        return self.text[start:end]

    # what is there

    def kind(self, *kinds: str) -> list[Node]:
        """Every node of the kinds, nested ones too, in the order of the text; one walk over the tree, kept."""
        if kinds not in self._kinds:
            one, *others = kinds
            found = self.root.find_all(any=[{"kind": k} for k in kinds]) if others else self.root.find_all(kind=one)
            self._kinds[kinds] = list(found)
        return list(self._kinds[kinds])

    def find_all(self, pattern: str = "", **rule: Any) -> list[Node]:
        """Every match of a code pattern or an ast-grep rule; a broken pattern finds nothing, so test each one."""
        if pattern:
            rule["pattern"] = pattern
        return list(self.root.find_all(**rule))

    def broken(self) -> list[Node]:
        """What the grammar could not read, and what it had to think of: a bracket or a name that is not there."""
        empty = (n for n in self.root.find_all(regex="^$") if n.is_leaf())
        thought = [n for n in empty if not n.is_named() or n.kind().endswith("identifier")]
        return [*self.root.find_all(kind="ERROR"), *thought]

    def has_error_near(self, node: Node) -> bool:
        """Whether the lines of the statement around a node hold something that the grammar could not read."""
        if self._errors is None:
            broken = self.root.find_all(any=[{"kind": "ERROR"}, {"regex": "^$"}])
            self._errors = [self.bounds(n) for n in broken if n.kind() == "ERROR" or n.is_leaf()]
        if not self._errors:
            return False
        around = (
            node if _STATEMENT.search(node.kind()) else enclosing(node, lambda n: bool(_STATEMENT.search(n.kind())))
        )
        start, end = self.bounds(around or node)
        start, end = self.text.rfind("\n", 0, start), self.text.find("\n", end) % (len(self.text) + 1)
        return any(s <= end and e >= start for s, e in self._errors)

    # what could become of it

    def replace(self, node: Node, text: str) -> Edit:
        """The edit that puts `text` in the place of a node."""
        return Edit(*self.span(node), text.encode())

    def replace_between(self, start: int, end: int, text: str = "") -> Edit:
        """The edit that puts `text` in the place of the characters `start` to `end`."""
        return Edit(self.byte(start), self.byte(end), text.encode())

    def insert_before(self, node: Node, text: str, *, own_line: bool = True) -> Edit:
        """The edit that puts `text` before a node; on lines of its own, indented alike, when the node begins a line."""
        start = self.bounds(node)[0]
        begin = self.text.rfind("\n", 0, start) + 1
        if own_line and not self.text[begin:start].strip():
            at = self.byte(begin)
            return Edit(at, at, (self._indented(node, text) + "\n").encode())
        at = self.byte(start)
        return Edit(at, at, (text + " " if own_line else text).encode())

    def insert_after(self, node: Node, text: str, *, own_line: bool = True) -> Edit:
        """The edit that puts `text` after a node; on lines of its own when at most a comment follows on its line."""
        end = self.bounds(node)[1]
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop
        rest = self.text[end:stop].strip().lstrip(";,").strip()
        if own_line and (not rest or rest.startswith(("//", "#"))):
            if self.text[end:stop].endswith("\r"):
                stop -= 1
            at = self.byte(stop)
            return Edit(at, at, ("\n" + self._indented(node, text)).encode())
        at = self.byte(end)
        return Edit(at, at, (" " + text if own_line else text).encode())

    def insert_inside(self, block: Node, text: str) -> Edit:
        """The edit that puts lines first into a `{ ... }` block, indented as its first line is, or one level deeper."""
        children = block.children()
        first = children[1] if len(children) > 1 else None
        if first is not None and first.kind() != "}":
            at = self.bounds(first)[0]
            if "\n" in self.text[self.bounds(block)[0] : at]:
                return self.insert_before(first, text)
            return self.insert_before(first, text.replace("\n", " "))
        if first is not None and "\n" in block.text():
            deeper = "\n".join("    " + line for line in text.split("\n"))
            return self.insert_before(first, deeper)
        start, end = self.bounds(block)
        deeper = "\n".join("    " + line for line in text.split("\n"))
        return self.replace_between(
            start + 1, end - 1, "\n" + self._indented(block, deeper) + "\n" + self.indentation(block)
        )

    def _indented(self, node: Node, text: str) -> str:
        """`text` (four spaces a level) with the node's indentation before every line, in the file's tabs or spaces."""
        indent = self.indentation(node)
        lines = text.rstrip("\n").split("\n")
        if indent.startswith("\t") or (not indent and "\n\t" in self.text and "\n    " not in self.text):
            lines = [re.sub(r"^(?: {4})+", lambda m: "\t" * (len(m[0]) // 4), line) for line in lines]
        return "\n".join(indent + line if line.strip() else "" for line in lines)


def enclosing(node: Node, wanted: Collection[str] | Callable[[Node], bool]) -> Node | None:
    """The innermost ancestor of one of the kinds (or for which the question is answered yes), or None."""
    yes = wanted if callable(wanted) else (lambda n: n.kind() in wanted)
    return next((n for n in node.ancestors() if yes(n)), None)


S = TypeVar("S", bound=Source)


def parse(data: bytes, language: str, make: type[S] = Source) -> S:  # type: ignore[assignment]
    """Parse a file, as a Source or a kind of it.

    Raises Refused for a binary, oversized, wrongly encoded or absurdly nested one. A file with syntax errors is no
    reason to refuse: ask `has_error_near` of the place before an edit.
    """
    if language not in LANGUAGES:
        raise Refused(f"no grammar for {language}")
    if len(data) > SIZE_LIMIT:
        raise Refused(f"larger than {SIZE_LIMIT // 1_000_000} MB")
    if _is_deep(data.translate(None, _NOT_BRACKETS)):
        raise Refused(f"brackets nested more than {DEPTH_LIMIT} deep")
    return make(data, language)


def _is_deep(brackets: bytes) -> bool:
    """Whether more brackets than the limit are open at once."""
    limit = DEPTH_LIMIT
    for _ in range(_SHALLOW):  # each round takes the innermost pairs away: what is balanced is gone soon
        left = brackets.replace(b"()", b"").replace(b"[]", b"").replace(b"{}", b"")
        if not left:
            return False
        if len(left) == len(brackets):
            break
        brackets, limit = left, limit - 1
    depth = 0
    for bracket in brackets:
        depth = depth + 1 if bracket in b"([{" else max(depth - 1, 0)
        if depth > limit:
            return True
    return False


def rust(data: bytes) -> Source:
    """A Rust file, for `project.parsed(path, source.rust)`."""
    return parse(data, "rust")


def go(data: bytes) -> Source:
    """A Go file, for `project.parsed(path, source.go)`."""
    return parse(data, "go")


def _decoded(data: bytes) -> str:
    if b"\0" in data:
        raise Refused("binary")
    try:
        return data.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
