"""What a Rust file says of itself: its tests, its functions, its imports. And which files are code that ships."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fixers.draft import Draft
from fixers.editors import rust_format
from fixers.editors.source import Node, Source, enclosing, parse
from fixers.editors.splice import Edit
from fixers.facts import cargo
from fixers.model import Location, Refused
from fixers.project import Project

_TEST_FOLDER: Final = re.compile(
    r"(?:^|/)(?:tests?|benches|bench|benchmarks?|examples?|docs?|fixtures?|testdata|test[-_]data|fuzz|mocks?|xtask|testing|"
    r"[\w-]*[-_]?test[-_]?(?:utils?|helpers?|support|kit)|[\w-]*[-_](?:tests?|testers?|testing|bench(?:es|marks?)?|fuzz|examples?|fixtures?|mocks?|emulator)|"
    r"(?:tests?|testing|bench|fuzz|examples?|mocks?)[-_][\w-]*|[\w-]*[-_]tests?[-_][\w-]*)/"
)
_TOOL: Final = re.compile(
    r"(?:^|[-_])(?:testers?|perf|loadgen|(?:load|stress)[-_]?tests?)(?:$|[-_])|[-_]integration$|^(?!work)\w+bench$"
)
_TOOL_SAYS: Final = re.compile(r"\b(?:load|stress|performance)[- ]test(?:s|er|ing)?\b|\bbenchmarking\b", re.I)
_TEST_FILE: Final = re.compile(r"(?:^|/)(?:build|tests?|\w+_tests?|tests?_\w+|mocks?|mock_\w+|bench(?:mark)?s?)\.rs$")
_GENERATED: Final = re.compile(r"(?:^|/)(?:gen|generated|bindings)\.rs$|\.gen\.rs$|(?:^|/)generated/")
"""Names that tools give to what they write, and people do not edit."""
_CFG_TEST_MODULE: Final = re.compile(
    r"#\[cfg\(([^\]]*(?:\btest\b|feature\s*=\s*\"[^\"]*(?:(?<![a-z])test|mock|emulator))[^\]]*)\)\]\s*"
    r"(?:#\[(?:path\s*=\s*\"(?P<path>[^\"]+)\"|[^\]]*)\]\s*)*"
    r"(?:pub(?:\([^)]*\))?\s+)?mod\s+(?P<name>\w+)\s*;"
)
_TEST_ATTRIBUTE: Final = re.compile(
    r"#!?\[\s*(?:(?:\w+::)*(?:test|rstest|bench|fixture|quickcheck|proptest|test_case|test_matrix|\w+_test)\s*[\](]|"
    r"cfg\(\s*(?!not\b)(?:[^\]]*[(,]\s*)?test\s*[,)]|"
    r"cfg\([^\]]*feature\s*=\s*\"[^\"]*(?<![a-z])(?:tests?|testing|mocks?|bench(?:es|mark)?)(?![a-z]))"
)
_TEST_MODULE: Final = re.compile(r"(?:pub(?:\([^)]*\))? )?\bmod (?:tests?|bench(?:es)?) \{")
"""Modules that are what they are called, whatever feature turns them on."""
_NOT_TEST: Final = re.compile(r"not\(\s*(?:any\(|all\()?\s*(?:test\b|feature)")


@dataclass(frozen=True, slots=True)
class Function:
    """The function around a place. `returns` is its return type as written, "" for none; `trait` when in a trait impl.

    `boundary` is the innermost closure, async block, const or static between the place and the function: `?` there
    leaves that, not the function.
    """

    node: Node | None
    name: str = ""
    returns: str = ""
    is_async: bool = False
    is_public: bool = False
    trait: str = ""
    owner: str = ""
    boundary: str = ""

    @property
    def result(self) -> tuple[str, str] | None:
        """The type's name (`Result`, `io::Result`) and its error type ("" when an alias hides it), or None."""
        return split_result(self.returns)


