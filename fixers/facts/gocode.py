"""Go files as the rules ask about them: imports, functions, calls, literals, and where a name is known."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from fixers.draft import Draft
from fixers.editors import source
from fixers.editors.source import Node, Source, enclosing
from fixers.editors.splice import Edit, splice
from fixers.facts.gowalk import FUNCTIONS, Walked
from fixers.model import Refused
from fixers.project import Project

NOT_SHIPPED: Final = re.compile(
    r"(?:^|/)(?:testdata|tests?|testing|test[_-]?(?:utils?|helpers?|suites?|servers?|support)|internal/test\w*|e2e|integration|mocks?|fakes?|fixtures"
    r"|_?examples?|samples?|benchmarks?|bench|scripts?|(?:dev)?tools?|demo(?:[_-]?[dD]ata)?|autobahn|simulat(?:or|ion)s?|hack)/|_test\.go$|(?:^|/)(?:mock|fake)s?_\w+\.go$"
)
"""Go that no production binary is made of: tests and what helps them, examples, simulators."""
_IGNORED: Final = re.compile(rb"^//(?:go:build| \+build) ignore\s*$", re.M)
_FUNCTION: Final = re.compile(rb"^func ", re.M)
_TESTING: Final = re.compile(rb"^func .*\btesting\.(?:TB?|B|M|F|PB)\b", re.M)
"""Functions for tests; production code has a few of them at most, and asks `testing.Testing()`."""
_VERSION: Final = re.compile(r"/v\d+$|\.v\d+$")


@dataclass(frozen=True, slots=True)
class Function:
    """A function, a method or a literal. `parameters` are (name, type) with `_` or "" for unnamed ones."""

    node: Node
    name: str
    receiver: str
    parameters: tuple[tuple[str, str], ...]

    @property
    def body(self) -> Node | None:
        """The block, None for a function that is written elsewhere (assembly, a link name)."""
        return self.node.field("body")

    def named(self, type_name: str) -> str:
        """The parameter of that type, "" when there is none that has a name."""
        return next((n for n, t in self.parameters if t == type_name and n not in ("", "_")), "")

    @property
    def symbol(self) -> str:
        """`Type.method`, `function`, or "" for a literal."""
        return f"{self.receiver}.{self.name}" if self.receiver else self.name


class Code:
    """One parsed Go file."""

    def __init__(self, data: bytes) -> None:
        self.source: Source = source.parse(data, "go", Walked)
        self.text = self.source.text

    @cached_property
    def package(self) -> str:
        """The name in the package clause."""
        found = self.source.root.find(kind="package_identifier")
        return found.text() if found else ""

    @cached_property
    def imports(self) -> Mapping[str, str]:
        """Import paths by the name they have in this file; `_` and `.` imports are left out."""
        known: dict[str, str] = {}
        for spec in self.source.kind("import_spec"):
            path = unquoted(spec.field("path"))
            name = spec.field("name")
            local = name.text() if name else assumed_name(path)
            if local not in ("_", "."):
                known[local] = path
        return known

    def name_of(self, *paths: str) -> str:
        """The name that the first of the packages has here, "" when none is imported (version suffixes ignored)."""
        for local, path in self.imports.items():
            if _VERSION.sub("", path) in paths or path in paths:
                return local
        return ""

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Every function, method and function literal, in the order of the text within each kind."""
        return tuple(self._function(n) for n in self.source.kind(*FUNCTIONS))

    def _function(self, node: Node) -> Function:
        name, receiver = node.field("name"), node.field("receiver")
        owner = ""
        if receiver is not None:
            owner = re.sub(r"\[.*", "", receiver.text().strip("() ").split()[-1]).lstrip("*") if receiver.text() else ""
        return Function(node, name.text() if name else "", owner, tuple(_parameters(node.field("parameters"))))

    @cached_property
    def _by_place(self) -> dict[tuple[int, int], Function]:
        return {self.source.bounds(f.node): f for f in self.functions}

    def around(self, node: Node) -> tuple[Function, ...]:
        """The functions that a node stands in, innermost first."""
        return tuple(self._by_place[self.source.bounds(n)] for n in node.ancestors() if n.kind() in FUNCTIONS)

    def symbol(self, node: Node) -> str:
        """The named function that a node stands in (`Type.method`), else the package variable, else ""."""
        if node.kind() in FUNCTIONS[:2]:
            return self._by_place[self.source.bounds(node)].symbol
        named = next((f.symbol for f in self.around(node) if f.name), "")
        spec = None if named else next((n for n in reversed(node.ancestors()) if n.kind() == "var_spec"), None)
        return named or (text_of(spec.field("name")) if spec is not None else "")

    def calls(self, pattern: str, within: Node | None = None) -> list[Node]:
        """Calls whose function's text is matched, as a whole, by a regular expression."""
        wanted = re.compile(pattern)
        if within is None:
            return [c for name, c in self._called if wanted.fullmatch(name)]
        return [c for c in within.find_all(kind="call_expression") if wanted.fullmatch(called(c))]

    @cached_property
    def _called(self) -> tuple[tuple[str, Node], ...]:
        return tuple((called(c), c) for c in self.source.kind("call_expression"))

    def calls_of(self, package: str | tuple[str, ...], names: str, within: Node | None = None) -> list[Node]:
        """Calls of functions of an imported package; `names` is a regular expression."""
        local = self.name_of(*((package,) if isinstance(package, str) else package))
        return self.calls(rf"{re.escape(local)}\.(?:{names})", within) if local else []

    def literals(self, pattern: str) -> list[Node]:
        """Composite literals whose type's text is matched, as a whole, by a regular expression."""
        wanted = re.compile(pattern)
        return [n for name, n in self._literals if wanted.fullmatch(name)]

    @cached_property
    def _literals(self) -> tuple[tuple[str, Node], ...]:
        return tuple((text_of(n.field("type")), n) for n in self.source.kind("composite_literal"))

    def literals_of(self, package: str | tuple[str, ...], names: str) -> list[Node]:
        """Composite literals of types of an imported package; `names` is a regular expression."""
        local = self.name_of(*((package,) if isinstance(package, str) else package))
        return self.literals(rf"{re.escape(local)}\.(?:{names})") if local else []

    @cached_property
    def requests(self) -> str:
        """How `*http.Request` is spelled here, "" when net/http is not imported."""
        local = self.name_of("net/http")
        return f"*{local}.Request" if local else ""

    @cached_property
    def writers(self) -> str:
        """How `http.ResponseWriter` is spelled here."""
        local = self.name_of("net/http")
        return f"{local}.ResponseWriter" if local else ""

    def request_at(self, node: Node) -> str:
        """The request that a node can name: the nearest parameter of its type, "" when there is none."""
        return next((n for f in self.around(node) for n in [f.named(self.requests)] if n), "")

    def used(self, name: str) -> int:
        """How often an identifier (or a package's name) occurs outside of imports."""
        return sum(
            1
            for n in self.source.kind("identifier", "package_identifier", "type_identifier")
            if n.text() == name and enclosing(n, ("import_declaration", "package_clause")) is None
        )

    def comment_near(self, node: Node, pattern: str) -> bool:
        """Whether a comment on the node's line or the line above matches."""
        line = self.source.line(node)
        lines = self.text.split("\n")
        near = " ".join(x.partition("//")[2] for x in lines[max(0, line - 2) : line])
        return re.search(pattern, near, re.I) is not None


