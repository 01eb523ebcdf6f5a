"""go/unlimited-request-body: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.splice import Edit
from fixers.facts import gobody, gobounds, gocode, goconst
from fixers.facts.gobody import Read
from fixers.facts.gobounds import Bounds
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
    limits = gobounds.bounds(project)
    if limits.file:
        routes = "request bodies" if limits.everything else "the request bodies of some routes"
        yield Pass(f"a wrapper bounds {routes}", (Location(limits.file),))
    if limits.everything:
        return
    yield from _gin(project, limits)
    for path, reads in gobody.places(project).items():
        code = gocode.code(project, path)
        kept = [r for r in reads if code is not None and project.keep(path, code.source.line(r.call))]
        left = [(r, why) for r in kept if code is not None and (why := _left(project, path, code, r))]
        mended = [r for r in kept if all(r is not other for other, _ in left)]
        for anchor, places in (("request-body", mended), ("request-body:by-hand", [r for r, _ in left])):
            if code is not None and places:
                draft = gocode.drafted(project, path, _mends, project, path, code, places)
                if places is not mended:
                    draft.refuse(left[0][1])
                places.sort(key=lambda r: code.source.line(r.call))
                names = ", ".join(dict.fromkeys(code.symbol(r.call) for r in places))
                yield Finding(
                    path,
                    f"no limit on the request body in {names}",
                    line=code.source.line(places[0].call),
                    anchor=anchor,
                    locations=tuple(Location(path, code.source.line(r.call), note=code.symbol(r.call)) for r in places),
                    fixes=draft.fixes("Limit how much of a request body is read", reason=REASON),
                    steps=STEPS,
                )


def _gin(project: Project, limits: Bounds) -> Iterator[Finding]:
    reads = [r for r in gobody.gin_reads(project) if not limits.cover(r[1].symbol(r[2]))]
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


def _left(project: Project, path: str, code: Code, read: Read) -> str:
    """Why a place is left to a person, "" when it is not."""
    if gocode.statement(read.call) is None or read.streams or code.source.has_error_near(read.call):
        return "the body is passed on as a stream: only you know how large it may be"
    limit = "".join(read.multipart.split())
    if limit and (goconst.number(project, path, limit) or 0) < 1 << 20:
        return f"{limit} in ParseMultipartForm is what is kept in memory, not how large an upload may be"
    return ""


def _mends(project: Project, path: str, code: Code, places: list[Read]) -> list[Edit]:
    edits: list[Edit] = []
    done: list[tuple[int, int]] = []
    const = gobody.own_limit(project, path)
    needed = False
    for read in places:
        place = gocode.statement(read.call)
        if place is None:
            raise Refused("the body is read outside of a function")
        at, end = code.source.bounds(place)[0], code.source.bounds(place.parent() or place)[1]
        if any(s <= at and at < e for s, e in done):
            continue
        large = "32<<20" if LARGE.search(code.symbol(read.call)) else ""
        limit = "".join(read.multipart.split()) or large or const or NAME
        done.append((at, end))
        needed = needed or limit == NAME
        http = code.name_of("net/http")
        body = f"{read.request}.Body"
        text = f"{body} = {http}.MaxBytesReader({read.writer or 'nil'}, {body}, {limit})"
        edits.append(code.source.insert_before(place, text))
    if needed and not const:
        if gocode.in_package(project, path, [NAME]):
            raise Refused(f"{NAME} is the name of something else in this package")
        edits.append(golang.after_imports(code.source, DECLARATION))
    return edits
