"""What each command prints; every decision is the session's."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from fixers.model import (
    CHECKING,
    EDITING,
    SCANNING,
    VERIFYING,
    Applied,
    Event,
    Failed,
    Plan,
    Refused,
    Rule,
)
from fixers.text import plural, safe_text
from tui import consent
from tui.exits import FINDINGS, OK, PARTLY, USAGE, VERSION

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from rich.console import Console

    from fixers.options import Options
    from fixers.session import Session


def options(args: Namespace) -> Options:
    """The session's options of parsed arguments."""
    from fixers.model import Severity
    from fixers.options import Options

    return Options(
        select=_split(args.select),
        ignore=_split(args.ignore),
        under=args.under,
        branch=getattr(args, "branch", ""),
        config_file=Path(args.config) if args.config else None,
        min_severity=Severity[args.min_severity.upper()] if args.min_severity else None,
        owner=args.owner,
        audit=args.audit,
        signoff=getattr(args, "signoff", False),
        sign=getattr(args, "sign", False),
    )


def _split(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def opened(args: Namespace, *, write: bool) -> Session:
    """The session that the arguments ask for."""
    from fixers.session import Session

    return Session(args.path, options(args), write=write)


def _notes(session: Session) -> tuple[str, ...]:
    """What a person should know first; above all that uncommitted edits are not looked at."""
    from fixers.config import FILE

    at_head = session.commit == (session.repository.head or "")
    edited = session.dirty if at_head else frozenset()
    notes = list(session.notes)
    new = FILE not in session.reader.entries() and (Path(session.root) / FILE).is_file()
    if session.options.config_file is None and (new or FILE in edited):
        notes.append(f"{FILE} has uncommitted changes, which have no effect; --config {FILE} uses the file as it is")
    if rest := edited - {FILE}:
        files = plural(len(rest), "file has", "files have")
        notes.append(f"{files} uncommitted edits, which are not looked at: everything is read from the last commit")
    return tuple(notes)


def _noted(session: Session, args: Namespace) -> None:
    for note in () if args.quiet else _notes(session):
        sys.stderr.write(f"Note: {safe_text(note)}\n")


def console(*, no_color: bool = False, stream: TextIO | None = None) -> Console:
    """A console that never guesses at markup, highlights nothing and wraps nothing in a pipe."""
    from rich.console import Console

    class Plain(Console):
        """rich ends the program with 1 when nobody reads any more; that would say "findings"."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    out = stream or sys.stdout
    return Plain(
        file=out,
        no_color=no_color or None,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if out.isatty() else 200,
    )


class Progress:
    """One line on the terminal that says how far the work is; nothing when standard error is no terminal."""

    def __init__(self, quiet: bool) -> None:
        self._on = sys.stderr.isatty() and not quiet
        self._width = 0

    def show(self, event: Event) -> None:
        """Draw the state that the event tells."""
        words = {SCANNING: "scanning", EDITING: "mending", CHECKING: "checking", VERIFYING: "verifying"}
        if not self._on or event.kind not in words:
            return
        name = event.text or (event.finding.rule if event.finding else "")
        line = f"{words[event.kind]} {event.done}/{event.total} {safe_text(name)}"[:78]
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)

    def clear(self) -> None:
        """Take the line away."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0


def _scanned(session: Session, args: Namespace) -> None:
    progress = Progress(args.quiet)
    try:
        for event in session.scan():
            progress.show(event)
    finally:
        progress.clear()


def scan(args: Namespace) -> int:
    """`readiness-fix scan`."""
    from fixers.folder import opened_or_folder, scan_folder
    from fixers.reports import json, text

    notes: tuple[str, ...]
    session = opened_or_folder(args.path, options(args))
    if session is None:
        result, name, answers = scan_folder(args.path, options(args))
        about, notes = json.About(VERSION, name), ("this folder is no git repository: it can be scanned, not mended",)
    else:
        with session:
            _scanned(session, args)
            found, answers = session.result, session.answers
            about, notes = json.About(VERSION, session.name, session.commit, session.branch), _notes(session)
        if found is None:
            return USAGE
        result = found
    if args.format == "json":
        sys.stdout.write(json.report(result, about, answers=answers if args.audit else None))
    else:
        out = console(no_color=args.no_color)
        for note in notes if not args.quiet else ():
            out.print(f"Note: {safe_text(note)}", soft_wrap=True)
        text.scan(out, result, answers, quiet=args.quiet)
    return FINDINGS if result.findings else OK


def _left(plan: Plan, unsafe: bool) -> list[str]:
    kinds = Counter(why.partition(":")[0] for _, why in plan.left)
    said = []
    if kinds["unsafe"]:
        said.append(f"{plural(kinds['unsafe'], 'more')} with --unsafe-fixes".replace("mores", "more"))
    if kinds["only one at a time"]:
        said.append(f"{kinds['only one at a time']} to decide one at a time in a session")
    if kinds["by hand"]:
        said.append(f"{kinds['by hand']} by hand")
    return said


def apply_all(args: Namespace) -> int:
    """`readiness-fix --apply-all`."""
    with opened(args, write=True) as session:
        _noted(session, args)
        _scanned(session, args)
        if session.why_no_commit:
            raise Refused(session.why_no_commit)
        plan = session.bulk(unsafe=args.unsafe_fixes)
        out = console(no_color=args.no_color)
        if plan.choices:
            consent.asked(session, args)
            progress = Progress(args.quiet)
            try:
                for event in session.apply(plan):
                    progress.show(event)
            finally:
                progress.clear()
        return _told(session, plan, out, args)


def _told(session: Session, plan: Plan, out: Console, args: Namespace) -> int:
    from fixers.reports import text

    for line in text.outcomes(session.outcomes):
        out.print(line, soft_wrap=True)
    done = [o for o in session.outcomes if isinstance(o, Applied)]
    lost = [o for o in session.outcomes if isinstance(o, Failed)]
    if not args.quiet:
        for finding, why in plan.left:
            why = why if ":" in why else f"{why}: {finding.message}"
            out.print(f"left      {'':10} {finding.rule} {safe_text(finding.path)}: {safe_text(why)}", soft_wrap=True)
    rest = _left(plan, args.unsafe_fixes)
    before = f", {len(session.applied)} on {safe_text(session.target)} from before" if session.applied else ""
    out.print(
        f"{plural(len(done), 'fix', 'fixes')} committed"
        + (f" on {safe_text(session.target)}" if done else before)
        + (f", {len(lost)} dropped" if lost else "")
        + (f"; {', '.join(rest)}" if rest else "")
        + "."
    )
    for line in text.audited(session.answers):
        out.print(line, soft_wrap=True)
    if session.answering.commit or session.answering.why:
        said = f"written in {session.answering.commit[:10]}" if session.answering.commit else session.answering.why
        out.print(f"The status of the audit is {'' if session.answering.commit else 'not written: '}{safe_text(said)}.")
    for command in session.next_commands():
        out.print(f"  {safe_text(command)}", soft_wrap=True)
    unverified = any(o.unverified for o in done)
    if consent.wanted(args) and session.unbuilt:
        out.print(
            f"{plural(len(session.unbuilt), 'fix', 'fixes')} from before on the branch: no build has agreed to it."
        )
        unverified = True
    return PARTLY if lost or unverified else OK


def diff(args: Namespace) -> int:
    """`readiness-fix --diff`: the raw patch to a pipe, escaped to a terminal."""
    with opened(args, write=False) as session:
        _noted(session, args)
        _scanned(session, args)
        if not session.commit:
            raise Refused("there is no commit yet, and the patch would be one on a commit")
        patched = session.preview(session.bulk(unsafe=args.unsafe_fixes))
        data = session.mbox(patched) if args.patches else session.patch(patched)
        for outcome in patched.outcomes:
            if isinstance(outcome, Failed):
                name = f"{outcome.finding.rule} {safe_text(outcome.finding.path)}"
                sys.stderr.write(f"dropped {name}: {safe_text(outcome.reason)}\n")
        if sys.stdout.isatty():
            for line in data.split(b"\n")[:-1]:
                sys.stdout.write(safe_text(line) + "\n")
        else:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
        return FINDINGS if data else OK


def interactive(args: Namespace) -> int:
    """`readiness-fix`: the screen, or plain prompts without a terminal."""
    import os

    plain = args.plain or not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb"
    with opened(args, write=True) as session:
        consent.asked(session, args)
        if plain:
            return _face("plain")(session, stdin=sys.stdin, stdout=sys.stdout, answers_default=False)
        return _face("app")(session, mouse=not args.no_mouse, no_color=args.no_color, keys=session.config.keys)


def _face(name: str) -> Callable[..., int]:
    """`run` of one of the two faces; the screen is imported only when it is shown."""
    import importlib

    run: Callable[..., int] = importlib.import_module(f"tui.{name}").run
    return run


def rules(args: Namespace) -> int:
    """`readiness-fix rules`."""
    from fixers import registry

    if args.format == "markdown":
        from fixers.reports import catalogue

        sys.stdout.write(catalogue.markdown(registry.rules()))
        return OK
    for rule in registry.rules():
        sys.stdout.write(f"{rule.id:34} {rule.severity.label:9} {rule.fix.value:7} {rule.title}\n")
    return OK


def explain(args: Namespace) -> int:
    """`readiness-fix explain RULE`."""
    from fixers import registry
    from fixers.reports import catalogue

    rule: Rule = registry.named(args.rule)
    sys.stdout.write(catalogue.explained(rule))
    return OK


def undo(args: Namespace) -> int:
    """`readiness-fix undo`: needs git alone, so a configuration that is wrong by now is no obstacle."""
    from fixers.vcs import open_repository

    if bool(args.finding) == args.all:
        raise Refused("name one finding to undo, or --all; `git log` on our branch shows Readiness-Finding ids")
    branch = args.branch or None
    with open_repository(args.path) as repository:
        if args.all:
            if not args.yes and not consent.said_yes("Remove the whole branch?"):
                sys.stdout.write("Nothing was undone. Without being asked: readiness-fix undo --all --yes\n")
                return USAGE
            for line in repository.undo_all(branch).said():
                sys.stdout.write(safe_text(line) + "\n")
            return OK
        needs = repository.dependents_of(args.finding, branch)
        if needs and not args.yes:
            sys.stdout.write(f"Fixes that need this one: {', '.join(needs)}.\n")
            if not consent.said_yes("Undo them too?"):
                sys.stdout.write(f"Nothing was undone. All of them: readiness-fix undo --yes {args.finding}\n")
                return USAGE
        for line in repository.undo([args.finding], branch, with_dependents=bool(needs)).said():
            sys.stdout.write(safe_text(line) + "\n")
    return OK


def demo(args: Namespace) -> int:
    """`readiness-fix demo`: the same session as on any repository, on a sample of ours."""
    import tempfile

    from fixers import samples
    from fixers.session import Session

    with tempfile.TemporaryDirectory(prefix="readiness-demo-") as folder:
        target = Path(args.keep) if args.keep else Path(folder)
        root = samples.create(args.name or samples.DEFAULT, target)
        stays = "" if args.keep else ", until the session ends (--keep DIR leaves it)"
        sys.stdout.write(f"The sample {root.name} stands in {root}{stays}\n")
        sys.stdout.flush()
        terminal = sys.stdin.isatty() and sys.stdout.isatty() and not args.plain
        with Session(root) as session:
            if terminal:
                return _face("app")(session, mouse=True, no_color=False, keys={})
            return _face("plain")(session, stdin=sys.stdin, stdout=sys.stdout, answers_default=not sys.stdin.isatty())


def completion(parser: ArgumentParser, shell: str) -> int:
    """`readiness-fix completion SHELL`."""
    import shtab

    sys.stdout.write(shtab.complete(parser, shell) + "\n")
    return OK
