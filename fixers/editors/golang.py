"""Edits of Go files: imports in the file's own grouping, elements of literals, whole functions.

What is added is gofmt-clean where the file was: a new element of a literal gets a comment line of its own above it,
which ends gofmt's alignment block, so no other line has to move.
"""

from __future__ import annotations

import re
from os.path import commonpath
from typing import Final

from fixers.editors.source import Node, Source
from fixers.editors.splice import Edit
from fixers.model import Refused

LONG: Final = 120
"""Characters over which a line of code is broken where it can be; gofmt has no limit of its own, reviewers do."""


def add_imports(source: Source, *paths: str) -> list[Edit]:
    """The edits that import several packages; packages that need a group of their own share it."""
    missing = [p for p in sorted(set(paths), key=lambda p: (not _standard(p), p)) if add_import(source, p)]
    if len(missing) > 1 and (block := _new_block(source, missing)):
        return block
    new: list[Edit] = []
    for path in missing:
        for edit in add_import(source, path):
            last = new[-1] if new else None
            if last is not None and (last.start, last.end) == (edit.start, edit.end) and last.new.endswith(b"\n\n"):
                new[-1] = Edit(edit.start, edit.end, last.new[:-1] + edit.new)
            else:
                new.append(edit)
    return new


def _new_block(source: Source, paths: list[str]) -> list[Edit]:
    """The edit that makes a block of several imports where there is one import at most; none where there is a block."""
    declarations = [d for d in source.kind("import_declaration") if _path(d.find(kind="import_spec")) != "C"]
    if len(declarations) > 1 or any(d.find(kind="import_spec_list") for d in declarations):
        return []
    own = [s for d in declarations for s in d.find_all(kind="import_spec")]
    texts = [*(s.text() for s in own), *(f'"{p}"' for p in paths)]
    texts.sort(key=lambda text: text.split()[-1])
    groups = [[x for x in texts if _standard(x.split()[-1].strip('"')) is kind] for kind in (True, False)]
    inner = "\n".join("".join(f"\t{x}\n" for x in group) for group in groups if group)
    if declarations:
        return [source.replace(declarations[0], f"import (\n{inner})")]
    clause = source.kind("package_clause")
    return [source.insert_after(clause[0], f"\nimport (\n{inner})", own_line=True)] if clause else []


def add_import(source: Source, path: str) -> list[Edit]:
    """The edits that import a package under its own name; none when it is imported already.

    Raises Refused when the name stands for another import.
    """
    specs = list(source.kind("import_spec"))
    wanted = f'"{path}"'
    name = path.rpartition("/")[2]
    for spec in specs:
        alias = spec.field("name")
        if _path(spec) == path and (alias is None or alias.text() == name):
            return []
        if (alias.text() if alias else _path(spec).rpartition("/")[2]) == name:
            raise Refused(f"{name} is the name of another import")
    blocks = [d for d in source.kind("import_declaration") if d.find(kind="import_spec_list")]
    if blocks:
        return [_into(source, blocks[0], path)]
    singles = [d for d in source.kind("import_declaration") if _path(d.find(kind="import_spec")) != "C"]
    if len(singles) == 1:
        return _new_block(source, [path])
    if singles:
        after = [d for d in singles if _path(d.find(kind="import_spec")) < path]
        if after:
            return [source.insert_after(after[-1], f"import {wanted}")]
        return [source.insert_before(singles[0], f"import {wanted}")]
    clause = source.kind("package_clause")
    if not clause:
        raise Refused("there is no package clause")
    return [source.insert_after(clause[0], f"\nimport {wanted}")]


def _into(source: Source, block: Node, path: str) -> Edit:
    groups: list[list[Node]] = []
    last = -2
    for spec in block.find_all(kind="import_spec"):
        if not groups or (source.line(spec) > last + 1 and not _comment_above(source, spec, last)):
            groups.append([])
        groups[-1].append(spec)
        last = source.end_line(spec)
    wanted = f'"{path}"'
    same = [g for g in groups if any(_standard(_path(s)) == _standard(path) for s in g)]
    if not same:
        if not groups:
            raise Refused("the import block is empty")
        if _standard(path):
            first = source.insert_before(groups[0][0], wanted)
            return Edit(first.start, first.end, first.new + b"\n")
        return source.insert_after(groups[-1][-1], "\n" + wanted)
    return _beside(source, max(same, key=lambda g: max(len(commonpath([_path(s), path])) for s in g)), path)


