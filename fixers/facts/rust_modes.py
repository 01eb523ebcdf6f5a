"""Folders and files that Rust code makes for everybody of the machine to read, and how to make them private.

`std::fs::create_dir_all` makes 0755 and `std::fs::write` 0644 under the usual umask. A builder with a mode makes 0700
and 0600 on Unix and is the same elsewhere; what exists keeps its mode.
"""

from __future__ import annotations

import re
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.editors.splice import Edit
from fixers.facts.rust import RustFile

_MAKES_FOLDER: Final = re.compile(r"(?:std::)?fs::create_dir(?:_all)?")
_WRITES: Final = re.compile(r"(?:std::)?fs::write")
_OPENS: Final = re.compile(
    r"\b(?:rusqlite::)?Connection::open(?:_with_flags)?\(|\bsled::(?:open\(|Config)|\bDB::open\w*\(|"
    r"\b(?:redb::)?Database::(?:create|open)\(|\bSqliteConnectOptions\b|\bSqlitePool::connect|\bEnvOpenOptions\b"
)
_PRIVATE_KEY: Final = re.compile(
    r"serialize_private_key|serialize_der\(\)|serialize_pem\(\)|private_key|secret_key|signing_key|key_pair|"
    r"\bkey_(?:pem|der|bytes)\b|\bpriv(?:ate)?_(?:pem|der)\b"
)
_CERTIFICATE: Final = re.compile(r"\bcert(?:ificate)?s?\b[^,]*$", re.I)
_WIDTH: Final = 100
"""Columns of a line as rustfmt writes it."""
_MODES: Final = re.compile(r"set_permissions|\.mode\(|PermissionsExt|DirBuilderExt|OpenOptionsExt|set_mode\(|umask")


def folders(code: RustFile) -> list[Node]:
    """Calls that make the folder of a database: the same function opens one, and none sets a mode."""
    return [c for c in _calls(code, _MAKES_FOLDER) if _OPENS.search(_around(code, c)) and _is_open(code, c)]


def key_files(code: RustFile) -> list[Node]:
    """Calls that write a private key to a file, where the function sets no mode."""
    found = []
    for call in _calls(code, _WRITES):
        given = _given(call)
        is_key = len(given) == 2 and _PRIVATE_KEY.search(given[1].text()) and not _CERTIFICATE.search(given[0].text())
        if is_key and _is_open(code, call):
            found.append(call)
    return found


def private_folder(code: RustFile, call: Node) -> list[Edit]:
    """The call with a mode of 0700 for what it makes; none when it is no part of a statement of a block."""
    every = "_all" in (call.field("function") or call).text()
    recursive = "private.recursive(true);\n" if every else ""
    set_up = (
        f"let mut private = std::fs::DirBuilder::new();\n{recursive}#[cfg(unix)]\n"
        "std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);"
    )
    return _built(code, call, set_up, f"private.create({_given(call)[0].text()})")


def private_file(code: RustFile, call: Node) -> list[Edit]:
    """The call with a mode of 0600 for the file it makes; only where its error is returned with `?`."""
    path, data = (g.text() for g in _given(call))
    set_up = (
        "let mut private = std::fs::OpenOptions::new();\nprivate.write(true).create(true).truncate(true);\n"
        "#[cfg(unix)]\n"
        f"std::os::unix::fs::OpenOptionsExt::mode(&mut private, 0o600);\nlet mut private_file = private.open({path})?;"
    )
    tried = call.parent()
    if tried is None or tried.kind() != "try_expression" or "private_file" in _around(code, call):
        return []
    write = f"std::io::Write::write_all(&mut private_file, {data}.as_ref())"
    if len(code.indentation(call)) + len(write) + 2 > _WIDTH:
        set_up += f"\nlet contents = {data};"
        write = "std::io::Write::write_all(&mut private_file, contents.as_ref())"
        if re.search(r"\bcontents\b", _around(code, call)):
            return []
    return _built(code, call, set_up, write)


def _built(code: RustFile, call: Node, set_up: str, swap: str) -> list[Edit]:
    statement = enclosing(call, lambda n: (p := n.parent()) is not None and p.kind() == "block")
    given = "".join(g.text() for g in _given(call))
    if statement is None or statement.kind() not in ("expression_statement", "let_declaration"):
        return []
    if re.search(r"\?|\.await|\breturn\b", given) or re.search(r"\bprivate\b", _around(code, call)):
        return []
    return [code.insert_before(statement, set_up), code.replace(call, swap)]


def _calls(code: RustFile, named: re.Pattern[str]) -> list[Node]:
    return [
        c
        for c in code.kind("call_expression")
        if (f := c.field("function")) is not None and named.fullmatch(f.text()) and not code.is_test(c)
    ]


def _given(call: Node) -> list[Node]:
    held = call.field("arguments")
    return held.named_children() if held is not None else []


def _around(code: RustFile, call: Node) -> str:
    function = code.function(call).node
    return function.text() if function is not None else ""


def _is_open(code: RustFile, call: Node) -> bool:
    """Whether nothing in the function gives what it makes another mode."""
    return not _MODES.search(_around(code, call))
