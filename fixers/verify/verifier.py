"""Compares the project's build after a fix with how it was before: a fix may mend failures and may not add one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from fixers.facts.diagnostics import Diagnostic
from fixers.project import Project
from fixers.text import safe_text
from fixers.verify.child import Limits, Ran, run
from fixers.verify.command import CARGO, GO, PYTHON, Command, detected, for_tests, named
from fixers.verify.failures import failures, tail
from fixers.verify.reach import Reach, of_cargo, of_go, unreached
from fixers.verify.warnings import warnings

_KINDS: Final = {".rs": CARGO, ".go": GO, ".py": PYTHON}


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
        self._words: dict[Command, tuple[str, ...]] = {}
        self._reach: dict[Command, Reach] = {}
        self._crates: set[str] = set()
        self._base = ""
        self.warnings: tuple[Diagnostic, ...] = ()

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
            if command.kind == GO and command.argv[-1:] == ("./...",) and command.source == "detected":
                self._words[command] = (*command.argv[:-1], *self._go_packages(command, folder))
            self._before(command, folder)
        if all(c in self._dead for c in self._build):
            return "; ".join(dict.fromkeys(self._dead.values()))
        return ""

    def unreached(self, paths: Iterable[str]) -> str:
        """Why the builds say nothing about one of the files; empty when they say enough.

        Files that no compiler reads (workflows, Dockerfiles) are no matter here.
        """
        for path in sorted(paths):
            kind = _KINDS.get("." + path.rpartition(".")[2], "")
            near = [(c, r) for c, r in self._reach.items() if c.kind == kind and _inside(path, c.folder)]
            if kind and not self._knows(kind) and (dead := [w for c, w in self._dead.items() if c.kind == kind]):
                return dead[0]
            if kind not in (CARGO, GO) or not self._knows(kind):
                continue
            if not near:
                return f"{path} is in no part of the tree that the build compiles"
            command, reach = max(near, key=lambda p: len(p[0].folder))
            unit = self._unit(path, command)
            if unit is None:
                continue
            if said := unreached(path, reach, unit):
                return said
        return ""

    def _knows(self, kind: str) -> bool:
        return any(c.kind == kind and c not in self._dead for c in self._build)

    def _unit(self, path: str, command: Command) -> str | None:
        """The folder of the crate or package of a file; None for a Go package that the fix brings itself."""
        folder = path.rpartition("/")[0]
        if command.kind == GO:
            known = {*self._reach[command].compiled, *dict(self._reach[command].blocked)}
            return folder if folder in known or not self._reach[command].compiled else None
        while folder and folder not in self._crates:
            folder = folder.rpartition("/")[0]
        return folder

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
        if command.kind == CARGO and not command.tests:
            self._reach[command] = of_cargo(done.output, folder)
            self.warnings += warnings(done.output, folder, folder / command.folder)
            self._crates |= {p.parent.relative_to(folder).as_posix() for p in folder.rglob("Cargo.toml")}

    def _go_packages(self, command: Command, folder: Path) -> tuple[str, ...]:
        """`./...`, or when some packages do not load, those that do: go builds nothing at all otherwise."""
        fields = "-json=ImportPath,Dir,Incomplete,Error,DepsErrors,EmbedFiles"
        listed = self._run(replace(command, argv=("go", "list", "-e", fields, "./...")), folder)
        reach, names, whole = of_go(listed.output, folder)
        self._reach[command] = reach
        return ("./...",) if whole or not names else names

    def _run(self, command: Command, folder: Path) -> Ran:
        home = self._scratch / "home"
        home.mkdir(parents=True, exist_ok=True)
        extra = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
        if command.kind == CARGO:
            extra |= {"CARGO_TARGET_DIR": str(self._scratch / "target"), "CARGO_TERM_COLOR": "never"}
        if command.kind == GO:
            cache = str(self._scratch / "go-build")
            extra |= {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOCACHE": cache}
        argv = self._words.get(command, command.argv)
        return run(argv, folder / command.folder, extra, self._limits)


def _no_network(done: Ran) -> bool:
    said = ("failed to download", "Could not resolve host", "dial tcp", "no matching package named", "--offline")
    return done.code != 0 and any(s in done.output for s in said)


def _inside(path: str, folder: str) -> bool:
    return not folder or path.startswith(folder + "/")
