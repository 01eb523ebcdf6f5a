"""Traps of settings, secrets, cookies, CORS, binds and limits: what looks like the fault and is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]
FLASK = "import os\nfrom flask import Flask, request\napp = Flask(__name__)\n"
DJANGO = 'import os\nimport django\nROOT_URLCONF = "a.urls"\n'
LOG = "import logging\nfrom flask import request\nlog = logging.getLogger()\n"

QUIET: list[tuple[str, str | Mapping[str, str], str]] = [
    ("hardcoded-secret-key", FLASK + 'app.secret_key = os.environ["KEY"]\n', "from the environment"),
    ("hardcoded-secret-key", FLASK + 'app.config["SECRET_KEY"] = os.environ.get("K", "")\n', "an empty fallback"),
    ("hardcoded-secret-key", FLASK + "app.secret_key = secrets.token_hex()\n", "made at start"),
    ("hardcoded-secret-key", FLASK + 'app.config["SECRET_KEY_FILE"] = "/run/secrets/key"\n', "the path of a file"),
    ("hardcoded-secret-key", FLASK + 'app.config["SECRET_KEY"] = "{{ cookiecutter.key }}"\n', "a template"),
    ("hardcoded-secret-key", FLASK + 'class TestConfig:\n    SECRET_KEY = "x"\n', "a class for tests"),
    ("hardcoded-secret-key", {"a/settings/local.py": DJANGO + 'SECRET_KEY = "x"\n'}, "settings for development"),
    ("hardcoded-secret-key", {"tests/settings.py": DJANGO + 'SECRET_KEY = "x"\n'}, "tests"),
    ("hardcoded-secret-key", 'SECRET_KEY_CHARSET = "abc"\n', "no web framework"),
    ("wildcard-hosts", {"a/settings.py": DJANGO + 'ALLOWED_HOSTS = ["shop.example"]\n'}, "named"),
    ("wildcard-hosts", {"a/settings/dev.py": DJANGO + 'ALLOWED_HOSTS = ["*"]\n'}, "development"),
    ("wildcard-hosts", {"a/settings.py": DJANGO + 'if DEBUG:\n    ALLOWED_HOSTS = ["*"]\n'}, "only in debug mode"),
    (
        "wildcard-hosts",
        {
            "a/settings/base.py": DJANGO + 'ALLOWED_HOSTS = ["*"]\n',
            "a/settings/prod.py": "from .base import *\nALLOWED_HOSTS = ['x']\n",
        },
        "production names them",
    ),
    ("open-bind", {"a.py": FLASK + 'app.run(host="0.0.0.0")\n', "Dockerfile": "FROM python\n"}, "in a container"),
    ("open-bind", FLASK + 'app.run(host="127.0.0.1")\n', "loopback"),
    ("open-bind", FLASK + 'if args.public:\n    app.run(host="0.0.0.0")\n', "when asked for"),
    ("open-bind", FLASK + 'if ip == "0.0.0.0":\n    runner.run(ip)\n', "a comparison"),
    ("weak-random", "import random\ndelay = random.random()\n", "jitter"),
    ("weak-random", "import random\napi_key = random.choice(api_keys)\n", "one of several"),
    ("weak-random", "import random\nnum_tokens = random.randint(1, 9)\n", "a number of tokens"),
    ("weak-random", "import random, torch\ntoken = random.choice(vocabulary)\n", "machine learning"),
    ("weak-random", "import random\ntoken = random.SystemRandom().choice(x)\n", "the system's generator"),
    ("weak-random", "import random\nrandom.seed(1)\ntoken = random.choice(x)\n", "meant to be repeatable"),
    ("insecure-cookie", FLASK + 'r.set_cookie("session", t, secure=True, httponly=True)\n', "both"),
    ("insecure-cookie", FLASK + 'r.set_cookie("session", t, secure=request.is_secure, httponly=True)\n', "decided"),
    ("insecure-cookie", FLASK + 'r.set_cookie("session", t, **options)\n', "options may bring it"),
    ("insecure-cookie", FLASK + 'r.set_cookie("session", "", expires=0)\n', "a deletion"),
    ("insecure-cookie", FLASK + 'r.set_cookie("theme", "dark")\n', "a preference"),
    ("insecure-cookie", FLASK + 'r.set_cookie("is_logged_in", "true")\n', "a flag for the page"),
    ("insecure-cookie", FLASK + 'r.set_cookie("csrf_token", t, secure=True)\n', "scripts read it"),
    ("insecure-cookie", 'jar.set_cookie("session", t)\n', "no web framework"),
    ("insecure-cookie", {"a/settings/dev.py": DJANGO + "SESSION_COOKIE_SECURE = False\n"}, "development"),
    ("wildcard-cors", 'app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"])\n', "named"),
    ("wildcard-cors", "app.add_middleware(CORSMiddleware, allow_origins=settings.origins)\n", "from the settings"),
    ("wildcard-cors", 'from flask_cors import CORS\nCORS(app, origins=["https://a.example"])\n', "named, Flask"),
    ("wildcard-cors", "from flask_cors import CORS\nCORS(app, resources=paths)\n", "per path"),
    ("timing-unsafe-compare", "import hmac\nok = hmac.compare_digest(a.token, b.token)\n", "constant time"),
    ("timing-unsafe-compare", FLASK + 'if request.headers.get("X-Token") == "":\n    pass\n', "compared with nothing"),
    ("timing-unsafe-compare", "if token == END_TOKEN:\n    pass\n", "a parser's token"),
    ("timing-unsafe-compare", FLASK + "if form.password == form.password_again:\n    pass\n", "typed twice"),
    ("timing-unsafe-compare", "if node.type == TOKEN_TYPE:\n    pass\n", "a type called token"),
    ("secret-in-log", LOG + 'log.info("%s", token_count)\n', "a number"),
    ("secret-in-log", LOG + 'log.info("%d", len(password))\n', "a length"),
    ("secret-in-log", LOG + 'log.info("next: %s", next_token)\n', "a page"),
    ("secret-in-log", LOG + 'log.info("wrong password for %s", user)\n', "only the word"),
    ("secret-in-log", LOG + 'log.info("%s", checkout.token)\n', "a name"),
    ("secret-in-log", LOG + "log.info(f'{has_password} {mask(token)} {user.token_id}')\n", "about it"),
    ("secret-in-log", 'import logging\nlogging.debug("token %s", token)\n', "a parser's token"),
    ("secret-in-log", LOG + "math.log(token, 2)\n", "another log"),
    ("unlimited-request-body", FLASK + 'app.config["MAX_CONTENT_LENGTH"] = 1\nrequest.get_json()\n', "limited"),
    ("unlimited-request-body", FLASK, "no body is read"),
    (
        "unlimited-request-body",
        {"a.py": FLASK + "request.get_json()\n", "deploy/nginx.conf": "client_max_body_size 1m;\n"},
        "the proxy limits",
    ),
    ("unlimited-request-body", "from aiohttp import web\nweb.Application(client_max_size=2 * 1024 * 1024)\n", "2 MB"),
    ("missing-rate-limit", FLASK + '@app.post("/orders")\ndef f(): ...\n', "no login"),
    ("missing-rate-limit", FLASK + '@app.route("/login")\ndef f(): ...\n', "only a form"),
    (
        "missing-rate-limit",
        {"a.py": FLASK + '@app.post("/login")\ndef f(): ...\n', "nginx.conf": "limit_req zone=a;\n"},
        "the proxy limits",
    ),
    ("in-memory-sessions", "from flask import g\nsessions = {}\ndef f():\n    print(sessions)\n", "never written"),
    ("in-memory-sessions", "sessions = {}\ndef f(a):\n    sessions[a] = 1\n", "no web framework"),
    ("in-memory-sessions", "from flask import g\ncache = {}\ndef f(a):\n    cache[a] = 1\n", "a cache"),
]


@pytest.mark.parametrize(("rule", "files", "claim"), QUIET, ids=[f"{r}: {c}" for r, _, c in QUIET])
def test_it_is_left_alone(find: Find, rule: str, files: str | Mapping[str, str], claim: str) -> None:
    assert find(f"python/{rule}", files) == ()


CURED = [
    (
        "hardcoded-secret-key",
        FLASK + 'app.secret_key = b"x"\n',
        FLASK + 'app.secret_key = os.environ["SECRET_KEY"].encode()\n',
        "bytes",
    ),
    (
        "hardcoded-secret-key",
        FLASK + 'app.config.update(SECRET_KEY="x", B=1)\n',
        FLASK + 'app.config.update(SECRET_KEY=os.environ["SECRET_KEY"], B=1)\n',
        "update",
    ),
    (
        "hardcoded-secret-key",
        FLASK + 'class Config:\n    SECRET_KEY = os.environ.get("APP_KEY") or "dev"\n',
        FLASK + 'class Config:\n    SECRET_KEY = os.environ["APP_KEY"]\n',
        "or",
    ),
    (
        "hardcoded-secret-key",
        "import fastapi\nfrom pydantic import BaseSettings\nclass S(BaseSettings):\n    secret_key: str = 'x'\n",
        "import fastapi\nfrom pydantic import BaseSettings\nclass S(BaseSettings):\n    secret_key: str\n",
        "a settings class",
    ),
    (
        "hardcoded-secret-key",
        'import os\nimport jwt\nKEY = "x"\njwt.encode(a, KEY)\n',
        'import os\nimport jwt\nKEY = os.environ["KEY"]\njwt.encode(a, KEY)\n',
        "what a token is signed with",
    ),
    (
        "hardcoded-secret-key",
        'import flask\nfrom decouple import config\nclass Config:\n    SECRET_KEY = config("KEY", default="x")\n',
        'import flask\nfrom decouple import config\nclass Config:\n    SECRET_KEY = config("KEY")\n',
        "decouple",
    ),
    (
        "open-bind",
        FLASK + 'app.run(host=os.getenv("ADDRESS", "0.0.0.0"))\n',
        FLASK + 'app.run(host=os.getenv("ADDRESS", "127.0.0.1"))\n',
        "a fallback",
    ),
    (
        "open-bind",
        'import os, aiohttp.web\nfrom http.server import HTTPServer\nHTTPServer(("0.0.0.0", 80), H)\n',
        "import os, aiohttp.web\nfrom http.server import HTTPServer\n"
        'HTTPServer((os.environ.get("HOST", "127.0.0.1"), 80), H)\n',
        "http.server",
    ),
    (
        "weak-random",
        "import random\npassword = ''.join(random.choices(letters, k=12))\nrandom.shuffle(cards)\n",
        "import random\nimport secrets\n"
        "password = ''.join(secrets.SystemRandom().choices(letters, k=12))\nrandom.shuffle(cards)\n",
        "random is still used",
    ),
    (
        "weak-random",
        "import random\ndef f(secrets):\n    token = random.getrandbits(128)\n",
        "import random\ndef f(secrets):\n    token = random.SystemRandom().getrandbits(128)\n",
        "the name secrets is taken",
    ),
    (
        "insecure-cookie",
        FLASK + 'r.set_cookie("session", t, httponly=True, secure=False)\n',
        FLASK + 'r.set_cookie("session", t, httponly=True, secure=True, samesite="Lax")\n',
        "written out as False",
    ),
    (
        "insecure-cookie",
        'from fastapi import Response\nr.set_cookie(key="csrf", value=t)\n',
        'from fastapi import Response\nr.set_cookie(key="csrf", value=t, secure=True)\n',
        "for scripts, Starlette",
    ),
    (
        "wildcard-cors",
        "import os\nfrom flask_cors import CORS\nCORS(app, supports_credentials=True)\n",
        "import os\nfrom flask_cors import CORS\n"
        "CORS(\n    app,\n    supports_credentials=True,\n"
        '    origins=os.environ.get("CORS_ORIGINS", "").split(","),\n)\n',
        "flask-cors without origins",
    ),
    (
        "wildcard-cors",
        'import os\nfrom flask_cors import CORS\nCORS(app, resources={"/api/*": {"origins": "*"}})\n',
        "import os\nfrom flask_cors import CORS\n"
        'CORS(app, resources={"/api/*": {"origins": os.environ.get("CORS_ORIGINS", "").split(",")}})\n',
        "flask-cors by path",
    ),
    (
        "timing-unsafe-compare",
        'import os\nfrom flask import request\nif request.headers.get("X-Key") != os.environ["API_KEY"]:\n    pass\n',
        "import hmac\nimport os\nfrom flask import request\n"
        'if not hmac.compare_digest(request.headers.get("X-Key") or "", os.environ["API_KEY"]):\n    pass\n',
        "a header, absent at times",
    ),
    (
        "secret-in-log",
        LOG + 'log.info("for " + user + ": " + password)\n',
        LOG + 'log.info("for " + user + ": " + "[redacted]")\n',
        "added up",
    ),
    (
        "secret-in-log",
        LOG + 'log.error(f"{user}: {access_token!r:>10}")\nlog.error(f"no {password}")\n',
        LOG + 'log.error(f"{user}: [redacted]")\nlog.error("no [redacted]")\n',
        "f-strings",
    ),
    (
        "unlimited-request-body",
        "from aiohttp import web\nweb.Application(client_max_size=0)\n",
        "from aiohttp import web\nweb.Application(client_max_size=16 * 1024 * 1024)\n",
        "aiohttp",
    ),
]


@pytest.mark.parametrize(("rule", "before", "after", "claim"), CURED, ids=[f"{c[0]}: {c[-1]}" for c in CURED])
def test_it_is_mended(cured: Callable[[str, str], str], rule: str, before: str, after: str, claim: str) -> None:
    assert cured(f"python/{rule}", before) == after


ADVICE = [
    (
        "in-memory-sessions",
        "from fastapi import FastAPI\nSESSIONS: dict[str, str] = {}\ndef login(a):\n    SESSIONS[a] = 1\n",
    ),
    (
        "missing-rate-limit",
        "from fastapi import APIRouter\nr = APIRouter()\n@r.post('/auth/token')\nasync def f(): ...\n",
    ),
    (
        "unlimited-request-body",
        "from fastapi import Request\nasync def f(request: Request):\n    await request.body()\n",
    ),
    ("hardcoded-secret-key", FLASK + 'app.secret_key = my_env("SECRET_KEY", "dev")\n'),
]


@pytest.mark.parametrize(("rule", "source"), ADVICE, ids=range(len(ADVICE)))
def test_what_a_person_must_do_is_said(find: Find, rule: str, source: str) -> None:
    (finding,) = find(f"python/{rule}", source)
    assert finding.fix is None
    assert finding.steps
