"""Which names of a crate are locks of the standard library: only those are poisoned by a panic."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from fixers.editors.source import Node
from fixers.facts import rust
from fixers.facts.rust import RustFile
from fixers.project import Project

_LOCKS: Final = frozenset(f"std::sync::{n}" for n in ("Mutex", "RwLock", "Condvar"))
_WORD: Final = re.compile(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*")
_REF: Final = re.compile(r"static\s+(?:ref\s+)?(\w+)\s*:\s*([^=;{}]+)=")
_THROUGH: Final = re.compile(
    r"clone|as_(?:ref|mut|deref)|borrow|deref|get(?:_mut|_or_init|_ref)?|iter|first|last|unwrap|expect|upgrade|inner|"
    r"to_owned|ok_or(?:_else)?"
)
"""Methods that hand on what they are called on, as far as the kind of lock goes."""

UNWRAPPED: Final = re.compile(
    r"\.\s*(?:(?:lock|read|write)\(\)|wait(?:_while|_timeout)?\((?:[^()]|\([^()]*\))*\))\s*\.\s*(?:unwrap\(\)|expect\()"
)
"""What may be a lock that is taken with a panic; in the text, before anything is parsed."""

Names = dict[str, frozenset[str]]


def kinds(code: RustFile, written: str, aliases: Names | None = None) -> frozenset[str]:
    """What a type or an initial value as written holds: "std", "other" (a lock of another crate), or neither."""
    found = set[str]()
    for path in _WORD.findall(written):
        bare = path.removesuffix("::new").removesuffix("::default").removesuffix("::from")
        for full in code.resolve(bare) or {bare}:
            if full in _LOCKS:
                found.add("std")
            elif full.rpartition("::")[2] in ("Mutex", "RwLock", "Condvar", "FairMutex", "ReentrantMutex") or (
                "Mutex" in full or "RwLock" in full
            ):
                found.add("other")
        found |= (aliases or {}).get(bare.rpartition("::")[2], frozenset())
    return frozenset(found)


def declared(code: RustFile, aliases: Names) -> Names:
    """Names that a file declares (fields, variables, parameters, statics, functions) to what they hold.

    A name declared with a type that holds no lock has "plain".
    """
    found: dict[str, set[str]] = {}

    word = re.compile("|".join(["Mutex", "RwLock", "Condvar", *map(re.escape, aliases)]))
    locks = {name for name, paths in code.imports.items() if any("Mutex" in p or "RwLock" in p for p in paths)}

    def held(text: str) -> frozenset[str]:
        return kinds(code, text, aliases) if word.search(text) or any(name in text for name in locks) else frozenset()

    def note(name: str, written: Node | None) -> None:
        if name and written is not None:
            found.setdefault(name, set()).update(held(written.text()) or {"plain"})

    for node in code.kind(*_DECLARING):
        match node.kind():
            case "parameter":
                note(_bound(node.field("pattern")), node.field("type"))
            case "function_item":
                note(_text(node.field("name")), node.field("return_type"))
            case "ordered_field_declaration_list":
                for number, kind in enumerate(t for t in node.named_children() if t.kind() not in _NOT_TYPES):
                    note(str(number), kind)
            case "let_declaration":
                name, value = _bound(node.field("pattern")), node.field("value")
                if node.field("type") is not None:
                    note(name, node.field("type"))
                elif name and value is not None:
                    holds = held(value.text()[:200])
                    root = "" if holds else root_name(value)
                    found.setdefault(name, set()).update(holds or ({"=" + root} if root else ()))
            case _:
                note(_text(node.field("name")), node.field("type"))
    for name, written in _REF.findall(code.text):
        found.setdefault(name, set()).update(held(written) or {"plain"})
    return {name: frozenset(what) for name, what in found.items()}


def _bound(pattern: Node | None) -> str:
    """The variable that `x` or `State(x)` binds."""
    if pattern is not None and pattern.kind() == "tuple_struct_pattern":
        pattern = next((c for c in pattern.named_children()[1:] if c.kind() == "identifier"), None)
    return pattern.text() if pattern is not None and pattern.kind() == "identifier" else ""


_DECLARING: Final = (
    *("field_declaration", "static_item", "const_item", "parameter", "function_item", "let_declaration"),
    "ordered_field_declaration_list",
)
_NOT_TYPES: Final = frozenset({"visibility_modifier", "attribute_item", "line_comment", "block_comment"})


def root_name(receiver: Node | None) -> str:
    """The name that decides the type of a receiver: the field, variable or function at its root; "" when unclear."""
    node = receiver
    while node is not None:
        kind = node.kind()
        if kind in ("identifier", "self", "scoped_identifier"):
            return node.text().rpartition("::")[2]
        if kind == "field_expression":
            return _text(node.field("field"))
        if kind == "call_expression":
            called = node.field("function")
            if called is not None and called.kind() == "field_expression":
                method = _text(called.field("field"))
                if not _THROUGH.fullmatch(method):
                    return method
                node = called.field("value")
                continue
            name = _text(called).rpartition("::")[2]
            arguments = node.field("arguments")
            if name != "clone" or arguments is None:
                return name
            node = next(iter(arguments.named_children()), None)
        elif kind in ("index_expression", "try_expression", "await_expression", "parenthesized_expression"):
            node = next(iter(node.named_children()), None)
        elif kind in ("reference_expression", "unary_expression"):
            node = next(iter(reversed(node.named_children())), None)
        else:
            return ""
    return ""


def _text(node: Node | None) -> str:
    return node.text() if node is not None else ""


def unwrapping(project: Project) -> frozenset[str]:
    """Files that ship in whose text something like a lock is unwrapped."""
    words = (b".lock()", b".read()", b".write()", b".wait")
    return frozenset(
        path
        for path in project.grep(words, "*.rs")
        if UNWRAPPED.search(project.text(path)) and not rust.is_test_path(project, path)
    )


def by_file(project: Project) -> dict[str, Names]:
    """For each file of a crate that unwraps locks, the names that it declares."""
    known = project.fact(aliases)
    sites = project.fact(unwrapping)
    crates = {crate_of(project, path) for path in sites}
    words = (b"Mutex", b"RwLock", b"Condvar", *(a.encode() for a in known))
    paths = {p for p in project.grep(words, "*.rs") if crate_of(project, p) in crates} | sites
    return {path: declared(code, known) for path, code in rust.parsed(project, paths)}


def by_crate(project: Project) -> dict[str, Names]:
    """For each folder of a Cargo.toml, the names that its files declare, all together."""
    crates: dict[str, dict[str, set[str]]] = {}
    for path, names in project.fact(by_file).items():
        into = crates.setdefault(crate_of(project, path), {})
        for name, held in names.items():
            into.setdefault(name, set()).update(h for h in held if h in ("std", "other"))
    return {crate: {n: frozenset(h) for n, h in names.items()} for crate, names in crates.items()}


def aliases(project: Project) -> Names:
    """Type aliases of locks anywhere in the tree: `type Shared = Arc<Mutex<State>>;`."""
    found: dict[str, set[str]] = {}
    for path in project.grep([b"Mutex", b"RwLock"], "*.rs"):
        if b"type " not in project.read(path) or rust.is_test_path(project, path):
            continue
        text = project.text(path)
        for match in re.finditer(
            r"^\s*(?:pub(?:\([^)]*\))?\s+)?type\s+(\w+)(?:<[^=;{]*>)?\s*=\s*([^;{]+);", text, re.M
        ):
            if "Mutex" in match[2] or "RwLock" in match[2]:
                code = project.parsed(path, rust.file)
                found.setdefault(match[1], set()).update(kinds(code, match[2]))
    return {name: frozenset(held) for name, held in found.items()}


def crate_of(project: Project, path: str) -> str:
    """The folder of the nearest Cargo.toml above a file; "" when there is none or it is the root's."""
    folder = posixpath.dirname(path)
    while folder and not project.exists(posixpath.join(folder, "Cargo.toml")):
        folder = posixpath.dirname(folder)
    return folder


def is_std(project: Project, path: str, code: RustFile, receiver: Node | None, *, sure: bool) -> bool:
    """Whether a receiver is a lock of std.

    Its declaration decides, in the file, else in the crate. When none is found, `sure` says that the call can hardly
    be anything else, and the file must use a lock of std and none of another crate.
    """
    name = root_name(receiver)
    own = project.fact(by_file).get(path, {})
    for names in (own, project.fact(by_crate).get(crate_of(project, path), {})):
        held = _followed(names, name)
        if "std" in held:
            return "other" not in held or sure
        if held:
            return False
    every = frozenset[str]().union(*own.values()) | kinds(code, " ".join(code.imports))
    return sure and "std" in every and "other" not in every


def _followed(names: Names, name: str) -> frozenset[str]:
    """What a name holds, through `let a = b.clone();`."""
    seen = set[str]()
    held = names.get(name, frozenset())
    while len(held) == 1 and (follow := next(iter(held))).startswith("=") and follow not in seen:
        seen.add(follow)
        held = names.get(follow[1:], frozenset())
    return frozenset(h for h in held if not h.startswith("="))
