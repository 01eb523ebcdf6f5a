"""The README says what the program says."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support import ROOT

BEGIN, END = "<!-- help: begin -->\n", "<!-- help: end -->"


def test_the_help_block_is_the_programs(request: pytest.FixtureRequest) -> None:
    start = f"import sys; sys.path[0] = {str(ROOT)!r}; from tui.cli import main; sys.exit(main(['--help']))"
    env = {**os.environ, "COLUMNS": "100"}
    said = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True, env=env).stdout
    block = f"{BEGIN}```\n{said}```\n{END}"
    path = ROOT / "README.md"
    text = path.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    fresh = head + block + tail
    if request.config.getoption("--update"):
        path.write_text(fresh)
    else:
        assert fresh == text, "pytest --update writes it anew"


def test_the_catalogue_is_the_rules(golden: object) -> None:
    from fixers import registry
    from fixers.reports import catalogue

    assert callable(golden)
    golden("rules.md", catalogue.markdown(registry.rules()))
