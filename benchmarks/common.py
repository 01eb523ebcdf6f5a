"""What the benchmarks share: trees to run on, clocks, and a table."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START = f"import sys; sys.path[0] = {str(ROOT)!r}; from tui.cli import main; sys.exit(main())"
OURS = (sys.executable, "-c", START)
ONE_THREAD = {"RAYON_NUM_THREADS": "1", "GOMAXPROCS": "1"}


def git(where: Path, *args: str) -> None:
    """Plain git with an identity and nobody's configuration."""
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0")
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *identity, *args], cwd=where, check=True, capture_output=True, env=quiet)


def commit_all(root: Path) -> Path:
    """Make the folder a repository with one commit."""
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Bench")
    git(root, "config", "user.email", "bench@example.org")
    git(root, "add", "-A", "-f")
    git(root, "commit", "-qm", "Start")
    return root


def python_tree(root: Path, count: int) -> Path:
    """A repository of `count` real files: the running Python's own library, repeated when it is too small."""
    library = Path(sysconfig.get_paths()["stdlib"])
    sources = sorted(p for p in library.rglob("*.py") if "site-packages" not in p.parts and p.stat().st_size < 300_000)
    for number in range(count):
        source = sources[number % len(sources)]
        target = root / f"copy{number // len(sources)}" / source.relative_to(library)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return commit_all(root)


def tool(name: str) -> str:
    """The path of a peer, on PATH or beside the running Python; "" when it is not installed."""
    beside = Path(sys.executable).with_name(name)
    return shutil.which(name) or (str(beside) if beside.exists() else "")


def timed(argv: Sequence[str], cwd: Path, repeats: int = 3) -> float:
    """Median seconds of wall clock of a command, one thread, after one run that warms the caches."""
    env = {**os.environ, **ONE_THREAD}
    taken = []
    for number in range(repeats + 1):
        began = time.perf_counter()
        subprocess.run(argv, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if number:
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def peak(argv: Sequence[str], cwd: Path) -> float:
    """Peak resident MB of a command (Linux counts in KiB, macOS in bytes)."""
    child = subprocess.Popen(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1_000_000)


def table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print figures, one a line."""
    print(f"\n{title}")
    for name, figure in rows:
        print(f"  {name:<62} {figure}")
    sys.stdout.flush()


Bench = Callable[[Path], None]
__all__ = ["OURS", "ROOT", "Bench", "commit_all", "git", "peak", "python_tree", "resource", "table", "timed"]
