"""A token made of guessable numbers is a token that a stranger can make too."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import rust_items
from fixers.editors.splice import Edit, splice
from fixers.facts import rust, rust_random
from fixers.facts.rust import RustFile
from fixers.facts.rust_random import Guessable
from fixers.model import Applicability, Finding, Location, NotApplicable, Refused, Result, Severity, rule
from fixers.project import Project

BAD = """\
use rand::distr::{Alphanumeric, SampleString};
use rand::SeedableRng;

pub fn session_token() -> String {
    let mut rng = rand::rngs::SmallRng::from_os_rng();
    let token = Alphanumeric.sample_string(&mut rng, 32);
    token
}
"""
GOOD = BAD.replace("SmallRng", "StdRng")
WORDS = (
    b"SmallRng",
    b"fastrand",
    b"oorandom",
    b"nanorand",
    b"seed_from_u64",
    b"rand_pcg",
    b"rand_xoshiro",
    b"xorshift",
)


@rule(
    severity=Severity.HIGH,
    fix=Applicability.UNSAFE,
    applies=("*.rs",),
    bad={"src/lib.rs": BAD},
    good={"src/lib.rs": GOOD},
)
def check(project: Project) -> Iterator[Result]:
    """A secret is made of random numbers that can be guessed.

    Fast generators are made for simulations: from a few of the numbers they gave, all others follow, those of other
    users' tokens as well. A generator that is seeded with the time or a constant can be run again by anybody. rand's
    own `rng()` (`thread_rng()`), StdRng from the operating system, OsRng and getrandom are made for secrets.
    """
    found = False
    for path, code in rust.parsed(project, {*project.grep(WORDS, "*.rs"), *rust_random.clocks(project)}):
        places = [g for g in rust_random.guessable(project, code) if project.keep(path, code.line(g.node))]
        if not places:
            continue
        found = True
        draft = project.draft()
        try:
            unused = rust_items.drop_unused(code, "SmallRng", len(places))
            draft.edit(path, splice, [*unused, *(e for g in places for e in _edits(code, g))])
        except Refused as refused:
            draft.refuse(str(refused))
        names = ", ".join(f"`{n}`" for n in dict.fromkeys(g.secret for g in places))
        yield Finding(
            path,
            f"{names} can be guessed",
            code.line(places[0].node),
            anchor=places[0].secret,
            locations=tuple(Location(path, code.line(g.node), note=g.secret) for g in places),
            fixes=draft.fixes(
                "Make secrets with a generator meant for them", reason="slower, and no longer repeatable"
            ),
            steps=(
                "Take the numbers from the operating system: rand::rng() (thread_rng() before 0.9), OsRng, getrandom.",
                "Secrets that were made so far are guessable too: end their sessions, ask for new ones.",
            ),
        )
    if not found:
        yield NotApplicable("no secret is made with a generator that is not meant for it")


def _edits(code: RustFile, place: Guessable) -> Iterator[Edit]:
    """SmallRng and StdRng have the same constructors; the seed of the others is for a person to say."""
    text = place.node.text()
    if code.has_error_near(place.node):
        raise Refused("the grammar cannot read the code near the place")
    if place.generator != "SmallRng" or "seed" in text.rpartition("::")[2]:
        raise Refused("which generator takes its place depends on the crates at hand")
    full = "rand::rngs::StdRng"
    written = text.partition("::SmallRng")[0] + "::StdRng" if "::SmallRng" in text else full
    name = "StdRng" if "StdRng" in code.imports and "::SmallRng" not in text else written
    yield code.replace(place.node, name + text.partition("SmallRng")[2])