class RustFile(Source):
    """A Rust file, parsed once for all rules: `project.parsed(path, rust.file)`."""

    def place(self, path: str, node: Node) -> Location:
        """Where a node stands: its first line, and its last when that is another (a chain of calls)."""
        first, last = self.line(node), self.end_line(node)
        return Location(path, first, last if last != first else 0)

    def is_test(self, node: Node) -> bool:
        """Whether a node is in a `#[cfg(test)]` item or a test function, in any nesting."""
        return self.is_test_at(self.bounds(node)[0])

    def is_test_at(self, offset: int) -> bool:
        """The same for a character offset."""
        at = bisect_right(self._tests, (offset, 1 << 62)) - 1
        return at >= 0 and offset < self._tests[at][1]

    @cached_property
    def unwrap_calls(self) -> list[Node]:
        """Every `x.unwrap()` and `x.expect(..)`, in the order of the text."""
        return self.find_all(any=[{"pattern": "$A.unwrap()"}, {"pattern": "$A.expect($M)"}])

    @cached_property
    def path_calls(self) -> list[tuple[Node, str]]:
        """Every call of a function by its path, and the path without white space: `Client::new`, `fetch`."""
        found = []
        for call in self.kind("call_expression"):
            called = call.field("function")
            if called is not None and called.kind() == "generic_function":
                called = called.field("function")
            if called is not None and called.kind() in ("scoped_identifier", "identifier"):
                found.append((call, re.sub(r"\s", "", called.text())))
        return found

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.split("\n")

    def is_test_function(self, function: Node) -> bool:
        """Whether a function_item is itself a test, by its own attributes."""
        before = function.prev()
        while before is not None and before.kind() in ("attribute_item", "line_comment", "block_comment"):
            if before.kind() == "attribute_item" and re.match(r"#\[\s*(?:\w+::)*\w*test\b(?!\s*=)", before.text()):
                return True
            before = before.prev()
        return False

    @cached_property
    def _tests(self) -> list[tuple[int, int]]:
        spans = []
        if _TEST_ATTRIBUTE.search(self.text):
            for attribute in self.kind("attribute_item", "inner_attribute_item"):
                text = attribute.text()
                if not _TEST_ATTRIBUTE.match(text) or _NOT_TEST.search(text):
                    continue
                if attribute.kind() == "inner_attribute_item":
                    holder = attribute.parent()
                    spans.append(self.bounds(holder) if holder is not None else (0, len(self.text)))
                    continue
                item = attribute.next()
                while item is not None and item.kind() in ("attribute_item", "line_comment", "block_comment"):
                    item = item.next()
                if item is not None:
                    spans.append((self.bounds(attribute)[0], self.bounds(item)[1]))
        if _TEST_MODULE.search(self.text):
            spans += [self.bounds(m) for m in self.kind("mod_item") if _TEST_MODULE.match(m.text())]
        if "for_test" in self.text:
            named = self.find_all(kind="identifier", regex=r"(?:^|_)for_test(?:s|ing)?$")
            spans += [self.bounds(f) for n in named if (f := n.parent()) is not None and f.kind() == "function_item"]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def function(self, node: Node) -> Function:
        """The function around a node, and what lies between."""
        boundary = ""
        for outer in node.ancestors():
            kind = outer.kind()
            if kind in ("closure_expression", "async_block", "const_item", "static_item", "const_block"):
                boundary = boundary or kind.partition("_")[0]
            elif kind == "try_block":
                boundary = boundary or "try"
            elif kind == "function_item":
                return self.function_of(outer, boundary)
        return Function(None, boundary=boundary)

    def function_of(self, item: Node, boundary: str = "") -> Function:
        """A function_item as a Function."""
        name, returns = item.field("name"), item.field("return_type")
        head = self.text[self.bounds(item)[0] : self.bounds(name)[0]] if name is not None else ""
        trait = owner = ""
        outer = next((a for a in item.ancestors() if a.kind() in ("impl_item", "trait_item", "function_item")), None)
        if outer is not None and outer.kind() == "impl_item":
            made_for, of = outer.field("type"), outer.field("trait")
            owner, trait = made_for.text() if made_for else "", of.text() if of else ""
        elif outer is not None and outer.kind() == "trait_item":
            named = outer.field("name")
            trait = named.text() if named else "trait"
        return Function(
            node=item,
            name=name.text() if name else "",
            returns=returns.text() if returns else "",
            is_async=bool(re.search(r"\basync\b", head)),
            is_public=bool(re.match(r"pub\b(?!\s*\()", head)),
            trait=trait,
            owner=owner,
            boundary=boundary,
        )

    @cached_property
    def imports(self) -> dict[str, frozenset[str]]:
        """Local names to the full paths that `use` declarations outside tests give them; "*" for globs."""
        found: dict[str, set[str]] = {}
        for use in self.kind("use_declaration"):
            argument = use.field("argument")
            if argument is None or self.is_test(use):
                continue
            for name, path in use_tree(argument.text()):
                found.setdefault(name, set()).add(path)
        return {name: frozenset(paths) for name, paths in found.items()}

    def resolve(self, path: str) -> frozenset[str]:
        """What a path as written may mean: its first segment looked up among the imports, and globs of std."""
        first, _, rest = path.partition("::")
        tail = "::" + rest if rest else ""
        known = self.imports.get(first)
        if known:
            return frozenset(k + tail for k in known)
        globs = frozenset(g + "::" + path for g in self.imports.get("*", ()) if g.startswith("std::"))
        return frozenset({path}) if tail else globs

    def refuse_unreadable(self, draft: Draft, nodes: Iterable[Node]) -> None:
        """Give the draft up when the grammar could not read what stands around a node."""
        for node in nodes:
            if self.has_error_near(node):
                draft.refuse(f"the grammar cannot read the code near line {self.line(node)}")

    def bring(self, module: str, name: str, places: Iterable[Node]) -> tuple[str, list[Edit]]:
        """How to write a name at some places, and the edit of a `use` that allows it; else the full path."""
        if f"{module}::{name}" in self.imports.get(name, ()):
            return name, []
        inner = any(enclosing(place, {"mod_item"}) is not None for place in places)
        use = None if inner or name in self.imports else rust_format.add_use(self, module, name)
        return (f"{module}::{name}", []) if use is None else (name, [use])

    @cached_property
    def token_trees(self) -> list[tuple[int, int]]:
        """Spans of the outermost macro arguments: their text is not parsed as code."""
        spans: list[tuple[int, int]] = []
        for tree in self.kind("token_tree"):
            start, end = self.bounds(tree)
            if not spans or start >= spans[-1][1]:
                spans.append((start, end))
        return spans

    def in_macros(self, pattern: re.Pattern[str]) -> Iterator[int]:
        """Offsets at which the pattern matches inside macro arguments, tests left out."""
        starts = [s for s, _ in self.token_trees]
        for match in pattern.finditer(self.text):
            at = bisect_right(starts, match.start()) - 1
            if at >= 0 and match.start() < self.token_trees[at][1] and not self.is_test_at(match.start()):
                yield match.start()


