"""go/weak-random: see the docstring of `check`."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, gorandom
from fixers.facts.gocode import Code
from fixers.model import Applicability, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

WEAK = ("math/rand", "math/rand/v2")
DRAWS = r"Int|Intn|IntN|N|Int31|Int31n|Int32N|Int63|Int63n|Int64N|Uint32|Uint64|Read|Perm|Shuffle|New|NewSource|NewPCG"
HELPER = """// randomIndex is a number in [0, n) that nobody can foretell.
func randomIndex(n int) int {
	index, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic("the system has no randomness: " + err.Error())
	}
	return int(index.Int64())
}
"""
BAD = """package main

import (
	"math/rand"
)

const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

func newToken() string {
	token := make([]byte, 32)
	for i := range token {
		token[i] = letters[rand.Intn(len(letters))]
	}
	return string(token)
}
"""
GOOD = BAD.replace('"math/rand"', '"crypto/rand"\n\t"math/big"').replace("rand.Intn(", "randomIndex(") + "\n" + HELPER


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=("**/*.go",),
    bad={"token.go": BAD},
    good={"token.go": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A secret is made of numbers that can be foretold.

    math/rand is for games and jitter: from a few values that it gave, the next ones follow, and where it is seeded
    with the time there are few to try. Tokens, session ids, passwords and codes come from crypto/rand.
    """
    for path, code in gocode.sources(project, b"math/rand"):
        places = [
            c
            for c in code.calls_of(WEAK, DRAWS)
            if gorandom.is_secret(project, path, code, c)
            and project.keep(path, code.source.line(c))
            and not code.comment_near(c, r"#nosec|nolint:\S*gosec")
        ]
        if not places:
            continue
        names = ", ".join(dict.fromkeys(code.symbol(c) or gocode.assigned_to(c) or "the package" for c in places))
        draft = gocode.drafted(project, path, _mends, project, path, code, places)
        yield Finding(
            path,
            f"{names} draws a secret from math/rand",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(c), note=code.symbol(c)) for c in places),
            fixes=draft.fixes(
                "Draw secrets from crypto/rand", reason="a machine without randomness ends the program instead"
            ),
            steps=("Use crypto/rand: rand.Text() since Go 1.24, or rand.Read into a byte slice that is encoded.",),
        )


def _mends(project: Project, path: str, code: Code, places: list[Node]) -> list[Edit]:
    local = code.name_of(*WEAK)
    uses = [c for c in code.calls_of(WEAK, r"\w+") if not gocode.called(c).endswith(".Seed")]
    if local != "rand" or len(uses) != len(places) or code.used(local) != len(places):
        raise Refused("the file draws other numbers from math/rand too")
    old = next(p for n, p in code.imports.items() if n == local)
    kinds = {gocode.called(c).rpartition(".")[2] for c in places}
    if any(code.source.has_error_near(c) for c in places):
        raise Refused("the code near the place could not be read")
    if kinds == {"Read"}:
        return golang.swap_import(code.source, old, "crypto/rand")
    if not kinds <= {"Intn", "IntN"}:
        raise Refused(f"{', '.join(sorted(kinds))} has no counterpart in crypto/rand")
    edits = [
        e
        for c in places
        for f in [c.field("function")]
        if f is not None
        for e in [code.source.replace(f, "randomIndex")]
    ]
    if gocode.in_package(project, path, ["randomIndex"]):
        raise Refused("randomIndex is the name of something else in this package")
    edits += golang.swap_import(code.source, old, "crypto/rand", "math/big")
    return [*edits, golang.append(code.source, HELPER)]
