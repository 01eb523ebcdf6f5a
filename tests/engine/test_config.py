"""A configuration is data; a wrong one is answered with the key, the line and what was expected."""

from __future__ import annotations

import json
import time
import tomllib

import jsonschema
import pytest
from support import ROOT

from fixers.config import Config, ConfigError, find, nested, parse
from fixers.model import Severity
from fixers.options import Options, configured
from fixers.project import MemoryReader
from fixers.tree import matches

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
        (  # the second entry lacks it, not the first
            '[[ignore]]\nrule = "ci"\nreason = "r"\n\n[[ignore]]\nrule = "git"\n',
            "readiness-fix.toml:5: `ignore.reason`: expected a sentence, found nothing",
        ),
        ('ignore = [\n  { rule = "ci" },\n]\n', "readiness-fix.toml:1: `ignore.reason`"),
        ('reason = 1\n[[ignore]]\nrule = "ci"\n', "readiness-fix.toml:1: `reason`: expected one of"),
        ('[keys]\nquit = "q"\napply = 3\n', "readiness-fix.toml:3: `keys.apply`: expected a string, found 3"),
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


DECLARED = {"ci/missing-timeout": {"minutes": 60}, "git/no-codeowners": {"owner": ""}, "git/plain": {}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[options."ci/missing-timeout"]\n\nminutes = "a lot"\n',
            """c.toml:3: `options."ci/missing-timeout".minutes`: expected a whole number, found 'a lot'""",
        ),
        ('[options]\n"ci/missing-timeout" = { minutes = true }\n', "c.toml:2: "),  # true is no number
        ('options."ci/missing-timeout".minutes = 1.5\n', "c.toml:1: "),
        ('[options."git/no-codeowners"]\nowner = ["@a"]\n', "expected a string, found ['@a']"),
        ('[options."git/no-codeowners"]\nowners = "@a"\n', "expected one of owner, found 'owners'"),
        ('[options."git/plain"]\nfast = true\n', "expected nothing: the rule has no options, found 'fast'"),
        ('[options."ci/missing-timeout"]\nminutes = 5\n', ""),
        ('[options."own/rule-of-a-plug-in-not-here"]\nx = 5\n', ""),  # the scan says that no rule is called so
    ],
)
def test_an_option_has_the_kind_that_its_rule_declares(text: str, said: str) -> None:
    if not said:
        parse(text.encode(), "c.toml", declared=DECLARED)
        return
    with pytest.raises(ConfigError) as error:
        parse(text.encode(), "c.toml", declared=DECLARED)
    assert said in str(error.value)


def test_a_line_in_pyproject_is_that_of_our_table() -> None:
    data = b'[[ignore]]\nreason = 3\n[tool.other]\nselect = 1\n[[tool.readiness-fix.ignore]]\nrule = "ci"\n'
    with pytest.raises(ConfigError, match=r"^pyproject\.toml:5: `ignore\.reason`"):
        find({"pyproject.toml": data})


@pytest.mark.parametrize("line", [" " * 150_000, "[" * 150_000, "a." * 75_000, '"" ' * 50_000])
def test_a_hostile_line_takes_no_time(line: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ConfigError):
        parse(f'x = """\n{line}\n"""\n'.encode(), "c.toml")
    assert time.perf_counter() - began < 1


def test_pyproject_counts_when_there_is_no_file_of_its_own() -> None:
    inside = b'[project]\nname = "x"\n[tool.readiness-fix]\nselect = ["git"]\n'
    assert find({"pyproject.toml": inside}).select == ("git",)
    assert find({"pyproject.toml": inside, "readiness-fix.toml": b""}).select == ()


def test_a_pyproject_that_is_no_toml_is_no_configuration_of_ours() -> None:
    assert find({"pyproject.toml": b"readiness-fix = = ="}) == Config()


OWN = '[[ignore]]\nrule = "ci"\nreason = "a"\n\n[[exclude]]\npaths = ["gen/**", "*.min.js", "/o/**"]\nreason = "b"\n'


def test_a_folder_sets_aside_for_itself() -> None:
    reader = MemoryReader({"web/readiness-fix.toml": OWN, "a": ""})
    found = configured(Options(), reader)
    assert [i.path for i in found.ignore] == ["/web/**"]
    inside = ("web/gen/a.js", "web/b/c.min.js", "web/o/x")
    assert all(matches(p, found.excluded) for p in inside) and matches("web/a.yml", (found.ignore[0].path,))
    assert not any(matches(p, found.excluded) for p in ("gen/a.js", "c.min.js", "api/gen/x"))


def test_what_is_excluded_configures_nothing() -> None:
    root = '[[exclude]]\npaths = ["web/**"]\nreason = "another project"\n'
    reader = MemoryReader({"readiness-fix.toml": root, "web/readiness-fix.toml": "nonsense"})
    assert configured(Options(), reader).ignore == ()


def test_below_the_root_nothing_is_selected() -> None:
    with pytest.raises(ConfigError, match="only `ignore` and `exclude` count"):
        nested(Config(), {"web/readiness-fix.toml": b'select = ["git"]\n'})
