"""Secrets by what they are: private keys, databases, values of secret names. Values never leave this module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_PEM: Final = re.compile(
    rb"\A(?:[^\S\n]*\n|#[^\n]*\n|Bag Attributes[^-]*|Key Attributes[^-]*)*"
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\r?\n"
    rb"(?:[A-Za-z-]+: [^\n]*\n|\s)*[A-Za-z0-9+/=]{24,}"
)
_SYMMETRIC: Final = re.compile(rb"\s*(?:[A-Za-z0-9_+/-]{43}=|[0-9a-fA-F]{64})\s*")
"""32 random bytes as one line of base64 (Fernet writes them so) or hexadecimal."""
_SQLITE: Final = b"SQLite format 3\0"
_ACCOUNTS: Final = re.compile(
    rb"(?i)CREATE TABLE[^(]{0,60}\b(?:users?|accounts?|auth_user|sessions?|tokens?|credentials?|passwords?|api_keys?)\b"
)
_LEAF: Final = 13
"""The type byte of a page that holds rows; of one that points to others."""
_INNER: Final = 5
_PAGES: Final = 200
"""Pages of a schema, over which nobody wrote it by hand."""
_SECRET_NAME: Final = re.compile(
    r"(?i)(?:^|_)(?:secret|token|password|passwd|pwd|api_?key|private_?key|access_?key|signing_?key|encryption_?key"
    r"|credentials?|master_?key|secret_?key\w*)(?:_?base)?$"
)
_PUBLIC_NAME: Final = re.compile(
    r"(?i)^(?:NEXT_PUBLIC|VITE|REACT_APP|PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC)_|public_?key|_PUB$|test"
)
_TOKEN: Final = re.compile(
    r"\A(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,}|sk_live_\w{20,}|rk_live_\w{20,}|AKIA[A-Z0-9]{16}"
    r"|xox[abprs]-[\w-]{10,}|glpat-[\w-]{20,}|sk-(?:ant-|proj-)?[\w-]{32,}|SG\.[\w-]{20,}\.[\w-]{20,}|npm_\w{36})\Z"
)
PLACEHOLDER: Final = re.compile(
    r"(?i)\A(?:<.*>|\$\{?.*|\{\{.*|%.*%|x+|\*+|\.+|-+|0+|(?:123\d*)|null|none|true|false|todo|fixme)\Z"
    r"|your|change|replace|example|sample|placeholder|dummy|fake|insert|redacted|_here|fill|secret[-_ ]?key|s3cr3t"
    r"|dev|test|local|insecure|default|demo|password|dummy|postgres|foobar|admin"
)


def is_private_key(data: bytes) -> bool:
    """Whether the file is a private key: PEM with a body, or DER of PKCS#1, PKCS#8 or SEC 1."""
    if _PEM.search(data[:4096]):
        return True
    if len(data) < 48 or data[0] != 0x30:
        return False
    more = data[1] & 3 if data[1] >= 0x80 else 0
    size, head = (int.from_bytes(data[2 : 2 + more], "big") if more else data[1]), 2 + more
    whole = abs(len(data) - head - size) <= 1
    return whole and data[head : head + 3] in (b"\x02\x01\x00", b"\x02\x01\x01")


def is_symmetric_key(data: bytes) -> bool:
    """Whether the whole file is one key of 256 bits."""
    return _SYMMETRIC.fullmatch(data[:200]) is not None


def is_database(data: bytes) -> bool:
    """Whether the file is an SQLite database."""
    return data.startswith(_SQLITE)


def holds_accounts(data: bytes) -> bool:
    """Whether a database has a table of users, sessions, tokens or the like, and a row in it."""
    if not _ACCOUNTS.search(data):
        return False
    tables = dict(_tables(data))
    named = [page for sql, page in tables.items() if _ACCOUNTS.search(sql)]
    return not named or any(not _is_empty(data, page) for page in named)


def _tables(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The statement and the first page of each table.

    The format: https://www.sqlite.org/fileformat2.html#b_tree_pages
    """
    for start, head in _leaves(data, 1, set()):
        for number in range(int.from_bytes(data[head + 3 : head + 5], "big")):
            at = start + int.from_bytes(data[head + 8 + 2 * number : head + 10 + 2 * number], "big")
            for _ in range(2):
                _, at = _varint(data, at)
            size, names = _varint(data, at)
            end = body = at + size
            values = []
            while names < end:
                kind, names = _varint(data, names)
                width = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]
                values.append(data[body : body + width])
                body += width
            if len(values) == 5 and values[0] == b"table":
                yield values[4], int.from_bytes(values[3], "big") or 1


def _leaves(data: bytes, page: int, seen: set[int]) -> Iterator[tuple[int, int]]:
    """(start, header) of the pages below one that hold rows; the first page has 100 bytes before its header."""
    start = (page - 1) * _page_size(data)
    head = start + (100 if page == 1 else 0)
    kind = data[head : head + 1]
    if kind == bytes([_LEAF]):
        yield start, head
    elif kind == bytes([_INNER]) and len(seen) < _PAGES:
        count = int.from_bytes(data[head + 3 : head + 5], "big")
        cells = (start + int.from_bytes(data[head + 12 + 2 * n : head + 14 + 2 * n], "big") for n in range(count))
        for child in {int.from_bytes(data[c : c + 4], "big") for c in [*cells, head + 8]} - seen:
            seen.add(child)
            yield from _leaves(data, child, seen)


def _page_size(data: bytes) -> int:
    size = int.from_bytes(data[16:18], "big")
    return 65536 if size == 1 else size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for byte in data[at : at + 9]:
        value, at = value << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            break
    return value, at


def _is_empty(data: bytes, page: int) -> bool:
    start = (page - 1) * _page_size(data)
    return data[start : start + 1] == bytes([_LEAF]) and data[start + 3 : start + 5] == b"\0\0"


def secret_names(text: str) -> tuple[str, ...]:
    """Names in a .env file whose values are real secrets: a known token, or long and not a placeholder."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$", line)
        if match is None or line.lstrip().startswith("#"):
            continue
        name, value = match[1], match[2].split(" #")[0].strip().strip("'\"")
        if _TOKEN.match(value) or (_SECRET_NAME.search(name) and not _PUBLIC_NAME.search(name) and _is_real(value)):
            found.append(name)
    return tuple(found)


def _is_real(value: str) -> bool:
    if len(value) < 12 or PLACEHOLDER.search(value) or " " in value or "/" in value[:2]:
        return False
    kinds = sum(bool(re.search(k, value)) for k in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w]"))
    return len(set(value)) >= 8 and (kinds >= 2 or len(value) >= 32)
