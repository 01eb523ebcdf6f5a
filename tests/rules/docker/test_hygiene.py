"""Health checks, what a build is sent, base images, and failures that are thrown away."""

import pytest

from fixers.model import Finding, Severity
from fixers.project import MemoryReader, Project
from fixers.rules.docker import no_dockerignore, no_healthcheck, swallowed_error, unpinned_base_image

Tree = dict[str, str]


def findings(module: object, tree: Tree) -> list[Finding]:
    return [r for r in module.check.check(Project(MemoryReader(tree))) if isinstance(r, Finding)]  # type: ignore[attr-defined]


SERVICE = "FROM alpine:3.20\nEXPOSE 80\nCMD a\n"
QUIET: dict[str, tuple[object, Tree]] = {
    "a health check": (no_healthcheck, {"Dockerfile": f"{SERVICE}HEALTHCHECK CMD wget x\n"}),
    "a health check of the stage below": (
        no_healthcheck,
        {"Dockerfile": "FROM alpine:3 AS b\nHEALTHCHECK CMD x\nFROM b\nEXPOSE 80\nCMD a\n"},
    ),
    "a probe of Kubernetes": (no_healthcheck, {"Dockerfile": SERVICE, "k8s/a.yaml": "livenessProbe: {}\n"}),
    "no port": (no_healthcheck, {"Dockerfile": "FROM alpine:3\nCMD a\n"}),
    "an ignore file beside it": (no_dockerignore, {"a/Dockerfile": "FROM x:1\nCOPY . .\n", "a/.dockerignore": "x"}),
    "an ignore file of its own": (
        no_dockerignore,
        {"Dockerfile": "FROM x:1\nCOPY . .\n", "Dockerfile.dockerignore": "x"},
    ),
    "a folder whose Dockerfile is named from the root": (
        no_dockerignore,
        {
            ".dockerignore": "x",
            "a/go.mod": "",
            "a/Dockerfile": "FROM x:1\nCOPY . .\n",
            "ci.yml": "build -f a/Dockerfile .\n",
        },
    ),
    "a folder whose Dockerfile copies from the root": (
        no_dockerignore,
        {".dockerignore": "x", "a/go.mod": "", "a/Dockerfile": "FROM x:1\nCOPY a/go.mod .\nCOPY . .\n"},
    ),
    "a member of a workspace": (
        no_dockerignore,
        {
            ".dockerignore": "x",
            "Cargo.toml": '[workspace]\nmembers = ["a"]\n',
            "a/Cargo.toml": '[package]\nname = "a"\n',
            "a/Dockerfile": "FROM x:1\nCOPY . .\n",
        },
    ),
    "a Dockerfile that a pipeline gives a folder": (
        no_dockerignore,
        {".github/workflows/Dockerfile": "FROM x:1\nCOPY . /a\n"},
    ),
    "an image for development": (no_dockerignore, {"Dockerfile.dev": "FROM x:1\nCOPY . .\n"}),
    "a template": (unpinned_base_image, {"assets/Containerfile": "FROM {{.BaseImage}} AS b\nCMD a\n"}),
    "an image for an editor": (unpinned_base_image, {".gitpod.Dockerfile": "FROM gitpod/full\nCMD a\n"}),
    "single files": (no_dockerignore, {"Dockerfile": "FROM x:1\nCOPY src src\n"}),
    "everything of another stage": (no_dockerignore, {"Dockerfile": "FROM x:1\nCOPY --from=b . .\n"}),
    "a version": (unpinned_base_image, {"Dockerfile": "FROM debian:12\nCMD a\n"}),
    "a digest": (unpinned_base_image, {"Dockerfile": f"FROM debian@sha256:{'0' * 64}\nCMD a\n"}),
    "a registry with a port and a version": (unpinned_base_image, {"Dockerfile": "FROM r.example:5000/a:1\nCMD a\n"}),
    "an earlier stage": (unpinned_base_image, {"Dockerfile": "FROM debian:12 AS b\nFROM b\nCMD a\n"}),
    "nothing at all": (unpinned_base_image, {"Dockerfile": "FROM scratch\nCMD a\n"}),
    "an argument without a default": (unpinned_base_image, {"Dockerfile": "ARG B\nFROM $B\nCMD a\n"}),
    "removing what may not be there": (swallowed_error, {"Dockerfile": "FROM x:1\nRUN rm a || true\n"}),
    "a package that may not be there": (swallowed_error, {"Dockerfile": "FROM x:1\nRUN apk del a || true\n"}),
    "another way when it fails, and a note": (swallowed_error, {"Dockerfile": "FROM x:1\nRUN npm ci || echo no\n"}),
    "another way when it fails": (swallowed_error, {"Dockerfile": "FROM x:1\nRUN make || make all\n"}),
}


@pytest.mark.parametrize(("module", "tree"), QUIET.values(), ids=list(QUIET))
def test_it_stays_quiet_about(module: object, tree: Tree) -> None:
    assert findings(module, tree) == []


def test_without_a_route_or_a_tool_to_ask_with_a_check_is_left_to_a_person() -> None:
    (found,) = findings(no_healthcheck, {"Dockerfile": SERVICE})
    assert found.fix is None and "route" in found.fixes[0].reason
    code = {"a.go": 'h("/healthz")\n', "Dockerfile": SERVICE.replace("alpine:3.20", "debian:12")}
    (found,) = findings(no_healthcheck, code)
    assert found.fix is None and "curl" in found.fixes[0].reason


