"""What a build of each part of the tree has to run: set-up, format, lint, test, audit, as plain commands."""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass, field
from typing import Final

from fixers.facts import cargo
from fixers.facts.audits import audits
from fixers.facts.subprojects import (
    GoModule,
    NodeProject,
    PythonProject,
    aside,
    go_modules,
    node_projects,
    python_projects,
    rust_workspaces,
)
from fixers.project import Project

SYSTEM_PACKAGES: Final = {
    "alsa-sys": "libasound2-dev",
    "capnpc": "capnproto",
    "gtk-sys": "libgtk-3-dev",
    "hidapi": "libudev-dev",
    "libdbus-sys": "libdbus-1-dev",
    "libpulse-sys": "libpulse-dev",
    "libudev-sys": "libudev-dev",
    "pcap": "libpcap-dev",
    "pq-sys": "libpq-dev",
    "prost-build": "protobuf-compiler",
    "protobuf-codegen": "protobuf-compiler",
    "protoc-rust": "protobuf-compiler",
    "tonic-build": "protobuf-compiler",
    "tss-esapi-sys": "libtss2-dev",
    "webkit2gtk-sys": "libwebkit2gtk-4.1-dev",
    "yeslogic-fontconfig-sys": "libfontconfig1-dev",
    "zmq-sys": "libzmq3-dev",
}
"""What Ubuntu's packages the build scripts of these crates look for, by the crates' own documentation."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job: a command, or an action with its inputs."""

    name: str
    run: str = ""
    uses: str = ""
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What one part of the tree needs. `image` is a container that has the toolchain, for forges that want one."""

    language: str
    folder: str
    steps: tuple[Step, ...]
    locks: tuple[str, ...] = ()
    minutes: int = 30
    image: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """`rust`, `go-tools-gen`: unique within a workflow."""
        return re.sub(r"[^a-z0-9_-]+", "-", f"{self.language} {self.folder}".strip().lower()).strip("-")

    @property
    def name(self) -> str:
        """What a person reads."""
        title = {"rust": "Rust", "go": "Go", "python": "Python", "node": "JavaScript"}[self.language]
        return f"{title} ({self.folder})" if self.folder else title


def ci_jobs(project: Project) -> tuple[Job, ...]:
    """A job for each part: format, lint, test."""
    return (
        *(_rust(project, w) for w in rust_workspaces(project)),
        *(_go(project, m) for m in go_modules(project)),
        *(_python(project, p) for p in python_projects(project)),
        *(j for n in node_projects(project) if (j := _node(project, n)) is not None),
    )


def audit_jobs(project: Project) -> tuple[Job, ...]:
    """A job for each part that fails on known vulnerabilities in what it depends on."""
    return (
        *(_cargo_deny(project, w) for w in rust_workspaces(project) if w.lockfile),
        *(_govulncheck(m) for m in go_modules(project) if m.locked),
        *(_pip_audit(p) for p in python_projects(project)),
        *(_npm_audit(n) for n in node_projects(project)),
    )


def _at(folder: str, name: str) -> str:
    return posixpath.join(folder, name)


def system_packages(project: Project, workspace: cargo.Workspace) -> tuple[str, ...]:
    """Packages of the system that the workspace's dependencies need, from its lock file (else its manifests)."""
    lock = project.text(workspace.lockfile) if workspace.lockfile else ""
    names = set(re.findall(r'^name = "([^"]+)"', lock, re.M))
    names |= {d.package for m in workspace.members for d in m.dependencies}
    own_protoc = names & {"protobuf-src", "protoc-bin-vendored", "protoc-fetcher"}
    found = {SYSTEM_PACKAGES[n] for n in names & SYSTEM_PACKAGES.keys()}
    if own_protoc or (names & {"tonic-build", "prost-build"} and not project.files("*.proto")):
        found.discard("protobuf-compiler")
    return tuple(sorted(found))


def _rust(project: Project, space: cargo.Workspace) -> Job:
    chosen = any(
        project.exists(_at(f, n)) for f in {"", space.folder} for n in ("rust-toolchain.toml", "rust-toolchain")
    )
    toolchain = (
        "rustup toolchain install\nrustup component add rustfmt clippy"
        if chosen
        else "rustup toolchain install stable --profile minimal --component rustfmt,clippy\nrustup default stable"
    )
    packages = system_packages(project, space)
    locked = " --locked" if space.lockfile else ""
    many = " --workspace" if space.declared else ""
    shared = () if not space.folder else (("workspaces", space.folder),)
    steps = [
        *([Step("Install system packages", _apt(packages))] if packages else []),
        Step("Install the toolchain", toolchain),
        Step("Cache the build", uses="Swatinem/rust-cache", inputs=shared),
        Step("Check the format", "cargo fmt --all --check"),
        Step("Lint", f"cargo clippy{many} --all-targets{locked} -- -D warnings"),
        Step("Test", f"cargo test{many}{locked}"),
    ]
    if project.exists(_at(space.folder, "deny.toml")):
        inputs = [("command", "check bans licenses sources")]
        inputs += [("manifest-path", space.manifest)] if space.folder else []
        steps.append(
            Step("Check licences, sources and bans", uses="EmbarkStudios/cargo-deny-action", inputs=tuple(inputs))
        )
    notes = ("cargo clippy -- -D warnings is red as long as the compiler or clippy warns",)
    return Job("rust", space.folder, tuple(steps), (space.lockfile,) if space.lockfile else (), 45, "rust:1", notes)


