"""The same session without a screen: lines in, lines out, for pipes, logs, dumb terminals and screen readers."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

from fixers.model import FOUND, NOTE, SCANNED, Applicability, Finding, Refused
from fixers.patch import unified
from fixers.text import plural, safe_text
from tui import editor, filtering
from tui import plain_words as words
from tui.keys import PLAIN
from tui.plain_talk import End, Talk
from tui.protocol import Session
from tui.review import State

_ASK: Final = "Apply? [y,n,s,x,e,c,a,u,q,?] "
_BY_HAND: Final = "By hand. Next? [j,n,s,o,a,u,q,?] "
"""The question about a finding without an edit: there is nothing to apply."""


class Plain(Talk):
    """The walk through the findings, a letter at a time."""

    def __init__(self, session: Session, stdin: TextIO, stdout: TextIO, *, default: bool) -> None:
        super().__init__(session, stdin, stdout, default=default)
        self.at = 0
        self.pointed = -1

    # the run

    def run(self) -> None:
        """Scan, go through the findings, apply, sum up."""
        session = self.session
        branch = safe_text(session.branch) or "detached HEAD"
        self.say(f"readiness-fix: {safe_text(session.name)}, {branch} -> {self.target()}.")
        self.say(*(safe_text(note) for note in session.notes))
        if session.why_no_commit:
            self.say(f"Fixes are off: {safe_text(session.why_no_commit)}")
        try:
            self.scan()
            self.walk()
            self.offer()
        except End:
            self.say(*words.kept(self.review))
        self.say(*words.summary(self.review))

    def scan(self) -> None:
        """Scan and say what was found."""
        self.review.begin()
        self.say("Scanning.")
        for event in self.session.scan():
            if event.kind == FOUND:
                self.review.add(event.findings)
            elif event.kind == NOTE:
                self.say(safe_text(event.text))
            elif event.kind == SCANNED and event.result is not None:
                self.review.finish(event.result)
        editor.restore_all(self.review)
        total = len(self.review.findings)
        self.say(*words.others(self.review), f"{plural(total, 'finding')}: {words.counted(self.review)}.")

    def walk(self) -> None:
        """Ask about every finding that is not decided yet, and about those that were pointed at."""
        while self.at < len(self.shown):
            finding = self.shown[self.at]
            if self.review.state(finding) not in (State.OPEN, State.MANUAL) and self.pointed != self.at:
                self.at += 1
                continue
            self.pointed = -1
            self.about(finding)
            self.answer(finding)

    @property
    def shown(self) -> list[Finding]:
        """The findings that the filter keeps."""
        return self.review.visible()

    def about(self, finding: Finding) -> None:
        """A finding: heading, card, diff."""
        self.say("", words.heading(self.review, finding, self.at + 1, len(self.shown)))
        self.say(*words.card(self.review, finding))
        self.diff(finding)

    def diff(self, finding: Finding, context: int = 3) -> None:
        """The diff of the fix as it is chosen."""
        fix = self.review.fix(finding)
        if fix is not None:
            self.say(*words.diff(fix, context=context, hidden=self.review.hidden(finding)))

    def answer(self, finding: Finding) -> None:
        """Ask until the answer moves on."""
        safe = self.review.applicability(finding) is Applicability.SAFE and not self.review.is_individual(finding)
        here = self.at
        while self.at == here and self.pointed < 0 and here < len(self.shown) and self.shown[here] is finding:
            line = self.ask(_ASK if self.review.fixes(finding) else _BY_HAND, "y" if safe else "j")
            letter, rest = line[:1], line[1:].strip()
            action = self._actions.get(letter)
            if action is None:
                self.say(f"{safe_text(letter) or 'An empty line'} is no answer; ? lists them.")
                continue
            try:
                action(self, finding, rest)
            except Refused as refused:
                self.say(f"Refused: {safe_text(str(refused))}")

    def range(self, finding: Finding, rest: str) -> tuple[list[Finding], str]:
        """The findings meant by ``3-9`` or ``4`` before the rest of an answer, else the one asked about."""
        match = re.match(r"(\d+)(?:-(\d+))?\s*", rest)
        if match is None:
            return [finding], rest
        first, last = int(match[1]), int(match[2] or match[1])
        return self.shown[max(0, first - 1) : last], rest[match.end() :]

    # the letters

    def select(self, finding: Finding, rest: str) -> None:
        """y, y 3-9."""
        chosen, _ = self.range(finding, rest)
        count = self.review.select(chosen)
        self.say(f"{plural(count, 'finding')} selected." if count else "There is no edit for it.")
        self.at += finding in chosen

    def skip(self, finding: Finding, rest: str) -> None:
        """n, n 3-9."""
        chosen, _ = self.range(finding, rest)
        count = self.review.skip(chosen)
        self.say(f"{plural(count, 'finding')} skipped." if count else "It is on the branch already.")
        self.at += finding in chosen

    def skip_because(self, finding: Finding, rest: str) -> None:
        """s, s REASON, s 3-9 REASON."""
        chosen, reason = self.range(finding, rest)
        reason = reason or self.ask("Why? ", "")
        self.review.skip(chosen, reason)
        self.say(f"{plural(len(chosen), 'finding')} skipped.")
        if reason and not self.session.why_no_commit:
            asked = f"Commit an ignore with this reason to the configuration on {self.target()}? [y,n] "
            if self.ask(asked, "n").startswith("y"):
                for one in chosen:
                    self.session.suppress(one, reason)
                result = self.session.result
                if result is not None:
                    self.review.finish(result)
                self.say("Ignored from now on.")
                return
        self.at += finding in chosen

    def alternative(self, finding: Finding, rest: str) -> None:
        """x."""
        if self.review.alternative(finding):
            self.say(*words.card(self.review, finding))
            self.diff(finding)
        else:
            self.say("There is no other fix.")

    def edit(self, finding: Finding, rest: str) -> None:
        """e: the person's editor on the proposed result; refused results can be mended."""
        fix = self.review.fix(finding)
        hidden = self.review.hidden(finding)
        changes = [c for c in fix.changes if c.after is not None and c.path not in hidden] if fix else []
        if fix is None or not changes or finding.masked:
            self.say("There is no edit to change here.")
            return
        change = changes[min(len(changes), int(rest)) - 1 if rest.isdigit() and int(rest) else 0]
        where = editor.folder(self.session, finding)
        copy = editor.write_copy(where, change.path, change.after or b"")
        while True:
            self._open(copy, finding.line)
            data = copy.read_bytes()
            if data == change.after:
                self.say("Nothing was changed.")
                return
            editor.remember(where, fix, change.path)
            try:
                edited = self.session.edited(finding, fix, change.path, data)
                break
            except Refused as refused:
                self.say(f"Refused: {safe_text(str(refused))}")
                if not self.ask("Mend it? [y,n] ", "n").startswith("y"):
                    self.say(f"Not taken over. Your text is in {safe_text(str(copy))}")
                    return
        self.review.edits[finding.id] = edited
        self.review.turn_to(finding, edited)
        self.diff(finding)

    def open_source(self, finding: Finding, rest: str) -> None:
        """o: a copy of the source in the person's editor."""
        data = None if finding.path in self.review.hidden(finding) else self.review.source(finding)
        if data is None:
            self.say("There is no source to open here.")
            return
        copy = editor.write_copy(editor.folder(self.session, finding) / "source", finding.path, data)
        self._open(copy, finding.line)

    def _open(self, path: Path, line: int) -> None:
        try:
            subprocess.run(editor.command(os.environ, path, line), check=False, cwd=path.parent)  # their own command
        except (OSError, ValueError) as error:
            self.say(f"The editor did not start ({error}); EDITOR names another.")

    def apply(self, finding: Finding, rest: str) -> None:
        """a: what is selected, after the plan and a yes; a 3 applies that one."""
        one, _ = self.range(finding, rest) if rest else ([], "")
        choices = self.review.choices(one[0]) if one else self.review.choices()
        self.commit(choices)
        if self.review.state(finding) not in (State.OPEN, State.MANUAL):
            self.at += 1

    def undo(self, finding: Finding, rest: str) -> None:
        """u: the last decision; u 3: the commit of an applied fix."""
        if rest:
            chosen, _ = self.range(finding, rest)
            for one in chosen:
                if self.review.state(one) is State.APPLIED:
                    self._undo_commit(one)
        elif self.session.decisions.undo():
            self.say("Undone.")
            self.at = next((i for i, f in enumerate(self.shown) if self.review.state(f) is State.OPEN), self.at)
        else:
            self.say("Nothing to undo.")

    def _undo_commit(self, finding: Finding) -> None:
        needed = self.session.dependents(finding.id)
        also = f" and {plural(len(needed), 'fix', 'fixes')} that need it" if needed else ""
        if self.ask(f"Take {finding.rule} {words.place(finding)}{also} back? [y,n] ", "n").startswith("y"):
            self.say(*(safe_text(m) for m in self.session.undo(finding.id, bool(needed))))
            for gone in (finding.id, *needed):
                self.review.outcomes.pop(gone, None)
            self.scan()

    def redo(self, finding: Finding, rest: str) -> None:
        """r."""
        self.say("Decided again." if self.session.decisions.redo() else "Nothing to redo.")

    def rescan(self, finding: Finding, rest: str) -> None:
        """R."""
        self.scan()
        self.at = 0

    def tab(self, finding: Finding, rest: str, tab: str = "1") -> None:
        """1 to 4, d: the diff, the code, the why, the log."""
        if tab == "1":
            self.diff(finding, int(rest) if rest.isdigit() else 3)
        elif tab == "2":
            hidden = finding.path in self.review.hidden(finding)
            self.say(*words.code(finding, self.review.source(finding), hidden=hidden))
        elif tab == "3":
            self.say(*words.why(self.review, finding))
        else:
            self.say(*(safe_text(entry) for entry in self.review.logs.get(finding.id, ["Nothing yet."])))

    def copy(self, finding: Finding, rest: str) -> None:
        """c: the patch as a file, for git apply."""
        fix = self.review.fix(finding)
        if fix is None or self.review.hidden(finding) & {*fix.paths}:
            self.say("There is no patch to write.")
            return
        path = editor.write_copy(editor.folder(self.session, finding), "fix.patch", unified(fix.changes))
        self.say(f"{words.place(finding)}", f"git apply {safe_text(str(path))}")

    def filter(self, finding: Finding, rest: str) -> None:
        """/ WORDS: only what matches; / alone: everything."""
        self.review.filter = filtering.parse(rest)
        self.say(self.review.filter.problem or f"{len(self.shown)} of {len(self.review.findings)} match.")
        if not self.shown:
            self.say("Everything is shown again.")
            self.review.filter = filtering.parse("")
        self.at = 0

    def all(self, finding: Finding, rest: str) -> None:
        """*: everything that is shown and safe."""
        count, left = self.review.select_safe()
        self.say(f"{plural(count, 'finding')} selected; {left} that need an eye were left.")

    def go(self, finding: Finding, rest: str) -> None:
        """g 12."""
        if rest.isdigit() and 1 <= int(rest) <= len(self.shown):
            self.at = self.pointed = int(rest) - 1
        else:
            self.say(f"g and a number from 1 to {len(self.shown)}.")

    def step(self, finding: Finding, rest: str, by: int = 1) -> None:
        """j, k."""
        self.at = max(0, self.at + by)
        if by < 0:
            self.pointed = self.at

    def branch(self, finding: Finding, rest: str) -> None:
        """b NAME."""
        if rest:
            self.session.target = rest
        self.say(f"Commits go to {self.target()}.")

    def leave(self, finding: Finding, rest: str) -> None:
        """q."""
        raise End

    def help(self, finding: Finding, rest: str) -> None:
        """?."""
        self.say(*(f"{letter}: {what}" for letter, what in PLAIN.items()))

    _actions: Final[dict[str, Callable[[Plain, Finding, str], None]]] = {
        "y": select,
        "n": skip,
        "s": skip_because,
        "x": alternative,
        "e": edit,
        "o": open_source,
        "a": apply,
        "u": undo,
        "r": redo,
        "R": rescan,
        "d": tab,
        "1": tab,
        "2": lambda self, f, rest: self.tab(f, rest, "2"),
        "3": lambda self, f, rest: self.tab(f, rest, "3"),
        "4": lambda self, f, rest: self.tab(f, rest, "4"),
        "c": copy,
        "C": lambda self, f, rest: self.say(words.place(f)),
        "/": filter,
        "*": all,
        "j": step,
        "k": lambda self, f, rest: self.step(f, rest, -1),
        "g": go,
        "l": lambda self, f, rest: self.say(*words.listed(self.review, self.shown)),
        "i": lambda self, f, rest: self.say(*words.areas(self.review), *words.evidence(self.review)),
        "m": lambda self, f, rest: self.say(*safe_text(self.session.summary_markdown(), newlines=True).split("\n")),
        "S": lambda self, f, rest: self.say(*words.summary(self.review)),
        "b": branch,
        "q": leave,
        "?": help,
    }


def run(session: Session, *, stdin: TextIO, stdout: TextIO, answers_default: bool) -> int:
    """Run the review as plain text; with `answers_default` it answers itself. Returns the exit code."""
    Plain(session, stdin, stdout, default=answers_default).run()
    return 0