def _comment_above(source: Source, spec: Node, last: int) -> bool:
    lines = source.text.split("\n")[last : source.line(spec) - 1]
    return bool(lines) and all(line.strip().startswith("//") for line in lines)


def _standard(path: str) -> bool:
    return "." not in path.partition("/")[0]


def _path(spec: Node | None) -> str:
    found = spec.field("path") if spec is not None else None
    return found.text()[1:-1] if found is not None else ""


def drop_import(source: Source, path: str) -> list[Edit]:
    """The edits that take an import away, with its line; none when it is not there."""
    for declaration in source.kind("import_declaration"):
        specs = list(declaration.find_all(kind="import_spec"))
        for spec in specs:
            if _path(spec) == path:
                return [remove_lines(source, declaration if len(specs) == 1 else spec)]
    return []


def swap_import(source: Source, old: str, *new: str) -> list[Edit]:
    """Replace an import by one or more others, each at its sorted place."""
    for declaration in source.kind("import_declaration"):
        specs = list(declaration.find_all(kind="import_spec"))
        for spec in specs:
            if _path(spec) != old:
                continue
            wanted = [f'"{p}"' for p in sorted(new) if not any(_path(s) == p for s in source.kind("import_spec"))]
            if len(specs) > 1:
                others = [s for s in specs if _path(s) != old and _near(source, s, spec)]
                if not others and wanted:
                    return [source.replace(spec, "\n\t".join(wanted))]
                placed = (_beside(source, others, p[1:-1]) for p in wanted)
                return [remove_lines(source, spec), *placed]
            if declaration.find(kind="import_spec_list") is None and len(wanted) > 1:
                return [source.replace(declaration, "import (\n" + "".join(f"\t{p}\n" for p in wanted) + ")")]
            return [source.replace(spec, "\n\t".join(wanted))]
    raise Refused(f"{old} is not imported")


def _near(source: Source, other: Node, spec: Node) -> bool:
    """Whether two imports stand in the same group: no empty line between them."""
    low, high = sorted((source.line(other), source.line(spec)))
    return all(line.strip() for line in source.text.split("\n")[low : high - 1])


def _beside(source: Source, group: list[Node], path: str) -> Edit:
    before = [s for s in group if _path(s) < path]
    if not group:
        raise Refused("the import stands alone in its group")
    return source.insert_after(before[-1], f'"{path}"') if before else source.insert_before(group[0], f'"{path}"')


def remove_lines(source: Source, node: Node) -> Edit:
    """The edit that takes a node away with the lines that it alone fills, trailing comma and comment included."""
    start, end = source.bounds(node)
    begin = source.text.rfind("\n", 0, start) + 1
    stop = source.text.find("\n", end)
    stop = len(source.text) if stop < 0 else stop + 1
    tail = source.text[end:stop].strip().lstrip(",;").strip()
    if source.text[begin:start].strip() or (tail and not tail.startswith("//")):
        raise Refused("the place shares its line with other code")
    return source.replace_between(begin, stop)


def add_element(source: Source, literal: Node, text: str, comment: str) -> Edit:
    """The edit that adds `Key: value` to the end of a literal, with a one-line comment above when it gets a line."""
    body = literal.field("body")
    if body is None:
        raise Refused("the literal has no body")
    parts = [c for c in body.children() if c.kind() in ("keyed_element", "literal_element")]
    if any(c.kind() == "literal_element" for c in parts):
        raise Refused("the literal gives its values without keys")
    start, end = source.bounds(body)
    close = end - 1
    if not parts:
        if source.text[start + 1 : close].strip():
            raise Refused("the literal holds only comments")
        return source.replace_between(start, end, "{" + text + "}")
    stop = source.bounds(parts[-1])[1]
    rest = source.text[stop:close]
    if "\n" not in rest:
        if rest.strip(" \t,"):
            raise Refused("the literal is laid out in an unusual way")
        if "\n" not in body.text() and len(_line(source, start)) + len(text) > LONG:
            return source.replace_between(start, end, _opened(source, parts, text, comment))
        return source.replace_between(stop, close, ", " + text)
    if source.line(parts[-1]) == source.line(body) and source.line(parts[0]) == source.line(parts[-1]):
        raise Refused("the literal is laid out in an unusual way")
    indent = source.indentation(parts[-1])
    at = source.text.rfind("\n", 0, close) + 1
    if source.text[at:close].strip():
        raise Refused("the literal is laid out in an unusual way")
    return source.replace_between(at, at, f"{indent}// {comment}\n{indent}{text},\n")