def file(data: bytes) -> RustFile:
    """A Rust file, for `project.parsed(path, rust.file)`. Raises Refused as `source.parse` does."""
    return parse(data, "rust", RustFile)


def use_tree(text: str) -> Iterator[tuple[str, str]]:
    """(local name, full path) of every leaf of a `use` tree: `std::{fs, sync::{Arc as A, *}}`."""
    plain = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    tokens = re.findall(r"::|[{},*]|[\w#]+", plain)
    yield from _use_leaves(tokens, 0, "")[0]


def _use_leaves(tokens: list[str], at: int, prefix: str) -> tuple[list[tuple[str, str]], int]:
    """The leaves from one position to the end of its group, and where that is."""
    found: list[tuple[str, str]] = []
    path: list[str] = []
    alias = ""
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token == "{":
            inner, at = _use_leaves(tokens, at, "::".join([*([prefix] if prefix else []), *path]))
            found += inner
            path = []
        elif token in ",}":
            found += _use_leaf(prefix, path, alias)
            path, alias = [], ""
            if token == "}":
                return found, at
        elif token == "as" and at < len(tokens):
            alias = tokens[at]
            at += 1
        elif token != "::":
            path.append(token)
    return found + _use_leaf(prefix, path, alias), at


def _use_leaf(prefix: str, path: list[str], alias: str) -> list[tuple[str, str]]:
    if not path:
        return []
    parts = ([prefix] if prefix else []) + (path if path[-1] not in ("self", "*") else path[:-1])
    full = "::".join(parts)
    if path[-1] == "*":
        return [("*", full)]
    return [(alias or full.rpartition("::")[2], full)]


