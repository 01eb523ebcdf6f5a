"""Cargo.lock: the one edit that a new requirement needs where cargo would make the same one.

Only packages that the lock holds already are wired up: what has to be resolved is cargo's to write.
"""

from __future__ import annotations

import re
from typing import Final

from fixers.model import Refused

_BLOCK: Final = re.compile(rb"\[\[package\]\]\r?\n(?:[^\[\r\n][^\r\n]*(?:\r?\n|$)|\](?:\r?\n|$))*")
_ENTRY: Final = re.compile(rb'^ "([^"]+)",\r?\n', re.M)


def depend(data: bytes, package: str, crate: str, series: str = "") -> bytes:
    """Let a package depend on a crate of the lock whose version begins with `series`.

    Raises Refused when the lock has no such package, not exactly one such crate, or is written in another way.
    """
    blocks = list(_BLOCK.finditer(data))
    crates = [_value(b[0], "version") for b in blocks if _value(b[0], "name") == crate]
    wanted = [v for v in crates if v.startswith(series)]
    users = [b for b in blocks if _value(b[0], "name") == package]
    if len(wanted) != 1:
        raise Refused(f"the lock file has no {crate} {series.rstrip('.')}".rstrip() + ": run `cargo add` in its place")
    if len(users) != 1:
        raise Refused(f"the lock file does not tell which {package} is meant")
    block = users[0]
    name = crate if len(crates) == 1 else f"{crate} {wanted[0]}"
    eol = b"\r\n" if b"\r\n" in block[0] else b"\n"
    entry = b' "' + name.encode() + b'",' + eol
    entries = list(_ENTRY.finditer(block[0]))
    if any(e[1].decode().split(" ")[0] == crate for e in entries):
        return data
    if not entries:
        head = b"dependencies = [" + eol
        if head in block[0]:
            at = data.index(head, block.start()) + len(head)
            return data[:at] + entry + data[at:]
        body = block[0] if block[0].endswith(b"\n") else block[0] + eol
        return data[: block.start()] + body + b"dependencies = [" + eol + entry + b"]" + eol + data[block.end() :]
    later = next((e.start() for e in entries if e[1].decode() > name), entries[-1].end())
    at = block.start() + later
    return data[:at] + entry + data[at:]


def _value(block: bytes, key: str) -> str:
    match = re.search(rb'^%s = "([^"]*)"' % key.encode(), block, re.M)
    return match[1].decode() if match else ""
