"""go/unbounded-error-body: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit, splice
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

FAILED = re.compile(
    r"\b(\w+)\.StatusCode\s*(?:!=\s*(?:\w+\.Status(?:OK|Created|Accepted|NoContent)|20\d)"
    r"|>=?\s*(?:\w+\.Status(?:BadRequest|MultipleChoices|InternalServerError)|[345]\d\d|299)"
    r"|/\s*100\s*!=\s*2)"
)
LIMIT = "64<<10"
"""Bytes of an error's body that are worth reading: far more than any message, far less than a server's memory."""
BAD = """package main

import (
	"fmt"
	"io"
	"net/http"
)

func refused(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("answered %d: %s", resp.StatusCode, said)
	}
	return nil
}
"""
GOOD = BAD.replace("ReadAll(resp.Body)", f"ReadAll(io.LimitReader(resp.Body, {LIMIT}))")


@rule(
    severity=Severity.LOW,
    fix=Applicability.SAFE,
    audit=("Q13",),
    applies=("**/*.go",),
    bad={"client.go": BAD},
    good={"client.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """The body of a failed answer is read into memory, whatever its size.

    It is read for an error message only, and the other side decides how long it is: a broken or hostile server that
    answers 500 with gigabytes takes the client down. 64 KiB hold every message that a person would read.
    """
    draft, places, names = project.draft(), [], []
    for path, code in gocode.sources(project, b"ReadAll("):
        kept = [c for c in _reads(code) if project.keep(path, code.source.line(c))]
        if kept:
            try:
                draft.edit(path, splice, _mends(code, kept))
            except Refused as refused:
                draft.refuse(str(refused))
            places += [Location(path, code.source.line(c), note=code.symbol(c)) for c in kept]
            names += [code.symbol(c) or "the package" for c in kept]
    if places:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield Finding(
            places[0].path,
            f"{', '.join(names[:3])}{more} read the whole body of a failed answer",
            line=places[0].line,
            anchor="error-body",
            locations=tuple(places),
            fixes=draft.fixes("Read only so much of an error's body as a message needs"),
            steps=("Read the body of a failed answer through io.LimitReader.",),
        )


def _reads(code: Code) -> Iterator[Node]:
    """`io.ReadAll(resp.Body)` right where the status says that the request failed."""
    for call in code.calls_of(("io", "io/ioutil"), "ReadAll"):
        given = gocode.arguments(call)
        owner, _, field = given[0].text().rpartition(".") if len(given) == 1 else ("", "", "")
        branch = next((a for a in call.ancestors() if a.kind() in ("if_statement", "func_literal")), None)
        if field != "Body" or branch is None or branch.kind() != "if_statement":
            continue
        failed = FAILED.search(gocode.text_of(branch.field("condition")))
        then = branch.field("consequence")
        inside = then is not None and code.source.bounds(then)[0] <= code.source.bounds(call)[0]
        if code.source.has_error_near(call):
            continue
        if failed and failed[1] == owner and inside and code.source.bounds(call)[1] <= _end(code, then):
            yield call


def _end(code: Code, block: Node | None) -> int:
    return code.source.bounds(block)[1] if block is not None else 0


def _mends(code: Code, places: list[Node]) -> list[Edit]:
    edits = []
    for call in places:
        body = gocode.arguments(call)[0]
        io = code.name_of("io") or "io"
        edits.append(code.source.replace(body, f"{io}.LimitReader({body.text()}, {LIMIT})"))
    return edits if code.name_of("io") else [*edits, *golang.add_import(code.source, "io")]
