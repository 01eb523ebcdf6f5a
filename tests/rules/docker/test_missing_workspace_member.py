"""Which Dockerfiles really lack a member, and what the added lines look like."""

import pytest

from fixers.model import Finding, Severity
from fixers.project import MemoryReader, Project
from fixers.rules.docker.missing_workspace_member import check

TREE = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/a", "crates/b", "crates/new"]\n',
    "crates/a/Cargo.toml": '[package]\nname = "a"\n[dependencies]\nb = { path = "../b" }\n',
    "crates/a/src/main.rs": "fn main() {}\n",
    "crates/b/Cargo.toml": '[package]\nname = "b"\n',
    "crates/b/src/lib.rs": "",
    "crates/new/Cargo.toml": '[package]\nname = "new"\nbuild = "build.rs"\n',
    "crates/new/src/lib.rs": "",
    "crates/new/build.rs": "fn main() {}\n",
}
A, B = "COPY crates/a/Cargo.toml crates/a/\n", "COPY crates/b/Cargo.toml crates/b/\n"
HEAD = f"FROM rust:1\nCOPY Cargo.toml ./\n{A}{B}"


def found(dockerfile: str, **tree: str) -> list[Finding]:
    files = {**TREE, "Dockerfile": dockerfile, **tree}
    return [r for r in check.check(Project(MemoryReader(files))) if isinstance(r, Finding)]


def fixed(dockerfile: str) -> str:
    (finding,) = found(dockerfile)
    assert finding.fix is not None and finding.fix.changes[0].after is not None, finding.fixes
    return finding.fix.changes[0].after.decode()


QUIET = {
    "the whole tree first": "FROM rust:1\nCOPY . .\nRUN cargo build\n",
    "the whole folder first": f"{HEAD}COPY crates/ crates/\nRUN cargo build\n",
    "cargo-chef": f"{HEAD}RUN cargo chef prepare\nRUN cargo build\n",
    "a glob": "FROM rust:1\nCOPY Cargo.toml ./\nCOPY --parents crates/*/Cargo.toml ./\nRUN cargo build\n",
    "a member cut out of the manifest": f"{HEAD}RUN sed -i '/new/d' Cargo.toml\nRUN cargo build\n",
    "a manifest alone, no workspace": "FROM rust:1\nCOPY crates/a/Cargo.toml ./\nRUN cargo build\n",
    "another workspace is built": f"{HEAD}COPY tool tool\nRUN cargo build --manifest-path tool/Cargo.toml\n",
    "nothing is built": f"{HEAD}CMD ['x']\n",
    "copied from another stage": "FROM rust:1\nCOPY --from=x Cargo.toml ./\n"
    "COPY --from=x crates/a/Cargo.toml crates/a/\nRUN cargo build\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=list(QUIET))
def test_it_stays_quiet_about(text: str) -> None:
    assert found(text) == []


def test_a_member_that_a_glob_brings_is_missed_only_by_the_cache() -> None:
    (finding,) = found(f"{HEAD}RUN cargo build\nCOPY . .\n", **{"Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n'})
    assert finding.severity is Severity.LOW and "cached layer" in finding.message


STUBS = {
    "&& at the start of lines": (
        "RUN mkdir -p crates/a/src \\\n && touch crates/b/src/lib.rs\n",
        "RUN mkdir -p crates/a/src \\\n && touch crates/b/src/lib.rs \\\n && mkdir -p crates/new crates/new/src \\\n"
        " && touch crates/new/src/lib.rs \\\n && echo 'fn main() {}' > crates/new/build.rs\n",
    ),
    "&& at the end of lines": (
        "RUN mkdir -p crates/b/src && \\\n    touch crates/b/src/lib.rs\n",
        "RUN mkdir -p crates/b/src && \\\n    touch crates/b/src/lib.rs && \\\n    mkdir -p crates/new crates/new/src"
        " && \\\n    touch crates/new/src/lib.rs && \\\n    echo 'fn main() {}' > crates/new/build.rs\n",
    ),
    "a loop over names": (
        "RUN for c in a b; do mkdir -p crates/$c/src && touch crates/$c/src/lib.rs; done\n",
        "RUN for c in a b new; do mkdir -p crates/$c/src && touch crates/$c/src/lib.rs; done \\\n"
        "    && mkdir -p crates/new \\\n    && echo 'fn main() {}' > crates/new/build.rs\n",
    ),
    "a loop over what is there": (
        'RUN for d in crates/*/; do mkdir -p "$d/src"; touch "$d/src/lib.rs"; done\n',
        'RUN for d in crates/*/; do mkdir -p "$d/src"; touch "$d/src/lib.rs"; done\n',
    ),
    "a heredoc": (
        "RUN <<EOF\nmkdir -p crates/b/src\ntouch crates/b/src/lib.rs\nEOF\n",
        "RUN <<EOF\nmkdir -p crates/b/src\ntouch crates/b/src/lib.rs\nmkdir -p crates/new crates/new/src\n"
        "touch crates/new/src/lib.rs\necho 'fn main() {}' > crates/new/build.rs\nEOF\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), STUBS.values(), ids=list(STUBS))
def test_stubs_follow_the_siblings(before: str, after: str) -> None:
    tail = "RUN cargo build\nCOPY crates crates\n"
    assert fixed(HEAD + before + tail) == HEAD + "COPY crates/new/Cargo.toml crates/new/\n" + after + tail


def test_sources_that_come_one_by_one_get_a_sibling_too() -> None:
    tail = "COPY crates/a crates/a\nCOPY crates/b crates/b\n"
    assert fixed(f"{HEAD}{tail}RUN cargo build\n") == (
        f"{HEAD}COPY crates/new/Cargo.toml crates/new/\n{tail}COPY crates/new crates/new\nRUN cargo build\n"
    )


def test_a_destination_without_the_first_folder_is_followed() -> None:
    text = (
        "FROM rust:1\nCOPY Cargo.toml ./\nWORKDIR /x/crates\nCOPY crates/b/Cargo.toml ./b/Cargo.toml\nRUN cargo build\n"
    )
    assert "COPY crates/new/Cargo.toml ./new/Cargo.toml\n" in fixed(text)


def test_manifests_of_several_members_in_one_copy_are_left_to_a_person() -> None:
    text = "FROM rust:1\nCOPY Cargo.toml ./\nCOPY crates/a/Cargo.toml crates/b/Cargo.toml m/\nRUN cargo build\n"
    (finding,) = found(text)
    assert finding.fix is None and "sibling" in finding.fixes[0].reason


def test_npm_workspaces_are_read_the_same_way() -> None:
    tree = {
        "package.json": '{"workspaces": ["packages/a", "packages/b"]}',
        "packages/a/package.json": "{}",
        "packages/b/package.json": "{}",
        "Dockerfile": "FROM node:24\nCOPY package.json ./\nCOPY packages/a/package.json packages/a/\nRUN npm ci\n",
    }
    (finding,) = (r for r in check.check(Project(MemoryReader(tree))) if isinstance(r, Finding))
    assert finding.fix is not None and finding.fix.changes[0].after is not None
    assert b"COPY packages/b/package.json packages/b/\nRUN" in finding.fix.changes[0].after