def split_result(returns: str) -> tuple[str, str] | None:
    """The name and the error type of a Result type as written: `Result<T, E>` is ("Result", "E")."""
    match = re.match(r"^((?:\w+::)*\w*Result)\s*(?:<(.*)>)?$", returns.strip(), re.S)
    if match is None:
        return None
    depth, parts, start = 0, list[str](), 0
    arguments = match[2] or ""
    for i, letter in enumerate(arguments):
        if letter in "<([":
            depth += 1
        elif letter in ")]" or (letter == ">" and arguments[i - 1 : i] != "-"):
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(arguments[start:i].strip())
            start = i + 1
    parts.append(arguments[start:].strip())
    return match[1], parts[1] if len(parts) > 1 else ""


def test_modules(project: Project) -> frozenset[str]:
    """Files and folders (with a trailing slash) that a `#[cfg(test)] mod name;` somewhere makes test code."""
    found = set()
    for path in project.grep([b"cfg(test", b"cfg(any(", b"cfg(all(", b"cfg(feature"], "*.rs"):
        folder, name = posixpath.split(path)
        stem = name.removesuffix(".rs")
        below = folder if stem in ("mod", "lib", "main") else posixpath.join(folder, stem)
        for match in _CFG_TEST_MODULE.finditer(project.text(path)):
            if _NOT_TEST.search(match[1]):
                continue
            if match["path"]:
                found.add(posixpath.normpath(posixpath.join(folder, match["path"])))
            else:
                found |= {posixpath.join(below, match["name"]) + ".rs", posixpath.join(below, match["name"]) + "/"}
    return frozenset(found)


def is_test_path(project: Project, path: str) -> bool:
    """Whether a file is a test, a benchmark, an example, a build script or a tool for them."""
    if _TEST_FOLDER.search("/" + path) or _TEST_FILE.search(path):
        return True
    if _is_of_a_tool(project, path):
        return True
    modules = project.fact(test_modules)
    if path in modules:
        return True
    folder = posixpath.dirname(path)
    while folder:
        if folder + "/" in modules:
            return True
        folder = posixpath.dirname(folder)
    return False


def _is_of_a_tool(project: Project, path: str) -> bool:
    """Whether a file is of a package that tests or measures the others of its tree: a load generator, `pagebench`."""
    package = cargo.package_of(project, path)
    if package is None or not package.folder or len(project.fact(cargo.packages)) == 1:
        return False
    return bool(_TOOL.search(package.name) or _TOOL_SAYS.search(package.description))


def shipped(project: Project, literals: tuple[bytes, ...]) -> Iterator[tuple[str, RustFile]]:
    """Files of code that ships and hold one of the literals, parsed; generated ones and tests are left out."""
    yield from parsed(project, project.grep(literals, "*.rs"))


def parsed(project: Project, paths: Iterable[str]) -> Iterator[tuple[str, RustFile]]:
    """Those of the files that ship, in order, parsed; one that cannot be is left out (the project keeps why)."""
    for path in sorted(paths):
        if is_test_path(project, path) or _GENERATED.search(path) or project.is_generated(path):
            continue
        try:
            yield path, project.parsed(path, file)
        except Refused:
            continue
