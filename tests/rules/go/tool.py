"""What the Go tables share: run one rule over one small module, and gofmt as the judge of what was written."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from collections.abc import Mapping

from fixers.model import Finding, NotApplicable, Pass, Result, Rule
from fixers.project import MemoryReader, Project

MODULE = {"go.mod": "module example.com/app\n\ngo 1.22\n"}


def rule_of(name: str) -> Rule:
    found = importlib.import_module("fixers.rules.go." + name.replace("-", "_")).check
    assert isinstance(found, Rule)
    return found


def results(name: str, files: Mapping[str, str] | str) -> list[Result]:
    tree = {"main.go": files} if isinstance(files, str) else dict(files)
    rule = rule_of(name)
    return list(rule.check(Project(MemoryReader({**MODULE, **tree})).view(rule.id, rule.options)))


def findings(name: str, files: Mapping[str, str] | str) -> list[Finding]:
    return [r for r in results(name, files) if isinstance(r, Finding)]


def passes(name: str, files: Mapping[str, str] | str) -> list[Pass]:
    return [r for r in results(name, files) if isinstance(r, Pass)]


def silences(name: str, files: Mapping[str, str] | str) -> list[NotApplicable]:
    return [r for r in results(name, files) if isinstance(r, NotApplicable)]


def cured(name: str, files: Mapping[str, str] | str) -> dict[str, str]:
    """The tree after the first fix of every finding, each worked out on the tree before it."""
    tree = {"main.go": files} if isinstance(files, str) else dict(files)
    for _ in range(10):
        found = next((f for f in findings(name, tree) if f.fix is not None), None)
        if found is None or found.fix is None:
            return tree
        for change in found.fix.changes:
            assert change.after is not None
            tree[change.path] = change.after.decode()
    raise AssertionError("the fix does not converge")


def is_gofmt_clean(text: str) -> bool:
    """What gofmt says; True where there is none, for the tables hold on every machine."""
    gofmt = shutil.which("gofmt")
    if gofmt is None:
        return True
    done = subprocess.run([gofmt, "-d"], input=text.encode(), capture_output=True, check=True)
    return done.stdout == b""
