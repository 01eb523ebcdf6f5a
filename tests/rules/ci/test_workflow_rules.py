"""What the rules about existing workflows see, and what they leave to a person."""

import pytest

from fixers.facts.actions import pinned, release
from fixers.model import Applicability, Finding, Severity
from fixers.project import MemoryReader, Project
from fixers.rules.ci import (
    excessive_permissions,
    missing_timeout,
    persisted_credentials,
    shared_permissions,
    unpinned_action,
)

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
    assert "give `toolchain: stable`" in found.steps[0]  # a commit alone would say no toolchain


def test_a_tool_in_the_place_of_the_ref_becomes_an_input() -> None:
    text = f"{HEAD}      - uses: taiki-e/install-action@nextest\n      - uses: taiki-e/install-action@v9.9.9\n"
    found = finding(unpinned_action, text)
    assert found is not None and [("give `tool: nextest`" in s) for s in found.steps] == [True, False]


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


TOKEN = "        env:\n          GH_TOKEN: ${{ github.token }}\n"
LEFT = {
    "an action that comments": "      - uses: aws-actions/closed-issue-message@v1\n",
    "an action that opens a request": "      - uses: DeterminateSystems/update-flake-lock@v24\n",
    "a deployment": "      - run: make deploy\n",
    "an action that we do not know": "      - uses: nobody/knows@v1\n",
    "a local action": "      - uses: ./.github/actions/x\n",
    "a script with the token": f"      - run: |\n          make\n          gh pr list\n{TOKEN}",
    "a script of another kind with it": f"      - run: gh release create $(./tag.sh)\n{TOKEN}",
    "the forge's interface itself": f"      - run: gh api repos/x/y\n{TOKEN}",
    "a program of JavaScript": "      - uses: actions/github-script@v7\n",
    "a secret": "      - run: make\n        env:\n          KEY: ${{ secrets.DEPLOY }}\n",
}
GRANTED = {
    "an image that goreleaser pushes": (
        "      - uses: docker/login-action@v3\n        with:\n          registry: ${{ env.REGISTRY }}\n"
        "          password: ${{ github.token }}\n      - uses: goreleaser/goreleaser-action@v6\n",
        "contents: write\n      packages: write",
    ),
    "a release": ("      - uses: softprops/action-gh-release@v2\n", "contents: write"),
    "a comment": (f"      - run: gh pr comment 1\n{TOKEN}", "contents: read\n      pull-requests: write"),
    "a list of requests": (f"      - run: gh pr list\n{TOKEN}", "contents: read\n      pull-requests: read"),
    "a push": ("      - run: git push\n", "contents: write"),
    "pages that mkdocs pushes": ("      - run: mkdocs gh-deploy --force\n", "contents: write"),
    "an image on ghcr.io": ("      - run: docker push ghcr.io/a/b\n", "contents: read\n      packages: write"),
    "images that become one": (
        "      - uses: docker/login-action@v3\n        with:\n          password: ${{ github.token }}\n"
        "      - run: docker buildx imagetools create -t a b c\n",
        "contents: read\n      packages: write",
    ),
    "an image that is only pulled": (
        "      - uses: docker/login-action@v3\n        with:\n          registry: ghcr.io\n"
        "          password: ${{ github.token }}\n      - run: docker compose up\n",
        "contents: read\n      packages: read",
    ),
    "pages": ("      - uses: actions/deploy-pages@v4\n", "contents: read\n      id-token: write\n      pages: write"),
    "trusted publishing": (
        "      - uses: pypa/gh-action-pypi-publish@release/v1\n", "contents: read\n      id-token: write"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "granted"), GRANTED.values(), ids=list(GRANTED))
def test_a_job_that_writes_is_granted_that_and_no_more(steps: str, granted: str) -> None:
    found = finding(excessive_permissions, HEAD + steps)
    assert found is not None and found.fix is not None and found.fix.applicability is Applicability.UNSAFE
    text = after(excessive_permissions, HEAD + steps)
    assert f"    permissions:\n      {granted}\n    steps:" in text and "\npermissions:\n  contents: read\njobs" in text
    assert finding(excessive_permissions, text) is None


def test_a_secret_of_somebody_else_asks_nothing_of_the_token() -> None:
    steps = "      - run: cargo publish\n        env:\n          CARGO_REGISTRY_TOKEN: ${{ secrets.CRATES }}\n"
    text = after(excessive_permissions, HEAD + steps)
    assert text.count("permissions:") == 1 and "contents: read" in text


