"""The production guard: one small module of a crate, made by the first fix that needs it and used by the others."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from fixers import templates
from fixers.draft import Draft
from fixers.editors.source import Node
from fixers.editors.splice import Edit, splice
from fixers.editors.template import fill
from fixers.facts import cargo, rust, rust_errors
from fixers.facts.cargo import Package
from fixers.facts.rust import Function, RustFile
from fixers.project import Project

_VARIABLE: Final = re.compile(
    r"""(?:\benv\s*=\s*|\benv::var(?:_os)?\(\s*)"(?!CARGO_|RUST_)([A-Z][A-Z0-9]*)_[A-Z0-9_]+\""""
)
"""A variable that is read, by clap or by hand; those of cargo and of loggers are nobody's own."""
_ITEMS_BEFORE: Final = frozenset({"inner_attribute_item", "use_declaration", "extern_crate_declaration"})


def warning(package: Package | None) -> str:
    """The macro a crate writes warnings with: tracing's, log's, or the standard error."""
    for crate in ("tracing", "log"):
        if package is not None and any(d.package == crate and d.kind == "dependencies" for d in package.dependencies):
            return f"{crate}::warn!"
    return "eprintln!"


def call(
    project: Project,
    path: str,
    code: RustFile,
    function: Function,
    what: str,
    draft: Draft,
    topics: tuple[str, ...] = (),
) -> tuple[str, list[Edit]]:
    """The statement that refuses `what` in production, for a place in a function, and edits of the same file with it.

    `topics` begin the names of error variants that fit. "" and a refused draft when none does. The module is added
    to the draft unless the crate has it.
    """
    package = cargo.package_of(project, path)
    if package is None:
        draft.refuse("no Cargo.toml tells the crate")
        return "", []
    program = path in package.binaries.values()
    in_library = bool(package.library) and not (program and path != package.library)
    root = package.library or path if in_library or not program else path
    if package.library and program:
        root = package.library
    if not package.library and not program:
        root = next(iter(sorted(package.binaries.values())), "")
    if not root or not project.exists(root):
        draft.refuse("the crate's root file is not clear")
        return "", []
    crate = package.name.replace("-", "_") if program and root == package.library else "crate"
    asked = f'{crate}::production::development_only("{what}")'
    wrapped = _wrapped(project, path, code, function, asked, topics)
    if not wrapped:
        draft.refuse(f"{function.name or 'this place'} cannot return an error: how it should refuse is not clear")
        return "", []
    edits = _module(project, package, root, draft)
    if root == path:
        return wrapped, edits
    if edits:
        draft.edit(root, splice, edits)
    return wrapped, []


def _wrapped(
    project: Project, path: str, code: RustFile, function: Function, asked: str, topics: tuple[str, ...]
) -> str:
    if function.name == "main" and function.node is not None and not function.boundary and not function.result:
        return f'if let Err(refused) = {asked} {{\n    eprintln!("{{refused}}");\n    std::process::exit(1);\n}}'
    style = rust_errors.style_of(project, path, code, function, topics)
    if style is None:
        return ""
    turns = {
        "anyhow": ".map_err(anyhow::Error::msg)?;",
        "eyre": ".map_err(eyre::Report::msg)?;",
        "io": ".map_err(std::io::Error::other)?;",
        "enum": f".map_err({style.variant})?;",
    }
    statement = asked + turns.get(style.name, "?;")
    return (
        statement
        if len(statement) < 80 or turns.get(style.name, "?;") == "?;"
        else statement.replace(".map_err", "\n    .map_err", 1)
    )


def _module(project: Project, package: Package, root: str, draft: Draft) -> list[Edit]:
    path = posixpath.join(posixpath.dirname(root), "production.rs")
    if project.exists(path):
        if "fn development_only(" not in project.text(path):
            draft.refuse(f"{path} is something else")
        draft.rely(path)
        return []
    code = project.parsed(root, rust.file)
    prefix = _prefix(project, package)
    draft.create(path, fill(templates.text("rust/production.rs"), prefix=prefix, warn=warning(package)))
    visible = "pub mod" if root == package.library else "mod"
    return [_declaration(code, f"{visible} production;")]


def _prefix(project: Project, package: Package) -> str:
    """What the variables begin with that the package reads: one word that all have, else the package's name."""
    folder = "/" + (package.folder + "/" if package.folder else "")
    texts = [project.text(p) for p in project.files(folder + "**/*.rs") if not rust.is_test_path(project, p)]
    words = {m[1] for text in texts for m in _VARIABLE.finditer(text)}
    shared = words.pop() if len(words) == 1 else ""
    return shared or re.sub(r"\W", "_", package.name).upper()


def _declaration(code: RustFile, text: str) -> Edit:
    """Where `mod production;` goes: in the order of the alphabet among its like, else after the imports."""
    modules = [m for m in code.root.named_children() if m.kind() == "mod_item" and m.field("body") is None]
    modules = [m for m in modules if not _under_attribute(m)]
    later = next((m for m in modules if (m.field("name") or m).text() > "production"), None)
    if later is not None:
        return code.insert_before(later, text)
    if modules:
        return code.insert_after(modules[-1], text)
    heads = [n for n in code.root.named_children() if n.kind() in _ITEMS_BEFORE]
    if heads:
        return code.insert_after(heads[-1], "\n" + text)
    first = next(
        (n for n in code.root.named_children() if not n.text().startswith("//!") and n.kind() != "shebang"), None
    )
    at = code.bounds(first)[0] if first is not None else len(code.text)
    return code.replace_between(at, at, text + "\n\n")


def _under_attribute(node: Node) -> bool:
    before = node.prev()
    return before is not None and before.kind() == "attribute_item"
