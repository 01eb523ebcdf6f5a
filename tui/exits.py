"""The version and the exit codes, as documented."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
OK: Final = 0
"""scan: no finding; --apply-all: every fix that was asked for is on the branch; --diff: an empty patch."""
FINDINGS: Final = 1
"""scan: findings; --diff: the patch is not empty."""
USAGE: Final = 2
"""A wrong command line, or a repository that cannot be used."""
PARTLY: Final = 3
"""--apply-all: some fixes were dropped or are unverified."""
INTERRUPTED: Final = 130
TERMINATED: Final = 143
HUNG_UP: Final = 129
DEFECT: Final = 70
"""The fault is ours (EX_SOFTWARE of sysexits.h)."""
UNREAD: Final = 141
"""Nobody reads the output any more: what a shell says of a program that SIGPIPE ended."""
