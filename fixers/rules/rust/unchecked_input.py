"""Evidence: what comes from outside is measured before it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts import rust
from fixers.model import Applicability, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

CODE = """\
const MAX_PAYLOAD: usize = 5 * 1024 * 1024;

pub fn accept(payload: &[u8]) -> Result<(), Error> {
    if payload.len() > MAX_PAYLOAD {
        return Err(Error::TooLarge);
    }
    Ok(())
}
"""
_CHECK: Final = re.compile(
    r"if\s+(?![\w.&!]*(?:parts?|args|argv|fields|segments|chunks|words|lines|values|tokens|pieces|split)\b)"
    r"[\w.()&!]*\blen\(\)\s*(?:>=?|!=)\s*[\w:.]+[^{]*\{\s*(?:return\s+)?(?:Err\b|bail!|(?:\w+::)*\w*[Ee]rr)|"
    r"ensure!\(\s*[\w.()&!]*\blen\(\)|DefaultBodyLimit::max|RequestBodyLimitLayer::new|content_length_limit\(|"
    r"JsonConfig::default\(\)\.limit|PayloadConfig::new|max_frame_(?:size|length)\(|max_message_size"
)
_RATE: Final = re.compile(
    r"GovernorLayer|RateLimiter::|RateLimitLayer::new|\bfn\s+\w*rate_limit\w*\s*[(<]|ConcurrencyLimitLayer::new"
)


@rule(
    severity=Severity.LOW,
    fix=Applicability.MANUAL,
    audit=("M good",),
    applies=("*.rs",),
    bad={"src/lib.rs": "pub fn accept(payload: &[u8]) {\n    store(payload);\n}\n"},
    good={"src/lib.rs": CODE},
    evidence_only=True,
)
def check(project: Project) -> Iterator[Result]:
    """Sizes of what comes in are checked.

    A length that is compared with a limit before the bytes are used, and a limiter in front of the handlers, keep one
    client from taking the memory and the time of all. This looks for what is there; other rules say what is missing.
    """
    sizes = _places(project, _CHECK, (b".len()", b"imit", b"max_", b"PayloadConfig"))
    rates = _places(project, _RATE, (b"ate_limit", b"RateLimit", b"Governor", b"ConcurrencyLimit"))
    if sizes:
        yield Pass("sizes of what comes in are checked before use", sizes)
    if rates:
        yield Pass("requests are limited in rate or number", rates)
    if not sizes and not rates:
        yield NotApplicable("no check of a size or a rate was recognised")


def _places(project: Project, pattern: re.Pattern[str], literals: tuple[bytes, ...]) -> tuple[Location, ...]:
    found = []
    for path in project.grep(literals, "*.rs"):
        if not rust.is_test_path(project, path) and (match := pattern.search(project.text(path))):
            found.append(Location(path, project.text(path).count("\n", 0, match.start()) + 1))
        if len(found) == 5:
            break
    return tuple(found)
