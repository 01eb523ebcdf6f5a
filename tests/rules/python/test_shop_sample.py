"""The shop: every fault of Python services, configuration and compose files is found, the traps beside them are not."""

from __future__ import annotations

import ast

import pytest

from fixers import checks, registry, samples
from fixers.config import Config
from fixers.model import Applicability
from fixers.project import MemoryReader, Project
from fixers.scan import Scan, scan

AREAS = ("python/", "config/", "compose/")
EXPECTED = {
    ("compose/no-healthcheck", "compose.yml", "cache"),
    ("compose/no-healthcheck", "compose.yml", "db"),
    ("compose/no-restart-policy", "compose.yml", ""),
    ("compose/privileged", "compose.yml", "labels"),
    ("compose/published-database", "compose.yml", "db"),
    ("compose/secret-in-environment", "compose.yml", ""),
    ("config/debug-enabled", "config/server.toml", "server.debug"),
    ("config/open-bind-without-auth", "config/server.toml", "server.bind_address"),
    ("config/tls-verification-off", "config/server.toml", "payments.verify_ssl"),
    ("config/wildcard-cors", "config/server.toml", "cors.allowed_origins.0"),
    ("python/debug-enabled", "catalog/main.py", "module.FastAPI"),
    ("python/debug-enabled", "storefront/app.py", "module.run"),
    ("python/hardcoded-secret-key", "storefront/app.py", "SECRET_KEY"),
    ("python/in-memory-sessions", "storefront/accounts.py", "sessions"),
    ("python/insecure-cookie", "storefront/app.py", ""),
    ("python/insecure-cookie", "storefront/app.py", "SESSION_COOKIE_SECURE"),
    ("python/missing-rate-limit", "storefront/app.py", "/login"),
    ("python/request-without-timeout", "storefront/rates.py", ""),
    ("python/secret-in-log", "storefront/app.py", ""),
    ("python/timing-unsafe-compare", "storefront/hooks.py", ""),
    ("python/tls-verification-off", "storefront/rates.py", ""),
    ("python/unlimited-request-body", "catalog/main.py", "body"),
    ("python/unlimited-request-body", "storefront/app.py", "module"),
    ("python/unsafe-yaml-load", "storefront/rates.py", ""),
    ("python/weak-random", "storefront/tokens.py", ""),
    ("python/wildcard-cors", "catalog/main.py", "module.cors"),
    ("python/wildcard-cors", "storefront/app.py", "module.cors"),
    ("python/wildcard-hosts", "catalog/main.py", "module.allowed_hosts"),
}


@pytest.fixture(scope="module")
def scanned() -> Scan:
    rules = [r for r in registry.rules() if r.id.startswith(AREAS) and not r.id.endswith("dev-token")]
    return scan(Project(MemoryReader(samples.files("shop_python"))), rules, Config())


def test_every_fault_is_found_and_no_trap(scanned: Scan) -> None:
    found = {(f.rule, f.path, f.anchor) for f in scanned.result().findings if f.rule in {e[0] for e in EXPECTED}}
    assert found == EXPECTED


def test_every_fix_passes_the_checks_one_after_the_other(scanned: Scan) -> None:
    now, applied = scanned, 0
    for _ in range(40):
        found = next((f for f in now.result().findings if f.fix is not None), None)
        if found is None or found.fix is None:
            break
        after = now.after(found.fix.changes)
        assert checks.refusal(now, after, found, found.fix.changes) == "", found.rule
        assert all(ast.parse(c.after or b"") for c in found.fix.changes if c.path.endswith(".py"))
        now, applied = after, applied + 1
    left = now.result().findings
    assert applied >= 22
    assert all(f.applicability is Applicability.MANUAL for f in left)


def test_an_open_bind_is_right_in_a_container(scanned: Scan) -> None:
    assert not [f for f in scanned.result().findings if f.rule == "python/open-bind"]
