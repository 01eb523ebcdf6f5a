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
    "extra/own/Cargo.toml": '[workspace]\n[package]\nname = "own"\n',
}
A, B = "COPY crates/a/Cargo.toml crates/a/\n", "COPY crates/b/Cargo.toml crates/b/\n"
HEAD = f"FROM rust:1\nCOPY Cargo.toml ./\n{A}{B}"
FOLDERS = "FROM rust:1\nCOPY Cargo.toml ./\nCOPY crates/a crates/a\nCOPY crates/b crates/b\n"


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
    "cargo-chef, manifests alone": f"{HEAD}RUN cargo chef prepare\nRUN cargo build\n",
    "a build in another project": f"{FOLDERS}COPY extra/own extra/own\nWORKDIR /app/extra/own\nRUN cargo build\n",
    "a build that goes into another project": f"{FOLDERS}RUN cd extra/own && cargo build\n",
    "cargo-chef's recipe": f"{HEAD}RUN cargo chef cook\nRUN cargo build\n",
    "a build that is handed everything": "FROM rust:1\nWORKDIR /app\nCOPY Cargo.toml ./\nCOPY crates/a crates/a\n"
    "COPY --from=sources /x /app\nRUN cargo build\n",
    "a member of another stage": f"{FOLDERS}COPY --from=made /out/crates/new crates/new\nRUN cargo build\n",
    "folders of the stage below": f"{FOLDERS}COPY crates/new crates/new\n".replace("rust:1", "rust:1 AS all")
    + "FROM all\nCOPY Cargo.toml ./\nRUN cargo build\n",
    "folders that are mounted": f"{FOLDERS}RUN --mount=type=bind,source=crates,target=crates cargo build\n",
    "a workspace that the stage makes": f"{FOLDERS}RUN cargo new --lib crates/new\nRUN cargo build\n",
    "another manifest under the root's name": "FROM rust:1\nCOPY docker/Cargo.toml Cargo.toml\n"
    "COPY crates/a crates/a\nRUN cargo build\n",
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


WHOLE = {
    "folder by folder": (FOLDERS, "COPY crates/new crates/new\n"),
    "folders at a place of their own": (
        "FROM rust:1\nCOPY Cargo.* /app/\nCOPY ./crates/a/ /app/crates/a/\n",
        "COPY ./crates/b/ /app/crates/b/\nCOPY ./crates/new/ /app/crates/new/\n",
    ),
    "no member at all": ("FROM rust:1\nCOPY Cargo.toml ./\nCOPY src ./src\n", "COPY crates ./crates\n"),
}


@pytest.mark.parametrize(("head", "added"), WHOLE.values(), ids=list(WHOLE))
def test_members_that_come_as_folders_are_copied_as_folders(head: str, added: str) -> None:
    dockerfile = f"{head}RUN cargo build --release --bin a\n"
    (finding,) = found(dockerfile, **{"src/main.rs": ""})
    assert finding.severity is Severity.CRITICAL and finding.fix is not None
    after = (finding.fix.changes[0].after or b"").decode()
    assert after.replace(added, "") == dockerfile and added in after


def test_a_folder_above_several_members_does_not_stand_for_all_of_them() -> None:
    tree = {"Cargo.toml": '[workspace]\nmembers = ["crates/a", "crates/b", "crates/new", "lab/x"]\n'}
    tree |= {"lab/x/Cargo.toml": '[package]\nname = "x"\n', "lab/notes.md": ""}
    (finding,) = found("FROM rust:1\nCOPY Cargo.toml ./\nCOPY crates ./crates\nRUN cargo build\n", **tree)
    assert "not lab/x: the build stops" in finding.message and finding.fix is not None
    assert b"\nCOPY lab/x ./lab/x\nRUN" in (finding.fix.changes[0].after or b"")


def test_the_planner_of_cargo_chef_reads_every_member() -> None:
    head = f"{HEAD}COPY crates/a/src crates/a/src\nCOPY crates/b/src crates/b/src\n"
    (finding,) = found(f"{head}RUN cargo chef prepare --recipe-path r.json\nRUN cargo chef cook --recipe-path r.json\n")
    assert finding.fix is not None and b"COPY crates/new/ crates/new/\n" in (finding.fix.changes[0].after or b"")


def test_an_example_is_built_as_it_stands() -> None:
    text = f"{FOLDERS}RUN cargo build -p a\n"
    (finding,) = found("FROM rust:1\n", **{"examples/x/Dockerfile": text, "examples/x/Cargo.toml": ""})
    assert finding.path == "examples/x/Dockerfile"


def test_a_loop_over_one_folder_makes_no_stubs_for_another() -> None:
    stubs = "RUN mkdir -p crates/b/src && touch crates/b/src/lib.rs \\\n    && for d in apps/*/; do touch ${d}x; done\n"
    assert "touch crates/new/src/lib.rs" in fixed(f"{HEAD}{stubs}RUN cargo build\n")


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
