"""The half of the main screen that acts: apply, undo, edit, copy, suppress."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from fixers.model import Finding, Fix, Plan, Refused, ScanResult
from fixers.patch import unified
from fixers.text import plural
from fixers.verify.command import Command
from fixers.verify.verifier import Wanted
from tui import editor
from tui.applying import Applying
from tui.crash import write_log
from tui.messages import Feed
from tui.review import State
from tui.screens.apply import ApplyScreen
from tui.screens.deciding import Deciding
from tui.screens.plan import Go, PlanScreen
from tui.screens.prompts import ConfirmScreen, PickScreen

T = TypeVar("T")


class Acting(Deciding):
    """Actions that reach the session, an editor or the clipboard. Whatever takes long runs in a thread."""

    feed: Feed | None
    applying: Applying | None = None

    def scan(self) -> None:
        """Scan again; the main screen knows how."""
        raise NotImplementedError

    def stop_scan(self) -> None:
        """Ask a running scan to end."""
        if self.feed is not None and not self.feed.ended:
            self.feed.stop()

    def action_rescan(self) -> None:
        """Scan again."""
        if not self.held_up():
            self.scan()

    @property
    def is_applying(self) -> bool:
        """Whether a run is under way."""
        return self.applying is not None and not self.applying.over

    def held_up(self) -> bool:
        """Whether a run is under way that must end before the branch or the tree is touched again; it is said."""
        if self.is_applying:
            self.say("Fixes are being applied; this can wait until they are (A shows how far).", "warning")
        return self.is_applying

    # in a thread, with a sentence for whatever goes wrong

    def in_thread(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Run `work` in a thread, then `then` with its result here; a refusal becomes a note."""

        def run() -> None:
            try:
                result = work()
            except Refused as refused:
                self.app.call_from_thread(self.say, str(refused), "error")
            except Exception as error:
                log = write_log(error, self.session.state)
                self.app.call_from_thread(self.say, f"{type(error).__name__}; details: {log}", "error")
            else:
                self.app.call_from_thread(then, result)

        self.run_worker(run, thread=True, group="session", exit_on_error=False)

    # apply

    def action_apply_one(self) -> None:
        """The plan of this one; while a run is under way, the run."""
        finding = self.detail.finding
        if self.is_applying:
            self.show_run()
        elif finding is not None:
            self._plan(finding)

    def action_apply_selected(self) -> None:
        """The plan of all that are selected; while a run is under way, the run."""
        if self.is_applying:
            self.show_run()
        else:
            self._plan(None)

    def _plan(self, only: Finding | None) -> None:
        if self.session.why_no_commit:
            self.say(f"Fixes are off: {self.session.why_no_commit}", "warning")
            return
        if self.feed is not None and not self.feed.ended:
            self.say("The scan is still running; the plan needs all of it.", "warning")
            return
        if only is not None and self.review.state(only) is State.APPLIED:
            self.say("It is on the branch already; u undoes it.")
            return
        choices = self.review.choices(only)
        if not choices:
            words = (
                "There is no edit for it."
                if only
                else "Nothing is selected: space selects, * selects all that is safe."
            )
            self.say(words)
            return
        self.in_thread(lambda: (self.session.plan(choices), self.session.build_commands(Wanted())), self._planned)

    def _planned(self, found: tuple[Plan, tuple[Command, ...]]) -> None:
        plan, build = found

        def answered(go: Go | None) -> None:
            if go is None:
                return
            if go.verify and self.session.agreed is None:
                self.session.agree(Wanted(), build)
            if go.branch and go.branch != self.session.target:
                self.session.target = go.branch
            self.app.clear_notifications()
            self.applying = Applying(self.review, plan, self)
            self.run_worker(self.applying.feed.run, thread=True, group="session", exit_on_error=False)
            self.show_run()

        self.app.push_screen(PlanScreen(self.review, plan, build), answered)

    def show_run(self) -> None:
        """The rows of the run; afterwards the summary, when it was watched to its end."""
        if self.applying is None:
            return

        def left(watched: bool | None) -> None:
            self.refresh_list()
            if watched:
                self.face.show_summary()

        self.app.push_screen(ApplyScreen(self.applying), left)

    def drain_run(self) -> None:
        """Take what the run says, and show it where the person is."""
        if self.applying is None:
            return
        self.applying.drain()
        if self.applying.over:
            result = self.session.result
            if result is not None:
                self.review.finish(result)
            self.tell_header()
        self.refresh_list()
        self.applying.feed.drained()
        watching = [screen for screen in self.app.screen_stack if isinstance(screen, ApplyScreen)]
        for screen in watching:
            screen.tell()
        if self.applying.over and not watching:
            words = f"{self.applying.words} " if self.applying.words else ""
            self.say(f"{words}{self.applying.state}; S shows the summary.", "warning" if words else "information")
        if self.applying.over:
            self.face.run_ended()

    # undo

    def action_undo(self) -> None:
        """On an applied fix its commit, after a question; else the last decision."""
        row = self.listed.row
        finding = row.finding if row else None
        earlier = row.item if row and isinstance(row.item, tuple) else None
        applied = finding is not None and self.review.state(finding) is State.APPLIED
        if (applied or earlier is not None) and self.held_up():
            return
        if finding is not None and applied:
            self._undo_commit(finding.id, finding.title or finding.rule)
        elif earlier is not None:
            self._undo_commit(str(earlier[0]), f"finding {earlier[0]}")
        elif self.session.decisions.undo():
            self.refresh_list()
        else:
            self.say("Nothing to undo.")

    def _undo_commit(self, finding_id: str, title: str) -> None:
        dependents = self.session.dependents(finding_id)
        names = [f.title or f.rule if (f := self.review.find(d)) else d for d in dependents]
        words = [f"Take “{title}” back from {self.session.target}?"]
        if names:
            words += [f"{plural(len(names), 'fix', 'fixes')} that need it would go too:", *(f"  {n}" for n in names)]

        def undone(messages: tuple[str, ...]) -> None:
            for gone in (finding_id, *dependents):
                self.review.outcomes.pop(gone, None)
            self.say("\n".join(messages))
            self.scan()

        def answered(yes: bool | None) -> None:
            if yes:
                self.in_thread(lambda: self.session.undo(finding_id, bool(dependents)), undone)

        self.app.push_screen(ConfirmScreen("Undo a commit", words, "Undo it"), answered)

    # suppress

    def suppress(self, findings: Sequence[Finding], reason: str) -> None:
        """An ignore with its reason, as a commit of its own per finding."""
        if self.held_up():
            return

        def work() -> ScanResult | None:
            for finding in findings:
                self.session.suppress(finding, reason)
            return self.session.result

        def written(result: ScanResult | None) -> None:
            if result is not None:
                self.review.finish(result)
            self.refresh_list()
            self.tell_header()
            self.say(f"Ignored from now on, on {self.session.target}: {reason}")

        self.in_thread(work, written)

    # the editor

    def action_edit(self) -> None:
        """Edit the proposed result of one file."""
        finding = self.detail.finding
        fix = self.review.fix(finding) if finding else None
        if self.held_up():
            return
        if finding is None or fix is None:
            self.say("There is no edit to change here.")
            return
        hidden = self.review.hidden(finding)
        paths = [c.path for c in fix.changes if c.after is not None and c.path not in hidden]
        if finding.masked or not paths:
            self.say("This result is not shown, so it is not edited here either.")
        elif len(paths) == 1:
            self._edit(finding, fix, paths[0])
        else:
            chosen = lambda i: None if i is None else self._edit(finding, fix, paths[i])  # noqa: E731
            self.app.push_screen(PickScreen("Edit which file?", paths), chosen)

    def _edit(self, finding: Finding, fix: Fix, path: str, data: bytes | None = None) -> None:
        change = next(c for c in fix.changes if c.path == path)
        before = change.after or b""
        where = editor.folder(self.session, finding)
        copy = editor.write_copy(where, path, before if data is None else data)
        if not self.face.run_editor(copy, finding.line):
            return
        after = copy.read_bytes()
        if after == before and data is None:
            self.say("Nothing was changed.")
            return
        editor.remember(where, fix, path)

        def accepted(edited: Fix) -> None:
            self.review.edits[finding.id] = edited
            self.review.turn_to(finding, edited)
            self.refresh_list()
            self.say("Shown as edited (~); x goes back to the proposal.")

        def work() -> None:
            try:
                edited = self.session.edited(finding, fix, path, after)
            except Refused as refused:
                self.app.call_from_thread(self._mend, finding, fix, path, after, str(refused))
            else:
                self.app.call_from_thread(accepted, edited)

        self.run_worker(work, thread=True, group="session", exit_on_error=False)

    def _mend(self, finding: Finding, fix: Fix, path: str, data: bytes, reason: str) -> None:
        """A result that was refused is mended or dropped; it is not lost."""

        def answered(again: bool | None) -> None:
            if again:
                self._edit(finding, fix, path, data)
            else:
                self.say(f"Not taken over. Your text is in {editor.folder(self.session, finding)}", "warning")

        self.app.push_screen(ConfirmScreen("Your result was refused", [reason], "Mend it"), answered)

    def restore_edits(self) -> None:
        """Take up what a person edited in an earlier run."""
        editor.restore_all(self.review)

    def action_open_source(self) -> None:
        """Open a copy of the source at the line; the file itself stays the person's own business."""
        finding = self.detail.finding
        if finding is None or not finding.path or finding.path in self.review.hidden(finding):
            self.say("There is no source to open here.")
            return
        path = Path(self.session.root) / finding.path
        data = self.review.source(finding)
        try:
            regular = stat.S_ISREG(os.lstat(path).st_mode) if os.path.lexists(path) else True
        except (OSError, ValueError):
            regular = False
        if not regular or data is None:
            words = "That path is no regular file; it is not opened." if not regular else "There is no such file yet."
            self.say(words, "warning")
            return
        copy = editor.write_copy(editor.folder(self.session, finding) / "source", finding.path, data)
        if self.face.run_editor(copy, finding.line) and copy.read_bytes() != data:
            self.say(f"That was a copy; your changes are in {copy}", "warning")

    # copying

    def action_copy_patch(self) -> None:
        """The fix as a patch for git apply."""
        finding = self.detail.finding
        fix = self.review.fix(finding) if finding else None
        if finding is None or fix is None:
            self.say("There is no patch to copy.")
        elif self.review.hidden(finding) & {*fix.paths}:
            self.say("The patch would hold what must stay secret; it is not copied.", "warning")
        else:
            patch = unified(fix.changes)
            self.app.copy_to_clipboard(patch.decode("utf-8", "replace"))
            exact = "" if _is_text(patch) else " Some bytes are not UTF-8; --diff writes them exactly."
            self.say(f"Copied a patch of {plural(len(patch), 'byte')} for git apply.{exact}")

    def action_copy_place(self) -> None:
        """The place as path:line."""
        finding = self.detail.finding
        if finding is not None:
            place = f"{finding.path}:{finding.line}" if finding.line else finding.path
            self.app.copy_to_clipboard(place.encode("utf-8", "replace").decode("utf-8"))
            self.say(f"Copied {place}")

    def action_copy_markdown(self) -> None:
        """The summary as Markdown."""
        self.app.copy_to_clipboard(self.session.summary_markdown())
        self.say("Copied the summary as Markdown.")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
