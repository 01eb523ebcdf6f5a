"""The command line: the only entry point. It reads argv, prints, and leaves every decision to the session."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from tui.exits import DEFECT, HUNG_UP, INTERRUPTED, OK, TERMINATED, UNREAD, USAGE, VERSION

COMMANDS: Final = ("scan", "rules", "explain", "undo", "demo", "completion")
_EPILOG: Final = """\
commands:
  scan [PATH]           findings, passes, what did not apply and why (--format text|json)
  rules                 the catalogue
  explain RULE          why, example, fix, safety, how to ignore it
  undo FINDING|--all    take fixes back from our branch (-C PATH)
  demo [NAME]           a session on a sample repository in a temporary folder
  completion SHELL      a completion script for bash, zsh or tcsh

A PATH named like a command is written ./scan. Nothing of a repository is executed, and the work
tree, the index and HEAD are never written: fixes are commits on a branch of their own.

exit codes:
  0  scan: no finding; --apply-all: every fix that was asked for is on the branch; --diff: empty patch
  1  scan: findings; --diff: the patch is not empty
  2  usage or repository error
  3  --apply-all: some fixes were dropped or are unverified
  70 a defect of ours, with a log
  130, 143, 129  interrupted (SIGINT, SIGTERM, SIGHUP); 141: nobody reads the output any more
"""
_SIGNALS: Final = ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED), (signal.SIGHUP, HUNG_UP))
_NOT_OURS: Final = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
)
"""Errors of the machine: a full disk, a limit, a permission. They are told as they are, not as a defect of ours."""


class Interrupted(KeyboardInterrupt):
    """A signal asked the run to stop; `code` is the exit code. Whatever lets Ctrl-C through lets it through."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"readiness-fix: {message}\nTry: {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not _streams():
        return _complain("standard output is closed: there is nowhere to write to")
    _forget_the_repository(words)
    gc.set_threshold(50_000, 20, 100)  # a scan makes many objects that stay: looking for garbage took 25 % of it
    try:
        with _signals():
            code = _run(words)
            sys.stdout.flush()
            return code
    except Interrupted as stopped:
        return _stopped(stopped.code)
    except KeyboardInterrupt:
        return _stopped(INTERRUPTED)
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> int:
    """What went wrong in a sentence, and the exit code for it."""
    from fixers.model import Refused

    if isinstance(error, Refused):
        return _complain(str(error), getattr(error, "hint", ""))
    if isinstance(error, BrokenPipeError) and _unread():
        _write_no_more()
        return UNREAD
    if isinstance(error, OSError) and error.errno in _NOT_OURS:
        _write_no_more()
        where = f" ({error.filename})" if error.filename else ""
        return _complain(f"the system refused: {error.strerror}{where}", "what is committed stays; run the same again")
    return _crashed(error)


def _streams() -> bool:
    """Closed standard streams lead nowhere, so that no file of ours takes their place; whether output is open."""
    closed = [n for n, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)) if stream is None]
    for number in closed:
        handle = os.open(os.devnull, os.O_RDWR)
        if handle != number:
            os.dup2(handle, number)
            os.close(handle)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    return sys.stdout is not None


def _unread() -> bool:
    """Whether nobody reads standard output any more."""
    asked = select.poll()
    asked.register(sys.stdout.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in asked.poll(0))


