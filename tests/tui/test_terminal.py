"""The real program on a real terminal: from start to a commit, and every way it can end."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import git
from terminals import OURS, ROOT, Terminal, program

Make = Callable[..., Path]
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
"""Our own way to the clipboard: base64, asked for with c, C or m."""
FILES: dict[str, str | bytes] = {
    ".gitignore": "target/\n",
    "Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\n',
    "src/main.rs": "fn main() {}\n",
}


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Terminals that a test opened, ended with it."""
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        try:
            terminal.signal(signal.SIGKILL)
        except ProcessLookupError:
            continue


def opened(terminals: list[Terminal], *words: str, **env: str) -> Terminal:
    terminal = Terminal(program(*words), **env)
    terminals.append(terminal)
    return terminal


def test_from_start_to_a_commit_that_plain_git_reads(make_repo: Make, terminals: list[Terminal]) -> None:
    root = make_repo(FILES)
    head, status = git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")
    terminal = opened(terminals, str(root))
    terminal.until("files  ")
    terminal.fresh("y", "1 selected")
    terminal.fresh("A", "Apply (y)")
    terminal.resize(24, 80)
    terminal.fresh("y", "go on")
    terminal.until("✓")
    terminal.fresh("\r", "Summary")
    terminal.fresh("\r", "applied")
    terminal.type("q")
    assert terminal.end() == 0
    branches = git(root, "branch", "--format=%(refname:short)").split()
    ours = next(b for b in branches if b.startswith("readiness/"))
    assert "Readiness-Finding:" in git(root, "log", f"main..{ours}", "--format=%B")
    assert git(root, "rev-parse", "HEAD") == head
    assert git(root, "status", "--porcelain") == status
    after = terminal.text[terminal.text.rindex("On readiness/") :]
    assert f"git diff main...{ours}" in after, "the summary is printed again on the normal screen"


