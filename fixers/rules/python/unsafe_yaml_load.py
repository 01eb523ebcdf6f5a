"""python/unsafe-yaml-load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_project import sources
from fixers.facts.python_scopes import Call
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_LOADS: Final = ("yaml.load", "yaml.load_all")
_UNSAFE: Final = ("yaml.unsafe_load", "yaml.unsafe_load_all")
_LOADERS: Final = {"yaml.Loader": "SafeLoader", "yaml.UnsafeLoader": "SafeLoader", "yaml.CLoader": "CSafeLoader"}


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
    for path, module in sources(project, (b"yaml",)):
        calls = [c for c in module.calls if c.target in (*_LOADS, *_UNSAFE)]
        safe = [c for c in module.calls if c.target in ("yaml.safe_load", "yaml.safe_load_all")]
        bad = [(c, e) for c in calls if (e := _edits(module, c)) and project.keep(path, c.line)]
        if safe and not bad:
            passes.append(Location(path, safe[0].line))
        if not bad:
            continue
        draft = project.draft()
        draft.edit(path, python.apply, *(e for _, edits in bad for e in edits))
        title = "Load YAML with the safe loader"
        extended = tagged or any(c.target.startswith(("yaml.add_", "yaml.YAMLObject")) for c in module.calls)
        yield Finding(
            path,
            f"{plural(len(bad), 'YAML document')} loaded with an unsafe loader",
            line=bad[0][0].line,
            fixes=draft.fixes(title, Applicability.UNSAFE, "the tree has YAML tags of its own")
            if extended
            else draft.fixes(title),
            locations=tuple(Location(path, c.line, note=c.where) for c, _ in bad),
        )
    if passes:
        yield Pass("YAML is loaded with the safe loader", tuple(passes))


def _edits(module: Module, call: Call) -> tuple[python.PythonEdit, ...]:
    """What makes the call safe; () when it is."""
    if call.splats:
        return ()
    loader = call.argument(1, "Loader")
    if call.target in _UNSAFE or loader is None:
        name = "safe_" + call.target.removeprefix("yaml.").removeprefix("unsafe_")
        written, imports = module.reference("yaml", name)
        return (python.Replace(python.span(call.node.func), written), *imports)
    safe = _LOADERS.get(module.resolve(loader, call.scope).replace("yaml.loader.", "yaml."))
    if safe is None:
        return ()
    written, imports = module.reference("yaml", safe)
    return (python.Replace(python.span(loader), written), *imports)
