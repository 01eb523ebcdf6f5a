"""One text in several forms, and what an edit of each did that was not asked for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator

BOM = b"\xef\xbb\xbf"


def _lf(data: bytes) -> bytes:
    data = data.removeprefix(BOM).replace(b"\r\n", b"\n")
    return data if data.endswith(b"\n") else data + b"\n"


def _bom(data: bytes) -> bytes:
    return _lf(data) if data.startswith(b"#!") else BOM + _lf(data)


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "LF": _lf,
    "as found": lambda data: data,
    "CRLF": lambda data: _lf(data).replace(b"\n", b"\r\n"),
    "no final newline": lambda data: _lf(data).removesuffix(b"\n"),
    "BOM": _bom,
}


def plain(data: bytes) -> bytes:
    """The text without what tells its forms apart: BOM, CR before LF, one final newline."""
    return data.removeprefix(BOM).replace(b"\r\n", b"\n").removesuffix(b"\n")


def kept(before: bytes, after: bytes) -> Iterator[tuple[int, int]]:
    """Pairs of line numbers (from 0) that stand for the same line in both texts."""
    old, new = plain(before).split(b"\n"), plain(after).split(b"\n")
    top = 0
    while top < min(len(old), len(new)) and old[top] == new[top]:
        yield top, top
        top += 1
    end = 0
    while end < min(len(old), len(new)) - top and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = difflib.SequenceMatcher(None, old[top : len(old) - end], new[top : len(new) - end], autojunk=False)
    for one, other, size in middle.get_matching_blocks():
        yield from ((top + one + n, top + other + n) for n in range(size))
    yield from ((len(old) - n, len(new) - n) for n in range(end, 0, -1))


def collateral(before: bytes, after: bytes, meant: tuple[bytes, bytes]) -> int:
    """Lines that the edit of one form changed and the edit of the LF form, which is `meant`, did not.

    The results may differ by their form only; and every line that the LF edit keeps is kept byte for byte, but for
    the line end of a last line that is no longer the last.
    """
    if plain(before) != plain(meant[0]):
        return 0
    wanted, found = plain(meant[1]).split(b"\n"), plain(after).split(b"\n")
    same = sum(1 for _ in kept(meant[1], after)) if wanted != found else len(wanted)
    off = max(len(wanted), len(found)) - same
    old, new = before.split(b"\n"), after.split(b"\n")
    for one, other in kept(*meant) if not off else ():
        last = one == len(old) - 1 or other == len(new) - 1
        if old[one] != new[other]:
            off += not (last and old[one].rstrip(b"\r") == new[other].rstrip(b"\r"))
    return off


def mixed(before: bytes, after: bytes) -> bool:
    """Whether the line ends are of two kinds now and were of one."""
    return _kinds(after) > 1 and _kinds(before) < 2


def _kinds(data: bytes) -> int:
    crlf = data.count(b"\r\n")
    return (crlf > 0) + (data.count(b"\n") > crlf)


def final_newline(before: bytes, after: bytes) -> bool:
    """Whether a final newline came, went, or was doubled."""
    old, new = before.replace(b"\r\n", b"\n"), after.replace(b"\r\n", b"\n")
    if old.endswith(b"\n") != new.endswith(b"\n"):
        return True
    return new.endswith(b"\n\n") and not old.endswith(b"\n\n")


def moved(before: bytes, after: bytes) -> int:
    """Lines that went and came again with other white space or elsewhere: a formatter's work, not an edit's."""
    old, new = plain(before).split(b"\n"), plain(after).split(b"\n")
    pairs = list(kept(before, after))
    gone = [old[n] for n in sorted(set(range(len(old))) - {i for i, _ in pairs})]
    came = [new[n] for n in sorted(set(range(len(new))) - {j for _, j in pairs})]
    count = 0
    for line in came:
        bare = b"".join(line.split())
        match = next((g for g in gone if bare and b"".join(g.split()) == bare), None)
        if match is not None:
            gone.remove(match)
            count += 1
    return count
