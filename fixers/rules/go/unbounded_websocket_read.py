"""go/unbounded-websocket-read: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, goconst
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

READS = r"\.(?:ReadMessage|ReadJSON|NextReader)\("
CONST = re.compile(r"^\s*(?:const\s+)?(max\w*(?:[mM]essage|[fF]rame|[rR]ead)\w*)(?:\s+int64)?\s*=\s*[\d(]", re.M)
LARGE = 4 << 20
"""Bytes over which a message limit is worth a word: four times the megabyte that chat and JSON protocols stay in."""
QUEUE = 16
"""Messages over which the depth of a queue is worth a word."""
BAD = """package main

import (
	"net/http"

	"github.com/gorilla/websocket"
)

var upgrader websocket.Upgrader

func serve(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}
"""
GOOD = BAD.replace("\tdefer", "\tconn.SetReadLimit(1 << 20)\n\tdefer")


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    audit=("Q8",),
    applies=("**/*.go",),
    bad={"ws.go": BAD},
    good={"ws.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A websocket takes messages of any size into memory.

    A connection of gorilla/websocket reads a message whole, whatever its length, until SetReadLimit says otherwise.
    A few clients that send gigabytes are enough to take the process down. coder/websocket stops at 32 KiB unless
    the limit is lifted with -1.
    """
    bounded: list[Location] = []
    for path, code in gocode.sources(project, b".Upgrade(", b".SetReadLimit("):
        yield from _limits(project, path, code, bounded)
        if not gocode.package_has(project, path, r"(?:gorilla|fasthttp)/websocket\""):
            continue
        for call in code.calls(r"(?:[\w.]+\.)?Upgrade"):
            if len(gocode.arguments(call)) != 3 or not project.keep(path, code.source.line(call)):
                continue
            name = gocode.assigned_to(call).partition(",")[0].strip()
            if not _is_unbounded(project, path, code, call, name):
                continue
            draft = gocode.drafted(project, path, _mends, project, path, code, call, name)
            yield Finding(
                path,
                f"{code.symbol(call) or 'the package'} upgrades a connection whose messages have no size limit",
                line=code.source.line(call),
                anchor=code.symbol(call),
                fixes=draft.fixes(
                    "Limit the size of a websocket message",
                    reason="a message over the limit closes the connection; see that your largest one is smaller",
                ),
                steps=("Call SetReadLimit on the connection right after it was made, with your largest message.",),
            )
    if bounded:
        yield Pass("messages have a size limit", tuple(bounded))


def _is_unbounded(project: Project, path: str, code: Code, call: Node, name: str) -> bool:
    around = code.around(call)
    text = around[-1].node.text() if around else ""
    if ".SetReadLimit(" in text:
        return False
    if name and re.search(rf"\b{re.escape(name)}{READS}", text):
        return True
    return gocode.package_has(project, path, READS) and not gocode.package_has(project, path, r"\.SetReadLimit\(")


def _limits(project: Project, path: str, code: Code, bounded: list[Location]) -> Iterator[Finding]:
    for call in code.calls(r"[\w.]+\.SetReadLimit"):
        given, line = gocode.arguments(call), code.source.line(call)
        size = goconst.number(project, path, given[0].text()) if len(given) == 1 else None
        lifted = given and re.sub(r"\s", "", given[0].text()) == "-1"
        if not project.keep(path, line) or code.package == "websocket":
            continue
        if lifted:
            yield Finding(
                path,
                f"{code.symbol(call)} lifts the size limit of messages",
                line=line,
                anchor=code.symbol(call),
                steps=("Set the limit to your largest message instead of -1.",),
            )
        elif size is not None and size > LARGE:
            most, deep = goconst.queues(project, path)
            deep, queue = (deep, f"; a queue of {most} is made in the same package") if most >= QUEUE else ((), "")
            yield Finding(
                path,
                f"{code.symbol(call)} takes messages of {size / (1 << 20):g} MiB into memory{queue}",
                line=line,
                anchor=code.symbol(call),
                locations=(Location(path, line), *goconst.places(project, path, given[0].text()), *deep),
                severity=Severity.MEDIUM,
                steps=(
                    "Measure your largest message and set the limit a little above it.",
                    "Bound what waits for one client in bytes, not in messages, and close clients that fall behind.",
                    "Send large payloads as binary frames or over an HTTP upload with its own limit.",
                ),
            )
        else:
            bounded.append(Location(path, line))


def _mends(project: Project, path: str, code: Code, call: Node, name: str) -> list[Edit]:
    place = gocode.statement(call)
    if place is None or not re.fullmatch(r"[\w.]+", name) or name == "_" or code.source.has_error_near(call):
        raise Refused("the connection has no name at the place where it is made")
    after = place.next()
    while after is not None and not after.is_named():
        after = after.next()
    checked = after is not None and after.kind() == "if_statement" and re.match(r"if err\w* != nil", after.text())
    if not checked or place.kind() not in ("short_var_declaration", "assignment_statement"):
        raise Refused("the error is not checked right after the connection is made")
    assert after is not None
    own = [m[1] for p in gocode.siblings(project, path) for m in CONST.finditer(project.text(p))]
    limit = next((n for n in own if (goconst.number(project, path, n) or LARGE + 1) <= LARGE), "1 << 20")
    return [code.source.insert_after(after, f"{name}.SetReadLimit({limit})")]
