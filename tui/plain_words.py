"""What plain mode says: whole sentences, one a line, in ASCII of our own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from fixers.model import Applied, Change, Finding, Fix, Outcome, Plan, Skipped
from fixers.patch import hunks, is_binary
from fixers.reports.areas import all_of
from fixers.text import plural, quoted, safe_text
from tui.review import Review, State, told
from tui.wording import audit, effort

LONGEST = 2000
"""Characters of one line of a diff that are printed."""


def place(finding: Finding) -> str:
    """``path:line``."""
    return safe_text(quoted(finding.path)) + (f":{finding.line}" if finding.line else "")


def heading(review: Review, finding: Finding, number: int, total: int) -> str:
    """``(3/40) HIGH docker/homeless-user Dockerfile:31``, with the state when there is one."""
    state = review.state(finding)
    words = {State.OPEN: "", State.MANUAL: ", by hand"}.get(state, f", {state.word}")
    dirty = ", file has uncommitted edits" if review.is_dirty(finding) else ""
    return f"({number}/{total}) {finding.level.label.upper()} {finding.rule} {place(finding)}{words}{dirty}"


def card(review: Review, finding: Finding) -> Iterator[str]:
    """The fault and the fix in a few sentences."""
    title = safe_text(finding.title or finding.message)
    yield f"{title}: {safe_text(finding.message)}." if finding.title and finding.message else f"{title}."
    fix = review.fix(finding)
    if fix is None:
        yield "There is no edit for it; it is for a person."
        yield from (safe_text(f.reason) for f in finding.fixes if f.reason)
        yield from (f"Step {n}: {safe_text(step)}" for n, step in enumerate(finding.steps, 1))
        return
    fixes = review.fixes(finding)
    which = f", alternative {fixes.index(fix) + 1} of {len(fixes)}" if len(fixes) > 1 else ""
    yield f"Fix ({review.applicability(finding).value}{which}): {safe_text(fix.title)}."
    if fix.reason:
        yield f"Note: {safe_text(fix.reason)}."


def why(review: Review, finding: Finding) -> Iterator[str]:
    """The rule's explanation."""
    rule = review.session.rules.get(finding.rule)
    if rule and rule.why:
        yield from (safe_text(" ".join(p.split())) for p in rule.why.split("\n\n"))
    yield from (f"Audit {audit(item)}." for item in finding.audit)
    if words := effort(finding):
        yield f"Effort to review {words}."
    yield from (f"At {safe_text(quoted(p.path))}:{p.line} {safe_text(p.note)}".rstrip() for p in finding.locations)
    yield f"To ignore it, write a comment on the line: readiness: ignore[{finding.rule}] and the reason."


def diff(fix: Fix, *, context: int = 3, hidden: Set[str] = frozenset()) -> Iterator[str]:
    """The changes of a fix, line by line, with line ends named where they are not LF."""
    for change in fix.changes:
        yield from _file(change, context, hidden=change.path in hidden)


def _file(change: Change, context: int, *, hidden: bool) -> Iterator[str]:
    kind = "New file" if change.before is None else "Leaves the index" if change.after is None else "File"
    yield f"{kind} {safe_text(quoted(change.path))}"
    if hidden:
        yield "Its contents are not shown: this file holds secrets."
        return
    if is_binary(change):
        yield "It is binary."
        return
    for hunk in hunks(change, context):
        yield hunk.header
        for line in hunk.lines:
            end = {"\n": "", "": "  (no newline at the end)"}.get(line.eol, "  (CR LF)" if line.kind != " " else "")
            yield line.kind + safe_text(line.text, limit=LONGEST) + end


def code(finding: Finding, data: bytes | None, *, hidden: bool = False) -> Iterator[str]:
    """The lines around the place."""
    if hidden:
        yield "Its contents are not shown: this file holds secrets."
    elif data is None:
        yield "There is no such file yet."
    elif b"\0" in data:
        yield "It is binary."
    else:
        lines = data.replace(b"\r\n", b"\n").split(b"\n")
        first = max(0, finding.line - 6)
        for number, raw in enumerate(lines[first : first + 12], first + 1):
            mark = ">" if number == finding.line else " "
            yield f"{mark}{number:>5} {safe_text(raw, limit=LONGEST)}"


