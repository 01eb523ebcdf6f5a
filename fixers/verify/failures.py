"""What a build or a test run complains about, as a set that can be compared with another run's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.verify.command import CARGO, GO, Command
from fixers.verify.output import lines

_LINE_NUMBERS = re.compile(r":\d+(?::\d+)?")
_GO_LINE = re.compile(r"^(?:vet: )?(?P<file>[^\s:]+\.go):\d+(?::\d+)?: (?P<text>.+)$")
_PYTEST = re.compile(r"^(?:FAILED|ERROR) (?P<what>\S+)", re.M)
_TEST_FAILED = re.compile(r"^test (?P<name>\S+) \.\.\. FAILED$", re.M)


def failures(command: Command, output: str, code: int) -> frozenset[str]:
    """Diagnostics and failing tests, without line numbers, so that moved lines are no new failure.

    Empty when the command succeeded. A failing command whose output says nothing that can be told
    apart counts as one failure of its own.
    """
    if code == 0:
        return frozenset()
    if command.kind == CARGO:
        found = frozenset(_cargo(output))
    elif command.kind == GO:
        found = frozenset(_go(output))
    else:
        found = frozenset(m["what"] for m in _PYTEST.finditer(output)) or frozenset(_plain(output))
    return found or frozenset({f"{command.shown} fails (exit {code})"})


def _cargo(output: str) -> Iterator[str]:
    for data, line in lines(output):
        if data is not None:
            message = data.get("message")
            if isinstance(message, dict) and message.get("level") == "error" and message.get("spans"):
                where = next((s["file_name"] for s in message["spans"] if s.get("is_primary")), "")
                yield f"{where}: {message.get('message', '')}"
        elif line.startswith("error: ") and "could not compile" not in line and "target failed" not in line:
            yield _LINE_NUMBERS.sub("", line)
    yield from (f"test {m['name']}" for m in _TEST_FAILED.finditer(output))


def _go(output: str) -> Iterator[str]:
    for data, line in lines(output):
        if data is not None:
            if data.get("Action") == "fail":
                yield f"test {data.get('Package', '')} {data.get('Test', '')}".rstrip()
            continue
        match = _GO_LINE.match(line.strip())
        if match:
            yield f"{match['file']}: {match['text']}"
        elif line.startswith("go: "):
            yield line


def _plain(output: str) -> Iterator[str]:
    for line in output.split("\n"):
        if re.search(r"\b(?:error|failed|Error|FAILED)\b", line):
            yield _LINE_NUMBERS.sub("", line.strip())[:300]


def tail(command: Command, output: str, count: int = 30) -> str:
    """The end of the output as a person would want it: cargo's rendered messages, else the last lines."""
    if command.kind == CARGO:
        rendered = []
        for data, line in lines(output):
            message = data.get("message") if data is not None else None
            if data is None:
                rendered += [line] if line.strip() else []
            elif isinstance(message, dict) and message.get("level") == "error":
                rendered += str(message.get("rendered", "")).rstrip().split("\n")
        output = "\n".join(rendered)
    return "\n".join(output.rstrip().split("\n")[-count:])
