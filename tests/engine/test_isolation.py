"""A hostile file costs its own edit, never the run: the parser's child is limited, killed and restarted."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixers import isolation
from fixers.editors import python
from fixers.editors.python import SetKeyword, Span
from fixers.model import Refused

CALL = b"import requests\nrequests.get(url)\n"
EDIT = SetKeyword(Span(2, 0, 2, 17), "timeout", "30")


def ask(data: bytes = CALL, seconds: float = 10) -> bytes:
    answer = isolation.call(python.apply, data, EDIT, seconds=seconds)
    assert isinstance(answer, bytes)
    return answer


def test_the_child_is_started_once_and_reused() -> None:
    ask()
    first = isolation._child.pid
    ask(CALL + b"# more\n")
    assert first and isolation._child.pid == first != os.getpid()


def test_a_killed_child_is_replaced() -> None:
    ask()
    first = isolation._child.pid
    os.kill(first, signal.SIGKILL)
    assert ask(CALL + b"# after it\n") == b"import requests\nrequests.get(url, timeout=30)\n# after it\n"
    assert isolation._child.pid != first


def test_the_same_question_is_answered_without_the_child() -> None:
    answer = ask()
    isolation._child.stop()
    assert ask() == answer
    assert isolation._child.pid == 0


def test_only_so_many_bytes_of_answers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 3 * (len(CALL) + 32)
    monkeypatch.setattr(isolation, "ANSWERS", most)
    for number in range(4):
        ask(CALL + b"# number %d\n" % number)
    kept = isolation._child._answers
    assert sum(len(name) + len(body) for name, (_, body) in kept.items()) == isolation._child._held <= most
    assert kept


def test_a_slow_parser_is_killed_and_the_input_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    os.kill(isolation._child.pid, signal.SIGSTOP)
    started = time.monotonic()
    for _ in range(2):
        with pytest.raises(Refused, match=r"longer than 0\.3 seconds"):
            ask(CALL + b"# slow\n", seconds=0.3)
    assert time.monotonic() - started < 2
    assert ask(CALL + b"# next\n").endswith(b"# next\n")


HOSTILE = {
    "3,000 brackets": b"f(" + b"[" * 3000 + b"]" * 3000 + b")\n",
    "unclosed brackets": b"[" * 3000 + b"\n",
    "10,000 elifs": b"if a:\n    pass\n" + b"elif a:\n    pass\n" * 10_000,
    "10,000 terms": b"f(a" + b"+a" * 10_000 + b")\n",
    "10,000 unary operators": b"f(" + b"-" * 10_000 + b"1)\n",
    "900 terms": b"f(a" + b"+a" * 900 + b")\n",
    "Python 2": b"print 'hello'\n",
    "NUL": b"f(a)\n\0",
    "wrong encoding": b"# -*- coding: latin-1 -*-\nf('\xe9')\n",
    "unknown encoding": b"# -*- coding: nonsense -*-\nf()\n",
    "1 MB of one list": b"f([" + b"1," * 500_000 + b"])\n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_refused_with_a_reason_or_edited_in_time(data: bytes) -> None:
    lines = data.split(b"\n")
    edit = SetKeyword(Span(1, 0, 1, len(lines[0])), "x", "1")
    started = time.monotonic()
    try:
        isolation.call(python.apply, data, edit)
    except Refused as refused:
        assert str(refused)
    assert time.monotonic() - started < 15
    assert ask().endswith(b"timeout=30)\n"), "the next file is edited as ever"


def test_nothing_of_the_current_folder_is_imported(tmp_path: Path) -> None:
    root = Path(isolation.__file__).resolve().parent.parent
    for name in ("pickle", "struct", "libcst", "fixers", "json", "resource"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    script = (
        f"import sys; sys.path[:] = [{str(root)!r}] + [p for p in sys.path if p]\n"
        "from fixers import isolation\nfrom fixers.editors import python\n"
        f"print(isolation.call(python.apply, {CALL!r}, python.{EDIT!r}).decode())"
    ).replace("at=Span", "at=python.Span")
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "timeout=30" in done.stdout, done.stderr
    assert not (tmp_path / "ran").exists()


def test_the_child_takes_orders_for_the_listed_editors_only() -> None:
    answer = isolation._answer("os", "getpid", (), {})
    assert answer.startswith(b"-"), "only ISOLATED modules are run"
    assert ast.literal_eval(repr(isolation.ISOLATED)) == ("fixers.editors.python",)


def test_other_editors_run_here() -> None:
    assert isolation.call(os.getpid) == os.getpid()
