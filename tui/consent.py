"""Nothing of a repository runs without a yes that was given to the exact command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fixers.text import safe_text

if TYPE_CHECKING:
    from argparse import Namespace

    from fixers.session import Session


def said_yes(question: str) -> bool:
    """Ask on the terminal; without one the answer is no."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} [y,N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def wanted(args: Namespace) -> bool:
    """Whether the command line asks for verification."""
    return bool(args.verify or args.verify_each or args.verify_tests or args.verify_with)


def asked(session: Session, args: Namespace) -> None:
    """When verification was asked for: show what would run and where, and let the session know the answer.

    `--yes` is a yes to detected commands and to the user's own, never to one that the repository names.
    """
    from fixers.verify.verifier import Wanted

    if not wanted(args):
        return
    asked_for = Wanted(tests=args.verify_tests, each=args.verify_each, command=args.verify_with)
    build = session.build_commands(asked_for)
    if not build:
        session.disagree("no build command was found for this tree; name one with --verify-with")
        return
    show = sys.stderr.write
    show(f"To verify, this runs the repository's own code in a copy of it ({safe_text(session.state)}/verify):\n")
    for command in build:
        show(f"  {safe_text(command.shown)}\n")
    if asked_for.tests:
        show("  and the tests of what was touched (cargo test, go test, pytest)\n")
    for path in session.overrides():
        show(f"  the repository's {path} has a say in what that really starts\n")
    foreign = any(c.source == "configuration" for c in build)
    if foreign:
        show(f"The command is named by the repository's own {safe_text(session.config.where)}.\n")
    if (args.yes and not foreign) or said_yes("Run it?"):
        session.agree(asked_for, build)
    elif foreign and args.yes:
        session.disagree("the command is the repository's own; --yes does not cover it")
    else:
        session.disagree("nobody agreed to run the build")
