"""Workflows that we write pass the published schemas and zizmor, for every mix of languages and forges."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixers.facts.audits import audits
from fixers.facts.jobs import audit_jobs, ci_jobs
from fixers.facts.workflows import forgejo, github, gitlab
from fixers.model import Finding, Pass
from fixers.project import MemoryReader, Project
from fixers.rules.ci import missing_workflow, no_dependency_audit

RUST = {"Cargo.toml": '[package]\nname = "a"\n', "Cargo.lock": "version = 4\n", "src/main.rs": "fn main() {}\n"}
GO = {"tools/go.mod": "module x\n\ngo 1.24\n", "tools/go.sum": "", "tools/main.go": "package main\n"}
PYTHON = {"api/requirements.txt": "flask\npytest\n", "api/app.py": "", "api/tests/test_app.py": ""}
NODE = {"web/package.json": '{"scripts": {"lint": "x", "test": "y"}}', "web/package-lock.json": "{}"}
TREES = {
    "one Rust crate": RUST,
    "a Rust crate with a policy and a toolchain": {**RUST, "deny.toml": "", "rust-toolchain.toml": ""},
    "Rust that needs protoc": {
        **RUST,
        "Cargo.toml": '[package]\nname = "a"\n[build-dependencies]\ntonic-build = "0.12"\n',
        "proto/a.proto": "",
    },
    "Go in a folder": GO,
    "Python with pip": PYTHON,
    "Python with uv": {"pyproject.toml": '[project]\nname = "x"\n[tool.ruff]\n', "uv.lock": "", "x/a.py": ""},
    "Python with poetry": {"pyproject.toml": '[tool.poetry]\nname = "x"\n', "poetry.lock": "", "x/test_a.py": ""},
    "JavaScript": NODE,
    "all of them, with submodules": {**RUST, **GO, **PYTHON, **NODE, ".gitmodules": ""},
}


def tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*args: str) -> None:
    done = subprocess.run(args, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def written(tmp_path: Path, kind: str) -> list[str]:
    paths = []
    for number, tree in enumerate(TREES.values()):
        project = Project(MemoryReader(tree))
        jobs, audit = ci_jobs(project), audit_jobs(project)
        texts = {
            "github": [github(project, jobs), github(project, audit, "ci/audit.yml")],
            "forgejo": [forgejo(project, jobs), forgejo(project, audit, "ci/forgejo-audit.yml")],
            "gitlab": [gitlab(project, jobs, audit)],
        }[kind]
        for part, text in enumerate(texts):
            path = tmp_path / f"{number}-{part}" / ".github" / "workflows" / "ci.yml"
            path.parent.mkdir(parents=True)
            path.write_text(text)
            paths.append(str(path))
    return paths


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("github", "vendor.github-workflows"),
        ("forgejo", "vendor.github-workflows"),
        ("gitlab", "vendor.gitlab-ci"),
    ],
)
def test_they_pass_the_published_schema(tmp_path: Path, kind: str, schema: str) -> None:
    run(tool("check-jsonschema"), "--builtin-schema", schema, *written(tmp_path, kind))


def test_zizmor_finds_nothing_in_them(tmp_path: Path) -> None:
    written(tmp_path, "github")
    run(tool("zizmor"), "--offline", "--quiet", str(tmp_path))


def results(check: object, tree: dict[str, str], **around: object) -> list[object]:
    return list(check.check(Project(MemoryReader(tree, **around))))  # type: ignore[attr-defined, arg-type]


@pytest.mark.parametrize(
    "path",
    [".travis.yml", ".circleci/config.yml", ".woodpecker.yml", "Jenkinsfile", "azure-pipelines.yml", ".gitlab-ci.yml"],
)
def test_another_ci_is_a_pass(path: str) -> None:
    (found,) = results(missing_workflow.check, {**RUST, path: "x"})
    assert isinstance(found, Pass)


@pytest.mark.parametrize(
    ("remote", "path"),
    [
        ("git@gitlab.com:a/b.git", ".gitlab-ci.yml"),
        ("https://codeberg.org/a/b", ".forgejo/workflows/ci.yml"),
        ("ssh://git@github.com/a/b.git", ".github/workflows/ci.yml"),
    ],
)
def test_the_remote_says_which_forge(remote: str, path: str) -> None:
    (found,) = results(missing_workflow.check, RUST, remotes=(remote,))
    assert isinstance(found, Finding) and found.fix is not None
    assert found.fix.paths == (path,)


def test_an_unknown_forge_gets_advice() -> None:
    (found,) = results(missing_workflow.check, RUST, remotes=("https://code.example.net/a/b",))
    assert isinstance(found, Finding) and found.fix is None


@pytest.mark.parametrize("name", list(TREES))
@pytest.mark.parametrize("remote", ["git@github.com:a/b.git", "https://codeberg.org/a/b"])
def test_an_audit_alone_is_no_ci_and_what_is_written_for_it_is(name: str, remote: str) -> None:
    project = Project(MemoryReader(TREES[name], remotes=(remote,)))
    (before,) = missing_workflow.check.check(project)
    (audit,) = no_dependency_audit.check.check(project)
    assert isinstance(before, Finding) and isinstance(audit, Finding) and audit.fix is not None
    project = project.evolved(audit.fix.changes)
    (after,) = missing_workflow.check.check(project)
    assert isinstance(after, Finding) and (after.path, after.anchor) == (before.path, before.anchor)
    assert after.fix is not None and after.locations[0].path == audit.fix.paths[0]
    (mended,) = missing_workflow.check.check(project.evolved(after.fix.changes))
    assert isinstance(mended, Pass)


STEPS = {
    "a known vulnerability": ("- run: cargo install cargo-audit && cargo audit", True),
    "stale issues": ("- uses: actions/stale@v9", True),
    "labels": ("- run: gh pr edit --add-label x", True),
    "the book": ("- run: mdbook build docs\n      - uses: peaceiris/actions-gh-pages@v4", True),
    "a release": ("- uses: softprops/action-gh-release@v2", True),
    "tests beside an audit": ("- run: |\n          cargo audit\n          cargo test", False),
    "a release that builds": ("- run: make dist\n      - uses: softprops/action-gh-release@v2", False),
    "an action that nobody knows": ("- uses: someone/something@v1", False),
    "an image": ("- uses: docker/build-push-action@v6", False),
    "only a set-up": ("- run: pip install .", False),
}


@pytest.mark.parametrize(("steps", "idle"), STEPS.values(), ids=list(STEPS))
def test_a_workflow_that_builds_nothing_is_no_ci(steps: str, idle: bool) -> None:
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n      {steps}\n"
    (found,) = results(missing_workflow.check, {**RUST, ".github/workflows/ci.yml": text})
    assert isinstance(found, Finding) is idle
    if isinstance(found, Finding):
        assert found.fix is not None and found.fix.paths == (".github/workflows/build.yml",)


def test_a_job_that_calls_another_workflow_is_ci() -> None:
    text = "on: push\njobs:\n  a:\n    uses: org/shared/.github/workflows/rust.yml@v1\n"
    (found,) = results(missing_workflow.check, {**RUST, ".github/workflows/a.yml": text})
    assert isinstance(found, Pass)


WORKFLOW = ".github/workflows/x.yml"
AUDITED = {
    "cargo audit": "run: cargo audit",
    "all of cargo deny": "run: cargo deny check",
    "advisories": "run: cargo deny --all-features check advisories bans",
    "the action": "uses: EmbarkStudios/cargo-deny-action@x",
    "a scanner of everything": "uses: aquasecurity/trivy-action@x",
}


@pytest.mark.parametrize("line", AUDITED.values(), ids=list(AUDITED))
def test_an_audit_is_known_by(line: str) -> None:
    assert "rust" in audits(Project(MemoryReader({WORKFLOW: line}))).places


NOT_AUDITED = {
    "a comment": "# run: cargo audit",
    "only licences": "command: check licenses bans # cargo-deny",
    "the action for licences, beside another check": "run: cargo fmt --check\n"
    "      - uses: EmbarkStudios/cargo-deny-action@x\n"
    "        with:\n          command: check bans licenses sources\n      - run: make check",
    "another tool": "run: cargo build",
}


@pytest.mark.parametrize("line", NOT_AUDITED.values(), ids=list(NOT_AUDITED))
def test_no_audit_is(line: str) -> None:
    assert "rust" not in audits(Project(MemoryReader({WORKFLOW: line}))).places


def test_a_policy_that_ci_never_runs_is_a_finding_of_its_own() -> None:
    tree = {**RUST, "deny.toml": "", WORKFLOW: "run: cargo audit"}
    (found,) = results(no_dependency_audit.check, tree)
    assert isinstance(found, Finding) and found.path == "deny.toml" and "cargo deny" in found.message


def test_a_library_without_a_lock_has_nothing_to_audit() -> None:
    (found,) = results(no_dependency_audit.check, {k: v for k, v in RUST.items() if k != "Cargo.lock"})
    assert not isinstance(found, Finding)


def test_a_pipeline_that_is_there_gets_the_audit_as_jobs(tmp_path: Path) -> None:
    before = "stages: [build, deploy]\n\nbuild:\n  stage: build\n  script:\n    - cargo build\n"
    (found,) = results(no_dependency_audit.check, {**RUST, ".gitlab-ci.yml": before})
    assert isinstance(found, Finding) and found.fix is not None and found.fix.changes[0].after is not None
    after = found.fix.changes[0].after.decode()
    assert after.startswith(before) and "audit-rust:\n  stage: deploy\n" in after
    path = tmp_path / ".gitlab-ci.yml"
    path.write_text(after)
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", str(path))
