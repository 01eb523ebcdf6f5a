"""One more member of a workspace in a Dockerfile: its COPY, its stub sources, its real sources."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import Final

from fixers.editors import dockerfile
from fixers.editors.dockerfile import Instruction
from fixers.model import Refused

_LOOP: Final = re.compile(r"(for\s+\w+\s+in\s+)([^;\n]*?)(\s*;\s*(?:\\\s*\n\s*)?do\b)")

Copies = tuple[tuple[Instruction, tuple[str, ...], str], ...]


def makes_stubs(run: Instruction, folder: str) -> bool:
    """Whether the RUN writes below a member's folder, by its path or in a loop over names."""
    text = _text(run)
    if not re.search(r"\b(?:mkdir|touch|echo|printf|install|cp|tee)\b", text):
        return False
    name = posixpath.basename(folder)
    looped = any({name, folder, f"./{folder}"} & set(m[2].split()) for m in _LOOP.finditer(text))
    return (
        looped
        or re.search(rf"(?<![\w-])(?:[\w./-]*/)?{re.escape(name)}/(?:src|build\.rs|benches|tests)\b", text) is not None
    )


def any_stubs(runs: tuple[Instruction, ...]) -> bool:
    """Whether one of the RUNs writes sources at all."""
    return any(re.search(r"src/|/src", _text(run)) for run in runs)


def covers_all(run: Instruction, folder: str) -> bool:
    """Whether the RUN finds the members itself (a glob over their folder, `find`), so that a new one needs nothing."""
    text = _text(run)
    words = [w.strip("\"'").strip("/") for m in re.finditer(r"for\s+\w+\s+in\s+([^;\n]*)", text) for w in m[1].split()]
    globbed = any(fnmatchcase(f, w) for w in words if "*" in w for f in (folder, f"{folder}/Cargo.toml"))
    found = any("$" in w for w in words)
    return globbed or found or re.search(r"\bfind\b.*Cargo\.toml|\bls\b.*Cargo\.toml|xargs", text) is not None


def with_member(run: Instruction, sibling: str, folder: str, files: tuple[str, ...]) -> str:
    """The RUN's text with stubs for `files` of a new member, `sibling` being one it serves already."""
    raw = run.raw
    for match in _LOOP.finditer(raw):
        words = match[2].split()
        known = next((w for w in words if posixpath.basename(w) == posixpath.basename(sibling)), None)
        if known is not None:
            added = known.replace(sibling, folder) if sibling in known else posixpath.basename(folder)
            body = raw[match.end() : raw.find("done", match.end())]
            made = {"src/main.rs" if "main.rs" in body else "", "src/lib.rs" if "lib.rs" in body else ""} - {""}
            missing = tuple(f for f in files if f.removeprefix(_prefix(folder, files)) not in made)
            grown = raw[: match.end(2)].rstrip() + " " + added + raw[match.end(2) :]
            return _appended(grown, run, missing) if missing else grown
    return _appended(raw, run, files)


def _prefix(folder: str, files: tuple[str, ...]) -> str:
    return next((f[: f.index(folder) + len(folder) + 1] for f in files if folder in f), "")


def _appended(raw: str, run: Instruction, files: tuple[str, ...]) -> str:
    """One `mkdir -p` and a line for each file, behind the RUN's last command, in the style of its `&&`."""
    folders = sorted({posixpath.dirname(f) for f in files})
    steps = [f"mkdir -p {' '.join(folders)}"] if any(folders) else []
    steps += [f"touch {f}" if f.endswith("/lib.rs") else f"echo 'fn main() {{}}' > {f}" for f in files]
    if run.bodies:
        rows = raw.split("\n")
        return "\n".join([*rows[:-1], *steps, rows[-1]])
    trailing = re.search(r"&&[ \t]*\\[ \t]*\n([ \t]*)", raw)
    if trailing:
        return raw.rstrip() + "".join(f" && \\\n{trailing[1]}{s}" for s in steps)
    leading = re.search(r"\n([ \t]*)&&", raw)
    indent = leading[1] if leading else "    "
    return raw.rstrip() + "".join(f" \\\n{indent}&& {s}" for s in steps)


def _text(run: Instruction) -> str:
    return run.value + "\n" + "".join(body for _, body in run.bodies)


def sibling(copy: Instruction, near: str, folder: str) -> str:
    """The COPY of a sibling for another folder; the destination may lack the first folders of both."""
    words = copy.words
    alone = all(w.removeprefix("./").startswith(f"{near}/") for w in words[:-1])
    if copy.exec_form or not alone or "*" in copy.value:
        raise Refused("the manifests are copied in a form that has no sibling line")
    raw = copy.raw.replace(near, folder)
    for cut in range(1, near.count("/") + 1):
        short, prefix = near.split("/", cut)[cut], near.split("/", cut)[:cut]
        if near not in words[-1] and folder.split("/")[:cut] == prefix:
            raw = raw.replace(f"/{short}/", f"/{folder.split('/', cut)[cut]}/")
    if raw == copy.raw or (raw.replace(folder, near) != copy.raw and near in words[-1]):
        raise Refused("the sibling COPY does not name its folder")
    return raw


def whole(copy: Instruction, root: Instruction, folder: str) -> str:
    """The COPY of a folder in the form of one that copies a folder to its own place, else to where the root lies."""
    if copy is not root and len(copy.words) == 2 and not copy.exec_form:
        source, target = copy.words
        name = source.removeprefix("./").rstrip("/")
        placed = re.match(rf"(.*?)(\./)?{re.escape(name)}(/?)(\s+)(\S*?){re.escape(name)}(/?)\s*$", copy.raw, re.S)
        if placed and target.rstrip("/").endswith(name):
            dot, slash, space, lead, end = (placed[n] or "" for n in range(2, 7))
            return f"{placed[1]}{dot}{folder}{slash}{space}{lead}{folder}{end}\n"
    target = root.words[-1] if root.words and not root.exec_form else ""
    place = target.removesuffix("Cargo.toml").removesuffix("go.work")
    if not target or root.flag("parents") is not None or (place == target and not target.endswith(("/", "."))):
        raise Refused("where the root of the workspace goes cannot be told")
    return f"COPY {folder} {place.rstrip('/') or '.'}/{folder}\n"


def same(data: bytes, wanted: Instruction) -> Instruction:
    """The instruction in the edited file: the same text, the last one."""
    found = [i for i in dockerfile.parse(data).instructions if i.raw == wanted.raw and i.name == wanted.name]
    return found[-1]


def sourced(data: bytes, copies: Copies, near: str, folder: str) -> bytes:
    """Where the siblings' sources come one by one too, this member's come below the nearest one's."""
    for instruction, sources, _ in copies:
        if near in sources and not any(
            s == "." or folder == s or folder.startswith(s + "/") for _, all_, _ in copies for s in all_
        ):
            return dockerfile.insert_after(data, same(data, instruction), instruction.raw.replace(near, folder))
    return data
