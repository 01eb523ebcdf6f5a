"""go/unlimited-request-body: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.splice import Edit
from fixers.facts import gobody, gocode, goconst
from fixers.facts.gobody import Read
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

LARGE = re.compile(
    r"upload|import|export|attach|file|backup|restore|avatar|image|media|blob|archive|ingest|bulk|batch|hook|push|asset|proxy|forward",
    re.I,
)
REASON = "a client that sends more than the limit gets an error from now on; see that it fits each route"
STEPS = ("Decide how large a body each route takes, and wrap r.Body in http.MaxBytesReader before it is read.",)
BAD = """package main

import (
	"encoding/json"
	"net/http"
)

func createNote(w http.ResponseWriter, r *http.Request) {
	var note struct{ Text string }
	if err := json.NewDecoder(r.Body).Decode(&note); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusCreated)
}
"""
NAME = "maxRequestBody"
DECLARATION = f"// {NAME} is the most bytes of a request that are read.\nconst {NAME} = 1 << 20"
GOOD = BAD.replace('http"\n)\n', f'http"\n)\n\n{DECLARATION}\n').replace(
    "\tif err", f"\tr.Body = http.MaxBytesReader(w, r.Body, {NAME})\n\tif err"
)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("Q15",),
    applies=("**/*.go",),
    bad={"api/notes.go": BAD},
    good={"api/notes.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A request body of any size is read into memory.

    One client that sends gigabytes to a JSON endpoint takes the memory of the whole process. http.MaxBytesReader
    stops the read at a limit, answers with an error and closes the connection. ParseMultipartForm's number is no
    limit: what exceeds it goes to the disk.
    """
    covered = gobody.middleware(project)
    if covered:
        yield Pass("a wrapper bounds request bodies", (Location(covered),))
        return
    yield from _gin(project)
    for path, code in gocode.sources(
        project, b".Body", b"render.", b"ParseMultipartForm(", b"FormFile(", b"MultipartReader("
    ):
        places = []
        for read in gobody.reads(code):
            calling = gobody.callers(project, path, read.function)
            if (calling and all(bounded for *_, bounded in calling)) or (read.bare and not calling):
                continue
            if project.keep(path, code.source.line(read.call)):
                places.append((read, [f"{p}: {s}" for p, s, bounded in calling if bounded]))
        if not places:
            continue
        places.sort(key=lambda p: code.source.line(p[0].call))
        draft = gocode.drafted(project, path, _mends, project, path, code, places)
        yield Finding(
            path,
            f"no limit on the request body in {', '.join(dict.fromkeys(code.symbol(r.call) for r, _ in places))}",
            line=code.source.line(places[0][0].call),
            anchor="request-body",
            locations=tuple(Location(path, code.source.line(r.call), note=code.symbol(r.call)) for r, _ in places),
            fixes=draft.fixes(
                "Limit how much of a request body is read",
                reason=REASON,
            ),
            steps=STEPS,
        )


def _gin(project: Project) -> Iterator[Finding]:
    reads = gobody.gin_reads(project)
    for path, code, call in gobody.gin_engines(project)[:1] if reads else ():
        if project.keep(path, code.source.line(call)):
            draft = gocode.drafted(
                project, path, gobody.gin_limit, code, call, any(LARGE.search(c.symbol(n)) for _, c, n in reads)
            )
            yield Finding(
                path,
                f"{len(reads)} reads of request bodies in gin handlers have no limit",
                line=code.source.line(call),
                anchor="request-body",
                locations=tuple(Location(p, c.source.line(n), note=c.symbol(n)) for p, c, n in reads[:12]),
                fixes=draft.fixes("Limit how much of a request body is read", reason=REASON),
                steps=STEPS,
            )


def _mends(project: Project, path: str, code: Code, places: list[tuple[Read, list[str]]]) -> list[Edit]:
    edits: list[Edit] = []
    done: list[tuple[int, int]] = []
    const = gobody.own_limit(project, path)
    named = const or NAME
    needed = False
    withheld = ""
    for read, bounded in places:
        place = gocode.statement(read.call)
        if bounded:
            withheld = f"{', '.join(bounded)} call it with a limit of their own, and the smaller limit would win"
            continue
        if place is None or read.streams or code.source.has_error_near(read.call):
            withheld = "the body is passed on as a stream: only you know how large it may be"
            continue
        end = code.source.bounds(place.parent() or place)[1]
        at = code.source.bounds(place)[0]
        if any(s <= at and at < e for s, e in done):
            continue
        limit = named
        if read.multipart:
            limit = "".join(read.multipart.split())
            if (goconst.number(project, path, limit) or 0) < 1 << 20:
                withheld = f"{limit} in ParseMultipartForm is what is kept in memory, not how large an upload may be"
                continue
        elif LARGE.search(code.symbol(read.call)):
            limit = "32<<20"
        done.append((at, end))
        needed = needed or limit == NAME
        http = code.name_of("net/http")
        body = f"{read.request}.Body"
        text = f"{body} = {http}.MaxBytesReader({read.writer or 'nil'}, {body}, {limit})"
        edits.append(code.source.insert_before(place, text))
    if not edits:
        raise Refused(withheld)
    if needed and not const:
        if gocode.in_package(project, path, [NAME]):
            raise Refused(f"{NAME} is the name of something else in this package")
        edits.append(golang.after_imports(code.source, DECLARATION))
    return edits
