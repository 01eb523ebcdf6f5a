"""What a person needs to decide: the fault, how bad, how safe the fix, and where all of it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.content import Content

from fixers.model import Applicability, Finding, NotApplicable, Pass, Problem, Rule, Skip, Suppressed
from fixers.text import plural
from tui.review import EDITED, Review, Row, State, told
from tui.shown import bar, content, line
from tui.widgets.finding_list import GLYPHS

Part = str | tuple[str, str]
SAFETY: Final = {
    Applicability.SAFE: ("SAFE", "$text-success"),
    Applicability.UNSAFE: ("UNSAFE", "$text-warning"),
    Applicability.MANUAL: ("MANUAL", "$text-warning"),
}


def card(review: Review, finding: Finding) -> Content:
    """The top of the detail: a handful of lines."""
    fix, state = review.fix(finding), review.state(finding)
    parts: list[Part] = [(line(finding.title or finding.message), "bold"), "\n"]
    parts += _badges(review, finding)
    if finding.title and finding.message:
        parts += ["\n", line(finding.message)]
    if why := first_sentences(review.session.rules.get(finding.rule)):
        parts += [("\nWhy  ", "$muted"), (why, "")]
    if state is State.APPLIED:
        outcome = review.outcomes.get(finding.id)
        words = told(outcome) if outcome else f"commit {review.session.applied[finding.id][:10]}"
        parts += [("\nDone ", "$muted"), (words, "$text-success"), ("   u undoes it", "$muted")]
    elif fix is None:
        parts += [("\nDo   ", "$muted"), (manual(finding), "")]
    else:
        parts += [("\nFix  ", "$muted"), line(fix.title)]
        fixes = review.fixes(finding)
        if len(fixes) > 1:
            parts.append((f"   {fixes.index(fix) + 1} of {len(fixes)}, x for the next", "$text-accent"))
        if fix.reason and review.applicability(finding) is not Applicability.SAFE:
            parts += [("\nNote ", "$muted"), (line(fix.reason), "$text-warning")]
    if state is State.DROPPED:
        parts += [("\nLast ", "$muted"), (line(told(review.outcomes[finding.id])), "$text-error")]
    if state is State.SKIPPED and (reason := review.session.decisions.skipped.get(finding.id)):
        parts += [("\nSkip ", "$muted"), line(reason)]
    if review.is_dirty(finding):
        parts += [("\n±    ", "$muted"), "This file has edits that are not committed; the fix is against HEAD."]
    return content(*parts)


def _badges(review: Review, finding: Finding) -> Iterator[Part]:
    yield (GLYPHS[finding.level].strip() + " " + finding.level.label.upper(), f"bold {_colour(finding)}")
    yield f"  {finding.area}  "
    yield SAFETY[review.applicability(finding)]
    if finding.id in review.edits and review.fix(finding) is review.edits[finding.id]:
        yield (f"  ~ {EDITED}", "$text-accent")
    if finding.effort:
        yield (f"  effort {finding.effort.label}", "$muted")
    if finding.audit:
        yield (f"  audit {', '.join(finding.audit)}", "$muted")
    if len(finding.locations) > 1:
        yield (f"  {plural(len(finding.locations), 'place')}", "$muted")


def _colour(finding: Finding) -> str:
    return {"critical": "$text-error", "high": "$text-warning", "medium": "$text-primary"}.get(finding.level.label, "")


def manual(finding: Finding) -> str:
    """Why there is no edit, in one line."""
    refused = next((f.reason for f in finding.fixes if f.reason), "")
    steps = f"By hand, {plural(len(finding.steps), 'step')} in Why (3)." if finding.steps else "By hand."
    return f"{steps} {refused}".strip()


def first_sentences(rule: Rule | None, most: int = 220) -> str:
    """What the card has room for of why: whole sentences, one at least."""
    text = " ".join(rule.why.split("\n\n")[0].split()) if rule else ""
    end = text.rfind(". ", 0, most)
    return text if len(text) <= most else text[: end + 1] if end > 0 else text.partition(". ")[0]


def why(review: Review, finding: Finding) -> Content:
    """The rule's whole explanation, the places, the steps, and how to set it aside."""
    rule = review.session.rules.get(finding.rule)
    parts: list[Part] = [(line(finding.title or finding.message), "bold"), "\n\n"]
    if rule and rule.why:
        paragraphs = [" ".join(p.split()) for p in rule.why.split("\n\n")]
        parts += ["\n\n".join(paragraphs), "\n\n"]
    if finding.steps:
        parts += [("What to do\n", "bold $primary")]
        for number, step in enumerate(finding.steps, 1):
            parts.append(f"{number}. {line(step)}\n")
        parts.append("\n")
    for fix in review.fixes(finding):
        word, style = SAFETY[fix.applicability or Applicability.UNSAFE]
        mark = "▸ " if fix is review.fix(finding) else "  "
        parts += [mark, (word, style), f"  {line(fix.title)}", (f"  {line(fix.reason)}" if fix.reason else ""), "\n"]
    if finding.locations:
        parts += [("\nPlaces\n", "bold $primary")]
        for place in finding.locations[:200]:
            at = f":{place.line}" if place.line else ""
            parts.append(f"{line(place.path)}{at}  {line(place.note)}\n")
    if finding.after:
        parts.append(f"\nComes after: {', '.join(finding.after)}\n")
    parts += [
        ("\nRule     ", "$muted"),
        f"{finding.rule}\n",
        ("Finding  ", "$muted"),
        f"{finding.id}\n",
        ("Ignore   ", "$muted"),
        f"a comment on the line: readiness: ignore[{finding.rule}] and the reason; or s here\n",
    ]
    return content(*parts)


