"""python/unsafe-yaml-load."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_project import sources
from fixers.facts.python_scopes import Scope
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Draft, Project
from fixers.text import plural

_LOADS: Final = ("yaml.load", "yaml.load_all")
_UNSAFE: Final = ("yaml.unsafe_load", "yaml.unsafe_load_all")
_FULL: Final = {"yaml.FullLoader": "SafeLoader", "yaml.full_load": "safe_load", "yaml.full_load_all": "safe_load_all"}
"""They build few objects since PyYAML 5.4 (CVE-2020-14343), and any before."""
_LOADERS: Final = {
    "yaml.Loader": "SafeLoader",
    "yaml.UnsafeLoader": "SafeLoader",
    "yaml.CLoader": "CSafeLoader",
    "yaml.CUnsafeLoader": "CSafeLoader",
    "yaml.CFullLoader": "CSafeLoader",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where, in which function or class, what mends it, and whether it is one of the full loaders or a class."""

    line: int
    note: str
    edits: tuple[python.PythonEdit, ...]
    full: bool
    own: bool = False


@rule(
    severity=Severity.HIGH,
    fix=Applicability.SAFE,
    applies=("*.py",),
    bad={"shop/prices.py": "import yaml\n\n\ndef prices(stream):\n    return yaml.load(stream, Loader=yaml.Loader)\n"},
    good={
        "shop/prices.py": "import yaml\n\n\ndef prices(stream):\n    return yaml.load(stream, Loader=yaml.SafeLoader)\n"
    },
)
def check(project: Project) -> Iterator[Result]:
    """YAML is loaded in a way that lets the document run code.

    PyYAML's full loaders build any Python object that a document names, also `os.system` with an
    argument: whoever can write the file runs commands as the service. The safe loaders read the same
    plain data; only `!!python/...` tags, which then are an error, are lost.
    """
    passes = []
    tagged = bool(project.grep((b"!!python/",), "*.yaml", "*.yml"))
    for path, module in sources(project, (b"yaml",), packages=(b"yaml",)):
        safe = [c for c in module.calls if c.target in ("yaml.safe_load", "yaml.safe_load_all")]
        bad = [p for p in (*_calls(module), *_classes(module)) if project.keep(path, p.line)]
        if safe and not bad:
            passes.append(Location(path, safe[0].line))
        if not bad:
            continue
        draft = project.draft()
        if not all(p.edits for p in bad):
            draft.refuse("what the file imports as its loader has to change: CSafeLoader, or else SafeLoader")
        draft.edit(path, python.apply, *dict.fromkeys(e for p in bad for e in p.edits))
        yield _finding(path, module, draft, bad, tagged)
    if passes:
        yield Pass("YAML is loaded with the safe loader", tuple(passes))


def _finding(path: str, module: Module, draft: Draft, bad: list[_Place], tagged: bool) -> Finding:
    title = "Load YAML with the safe loader"
    extended = (
        tagged
        or any(p.own for p in bad)
        or any(c.target.startswith(("yaml.add_", "yaml.YAMLObject")) for c in module.calls)
    )
    full = all(p.full for p in bad)
    return Finding(
        path,
        f"{plural(len(bad), 'place')} where YAML is loaded with {'a full' if full else 'an unsafe'} loader",
        line=bad[0].line,
        severity=Severity.LOW if full else None,
        fixes=draft.fixes(title, Applicability.UNSAFE, "the tree has YAML tags of its own")
        if extended
        else draft.fixes(title),
        locations=tuple(Location(path, p.line, note=p.note) for p in bad),
    )


def _calls(module: Module) -> Iterator[_Place]:
    for call in module.calls:
        loader = call.argument(1, "Loader")
        if call.target in _UNSAFE or call.target in _FULL or (call.target in _LOADS and not call.splats and not loader):
            name = _FULL.get(call.target, "safe_" + call.target.removeprefix("yaml.").removeprefix("unsafe_"))
            edits = _written(module, call.node.func, name, call.scope)
            yield _Place(call.line, call.where, edits, full=call.target in _FULL)
        elif call.target in _LOADS and loader is not None:
            yield from _loader(module, loader, call.scope, call.line, call.where, own=False)


def _classes(module: Module) -> Iterator[_Place]:
    """Loaders of the file's own, made from an unsafe one."""
    for node, scope in module.nodes(ast.ClassDef):
        for base in node.bases if isinstance(node, ast.ClassDef) else ():
            yield from _loader(module, base, scope, base.lineno, ast.unparse(base), own=True)


def _loader(module: Module, node: ast.expr, scope: Scope, line: int, note: str, *, own: bool) -> Iterator[_Place]:
    name = module.resolve(node, scope).replace("yaml.loader.", "yaml.").replace("yaml.cyaml.", "yaml.")
    either = {b.origin for b in module.top.names.get(node.id, ())} if isinstance(node, ast.Name) and not name else set()
    if either and either <= _LOADERS.keys():
        yield _Place(line, note, (), full=either <= _FULL.keys() | {"yaml.CFullLoader"}, own=own)
    elif safe := _LOADERS.get(name) or _FULL.get(name):
        yield _Place(line, note, _written(module, node, safe, scope), full="FullLoader" in name, own=own)


def _written(module: Module, node: ast.expr, name: str, scope: Scope) -> tuple[python.PythonEdit, ...]:
    """The edit that puts PyYAML's `name` there, imported as the old one was; () where that cannot be done."""
    unused: tuple[python.PythonEdit, ...] = ()
    if isinstance(node, ast.Name) and ("yaml", node.id) in module.from_imports:
        unused = (python.DropImport("yaml", node.id),)
        if not any(b.origin == "yaml" for given in module.top.names.values() for b in given) and module.is_free(name):
            return (python.Replace(python.span(node), name), python.AddImport("yaml", name), *unused)
    try:
        written, imports = module.reference("yaml", name, scope)
    except Refused:
        return ()
    return (python.Replace(python.span(node), written), *imports, *unused)
