"""The longer texts: a rule's explanation, the log, what is no finding, the overview."""

from __future__ import annotations

from textual.content import Content

from fixers.model import Applicability, Finding, NotApplicable, Pass, Problem, Skip, Suppressed
from fixers.reports.areas import all_of
from tui.review import Review, Row
from tui.shown import bar, content, line
from tui.widgets.card import SAFETY, Part
from tui.wording import audit, effort


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
    parts += [("\nRule     ", "$muted"), f"{finding.rule}\n"]
    parts += [("Finding  ", "$muted"), f"{finding.id}\n"]
    parts += [part for item in finding.audit for part in (("Audit    ", "$muted"), f"{audit(item)}\n")]
    if words := effort(finding):
        parts += [("Effort   ", "$muted"), f"{words}\n"]
    parts += [
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
        rule = review.session.rules.get(item.rule)
        looked = f"\n\nWhat it looks for\n{' '.join(rule.why.split())}" if rule and rule.why else ""
        return content(
            ("✓ passed  ", "$text-success"), (line(item.title or item.rule), "bold"), "\n",
            item.evidence, places, looked, (f"\n\n{item.rule}", "$muted"),
        )  # fmt: skip
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
    found = review.areas()
    wide = max((len(a.name) for a in found), default=4)
    for area in found:
        style = "$text-success" if not area.open else "$text-primary"
        done = f"{area.passed:>3} passed" + (f"  {area.fixed:>3} fixed" if area.fixed else "")
        parts += [f"  {line(area.name):<{wide}}  ", *bar(area.good, area.whole, width, style)]
        parts += [f"  {area.open:>3} open  {done}\n"]
    whole = all_of(found)
    parts += [f"\n  {'all':<{wide}}  ", *bar(whole.good, whole.whole, width, "bold")]
    parts += [(f"  {whole.good:>3} of {whole.whole} in order\n", "bold")]
    return content(*parts)
