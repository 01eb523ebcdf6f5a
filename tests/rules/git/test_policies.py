"""Owners, licences and the security policy come from the manifest, the remote or the history, or not at all."""

import pytest

from fixers.facts.owners import handle
from fixers.model import Finding, NotApplicable, Pass
from fixers.project import MemoryReader, Project
from fixers.rules.git import no_codeowners, no_license, no_security_policy

ADA = ("Ada", "1+ada@users.noreply.github.com", 9)
BOT = ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com", 99)
PLAIN = ("Cy", "cy@example.org", 50)


def results(module: object, tree: dict[str, str], **around: object) -> list[object]:
    rule = module.check  # type: ignore[attr-defined]
    project = Project(MemoryReader(tree, **around))  # type: ignore[arg-type]
    return list(rule.check(project.view(rule.id, rule.options)))


def owner(*authors: tuple[str, str, int], under: str = "") -> str:
    return handle(Project(MemoryReader({"a": ""}, authors={"": authors, "src": authors})), under)


def test_a_handle_is_only_what_an_address_proves() -> None:
    assert owner(BOT, ADA) == "@ada"
    assert owner(BOT, PLAIN) == ""
    assert owner(("shop-automation", "3+shop-automation@users.noreply.github.com", 99)) == ""


def test_an_owner_has_most_commits_or_a_clear_share() -> None:
    assert owner(("Cy", "cy@example.org", 400), ("Ada", ADA[1], 2)) == ""
    assert owner(("Cy", "cy@example.org", 12), ("Ada", ADA[1], 8)) == "@ada"
    assert owner(("Cy", "cy@example.org", 6), ("Bo", "bo@example.org", 5), ("Ada", ADA[1], 4)) == ""
    assert owner(("Cy", "cy@example.org", 400), ("Cy", "7+cy@users.noreply.github.com", 1)) == "@cy"
    assert owner(("Ada", ADA[1], 2), under="src") == ""  # a pull request or two


def test_a_folder_of_somebody_without_a_handle_is_a_comment() -> None:
    authors = {"": (ADA,), "src": (PLAIN,), "web": (ADA,)}
    (found,) = results(no_codeowners, {"src/a.rs": "", "web/a.js": ""}, authors=authors)
    assert isinstance(found, Finding) and found.fix is not None and found.fix.changes[0].after is not None
    lines = found.fix.changes[0].after.decode().splitlines()
    assert {"* @ada", "# /src/ @owner", "/web/ @ada"} <= set(lines)


def test_folders_that_nobody_reviews_have_no_line() -> None:
    tree = {"src/a.rs": "", "log/.keep": "", "tmp/x": "", "examples/a/Cargo.toml": '[package]\nname = "a"\n'}
    tree |= {
        "examples/b/Cargo.toml": '[package]\nname = "b"\n',
        "tests/security/a.rs": "",
        "examples/a/src/main.rs": "",
    }
    (found,) = results(no_codeowners, tree)
    assert isinstance(found, Finding) and found.fix is not None and found.fix.changes[0].after is not None
    text = found.fix.changes[0].after.decode()
    assert "/examples/ " in text and "/src/ " in text
    assert not any(word in text for word in ("/log/", "/tmp/", "/examples/a/", "/tests/security/"))


def test_without_a_proven_handle_all_lines_are_comments() -> None:
    (found,) = results(no_codeowners, {"src/a.rs": ""}, authors={"": (PLAIN,)})
    assert isinstance(found, Finding) and found.fix is not None and found.fix.changes[0].after is not None
    lines = found.fix.changes[0].after.decode().splitlines()
    assert all(not line or line.startswith("#") for line in lines)


@pytest.mark.parametrize("path", ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"])
def test_owners_may_be_named_in_several_places(path: str) -> None:
    (found,) = results(no_codeowners, {path: "* @a\n"})
    assert isinstance(found, Pass)


@pytest.mark.parametrize("path", ["SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.rst", "security.md"])
def test_a_policy_may_be_in_several_places(path: str) -> None:
    (found,) = results(no_security_policy, {path: "x"})
    assert isinstance(found, Pass)


TOLD = {
    "README.md": "Found a security issue? Write to security@example.org.\n",
    "CONTRIBUTING.md": "Draft an [advisory](https://github.com/a/b/security/advisories/new).\n",
    ".github/ISSUE_TEMPLATE/config.yml": "url: https://github.com/a/b/security/policy\n",
    "README.rst": "The policy of all of ours: https://github.com/a/b?tab=security-ov-file\n",
}


@pytest.mark.parametrize("path", TOLD)
def test_a_private_way_may_be_told_elsewhere(path: str) -> None:
    (found,) = results(no_security_policy, {path: TOLD[path]})
    assert isinstance(found, Pass) and found.locations[0].path == path


@pytest.mark.parametrize("text", ["Report security bugs in the issues.\n", "Sets a Content Security Policy.\n"])
def test_a_word_about_security_is_no_private_way(text: str) -> None:
    (found,) = results(no_security_policy, {"README.md": text})
    assert isinstance(found, Finding)


def test_no_address_is_made_up() -> None:
    (found,) = results(no_security_policy, {"a": ""})
    assert isinstance(found, Finding) and found.fix is None


@pytest.mark.parametrize("path", ["LICENSE", "LICENSE-MIT", "COPYING", "LICENSES/MIT.txt", "license.md", "UNLICENSE"])
def test_a_licence_has_many_names(path: str) -> None:
    (found,) = results(no_license, {path: "x"})
    assert isinstance(found, Pass)


def test_a_folder_that_nobody_publishes_needs_none() -> None:
    (found,) = results(no_license, {"a.py": ""})
    assert isinstance(found, NotApplicable)


def test_a_licence_is_never_written() -> None:
    (found,) = results(no_license, {"Cargo.toml": '[package]\nname = "a"\nlicense = "MIT"\n'})
    assert isinstance(found, Finding) and not found.fixes and "MIT" in found.message
