"""A database whose encryption is skipped without a word when the key is empty is a database in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node
from fixers.editors.splice import splice
from fixers.facts import cargo, rust, rust_production
from fixers.facts.rust import RustFile
from fixers.model import Applicability, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

MANIFEST = '[package]\nname = "store"\nversion = "0.1.0"\n\n[dependencies]\nanyhow = "1"\ntracing = "0.1"\n'
BAD = """\
pub fn open(path: &str, key: &str) -> anyhow::Result<Connection> {
    let conn = Connection::open(path)?;
    if !key.is_empty() {
        conn.pragma_update(None, "key", key)?;
    }
    Ok(conn)
}
"""
CALL = (
    'crate::production::development_only("a database without encryption")\n            .map_err(anyhow::Error::msg)?;'
)


def good() -> dict[str, str]:
    """The example with the guard: the module is the template's."""
    from fixers import templates
    from fixers.editors.template import fill

    code = BAD.replace("key)?;\n    }\n", f"key)?;\n    }} else {{\n        {CALL}\n    }}\n")
    module = fill(templates.text("rust/production.rs"), prefix="STORE", warn="tracing::warn!")
    return {"Cargo.toml": MANIFEST, "src/lib.rs": "pub mod production;\n\n" + code, "src/production.rs": module}


_PRAGMA: Final = re.compile(r"\bpragma(?:_update)?\b[\s\S]{0,40}\bkey\b|\bPRAGMA\s+key\b", re.I)
_TOPICS: Final = ("Db", "Database", "Sql", "Storage", "Store", "Config")
_CONDITION: Final = re.compile(r"!\s*[\w.()&]*is_empty\(\)|\bSome\(\w+\)\s*=|is_some\(\)")


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.UNSAFE,
    audit=("M2",),
    applies=("*.rs",),
    bad={"Cargo.toml": MANIFEST, "src/lib.rs": BAD},
    good=good,
)
def check(project: Project) -> Iterator[Result]:
    """The database is left in plain text when its key is empty.

    The key is applied only when there is one, and nothing is said when there is none: a missing variable in a
    deployment turns encryption at rest off for good, for what was written unencrypted stays so. Production has to
    refuse an empty key; elsewhere it should be said.
    """
    found, kept = False, list[Location]()
    for path, code in rust.shipped(project, (b"pragma", b"PRAGMA")):
        if not _PRAGMA.search(code.text):
            continue
        for branch in code.kind("if_expression"):
            body, condition = branch.field("consequence"), branch.field("condition")
            if body is None or condition is None or code.is_test(branch):
                continue
            if not _PRAGMA.search(body.text()) or not _CONDITION.search(condition.text()):
                continue
            if body.find(kind="if_expression") is not None and any(
                _PRAGMA.search(inner.text()) for inner in body.find_all(kind="if_expression")
            ):
                continue
            if branch.field("alternative") is not None or not project.keep(path, code.line(branch)):
                kept.append(Location(path, code.line(branch)))
                continue
            found = True
            yield _finding(project, path, code, branch, body)
    for workspace in project.fact(cargo.workspaces):
        plain = [p for p in workspace.members if _unencrypted(project, p)]
        if plain:
            found = True
            yield _advice(plain)
    if kept and not found:
        yield Pass("an empty database key is dealt with", tuple(kept))
    elif not found:
        yield NotApplicable("no database of this code has a key that may be empty")


def _finding(project: Project, path: str, code: RustFile, branch: Node, body: Node) -> Finding:
    function = code.function(branch)
    draft = project.draft()
    what = "a database without encryption"
    text, edits = rust_production.call(project, path, code, function, what, draft, _TOPICS)
    code.refuse_unreadable(draft, [branch])
    if text:
        indent = code.indentation(branch)
        inner = "\n".join(indent + "    " + line for line in text.split("\n"))
        end = code.bounds(body)[1]
        edits.append(code.replace_between(end, end, f" else {{\n{inner}\n{indent}}}"))
        draft.edit(path, splice, edits)
    return Finding(
        path,
        f"{function.name or 'this code'} opens the database unencrypted when the key is empty, and does not say so",
        code.line(branch),
        anchor=function.name or "key",
        fixes=draft.fixes(
            "Refuse an empty database key in production",
            reason="a deployment without a key does not start in production mode",
        ),
        steps=("Require a key in production and document that an empty one turns encryption off.",),
    )


def _unencrypted(project: Project, package: cargo.Package) -> bool:
    """Whether a package compiles SQLite in without SQLCipher and opens a file with it."""
    wanted = [d for d in package.dependencies if d.package == "rusqlite" and d.kind == "dependencies"]
    features = {f for d in wanted for f in d.features}
    if not wanted or any("sqlcipher" in f for f in features) or "bundled" not in features:
        return False
    folder = "/" + (package.folder + "/" if package.folder else "")
    opens = project.grep([b"Connection::open("], folder + "src/**/*.rs")
    return any(not rust.is_test_path(project, p) for p in opens)


def _advice(packages: list[cargo.Package]) -> Finding:
    return Finding(
        packages[0].manifest,
        "SQLite is built in without SQLCipher: what it stores is in plain text on disk",
        anchor="rusqlite",
        severity=Severity.LOW,
        locations=tuple(Location(p.manifest) for p in packages),
        steps=(
            "Keep the database on an encrypted volume, and say so in the deployment guide.",
            'Or build with the feature "bundled-sqlcipher" and give a key with `PRAGMA key` first.',
        ),
    )
