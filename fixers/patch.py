"""Changes as unified diffs: bytes that `git apply` and `git am` take, and hunks for the screens."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from fixers.model import Change
from fixers.text import quoted

Algorithm = Literal["sha1", "sha256"]
_MOST_EDITS: Final = 1000
"""Edits over which the shortest script is not looked for: its cost grows with their square."""
_LITERAL_LINE: Final = 52
"""Bytes on one line of a binary patch: git's length letter ends at `z`."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk; a number is None on the side that does not have it."""

    kind: Literal[" ", "-", "+"]
    old_no: int | None
    new_no: int | None
    text: str = field(repr=False)
    eol: str = "\n"


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of changed lines with its context; starts are 1-based, and 0 before the first line."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[DiffLine, ...]

    @property
    def header(self) -> str:
        """The line that git puts above it: ``@@ -1,3 +1,4 @@``."""
        return f"@@ -{_span(self.old_start, self.old_count)} +{_span(self.new_start, self.new_count)} @@"


@dataclass(frozen=True, slots=True)
class Letter:
    """One commit as mail: who, when (``1700000000 +0100``, as git writes it), the message and the changes."""

    commit: str
    author: str
    mail: str
    date: str
    message: str
    changes: tuple[Change, ...]


def is_binary(change: Change) -> bool:
    """Whether either side has a NUL byte; such a change has no hunks."""
    return b"\0" in (change.before or b"") or b"\0" in (change.after or b"")


def blob_id(data: bytes, algorithm: Algorithm = "sha1") -> str:
    """The name that git gives to a file's bytes."""
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def counted(changes: Iterable[Change]) -> tuple[int, int]:
    """How many lines the changes add and remove; binary ones count as none."""
    kinds = [line.kind for change in changes for hunk in hunks(change, 0) for line in hunk.lines]
    return kinds.count("+"), kinds.count("-")


def unified(
    changes: Iterable[Change],
    *,
    algorithm: Algorithm = "sha1",
    modes: Mapping[str, str] | None = None,
    mail: bool = False,
) -> bytes:
    """The changes as one patch for `git apply`, ordered as they come, with full blob ids.

    `modes` gives a file's mode before, where it differs from `Change.mode`. With `mail`, files with a
    carriage return go as binary literals, because `git am` takes carriage returns away.
    """
    return b"".join(_file(change, algorithm, mail) for change in changes)


def mbox(letters: Sequence[Letter], *, algorithm: Algorithm = "sha1") -> bytes:
    """One mail per commit, for `git am`: the same trees, the same messages, the same authors."""
    return b"".join(_mail(letter, n, len(letters), algorithm) for n, letter in enumerate(letters, 1))


def hunks(change: Change, context: int = 3) -> tuple[Hunk, ...]:
    """The change as hunks with `context` lines around; () for a binary change or an equal or empty file."""
    if is_binary(change):
        return ()
    old, new = _lines(change.before or b""), _lines(change.after or b"")
    return tuple(_hunk(old, new, group, context) for group in _grouped(_edits(old, new), context))


def _span(start: int, count: int) -> str:
    return f"{start}" if count == 1 else f"{start},{count}"


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


# the patch of one file


def _file(change: Change, algorithm: Algorithm, mail: bool) -> bytes:
    before, after, path = change.before, change.after, change.path
    if before == after:
        return b""
    a, b = quoted("a/" + path), quoted("b/" + path)
    head = [f"diff --git {a} {b}"]
    if before is None:
        head.append(f"new file mode {change.mode}")
    elif after is None:
        head.append(f"deleted file mode {change.mode}")
    nothing = "0" * hashlib.new(algorithm, usedforsecurity=False).digest_size * 2
    ids = [nothing if side is None else blob_id(side, algorithm) for side in (before, after)]
    both = before is not None and after is not None
    head.append(f"index {ids[0]}..{ids[1]}" + (f" {change.mode}" if both else ""))
    if is_binary(change) or (mail and b"\r" in (before or b"") + (after or b"")):
        return _encoded(head) + b"GIT binary patch\n" + _literal(after or b"") + _literal(before or b"")
    parts = hunks(change)
    if parts:
        tab = "\t" if " " in path else ""
        head.append("--- /dev/null" if before is None else f"--- {a}{tab}")
        head.append("+++ /dev/null" if after is None else f"+++ {b}{tab}")
    return _encoded(head) + b"".join(_printed(hunk) for hunk in parts)


def _encoded(head: list[str]) -> bytes:
    return "".join(line + "\n" for line in head).encode("utf-8", "surrogateescape")


def _printed(hunk: Hunk) -> bytes:
    out = [hunk.header, "\n"]
    for line in hunk.lines:
        out += [line.kind, line.text, line.eol or "\n\\ No newline at end of file\n"]
    return "".join(out).encode("utf-8", "surrogateescape")


def _literal(data: bytes) -> bytes:
    packed = zlib.compress(data)
    out = [b"literal %d\n" % len(data)]
    for at in range(0, len(packed), _LITERAL_LINE):
        part = packed[at : at + _LITERAL_LINE]
        letter = len(part) + (ord("A") - 1 if len(part) <= 26 else ord("a") - 27)
        out.append(bytes([letter]) + base64.b85encode(part, pad=True) + b"\n")
    return b"".join(out) + b"\n"