def _write_no_more() -> None:
    """What is still buffered for standard output goes nowhere, or Python would complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _forget_the_repository(words: Sequence[str]) -> None:
    """Take folders of a repository off sys.path: it must not lend us its modules. Where we are installed stays."""
    places: set[Path] = set()
    for word in (".", *words):
        up = _upwards(word)
        if up and up[0].is_dir():
            places |= {up[0], *(p for p in up if (p / ".git").exists())}
    libraries = (Path(p, name) for p in (sys.prefix, sys.base_prefix) for name in ("lib", "lib64"))
    kept = {Path(__file__).resolve().parent.parent, *(p.resolve() for p in libraries)}
    sys.path[:] = [p for p in sys.path if (up := _upwards(p)) and (kept & {*up} or not places & {*up})]


def _upwards(name: str) -> tuple[Path, ...]:
    """A path and the folders above it, links followed; () when that is not to be had."""
    try:
        path = Path(name).resolve()
    except (OSError, ValueError, RuntimeError):
        return ()
    return (path, *path.parents) if name else ()


@contextmanager
def _signals() -> Iterator[None]:
    """The first signal stops the run; what comes while it tidies up is too late. Those ignored before us stay so."""
    before = {n: signal.getsignal(n) for n, _ in _SIGNALS}
    ours = [n for n, _ in _SIGNALS if before[n] is not signal.SIG_IGN]

    def raiser(code: int) -> Callable[[int, object], None]:
        def stop(_number: int, _frame: object) -> None:
            for number in ours:
                signal.signal(number, signal.SIG_IGN)
            raise Interrupted(code)

        return stop

    for number, code in _SIGNALS:
        if number in ours:
            signal.signal(number, raiser(code))
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _stopped(code: int) -> int:
    sys.stderr.write(
        "\nreadiness-fix: stopped. What was committed stays on its branch; the same command goes on from there.\n"
    )
    return code


def _complain(message: str, hint: str = "") -> int:
    from fixers.text import safe_text

    sys.stderr.write(f"readiness-fix: {safe_text(message, newlines=True)}\n")
    if hint:
        sys.stderr.write(f"Next: {safe_text(hint, newlines=True)}\n")
    return USAGE


def _crashed(error: Exception) -> int:
    """A defect of ours: a log without file contents, and one sentence."""
    from tui.crash import write_log

    try:
        home = Path(os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser())
    except RuntimeError:
        home = Path()
    where = (write_log(error, str(home / "readiness-fix")) if home.is_absolute() else "") or "not to be written"
    sys.stderr.write(
        f"readiness-fix: a defect of ours stopped the run ({type(error).__name__}). Nothing of your work was touched."
        f" The log, without file contents, is {where}\n"
    )
    return DEFECT


def _run(words: list[str]) -> int:
    if words == ["--version"]:
        sys.stdout.write(f"readiness-fix {VERSION}\n")
        return OK
    command = words[0] if words and words[0] in COMMANDS else ""
    if command:
        args = _command_parser(command).parse_args(words[1:])
        from tui import commands

        if command == "completion":
            return commands.completion(whole_parser(), args.shell)
        return {
            "scan": commands.scan,
            "rules": commands.rules,
            "explain": commands.explain,
            "undo": commands.undo,
            "demo": commands.demo,
        }[command](args)
    args, rest = _main_parser().parse_known_args(words)
    if args.path in COMMANDS and (rest or not Path(args.path).exists()):
        _main_parser().error(f"a command comes first: readiness-fix {args.path} ...")
    if rest:
        _main_parser().error(f"unrecognized arguments: {' '.join(rest)}")
    if args.patches and not args.diff:
        _main_parser().error("--patches goes with --diff")
    if args.apply_all and args.diff:
        _main_parser().error("--apply-all commits, --diff only shows: choose one")
    from tui import commands

    if args.diff:
        return commands.diff(args)
    if args.apply_all:
        return commands.apply_all(args)
    return commands.interactive(args)


def _main_parser(*, path: bool = True) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="readiness-fix",
        description="Finds what keeps a repository from production and commits each accepted fix on its own, checked.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if path:
        here = "the repository (default: this folder)"
        parser.add_argument("path", nargs="?", default=".", metavar="PATH", help=here)
    modes = parser.add_argument_group("what to do (without one: an interactive session)")
    modes.add_argument("--apply-all", action="store_true", help="commit every SAFE fix on a new branch")
    modes.add_argument("--diff", action="store_true", help="print the patch that --apply-all would commit")
    modes.add_argument("--patches", action="store_true", help="with --diff: an mbox, a patch per commit")
    modes.add_argument("--unsafe-fixes", action="store_true", help="take UNSAFE fixes too")
    modes.add_argument("--plain", action="store_true", help="plain prompts instead of the screen")
    modes.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    _selection(parser)
    building = parser.add_argument_group("verification (runs the repository's own build; asks first)")
    building.add_argument("--verify", action="store_true", help="keep a fix only when the project still builds")
    building.add_argument("--verify-each", action="store_true", help="build every commit, not only the last")
    building.add_argument("--verify-tests", action="store_true", help="run the tests of what was touched, too")
    building.add_argument("--verify-with", default="", metavar="CMD", help="this command instead of the detected one")
    building.add_argument("--yes", action="store_true", help="agree to the detected command without being asked")
    commits = parser.add_argument_group("commits")
    commits.add_argument("--branch", default="", metavar="NAME", help="our branch (default: readiness/<date>)")
    commits.add_argument("--signoff", action="store_true", help="add Signed-off-by")
    commits.add_argument("--sign", action="store_true", help="sign with the key of your own git configuration")
    parser.add_argument("--version", action="version", version=f"readiness-fix {VERSION}")
    return parser


def _selection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to look at")
    group.add_argument("--select", action="append", default=[], metavar="RULE", help="only these ids or prefixes")
    group.add_argument("--ignore", action="append", default=[], metavar="RULE", help="not these ids or prefixes")
    group.add_argument("--path", dest="under", default="", metavar="DIR", help="only this part of the tree")
    group.add_argument(
        "--min-severity", default="", choices=["low", "medium", "high", "critical"], help="nothing below this"
    )
    group.add_argument("--config", default="", metavar="FILE", help="this configuration instead of the repository's")
    group.add_argument("--owner", default="", metavar="@NAME", help="who owns what, for CODEOWNERS")
    group.add_argument("--audit", default="", metavar="FILE", help="an audit to answer, item by item")
    group.add_argument("--quiet", action="store_true", help="findings and results only")
    group.add_argument("--no-color", action="store_true", help="no colours")


def _command_parser(command: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"readiness-fix {command}", allow_abbrev=False)
    if command == "scan":
        parser.description = "Findings, passes, what did not apply and why, and which files were not read."
        parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="a repository or a plain folder")
        parser.add_argument("--format", default="text", choices=["text", "json"], help="text for people, or JSON")
        _selection(parser)
    elif command == "rules":
        parser.description = "Every rule: severity, safety of its fix, title."
        parser.add_argument("--format", default="text", choices=["text", "markdown"], help="text, or the catalogue")
    elif command == "explain":
        parser.description = "Why a rule exists, its example, its fix and its safety, and how to ignore it."
        parser.add_argument("rule", metavar="RULE", help="the id of a rule, such as git/unignored-secrets")
    elif command == "undo":
        parser.description = "Take fixes back from our branch, with those that depend on them."
        parser.add_argument("finding", nargs="?", default="", metavar="FINDING", help="the id of an applied finding")
        parser.add_argument("--all", action="store_true", help="remove the whole branch")
        parser.add_argument("--yes", action="store_true", help="do not ask about dependents")
        parser.add_argument("-C", dest="path", default=".", metavar="PATH", help="the repository")
        parser.add_argument("--branch", default="", metavar="NAME", help="our branch (default: the latest)")
    elif command == "demo":
        parser.description = "A session on a sample repository, made in a temporary folder."
        parser.add_argument("name", nargs="?", default="", metavar="NAME", help="the sample (default: chat_rust)")
        parser.add_argument("--plain", action="store_true", help="plain prompts instead of the screen")
        parser.add_argument("--keep", default="", metavar="DIR", help="make the repository there and leave it")
    else:
        parser.description = "A completion script for the shell."
        parser.add_argument("shell", choices=["bash", "zsh", "tcsh"], help="which shell")
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """Everything the program takes, as one parser: for the completion scripts."""
    import shtab

    parser = _main_parser(path=False)  # else the first word would be completed as a PATH only
    commands = parser.add_subparsers()
    parts = [parser]
    for name in COMMANDS:
        own = _command_parser(name)  # a command without a help is taken for a hidden one
        parts.append(commands.add_parser(name, parents=[own], add_help=False, help=own.description))
    for action in (a for part in parts for a in part._actions):
        if action.dest in ("path", "under", "keep"):
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.dest in ("config", "audit"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    return parser
