"""Where the parts of a repository are, found by ourselves before any git runs."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fixers.text import safe_text
from fixers.vcs import settings
from fixers.vcs.errors import NotARepository, RepositoryError
from fixers.vcs.files import home, is_symlink, small
from fixers.vcs.settings import Settings

_UNDER_WAY: Final = {
    "MERGE_HEAD": "a merge is in progress",
    "rebase-merge": "a rebase is in progress",
    "rebase-apply": "a rebase or `git am` is in progress",
    "CHERRY_PICK_HEAD": "a cherry-pick is in progress",
    "REVERT_HEAD": "a revert is in progress",
    "BISECT_LOG": "a bisect is in progress",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A repository on disk: `root` is the work tree, or the git dir of a bare repository."""

    root: Path
    gitdir: Path
    common: Path
    bare: bool
    settings: Settings
    algorithm: str

    @property
    def objects(self) -> Path:
        """The object store, the only thing that is shared with our private git dir."""
        return self.common / "objects"

    @property
    def shallow(self) -> bool:
        """Whether history was cut when it was cloned."""
        return (self.common / "shallow").exists()

    @property
    def partial(self) -> bool:
        """Whether objects may be missing, to be fetched when needed (which we never do)."""
        return any(k.startswith("remote.") and k.endswith(".promisor") for k in self.settings)

    def notes(self) -> tuple[str, ...]:
        """What a user should know about the state of the repository; none of it stops us."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        yield from (text for name, text in _UNDER_WAY.items() if (self.gitdir / name).exists())
        if self.shallow:
            yield "the clone is shallow: authors are counted in the history that is there"
        if self.partial:
            yield "the clone is partial: a file that is not there is skipped, nothing is fetched"
        if settings.truth(self.settings, "core.sparsecheckout"):
            yield "the checkout is sparse: files outside it are read from the commit"
        for path in _alternates(self.objects):
            yield f"objects are also read from {safe_text(path)}"


def locate(path: Path) -> Layout:
    """The repository that `path` is in, as `git` would find it; refused with the reason when it cannot be used."""
    start = Path(os.path.realpath(path))
    if not start.exists():
        raise NotARepository(f"{safe_text(str(path))} does not exist")
    folder = start if start.is_dir() else start.parent
    device = folder.stat().st_dev
    for root in (folder, *folder.parents):
        if root.stat().st_dev != device:
            break
        found = _git_entry(root)
        if found is not None:
            return _opened(root, found, bare=False)
        if (root / "HEAD").is_file() and (root / "objects").is_dir() and (root / "refs").is_dir():
            if root.name == ".git" and not is_symlink(root):
                return _opened(root.parent, root, bare=False)
            return _opened(root, root, bare=True)
    where = shlex.quote(safe_text(str(folder)))
    raise NotARepository(
        f"{safe_text(str(folder))} is not in a git repository",
        f'git init {where} && git -C {where} add -A && git -C {where} commit -m "Start"',
    )


def _git_entry(root: Path) -> Path | None:
    """The git dir that `root/.git` is or names."""
    entry = root / ".git"
    try:
        mode = entry.lstat().st_mode
    except OSError:
        return None
    shown = safe_text(str(entry))
    if stat.S_ISDIR(mode):
        return entry if (entry / "HEAD").is_file() or is_symlink(entry / "HEAD") else None
    if stat.S_ISLNK(mode):
        raise RepositoryError(f"{shown} is a symbolic link", f"work in {safe_text(str(entry.resolve().parent))}")
    if not stat.S_ISREG(mode):
        raise RepositoryError(f"{shown} is neither a folder nor a file")
    raw = small(entry, 8192) or b""
    if not raw.startswith(b"gitdir: "):
        raise RepositoryError(f"{shown} does not name a git dir")
    gitdir = Path(os.path.realpath(root / os.fsdecode(raw[8:].rstrip(b"\r\n"))))
    if not (gitdir / "HEAD").exists():
        raise RepositoryError(f"{shown} names a git dir that is not there", "git worktree repair")
    return gitdir


def _opened(root: Path, gitdir: Path, *, bare: bool) -> Layout:
    named = small(gitdir / "commondir", 8192)
    common = gitdir if named is None else Path(os.path.realpath(gitdir / os.fsdecode(named.rstrip(b"\r\n"))))
    if not (common / "objects").is_dir() or not (common / "refs").is_dir():
        raise RepositoryError(f"{safe_text(str(common))} is not a whole git dir", "git fsck")
    for place in (root, gitdir, common, common / "objects"):
        if is_symlink(place):
            raise RepositoryError(f"{safe_text(str(place))} is a symbolic link")
        _check_owner(place, root)
    values = settings.load(common, gitdir)
    extensions = {k.partition(".")[2]: v[-1].lower() for k, v in values.items() if k.startswith("extensions.")}
    if extensions.get("refstorage", "files") != "files":
        raise RepositoryError(
            "the refs of this repository are kept as reftable, which is not supported yet",
            "git refs migrate --ref-format=files",
        )
    algorithm = extensions.get("objectformat", "sha1")
    if algorithm not in {"sha1", "sha256"}:
        raise RepositoryError(f"the object format {safe_text(algorithm)} is not known")
    if gitdir != root / ".git" and not bare:
        _check_belongs(root, gitdir, named is not None, values)
    elif (tree := settings.last(values, "core.worktree")) and Path(os.path.realpath(gitdir / tree)) != root:
        raise RepositoryError(
            f"core.worktree puts the work tree at {safe_text(tree)}, not here", "git config --unset core.worktree"
        )
    _check_objects(common / "objects")
    return Layout(root, gitdir, common, bare, values, algorithm)


def _check_belongs(root: Path, gitdir: Path, linked: bool, values: Settings) -> None:
    """A `.git` file must be named back: by a linked work tree's `gitdir`, or a submodule's core.worktree."""
    if linked:
        back = os.fsdecode((small(gitdir / "gitdir", 8192) or b"").rstrip(b"\r\n"))
        belongs = bool(back) and os.path.realpath(gitdir / back) == str(root / ".git")
        hint = "git worktree repair"
    else:
        tree = settings.last(values, "core.worktree")
        belongs = bool(tree) and Path(os.path.realpath(gitdir / tree)) == root
        hint = f"git config core.worktree {shlex.quote(safe_text(str(root)))}"
    if not belongs:
        raise RepositoryError(f"{safe_text(str(gitdir))} does not say that this work tree is its own", hint)


def _check_owner(place: Path, root: Path) -> None:
    """As git's safe.directory: the files must be ours, or those of the user that sudo came from."""
    owner, user = place.stat().st_uid, os.geteuid()
    sudo = os.environ.get("SUDO_UID", "")
    if owner == user or (user == 0 and sudo.isdigit() and owner == int(sudo)) or _is_trusted(root):
        return
    raise RepositoryError(
        f"{safe_text(str(place))} belongs to another user (uid {owner}, you are {user})",
        f"git config --global --add safe.directory {shlex.quote(safe_text(str(root)))}",
    )


def _is_trusted(root: Path) -> bool:
    """Whether the user's own git config lists the folder under safe.directory."""
    user = home() or Path("/nonexistent")
    places = [user / ".gitconfig", Path(os.environ.get("XDG_CONFIG_HOME") or user / ".config") / "git" / "config"]
    for place in [*places, Path("/etc/gitconfig")]:
        listed = settings.parse(small(place.resolve()) or b"").get("safe.directory", [])
        listed = listed[len(listed) - listed[::-1].index("") :] if "" in listed else listed
        if any(e in {"*", str(root)} or (e.endswith("/*") and root.is_relative_to(e[:-2])) for e in listed):
            return True
    return False


def _check_objects(objects: Path) -> None:
    """Nothing in the object store may lead outside or hang a reader."""
    for folder in (objects, objects / "pack", objects / "info"):
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False) and not entry.is_file(follow_symlinks=False):
                    raise RepositoryError(f"{safe_text(entry.path)} is neither a file nor a folder")


def _alternates(objects: Path) -> tuple[str, ...]:
    raw = small(objects / "info" / "alternates", 65536) or b""
    return tuple(os.fsdecode(line) for line in raw.split(b"\n") if line and not line.startswith(b"#"))
