"""The interface against its budgets, and against DataTable and textual-diff-view in the same run.

textual-diff-view (AGPL, not a dependency) is measured when it can be imported. Budgets: first row
800 ms after start, key to plain diff 60 ms (median), 10,000 findings 100 ms, longest stall of the
loop 100 ms.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from benchmarks.common import ROOT, python_tree

sys.path[:0] = [str(ROOT / "tests" / "tui")]  # the tests' session and terminal serve here too

from fakes import FakeSession, fixed, one  # noqa: E402
from terminals import Terminal, program  # noqa: E402

from fixers.model import Change, Finding, Severity  # noqa: E402
from tui.app import ReadinessApp  # noqa: E402
from tui.filtering import parse  # noqa: E402
from tui.review import Review  # noqa: E402
from tui.widgets.detail import Detail  # noqa: E402
from tui.widgets.diff_pane import DiffPane  # noqa: E402
from tui.widgets.finding_list import FindingList  # noqa: E402

MANY = 10_000
LEVELS = list(Severity)


def findings(count: int) -> list[Finding]:
    """So many findings with a small diff each."""
    before = b"".join(b"line %d\n" % n for n in range(120))
    return [
        one(
            f"area{n % 7}/fault-{n % 30}", f"src/module{n % 400}/file{n}.rs", f"The fault number {n} in production",
            f"call {n}", LEVELS[n % 4], id=f"{n:012x}", line=n % 90 + 1,
            fixes=(fixed("Mend it", Change(f"src/file{n}.rs", before, before.replace(b"line 60\n", b"line x\n"))),),
        )
        for n in range(count)
    ]  # fmt: skip


def said(what: str, seconds: float, budget: float = 0.0) -> None:
    """One figure."""
    within = "" if not budget else f"   budget {budget * 1000:.0f} ms: {'kept' if seconds <= budget else 'MISSED'}"
    print(f"  {what:<60} {seconds * 1000:9.1f} ms{within}")


def timed(work: Callable[[], object], repeat: int = 5) -> float:
    """The median of some runs."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


class Heart:
    """How long the loop did not come round, at the longest; `cpu` counts the loop's own thread only."""

    def __init__(self) -> None:
        self.longest = self.cpu = 0.0
        self._task: asyncio.Task[None] | None = None

    async def _beat(self) -> None:
        while True:
            start, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - start - 0.001)
            self.cpu = max(self.cpu, time.thread_time() - cpu)

    def __enter__(self) -> Heart:
        self._task = asyncio.get_running_loop().create_task(self._beat())
        return self

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()


async def painted(app: App[int]) -> None:
    """Until what was asked for is on the screen."""
    done = asyncio.get_running_loop().create_future()
    app.screen.call_after_refresh(lambda: done.done() or done.set_result(None))
    await done


async def settled(app: ReadinessApp) -> None:
    """Until the scan is over and drawn."""
    while app.main.feed is None or not app.main.feed.idle:
        await asyncio.sleep(0.005)
    await painted(app)


async def many() -> None:
    """Ten thousand findings: scanned live, set, filtered, walked."""
    app = ReadinessApp(FakeSession(findings(MANY)))
    app.owns_process = True
    app.spare_the_loop()
    async with app.run_test(size=(120, 40)):
        with Heart() as heart:
            await settled(app)
        said(f"longest stall while {MANY:,} findings arrive in 2,000 events", heart.longest, 0.1)
        said("  of which work of the loop's own thread", heart.cpu)
        listed = app.main.query_one(FindingList)
        ready = findings(MANY)

        def load() -> None:
            review = Review(FakeSession())
            review.add(ready)
            listed.set_rows(review.rows())

        said(f"{MANY:,} findings loaded into FindingList", timed(load), 0.1)
        app.main.refresh_list()
        review = app.main.review

        def narrow() -> None:
            review.filter = parse("sev:>=high area:area3 fault-1")
            listed.set_rows(review.rows())

        narrow()
        said(f"{MANY:,} findings filtered", timed(narrow))
        review.filter = parse("")
        app.main.refresh_list()
        times = []
        diff = app.main.query_one(DiffPane)
        with Heart() as heart:
            for _ in range(60):
                start = time.perf_counter()
                listed.go_next(1)
                wanted = listed.row.finding.id
                while diff._asked[0][0] != wanted:
                    await asyncio.sleep(0)
                await painted(app)
                times.append(time.perf_counter() - start)
                await asyncio.sleep(0.02)
        said("key to plain diff, median of 60", statistics.median(times), 0.06)
        said("key to plain diff, slowest of 60", max(times))
        said("longest stall while the cursor walks", heart.longest, 0.1)
        said("  of which work of the loop's own thread", heart.cpu)


