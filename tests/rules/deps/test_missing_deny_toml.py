"""What the policy allows, and when none is asked for."""

import tomllib

from fixers.model import Finding, Pass
from fixers.project import MemoryReader, Project
from fixers.rules.deps.missing_deny_toml import check

LOCK = (
    '[[package]]\nname = "a"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n'
    '[[package]]\nname = "b"\nsource = "git+https://github.com/example/b?rev=1#2"\n'
    '[[package]]\nname = "c"\nsource = "git+https://github.com/example/a.git#2"\n'
    '[[package]]\nname = "d"\nsource = "sparse+https://crates.example.org/index/"\n'
)
TREE = {
    "Cargo.toml": '[workspace]\nmembers = ["x", "y"]\n',
    "Cargo.lock": LOCK,
    "x/Cargo.toml": '[package]\nname = "x"\n'
    'license = "(MIT OR EUPL-1.2) AND GPL-2.0-only WITH Classpath-exception-2.0"\n',
    "y/Cargo.toml": '[package]\nname = "y"\nlicense = "MIT/Apache-2.0"\n',
}


def results(tree: dict[str, str]) -> list[object]:
    return list(check.check(Project(MemoryReader(tree))))


def policy(tree: dict[str, str]) -> dict[str, dict[str, list[str]]]:
    (found,) = results(tree)
    assert isinstance(found, Finding) and found.fix is not None and found.fix.changes[0].after is not None
    return tomllib.loads(found.fix.changes[0].after.decode())


def test_sources_of_the_lock_file_are_allowed_by_name_and_sorted() -> None:
    sources = policy(TREE)["sources"]
    assert sources["allow-git"] == ["https://github.com/example/a.git", "https://github.com/example/b"]
    assert sources["allow-registry"] == [
        "https://crates.example.org/index/",
        "https://github.com/rust-lang/crates.io-index",
    ]


def test_the_licences_of_the_members_are_allowed_with_their_exceptions() -> None:
    allowed = policy(TREE)["licenses"]["allow"]
    assert {"EUPL-1.2", "GPL-2.0-only WITH Classpath-exception-2.0"} <= set(allowed)
    assert allowed == sorted(set(allowed), key=str.lower)


def test_the_same_tree_gives_the_same_file() -> None:
    assert policy(TREE) == policy(dict(reversed(TREE.items())))


def test_members_without_a_licence_are_named_in_the_steps() -> None:
    (found,) = results({**TREE, "y/Cargo.toml": '[package]\nname = "y"\n'})
    assert isinstance(found, Finding) and any("y" in s and "publish = false" in s for s in found.steps)


def test_a_policy_above_covers_a_nested_workspace() -> None:
    nested = {"tool/Cargo.toml": "[workspace]\n[package]\nname = 't'\n", "tool/Cargo.lock": ""}
    (found,) = results({**TREE, **nested, "deny.toml": ""})
    assert isinstance(found, Pass)
    (found,) = results({**TREE, **nested})
    assert isinstance(found, Finding) and found.path == "deny.toml"


def test_a_library_without_a_lock_file_and_fixtures_are_left_alone() -> None:
    tree = {"Cargo.toml": '[package]\nname = "l"\n', "tests/app/Cargo.toml": "[package]", "tests/app/Cargo.lock": ""}
    assert not any(isinstance(r, Finding) for r in results(tree))
