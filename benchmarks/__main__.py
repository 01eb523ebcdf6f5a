"""`python -m benchmarks [--corpus FILE] [--each N] [--fixtures DIR ...] [NAME ...]`: run them all, or those named."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import corpus, interface, peers, preservation, python_peers, speed
from benchmarks.common import Bench

ALL: dict[str, Bench] = {
    "startup": speed.startup,
    "scanning": speed.scanning,
    "large": speed.large,
    "committing": speed.committing,
    "preservation": preservation.preservation,
    "edits": preservation.edits,
    "peers": peers.peers,
    "python-peers": python_peers.python_peers,
    "interface": interface.interface,
}


def main() -> int:
    """Run the benchmarks that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--corpus", metavar="FILE", help="lists the git dirs to take real files from, one a line")
    parser.add_argument("--each", metavar="N", help="at most so many files of a kind in one repository")
    parser.add_argument(
        "--fixtures",
        metavar="DIR",
        action="append",
        help="a clone of a peer (zizmor, secure-repo, codemodder-python, semgrep-rules); repeated",
    )
    given = parser.parse_args()
    for name, value in ((corpus.LIST, given.corpus), (corpus.EACH, given.each)):
        if value:
            os.environ[name] = value
    if given.fixtures:
        os.environ[corpus.FIXTURES] = os.pathsep.join(given.fixtures)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode beside it
    sys.dont_write_bytecode = False
    wanted = given.names or list(ALL)
    unknown = [n for n in wanted if n not in ALL]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="readiness-bench-") as folder:
            ALL[name](Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
