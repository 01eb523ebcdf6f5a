"""Rules of other packages: installed, walked, prefixed; one that is broken or in the way is told, not left out."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import ROOT

from fixers import registry
from fixers.model import Refused

MakeRepo = Callable[..., Path]
START = "import sys; sys.path.pop(0); from tui.cli import main; sys.exit(main())"
RULE = '''
from fixers.model import Applicability, Finding, Severity, rule

@rule(severity=Severity.LOW, fix=Applicability.MANUAL, bad={"a.txt": "x"}, good={})
def check(project):
    """A text file stands here.

    It should not.
    """
    for path in project.files("*.txt"):
        yield Finding(path, "stands here")
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Lay a distribution with one entry point where Python finds it."""
    site = tmp_path / "site"

    def lay(entry: str, package: str, files: dict[str, str], value: str = "") -> Path:
        for name, text in files.items():
            path = site / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        info = site / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{entry} = {value or package}\n")
        importlib.invalidate_caches()
        return site

    monkeypatch.syspath_prepend(str(site))
    registry.rules.cache_clear()
    yield lay
    registry.rules.cache_clear()
    for name in [m for m in sys.modules if m.startswith("acme_")]:
        del sys.modules[name]


def test_rules_of_a_package_are_walked_and_carry_its_name(install: Callable[..., Path]) -> None:
    before = {r.id for r in registry.rules()}
    registry.rules.cache_clear()
    files = {"__init__.py": "", "docs/__init__.py": "", "docs/stray_text.py": RULE, "docs/helper.py": ""}
    install("acme", "acme_one", files)
    assert {r.id for r in registry.rules()} - before == {"acme/docs/stray-text"}
    assert registry.named("acme/docs/stray-text").title == "A text file stands here"


@pytest.mark.parametrize(
    ("entry", "files", "value", "said"),
    [
        ("docker", {"__init__.py": "", "d/__init__.py": "", "d/x.py": RULE}, "", "the name is taken"),
        ("builtin", {"__init__.py": "", "d/__init__.py": "", "d/x.py": RULE}, "", "the name is taken"),
        ("Ac me", {"__init__.py": "", "d/__init__.py": "", "d/x.py": RULE}, "", "no word of a-z"),
        ("acme", {"__init__.py": "raise SystemExit(0)"}, "", "the rules of acme cannot be loaded: SystemExit: 0"),
        ("acme", {"__init__.py": "import nothing_of_that_name"}, "", "ModuleNotFoundError"),
        ("acme", {"__init__.py": "", "d/__init__.py": "1 / 0"}, "", "ZeroDivisionError"),
        ("acme", {"__init__.py": "", "d.py": "= ="}, "", "SyntaxError"),
        ("acme", {"__init__.py": "", "d.py": RULE}, "acme_two.d", "AttributeError"),  # a module is no package
        ("acme", {"__init__.py": ""}, "", "brings no rules"),
    ],
)
def test_a_package_that_brings_no_usable_rules_is_told(
    install: Callable[..., Path], entry: str, files: dict[str, str], value: str, said: str
) -> None:
    install(entry, "acme_two", files, value)
    with pytest.raises(Refused, match=said):
        registry.rules()


def test_two_packages_with_the_same_rule_are_refused(install: Callable[..., Path]) -> None:
    for package in ("acme_three", "acme_four"):
        install("acme", package, {"__init__.py": "", "docs/__init__.py": "", "docs/stray_text.py": RULE})
    with pytest.raises(Refused, match="two rules are called acme/docs/stray-text"):
        registry.rules()


def test_a_scan_runs_them_and_outlives_one_that_raises(install: Callable[..., Path], make_repo: MakeRepo) -> None:
    broken = RULE.replace('yield Finding(path, "stands here")', 'raise SystemError("a defect")\n        yield')
    site = install("acme", "acme_five", {"__init__.py": "", "d/__init__.py": "", "d/text.py": RULE, "d/bad.py": broken})
    root = make_repo({"a.txt": "x\n"})
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(site), str(ROOT)))}
    argv = [sys.executable, "-c", START, "scan", "--select", "acme", "--format", "json"]
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True)
    assert done.returncode == 1, done.stderr.decode()
    report = json.loads(done.stdout)
    assert [(f["rule"], f["path"]) for f in report["findings"]] == [("acme/d/text", "a.txt")]
    assert report["errors"] == [{"where": "acme/d/bad", "message": "the rule stopped: SystemError: a defect"}]
