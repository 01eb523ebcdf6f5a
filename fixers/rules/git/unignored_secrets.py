"""Files that must never be committed and that no ignore pattern stops."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Final

from fixers.editors import gitignore
from fixers.facts.secret_paths import DATA_FOLDERS, DATABASES, KEYS, SecretPath, env_files, secret_paths
from fixers.model import Applicability, Finding, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

_LOCAL: Final = re.compile(rf"(?:^|/)(?:\.env(?:\.local)?|[^/]+\.(?:{'|'.join((*KEYS, *DATABASES))}))$")


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.SAFE,
    audit=("M3",),
    bad={
        ".gitignore": "target/\n",
        "src/main.rs": 'const CERT: &str = "data/server-cert.der";\nconst STORE: &str = "data/chat.db";\n',
    },
    good={
        ".gitignore": "target/\n\n# Secrets and local data\n/data/\n*.db\n*.der\n",
        "src/main.rs": 'const CERT: &str = "data/server-cert.der";\nconst STORE: &str = "data/chat.db";\n',
    },
)
def check(project: Project) -> Iterator[Result]:
    """Keys, certificates or databases can be committed by accident.

    A file that no pattern ignores is one `git add .` away from history, and a key in history is a key to
    rotate. The paths are those that the code and its configuration name, and files of such names that lie
    in the work tree now.
    """
    named = project.fact(secret_paths)
    env = project.fact(env_files)
    local = tuple(p for p in project.untracked if _LOCAL.search(p))
    if not (named or env or local):
        yield NotApplicable("nothing in the tree keeps keys, certificates, databases or a .env file")
        return
    open_paths = [s for s in named if not project.ignores(s.path)]
    open_local = [p for p in local if not project.ignores(p)]
    beside = posixpath.join(posixpath.dirname(env.path), ".env") if env and "example" in env.note else ".env"
    env_open = env is not None and not project.exists(beside) and not project.ignores(beside)
    if not (open_paths or open_local or env_open):
        places = (*(s.where for s in named), *((env,) if env else ()))
        yield Pass("what the code writes is ignored by git", places[:20])
        return
    patterns = _patterns(project, open_paths, open_local)
    if env_open and ".env" not in patterns:
        patterns.append(".env")
    draft = project.draft()
    draft.edit(".gitignore", gitignore.add, *patterns, comment="Secrets and local data")
    names = [*(s.path for s in open_paths), *open_local, *([".env"] if env_open else [])]
    secret = any(posixpath.splitext(n)[1][1:] in KEYS for n in names)
    yield Finding(
        ".gitignore",
        f"not ignored by git: {_some(names)}",
        anchor="secrets",
        severity=Severity.CRITICAL if secret else Severity.HIGH if open_paths or open_local else Severity.MEDIUM,
        fixes=draft.fixes("Ignore keys, certificates and local data"),
        locations=(*(s.where for s in open_paths), *((env,) if env_open and env else ()))[:20],
    )


def _patterns(project: Project, named: list[SecretPath], local: list[str]) -> list[str]:
    """Folders first; `*.ext` where no such file is tracked, else the very path."""
    folders = project.folders()
    chosen = {f"/{s.folder}/" for s in named if DATA_FOLDERS.fullmatch(s.folder) and s.folder not in folders}
    files = set()
    for path in (*(s.path for s in named if not s.path.endswith("/")), *local):
        name = posixpath.basename(path)
        extension = "" if name.startswith(".env") else posixpath.splitext(name)[1]
        if extension[1:] not in (*KEYS, *DATABASES):
            files.add(name)
        elif not project.files(f"*{extension}"):
            files.add(f"*{extension}")
        elif f"/{path.partition('/')[0]}/" not in chosen:
            files.add(f"/{path}")
    return [*sorted(chosen), *sorted(files)]


def _some(names: Iterable[str], most: int = 4) -> str:
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
