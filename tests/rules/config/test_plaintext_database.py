"""config/plaintext-database: an empty key that the code reads and no line speaks of."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fixers.model import Finding, Pass, Result
from fixers.project import MemoryReader, Project
from fixers.rules.config.plaintext_database import check as rule

CODE = {"src/main.rs": 'fn key() { std::env::var("APP_DB_KEY"); settings.get("db_key"); }\n'}


def results(files: Mapping[str, str]) -> list[Result]:
    return list(rule.check(Project(MemoryReader(CODE | dict(files))).view(rule.id)))


def findings(files: Mapping[str, str]) -> list[Finding]:
    return [r for r in results(files) if isinstance(r, Finding)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("app.toml", 'db_key = "0123456789abcdef"\n', id="a key"),
        pytest.param("app.toml", 'db_key = "${APP_DB_KEY}"\n', id="a placeholder"),
        pytest.param(".env.example", "APP_DB_KEY=\n", id="a blank to fill in"),
        pytest.param("tests/fixtures/app.toml", 'db_key = ""\n', id="a fixture"),
        pytest.param("app.toml", 'public_key = ""\nkey = ""\n', id="another key"),
        pytest.param("app.toml", 'store_key = ""\n', id="a key that no code reads"),
        pytest.param("app.yaml", "db_keys: []\n", id="a list"),
    ],
)
def test_it_is_left_alone(path: str, text: str) -> None:
    assert findings({path: text}) == []


@pytest.mark.parametrize(
    ("path", "text", "after"),
    [
        ("app.toml", '[store]\n  db_key = ""\n', '[store]\n  # {}\n  db_key = ""\n'),
        ("app.yaml", "store:\n  db_key: ''\n", "store:\n  # {}\n  db_key: ''\n"),
        ("app.ini", "[store]\ndb_key =\n", "[store]\n# {}\ndb_key =\n"),
        ("app.toml", '# Empty: not encrypted.\ndb_key = ""\n', '# Empty: not encrypted.\n# {}\ndb_key = ""\n'),
    ],
)
def test_the_line_above_says_that_production_needs_a_key(path: str, text: str, after: str) -> None:
    (found,) = findings({path: text})
    assert found.fix is not None
    made = (found.fix.changes[0].after or b"").decode()
    says = (
        "empty leaves the database in plain text: production needs a key, e.g. set APP_DB_KEY to `openssl rand -hex 32`"
    )
    assert made == after.format(says)
    (said,) = results({path: made})
    assert isinstance(said, Pass)


def test_json_has_no_comments() -> None:
    (found,) = findings({"config.json": '{\n  "db_key": ""\n}\n'})
    assert found.fix is None


def test_the_guide_to_deployment_is_told_rather_than_the_readme() -> None:
    (found,) = findings({"app.toml": 'db_key = ""\n', "README.md": "# A\n", "docs/deployment.md": "# Deployment\n"})
    assert found.fix is not None
    assert found.fix.paths == ("app.toml", "docs/deployment.md")


def test_the_key_of_a_store_that_is_no_database_is_none() -> None:
    files = {"settings.toml": 'store_key = ""\n', "main.go": 'type C struct { K string `toml:"store_key"` }\n'}
    assert findings(files) == []
