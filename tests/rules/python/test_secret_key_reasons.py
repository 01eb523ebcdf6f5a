"""The reason of a required key names what would fail without it: image builds, tests, the CI."""

import pytest

from fixers.model import Finding
from fixers.project import MemoryReader, Project
from fixers.rules.python.hardcoded_secret_key import check

CONFIG = {
    "config.py": "import os\nimport flask\n\n\nclass Config:\n    SECRET_KEY = os.environ.get('SECRET_KEY') or 'x1'\n"
}
DOCKER = {"Dockerfile": "FROM python:3\nRUN pip install flask gunicorn\nCOPY . .\nRUN flask translate compile\nCMD x\n"}
TESTS = {"tests.py": "import unittest\nfrom config import Config\n"}
CI = {".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      - run: python -m unittest tests\n"}
REASONS = {
    "a deployment alone": (CONFIG, ""),
    "an image build": ({**CONFIG, **DOCKER}, "; without it RUN flask translate compile in Dockerfile fails"),
    "an image build that has a key": (
        {**CONFIG, "Dockerfile": DOCKER["Dockerfile"].replace("RUN flask", "RUN SECRET_KEY=x flask")},
        "",
    ),
    "tests": ({**CONFIG, **TESTS}, "; without it tests that import it fail (tests.py)"),
    "tests that the CI runs": ({**CONFIG, **TESTS, **CI}, "(tests.py, run by .github/workflows/ci.yml)"),
    "tests that set it": ({**CONFIG, "tests.py": TESTS["tests.py"] + 'os.environ["SECRET_KEY"] = "x"\n'}, ""),
    "tests of something else": ({**CONFIG, "tests.py": "import unittest\n"}, ""),
}


@pytest.mark.parametrize(("tree", "reason"), REASONS.values(), ids=list(REASONS))
def test_the_reason_names_what_fails(tree: dict[str, str], reason: str) -> None:
    (found,) = (r for r in check.check(Project(MemoryReader(tree))) if isinstance(r, Finding))
    assert found.fix is not None
    assert found.fix.reason.endswith(reason or "sessions and tokens signed with the old key end")
