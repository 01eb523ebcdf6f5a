"""Traps of requests, YAML, TLS and debug mode: what looks like the fault and is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]
FLASK = "from flask import Flask\napp = Flask(__name__)\n"

QUIET = [
    ("request-without-timeout", "import requests\nrequests.get(u, timeout=5)\n", "has one"),
    ("request-without-timeout", "import requests\nrequests.get(u, **options)\n", "options may bring one"),
    ("request-without-timeout", "import httpx\nhttpx.get(u)\n", "httpx has a default of 5 s"),
    ("request-without-timeout", "def f(requests):\n    requests.get('u')\n", "another thing called requests"),
    ("request-without-timeout", "from urllib.request import urlopen\nurlopen(u, None, 5)\n", "by position"),
    (
        "request-without-timeout",
        "import requests\ns = requests.Session()\ns.mount('https://', TimeoutAdapter())\ns.get(u)\n",
        "an adapter of its own",
    ),
    (
        "request-without-timeout",
        "import requests\ns = requests.Session()\ns.request = partial(s.request, timeout=5)\ns.get(u)\n",
        "request put in its place",
    ),
    (
        "request-without-timeout",
        {
            "lib/requests/__init__.py": "",
            "lib/certifi/__init__.py": "",
            "lib/client/api.py": "import requests\nrequests.get(u)\n",
        },
        "vendored beside other packages",
    ),
    ("request-without-timeout", "# readiness\nsettings.requests.get('a')\n", "a dictionary"),
    ("unsafe-yaml-load", "import yaml\nyaml.safe_load(x)\n", "safe"),
    ("unsafe-yaml-load", "import yaml\nyaml.load(x, Loader=yaml.CSafeLoader)\n", "safe in C"),
    ("unsafe-yaml-load", "import yaml\nyaml.load(x, yaml.BaseLoader)\n", "strings only"),
    ("unsafe-yaml-load", "import yaml\nclass L(yaml.SafeLoader): ...\nyaml.load(x, Loader=L)\n", "a loader of its own"),
    ("unsafe-yaml-load", "from ruamel.yaml import YAML\nyaml = YAML()\nyaml.load(x)\n", "ruamel's round trip"),
    ("tls-verification-off", "import requests\nrequests.get(u, verify='/ca.pem', timeout=1)\n", "a bundle"),
    ("tls-verification-off", "import requests\nrequests.get('https://localhost:1', verify=False)\n", "loopback"),
    ("tls-verification-off", "check(token, verify=False)\n", "not a client"),
    ("tls-verification-off", "import jwt\njwt.decode(t, verify=False)\n", "not TLS"),
    (
        "tls-verification-off",
        "import ssl\nctx = ssl.create_default_context()\nif args.insecure:\n    ctx.verify_mode = ssl.CERT_NONE\n",
        "when the user asks for it",
    ),
    ("debug-enabled", FLASK + "app.run(debug=False)\n", "off"),
    ("debug-enabled", FLASK + "app.run(debug=options.debug)\n", "an option"),
    ("debug-enabled", FLASK + "if settings.debug:\n    app.run(debug=True)\n", "when the setting asks for it"),
    ("debug-enabled", "import asyncio, flask\nasyncio.run(main(), debug=True)\n", "asyncio"),
    ("debug-enabled", FLASK + "logger.run(debug=True)\n", "another run"),
    ("debug-enabled", {"tests/test_a.py": FLASK + "app.run(debug=True)\n"}, "a test"),
    (
        "debug-enabled",
        {"a.py": "import django\n", "s/settings/unittests.py": "MIDDLEWARE = []\nDEBUG = True\n"},
        "settings of the tests",
    ),
    ("debug-enabled", {"examples/a.py": FLASK + "app.run(debug=True)\n"}, "an example"),
    (
        "debug-enabled",
        {"a.py": "import django\n", "s/settings/dev.py": "MIDDLEWARE = []\nDEBUG = True\n"},
        "development",
    ),
    (
        "debug-enabled",
        {
            "a.py": "import django\n",
            "s/settings/base.py": "MIDDLEWARE = []\nDEBUG = True\n",
            "s/settings/production.py": "from .base import *\nDEBUG = False\n",
        },
        "production has it off",
    ),
    ("debug-enabled", FLASK + "class TestConfig:\n    DEBUG = True\n", "a class for tests"),
    (
        "debug-enabled",
        {
            "a.py": "import django\n",
            "s/settings.py": "import os\nMIDDLEWARE = []\nDEBUG = os.getenv('DEBUG', '0') == '1'\n",
        },
        "off by default",
    ),
    ("debug-enabled", "DEBUG = True\n", "no web framework"),
]


@pytest.mark.parametrize(("rule", "files", "claim"), QUIET, ids=[f"{r}: {c}" for r, _, c in QUIET])
def test_it_is_left_alone(find: Find, rule: str, files: str | Mapping[str, str], claim: str) -> None:
    assert find(f"python/{rule}", files) == ()


CURED = [
    (
        "request-without-timeout",
        "import requests\nrequests.get(a, timeout=5)\nrequests.get(b)\n",
        "import requests\nrequests.get(a, timeout=5)\nrequests.get(b, timeout=5)\n",
        "the file's own habit",
    ),
    (
        "request-without-timeout",
        "import httpx\nc = httpx.AsyncClient(timeout=None)\n",
        "import httpx\nc = httpx.AsyncClient(timeout=60)\n",
        "httpx without its own",
    ),
    (
        "request-without-timeout",
        "from urllib import request\nrequest.urlopen(u)\n",
        "from urllib import request\nrequest.urlopen(u, timeout=60)\n",
        "urllib",
    ),
    (
        "unsafe-yaml-load",
        "from yaml import load\nload(x)\n",
        "from yaml import safe_load\nsafe_load(x)\n",
        "a bare name",
    ),
    ("unsafe-yaml-load", "import yaml as y\ny.unsafe_load(x)\n", "import yaml as y\ny.safe_load(x)\n", "an alias"),
    (
        "unsafe-yaml-load",
        "import yaml\nyaml.load(x, yaml.CLoader)\n",
        "import yaml\nyaml.load(x, yaml.CSafeLoader)\n",
        "the C loader stays one",
    ),
    (
        "tls-verification-off",
        "import httpx\nasync def f():\n    async with httpx.AsyncClient(verify=False, http2=True) as c: ...\n",
        "import httpx\nasync def f():\n    async with httpx.AsyncClient(http2=True) as c: ...\n",
        "httpx",
    ),
    (
        "tls-verification-off",
        "import requests\ns = requests.Session()\ns.verify = False\n",
        "import requests\ns = requests.Session()\ns.verify = True\n",
        "a session",
    ),
    (
        "tls-verification-off",
        "import ssl\nc = ssl._create_unverified_context()\n",
        "import ssl\nc = ssl.create_default_context()\n",
        "a context",
    ),
    (
        "debug-enabled",
        "from fastapi import FastAPI\na = FastAPI(debug=True)\n",
        "from fastapi import FastAPI\na = FastAPI()\n",
        "FastAPI",
    ),
    (
        "debug-enabled",
        FLASK + "app.config['DEBUG'] = True\n",
        "import os\n\n" + FLASK + "app.config['DEBUG'] = os.environ.get('FLASK_DEBUG') == '1'\n",
        "Flask's config",
    ),
    (
        "debug-enabled",
        "import os, flask\nclass Config:\n    DEBUG = os.environ.get('DEBUG', 'true') == 'true'\n",
        "import os, flask\nclass Config:\n    DEBUG = os.environ.get('DEBUG', 'false') == 'true'\n",
        "a fallback",
    ),
]


@pytest.mark.parametrize(("rule", "before", "after", "claim"), CURED, ids=[f"{c[0]}: {c[-1]}" for c in CURED])
def test_it_is_mended(cured: Callable[[str, str], str], rule: str, before: str, after: str, claim: str) -> None:
    assert cured(f"python/{rule}", before) == after


def test_django_debug_is_read_from_the_environment(find: Find) -> None:
    files = {"a.py": "import django\n", "s/settings.py": "MIDDLEWARE = []\nDEBUG = True\n"}
    (finding,) = find("python/debug-enabled", files)
    assert (
        finding.fix.changes[0].after == b'import os\n\nMIDDLEWARE = []\nDEBUG = os.environ.get("DJANGO_DEBUG") == "1"\n'
    )