def _line(source: Source, at: int) -> str:
    begin, end = source.text.rfind("\n", 0, at) + 1, source.text.find("\n", at)
    return source.text[begin : end if end >= 0 else len(source.text)].replace("\t", "    ")


def _opened(source: Source, parts: list[Node], text: str, comment: str) -> str:
    """The body of a literal of one line with every element on a line of its own, aligned as gofmt does."""
    outer = source.indentation(parts[0])
    width = max(len(_key(source, p)) for p in parts)
    lines = [f"{_key(source, p):<{width}} {p.children()[-1].text()}" for p in parts]
    inner = "".join(f"{outer}\t{line}\n" for line in (*(x + "," for x in lines), f"// {comment}", f"{text},"))
    return "{\n" + inner + outer + "}"


def drop_element(source: Source, part: Node) -> Edit:
    """The edit that takes a `Key: value` out of a literal: with its lines and the comment above, or with its comma."""
    text = source.text
    body = part.parent()
    if body is not None and sum(c.kind() == "keyed_element" for c in body.children()) == 1:
        return source.replace(body, "{}")
    start, end = source.bounds(part)
    try:
        whole = remove_lines(source, part)
        begin = text.rfind("\n", 0, start) + 1
        above = re.search(r"(?:^[ \t]*//[^\n]*\n)+\Z", text[:begin], re.M)
        begin = above.start() if above else begin
        if re.match(r"[^\n]*\n[ \t]*\}", text[end:]) and (blank := re.search(r"\n([ \t\r]*\n)+\Z", text[:begin])):
            begin = blank.start() + 1
        return Edit(source.byte(begin), whole.end, b"")
    except Refused:
        pass
    after = re.compile(r"\s*,[ \t]*").match(text, end)
    if after and "\n" not in after[0]:
        return source.replace_between(start, after.end())
    before = re.search(r",\s*$", text[:start])
    if before and "\n" not in before[0]:
        return source.replace_between(before.start(), end)
    raise Refused("the literal is laid out in an unusual way")


def append(source: Source, text: str) -> Edit:
    """The edit that adds declarations (tab-indented) at the end of the file, after an empty line."""
    end = len(source.text)
    body = text.strip("\n") + "\n"
    return source.replace_between(end, end, ("\n" if source.text.endswith("\n") else "\n\n") + body)


def after_imports(source: Source, text: str) -> Edit:
    """The edit that adds a declaration (tab-indented) below the imports, between empty lines."""
    found = source.kind("import_declaration") or source.kind("package_clause")
    if not found:
        raise Refused("there is no package clause")
    end = source.bounds(found[-1])[1]
    stop = source.text.find("\n", end)
    stop = len(source.text) if stop < 0 else stop
    if source.text[end:stop].endswith("\r"):
        stop -= 1
    return source.replace_between(stop, stop, "\n\n" + text.strip("\n"))


def drop_elements(source: Source, literal: Node, parts: list[Node]) -> list[Edit]:
    """The edits that take several `Key: value` out of a literal; the rest of an aligned block is aligned anew."""
    gone = {source.bounds(p) for p in parts}
    edits = [drop_element(source, p) for p in parts]
    body = literal.field("body")
    for section in _sections(source, [c for c in body.children() if c.kind() == "keyed_element"] if body else []):
        kept = [p for p in section if source.bounds(p) not in gone]
        if len(kept) == len(section) or not kept:
            continue
        width = max(len(_key(source, p)) for p in kept)
        if len({source.bounds(p.children()[-1])[0] - source.bounds(p)[0] for p in section}) > 1:
            continue
        for part in kept:
            at, value = source.bounds(part)[0] + len(_key(source, part)), source.bounds(part.children()[-1])[0]
            edits.append(source.replace_between(at, value, " " * (width - len(_key(source, part)) + 1)))
    return edits


def _key(source: Source, part: Node) -> str:
    return part.children()[0].text() + ":"


def _sections(source: Source, parts: list[Node]) -> list[list[Node]]:
    """The blocks that gofmt aligns: elements of one line each on lines that follow each other."""
    found: list[list[Node]] = []
    for part in parts:
        single = source.line(part) == source.end_line(part)
        last = found[-1][-1] if found else None
        if last is not None and single and source.end_line(last) == source.line(last) == source.line(part) - 1:
            found[-1].append(part)
        else:
            found.append([part])
    return found
