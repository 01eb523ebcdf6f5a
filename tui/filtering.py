"""The filter of the list: words, and fields such as ``sev:high path:docker -state:skipped``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fixers.model import Finding, Severity

FIELDS: Final = ("sev", "area", "rule", "path", "state", "fix")
_VALUES: Final = {
    "sev": tuple(s.label for s in reversed(Severity)),
    "state": ("open", "selected", "skipped", "manual", "applied", "dropped", "edited", "dirty"),
    "fix": ("safe", "unsafe", "manual"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a field ("" for a word), the values that satisfy it, and whether it is turned round."""

    field: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """All terms must hold. `problem` says what could not be understood; such a term is left out."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    problem: str = ""

    def keeps(self, finding: Finding, haystack: str, states: Callable[[], frozenset[str]]) -> bool:
        """Whether the finding is shown. `haystack` is its text in lower case; `states` is asked when needed."""
        return all(_holds(term, finding, haystack, states) != term.negated for term in self.terms)

    def names(self, field: str, value: str) -> bool:
        """Whether the filter asks for just this."""
        return any(t.field == field and not t.negated and t.values == (value,) for t in self.terms)


def parse(text: str) -> Filter:
    """Read a filter. `sev:` knows `>=high`; values may be a list with commas; a leading `-` turns a term round."""
    terms: list[Term] = []
    problem = ""
    for word in text.lower().split():
        negated, word = word.startswith("-") and len(word) > 1, word.lstrip("-") or word
        field, colon, value = word.partition(":")
        if not colon or field not in FIELDS:
            terms.append(Term("", (word,), negated))
        elif value:
            values = _above(value) if field == "sev" else tuple(v for v in value.split(",") if v)
            known = _VALUES.get(field)
            full = tuple(_whole(v, known) for v in values) if known else values
            if known and None in full:
                problem = f"{field}: is one of {', '.join(known)}"
            else:
                terms.append(Term(field, tuple(v for v in full if v), negated))
    return Filter(text, tuple(terms), problem)


def _whole(value: str, known: tuple[str, ...]) -> str | None:
    """The known value that starts so: ``h`` is ``high``."""
    return next((k for k in known if k.startswith(value)), None)


def _above(value: str) -> tuple[str, ...]:
    if not value.startswith(">"):
        return tuple(v for v in value.split(",") if v)
    least = _whole(value.lstrip(">="), _VALUES["sev"])
    if least is None:
        return (value,)
    return tuple(s.label for s in Severity if s >= Severity[least.upper()])


def _holds(term: Term, finding: Finding, haystack: str, states: Callable[[], frozenset[str]]) -> bool:
    field, values = term.field, term.values
    if not field:
        return values[0] in haystack
    if field == "sev":
        return finding.level.label in values
    if field == "area":
        return finding.area.startswith(values)
    if field == "rule":
        return any(v in finding.rule for v in values)
    if field == "path":
        return any(v in finding.path.lower() for v in values)
    if field == "fix":
        return finding.applicability.value in values
    return not states().isdisjoint(values)


def haystack(finding: Finding) -> str:
    """What words are looked for in."""
    return "\n".join((finding.title, finding.message, finding.path, finding.rule, *finding.audit)).lower()
