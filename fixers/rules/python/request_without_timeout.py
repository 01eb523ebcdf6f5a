"""python/request-without-timeout."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module, is_constant, text_of
from fixers.facts.python_project import sources
from fixers.facts.python_scopes import Call
from fixers.model import Applicability, Finding, Location, Pass, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_VERBS: Final = "get|post|put|patch|delete|head|options|request"
_REQUESTS: Final = re.compile(
    rf"requests\.(?:api\.)?(?:{_VERBS})|requests\.(?:sessions\.)?[Ss]ession\(\)\.(?:{_VERBS})"
)
_HTTPX: Final = re.compile(rf"httpx\.(?:{_VERBS}|stream|Client|AsyncClient)")
"""httpx waits five seconds by default, unless it is given None."""
_CLIENTS: Final = (b"requests", b"httpx", b"urllib")
_URLOPEN: Final = "urllib.request.urlopen"
_PATIENT: Final = re.compile(r"stream|long.?poll|getUpdates|^https?://(?:localhost|127\.)", re.I)

_SHORTEST: Final = 5
_LONGEST: Final = 120
"""Seconds: a timeout outside of them was chosen for one peer, and is no habit to take over."""


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.SAFE,
    applies=("*.py",),
    options={"seconds": 60},
    bad={
        "shop/rates.py": "import requests\n\n\ndef rates(url):\n"
        '    return requests.get(url, params={"base": "EUR"}).json()\n'
    },
    good={
        "shop/rates.py": "import requests\n\n\ndef rates(url):\n"
        '    return requests.get(url, params={"base": "EUR"}, timeout=60).json()\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """HTTP requests wait for ever when the other side does not answer.

    requests and urllib have no timeout of their own: one peer that accepts the connection and stays
    silent holds the worker until the process is restarted, and a few of them take the service down.
    The limit is per connection attempt and per gap between bytes, so a slow download still finishes.
    """
    passes = []
    for path, module in sources(
        project, (b"requests", b"urlopen", b"timeout=None"), packages=(b"requests", b"httpx", b"urllib")
    ):
        calls = [c for c in module.calls if _is_request(c)]
        adapted = _adapted(module)
        bare = [c for c in calls if _waits(c) and _session(c) not in adapted and project.keep(path, c.line)]
        for patient in (False, True):
            chosen = [c for c in bare if _is_patient(c) == patient]
            if chosen:
                yield _finding(project, path, module, chosen, calls, patient)
        if calls and not bare:
            passes.append(Location(path, calls[0].line))
    if passes:
        yield Pass("requests are made with a timeout", tuple(passes))


def _is_request(call: Call) -> bool:
    if _HTTPX.fullmatch(call.target):
        return is_constant(call.keyword("timeout"), None)
    return call.target == _URLOPEN or _REQUESTS.fullmatch(call.target) is not None


def _waits(call: Call) -> bool:
    if call.splats or (call.target == _URLOPEN and len(call.node.args) > 2):
        return False
    timeout = call.keyword("timeout")
    return timeout is None or is_constant(timeout, None)


def _adapted(module: Module) -> set[str]:
    """Sessions that may have a timeout of their own: an adapter or a `request` put in its place; "" for plain calls."""
    plain = ("requests.adapters.HTTPAdapter()", "requests.HTTPAdapter()")
    found = set()
    for call in module.calls:
        if call.target == "socket.setdefaulttimeout":
            found.add("")
        elif call.target.endswith("().mount") and module.resolve(call.argument(1, "adapter"), call.scope) not in plain:
            found.add(call.target.removesuffix(".mount"))
    ends = (".request", ".send")
    return found | {a.target.rpartition(".")[0] for a in module.assignments if a.target.endswith(ends)}


def _session(call: Call) -> str:
    """The session that a request is made with, "" for none."""
    owner = call.target.rpartition(".")[0]
    return owner if owner.endswith("()") else ""


def _is_patient(call: Call) -> bool:
    """Whether silence may be meant: a stream, a long poll, a worker on this machine, `timeout=None`."""
    texts = [text_of(a) or "" for a in call.node.args]
    explicit = call.keyword("timeout") is not None
    return explicit or is_constant(call.keyword("stream"), True) or any(_PATIENT.search(t) for t in texts)


def _finding(
    project: Project, path: str, module: Module, chosen: list[Call], calls: list[Call], patient: bool
) -> Finding:
    value = _habit(calls) or str(project.option("seconds"))
    draft = project.draft()
    draft.edit(path, python.apply, *(python.SetKeyword(c.span, "timeout", value) for c in chosen))
    title = f"Give {plural(len(chosen), 'request')} a timeout of {value} seconds"
    if patient:
        fixes = draft.fixes(title, Applicability.UNSAFE, "a stream or a worker may be silent for longer on purpose")
    else:
        fixes = draft.fixes(title)
    kind = "patient " if patient else ""
    return Finding(
        path,
        f"{plural(len(chosen), f'{kind}request')} without a timeout",
        line=chosen[0].line,
        anchor="streams" if patient else "",
        fixes=fixes,
        locations=tuple(Location(path, c.line, note=c.where) for c in chosen),
    )


def _habit(calls: list[Call]) -> str:
    """The timeout that the file's other requests have most, when it is a plain number and not meant for one peer."""
    values = [c.keyword("timeout") for c in calls]
    numbers = [repr(v.value) for v in values if isinstance(v, ast.Constant) and isinstance(v.value, int | float)]
    numbers = [n for n in numbers if _SHORTEST <= float(n) <= _LONGEST]
    return Counter(numbers).most_common(1)[0][0] if numbers else ""
