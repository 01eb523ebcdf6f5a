"""What the faces need of a session. `fixers.session` is one; the tests drive the screens with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from fixers.model import Choice, Event, Finding, Fix, Plan, Rule, ScanResult

if TYPE_CHECKING:
    from fixers.verify.command import Command
    from fixers.verify.verifier import Wanted

Stop = Callable[[], bool]


class Decisions(Protocol):
    """What a person decided, kept on disk at every step."""

    @property
    def selected(self) -> Mapping[str, str]:
        """Finding id to the name of the chosen fix."""
        ...

    @property
    def skipped(self) -> Mapping[str, str]:
        """Finding id to the reason given, which may be empty."""
        ...

    def decide(
        self, *, select: Mapping[str, str] = ..., skip: Mapping[str, str] = ..., clear: Sequence[str] = ...
    ) -> None:
        """Accept findings with a fix each, set some aside with a reason each, take some back: one step."""
        ...

    def undo(self) -> bool:
        """Take the last step back; False when there is none."""
        ...

    def redo(self) -> bool:
        """Make the step again that was undone last; False when there is none."""
        ...


class Session(Protocol):
    """Scan, plan, apply on one repository. Methods that take long are called in a thread.

    `target` is our branch; empty until the first commit names it.
    """

    target: str

    @property
    def name(self) -> str:
        """The repository's name."""
        ...

    @property
    def branch(self) -> str:
        """The branch of HEAD; empty when detached."""
        ...

    @property
    def root(self) -> str:
        """The repository's folder."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know before deciding."""
        ...

    @property
    def why_no_commit(self) -> str:
        """Why fixes cannot be committed here; empty when they can."""
        ...

    @property
    def dirty(self) -> frozenset[str]:
        """Tracked files with uncommitted edits."""
        ...

    @property
    def result(self) -> ScanResult | None:
        """What the last scan or run left; worked out anew at each call."""
        ...

    @property
    def decisions(self) -> Decisions:
        """What was decided so far, also in an earlier run."""
        ...

    @property
    def titles(self) -> Mapping[str, str]:
        """Finding id to the title of its fix, for what is on the branch already."""
        ...

    @property
    def applied(self) -> Mapping[str, str]:
        """Finding id to commit, for what is on the branch already."""
        ...

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of this run by id."""
        ...

    @property
    def state(self) -> str:
        """An absolute folder of ours for copies and logs, outside the repository."""
        ...

    def read(self, path: str) -> bytes | None:
        """The bytes of a tracked file as scanned; None when it cannot be read."""
        ...

    def scan(self, stop: Stop = ...) -> Iterator[Event]:
        """READING, SCANNING, FOUND as they come; SCANNED with the result."""
        ...

    @property
    def agreed(self) -> object:
        """What a person agreed to run after each fix or batch; None when nothing is run."""
        ...

    def build_commands(self, wanted: Wanted, /) -> tuple[Command, ...]:
        """What verifying would run here."""
        ...

    def agree(self, wanted: Wanted, build: tuple[Command, ...], /) -> None:
        """A person has seen these commands and said yes."""
        ...

    def overrides(self) -> tuple[str, ...]:
        """Files of the repository that have a say in what the commands really start."""
        ...

    def plan(self, choices: Sequence[Choice]) -> Plan:
        """What will be committed, ordered, with what it depends on."""
        ...

    def apply(self, plan: Plan, stop: Stop = ...) -> Iterator[Event]:
        """Each step of each fix; DONE at the end. `stop` is asked between fixes."""
        ...

    def undo(self, finding_id: str, with_dependents: bool = False) -> tuple[str, ...]:
        """Take an applied fix back; says what was done. Raises Refused."""
        ...

    def dependents(self, finding_id: str) -> tuple[str, ...]:
        """Ids of applied fixes that need this one."""
        ...

    def edited(self, finding: Finding, fix: Fix, path: str, data: bytes) -> Fix:
        """The fix with one file's result replaced by a person's. Raises Refused with the reason."""
        ...

    def suppress(self, finding: Finding, reason: str) -> object:
        """Commit an ignore with this reason to the configuration on the branch. Raises Refused."""
        ...

    def summary_markdown(self) -> str:
        """What was done, fit for a pull request."""
        ...

    def next_commands(self) -> tuple[str, ...]:
        """The commands with which a person goes on."""
        ...