def _mail(letter: Letter, number: int, total: int, algorithm: Algorithm) -> bytes:
    import datetime
    from email.header import Header
    from email.utils import format_datetime, formataddr

    seconds, _, zone = letter.date.partition(" ")
    sign, hours, minutes = (-1 if zone.startswith("-") else 1), int(zone[1:3] or 0), int(zone[3:5] or 0)
    offset = datetime.timezone(sign * datetime.timedelta(hours=hours, minutes=minutes))
    date = format_datetime(datetime.datetime.fromtimestamp(int(seconds), offset))
    subject, _, body = letter.message.partition("\n")
    if not subject.isascii():
        subject = Header(subject, "utf-8", maxlinelen=10_000).encode()
    count = f" {number}/{total}" if total > 1 else ""
    head = (
        f"From {letter.commit} Mon Sep 17 00:00:00 2001\n"
        f"From: {formataddr((letter.author, letter.mail))}\n"
        f"Date: {date}\n"
        f"Subject: [PATCH{count}] {subject}\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
        f"{body.strip()}\n---\n\n"
    )
    patch = unified(letter.changes, algorithm=algorithm, mail=True)
    return head.encode("utf-8", "surrogateescape") + patch + b"-- \nreadiness-fix\n\n"


# which lines differ

_Edit = tuple[int, int, int, int]
"""Lines a..b of the old file become lines c..d of the new one (0-based, half open)."""


def _edits(old: list[bytes], new: list[bytes]) -> list[_Edit]:
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if not a and not b:
        return []
    found = [(i + start, j + start, k + start, m + start) for i, j, k, m in _shortest(a, b)]
    return [_slid(old, new, edit, before, after) for before, edit, after in _neighbours(found, len(old))]


def _shortest(a: list[bytes], b: list[bytes]) -> list[_Edit]:
    """The shortest edit script (Myers, 1986), or one replacement when it would be very long."""
    n, m = len(a), len(b)
    if set(a).isdisjoint(b):
        return [(0, n, 0, m)]
    reach, trail = {1: 0}, []
    for d in range(min(n + m, _MOST_EDITS) + 1):
        trail.append({k: reach[k] for k in range(1 - d, d, 2)})
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            while x < n and 0 <= x - k < m and a[x] == b[x - k]:
                x += 1
            reach[k] = x
            if x >= n and x - k >= m:
                return _walked(trail, n, m)
    return [(0, n, 0, m)]


def _walked(trail: list[dict[int, int]], x: int, y: int) -> list[_Edit]:
    """The edits on the way back from the end, neighbours joined."""
    out: list[_Edit] = []
    for d in range(len(trail) - 1, 0, -1):
        reach, k = trail[d], x - y
        before = k + 1 if k == -d or (k != d and reach[k - 1] < reach[k + 1]) else k - 1
        px = reach[before]
        py = px - before
        edit = (px, px, py, py + 1) if before == k + 1 else (px, px + 1, py, py)
        if out and (edit[1], edit[3]) == (out[-1][0], out[-1][2]):
            last = out.pop()
            edit = (edit[0], last[1], edit[2], last[3])
        out.append(edit)
        x, y = px, py
    return out[::-1]


def _neighbours(edits: list[_Edit], length: int) -> Iterator[tuple[int, _Edit, int]]:
    """Each edit with the old lines that its neighbours leave free on both sides."""
    for i, edit in enumerate(edits):
        yield edits[i - 1][1] if i else 0, edit, edits[i + 1][0] if i + 1 < len(edits) else length


def _slid(old: list[bytes], new: list[bytes], edit: _Edit, before: int, after: int) -> _Edit:
    """A pure addition or removal moved to where a reader would put it.

    The same result can often be had by shifting the run of lines; the start that is least indented
    and not blank reads best, and of several the last one.
    """
    a, b, c, d = edit
    if a != b and c != d:
        return edit
    lines, start, end = (new, c, d) if a == b else (old, a, b)
    up, down = 0, 0
    while a - up > before and lines[start - up - 1] == lines[end - up - 1]:
        up += 1
    while b + down < after and lines[start + down] == lines[end + down]:
        down += 1
    shift = min(range(down, -up - 1, -1), key=lambda s: _indent(lines[start + s]))
    return a + shift, b + shift, c + shift, d + shift


def _indent(line: bytes) -> int:
    bare = line.strip()
    return len(line) - len(line.lstrip()) if bare else 1_000_000


def _grouped(edits: list[_Edit], context: int) -> Iterator[list[_Edit]]:
    group: list[_Edit] = []
    for edit in edits:
        if group and edit[0] - group[-1][1] > 2 * context:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _hunk(old: list[bytes], new: list[bytes], group: list[_Edit], context: int) -> Hunk:
    first, last = group[0], group[-1]
    lead = min(context, first[0])
    i, j = first[0] - lead, first[2] - lead
    stop = min(last[1] + context, len(old))
    old_from, new_from = i, j
    out: list[DiffLine] = []
    for a, b, c, d in [*group, (stop, stop, 0, 0)]:
        for line in old[i:a]:
            i, j = i + 1, j + 1
            out.append(_line(" ", i, j, line))
        if a == stop and c == d == 0:
            break
        out += [_line("-", n, None, old[n - 1]) for n in range(a + 1, b + 1)]
        out += [_line("+", None, n, new[n - 1]) for n in range(c + 1, d + 1)]
        i, j = b, d
    return Hunk(old_from + (i > old_from), i - old_from, new_from + (j > new_from), j - new_from, tuple(out))


def _line(kind: Literal[" ", "-", "+"], old_no: int | None, new_no: int | None, raw: bytes) -> DiffLine:
    text, eol = raw, ""
    if raw.endswith(b"\r\n"):
        text, eol = raw[:-2], "\r\n"
    elif raw.endswith(b"\n"):
        text, eol = raw[:-1], "\n"
    return DiffLine(kind, old_no, new_no, text.decode("utf-8", "surrogateescape"), eol)
