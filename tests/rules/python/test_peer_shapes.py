"""Shapes that the peers' examples have and ours had not: loaders, tickets, settings that manage.py names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fixers.model import Applicability, Severity

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]
JWT = "import jwt\n"
TICKET = "from pyramid.authentication import AuthTktCookieHelper\n"
MANAGE = {"manage.py": 'import os, django\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'}

CURED = [
    (
        "unsafe-yaml-load",
        "import yaml\nclass L(yaml.Loader): ...\n",
        "import yaml\nclass L(yaml.SafeLoader): ...\n",
        "a loader of the file's own",
    ),
    (
        "unsafe-yaml-load",
        "from yaml import UnsafeLoader\nclass L(A, UnsafeLoader): ...\n",
        "from yaml import SafeLoader\nclass L(A, SafeLoader): ...\n",
        "the import goes with its name",
    ),
    (
        "unsafe-yaml-load",
        "from yaml import load, Loader, dump\nload(x, Loader=Loader)\n",
        "from yaml import SafeLoader\nfrom yaml import load, dump\nload(x, Loader=SafeLoader)\n",
        "the import goes from among others",
    ),
    (
        "unsafe-yaml-load",
        "import yaml as y\nfrom yaml import Loader\ny.load(x, Loader=Loader)\n",
        "import yaml as y\ny.load(x, Loader=y.SafeLoader)\n",
        "by the module that is there",
    ),
    (
        "unsafe-yaml-load",
        "import yaml\nyaml.load(x, Loader=yaml.Loader, **more)\n",
        "import yaml\nyaml.load(x, Loader=yaml.SafeLoader, **more)\n",
        "the loader is given, whatever else is",
    ),
    (
        "unsafe-yaml-load",
        "import yaml\nyaml.unsafe_load(x)\ndef f():\n    yaml = YAML()\n    yaml.load(x)\n",
        "import yaml\nyaml.safe_load(x)\ndef f():\n    yaml = YAML()\n    yaml.load(x)\n",
        "another function has its own yaml",
    ),
    (
        "request-without-timeout",
        "import requests\nrequests.get(a, timeout=0.5)\nrequests.get(b)\n",
        "import requests\nrequests.get(a, timeout=0.5)\nrequests.get(b, timeout=60)\n",
        "half a second was meant for one peer",
    ),
    (
        "insecure-cookie",
        TICKET + "helper = AuthTktCookieHelper(secret=key, secure=False)\n",
        TICKET + "helper = AuthTktCookieHelper(secret=key, secure=True, httponly=True)\n",
        "Pyramid's login cookie",
    ),
    (
        "hardcoded-secret-key",
        JWT + 'def f(p):\n    secret = "s3cr3t"\n    return jwt.encode(p, secret)\n',
        "import os\n\n" + JWT + 'def f(p):\n    secret = os.environ["SECRET"]\n    return jwt.encode(p, secret)\n',
        "a local name",
    ),
]


@pytest.mark.parametrize(("rule", "before", "after", "claim"), CURED, ids=[f"{c[0]}: {c[-1]}" for c in CURED])
def test_it_is_mended(cured: Callable[[str, str], str], rule: str, before: str, after: str, claim: str) -> None:
    assert cured(f"python/{rule}", before) == after, claim


QUIET: list[tuple[str, str | Mapping[str, str], str]] = [
    ("unsafe-yaml-load", "import yaml\nyaml.load(x, **options)\n", "options may bring the loader"),
    ("unsafe-yaml-load", "import yaml\nclass L(yaml.SafeLoader): ...\n", "a safe loader of its own"),
    ("insecure-cookie", TICKET + "AuthTktCookieHelper(key, secure=True, httponly=True)\n", "a closed ticket"),
    ("hardcoded-secret-key", JWT + "def f(p, secret):\n    return jwt.encode(p, secret)\n", "a parameter"),
    ("debug-enabled", MANAGE | {"shop/other.py": "DEBUG = True\n"}, "a file that manage.py does not name"),
]


@pytest.mark.parametrize(("rule", "files", "claim"), QUIET, ids=[f"{r}: {c}" for r, _, c in QUIET])
def test_it_is_left_alone(find: Find, rule: str, files: str | Mapping[str, str], claim: str) -> None:
    assert find(f"python/{rule}", files) == (), claim


@pytest.mark.parametrize("path", ["shop/settings.py", "shop/settings/__init__.py"])
def test_settings_that_manage_py_names_are_djangos(find: Find, path: str) -> None:
    (finding,) = find("python/debug-enabled", MANAGE | {path: "DEBUG = True\n"})
    assert finding.path == path


def test_a_full_loader_is_told_and_weighs_little(find: Find) -> None:
    (finding,) = find("python/unsafe-yaml-load", "import yaml\nyaml.load(x, Loader=yaml.FullLoader)\n")
    assert (finding.level, finding.applicability) == (Severity.LOW, Applicability.SAFE)


def test_a_loader_in_c_or_else_in_python_is_told_with_what_to_import(find: Find) -> None:
    both = "try:\n    from yaml import CLoader as L\nexcept ImportError:\n    from yaml import Loader as L\n"
    (finding,) = find("python/unsafe-yaml-load", both + "import yaml\nyaml.load(x, Loader=L)\n")
    assert finding.fix is None
    assert "CSafeLoader" in finding.fixes[0].reason


SHADOWED = [
    ("tls-verification-off", "import ssl\ndef f(ssl):\n    g(ssl)\nssl._create_unverified_context()\n"),
    ("debug-enabled", "from flask import Flask\napp = Flask(__name__)\nos = 1\napp.config['DEBUG'] = True\n"),
]


@pytest.mark.parametrize(("rule", "source"), SHADOWED, ids=[s[0] for s in SHADOWED])
def test_a_name_that_is_taken_elsewhere_costs_no_other_finding(find: Find, rule: str, source: str) -> None:
    assert find(f"python/{rule}", source)
