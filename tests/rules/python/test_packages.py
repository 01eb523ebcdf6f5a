"""Which packages a Python file imports, read from its lines before anything is parsed."""

from __future__ import annotations

import pytest

from fixers.facts.python_project import imports
from fixers.project import MemoryReader, Project

WRITTEN = (
    ("import requests\n", {b"requests"}),
    ("import os, requests.adapters as r, sys\n", {b"os", b"requests", b"sys"}),
    ("from urllib.request import (\n    urlopen,\n)\n", {b"urllib"}),
    ("try: import httpx\nexcept ImportError: pass\n", {b"httpx"}),
    ("import os; import yaml  # and requests\n", {b"os", b"yaml"}),
    ("if True:\n\tfrom flask import Flask\n", {b"flask"}),
    ("from . import requests\nfrom .models import yaml\n", set()),
    ("important = 'imports requests'\n", set()),
)


@pytest.mark.parametrize(("text", "packages"), WRITTEN)
def test_the_packages_of_a_file_are_those_of_its_import_statements(text: str, packages: set[bytes]) -> None:
    project = Project(MemoryReader({"shop/client.py": text}))
    assert project.fact(imports) == {"shop/client.py": frozenset(packages)}