SWALLOWED = {
    "on one line": ("RUN cargo build --release || true\n", "RUN cargo build --release\n"),
    "over lines": ("RUN npm ci \\\n    --omit=dev \\\n    || true\n", "RUN npm ci \\\n    --omit=dev\n"),
    "in the middle": ("RUN pip install -r r.txt || true && rm r.txt\n", "RUN pip install -r r.txt && rm r.txt\n"),
    "in a condition": (
        "RUN if [ -f composer.json ]; then composer install --no-dev || true; fi\n",
        "RUN if [ -f composer.json ]; then composer install --no-dev; fi\n",
    ),
    "of a build of the pages": ("RUN pnpm build || true\n", "RUN pnpm build\n"),
    "by a colon": ("RUN go mod download || :\n", "RUN go mod download\n"),
}


@pytest.mark.parametrize(("before", "after"), SWALLOWED.values(), ids=list(SWALLOWED))
def test_a_failure_is_let_through(before: str, after: str) -> None:
    (found,) = findings(swallowed_error, {"Dockerfile": f"FROM x:1\n{before}"})
    assert found.fix is not None and found.fix.changes[0].after == f"FROM x:1\n{after}".encode()


def test_a_step_that_is_done_again_is_only_a_matter_of_the_cache() -> None:
    (found,) = findings(
        swallowed_error, {"Dockerfile": "FROM x:1\nRUN cargo build || true\nCOPY . .\nRUN cargo build\n"}
    )
    assert found.severity is Severity.LOW


@pytest.mark.parametrize(("image", "found"), [("postgres:17", 1), ("minio/minio", 1), ("example/chat:1", 0)])
def test_the_health_of_a_database_says_nothing_of_the_service(image: str, found: int) -> None:
    text = f"services:\n  x:\n    image: {image}\n    healthcheck:\n      test: x\n"
    assert (
        len(findings(no_healthcheck, {"Dockerfile": SERVICE.replace("CMD a", "CMD chat"), "compose.yml": text}))
        == found
    )


def test_what_the_build_copies_by_name_is_not_kept_back() -> None:
    tree = {"Dockerfile": "FROM x:1\nCOPY .env .env\nCOPY . .\n"}
    (found,) = findings(no_dockerignore, tree)
    assert found.fix is not None and found.fix.changes[0].after is not None
    assert b"\n.env\n" not in found.fix.changes[0].after


def test_an_ignore_file_at_the_root_does_not_serve_a_folder_that_is_built_alone() -> None:
    text = "FROM x:1\nCOPY package.json .\nCOPY . .\n"
    tree = {"Dockerfile": "FROM x:1\nCOPY . .\n", "web/Dockerfile": text, "web/package.json": "{}"}
    assert [f.path for f in findings(no_dockerignore, tree)] == [".dockerignore", "web/.dockerignore"]
    assert [f.path for f in findings(no_dockerignore, {**tree, ".dockerignore": ".git\n"})] == ["web/.dockerignore"]


def test_what_a_build_is_given_may_be_said() -> None:
    tree = {"src/Dockerfile": "FROM x:1\nRUN ls /usr/src/app\nCOPY . .\n", "src/requirements.txt": ""}
    tree |= {"compose.yml": "services:\n  a:\n    build: ./src\n", "ci.yml": "build --file src/Dockerfile ./src\n"}
    assert [f.path for f in findings(no_dockerignore, tree)] == ["src/.dockerignore"]


def test_a_build_that_asks_git_is_sent_it() -> None:
    tree = {"Dockerfile": "FROM x:1\nCOPY . .\nRUN make\n", "Makefile": "V := $(shell git describe --tags)\n"}
    (found,) = findings(no_dockerignore, tree)
    assert found.fix is not None and found.fix.changes[0].after is not None
    assert b"\n.git\n" not in found.fix.changes[0].after


def test_a_folder_that_gradle_builds_is_built_alone() -> None:
    tree = {"src/ad/Dockerfile": "FROM x:1\nCOPY . .\n", "src/ad/build.gradle": ""}
    assert [f.path for f in findings(no_dockerignore, tree)] == ["src/ad/.dockerignore"]


def test_the_route_of_another_program_is_not_asked() -> None:
    code = {"cmd/one/main.go": 'h("/ping")\n', "cmd/two/main.go": "package main\n"}
    (found,) = findings(no_healthcheck, {**code, "Dockerfile": SERVICE.replace("CMD a", 'CMD ["two"]')})
    assert found.fix is None
    (found,) = findings(no_healthcheck, {**code, "Dockerfile": SERVICE.replace("CMD a", 'CMD ["one"]')})
    assert found.fix is not None


def test_of_several_ports_one_answers_and_which_is_not_known() -> None:
    code = {"a.go": 'h("/healthz")\n', "Dockerfile": SERVICE.replace("EXPOSE 80", "EXPOSE 4222 8222")}
    (found,) = findings(no_healthcheck, code)
    assert found.fix is None and "which of its ports" in found.fixes[0].reason