def test_no_byte_of_the_repository_steers_the_terminal(make_repo: Make, terminals: list[Terminal]) -> None:
    evil = "k\x1b]52;c;eHg=\x07\x1b[31mey\u202e.pem"
    key = b"-----BEGIN RSA PRIVATE KEY-----\nTOPSECRET\n-----END RSA PRIVATE KEY-----\n"
    root = make_repo({**FILES, evil: key, ".gitignore": b"target/\n# \x1b]0;title\x07 \x9b31m \xc2\x9b\n"})
    terminal = opened(terminals, str(root), EDITOR="true")
    terminal.until("files  ")
    for key in "jj123414\r1234hGkkgjjxcCoeS\ri\rgjymA":
        terminal.type(key)
        terminal.read(0.2)
    terminal.until("Apply (y)")
    terminal.fresh("y", "go on to the summary")
    terminal.fresh("\r", "esc closes")
    terminal.fresh("\r", "applied")
    terminal.fresh("m", "as Markdown")
    terminal.fresh("?", "esc closes")
    terminal.fresh("\r", "applied")
    terminal.type("q")
    assert terminal.end() == 0
    copied = b"".join(base64.b64decode(c) for c in COPIED.findall(terminal.all))
    assert b"Production readiness" in copied and b"TOPSECRET" not in copied
    kept = [p for p in Path(os.environ["XDG_STATE_HOME"]).rglob("*.*") if p.is_file() and "objects" not in p.parts]
    assert kept and not any(b"TOPSECRET" in p.read_bytes() for p in kept), "no log, no copy for the editor holds it"
    shown = COPIED.sub(b"", terminal.all)
    left = OURS.sub(b"", shown)
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", left), left[:2000]
    assert b"\xc2\x9b" not in left and "\u202e".encode() not in left
    assert b"TOPSECRET" not in left
    assert b"]52;" not in shown.replace(b"\\x1b]52;", b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_leaves_the_terminal_as_it_was(
    make_repo: Make, terminals: list[Terminal], number: signal.Signals, code: int
) -> None:
    terminal = opened(terminals, str(make_repo(FILES)))
    terminal.until("files  ")
    terminal.signal(number)
    assert terminal.end() == code
    assert terminal.all.rindex(b"\x1b[?1049l") > terminal.all.rindex(b"\x1b[?1049h")


def test_ctrl_c_is_an_interruption(make_repo: Make, terminals: list[Terminal]) -> None:
    terminal = opened(terminals, str(make_repo(FILES)))
    terminal.until("files  ")
    terminal.type("\x03")
    assert terminal.end() == 130


def test_decisions_survive_a_kill(make_repo: Make, terminals: list[Terminal]) -> None:
    root = make_repo(FILES)
    terminal = opened(terminals, str(root))
    terminal.until("files  ")
    terminal.fresh("y", "1 selected")
    terminal.signal(signal.SIGKILL)
    assert terminal.end() == -9
    again = opened(terminals, str(root))
    again.until("1 selected")
    again.type("q")
    assert again.end() == 0


def test_decisions_survive_a_terminal_that_is_closed(make_repo: Make, terminals: list[Terminal]) -> None:
    root = make_repo(FILES)
    terminal = opened(terminals, str(root))
    terminal.until("files  ")
    terminal.fresh("y", "1 selected")
    os.close(terminal.fd)
    _, status = os.waitpid(terminal.pid, 0)
    terminals.remove(terminal)
    assert os.waitstatus_to_exitcode(status) == 129
    again = opened(terminals, str(root))
    again.until("1 selected")
    again.type("q")
    assert again.end() == 0
    assert "1 selected: kept for the next readiness-fix here" in again.text


def test_nothing_that_a_terminal_sends_breaks_the_screen(make_repo: Make, terminals: list[Terminal]) -> None:
    terminal = opened(terminals, str(make_repo(FILES)))
    terminal.until("files  ")
    for noise in (
        b"\xff\xfe\xc3\x28\xf0\x9f",
        b"\x1b[999;999;999~\x1b[;;;;m\x1b[<0;9999;9999M\x1b[<64;-1;0m", b"\x1bP junk \x1b\\",
        b"\x1b]52;c;eHg=\x07\x1b]0;title\x07", b"\x1b[200~pasted y A y \x00\x1b[201~", b"\x9b31m\x90q\x9c",
        b"\x1b[?2026;2$y\x1b[?1;2c\x1b[>0;276;0c\x1b[4;1080;1920t", b"\x00\x01\x02\x05\x0f\x1c\x1d\x1e\x1f\x7f",
    ):  # fmt: skip
        os.write(terminal.fd, noise)
        terminal.read(0.3)
    terminal.fresh("\r\r", "Findings", 60)
    for _ in range(3):
        terminal.type("\r")
        terminal.read(0.3)
    terminal.type("\x03")
    assert terminal.end() == 130
    assert b"error of its own" not in terminal.all


def test_a_resize_at_any_moment_breaks_nothing(make_repo: Make, terminals: list[Terminal]) -> None:
    root = make_repo(FILES)
    terminal = opened(terminals, str(root))
    sizes = [(40, 120), (15, 60), (5, 10), (1, 1), (24, 80), (60, 200), (14, 59)]
    for size in sizes * 2:  # while it starts and scans
        terminal.resize(*size)
        terminal.read(0.05)
    terminal.resize(40, 120)
    terminal.until("files  ")
    terminal.fresh("y", "1 selected")
    terminal.fresh("A", "Apply (y)")
    for size in sizes:
        terminal.resize(*size)
        terminal.read(0.05)
    terminal.type("y")
    for size in [*sizes, (40, 120)]:
        terminal.resize(*size)
        terminal.read(0.05)
    terminal.until("go on to the summary")
    terminal.fresh("\r", "esc closes")
    terminal.fresh("\r", "1 applied")
    terminal.type("q")
    assert terminal.end() == 0


CRASH = """
import sys; sys.path[:0] = [{root!r}, {tests!r}]
import fakes
from tui import app
from tui.widgets import detail
def broken(*_): secret = "TOPSECRET"; raise ValueError(secret)
detail.card = broken
sys.exit(app.run(fakes.session({state!r})))
"""


def test_a_crash_prints_one_line_and_no_contents(tmp_path: Path, terminals: list[Terminal]) -> None:
    code = CRASH.format(root=str(ROOT), tests=str(ROOT / "tests/tui"), state=str(tmp_path))
    argv = [program()[0], "-c", code]
    terminal = Terminal(argv)
    terminals.append(terminal)
    assert terminal.end() == 70
    assert b"TOPSECRET" not in terminal.all
    last = terminal.text.split("readiness-fix stopped on an error of its own")
    assert len(last) == 2 and "Your decisions are kept." in last[1]
    assert "TOPSECRET" not in (tmp_path / "crash.log").read_text()


def test_no_color_sends_no_colour(make_repo: Make, terminals: list[Terminal]) -> None:
    terminal = opened(terminals, str(make_repo(FILES)), NO_COLOR="1")
    terminal.until("files  ")
    terminal.fresh("y", "1 selected")
    terminal.type("q")
    assert terminal.end() == 0
    assert not re.search(rb"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|9[0-7]|38;|48;)[0-9;]*m", terminal.all)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux(make_repo: Make, tmp_path: Path) -> None:
    root = make_repo(FILES)
    tmux = ["tmux", "-L", f"readiness-{tmp_path.name}", "-f", "/dev/null"]

    def screen() -> str:
        return subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True).stdout

    def until(words: str) -> None:
        limit = time.monotonic() + 120
        while words not in screen():
            assert time.monotonic() < limit, screen()
            time.sleep(0.1)

    subprocess.run([*tmux, "new-session", "-d", "-x", "110", "-y", "32", *program(str(root))], check=True)
    try:
        until("files  ")
        subprocess.run([*tmux, "send-keys", "y"], check=True)
        until("1 selected")
        subprocess.run([*tmux, "send-keys", "A"], check=True)
        until("Apply (y)")
        subprocess.run([*tmux, "send-keys", "y"], check=True)
        until("✓")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    assert any(b.startswith("readiness/") for b in git(root, "branch", "--format=%(refname:short)").split())
