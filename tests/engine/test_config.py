"""A configuration is data; a wrong one is answered with the key, the line and what was expected."""

from __future__ import annotations

import json
import tomllib

import jsonschema
import pytest
from support import ROOT

from fixers.config import Config, ConfigError, find, parse
from fixers.model import Severity

SCHEMA = json.loads((ROOT / "fixers/config.schema.json").read_text())

WHOLE = """\
select = ["git", "docker/root-user"]
min-severity = "medium"
verify = ["make", "build"]

[[ignore]]
rule = "ci/missing-timeout"
path = "legacy/**"
reason = "goes away in March"

[[exclude]]
paths = ["examples/**"]
reason = "shown in talks only"

[options."git/no-codeowners"]
owner = "@ada"

[prefer]
"go/talkative-health" = "loopback"

[keys]
apply = "a"
"""


def test_everything_is_read() -> None:
    config = parse(WHOLE.encode(), "readiness-fix.toml")
    assert config.select == ("git", "docker/root-user")
    assert config.min_severity is Severity.MEDIUM
    assert config.ignore[0].reason == "goes away in March"
    assert config.excluded == ("examples/**",)
    assert config.options["git/no-codeowners"] == {"owner": "@ada"}
    assert config.verify == ("make", "build")
    jsonschema.validate(tomllib.loads(WHOLE), SCHEMA)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selct = []\n", "readiness-fix.toml:1: `selct`: expected one of"),
        ('\nselect = "git"\n', "readiness-fix.toml:2: `select`: expected an array of strings, found 'git'"),
        ('min-severity = "huge"\n', "expected one of low, medium, high, critical, found 'huge'"),
        ('[[ignore]]\nrule = "ci"\n', "`ignore.reason`: expected a sentence"),
        ('[[ignore]]\nrule = "ci"\nreason = "  "\n', "`ignore.reason`: expected a sentence"),
        ('[[ignore]]\nrule = "ci"\nreason = "r"\nwhere = "x"\n', "readiness-fix.toml:4: `ignore.where`"),
        ('[[exclude]]\nreason = "r"\n', "`exclude.paths`: expected an array of globs"),
        ("options = 3\n", "`options`: expected one table per rule"),
        ("verify = [1]\n", "`verify`: expected an array of strings"),
        ("a = \n", "readiness-fix.toml: not valid TOML"),
    ],
)
def test_a_wrong_one_says_which_key_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text.encode(), "readiness-fix.toml")
    assert said in str(error.value)
    if not text.endswith("= \n"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tomllib.loads(text.replace('"  "', '""')), SCHEMA)


def test_pyproject_counts_when_there_is_no_file_of_its_own() -> None:
    inside = b'[project]\nname = "x"\n[tool.readiness-fix]\nselect = ["git"]\n'
    assert find({"pyproject.toml": inside}).select == ("git",)
    assert find({"pyproject.toml": inside, "readiness-fix.toml": b""}).select == ()


def test_a_pyproject_that_is_no_toml_is_no_configuration_of_ours() -> None:
    assert find({"pyproject.toml": b"readiness-fix = = ="}) == Config()