def _apt(packages: tuple[str, ...]) -> str:
    return "sudo apt-get update\nsudo apt-get install --yes --no-install-recommends " + " ".join(packages)


def _cargo_deny(project: Project, space: cargo.Workspace) -> Job:
    """All of the policy when nothing else runs it, else only what can turn up any day: advisories."""
    deny = _at(space.folder, "deny.toml")
    policy = project.exists(deny) and not project.fact(audits).denies
    inputs = [("command", "check" if policy else "check advisories")]
    inputs += [("manifest-path", space.manifest)] if space.folder else []
    step = Step("Check for known vulnerabilities", uses="EmbarkStudios/cargo-deny-action", inputs=tuple(inputs))
    return Job("rust", space.folder, (step,), (space.lockfile, *([deny] if policy else [])), 15, "rust:1")


def _go_setup(module: GoModule) -> Step:
    inputs = [("go-version-file", _at(module.folder, "go.mod"))]
    if module.locked:
        inputs.append(("cache-dependency-path", _at(module.folder, "go.sum")))
    return Step("Set up Go", uses="actions/setup-go", inputs=tuple(inputs))


def _go(project: Project, module: GoModule) -> Job:
    inside = "/" + _at(module.folder, "**/*.go")
    broken = "" if not project.exists(_at(module.folder, "vendor/modules.txt")) else " ':!vendor'"
    steps = (
        _go_setup(module),
        Step(
            "Check the format", f"test -z \"$(git ls-files -z '*.go'{broken} | xargs -0 gofmt -l | tee /dev/stderr)\""
        ),
        Step("Lint", "go vet ./..."),
        Step("Test", "go test ./..."),
    )
    cgo = project.grep([b'import "C"'], inside)
    notes = ("gofmt is red for files that are not formatted",) + (
        ("packages that cgo needs may be missing",) if cgo else ()
    )
    notes += _embedded(project, inside)
    return Job(
        "go", module.folder, steps, (_at(module.folder, "go.sum"),) if module.locked else (), 30, "golang:1", notes
    )


def _embedded(project: Project, inside: str) -> tuple[str, ...]:
    """What Go files embed and git does not track: something has to build it before `go vet` can."""
    for path in project.grep([b"//go:embed "], inside):
        for pattern in re.findall(r"(?m)^//go:embed (?:all:)?([\w./-]+)", project.text(path)):
            target = _at(posixpath.dirname(path), pattern)
            if not aside(path) and not project.files(f"/{target}", f"/{target}/**"):
                return (f"{path} embeds {pattern}, which is not tracked: go vet is red until a step builds it",)
    return ()


def _govulncheck(module: GoModule) -> Job:
    run = Step("Check for known vulnerabilities", "go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...")
    locks = (_at(module.folder, "go.mod"), _at(module.folder, "go.sum"))
    return Job("go", module.folder, (_go_setup(module), run), locks, 15, "golang:1")


def _python_setup(part: PythonProject) -> list[Step]:
    if part.manager == "uv":
        return [Step("Set up uv", uses="astral-sh/setup-uv", inputs=(("enable-cache", "false"),))]
    version = (
        ("python-version-file", _at(part.folder, part.version_file))
        if part.version_file
        else ("python-version", '"3.x"')
    )
    return [Step("Set up Python", uses="actions/setup-python", inputs=(version,))]


def _python(project: Project, part: PythonProject) -> Job:
    prefix = {"uv": "uv run ", "poetry": "poetry run ", "pdm": "pdm run ", "pipenv": "pipenv run "}.get(
        part.manager, ""
    )
    own = part.tools | part.requires
    steps = [*_python_setup(part), Step("Install", _install(project, part))]
    if "black" in own and "ruff-format" not in own:
        steps.append(
            Step(
                "Check the format",
                f"{prefix or 'pipx run '}black --check ."
                if "black" not in part.requires
                else f"{prefix}black --check .",
            )
        )
    elif "ruff" in own and project.grep(
        [b"[tool.ruff.format]", b"[format]"], "/" + _at(part.folder, "pyproject.toml"), "ruff.toml"
    ):
        steps.append(
            Step("Check the format", f"{prefix if 'ruff' in part.requires else 'pipx run '}ruff format --check .")
        )
    if "ruff" in own:
        steps.append(Step("Lint", f"{prefix if 'ruff' in part.requires else 'pipx run '}ruff check ."))
    elif "flake8" in own:
        steps.append(Step("Lint", f"{prefix if 'flake8' in part.requires else 'pipx run '}flake8 ."))
    else:
        steps.append(Step("Lint", "pipx run ruff check --select E9,F63,F7,F82 ."))
    test = _python_test(part)
    if test:
        steps.append(Step("Test", prefix + test))
    notes = ("tests that need a database or another service need it added to the job",) if test else ()
    locks = tuple(_at(part.folder, r) for r in part.requirements)
    return Job("python", part.folder, tuple(steps), locks, 30, "python:3", notes)