def test_a_push_with_somebody_elses_token_asks_nothing_of_ours() -> None:
    steps = f"{CHECKOUT}        with:\n          token: ${{{{ secrets.DOCS }}}}\n      - run: git push\n"
    assert after(excessive_permissions, HEAD + steps).count("permissions:") == 1


SCRIPT = "  b:\n    runs-on: x\n    steps:\n      - uses: nobody/knows@v1\n"


def test_known_jobs_are_narrowed_beside_unknown_ones() -> None:
    text = after(excessive_permissions, f"{HEAD}      - run: make\n{SCRIPT}")
    assert "  a:\n    runs-on: ubuntu-latest\n    permissions:\n      contents: read\n" in text
    left = finding(excessive_permissions, text)
    assert left is not None and left.fix is None and "permissions for b" in left.message


def test_write_all_of_one_job_is_narrowed() -> None:
    head = f"permissions: {{}}\n{HEAD}".replace("    steps", "    permissions: write-all\n    steps")
    text = after(excessive_permissions, f"{head}      - run: make\n")
    assert "    permissions:\n      contents: read\n    steps" in text


SHARED = "permissions:\n  contents: write\n  packages: read\n"
PUSHES = "  b:\n    runs-on: x\n    steps:\n      - run: git push\n"


def test_what_one_job_has_to_write_is_not_granted_to_all() -> None:
    other = "  c:\n    runs-on: x\n    steps:\n      - run: make lint\n"
    text = after(shared_permissions, f"{SHARED}{HEAD}      - run: make\n{PUSHES}{other}")
    assert text.startswith("permissions:\n  contents: read\n  packages: read\non: push\n")
    assert "  b:\n    runs-on: x\n    permissions:\n      contents: write\n      packages: read\n    steps" in text
    assert finding(shared_permissions, text) is None


def test_one_job_that_reads_is_narrowed_itself() -> None:
    text = after(shared_permissions, f"{SHARED}{HEAD}      - run: make\n{PUSHES}")
    assert text.startswith(SHARED) and text.count("permissions:") == 2


@pytest.mark.parametrize(("command", "safety"), [("./bump.sh", Applicability.UNSAFE), ("cargo test", None)])
def test_what_a_script_does_is_not_known(command: str, safety: Applicability | None) -> None:
    found = finding(shared_permissions, f"{SHARED}{HEAD}      - run: {command}\n{PUSHES}")
    assert found is not None and found.fixes[0].applicability is safety


def test_comments_among_the_permissions_stay() -> None:
    text = f"{SHARED}  # releases\n{HEAD}      - run: make\n{PUSHES}  c:\n    runs-on: x\n    steps:\n      - run: ls\n"
    assert after(shared_permissions, text).startswith(f"{SHARED}  # releases\n")


def test_a_job_of_known_commands_only_needs_no_scope() -> None:
    assert finding(shared_permissions, f"{SHARED}{HEAD}      - run: cargo test\n") is not None


ALONE = {
    "one job": f"{SHARED}{HEAD}      - run: make\n",
    "two that only read": f"{SHARED}{HEAD}      - run: make\n{PUSHES}".replace("git push", "make"),
    "several that all write": f"{SHARED}{HEAD}      - run: git push\n{PUSHES}",
}


@pytest.mark.parametrize("text", ALONE.values(), ids=list(ALONE))
def test_scopes_that_somebody_wrote_down_are_left_to(text: str) -> None:
    assert finding(shared_permissions, text) is None


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


def test_no_job_is_granted_more_than_it_has() -> None:
    top = "on: push\npermissions:\n  contents: read\n  packages: write\njobs:\n"
    job = "  {}:\n    runs-on: ubuntu-latest\n    steps:\n      - {}\n"
    image = job.format("image", "run: docker push ghcr.io/a/b")
    assert (
        finding(shared_permissions, top + job.format("release", "uses: softprops/action-gh-release@v2") + image) is None
    )
    assert finding(shared_permissions, top + job.format("test", "run: make test") + image) is not None


QUIET = {
    "permissions of the workflow": (excessive_permissions, f"permissions: read-all\n{HEAD}      - run: make\n"),
    "permissions of each job": (
        excessive_permissions,
        HEAD.replace("    steps", "    permissions: {}\n    steps") + "      - run: make\n",
    ),
    "a limit on each step": (missing_timeout, f"{HEAD}      - run: make\n        timeout-minutes: 5\n"),
    "a runner with a limit of its own": (
        missing_timeout,
        HEAD.replace("ubuntu-latest", "ubuntu-slim") + "      - run: make\n",
    ),
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
