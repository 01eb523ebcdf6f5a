"""Run one Rust rule over a few lines of code; is the result what rustfmt would write?"""

from __future__ import annotations

import importlib
import shutil
import subprocess
from collections.abc import Mapping

from fixers.model import Finding, Result, Rule
from fixers.project import MemoryReader, Project

MANIFEST = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'


def results(name: str, files: Mapping[str, str | bytes] | str) -> list[Result]:
    """Everything that the rule says of a tree, or of one file src/lib.rs."""
    tree = {"src/lib.rs": files} if isinstance(files, str) else dict(files)
    tree.setdefault("Cargo.toml", MANIFEST)
    rule: Rule = importlib.import_module(f"fixers.rules.rust.{name}").check
    return list(rule.check(Project(MemoryReader(tree)).view(rule.id, rule.options)))


def findings(name: str, files: Mapping[str, str | bytes] | str) -> list[Finding]:
    return [r for r in results(name, files) if isinstance(r, Finding)]


def places(name: str, files: Mapping[str, str | bytes] | str) -> list[int]:
    """The lines of all places in the order of the findings."""
    return [p.line for f in findings(name, files) for p in (f.locations or ())]


def cured(name: str, files: Mapping[str, str | bytes] | str, fix: str = "default", path: str = "src/lib.rs") -> str:
    """The file after that fix of the only finding."""
    (found,) = findings(name, files)
    chosen = next(f for f in found.fixes if f.name == fix)
    assert chosen.changes, chosen.reason
    after = next(c.after for c in chosen.changes if c.path == path)
    assert after is not None
    return after.decode()


def is_rustfmt_clean(code: str) -> bool:
    """True too when rustfmt is not installed."""
    if shutil.which("rustfmt") is None:
        return True
    done = subprocess.run(
        ["rustfmt", "--edition", "2021", "--emit", "stdout"], input=code, capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and done.stdout == code