def _install(project: Project, part: PythonProject) -> str:
    extras = [e for e in part.extras if re.fullmatch(r"(?i)dev|tests?|testing", e)]
    groups = [g for g in part.groups if re.fullmatch(r"(?i)tests?|testing", g)]
    if part.manager == "uv":
        lock = "--locked" if project.exists(_at(part.folder, "uv.lock")) or project.exists("uv.lock") else ""
        more = [*(f"--extra {e}" for e in extras), *(f"--group {g}" for g in groups)]
        return " ".join(["uv sync", *([lock] if lock else []), *more])
    if part.manager == "poetry":
        return "pipx install poetry\npoetry install" + "".join(f" --extras {shlex.quote(e)}" for e in extras)
    if part.manager == "pdm":
        return "pipx install pdm\npdm sync --dev"
    if part.manager == "pipenv":
        return (
            "pipx install pipenv\npipenv sync --dev"
            if project.exists(_at(part.folder, "Pipfile.lock"))
            else "pipx install pipenv\npipenv install --dev"
        )
    wanted = [f"-r {r}" for r in part.requirements if re.search(r"^requirements\.txt$|dev|test", r)]
    wanted = wanted or [f"-r {r}" for r in part.requirements[:1]]
    if part.installable:
        wanted.append(f"-e '.[{','.join(extras)}]'" if extras else "-e .")
    wanted += ["pytest"] if _python_test(part) == "python -m pytest" and "pytest" not in part.requires else []
    return "python -m pip install " + " ".join(wanted)


def _python_test(part: PythonProject) -> str:
    if "django" in part.tools and "pytest" not in part.requires:
        return "python manage.py test"
    pytest = "pytest" in part.requires or "pytest" in part.tools
    if pytest or any(posixpath.basename(t).startswith("test_") for t in part.tests):
        return "python -m pytest" if part.tests else ""
    own = _at(part.folder, "tests.py") in part.tests
    return "python -m unittest tests" if own else ""


_PIP_AUDIT: Final = "pipx run pip-audit==2.9.0"


def _pip_audit(part: PythonProject) -> Job:
    listed = {
        "uv": "uv export --frozen --no-emit-project --format requirements-txt",
        "poetry": "pipx install poetry\npoetry install --no-root --quiet\npoetry run python -m pip freeze",
        "pipenv": "pipx install pipenv\npipenv requirements",
    }.get(part.manager)
    if listed:
        run = f"{listed} > audit.txt\n{_PIP_AUDIT} -r audit.txt"
    elif part.requirements:
        run = f"{_PIP_AUDIT} " + " ".join(f"-r {r}" for r in part.requirements)
    else:
        run = f"{_PIP_AUDIT} ."
    names = {"uv": ("uv.lock",), "poetry": ("poetry.lock",), "pipenv": ("Pipfile.lock",)}.get(part.manager)
    locks = tuple(_at(part.folder, n) for n in names or part.requirements or ("pyproject.toml",))
    steps = (*_python_setup(part), Step("Check for known vulnerabilities", run))
    return Job("python", part.folder, steps, locks, 15, "python:3")


_NODE: Final = {
    "npm": ("npm ci", "npm run {}", "npm audit --audit-level=high"),
    "pnpm": (
        "corepack enable\npnpm install --frozen-lockfile",
        "pnpm run {}",
        "corepack enable\npnpm audit --audit-level high",
    ),
    "yarn": (
        "corepack enable\nyarn install --immutable",
        "yarn run {}",
        "corepack enable\nyarn npm audit --severity high",
    ),
    "yarn-classic": ("yarn install --frozen-lockfile", "yarn run {}", "yarn audit --level high"),
    "bun": ("bun install --frozen-lockfile", "bun run {}", "bun audit --audit-level=high"),
}


def _node_setup(part: NodeProject) -> Step:
    if part.manager == "bun":
        return Step("Set up Bun", uses="oven-sh/setup-bun")
    return Step("Set up Node", uses="actions/setup-node", inputs=(("node-version", "lts/*"),))


def _node(project: Project, part: NodeProject) -> Job | None:
    wanted = [s for s in ("format:check", "lint", "typecheck", "build", "test") if s in part.scripts]
    if not wanted:
        return None
    install, script, _ = _NODE[part.manager]
    steps = [_node_setup(part), Step("Install", install), *(Step(w.capitalize(), script.format(w)) for w in wanted)]
    return Job("node", part.folder, tuple(steps), (part.lockfile,), 30, "node:lts")


def _npm_audit(part: NodeProject) -> Job:
    step = Step("Check for known vulnerabilities", _NODE[part.manager][2])
    return Job("node", part.folder, (_node_setup(part), step), (part.lockfile,), 15, "node:lts")