def log(review: Review, finding: Finding) -> Content:
    """What the checks and the build said of the fix."""
    lines = review.logs.get(finding.id)
    if not lines:
        return content(("Nothing yet: the checks run when the fix is applied.", "$muted"))
    return content("\n".join(line(entry) for entry in lines))


def other(review: Review, row: Row) -> Content:
    """A row that is no finding: a pass with its evidence, a rule that did not apply, a file not read."""
    item = row.item
    if isinstance(item, Pass):
        places = "".join(f"\n  {line(p.path)}{f':{p.line}' if p.line else ''}" for p in item.locations[:50])
        rule = f"\n\n{item.rule}"
        return content(("✓ passed  ", "$text-success"), (line(item.title), "bold"), "\n", item.evidence, places, rule)
    if isinstance(item, NotApplicable):
        return content((f"{item.rule} does not apply\n", "bold"), item.reason)
    if isinstance(item, Suppressed):
        found = item.finding
        return content(
            (f"{line(found.title or found.rule)}\n", "bold"), f"{line(found.path)}\n",
            f"Set aside in {line(item.where)}: {line(item.reason)}",
        )  # fmt: skip
    if isinstance(item, Skip):
        return content((f"{line(item.path)}\n", "bold"), item.reason)
    if isinstance(item, Problem):
        return content((f"{line(item.where)}\n", "bold"), item.message)
    if isinstance(item, tuple):
        return content((f"Fixed earlier, commit {item[1][:10]}\n", "bold"), f"finding {item[0]}; u undoes it")
    return overview(review)


def overview(review: Review, width: int = 24) -> Content:
    """Readiness by area as bars: what passes and what was fixed, of all that was looked at."""
    parts: list[Part] = [("Readiness by area\n\n", "bold")]
    areas = review.areas()
    wide = max((len(a) for a, *_ in areas), default=4)
    for area, passed, fixed, still in areas:
        good, whole = passed + fixed, passed + fixed + still
        style = "$text-success" if not still else "$text-primary"
        done = f"{passed} passed" + (f", {fixed} fixed" if fixed else "")
        parts += [f"  {line(area):<{wide}}  ", *bar(good, whole, width, style), f"  {still} open", f"  {done}\n"]
    good = sum(p + f for _, p, f, _ in areas)
    whole = sum(p + f + s for _, p, f, s in areas)
    parts += [f"\n  {'all':<{wide}}  ", *bar(good, whole, width, "bold"), (f"  {good} of {whole} in order\n", "bold")]
    return content(*parts)
