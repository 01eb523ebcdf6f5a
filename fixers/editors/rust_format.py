"""Edits on Rust that leave a file as rustfmt would: chains broken where it breaks them, `use` lists in its order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fixers.editors.source import Node, Source, enclosing
from fixers.editors.splice import Edit

CHAIN_WIDTH: Final = 60
"""rustfmt's default `chain_width`; longer chains stand one call a line."""
MAX_WIDTH: Final = 100
"""rustfmt's default `max_width`."""
_TEXTS: Final = ("string_literal", "raw_string_literal", "block_comment")


def swap_calls(code: Source, calls: Iterable[tuple[Node, str]]) -> list[Edit]:
    """Edits that turn each `receiver.method(...)` into `receiver.<text>`, chains broken that get too long."""
    edits, shifted = [], list[tuple[int, int]]()
    for call, text in sorted(calls, key=lambda c: code.bounds(c[0])):
        function = call.field("function")
        method = function.field("field") if function is not None else None
        if method is not None:
            start, end = code.bounds(method)[0], code.bounds(call)[1]
            edits.append(code.replace_between(start, end, text))
            edits += _broken(code, _outermost(call), len(text) - (end - start), shifted)
    return edits


def drop_calls(code: Source, calls: Iterable[Node]) -> list[Edit]:
    """Edits that take links out of chains; a chain that fits on one line without them is joined, as rustfmt has it."""
    chains = dict[tuple[int, int], list[tuple[int, int]]]()
    for call in calls:
        function = call.field("function")
        receiver = function.field("value") if function is not None else None
        if receiver is not None:
            links = chains.setdefault(code.bounds(_outermost(call)), [])
            links.append((code.bounds(receiver)[1], code.bounds(call)[1]))
    edits = list[Edit]()
    for (first, last), links in chains.items():
        whole, left, at = code.text[first:last], "", first
        for start, end in sorted(links):
            left, at = left + code.text[at:start], end
        left += code.text[at:last]
        before, joined = (re.sub(r"\s*\n\s*(?=\.)", "", text) for text in (whole, left))
        column, after = first - code.text.rfind("\n", 0, first) - 1, code.text.find("\n", last) - last
        fits = len(joined) <= CHAIN_WIDTH < len(before) and column + len(joined) + max(after, 0) <= MAX_WIDTH
        if "\n" in left and "\n" not in joined and "//" not in whole and fits:
            edits.append(code.replace_between(first, last, joined))
        else:
            edits += [code.replace_between(start, end) for start, end in links]
    return edits


def add_call(code: Source, receiver: Node, *calls: str) -> list[Edit]:
    """Edits that put `.method(...)` after a link of a chain, on a line of its own where the others stand on theirs."""
    chain, at, text = _outermost(receiver), code.bounds(receiver)[1], "".join(calls)
    (first, last), dots = code.bounds(chain), [code.bounds(dot)[0] for dot in _dots(chain)]
    begin, stop = code.text.rfind("\n", 0, first) + 1, code.text.find("\n", last) % (len(code.text) + 1)
    line_of_its_own = "\n" + code.indentation(chain) + unit(code)
    short = at - first <= 4 and not code.text[begin:first].strip()
    for dot in dots:
        line = code.text.rfind("\n", 0, dot) + 1
        if not code.text[line:dot].strip():
            own = "\n" + code.text[line:dot]
            if at not in dots:
                return [code.replace_between(at, at, "".join(own + call for call in calls))]
            plain = short and own == line_of_its_own and "\n" not in code.text[at:line].rstrip()
            return [code.replace_between(at, at, text + (own if plain else ""))]
    body, after = code.text[first:last], code.text[last:stop].rstrip()
    grown = last - first + len(text) > CHAIN_WIDTH or stop - begin + len(text) > MAX_WIDTH
    plain = _breaks_here(code.text[begin:first], after)
    if "\n" in body and short and plain and not any("\n" in t.text() for k in _TEXTS for t in chain.find_all(kind=k)):
        deeper = [first + m.end() for m in re.finditer(r"\n(?=[ \t]*[^\s])", body)]
        return [
            code.replace_between(at, at, text + line_of_its_own),
            *(code.replace_between(d, d, unit(code)) for d in deeper),
        ]
    if not grown or "\n" in body or not plain:
        return [code.replace_between(at, at, text)]
    edits = [code.replace_between(dot, dot, line_of_its_own) for dot in dots if dot != at]
    own = (
        calls[0] + "".join(line_of_its_own + c for c in calls[1:])
        if short
        else "".join(line_of_its_own + c for c in calls)
    )
    return [*edits, code.replace_between(at, at, own + (line_of_its_own if at in dots else ""))]


