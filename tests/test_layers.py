"""Layers point down, third-party libraries stay behind their walls, rules import no rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = [
    ["fixers.text"],
    ["fixers.model"],
    ["fixers.patch", "fixers.editors", "fixers.templates"],
    ["fixers.isolation"],
    [
        "fixers.globs",
        "fixers.suppress",
        "fixers.tree",
        "fixers.draft",
        "fixers.project",
        "fixers.facts",
        "fixers.config",
    ],
    ["fixers.rules"],
    ["fixers.registry"],
    ["fixers.scan", "fixers.checks"],
    ["fixers.vcs"],
    ["fixers.verify", "fixers.audits", "fixers.samples"],
    ["fixers.reports"],
    [
        "fixers.decisions",
        "fixers.options",
        "fixers.answering",
        "fixers.folder",
        "fixers.planning",
        "fixers.mending",
        "fixers.building",
        "fixers.session",
    ],
    ["tui"],
]
EDITORS = ("fixers/editors/", "fixers/project.py")
WALLS = {
    "textual": ("tui/",),
    "git": ("fixers/vcs/",),
    "gitdb": ("fixers/vcs/",),
    "argparse": ("tui/cli.py",),
    "rich": ("fixers/reports/text.py", "tui/"),
    "pathspec": (*EDITORS, "fixers/vcs/"),
    **dict.fromkeys(("tomlkit", "yaml", "yaml_edit", "libcst", "ast_grep_py", "markdown_it", "dotenv"), EDITORS),
    "configupdater": EDITORS,
}
FILES = [p for top in ("fixers", "tui") for p in sorted((ROOT / top).rglob("*.py")) if "samples" not in p.parts[:-1]]


def imports(path: Path) -> Iterator[str]:
    """Modules imported anywhere in a file, but for TYPE_CHECKING blocks."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{a.name}" for a in node.names)


def layer(module: str) -> int | None:
    hits = [i for i, names in enumerate(ORDER) if any(module == n or module.startswith(n + ".") for n in names)]
    return hits[0] if hits else None


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_imports_only_from_its_layer_or_below(path: Path) -> None:
    own = layer(name_of(path))
    if own is None:
        assert name_of(path) == "fixers", f"{name_of(path)} has no layer"
        return
    for target in imports(path):
        theirs = layer(target)
        assert theirs is None or theirs <= own, f"{name_of(path)} reaches up to {target}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_third_party_walls_hold(path: Path) -> None:
    relative = path.relative_to(ROOT).as_posix()
    for target in imports(path):
        allowed = WALLS.get(target.partition(".")[0])
        assert allowed is None or relative.startswith(allowed), f"{relative} imports {target}"


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(ROOT / "fixers/rules")], ids=name_of)
def test_a_rule_imports_only_what_rules_may(path: Path) -> None:
    may = ("fixers.model", "fixers.project", "fixers.facts", "fixers.editors", "fixers.templates", "fixers.text")
    for target in imports(path):
        if target.startswith(("fixers", "tui")):
            assert target.startswith(may), f"{name_of(path)} imports {target}"
    assert len(path.read_text().splitlines()) <= 150, "a rule fits on a screen or two"


def test_siblings_do_not_import_each_other_in_circles() -> None:
    edges: dict[str, set[str]] = {}
    names = {name_of(p) for p in FILES}
    for path in FILES:
        for target in imports(path):
            found = target if target in names else target.rpartition(".")[0]
            if found in names and found != name_of(path):
                edges.setdefault(name_of(path), set()).add(found)
    done: set[str] = set()

    def visit(node: str, trail: tuple[str, ...]) -> None:
        assert node not in trail, " -> ".join((*trail, node))
        if node in done:
            return
        for other in edges.get(node, ()):
            visit(other, (*trail, node))
        done.add(node)

    for node in sorted(edges):
        visit(node, ())
