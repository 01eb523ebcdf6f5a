"""A scan with every Python rule meets hostile files: in time, with a reason for each, and the file beside is read."""

from __future__ import annotations

import sys
import time

import pytest

from fixers import registry
from fixers.config import Config
from fixers.model import ScanResult
from fixers.project import MemoryReader, Project
from fixers.scan import scan

START = b"import requests\nfrom flask import Flask\n"
CALL = b"requests.get(u)\n"
SECONDS = 10
NEWER = "newer than the Python that runs this program"

SKIPPED = {
    "over 1 MB": (START + CALL * 66_000, "larger than 1 MB"),
    "3,000 brackets": (START + b"x = " + b"[" * 3000 + b"]" * 3000 + b"\n" + CALL, "nested too deeply"),
    "3,000 calls in each other": (START + b"requests.get(" * 3000 + b")" * 3000 + b"\n", "nested too deeply"),
    "10,000 elifs": (START + b"if a:\n    pass\n" + b"elif requests.get(u):\n    pass\n" * 10_000, "nested too deeply"),
    "10,000 terms": (START + b"requests.get(a" + b"+a" * 10_000 + b")\n", "nested too deeply"),
    "Python 2": (START + b"print 'a'\n" + CALL, "Python 2"),
    "syntax of no Python yet": (START + b"x = q'{a}'\n" + CALL, NEWER),
}
if sys.version_info < (3, 14):
    SKIPPED["a template string of 3.14"] = (START + b"x = t'{a}'\n" + CALL, NEWER)
    SKIPPED["two exceptions without brackets, 3.14"] = (
        START + b"try:\n    requests.get(u)\nexcept A, B:\n    pass\n",
        NEWER,
    )
if sys.version_info < (3, 12):
    SKIPPED["quotes in an f-string, 3.12"] = (START + b'x = f"{"a"}"\n' + CALL, NEWER)

TOLD = {
    "just under 1 MB": (START + CALL * 62_000, "more than 500 places in one file"),
    "900 attributes": (START + b"requests.get(a" + b".a" * 900 + b")\n", "nested too deeply for the parser"),
}


def scanned(data: bytes) -> ScanResult:
    rules = [r for r in registry.rules() if r.id.startswith("python/")]
    tree = {"shop/hostile.py": data, "shop/app.py": START + CALL}
    began = time.process_time()
    done = scan(Project(MemoryReader(tree)), rules, Config())
    assert time.process_time() - began < SECONDS
    assert not [r.failed for r in done.ran.values() if r.failed]
    result = done.result()
    assert any(f.path == "shop/app.py" and f.fix is not None for f in result.findings)
    return result


@pytest.mark.parametrize("name", SKIPPED)
def test_a_hostile_file_is_skipped_with_its_reason(name: str) -> None:
    data, reason = SKIPPED[name]
    result = scanned(data)
    assert [s.path for s in result.skipped if reason in s.reason] == ["shop/hostile.py"]
    assert not [f for f in result.findings if f.path == "shop/hostile.py"]


@pytest.mark.parametrize("name", TOLD)
def test_a_file_that_is_read_but_too_much_to_edit_is_told_with_the_reason(name: str) -> None:
    data, reason = TOLD[name]
    (finding,) = [f for f in scanned(data).findings if f.path == "shop/hostile.py"]
    assert finding.fix is None
    assert reason in finding.fixes[0].reason


def test_libcst_reads_the_newest_syntax() -> None:
    import libcst

    for newest in ("t'{a}'", "f'{'a'}'"):
        assert libcst.parse_module(newest).code == newest
