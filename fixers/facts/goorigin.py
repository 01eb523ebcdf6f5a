"""The Origin header in Go code: which names hold it, and which clients of the tree send none."""

from __future__ import annotations

import itertools
import re
from typing import Final

from fixers.draft import Draft
from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit, splice
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.model import Refused
from fixers.project import Project

HEADER: Final = (
    r'\w+(?:\.Request)?\.Header(?:\.(?:Get|Values)\("(?i:origin)"\)|\["Origin"\])|\w+\.GetHeader\("(?i:origin)"\)'
)
_DIAL: Final = re.compile(r"(?:\w+\.)*(?:\w*[dD]ialer|websocket)\.Dial(?:Context)?")
_PURPOSE: Final = re.compile(
    r"token|authenticat|api.?key|purpose|intention|public|open for|not browsers|aren't browsers"
    r"|(?:is|are) (?:checked|validated|enforced)|any-origin",
    re.I,
)
_OTHER_CLIENTS: Final = (
    (r"(?:from|require\()\s*['\"]ws['\"]", ("**/*.{ts,js,mjs,cjs}",)),
    (r"websockets\.connect\(|create_connection\(|WebSocketApp\(|ws_connect\(", ("**/*.py",)),
    (r"connect_async\(", ("**/*.rs",)),
)


def names(code: Code, function: Node) -> set[str]:
    """The names by which a function knows the Origin header: locals it was given to, parameters called origin."""
    text = function.text()
    found = set(re.findall(rf"\b(\w+)\s*:?=\s*(?:{HEADER})", text))
    for known in code.functions:
        if code.source.bounds(known.node) == code.source.bounds(function):
            found |= {n for n, t in known.parameters if t == "string" and n.lower() in ("origin", "requestorigin")}
    return found


def is_origin(code: Code, node: Node, expression: str) -> bool:
    """Whether an expression is the Origin header at this place."""
    if re.fullmatch(HEADER, expression):
        return True
    return any(expression in names(code, f.node) for f in code.around(node))


def dialers(project: Project, *, tests: bool) -> tuple[tuple[str, Node, Code], ...]:
    """Websocket clients in Go that send no Origin: (path, call, code)."""
    return project.fact(_test_dialers if tests else _dialers)


def _dialers(project: Project) -> tuple[tuple[str, Node, Code], ...]:
    found = []
    for path, code in gocode.sources(project, b"websocket"):
        found += [(path, call, code) for call in _plain_dials(code)]
    return tuple(found)


def _test_dialers(project: Project) -> tuple[tuple[str, Node, Code], ...]:
    found = []
    for path, code in gocode.tests(project, b"websocket"):
        found += [(path, call, code) for call in _plain_dials(code)]
    return tuple(found)


def _plain_dials(code: Code) -> list[Node]:
    if not code.name_of("github.com/gorilla/websocket", "github.com/coder/websocket", "nhooyr.io/websocket"):
        return []
    calls = [c for c in code.source.kind("call_expression") if _DIAL.fullmatch(gocode.called(c))]
    return [c for c in calls if '"Origin"' not in gocode.outermost(code, c)]


def allowed(code: Code, place: Node) -> str:
    """An origin that a check lets pass for sure, "" where more than its own text decides."""
    around = code.around(place)
    text = around[-1].node.text() if around else ""
    calls = set(re.findall(r"([\w.]+)\(", text)) - {"func", "if", "return", "range"}
    names = {around[-1].name} if around else set()
    known = r"strings\.(?:HasPrefix|EqualFold)|\w+\.Header\.Get|len"
    if not all(re.fullmatch(known, c) or c in names for c in calls):
        return ""
    found = re.search(r"""(?:==\s*|HasPrefix\(\w+, |EqualFold\(\w+, )"(https?://[^"]+)\"""", text)
    return "" if found is None else f"{found[1]}8080" if found[1].endswith(":") else found[1]


def give(draft: Draft, dials: tuple[tuple[str, Node, Code], ...], origin: str) -> None:
    """Have tests that dial send an origin, in the draft; refused where none is known or they do more than dial."""
    if not origin:
        named = ", ".join(dict.fromkeys(f"{p}:{c.source.line(n)}" for p, n, c in dials))
        draft.refuse(f"these tests dial without an Origin and would fail: {named}")
    by_file: dict[str, tuple[Code, list[Edit]]] = {}
    try:
        for path, call, code in dials:
            last = gocode.arguments(call)[-1]
            http = code.name_of("net/http") or "http"
            header = f'{http}.Header{{"Origin": {{"{origin}"}}}}'
            other = code.name_of("github.com/coder/websocket", "nhooyr.io/websocket")
            if last.text() != "nil" or code.source.has_error_near(call):
                raise Refused(f"{path}:{code.source.line(call)} dials with a header of its own, and without an Origin")
            text = f"&{other}.DialOptions{{HTTPHeader: {header}}}" if other else header
            by_file.setdefault(path, (code, []))[1].append(code.source.replace(last, text))
        for path, (code, edits) in by_file.items():
            draft.edit(path, splice, [*edits, *golang.add_import(code.source, "net/http")])
    except Refused as refused:
        draft.refuse(str(refused))


def other_clients(project: Project) -> tuple[str, ...]:
    """Files of other languages with a websocket client that is no browser and sends no Origin by itself."""
    return project.fact(_other_clients)


def _other_clients(project: Project) -> tuple[str, ...]:
    found = []
    for pattern, globs in _OTHER_CLIENTS:
        wanted = re.compile(pattern)
        found += [p for p in project.grep((b"ws", b"websocket", b"connect"), *globs) if wanted.search(project.text(p))]
    return tuple(found)


def says_yes(body: Node) -> bool:
    """Whether a function does nothing but `return true`."""
    lines = [x.partition("//")[0].strip() for x in body.text().strip("{} \t\r\n").split("\n")]
    return [x for x in lines if x] == ["return true"]


def on_purpose(code: Code, place: Node) -> bool:
    """Whether a comment inside a place or right above it says why everything is allowed."""
    lines = code.text.split("\n")[: code.source.line(place) - 1]
    above = itertools.takewhile(lambda x: x.strip().startswith("//"), reversed(lines))
    return _PURPOSE.search(" ".join([*above, *(c.text() for c in place.find_all(kind="comment"))])) is not None