def planned(review: Review, plan: Plan) -> Iterator[str]:
    """The plan, numbered."""
    for number, choice in enumerate(plan.choices, 1):
        paths = ", ".join(safe_text(quoted(p)) for p in choice.fix.paths)
        safety = review.applicability(choice.finding).value
        yield f"{number}. {safe_text(choice.fix.title)} ({safety}): {paths}"
    for finding, reason in plan.left:
        yield f"Left out: {finding.rule} {place(finding)}: {safe_text(reason)}"


def outcome(number: int, total: int, done: Outcome) -> Iterator[str]:
    """What became of one fix."""
    yield f"{number}/{total} {safe_text(done.finding.title or done.finding.rule)}: {safe_text(told(done))}."
    if not isinstance(done, Applied | Skipped) and done.log:
        yield from ("  " + safe_text(line, limit=LONGEST) for line in done.log.splitlines()[-20:])


def kept(review: Review) -> Iterator[str]:
    """What waits for the next run."""
    yield review.kept() or "Nothing is waiting."


def counted(review: Review) -> str:
    """How many findings are in which state."""
    return ", ".join(f"{n} {state.word}" for state, n in review.counts().items() if n) or "no findings"


def areas(review: Review) -> Iterator[str]:
    """Readiness by area."""
    found = review.areas()
    for area in (*found, all_of(found)):
        yield f"{area.name}: {area.open} open, {area.fixed} fixed, {area.passed} passed."


def others(review: Review) -> Iterator[str]:
    """What else the scan has to say, in counts."""
    result = review.result
    if result is None:
        return
    yield f"{plural(result.files, 'file')} and {plural(result.rules, 'rule')} in {result.seconds:.1f} s."
    for noun, words, items in (
        ("check", "passed", result.passes),
        ("rule", "did not apply", result.not_applicable),
        ("finding", "set aside with a reason", result.suppressed),
        ("file", "not read or not edited", result.skipped),
        ("problem", "on the way", result.problems),
    ):
        if items:
            yield f"{plural(len(items), noun)} {words}."


def evidence(review: Review) -> Iterator[str]:
    """Passes, what did not apply, what was set aside, what was not read: one line each."""
    result = review.result
    if result is None:
        return
    yield from (f"Passed: {p.rule}: {safe_text(p.evidence)}" for p in result.passes)
    yield from (f"Does not apply: {n.rule}: {safe_text(n.reason)}" for n in result.not_applicable)
    for s in result.suppressed:
        yield f"Set aside: {s.finding.rule} {place(s.finding)}: {safe_text(s.reason)} ({safe_text(s.where)})"
    yield from (f"Not read: {safe_text(quoted(s.path))}: {safe_text(s.reason)}" for s in result.skipped)
    yield from (f"Problem: {safe_text(p.where)}: {safe_text(p.message)}" for p in result.problems)


def summary(review: Review) -> Iterator[str]:
    """What was done and how to go on."""
    session = review.session
    yield f"Now: {counted(review)}."
    for finding in review.findings:
        if review.state(finding) is State.DROPPED:
            yield f"Not applied: {finding.rule} {place(finding)}: {safe_text(told(review.outcomes[finding.id]))}"
    if session.applied:
        yield f"{plural(len(session.applied), 'fix', 'fixes')} on {safe_text(session.target)}. Next:"
        yield from (f"  {safe_text(c)}" for c in session.next_commands())


def listed(review: Review, findings: Sequence[Finding]) -> Iterator[str]:
    """All findings, numbered."""
    for number, finding in enumerate(findings, 1):
        yield heading(review, finding, number, len(findings)) + f": {safe_text(finding.title or finding.message)}"