def _parameters(node: Node | None) -> Iterator[tuple[str, str]]:
    for part in node.children() if node else ():
        if part.kind() in ("parameter_declaration", "variadic_parameter_declaration"):
            kind = text_of(part.field("type"))
            names = [n.text() for n in part.field_children("name")]
            yield from ((n, kind) for n in names or [""])


def assumed_name(path: str) -> str:
    """The package name that an import path most likely has: its last part without version and `go-`."""
    last = _VERSION.sub("", path).rpartition("/")[2]
    return re.sub(r"^go-|-go$|\.go$", "", last).replace("-", "_") if last != "go" else last


def text_of(node: Node | None) -> str:
    """The text of a node, "" for none."""
    return node.text() if node is not None else ""


def called(call: Node) -> str:
    """The text of what is called, without white space; "" when it is itself a function literal."""
    function = call.field("function")
    if function is None or function.kind() in ("func_literal", "parenthesized_expression"):
        return ""
    text = function.text()
    return re.sub(r"\s+", "", text) if "\n" in text else text


def arguments(call: Node) -> list[Node]:
    """The arguments of a call, comments left out."""
    found = call.field("arguments")
    return [n for n in found.children() if n.is_named() and n.kind() != "comment"] if found else []


def unquoted(node: Node | None) -> str:
    """The value of a string literal without escapes; "" for any other node."""
    text = text_of(node)
    return text[1:-1] if len(text) >= 2 and text[0] in '"`' and text[-1] == text[0] else ""


