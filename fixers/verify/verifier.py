"""Compares the project's build after a fix with how it was before: a fix may mend failures and may not add one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fixers.project import Project
from fixers.text import safe_text
from fixers.verify.child import Limits, Ran, run
from fixers.verify.command import CARGO, GO, Command, detected, for_tests, named
from fixers.verify.failures import failures, tail


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asks for: tests too, every commit or the batch's tip, another command."""

    tests: bool = False
    each: bool = False
    command: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run said: failures that were not there before, the end of the output, the commands that really ran."""

    added: frozenset[str] = frozenset()
    log: str = field(default="", repr=False)
    commands: tuple[str, ...] = ()
    unusable: str = ""
    mended: frozenset[str] = frozenset()

    @property
    def good(self) -> bool:
        """No failure was added, and something really ran."""
        return not self.added and not self.unusable


def commands(project: Project, configured: tuple[str, ...], wanted: Wanted) -> tuple[Command, ...]:
    """The build commands: the user's, else the configuration's, else those that the tree tells."""
    if wanted.command:
        return (named(wanted.command, "user"),)
    if configured:
        return (named(configured, "configuration"),)
    return detected(project)


class Verifier:
    """Runs commands in the verify copy. `checkout(commit)` brings the copy to a commit and returns its folder."""

    def __init__(
        self,
        checkout: Callable[[str], Path],
        build: tuple[Command, ...],
        *,
        tests: bool = False,
        scratch: Path,
        limits: Limits | None = None,
    ) -> None:
        self._checkout = checkout
        self._build = build
        self._tests = tests
        self._scratch = scratch
        self._limits = limits
        self._known: dict[Command, frozenset[str]] = {}
        self._dead: dict[Command, str] = {}
        self._base = ""

    @property
    def commands(self) -> tuple[Command, ...]:
        """The build commands that can run here."""
        return tuple(c for c in self._build if c not in self._dead)

    def baseline(self, commit: str) -> str:
        """Build the tree as it was; why verification is unusable, or an empty string."""
        self._base = commit
        if not self._build:
            return "no build command was found for this tree; name one with --verify-with"
        folder = self._checkout(commit)
        for command in self._build:
            self._before(command, folder)
        if all(c in self._dead for c in self._build):
            return "; ".join(dict.fromkeys(self._dead.values()))
        return ""

    def check(self, commit: str, project: Project, touched: Iterable[str]) -> Verdict:
        """Build a commit, and with tests asked for, test what was touched."""
        tests = for_tests(project, touched) if self._tests else ()
        fresh = [c for c in tests if c not in self._known and c not in self._dead]
        if fresh:
            folder = self._checkout(self._base)
            for command in fresh:
                self._before(command, folder)
        folder = self._checkout(commit)
        added: set[str] = set()
        mended: set[str] = set()
        logs, ran = [], []
        for command in (*self._build, *tests):
            if command in self._dead:
                continue
            done = self._run(command, folder)
            found = failures(command, done.output, done.code)
            if done.stopped:
                found = frozenset({f"{command.shown}: {done.stopped}"})
            ran.append(command.shown)
            mended |= self._known[command] - found
            new = found - self._known[command]
            if new:
                added |= new
                logs.append(tail(command, done.output) or done.stopped)
                break
        if not ran:
            return Verdict(unusable="; ".join(dict.fromkeys(self._dead.values())))
        return Verdict(frozenset(added), "\n".join(logs), tuple(ran), "", frozenset(mended))

    def _before(self, command: Command, folder: Path) -> None:
        done = self._run(command, folder)
        if done.stopped or done.code in (126, 127):
            self._dead[command] = f"{command.shown}: {done.stopped or 'it could not run'}"
            return
        found = failures(command, done.output, done.code)
        if _no_network(done):
            said = tail(command, done.output, 3).replace("\n", " ")
            self._dead[command] = f"{command.shown} could not get its dependencies: {safe_text(said, limit=200)}"
            return
        self._known[command] = found

    def _run(self, command: Command, folder: Path) -> Ran:
        home = self._scratch / "home"
        home.mkdir(parents=True, exist_ok=True)
        extra = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
        if command.kind == CARGO:
            extra |= {"CARGO_TARGET_DIR": str(self._scratch / "target"), "CARGO_TERM_COLOR": "never"}
        if command.kind == GO:
            cache = str(self._scratch / "go-build")
            extra |= {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOCACHE": cache}
        return run(command.argv, folder / command.folder, extra, self._limits)


def _no_network(done: Ran) -> bool:
    said = ("failed to download", "Could not resolve host", "dial tcp", "no matching package named", "--offline")
    return done.code != 0 and any(s in done.output for s in said)
