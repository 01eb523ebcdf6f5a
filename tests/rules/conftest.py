"""One rule over a few files, as a test's table writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from fixers import registry
from fixers.config import Config
from fixers.model import Finding
from fixers.project import MemoryReader, Project
from fixers.scan import scan

Files = str | Mapping[str, str]
Find = Callable[[str, Files], tuple[Finding, ...]]


@pytest.fixture(scope="session")
def find() -> Find:
    """`find("python/rule", source or files)`: what the rule finds there."""
    rules = {r.id: r for r in registry.rules()}

    def run(rule_id: str, files: Files) -> tuple[Finding, ...]:
        tree = {"shop/app.py": files} if isinstance(files, str) else dict(files)
        done = scan(Project(MemoryReader(tree)), [rules[rule_id]], Config())
        assert not done.ran[rule_id].failed, done.ran[rule_id].failed
        return done.result().findings

    return run


@pytest.fixture(scope="session")
def cured(find: Find) -> Callable[[str, str], str]:
    """`cured("python/rule", source)`: the source after the first fix of the only finding."""

    def run(rule_id: str, source: str) -> str:
        (finding,) = find(rule_id, source)
        assert finding.fix is not None, finding.fixes
        after = next(c.after for c in finding.fix.changes if c.path == "shop/app.py")
        assert after is not None
        return after.decode()

    return run
