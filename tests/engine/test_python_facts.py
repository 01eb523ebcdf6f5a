"""What a name means in a Python file: resolved where it can be, left alone where it cannot."""

from __future__ import annotations

import pytest

from fixers.facts.python import Module, module
from fixers.facts.python_project import dependencies, fallback, is_development, is_product
from fixers.model import Refused
from fixers.project import MemoryReader, Project

HEAD = "import requests\nfrom requests import Session, get as fetch\nfrom flask import Flask\n"

TARGETS = [
    ("requests.get(u)", "requests.get", "plain"),
    ("fetch(u)", "requests.get", "alias"),
    ("import requests as r\nr.post(u)", "requests.post", "module alias"),
    ("s = Session()\ns.get(u)", "requests.Session().get", "instance"),
    ("s = None\ns = Session()\ns.get(u)", "requests.Session().get", "None first"),
    ("with Session() as s:\n    s.get(u)", "requests.Session().get", "with"),
    ("async def f(s: Session | None):\n    s.get(u)", "requests.Session().get", "annotated"),
    (
        "class A:\n    def __init__(self):\n        self.s = Session()\n    def f(self):\n        self.s.get(u)",
        "requests.Session().get",
        "attribute",
    ),
    ("def make():\n    app = Flask(__name__)\n    return app\napp = make()\napp.run()", "flask.Flask().run", "factory"),
    ("def f(requests):\n    requests.get(u)", "", "a parameter shadows it"),
    ("s = Session()\ns = other()\ns.get(u)", "", "two meanings"),
    ("def f():\n    requests = fake()\n    requests.get(u)", "", "a local shadows it"),
    ("class A:\n    get = fetch\n    def f(self):\n        get(u)", "", "class names are not seen by methods"),
    ("a = b\nb = a\na.get(u)", "", "a circle"),
]


@pytest.mark.parametrize(("source", "target", "claim"), TARGETS, ids=[c for *_, c in TARGETS])
def test_a_call_is_resolved_to_where_it_comes_from(source: str, target: str, claim: str) -> None:
    assert module((HEAD + source + "\n").encode()).calls[-1].target == target


@pytest.mark.parametrize("source", ["print 'x'\n", "a" + "+a" * 10_000, "-" * 10_000 + "1", "f(\0)"])
def test_what_is_not_python_3_is_refused(source: str) -> None:
    with pytest.raises(Refused, match=r"not valid in Python 3|nested too deeply"):
        module(source.encode())


REFERENCES = [
    ("import os\n", "os.environ", 0),
    ("from os import environ\n", "environ", 0),
    ("import os as system\n", "system.environ", 0),
    ("import re\n", "os.environ", 1),
]


@pytest.mark.parametrize(("source", "written", "imports"), REFERENCES)
def test_a_name_is_written_as_the_file_writes_it(source: str, written: str, imports: int) -> None:
    text, edits = Module(source.encode()).reference("os", "environ")
    assert (text, len(edits)) == (written, imports)


def test_a_name_that_means_something_else_is_refused() -> None:
    with pytest.raises(Refused, match="something else"):
        Module(b"def f(secrets):\n    return secrets\n").reference("secrets", "token_hex")


FALLBACKS = [
    ('os.environ.get("KEY", "x")', ("KEY", "x")),
    ('os.getenv("KEY", "x")', ("KEY", "x")),
    ('os.getenv("KEY") or "x"', ("KEY", "x")),
    ('env("KEY", default="x")', ("KEY", "x")),
    ('os.environ["KEY"]', None),
    ('os.environ.get("KEY")', None),
    ('config.get("KEY", "x")', None),
]


@pytest.mark.parametrize(("source", "expected"), FALLBACKS)
def test_fallbacks_of_environment_reads_are_seen(source: str, expected: tuple[str, str] | None) -> None:
    parsed = module(f"import os, environ\nenv = environ.Env()\nx = {source}\n".encode())
    found = fallback(parsed.assignments[-1].value, parsed, parsed.top)
    assert (found and (found[0].name, getattr(found[1], "value", None))) == expected


@pytest.mark.parametrize("path", ["app/main.py", "manage.py", "src/attestation/x.py", "contest/views.py", "latest.py"])
def test_product_code(path: str) -> None:
    assert is_product(path)


@pytest.mark.parametrize(
    "path", ["tests/a.py", "app/test_a.py", "a_test.py", "conftest.py", "examples/x.py", "docs/conf.py", "setup.py"]
)
def test_not_product_code(path: str) -> None:
    assert not is_product(path)


@pytest.mark.parametrize("name", ["settings/dev.py", "config/settings/local.py", "DevelopmentConfig", "TestConfig"])
def test_development_names(name: str) -> None:
    assert is_development(name)


@pytest.mark.parametrize("name", ["settings/base.py", "ProductionConfig", "devices.py", "contest.py", "Config"])
def test_names_that_do_not_say_development(name: str) -> None:
    assert not is_development(name)


def test_dependencies_are_read_wherever_they_are_written() -> None:
    files = {
        "pyproject.toml": '[project]\ndependencies = ["Flask_Limiter>=3"]\n[tool.poetry.dependencies]\nslowapi = "*"\n',
        "requirements/base.txt": "# c\nDjango==5.0\n-r other.txt\n",
        "Pipfile": '[packages]\nrequests = "*"\n',
    }
    assert {"flask-limiter", "slowapi", "django", "requests"} <= dependencies(Project(MemoryReader(files)))