def elements(literal: Node) -> dict[str, Node]:
    """The values of a keyed literal by the text of their keys; empty when it is positional."""
    body = literal.field("body")
    found: dict[str, Node] = {}
    for part in body.children() if body else ():
        if part.kind() == "keyed_element":
            key, value = (c for c in part.children() if c.is_named() and c.kind() != "comment")
            found[key.text()] = value.child(0) or value
    return found


def element(literal: Node, key: str) -> Node | None:
    """The whole `Key: value` of a literal."""
    value = elements(literal).get(key)
    return enclosing(value, ("keyed_element",)) if value is not None else None


def is_positional(literal: Node) -> bool:
    """Whether the literal gives values without keys."""
    body = literal.field("body")
    return body is not None and any(c.kind() == "literal_element" for c in body.children())


def statement(node: Node) -> Node | None:
    """The statement of a block that a node stands in (or is)."""
    chain = [node, *node.ancestors()]
    for inner, outer in itertools.pairwise(chain):
        if outer.kind() == "statement_list":
            return inner
    return None


def is_alone(node: Node) -> bool:
    """Whether a statement is the whole of its block."""
    parent = node.parent()
    return parent is not None and sum(c.is_named() for c in parent.children()) == 1


def assigned_to(node: Node) -> str:
    """What a value is given to by `:=`, `=`, `var` or a keyed element: the text of that side, else ""."""
    holder = enclosing(node, ("short_var_declaration", "assignment_statement", "var_spec", "keyed_element", "block"))
    if holder is None or holder.kind() == "block":
        return ""
    if holder.kind() == "keyed_element":
        return text_of(holder.child(0))
    return text_of(holder.field("name") if holder.kind() == "var_spec" else holder.field("left"))


def outermost(code: Code, node: Node) -> str:
    """The text of the outermost function that a node stands in, "" at package level."""
    around = code.around(node)
    return around[-1].node.text() if around else ""


def origin_of(code: Code, node: Node) -> Node:
    """What a local was given where it was made; the node itself when it is no name or was made elsewhere."""
    if node.kind() != "identifier":
        return node
    for function in code.around(node):
        made = [
            right
            for kind in ("short_var_declaration", "assignment_statement")
            for d in function.node.find_all(kind=kind)
            if text_of(d.field("left")) == node.text() and (right := d.field("right")) is not None
        ]
        if made:
            first = made[0].child(0)
            return first if len(made) == 1 and first is not None else node
    return node


def code(project: Project, path: str) -> Code | None:
    """The parsed file, None when it cannot be read (the reason is kept by the project)."""
    try:
        return project.parsed(path, Code)
    except Refused:
        return None


def shipped(project: Project) -> tuple[str, ...]:
    """Go files that production binaries are made of: no tests, examples, generated or vendored files."""
    return project.fact(_shipped)


