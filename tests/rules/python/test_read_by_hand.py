"""False positives that were read in public services, each as the smallest file that has it; faults beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]
FLASK = "from flask import Flask, request, session\napp = Flask(__name__)\n"
LOG = "import logging, requests\nlog = logging.getLogger()\n"
SSL = "import ssl\ndef f(host):\n    ctx = ssl.create_default_context()\n    ctx.verify_mode = ssl.CERT_NONE\n"
CORS = "from flask import Flask\nfrom flask_cors import CORS, cross_origin\napp = Flask(__name__)\n"

QUIET: list[tuple[str, str | Mapping[str, str], str]] = [
    (
        "timing-unsafe-compare",
        FLASK + 'def f():\n    hint = request.form.get("token_type_hint")\n    return hint == REFRESH_TOKEN\n',
        "a hint of OAuth",
    ),
    (
        "timing-unsafe-compare",
        FLASK + 'def f(state):\n    token = request.form.get("token")\n'
        "    if state.get(DISMISSED_KEY) != token:\n        state[DISMISSED_KEY] = token\n",
        "asked to see whether it changed",
    ),
    (
        "timing-unsafe-compare",
        "import hashlib\ndef f(h, data):\n    sha = hashlib.sha1()\n    sha.update(data)\n"
        "    return sha.digest() == h\n",
        "a file's checksum that is fed",
    ),
    (
        "timing-unsafe-compare",
        "import hashlib\ndef f(self, cfg):\n    new = hashlib.sha256(cfg.password).hexdigest()\n"
        "    return self.old != new\n",
        "asked to see whether a setting changed",
    ),
    (
        "timing-unsafe-compare",
        "import hashlib\ndef f(self):\n    seal = hashlib.sha256(self.payload()).hexdigest()\n"
        "    return self.signature == seal\n",
        "a hash that anybody can make",
    ),
    ("timing-unsafe-compare", "def f(password, confirm_password):\n    return password == confirm_password\n", "twice"),
    ("secret-in-log", LOG + 'def make_record(token):\n    log.info(f"TXT record made: {token}")\n', "a challenge"),
    ("secret-in-log", LOG + 'def move(session_token):\n    log.info(f"moved {session_token}")\n', "a telephone call"),
    ("secret-in-log", LOG + 'class A:\n    def f(self):\n        log.info("made %r", self.token)\n', "a record's repr"),
    (
        "secret-in-log",
        {"tools/httpbrute.py": LOG + 'def f(password):\n    log.info("found %s", password)\n'},
        "a tool that tries passwords",
    ),
    ("tls-verification-off", SSL + "    return connect(ctx).getpeercert(True)\n", "to read the peer's certificate"),
    (
        "tls-verification-off",
        {"exploits/a.py": "import requests\nrequests.get(u, verify=False)\n"},
        "a proof of concept",
    ),
    (
        "in-memory-sessions",
        "from fastapi import FastAPI\nsessions = {}\ndef chat(session_id):\n    sessions[session_id] = Chat()\n",
        "conversations",
    ),
    (
        "in-memory-sessions",
        "from fastapi import FastAPI\nfrom m import User\nclass A:\n    sessions = {}\n    def f(self, user: User):\n"
        "        return self.sessions.get(user)\n",
        "only read",
    ),
    (
        "in-memory-sessions",
        "from flask import g\nclass Rooms:\n    def __init__(self):\n        self.user_sessions = dict()\n"
        "    def join(self, username, room):\n        self.user_sessions[username] = room\n",
        "rooms that users are in",
    ),
    (
        "timing-unsafe-compare",
        "import hashlib\ndef f(self):\n    expected_sig = hashlib.sha256(self.payload()).hexdigest()\n"
        "    return self.signature == expected_sig\n",
        "an expected hash that anybody can make",
    ),
    (
        "weak-random",
        'import random\ndef nonce(n):\n    return "".join(random.choice(S) for _ in range(n))\n',
        "a client's",
    ),
    (
        "secret-in-log",
        LOG
        + 'def move(session_token):\n    log.info(f"moved {session_token}")\n    post(headers={"Authorization": k})\n',
        "a call's token beside a header",
    ),
    ("wildcard-cors", CORS + "@app.post('/oauth/token')\n@cross_origin()\ndef f(): ...\n", "an endpoint of OAuth"),
    ("weak-random", "import random\ncode = random.choice(codes)\n", "one of several codes"),
    (
        "weak-random",
        "import hashlib, random\ndef cache_key():\n    d = hashlib.md5(str(random.random())).digest()\n    return d\n",
        "a key of a cache",
    ),
    ("timing-unsafe-compare", "def f(file_hash, other):\n    return digest(file_hash) == other.hash\n", "a file"),
    ("weak-random", "import random\ndef get_nonce():\n    return random.randint(1, 2**31)\n", "a miner's number"),
    (
        "insecure-cookie",
        "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef f():\n    session = load()\n"
        "    return session['user']\n",
        "another thing called session",
    ),
    (
        "insecure-cookie",
        {
            "web/wsgi.py": "from flask import Flask\nfrom web.run import create_app\n"
            "app = Flask(__name__)\napp.wsgi_app = Dispatcher(Flask('x'), {'/': create_app()})\n",
            "web/login.py": "from flask import session\ndef f():\n    session['user'] = 1\n",
            "web/run.py": "from flask import Flask\ndef create_app():\n    return make()\n",
        },
        "a frame that only dispatches",
    ),
    (
        "wildcard-cors",
        {
            "shop/settings.py": 'CORS_ORIGINS = ["https://shop.example.org"]\n',
            "shop/app.py": CORS + "CORS(app)\n@app.get('/a')\n@cross_origin()\ndef f(): ...\n",
        },
        "the setting names the origins",
    ),
    (
        "wildcard-cors",
        CORS + "@app.route('/.well-known/openid-configuration')\n@cross_origin()\ndef f(): ...\n",
        "a discovery document",
    ),
]


@pytest.mark.parametrize(("rule", "files", "claim"), QUIET, ids=[f"{r}: {c}" for r, _, c in QUIET])
def test_it_is_left_alone(find: Find, rule: str, files: str | Mapping[str, str], claim: str) -> None:
    assert find(f"python/{rule}", files) == (), claim


FOUND: list[tuple[str, str | Mapping[str, str], str]] = [
    ("secret-in-log", LOG + 'def login(token):\n    log.info("token %s", token)\n', "the function says what it is"),
    (
        "secret-in-log",
        LOG + 'def send(token):\n    log.info("token %s", token)\n    get(headers={"Authorization": token})\n',
        "it goes into a header",
    ),
    ("secret-in-log", LOG + 'def send(access_token):\n    log.info("%r", access_token)\n', "its name says what it is"),
    ("tls-verification-off", SSL + "    return urlopen(host, context=ctx)\n", "for a request"),
    ("timing-unsafe-compare", "def plain(hash_value, password):\n    return hash_value == password\n", "a stored hash"),
    ("timing-unsafe-compare", "def f(crypt, h, p):\n    return crypt.crypt(p, h) == h\n", "a module that is handed in"),
    (
        "timing-unsafe-compare",
        "import hashlib\ndef f(h, password):\n    sha = hashlib.sha1()\n    sha.update(password)\n"
        "    return sha.digest() == h\n",
        "a hash that is fed",
    ),
    (
        "timing-unsafe-compare",
        FLASK + "def f(**kwargs):\n    return kwargs.pop('key', None) == app.CONFIG.MAIL_PASSWORD\n",
        "a keyword of the request",
    ),
    (
        "timing-unsafe-compare",
        "def f(self, password):\n    return self._scrypt_hash(password, self.salt) == self.pw_hash\n",
        "a helper that hashes the password",
    ),
    (
        "timing-unsafe-compare",
        "def f(mac_value_xml, mac_value_calculated):\n    return mac_value_xml != mac_value_calculated\n",
        "a seal that is worked out again",
    ),
    (
        "debug-enabled",
        {
            "manage.py": 'import os, django\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "a.settings")\n',
            "a/settings.py": "import os\ndef extract_bool(key, default):\n"
            "    return bool(int(os.getenv(key, default)))\n"
            "DEBUG = extract_bool('DEBUG', True)\n",
        },
        "a helper of the file that reads the environment",
    ),
    (
        "insecure-cookie",
        {
            "server.py": "from flask import Flask\nfrom app.views import register_views\ndef create_app():\n"
            "    app = Flask('a')\n    register_views(app)\n    return app\n",
            "app/views.py": "from flask_login import login_user\ndef login(user):\n    login_user(user)\n",
        },
        "the login is in a package that the file imports",
    ),
    (
        "in-memory-sessions",
        {
            "web/app.py": "from fastapi import FastAPI\n",
            "web/auth.py": "from web.models import User\nactive_sessions: dict[str, User] = {}\n"
            "async def start(user: User):\n    sid = make()\n    active_sessions[sid] = user\n    return sid\n",
        },
        "a module without a framework",
    ),
    (
        "in-memory-sessions",
        "from fastapi import Response\nimport secrets\nclass Sessions:\n    def __init__(self):\n"
        "        self.sessions = {}\n    def start(self, response: Response, data):\n"
        "        sid = secrets.token_urlsafe(16)\n        self.sessions[sid] = data\n"
        '        response.set_cookie("sid", sid)\n',
        "an object that keeps them",
    ),
    (
        "in-memory-sessions",
        "from fastapi import Header\ntoken_store = {}\ndef add(username, token):\n    token_store[token] = username\n",
        "a store of tokens",
    ),
    ("debug-enabled", 'from flask import Flask\napp = Flask("a")\napp.run("127.0.0.1", 5000, True)\n', "by position"),
    ("weak-random", 'import random\ncode = "{:06d}".format(random.randint(1, 999999))\n', "a code of six digits"),
    ("weak-random", 'import random\ndef f():\n    pin = f"{random.randint(0, 9999):04d}"\n    return pin\n', "a pin"),
    (
        "weak-random",
        "import hashlib, random\ndef create_key():\n    d = hashlib.sha256(str(random.random()))\n    return d\n",
        "a hash of a random number",
    ),
    (
        "weak-random",
        'import random, django\ndef nonce(n):\n    return "".join(random.choice(S) for _ in range(n))\n',
        "a text",
    ),
    (
        "weak-random",
        'import random\nfrom flask import Flask\napp = Flask("a")\n'
        'app.config["SECRET_KEY"] = str(random.getrandbits(256))\n',
        "a signing key under its own name",
    ),
    (
        "insecure-cookie",
        {
            "web/run.py": "from flask import Flask\ndef create_app():\n    app = Flask('a')\n    register_parts(app)\n",
            "web/login.py": "from flask import session\ndef f():\n    session['user'] = 1\n",
        },
        "a factory that registers its parts",
    ),
    ("wildcard-cors", CORS + "app.config['CORS_ORIGINS'] = '*'\nCORS(app)\n", "the setting names everybody"),
]


@pytest.mark.parametrize(("rule", "files", "claim"), FOUND, ids=[f"{r}: {c}" for r, _, c in FOUND])
def test_it_is_found(find: Find, rule: str, files: str | Mapping[str, str], claim: str) -> None:
    assert find(f"python/{rule}", files), claim


def test_the_places_of_a_file_are_one_finding_those_with_credentials_another(find: Find) -> None:
    routes = "".join(f"@app.get('/{n}')\n@cross_origin()\ndef f{n}(): ...\n" for n in range(3))
    both = CORS + routes + "@app.get('/c')\n@cross_origin(supports_credentials=True)\ndef c(): ...\n"
    found = find("python/wildcard-cors", both)
    assert sorted(len(f.locations) for f in found) == [0, 3]
    assert all(f.fix is not None for f in found)


@pytest.mark.parametrize("path", ["deploy/molecule/testinfra/vars.yml", "site/zrok_versioned_docs/etc/app.yml"])
def test_configuration_of_tests_and_old_documents_is_left_alone(find: Find, path: str) -> None:
    assert find("config/dev-token", {path: "auth_token: changeme\n"}) == ()


def test_an_example_of_what_not_to_do_is_left_alone(find: Find) -> None:
    text = "# A\n\n```sh\n# Wrong - a weak key\nSECRET_KEY=mysecret\n```\n"
    assert find("config/dev-token", {"README.md": text}) == ()


def test_only_the_application_that_reads_requests_needs_a_limit(find: Find) -> None:
    files = {
        "shop/cli.py": "from flask import Flask\napp = Flask(__name__)\n",
        "shop/web.py": FLASK + '@app.post("/a")\ndef f():\n    return request.get_json()\n',
    }
    assert {f.path for f in find("python/unlimited-request-body", files)} == {"shop/web.py"}
