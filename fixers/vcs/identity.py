"""Who commits, and with which key: the caller's and the user's own settings, never an invented name."""

from __future__ import annotations

import os

from fixers.vcs.errors import RepositoryError
from fixers.vcs.private import PrivateGit
from fixers.vcs.settings import Settings, last

_SIGNING = (
    "gpg.format",
    "gpg.program",
    "gpg.openpgp.program",
    "gpg.x509.program",
    "gpg.ssh.program",
    "user.signingkey",
)


def identity(git: PrivateGit, user: Settings | None = None) -> dict[str, str]:
    """GIT_AUTHOR_* and GIT_COMMITTER_* for a commit.

    Looked for in the caller's environment, the repository's config, the user's own config, in this
    order. Raises RepositoryError with the commands to run when a name or a mail is missing.
    """
    found = {k: v for k, v in os.environ.items() if k.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_")) and v}
    wanted = [(who, what) for who in ("author", "committer") for what in ("name", "email")]
    for who, what in wanted:
        key = f"GIT_{who}_{what}".upper()
        sources = [git.layout.settings] if key not in found else []
        if sources and not any(k in sources[0] for k in (f"{who}.{what}", f"user.{what}")):
            user = git.global_settings() if user is None else user
            sources.append(user)
        for source in sources:
            value = last(source, f"{who}.{what}") or last(source, f"user.{what}")
            if value and key not in found:
                found[key] = value
    if any(f"GIT_{who}_{what}".upper() not in found for who, what in wanted):
        commands = 'git config --global user.name "Your Name" && git config --global user.email you@example.org'
        raise RepositoryError("git does not know your name and mail address", commands)
    return found


def signing(git: PrivateGit) -> list[str]:
    """Options before `commit-tree` that make it sign with the user's own key and program."""
    user = git.global_settings()
    return [word for key in _SIGNING if key in user for word in ("-c", f"{key}={last(user, key)}")]
