"""A private key or a database that every account of the machine can read is as safe as the weakest of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fixers.editors.source import Node
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_modes
from fixers.facts.rust import RustFile
from fixers.model import Applicability, Finding, Fix, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

BAD = """\
pub fn keep_key(path: &Path, private_key: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, private_key)?;
    Ok(())
}
"""
GOOD = """\
pub fn keep_key(path: &Path, private_key: &[u8]) -> std::io::Result<()> {
    let mut private = std::fs::OpenOptions::new();
    private.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut private, 0o600);
    let mut private_file = private.open(path)?;
    std::io::Write::write_all(&mut private_file, private_key.as_ref())?;
    Ok(())
}
"""


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    audit=("M2", "M9"),
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A private key or a database's folder is made readable for everyone.

    `std::fs::write` makes a file that every account of the machine can read, `create_dir_all` a folder that each can
    enter: another service on the same host, or whoever breaks into one, has the key and the data. Files of keys are
    made with 0600 and folders of databases with 0700; what exists keeps its mode, so look at deployments that run.
    """
    found = False
    for path, code in rust.shipped(project, (b"fs::write(", b"fs::create_dir")):
        for anchor, what, places, private in (
            ("key-file", "a private key is written to a file", rust_modes.key_files(code), rust_modes.private_file),
            ("folder", "the folder of a database is made", rust_modes.folders(code), rust_modes.private_folder),
        ):
            kept = [n for n in places if project.keep(path, code.line(n))]
            if kept:
                found = True
                yield Finding(
                    path,
                    f"{what} that every account of the machine can read",
                    code.line(kept[0]),
                    anchor=anchor,
                    locations=tuple(Location(path, code.line(n)) for n in kept),
                    fixes=_private(project, path, code, kept, private),
                    steps=(
                        "Take the modes of what exists back by hand: `chmod 600` for keys, `chmod 700` for folders.",
                    ),
                )
    modes = project.grep([b"DirBuilderExt", b"OpenOptionsExt", b"PermissionsExt"], "*.rs")
    where = tuple(Location(p) for p in modes if not rust.is_test_path(project, p))
    if where and not found:
        yield Pass("files are made with modes of their own", where[:5])
    elif not found:
        yield NotApplicable("no code writes a private key or makes the folder of a database")


def _private(
    project: Project, path: str, code: RustFile, places: list[Node], private: Callable[[RustFile, Node], list[Edit]]
) -> tuple[Fix, ...]:
    draft = project.draft()
    edits = [private(code, place) for place in places]
    if not all(edits):
        draft.refuse("the call is not a plain statement that returns its error")
    code.refuse_unreadable(draft, places)
    draft.edit(path, splice, [e for made in edits for e in made])
    return draft.fixes("Make it readable for the service alone")
