"""Shapes of faults that people mended by hand in public projects, and what they left beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]
FLASK = "import os\nfrom flask import Flask, request, session\napp = Flask(__name__)\n"
DJANGO = 'import os\nimport django\nROOT_URLCONF = "a.urls"\n'
SESSIONS = DJANGO + 'MIDDLEWARE = ["a.SessionMiddleware", "a.CsrfViewMiddleware"]\n'
LOG = "import logging\nfrom flask import request\nlog = logging.getLogger()\n"

FOUND: list[tuple[str, str | Mapping[str, str], str]] = [
    (
        "timing-unsafe-compare",
        FLASK + 'def ours():\n    token = session.get("csrf_token")\n    sent = request.headers.get("X-CSRF")\n'
        "    return token != sent\n",
        "both sides are local names",
    ),
    (
        "timing-unsafe-compare",
        FLASK + 'def ours(self):\n    head = request.headers.get("Authorization", "")\n    token = head[7:].strip()\n'
        "    return token == self._api_key\n",
        "a part of a header",
    ),
    (
        "timing-unsafe-compare",
        FLASK + 'API_KEY = os.environ["API_KEY"]\n'
        'def ours():\n    return request.headers.get("Authorization") == f"Bearer {API_KEY}"\n',
        "the secret in a text",
    ),
    (
        "timing-unsafe-compare",
        'from hashlib import sha256\ndef ours(c, s):\n    return sha256(c["id"] + s).hexdigest() != c["signature"]\n',
        "a signature made with a plain hash",
    ),
    (
        "timing-unsafe-compare",
        "import hashlib\ndef ours(password, row):\n    return hashlib.md5(password).hexdigest() == row.stored\n",
        "the hash of a password",
    ),
    (
        "timing-unsafe-compare",
        FLASK + 'def ours(url):\n    h = new_hmac(app.key, url)\n    return h == request.args.get("h")\n',
        "made by a helper",
    ),
    ("timing-unsafe-compare", "import crypt\ndef ours(p, h):\n    return crypt.crypt(p, h) == h\n", "crypt"),
    (
        "debug-enabled",
        {"a/settings.py": DJANGO + 'DEBUG = flag(os.environ.get("DEBUG")) or True\n'},
        "or True is always on",
    ),
    ("insecure-cookie", {"a/settings.py": SESSIONS}, "Django, both flags never set"),
    ("insecure-cookie", {"a/settings.py": SESSIONS + "SESSION_COOKIE_SECURE = True\n"}, "Django, one never set"),
    ("insecure-cookie", FLASK + '@app.get("/")\ndef home():\n    session["user"] = 1\n', "Flask, never set"),
    (
        "weak-random",
        'import random, string\nsession = "".join(random.choice(string.ascii_letters) for _ in range(64))\n',
        "a session made of characters",
    ),
    (
        "weak-random",
        'import random\ntoken_key = "".join(random.choice(token_symbols) for _ in range(32))\n',
        "characters for a token",
    ),
    (
        "weak-random",
        'import random\ndef generate():\n    return "".join(random.choice(CHARS) for _ in range(TOKEN_LENGTH))\n',
        "as long as a token",
    ),
    ("open-bind", FLASK + 'def serve(host="0.0.0.0"):\n    app.run(host=host)\n', "a parameter's default"),
    (
        "open-bind",
        FLASK + 'cli.add_argument("--host", default="0.0.0.0")\nargs = cli.parse_args()\napp.run(host=args.host)\n',
        "an option's default",
    ),
    ("secret-in-log", LOG + 'log.debug(f"token is {self._token[0]}")\n', "the token of a pair"),
]


@pytest.mark.parametrize(("rule", "files", "claim"), FOUND, ids=[f"{r}: {c}" for r, _, c in FOUND])
def test_it_is_found(find: Find, rule: str, files: str | Mapping[str, str], claim: str) -> None:
    assert find(f"python/{rule}", files), claim


QUIET: list[tuple[str, str | Mapping[str, str], str]] = [
    (
        "timing-unsafe-compare",
        FLASK + 'def page(token):\n    return db.query(User).filter(User.token == request.args["token"])\n',
        "a condition of a query",
    ),
    (
        "timing-unsafe-compare",
        "import hashlib\ndef same(data, digest):\n    return hashlib.sha256(data).hexdigest() == digest\n",
        "the checksum of a file",
    ),
    (
        "timing-unsafe-compare",
        "def form(password, password_again):\n    return password == password_again\n",
        "typed twice",
    ),
    (
        "timing-unsafe-compare",
        FLASK + 'def page():\n    token = request.args.get("token")\n    return token == previous\n',
        "with nothing that is kept",
    ),
    (
        "timing-unsafe-compare",
        FLASK + 'def grant():\n    grant_type = request.form["grant_type"]\n    return grant_type == REFRESH_TOKEN\n',
        "the name of a kind",
    ),
    (
        "timing-unsafe-compare",
        FLASK + "def ours(user, password):\n    return password == user.password_hash\n",
        "an object that compares hashes itself",
    ),
    ("debug-enabled", {"a/settings.py": DJANGO + 'DEBUG = flag(os.environ.get("DEBUG")) or False\n'}, "or False"),
    (
        "insecure-cookie",
        {"a/settings.py": SESSIONS + 'SESSION_COOKIE_SECURE = env("S")\nCSRF_COOKIE_SECURE = True\n'},
        "both are set",
    ),
    ("insecure-cookie", {"a/settings.py": DJANGO + "MIDDLEWARE = []\n"}, "Django without sessions"),
    ("insecure-cookie", FLASK + '@app.get("/")\ndef home():\n    return ""\n', "Flask without sessions"),
    (
        "insecure-cookie",
        {
            "a.py": FLASK + '@app.get("/")\ndef home():\n    session["user"] = 1\n',
            "config.toml": "SESSION_COOKIE_SECURE = true\n",
        },
        "Flask, set in a file",
    ),
    (
        "insecure-cookie",
        "from flask import Flask, session\nfrom flask_talisman import Talisman\napp = Flask(__name__)\nTalisman(app)\n"
        'def home():\n    session["user"] = 1\n',
        "Talisman sets it",
    ),
    ("weak-random", "import random\nsession = random.choice(pool)\n", "one of a pool"),
    ("open-bind", FLASK + 'def serve(host="127.0.0.1"):\n    app.run(host=host)\n', "a default of loopback"),
    (
        "insecure-cookie",
        {"main.py": FLASK, "other.py": FLASK + '@app.get("/")\ndef home():\n    session["user"] = 1\n'},
        "main.py: another application has the sessions",
    ),
    (
        "wildcard-cors",
        FLASK + 'from flask_cors import CORS\nif app.config["CORS_ENABLED"]:\n    CORS(app)\n',
        "only when it is asked for",
    ),
    ("secret-in-log", LOG + 'log.debug(f"valid for {self._token[1]}")\n', "what stands beside a token"),
    ("secret-in-log", LOG + 'log.debug(f"token is {tokens[0]}")\n', "a word of a text"),
]


@pytest.mark.parametrize(("rule", "files", "claim"), QUIET, ids=[f"{r}: {c}" for r, _, c in QUIET])
def test_it_is_left_alone(find: Find, rule: str, files: str | Mapping[str, str], claim: str) -> None:
    path = claim.partition(":")[0]
    found = [f for f in find(f"python/{rule}", files) if f.path == path or not path.endswith(".py")]
    assert not found, claim


CURED = [
    (
        "timing-unsafe-compare",
        FLASK + 'API_KEY = os.environ["API_KEY"]\n'
        'def ours():\n    return request.headers.get("Auth_Token") == f"Key {API_KEY}"\n',
        "import hmac\n" + FLASK + 'API_KEY = os.environ["API_KEY"]\n'
        'def ours():\n    return hmac.compare_digest(request.headers.get("Auth_Token") or "", f"Key {API_KEY}")\n',
        "the text stays as it was written",
    ),
    (
        "insecure-cookie",
        FLASK + '@app.get("/")\ndef home():\n    session["user"] = 1\n',
        FLASK + 'app.config["SESSION_COOKIE_SECURE"] = True\n@app.get("/")\ndef home():\n    session["user"] = 1\n',
        "Flask",
    ),
    (
        "open-bind",
        FLASK + 'def serve(host="0.0.0.0"):\n    app.run(host=host)\n',
        FLASK + 'def serve(host="127.0.0.1"):\n    app.run(host=host)\n',
        "the default changes, not the call",
    ),
]


@pytest.mark.parametrize(("rule", "before", "after", "claim"), CURED, ids=[f"{c[0]}: {c[-1]}" for c in CURED])
def test_it_is_mended(cured: Callable[[str, str], str], rule: str, before: str, after: str, claim: str) -> None:
    assert cured(f"python/{rule}", before) == after, claim


def test_django_flags_follow_debug_after_the_last_setting(find: Find) -> None:
    text = SESSIONS + "DEBUG = flag()\nif DEBUG:\n    EXTRA = 1\n"
    (finding,) = find("python/insecure-cookie", {"a/settings.py": text})
    (change,) = finding.fixes[0].changes
    wanted = text.replace("flag()\n", "flag()\nSESSION_COOKIE_SECURE = not DEBUG\nCSRF_COOKIE_SECURE = not DEBUG\n")
    assert change.after == wanted.encode()
