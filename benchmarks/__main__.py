"""`python -m benchmarks [NAME ...]`: run them all, or those named."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import interface, speed
from benchmarks.common import Bench

ALL: dict[str, Bench] = {
    "startup": speed.startup,
    "scanning": speed.scanning,
    "large": speed.large,
    "committing": speed.committing,
    "interface": interface.interface,
}


def main() -> int:
    """Run the benchmarks that the command line names."""
    wanted = sys.argv[1:] or list(ALL)
    unknown = [n for n in wanted if n not in ALL]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="readiness-bench-") as folder:
            ALL[name](Path(folder))
    return 0


sys.exit(main())
