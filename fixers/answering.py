"""The audit that a session answers: which document it is, what became of its items, and the edit that says so in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fixers.model import Applied, Change, Finding, Refused, ScanResult
from fixers.project import Reader
from fixers.scan import Scan
from fixers.text import plural, safe_text
from fixers.vcs.files import small
from fixers.vcs.history import Commit

if TYPE_CHECKING:  # a session without an audit does not pay for reading one
    from fixers.audits import Answer, Done, Item

TRAILER: Final = "Readiness-Audit"


@dataclass(frozen=True, slots=True)
class Audit:
    """A document as it was found: `path` is its name below the root when the commit holds it, else that of the file."""

    path: str
    items: tuple[Item, ...] = field(repr=False)
    tracked: bool = False


def found(name: str, reader: Reader, root: Path) -> Audit:
    """The document of `--audit`: as committed when the tree has it, else the file that lies there.

    Raises Refused when there is none, or it is no text.
    """
    from fixers import audits

    place, entries = Path(os.path.realpath(name)), reader.entries()
    inside = place.relative_to(root).as_posix() if place.is_relative_to(root) else ""
    path = next((p for p in (inside, os.path.normpath(name)) if p in entries), "")
    data = reader.read(path) if path else small(place)
    if data is None:
        raise Refused(f"--audit {safe_text(name)}: there is no such file")
    try:
        return Audit(path or place.name, audits.read(data), bool(path))
    except Refused as refused:
        raise Refused(f"--audit {safe_text(name)}: {refused}") from None


class Answering:
    """The document of one session, if it has one, beside the fixes that are on our branch.

    `commit` is the one that wrote the status back; `why` says why there is none.
    """

    def __init__(self, name: str, root: Path) -> None:
        self._name, self._root = name, root
        self.audit: Audit | None = None
        self._done: dict[str, Done] = {}
        self._labels: dict[str, tuple[str, ...]] = {}
        self.commit = ""
        self.why = ""

    def stand(self, reader: Reader, commits: Iterable[Commit], applied: Mapping[str, str]) -> None:
        """Look at the document as the tree has it now; `commits` and `applied` tell what our branch has mended."""
        if not self._name:
            return
        from fixers.audits import Done

        self.audit = found(self._name, reader, self._root)
        for commit in commits:
            if applied.get(commit.finding) == commit.sha:
                rule = next(iter(commit.trailers.get("Readiness-Rule", ())), "")
                labels = tuple(w for line in commit.trailers.get(TRAILER, ()) for w in line.split(", "))
                self._done[commit.finding] = Done(commit.finding, rule, commit.subject, commit.sha, labels)
        self._done = {i: d for i, d in self._done.items() if i in applied}

    def take(self, outcome: Applied) -> None:
        """A fix that is on the branch by now."""
        if self.audit is not None:
            self._done[outcome.finding.id] = self._mended(outcome)

    def _mended(self, outcome: Applied) -> Done:
        from fixers.audits import Done

        labels = self._labels.get(outcome.finding.id, ())
        paths = (outcome.finding.path, *outcome.fix.paths)
        return Done(outcome.finding.id, outcome.finding.rule, outcome.fix.title, outcome.commit, labels, paths)

    def answers(self, result: ScanResult, paths: Iterable[str]) -> tuple[Answer, ...]:
        """What became of each item, by what the last scan says; remembers which findings are whose."""
        if self.audit is None:
            return ()
        from fixers import audits

        given = audits.answers(self.audit.path, self.audit.items, result, frozenset(paths), self._done.values())
        labels: dict[str, list[str]] = {}
        for answer in given:
            for finding in answer.findings:
                labels.setdefault(finding.id, []).append(audits.label(self.audit.path, answer.item).replace(", ", " "))
        self._labels |= {i: tuple(dict.fromkeys(names)) for i, names in labels.items()}
        return given

    def told(self, finding: Finding) -> Finding:
        """The finding with the items that speak of it: none without an audit, for what a commit names must be there."""
        return replace(finding, audit=self._labels.get(finding.id, ()))

    def labelled(self, result: ScanResult) -> ScanResult:
        """The result with the items of the audit at its findings; as it is without an audit."""
        return replace(result, findings=tuple(map(self.told, result.findings))) if self.audit else result

    def change(self, now: Scan, applied: Iterable[Applied]) -> tuple[Change, str] | None:
        """The document with what became of its items, and a commit's message; None when it has nothing new to say.

        It goes with fixes: on its own, what is open stands in the report of a scan.
        """
        if self.audit is None:
            return None
        if not self.audit.tracked:
            self.why = "the commit does not hold it"
            return None
        from fixers import audits

        done = {**self._done, **{o.finding.id: self._mended(o) for o in applied}}
        path = self.audit.path
        before = now.project.read(path)
        try:
            items = audits.read(before)
            given = audits.answers(path, items, now.result(), now.project.paths, done.values())
            after = audits.written(before, path, given)
            audits.read(after)  # what is written has to be readable the next time
        except Refused as refused:
            self.why = str(refused)
            return None
        change = Change(path, before, after, now.project.mode(path))
        if not done or after == before:
            return None
        if now.after((change,)).ids - now.ids:
            self.why = "what it would say is a finding of its own"
            return None
        fixed = sum(a.state is audits.State.FIXED for a in given)
        said = f"{plural(len(given), 'item')}, {fixed} of them fixed; what no rule speaks of stays as it is."
        return change, f"Say what became of the audit's items\n\n{safe_text(path)}: {said}\n"