class Table(App[int]):
    """What the list would cost with a DataTable."""

    def compose(self) -> ComposeResult:
        """One table."""
        yield DataTable()


async def table() -> None:
    """The same ten thousand in a DataTable."""
    ready = findings(MANY)
    app = Table()
    async with app.run_test(size=(120, 40)):
        widget = app.query_one(DataTable)
        widget.add_columns("box", "severity", "title", "place")
        start = time.perf_counter()
        widget.add_rows([("[ ]", f.level.label, f.title, f"{f.path}:{f.line}") for f in ready])
        await painted(app)
        said(f"{MANY:,} findings loaded into DataTable", time.perf_counter() - start)


def big(count: int = 2000) -> tuple[bytes, bytes]:
    """A file of so many lines and the same with one changed."""
    before = b"".join(b"    let value_%d = compute(%d); // a comment\n" % (n, n) for n in range(count))
    return before, before.replace(b"compute(1000)", b"compute(1001)")


async def diffs() -> None:
    """A file of 2,000 lines with one change, ours and theirs."""
    before, after = big()
    finding = one("a/b", "src/lib.rs", "t", "m", Severity.LOW, fixes=(fixed("f", Change("src/lib.rs", before, after)),))
    app = ReadinessApp(FakeSession([finding]))
    async with app.run_test(size=(160, 50)):
        await settled(app)
        pane = app.main.query_one(Detail).diff
        times = []
        for n in range(9):
            start = time.perf_counter()
            pane.show(n, finding.fixes[0].changes)
            await painted(app)
            times.append(time.perf_counter() - start)
        said("2,000 lines, one change, DiffPane", statistics.median(times))
        new = (Change("src/lib.rs", None, before),)
        start = time.perf_counter()
        pane.show("new", new)
        await painted(app)
        said("2,000 lines, a new file, DiffPane", time.perf_counter() - start)
    try:
        from textual_diff_view import DiffView
    except ImportError:
        print("textual-diff-view is not installed: not measured")
        return

    class Theirs(App[int]):
        """An app to mount theirs in."""

    theirs = Theirs()
    async with theirs.run_test(size=(160, 50)):
        start = time.perf_counter()
        with Heart() as heart:
            await theirs.screen.mount(DiffView("src/lib.rs", "src/lib.rs", before.decode(), after.decode()))
            await painted(theirs)
        said("2,000 lines, one change, textual-diff-view", time.perf_counter() - start)
        said("  longest stall", heart.longest)


def first_row(folder: Path) -> None:
    """The real program on a pty, from exec to the first finding, on 1,200 files."""
    repository = python_tree(folder / "tree", 1200)
    times = []
    for _ in range(4):
        terminal = Terminal(program(str(repository)), XDG_STATE_HOME=str(folder / "state"))
        times.append(terminal.until("[ ]"))
        terminal.until("files  ")
        terminal.type("q")
        terminal.end()
    said("first row on 1,200 files, best of 3 after one to warm up", min(times[1:]), 0.8)


def interface(folder: Path) -> None:
    """The interface against its budgets, DataTable and textual-diff-view."""
    os.environ.setdefault("TERM", "xterm-256color")
    print(f"\nthe interface ({os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f})")
    for part in (many, table, diffs):
        asyncio.run(part())
    first_row(folder)
