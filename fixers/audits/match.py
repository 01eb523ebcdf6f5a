"""Which rules an item speaks of, and what became of it: told only where rule, words and place agree.

An item is a rule's when it names the rule, when its words are those of the fault, or when the rule has the
only finding within 15 lines of the line that it cites (audits go stale: their lines were off at their own
commit). Everything else is for a person.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fixers.audits.document import Item
from fixers.audits.vocabulary import named, plain
from fixers.model import Applicability, Finding, ScanResult

NEAR: Final = 15
"""Lines that a cited place may be off (catalogue.md, measured on two audits)."""
_PATH: Final = re.compile(
    r"(?<![\w/.@-])((?:[\w.@-]+/)*(?:[\w@-][\w.@-]*\.[A-Za-z]{1,8}|Dockerfile|Containerfile|Makefile|CODEOWNERS|\.env|\.gitignore)"
    r"|(?:[\w.@-]+/)+)(?::(\d{1,6}))?(?![\w/])"
)
_RULE: Final = re.compile(r"\b[a-z][a-z0-9-]*(?:/[a-z0-9-]+)+\b")
_CURE: Final = re.compile(
    r"[ \t>*+-]*(?:\*\*)?(?:fix|recommend\w*|remediation|mitigation|suggest\w*|action|status|todo)\b", re.I
)
_SENTENCES: Final = 2


class State(enum.Enum):
    """What became of an item."""

    OPEN = "open"
    ADVISED = "advised"
    PARTLY = "partly fixed"
    FIXED = "fixed"
    ASIDE = "set aside"
    PASSES = "passes"
    UNSURE = "cannot confirm"
    UNMATCHED = "not matched"


@dataclass(frozen=True, slots=True)
class Done:
    """A fix on our branch: its finding, rule, title and commit, and the items that its commit names."""

    finding: str
    rule: str
    title: str = ""
    commit: str = ""
    labels: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An item and what became of it; `reason` is a sentence for a person."""

    item: Item
    state: State
    reason: str = ""
    rules: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    done: tuple[Done, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A file (or a folder, ending in a slash) that an item cites, with a line or 0."""

    path: str
    line: int = 0

    def holds(self, path: str) -> bool:
        """Whether a path of the tree is the cited one; the document may leave leading folders out."""
        if self.path.endswith("/"):
            return f"/{path}".find(f"/{self.path}") >= 0
        return path == self.path or path.endswith("/" + self.path)


def label(document: str, item: Item) -> str:
    """How a commit names the item: ``docs/AUDIT.md#3``, or the first words of its title."""
    slug = "-".join(re.findall(r"[a-z0-9]+", item.title.lower())[:6])
    return f"{document}#{item.number or slug or item.line}"


def answers(
    document: str, items: Sequence[Item], result: ScanResult, paths: Collection[str], done: Iterable[Done] = ()
) -> tuple[Answer, ...]:
    """What became of each item. `paths`: every file of the tree; `done`: what our branch has mended."""
    done = tuple(done)
    ran = (
        frozenset(r.rule for group in (result.findings, result.passes, result.not_applicable) for r in group)
        | {d.rule for d in done}
        | {s.finding.rule for s in result.suppressed}
    )
    found = [_answer(document, item, result, paths, done, ran) for item in items]
    whole = {a.item.number: a for a in found if a.item.kind != "row" and a.item.number}
    return tuple(_as(a, whole.get(a.item.number)) if a.item.kind == "row" else a for a in found)


def _as(row: Answer, item: Answer | None) -> Answer:
    """The row of a summary says what its item says."""
    if item is None:
        return row
    return Answer(row.item, item.state, item.reason, item.rules, item.findings, item.done)


def _answer(
    document: str,
    item: Item,
    result: ScanResult,
    paths: Collection[str],
    done: tuple[Done, ...],
    ran: frozenset[str],
) -> Answer:
    cited = tuple(places(item.text))
    rules = _rules(item, ran) or _by_place(cited, result)
    mine = label(document, item)
    by_label = tuple(d for d in done if mine in d.labels)
    if not rules and not by_label:
        return Answer(item, State.UNMATCHED, "no rule speaks of it")
    hits = tuple(f for f in result.findings if f.rule in rules)
    here = tuple(f for f in hits if _at(f, cited))
    there = [p for p in cited if any(p.holds(path) for path in paths)]
    mended = by_label or tuple(
        d
        for d in done
        if d.rule in rules and (not there or not d.paths or any(p.holds(x) for p in there for x in d.paths))
    )
    moved = ""
    if hits and not here and there:
        if mended:
            return Answer(item, State.FIXED, "", rules, (), mended)
        where = ", ".join(dict.fromkeys(f.path for f in hits[:3]))
        return Answer(item, State.UNSURE, f"found in {where}, not in {there[0].path}", rules, hits)
    if hits and not here:
        here = hits
        moved = f"{cited[0].path} is not there" if cited else ""
    if here:
        by_hand = all(f.applicability is Applicability.MANUAL for f in here)
        state = State.PARTLY if mended else State.ADVISED if by_hand else State.OPEN
        return Answer(item, state, moved, rules, here, mended)
    if mended:
        return Answer(item, State.FIXED, "", rules, (), mended)
    return _quiet(item, rules, result)


def _quiet(item: Item, rules: tuple[str, ...], result: ScanResult) -> Answer:
    """No finding: it was set aside, the rule passes, or it has nothing to look at."""
    aside = next((s for s in result.suppressed if s.finding.rule in rules), None)
    if aside is not None:
        return Answer(item, State.ASIDE, aside.reason, rules, (aside.finding,))
    passed = next((p for p in result.passes if p.rule in rules), None)
    if passed is not None:
        return Answer(item, State.PASSES, f"{passed.rule}: {passed.evidence}", rules)
    absent = next((n for n in result.not_applicable if n.rule in rules), None)
    return Answer(item, State.UNSURE, f"{absent.rule}: {absent.reason}" if absent else "its rule stopped", rules)


def places(text: str) -> Iterator[Place]:
    """The files and folders that a text cites, with their lines; addresses and versions are none."""
    seen = set()
    for match in _PATH.finditer(text):
        place = Place(match[1].removeprefix("./"), int(match[2] or 0))
        if place not in seen and not re.fullmatch(r"[\d.]+|(?:e\.g|i\.e|etc)\.?", match[1]) and place.path.strip("/."):
            seen.add(place)
            yield place


def _rules(item: Item, ran: frozenset[str]) -> tuple[str, ...]:
    """The rules that the item names, else those whose fault it quotes as code, else those of its words."""
    own = tuple(r for r in dict.fromkeys(_RULE.findall(item.text.lower())) if r in ran)
    if own or item.kind == "row":
        return own or named(plain(item.text), ran)
    problem = " ".join(line for line in item.text.split("\n") if not _CURE.match(line))
    title = plain(item.title)
    first = plain(" ".join(re.split(r"(?<=[.!?])\s", problem)[: _SENTENCES + 1]))
    return named(plain(problem), ran, code=True) or named(title, ran) or named(first, ran)


def _by_place(cited: tuple[Place, ...], result: ScanResult) -> tuple[str, ...]:
    """The one rule that has a finding close to a cited line."""
    near = {
        f.rule
        for f in result.findings
        for p in cited
        if p.line and any(p.holds(path) and abs(line - p.line) <= NEAR for path, line in _spots(f) if line)
    }
    return tuple(near) if len(near) == 1 else ()


def _spots(finding: Finding) -> Iterator[tuple[str, int]]:
    yield finding.path, finding.line
    yield from ((p.path, p.line) for p in finding.locations)


def _at(finding: Finding, cited: tuple[Place, ...]) -> bool:
    return not cited or any(p.holds(path) for p in cited for path, _ in _spots(finding))