def _shipped(project: Project) -> tuple[str, ...]:
    return tuple(
        p
        for p in project.files("**/*.go")
        if not (NOT_SHIPPED.search("/" + p) or project.is_generated(p) or _helps_tests(project.read(p)))
    )


def _helps_tests(data: bytes) -> bool:
    if b" ignore" in data and _IGNORED.search(data) is not None:
        return True
    if b'"testing"' not in data:
        return False
    return len(_TESTING.findall(data)) * 2 >= len(_FUNCTION.findall(data))


def sources(project: Project, *literals: bytes, having: re.Pattern[bytes] | None = None) -> Iterator[tuple[str, Code]]:
    """Shipped files that contain one of the literals and match `having`, parsed; the bytes are asked first."""
    for path in shipped(project):
        data = project.read(path)
        if (not literals or any(word in data for word in literals)) and (having is None or having.search(data)):
            parsed = code(project, path)
            if parsed is not None:
                yield path, parsed


def tests(project: Project, *literals: bytes) -> Iterator[tuple[str, Code]]:
    """Test files that contain one of the literals, parsed."""
    for path in project.grep(literals, "**/*_test.go"):
        parsed = code(project, path)
        if parsed is not None:
            yield path, parsed


def drafted(project: Project, path: str, edits: Callable[..., Iterable[Edit]], *args: Any) -> Draft:
    """A draft with the edits of one file, `edits(*args)`; a refusal while they are worked out makes it advice."""
    draft = project.draft()
    try:
        draft.edit(path, splice, list(edits(*args)))
        if taken := shadowed(project, path, draft.read(path)):
            draft.refuse(f"{', '.join(taken)} is the name of something of this package: it cannot be imported")
    except Refused as refused:
        draft.refuse(str(refused))
    return draft


def shadowed(project: Project, path: str, text: bytes) -> list[str]:
    """The imports of a file's new text whose names are something else's in the package, which Go does not take."""
    known = code(project, path) if project.exists(path) else None
    new = Code(text).imports.keys() - (known.imports.keys() if known is not None else set())
    own = [project.text(p) for p in project.files("**/*.go") if folder(p) == folder(path)] if new else []
    declares = r"(?m)^(?:(?:var|const|type|func)\s+|\t){}\b(?:\s*\(|[^\n(.:]*=|\s+(?:struct|interface|\w+$))"
    return sorted(n for n in new if any(n in t and re.search(declares.format(re.escape(n)), t) for t in own))


def folder(path: str) -> str:
    """The folder of a file, which is its package; "" at the root."""
    return path.rpartition("/")[0]


def beside(path: str, name: str) -> str:
    """The path of a file of that name in the same folder."""
    return f"{folder(path)}/{name}" if folder(path) else name


def build_tags(code: Code) -> str:
    """The build constraint of a file with the empty line that follows it, "" when it has none."""
    found = re.search(r"^//go:build [^\r\n]+", code.text.partition("\npackage ")[0], re.M)
    return f"{found[0]}\n\n" if found else ""


def packages(project: Project) -> Mapping[str, tuple[str, ...]]:
    """The shipped files of each folder."""
    return project.fact(_packages)


def _packages(project: Project) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for path in shipped(project):
        found.setdefault(folder(path), []).append(path)
    return {f: tuple(p) for f, p in found.items()}


def siblings(project: Project, path: str) -> tuple[str, ...]:
    """The shipped files of the same package, itself included."""
    return packages(project).get(folder(path), (path,))


def package_has(project: Project, path: str, pattern: str) -> bool:
    """Whether a shipped file of the same package matches a regular expression (over its bytes)."""
    wanted = re.compile(pattern.encode())
    return any(wanted.search(project.read(p)) for p in siblings(project, path))


def in_package(project: Project, path: str, names: Iterable[str]) -> set[str]:
    """Which of the names occur as words in the package, tests included: names that new code must not take."""
    text = b"\n".join(project.read(p) for p in project.files("**/*.go") if folder(p) == folder(path))
    return {n for n in names if re.search(rb"\b" + n.encode() + rb"\b", text)}
