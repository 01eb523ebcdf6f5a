"""The nouns: what a rule says, what a fix does, what became of it. All of it frozen."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from fixers.project import Project

REGULAR: Final = "100644"
EXECUTABLE: Final = "100755"
SYMLINK: Final = "120000"
GITLINK: Final = "160000"


class Severity(enum.IntEnum):
    """How bad it is in production; P0, P1, P2 are CRITICAL, HIGH, MEDIUM."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The word a person reads: ``critical``, ``high``, ..."""
        return self.name.lower()


class Effort(enum.IntEnum):
    """How much work the mend is for a reviewer."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """The word a person reads."""
        return self.name.lower()


class Applicability(enum.Enum):
    """Who may apply a fix: anyone, a reviewer, or only a person by hand."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Location:
    """A place: a path relative to the root and 1-based lines (0: the file as a whole)."""

    path: str
    line: int = 0
    end_line: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after; `before=None` is a new file, `after=None` leaves the index."""

    path: str
    before: bytes | None = field(repr=False)
    after: bytes | None = field(repr=False)
    mode: str = REGULAR


@dataclass(frozen=True, slots=True)
class Fix:
    """One atomic commit: its changes, and who may apply it and why.

    `applicability=None` takes what the rule declares. `reason` says why a fix is not SAFE, or why there is no edit.
    `individually` keeps an UNSAFE fix out of every bulk run. `name` is a short stable word that
    tells alternatives apart (``guard``, ``placeholder``). `relies` are files that it uses and does not change.
    """

    title: str
    changes: tuple[Change, ...] = ()
    applicability: Applicability | None = None
    reason: str = ""
    individually: bool = False
    name: str = "default"
    relies: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that the fix touches."""
        return tuple(c.path for c in self.changes)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule in one place that a reader would name.

    A rule fills `path`, `message` and what follows up to `masked`; the scan adds `rule`, `id`, `title`, `audit` and
    the rule's defaults. `anchor` is what stays when lines move (a symbol, a key); path, anchor and rule make the id.
    `steps` are advice for a person. `after` names rules whose fix must come first.
    `masked` hides file contents wherever the finding is shown (tracked secrets).
    """

    path: str
    message: str
    line: int = 0
    end_line: int = 0
    anchor: str = ""
    fixes: tuple[Fix, ...] = ()
    steps: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()
    severity: Severity | None = None
    effort: Effort | None = None
    after: tuple[str, ...] = ()
    masked: bool = False
    rule: str = ""
    id: str = ""
    title: str = ""
    audit: tuple[str, ...] = ()

    @property
    def fix(self) -> Fix | None:
        """The first fix that has an edit, or None."""
        return next((f for f in self.fixes if f.changes), None)

    @property
    def applicability(self) -> Applicability:
        """Of the first fix; MANUAL when there is no edit."""
        fix = self.fix
        if fix is None or fix.applicability is None:
            return Applicability.MANUAL
        return fix.applicability

    @property
    def level(self) -> Severity:
        """The severity once the scan has filled it in."""
        return self.severity or Severity.MEDIUM

    @property
    def area(self) -> str:
        """The part of the rule id before the slash."""
        return self.rule.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Pass:
    """A rule applied and found things in order; `evidence` says what was seen, `locations` where."""

    evidence: str
    locations: tuple[Location, ...] = ()
    rule: str = ""
    title: str = ""
    audit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A rule that has nothing to look at here, and why."""

    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """A file (or a place) that was not read or not edited, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that somebody set aside, with the reason that was given and where it stands."""

    finding: Finding
    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong and did not stop the run: a rule that failed, an ignore without a reason."""

    where: str
    message: str


Result: TypeAlias = Finding | Pass | NotApplicable
Check: TypeAlias = "Callable[[Project], Iterable[Result]]"
Tree: TypeAlias = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Context:
    """What a tree alone cannot tell and an example may need: remotes, authors, untracked names, recorded facts."""

    remotes: tuple[str, ...] = ()
    branch: str = "main"
    authors: Mapping[str, tuple[tuple[str, str, int], ...]] = field(default_factory=dict)
    untracked: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its check, what it declares, and the example that proves it.

    `applies`: globs; when no tracked file matches one of them the rule does not apply.
    `bad`/`good` are file trees (or functions that make them): `good` is what the first fix makes of `bad`; for a rule
    that only advises, a tree on which it is quiet. `options` are defaults that the configuration may override.
    """

    id: str
    check: Check
    severity: Severity
    fix: Applicability
    bad: Tree | Callable[[], Tree]
    good: Tree | Callable[[], Tree]
    effort: Effort = Effort.LOW
    audit: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    context: Context = field(default_factory=Context)
    evidence_only: bool = False

    @property
    def title(self) -> str:
        """The docstring's first line without its period."""
        return (self.check.__doc__ or "").strip().split("\n", 1)[0].rstrip(".")

    @property
    def why(self) -> str:
        """The docstring after its first line."""
        import inspect

        return inspect.cleandoc(self.check.__doc__ or "").partition("\n")[2].strip()

    @property
    def area(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    def bad_tree(self) -> Tree:
        """The example that the rule finds."""
        return self.bad() if callable(self.bad) else self.bad

    def good_tree(self) -> Tree:
        """The example as it should be."""
        return self.good() if callable(self.good) else self.good


def rule(
    *,
    severity: Severity,
    fix: Applicability,
    bad: Tree | Callable[[], Tree],
    good: Tree | Callable[[], Tree],
    effort: Effort = Effort.LOW,
    audit: tuple[str, ...] = (),
    applies: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    options: Mapping[str, Any] | None = None,
    context: Context | None = None,
    evidence_only: bool = False,
) -> Callable[[Check], Rule]:
    """Make a rule of a check; its id comes from the module's path (`git/tracked-secrets`)."""

    def wrap(check: Check) -> Rule:
        area, _, name = check.__module__.rpartition(".")
        rule_id = f"{area.rpartition('.')[2]}/{name}".replace("_", "-")
        return Rule(
            id=rule_id,
            check=check,
            severity=severity,
            fix=fix,
            bad=bad,
            good=good,
            effort=effort,
            audit=audit,
            applies=applies,
            after=after,
            options=options or {},
            context=context or Context(),
            evidence_only=evidence_only,
        )

    return wrap


def finding_id(rule_id: str, path: str, anchor: str) -> str:
    """Twelve hex digits of rule, path and anchor: the same as long as the fault stays in its place."""
    text = "\0".join((rule_id, path, anchor)).encode("utf-8", "surrogateescape")
    return hashlib.sha256(text).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Everything a scan has to say, ordered: severity, rule, path, line."""

    findings: tuple[Finding, ...] = ()
    passes: tuple[Pass, ...] = ()
    not_applicable: tuple[NotApplicable, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    skipped: tuple[Skip, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = 0
    rules: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A finding that somebody accepted, with the fix chosen among its alternatives."""

    finding: Finding
    fix: Fix


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be committed, in order, and what was left out and why.

    `more`: findings that only the fixes bring to light are mended too, up to this applicability; None: they are not.
    """

    choices: tuple[Choice, ...] = ()
    left: tuple[tuple[Finding, str], ...] = ()
    more: Applicability | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The fix is on the branch. `note` says when its diff is not the one that was shown before the run."""

    finding: Finding
    fix: Fix
    commit: str
    verified_by: str = ""
    unverified: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The fix was not applied, and nothing went wrong."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The fix was dropped: a check or the build said no. `log` is the tail of its output."""

    finding: Finding
    reason: str
    log: str = field(default="", repr=False)


Outcome: TypeAlias = Applied | Skipped | Failed


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a session. `kind` is one of the constants below; `total` 0 while it is unknown."""

    kind: str
    done: int = 0
    total: int = 0
    finding: Finding | None = None
    findings: tuple[Finding, ...] = ()
    outcome: Outcome | None = None
    text: str = ""
    result: ScanResult | None = None


READING: Final = "reading"
SCANNING: Final = "scanning"
FOUND: Final = "found"
SCANNED: Final = "scanned"
EDITING: Final = "editing"
CHECKING: Final = "checking"
VERIFYING: Final = "verifying"
COMMITTED: Final = "committed"
DROPPED: Final = "dropped"
SKIPPED: Final = "skipped"
DONE: Final = "done"
NOTE: Final = "note"


class Refused(Exception):
    """An edit or an action was refused; the text says why, in words for the user."""
