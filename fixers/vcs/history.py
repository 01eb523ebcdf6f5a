"""The commits of a branch since its base, and what their trailers say."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from fixers.vcs.message import trailers
from fixers.vcs.private import PrivateGit


@dataclass(frozen=True)
class Commit:
    """One commit as it stands on the branch; `date` is ``seconds zone``."""

    sha: str
    parents: tuple[str, ...]
    author: str
    mail: str
    date: str
    message: str

    @functools.cached_property
    def trailers(self) -> dict[str, tuple[str, ...]]:
        """What the message's last paragraph says."""
        return trailers(self.message)

    @property
    def finding(self) -> str:
        """The id of the finding that it mends, "" when it is none of ours."""
        return next(iter(self.trailers.get("Readiness-Finding", ())), "")

    @property
    def undoes(self) -> str:
        """The id of the finding that it takes back."""
        return next(iter(self.trailers.get("Readiness-Undo", ())), "")

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


def since(git: PrivateGit, base: str, tip: str) -> tuple[Commit, ...]:
    """The commits of ``base..tip``, oldest first."""
    if not tip or base == tip:
        return ()
    fields = ("%H", "%P", "%an", "%ae", "%ad", "%B")
    args = ["log", "-z", "--reverse", "--topo-order", "--date=raw", "--format=" + "%x00".join(fields), f"{base}..{tip}"]
    words = git.read(*args).decode("utf-8", "surrogateescape").split("\0")
    rows = zip(*[iter(words)] * len(fields), strict=False)
    return tuple(Commit(sha, tuple(up.split()), *rest) for sha, up, *rest in rows)


def done(commits: Iterable[Commit]) -> dict[str, str]:
    """Finding ids that the commits mend and do not take back, each with its commit."""
    found: dict[str, str] = {}
    for commit in commits:
        found.pop(commit.undoes, None)
        if commit.finding:
            found[commit.finding] = commit.sha
    return found