def replace_chain(code: Source, node: Node, root: str, *calls: str) -> list[Edit]:
    """Edits that put a broken chain in the place of an expression.

    Argument lists and struct literals around it that stand on one line are opened, the links that follow it broken.
    """
    chain, end = _outermost(node), code.bounds(node)[1]
    edits, depth = _opened(code, chain)
    deeper = "\n" + code.indentation(chain) + unit(code) * (depth + 1)
    edits.append(code.replace(node, root + "".join(deeper + call for call in calls)))
    for dot in _dots(chain):
        at = code.bounds(dot)[0]
        if at >= end and code.text[code.text.rfind("\n", 0, at) + 1 : at].strip():
            edits.append(code.replace_between(at, at, deeper))
    return edits


def _opened(code: Source, chain: Node) -> tuple[list[Edit], int]:
    """Line breaks for the lists around an expression that stand on one line, and how many they are."""
    lists, statement = list[Node](), {"let_declaration", "expression_statement", "block", "closure_expression"}
    for outer in chain.ancestors():
        if outer.kind() in statement or "\n" in outer.text():
            break
        if outer.kind() in ("arguments", "field_initializer_list"):
            lists.append(outer)
    edits, begin, step = list[Edit](), "\n" + code.indentation(chain), unit(code)
    for level, opened in enumerate(lists[::-1]):
        items = opened.named_children()
        if not items:
            return [], 0
        line = begin + step * (level + 1)
        at = code.bounds(opened)[0] + 1
        for item in items:
            start, stop = code.bounds(item)
            edits.append(code.replace_between(at, start, line))
            comma = re.compile(r"\s*,").match(code.text, stop)
            at = comma.end() if comma is not None else stop
        comma_too = "" if code.text[at - 1] == "," else ","
        edits.append(code.replace_between(at, code.bounds(opened)[1] - 1, comma_too + begin + step * level))
    return edits, len(lists)


def let_before(code: Source, statement: Node, name: str, value: str) -> Edit:
    """The edit that puts `let name = value;` before a statement, broken after the `=` when it is too long."""
    line = f"let {name} = {value};"
    if len(code.indentation(statement)) + len(line) > MAX_WIDTH:
        fits = len(code.indentation(statement)) + 4 + len(value) < MAX_WIDTH
        broken = re.sub(r"\)\.(?=\w+\(\|)", ")\n    .", value, count=1)
        line = f"let {name} =\n    {value};" if fits else f"let {name} = {broken};"
    return code.insert_before(statement, line)


def replace_value(code: Source, value: Node, text: str) -> Edit:
    """The edit that puts another value into a `let`, on the next line when it is too long for the one of the `=`."""
    start, end = code.bounds(value)
    begin = code.text.rfind("\n", 0, start) + 1
    if start - begin + len(text) + 1 <= MAX_WIDTH or code.text[begin:start].rstrip()[-1:] != "=":
        return code.replace(value, text)
    if len(code.indentation(value)) + 4 + len(text) >= MAX_WIDTH:
        own = ")\n" + code.indentation(value) + unit(code) + "."
        return code.replace(value, re.sub(r"\)\.(?=\w+\(\|)", own, text, count=1))
    at = begin + len(code.text[begin:start].rstrip())
    return code.replace_between(at, end, "\n" + code.indentation(value) + unit(code) + text)


def unit(code: Source) -> str:
    """One step of a file's indentation."""
    if "\n\t" in code.text and "\n    " not in code.text:
        return "\t"
    two, four = len(re.findall(r"\n  (?=[^\s/*])", code.text)), len(re.findall(r"\n    (?=[^\s/*])", code.text))
    return "  " if two * 2 > four else "    "


def _broken(code: Source, chain: Node, grown: int, shifted: list[tuple[int, int]]) -> list[Edit]:
    """Line breaks for a chain that stood on one line and grows over rustfmt's widths; none where it is not plain.

    `shifted` collects what is indented deeper on the way, for chains inside.
    """
    first, last = code.bounds(chain)
    begin = code.text.rfind("\n", 0, first) + 1
    stop, eol = code.text.find("\n", first), code.text.find("\n", last)
    stop, eol = (len(code.text) if n < 0 else n for n in (stop, eol))
    dots = [code.bounds(dot)[0] for dot in _dots(chain)]
    chain_width, width = min(last, stop) - first, stop - begin
    if len(dots) < 2 or dots[-1] > stop or chain_width > CHAIN_WIDTH or width > MAX_WIDTH:
        return []
    before, after = code.text[begin:first], code.text[last:eol].rstrip()
    if (chain_width + grown <= CHAIN_WIDTH and width + grown <= MAX_WIDTH) or not _breaks_here(before, after):
        return []
    body = code.text[stop : max(last, stop)]
    if body and any("\n" in t.text() for k in _TEXTS for t in chain.find_all(kind=k)):
        return []
    if not before.strip() and dots[0] - first <= 4:
        dots = dots[1:]
    indent = code.indentation(chain)
    deeper = "\t" if indent.startswith("\t") else "    "
    levels = 1 + sum(start < first < end for start, end in shifted)
    edits = [code.replace_between(at, at, "\n" + indent + deeper * levels) for at in dots]
    shifted.append((stop, last))
    for match in re.finditer(r"\n(?=[ \t]*[^\s])", body):
        at = stop + match.end()
        edits.append(code.replace_between(at, at, deeper))
    if after.endswith(("{", "{}")):
        edits.append(code.replace_between(last, last + 1, "\n" + indent + deeper * (levels - 1)))
    return edits


