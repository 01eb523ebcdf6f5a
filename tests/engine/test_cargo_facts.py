"""What the Cargo fact says of workspaces, against what cargo itself does."""

from fixers.facts.cargo import package_of, workspaces
from fixers.project import MemoryReader, Project

TREE = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*", "tools/gen"]\nexclude = ["crates/old"]\n'
    '[workspace.package]\nlicense = "MIT"\nedition = "2021"\nrust-version = "1.80"\n'
    '[workspace.dependencies]\nstore = { path = "crates/store" }\n'
    'rusqlite = { version = "0.31", features = ["bundled"] }\n',
    "Cargo.lock": "",
    "crates/server/Cargo.toml": '[package]\nname = "server"\nlicense.workspace = true\n'
    "[dependencies]\nstore.workspace = true\nrusqlite.workspace = true\n"
    '[target."cfg(unix)".dependencies]\nnix = "0.29"\n[dev-dependencies]\nharness = { path = "../../harness" }\n',
    "crates/server/src/main.rs": "fn main() {}\n",
    "crates/server/src/bin/admin.rs": "fn main() {}\n",
    "crates/store/Cargo.toml": '[package]\nname = "store"\npublish = false\n[lib]\npath = "lib/store.rs"\n',
    "crates/store/build.rs": "fn main() {}\n",
    "crates/old/Cargo.toml": '[package]\nname = "old"\n',
    "tools/gen/Cargo.toml": '[package]\nname = "gen"\n[[bin]]\nname = "generate"\npath = "gen.rs"\n',
    "harness/Cargo.toml": '[package]\nname = "harness"\n',
    "apps/alone/Cargo.toml": '[package]\nname = "alone"\n',
    "apps/broken/Cargo.toml": "[package\n",
}


def project() -> Project:
    return Project(MemoryReader(TREE))


def test_members_are_the_globs_less_exclude_plus_path_dependencies_inside() -> None:
    root = project().fact(workspaces)[0]
    assert [m.name for m in root.members] == ["server", "store", "harness", "gen"]
    assert (root.lockfile, root.rust_version, root.package) == ("Cargo.lock", "1.80", None)


def test_a_package_outside_every_workspace_stands_alone() -> None:
    assert [w.folder for w in project().fact(workspaces)] == ["", "apps/alone", "crates/old"]


def test_targets_licences_and_dependencies_are_read_through_the_workspace() -> None:
    server, store, _, gen = project().fact(workspaces)[0].members
    assert dict(server.binaries) == {
        "server": "crates/server/src/main.rs",
        "admin": "crates/server/src/bin/admin.rs",
    }
    assert (server.license, server.publish, store.publish) == ("MIT", True, False)
    assert (store.library, store.build_script) == ("crates/store/lib/store.rs", "crates/store/build.rs")
    assert dict(gen.binaries) == {"generate": "tools/gen/gen.rs"}
    wanted = {d.name: d for d in server.dependencies}
    assert wanted["store"].path == "crates/store"
    assert wanted["rusqlite"].features == {"bundled"}
    assert server.depends_on("nix", "dependencies") and server.depends_on("harness", "dev-dependencies")


def test_the_innermost_package_holds_a_file() -> None:
    held = package_of(project(), "crates/server/src/main.rs")
    assert held is not None and held.name == "server"
    assert package_of(project(), "README.md") is None


def test_a_broken_manifest_is_skipped_with_the_reason() -> None:
    asked = project()
    asked.fact(workspaces)
    assert [s.path for s in asked.skipped] == ["apps/broken/Cargo.toml"]
