"""Plain mode's half that talks and applies: lines out, answers in, the plan, the consent, the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from fixers.model import NOTE, Choice, Event
from fixers.text import plural, safe_text
from tui import plain_words as words
from tui.protocol import Session
from tui.review import Review


class End(Exception):
    """No more answers: end of input, or q."""


class Talk:
    """One review with a line of input and output. `default` answers every question with what is safe."""

    def __init__(self, session: Session, stdin: TextIO, stdout: TextIO, *, default: bool) -> None:
        self.review = Review(session)
        self.session = session
        self.stdin, self.stdout = stdin, stdout
        self.default = default
        self.asked_to_build = False

    # in and out

    def say(self, *lines: str) -> None:
        """Write lines; what the stream cannot encode is written as an escape."""
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        for line in lines:
            self.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        self.stdout.flush()

    def ask(self, question: str, default: str) -> str:
        """One line of answer; the default is for a session that answers itself. Raises End at the end of input."""
        self.stdout.write(question)
        self.stdout.flush()
        if self.default:
            self.say(default)
            return default
        line = self.stdin.readline()
        if not line:
            self.say("")
            raise End
        if not self.stdin.isatty():
            self.say(safe_text(line.strip()))
        return line.strip()

    # applying

    def offer(self) -> None:
        """At the end of the list: apply what is selected?"""
        choices = self.review.choices()
        if choices and not self.session.why_no_commit:
            self.say("")
            self.commit(choices)

    def commit(self, choices: Sequence[Choice]) -> bool:
        """The plan, a yes, and the run; whether it ran."""
        if self.session.why_no_commit:
            self.say(f"Fixes are off: {safe_text(self.session.why_no_commit)}")
            return False
        if not choices:
            self.say("Nothing is selected.")
            return False
        plan = self.session.plan(choices)
        self.say(*words.planned(self.review, plan))
        if not plan.choices:
            return False
        asked = f"Commit {plural(len(plan.choices), 'fix', 'fixes')} to {self.target()}? [y,n] "
        if not self.ask(asked, "y").startswith("y"):
            return False
        self.consent()
        self.tell(self.session.apply(plan), len(plan.choices))
        result = self.session.result
        if result is not None:
            self.review.finish(result)
        return True

    def consent(self) -> None:
        """Once: shall the build verify the fixes? The commands are shown whole, and nothing runs without a yes."""
        from fixers.verify.verifier import Wanted

        if self.asked_to_build or self.session.agreed is not None:
            return
        self.asked_to_build = True
        build = self.session.build_commands(Wanted())
        if not build:
            return
        self.say("The fixes can be verified in a copy. That runs the repository's own code:")
        for command in build:
            named = "" if command.source == "detected" else f" (named by the {command.source})"
            self.say(f"  {safe_text(command.shown)}{named}")
        self.say(*(f"  {safe_text(path)} has a say in what that starts" for path in self.session.overrides()))
        if self.ask("Verify? [y,n] ", "n").startswith("y"):
            self.session.agree(Wanted(), build)

    def tell(self, events: Iterable[Event], total: int) -> None:
        """A sentence for each fix as it is done."""
        done = 0
        for event in events:
            self.review.take(event)
            if event.outcome is not None:
                done += 1
                self.say(*words.outcome(done, total, event.outcome))
            elif event.kind == NOTE:
                self.say(safe_text(event.text))

    def target(self) -> str:
        """Our branch, or that there will be one."""
        return safe_text(self.session.target) or "a branch of its own"
