"""The command line: the only entry point. It reads argv, prints, and leaves every decision to the session."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from tui.exits import DEFECT, HUNG_UP, INTERRUPTED, OK, TERMINATED, USAGE, VERSION

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
  130, 143, 129  interrupted (SIGINT, SIGTERM, SIGHUP)
"""


class Interrupted(BaseException):
    """A signal asked the run to stop; `code` is the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"readiness-fix: {message}\nTry: {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _forget_the_folder()
    for number, code in ((signal.SIGTERM, TERMINATED), (signal.SIGHUP, HUNG_UP)):
        signal.signal(number, _raiser(code))
    try:
        return _run(words)
    except KeyboardInterrupt:
        return _stopped(INTERRUPTED)
    except Interrupted as stopped:
        return _stopped(stopped.code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        from fixers.model import Refused

        if isinstance(error, Refused):
            return _complain(str(error), getattr(error, "hint", ""))
        return _crashed(error)


def _forget_the_folder() -> None:
    """Take the current folder off sys.path: a repository must not lend us its modules."""
    here = Path.cwd() if Path().exists() else None
    sys.path[:] = [p for p in sys.path if p and (here is None or Path(p).absolute() != here or _ours(Path(p)))]


def _ours(folder: Path) -> bool:
    return Path(__file__).resolve().parent.parent == folder.resolve()


def _raiser(code: int) -> Callable[[int, object], None]:
    def stop(_number: int, _frame: object) -> None:
        raise Interrupted(code)

    return stop


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

    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    where = write_log(error, str(Path(home) / "readiness-fix")) or "not to be written"
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


def _main_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="readiness-fix",
        description="Finds what keeps a repository from production and commits each accepted fix on its own, checked.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: this folder)")
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
    parser = _main_parser()
    commands = parser.add_subparsers()
    for name in COMMANDS:
        commands.add_parser(name, parents=[_command_parser(name)], add_help=False)
    return parser
