"""Traps of configuration files in every format, and that each format is edited in its own hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]

QUIET = [
    ("debug-enabled", "config.toml", "debug = false\n", "off"),
    ("debug-enabled", "Cargo.toml", "[profile.release]\ndebug = true\n", "a compiler's"),
    ("debug-enabled", "config.toml", "[logging]\ndebug = true\n", "of the log"),
    ("debug-enabled", "config.dev.toml", "debug = true\n", "for development"),
    ("debug-enabled", ".env.example", "DEBUG=1\n", "an example"),
    ("debug-enabled", "config.toml", "# for local development\ndebug = true\n", "says so at its head"),
    ("debug-enabled", ".github/workflows/ci.yml", "debug: true\n", "a workflow"),
    ("debug-enabled", "config.yml", "log_level: debug\n", "a level"),
    ("debug-enabled", "cog.yaml", "debug: true\n", "a tool's own file"),
    ("debug-enabled", "config/ast.toml", "custom_debug = true\n", "another thing called debug"),
    ("tls-verification-off", "config.yml", "verify_ssl: true\n", "on"),
    ("tls-verification-off", "config.yml", "verify: false\n", "of something"),
    ("tls-verification-off", "config.yml", "email_verification: false\n", "of a mail address"),
    ("tls-verification-off", "tests/config.yml", "verify_ssl: false\n", "tests"),
    ("wildcard-cors", "config.yml", "cors_origins: [https://a.example]\n", "named"),
    ("wildcard-cors", "config.yml", "origin: '*'\n", "an origin of something"),
    ("open-bind-without-auth", "a.toml", 'host = "0.0.0.0"\n[auth]\nenabled = true\n', "with authentication"),
    (
        "open-bind-without-auth",
        "a.toml",
        'host = "127.0.0.1"\nallow = "0.0.0.0"\n[auth]\nenabled = false\n',
        "loopback",
    ),
    ("open-bind-without-auth", "a.toml", 'host = "0.0.0.0"\n[oauth_cache]\nenabled = false\n', "no authentication"),
]


@pytest.mark.parametrize(("rule", "path", "text", "claim"), QUIET, ids=[f"{q[0]}: {q[-1]}" for q in QUIET])
def test_it_is_left_alone(find: Find, rule: str, path: str, text: str, claim: str) -> None:
    assert find(f"config/{rule}", {path: text}) == ()


CURED = [
    ("debug-enabled", ".env.production", 'NAME=a\nexport DEBUG="True" # on\n', 'NAME=a\nexport DEBUG="False" # on\n'),
    ("debug-enabled", "app.ini", "[server]\ndebug = yes\n", "[server]\ndebug = no\n"),
    ("debug-enabled", "appsettings.json", '{\n  "debugMode": true\n}\n', '{\n  "debugMode": false\n}\n'),
    (
        "debug-enabled",
        "deploy/k8s.yaml",
        'kind: Pod\nspec:\n  containers:\n    - env:\n        - name: APP_DEBUG\n          value: "1"\n',
        'kind: Pod\nspec:\n  containers:\n    - env:\n        - name: APP_DEBUG\n          value: "0"\n',
    ),
    (
        "debug-enabled",
        "compose.yml",
        "services:\n  a:\n    environment:\n      - FLASK_DEBUG=1\n",
        "services:\n  a:\n    environment:\n      - FLASK_DEBUG=0\n",
    ),
    ("tls-verification-off", "scrape.yml", "tls:\n  insecureSkipVerify: true\n", "tls:\n  insecureSkipVerify: false\n"),
    ("tls-verification-off", "c.toml", "[api]\nverify_ssl = false\n", "[api]\nverify_ssl = true\n"),
    (
        "open-bind-without-auth",
        "c.yml",
        'listen: "0.0.0.0:80"\nauth:\n  enabled: false\n',
        'listen: "127.0.0.1:80"\nauth:\n  enabled: false\n',
    ),
]


@pytest.mark.parametrize(("rule", "path", "before", "after"), CURED, ids=[f"{c[0]} {c[1]}" for c in CURED])
def test_it_is_mended(find: Find, rule: str, path: str, before: str, after: str) -> None:
    (finding,) = find(f"config/{rule}", {path: before})
    assert finding.fix is not None, finding.fixes
    assert finding.fix.changes[0].after.decode() == after


def test_in_a_container_authentication_is_the_answer(find: Find) -> None:
    files = {"Dockerfile": "FROM a\n", "c.yml": 'host: "0.0.0.0"\nauth:\n  enabled: false\n'}
    (finding,) = find("config/open-bind-without-auth", files)
    assert finding.fix is None
    assert "container" in finding.fixes[0].reason


def test_wildcard_origins_with_credentials_weigh_more(find: Find) -> None:
    (alone,) = find("config/wildcard-cors", {".env": "CORS_ORIGINS=*\n"})
    (both,) = find(
        "config/wildcard-cors", {"c.yml": 'cors:\n  origins: 1\n  allow_origins: ["*"]\n  credentials: true\n'}
    )
    assert alone.level < both.level