def _breaks_here(before: str, after: str) -> bool:
    """Whether rustfmt would break a chain between these rests of its line in the plain way."""
    head = r"\s*(?:(?:let\b[^=]*=|return|\S+ =|\w+:)\s+)?(?:match )?[&*!]*"
    if after == " else {":
        return bool(re.fullmatch(r"\s*let .*= [&*!]*", before))
    if after in (" {", " {}"):
        if "match " in before:
            return bool(re.fullmatch(head, before))
        return bool(re.fullmatch(r"\s*(?:if|while) (?:let .*= )?[&*!]*|\s*for .* in [&*]*", before))
    if after in (")", ");"):
        return bool(re.fullmatch(r"\s*(?:return )?(?:Ok|Some|Err)\([&*!]*", before))
    if re.fullmatch(r" [-+|&]?= [^{]*;", after):
        return bool(re.fullmatch(r"\s*\*?", before))
    return after in ("", ";", ",") and "match " not in before and bool(re.fullmatch(head, before))


def _outermost(node: Node) -> Node:
    """The whole method chain that a call is a link of."""
    while (parent := node.parent()) is not None:
        kind = parent.kind()
        link = kind in ("try_expression", "await_expression")
        link = link or (kind == "field_expression" and parent.field("value") == node)
        link = link or (kind == "call_expression" and parent.field("function") == node)
        if not link:
            return node
        node = parent
    return node


def _dots(chain: Node) -> list[Node]:
    """The dots of a chain in the order of the text."""
    found: list[Node] = []
    node: Node | None = chain
    while node is not None:
        if node.kind() in ("field_expression", "await_expression"):
            found += [c for c in node.children() if c.kind() == "."]
        if node.kind() == "call_expression":
            node = node.field("function")
            if node is not None and node.kind() not in ("field_expression", "generic_function"):
                break
        elif node.kind() == "generic_function":
            node = node.field("function")
        elif node.kind() in ("field_expression", "await_expression", "try_expression"):
            node = next(iter(node.named_children()), None)
        else:
            break
    return found[::-1]


def add_use(code: Source, module: str, name: str) -> Edit | None:
    """The edit that adds `name` to what the file's head uses of `module`, or None when nothing there has room."""
    for place in code.kind("scoped_use_list", "scoped_identifier"):
        use = enclosing(place, {"use_declaration"})
        if use is None or not _plain_use(use):
            continue
        listed = place.field("list") if place.kind() == "scoped_use_list" else place.field("name")
        path = place.field("path")
        if listed is None or path is None or _prefix(place, use) + path.text() != module:
            continue
        holder = place.parent()
        if holder is None or holder.kind() not in ("use_declaration", "use_list"):
            continue
        text = listed.text()
        if "\n" in text or "{" in text[1:]:
            continue
        names = [n.strip() for n in text.strip("{}").split(",") if n.strip()]
        if name in names:
            return None
        names.insert(next((i for i, n in enumerate(names) if _sort_key(n) > _sort_key(name)), len(names)), name)
        begin = code.text.rfind("\n", 0, code.bounds(listed)[0]) + 1
        line = code.text[begin : code.text.find("\n", begin)]
        alone = holder.kind() == "use_declaration" or line.strip().rstrip(",") == place.text()
        if alone and len(line) + len(name) + 4 <= MAX_WIDTH:
            return code.replace(listed, "{" + ", ".join(names) + "}")
    return None


def _plain_use(use: Node) -> bool:
    """A `use` at the head of the file for every build: not in a module, not under an attribute, not exported."""
    parent, before = use.parent(), use.prev()
    outer = parent is not None and parent.kind() == "source_file" and use.text().startswith("use ")
    return outer and (before is None or before.kind() != "attribute_item")


def _prefix(place: Node, use: Node) -> str:
    """The path that the lists around a leaf of a `use` tree put before it."""
    prefix = ""
    for outer in place.ancestors():
        if outer == use:
            break
        path = outer.field("path") if outer.kind() == "scoped_use_list" else None
        if path is not None:
            prefix = path.text() + "::" + prefix
    return prefix


def _sort_key(name: str) -> tuple[int, str]:
    """rustfmt's order: self, modules, types, constants."""
    plain = name.partition(" ")[0]
    rank = 0 if plain == "self" else 1 if plain.islower() else 3 if plain.isupper() and len(plain) > 1 else 2
    return rank, plain
