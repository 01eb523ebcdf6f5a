"""What the rules about existing workflows see, and what they leave to a person."""

import pytest

from fixers.facts.actions import pinned, release
from fixers.model import Finding, Severity
from fixers.project import MemoryReader, Project
from fixers.rules.ci import excessive_permissions, missing_timeout, persisted_credentials, unpinned_action

PATH = ".github/workflows/ci.yml"
CHECKOUT = "      - uses: actions/checkout@v4\n"
HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"


def finding(module: object, text: str) -> Finding | None:
    rule = module.check  # type: ignore[attr-defined]
    view = Project(MemoryReader({PATH: text})).view(rule.id, rule.options)
    return next((r for r in rule.check(view) if isinstance(r, Finding)), None)


def after(module: object, text: str) -> str:
    found = finding(module, text)
    assert found is not None and found.fix is not None and found.fix.changes[0].after is not None
    return found.fix.changes[0].after.decode()


def test_a_major_tag_becomes_its_newest_known_release_with_the_tag_beside_it() -> None:
    known = release("actions/checkout", "v4")
    assert known is not None and known.tag.startswith("v4.")
    assert f"uses: actions/checkout@{known.commit} # {known.tag}\n" in after(unpinned_action, f"{HEAD}{CHECKOUT}")


def test_a_full_version_that_is_not_in_the_table_is_never_another_one() -> None:
    assert release("actions/checkout", "v4.99.99") is None
    assert release("nobody/knows", "v1") is None


def test_every_commit_of_the_table_is_whole() -> None:
    assert all(len(pinned(a).split("@")[1].split(" ")[0]) == 40 for a in ("actions/checkout", "Swatinem/rust-cache"))


def test_unknown_actions_and_branches_get_advice() -> None:
    text = f"{HEAD}      - uses: nobody/knows@v1\n      - uses: dtolnay/rust-toolchain@stable\n"
    found = finding(unpinned_action, text)
    assert found is not None and found.fix is None and len(found.steps) == 2


def test_known_actions_are_mended_beside_unknown_ones() -> None:
    text = f"{HEAD}{CHECKOUT}      - uses: nobody/knows@v1\n"
    left = finding(unpinned_action, after(unpinned_action, text))
    assert left is not None and left.fix is None and left.anchor == "unknown actions"


def test_only_the_projects_own_forge_is_low() -> None:
    found = finding(unpinned_action, f"{HEAD}{CHECKOUT}")
    assert found is not None and found.severity is Severity.LOW


PINNED = {
    "a commit": f"{HEAD}      - uses: a/b@{'0' * 40} # v1\n",
    "a local action": f"{HEAD}      - uses: ./.github/actions/x\n",
    "an image": f"{HEAD}      - uses: docker://alpine:3\n",
    "set aside with a reason": f"{HEAD}      # readiness: ignore[ci/unpinned-action] our own\n      - uses: a/b@v1\n",
}


@pytest.mark.parametrize("text", PINNED.values(), ids=list(PINNED))
def test_it_is_pinned_or_cannot_be(text: str) -> None:
    assert finding(unpinned_action, text) is None


LEFT = {
    "a release": "      - uses: softprops/action-gh-release@v2\n",
    "a token": "      - run: gh pr comment\n        env:\n          GH_TOKEN: ${{ github.token }}\n",
    "a push": "      - run: git push\n",
    "pages that mkdocs pushes": "      - run: mkdocs gh-deploy --force\n",
    "a deployment": "      - run: make deploy\n",
    "an image on ghcr.io": "      - run: docker push ghcr.io/a/b\n",
    "an action that we do not know": "      - uses: nobody/knows@v1\n",
    "a local action": "      - uses: ./.github/actions/x\n",
    "gh in the middle of a script": "      - run: |\n          make\n          gh pr list\n",
    "a secret": "      - run: make\n        env:\n          KEY: ${{ secrets.DEPLOY }}\n",
}


@pytest.mark.parametrize("steps", LEFT.values(), ids=list(LEFT))
def test_permissions_are_not_narrowed_for(steps: str) -> None:
    found = finding(excessive_permissions, HEAD + steps)
    assert found is not None and found.fix is None


def test_a_reusable_workflow_is_left_to_a_person() -> None:
    found = finding(excessive_permissions, "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n")
    assert found is not None and found.fix is None


def test_write_all_becomes_read() -> None:
    text = after(excessive_permissions, f"permissions: write-all\n{HEAD}      - run: make\n")
    assert "permissions:\n  contents: read\n" in text


QUIET = {
    "permissions of the workflow": (excessive_permissions, f"permissions: read-all\n{HEAD}      - run: make\n"),
    "permissions of each job": (
        excessive_permissions,
        HEAD.replace("    steps", "    permissions: {}\n    steps") + "      - run: make\n",
    ),
    "a limit on each step": (missing_timeout, f"{HEAD}      - run: make\n        timeout-minutes: 5\n"),
    "a job that calls a workflow": (missing_timeout, "on: push\njobs:\n  a:\n    uses: ./b.yml\n"),
    "a later push": (persisted_credentials, f"{HEAD}{CHECKOUT}      - run: git push\n"),
    "an action that commits": (
        persisted_credentials,
        f"{HEAD}{CHECKOUT}      - uses: x/auto-commit-action@v5\n",
    ),
    "a release script": (
        persisted_credentials,
        f"{HEAD}{CHECKOUT}      - run: ./release.sh\n",
    ),
    "a push in the middle of a script": (
        persisted_credentials,
        f"{HEAD}{CHECKOUT}      - run: |\n          make\n          git push\n",
    ),
    "a checkout with a token of its own": (
        persisted_credentials,
        f"{HEAD}{CHECKOUT}        with:\n          token: x\n      - run: make\n",
    ),
    "an action that we do not know": (persisted_credentials, f"{HEAD}{CHECKOUT}      - uses: nobody/knows@v1\n"),
    "told so": (
        persisted_credentials,
        f"{HEAD}{CHECKOUT}        with:\n          persist-credentials: true\n",
    ),
}


@pytest.mark.parametrize(("module", "text"), QUIET.values(), ids=list(QUIET))
def test_it_stays_quiet_about(module: object, text: str) -> None:
    assert finding(module, text) is None


@pytest.mark.parametrize(
    "run", ["cargo build --release", "curl -LO https://example.org/x/releases/download/v1/x", "ls target/release/x"]
)
def test_a_release_build_needs_no_git(run: str) -> None:
    assert "persist-credentials: false" in after(persisted_credentials, f"{HEAD}{CHECKOUT}      - run: {run}\n")


def test_pages_are_deployed_without_git() -> None:
    steps = "      - uses: actions/configure-pages@v5\n      - uses: actions/deploy-pages@v4\n"
    assert "persist-credentials: false" in after(persisted_credentials, f"{HEAD}{CHECKOUT}{steps}")


def test_inputs_that_are_there_are_kept() -> None:
    text = f"{HEAD}{CHECKOUT}        with:\n          fetch-depth: 0 # all\n      - run: make\n"
    assert after(persisted_credentials, text) == text.replace(
        "0 # all\n", "0 # all\n          persist-credentials: false\n"
    )
