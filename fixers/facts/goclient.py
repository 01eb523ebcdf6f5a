"""Outgoing requests of Go code: where the address comes from, and which client of the tree guards against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code
from fixers.project import Project

_STORED: Final = re.compile(r"(\w+)(?:\.\w+)*\.\w*(?:[wW]ebhook|[cC]allback|[hH]ook|[fF]eed|[pP]eer|[aA]vatar)\w*")
_FIELD: Final = re.compile(r"(\w+)(?:\.\w+)+")
_ASKED: Final = re.compile(r"\.(?:FormValue|PostFormValue)\(|\.Query\(\)\.Get\(")
_SINK: Final = re.compile(r"webhook|callback|deliver|notify", re.I)
_SETTING: Final = re.compile(r"(?i)^(?:cfg|conf|config|opts?|options|settings|params|args|flags?|env|cmd|c|client)$")
_DIALS: Final = re.compile(rb"DialContext\s*[:=]|DialTLSContext\s*[:=]|net\.Dialer\{")
_GUARD: Final = re.compile(
    rb"(?<![-\w\"])Control(?:Context)?:\s|\.IsPrivate\(\)|\bisPrivate\w*\(|\.IsLinkLocalUnicast\(\)"
)


_RESOLVES: Final = re.compile(
    r"net\.(?:LookupIP|LookupHost|LookupNetIP|ResolveIPAddr|ResolveTCPAddr)\(|Resolver\S*\.Lookup(?:IP|Host|NetIP)"
)
_JUDGES: Final = re.compile(r"[pP]rivate|[lL]oopback|[iI]nternal|NonPublic|[rR]eserved|[bB]locked|LinkLocal")
_OWN_FUNCTION: Final = r"(?:func\b|(?![\w.]*\.DialContext\b)\w[\w.]*\s*,?\s*\n)"
_OWN_DIAL: Final = rf"(?<![-\w\"])Control(?:Context)?\s*[:=][^=]|DialContext\s*[:=]\s*{_OWN_FUNCTION}"
_ASKS: Final = re.compile(r"http\.Client\{|\.Do\(|http\.(?:Get|Post|Head)\(|[cC]lient\.(?:Get|Post|Head)\(")


def judged_too_early(project: Project) -> tuple[tuple[str, Code, Node], ...]:
    """Where an address is resolved and judged before a client resolves it again: (path, code, the call that judges)."""
    return project.fact(_judged_too_early)


def _judged_too_early(project: Project) -> tuple[tuple[str, Code, Node], ...]:
    judges = {
        f.name
        for _, code in gocode.sources(project, b".LookupIP", b".LookupHost", b".LookupNetIP", b".ResolveIPAddr")
        for f in code.functions
        if f.name and _RESOLVES.search(f.node.text()) and _JUDGES.search(f.node.text())
    }
    found: list[tuple[str, Code, Node]] = []
    pattern = rf"(?:\w+\.)?(?:{'|'.join(map(re.escape, sorted(judges)))})"
    for path, code in gocode.sources(project, *(n.encode() + b"(" for n in judges)) if judges else ():
        if not _ASKS.search(code.text) or gocode.package_has(project, path, _OWN_DIAL):
            continue
        calls = [c for c in code.calls(pattern) if _ASKS.search(gocode.outermost(code, c))]
        found += [(path, code, c) for c in calls[:1]]
    return tuple(found)


_STREAMS: Final = re.compile(
    r"event-stream|io\.Copy\(|NewScanner\(|io\.Reader\b|bufio\.NewReader\(|ReverseProxy"
    r"|stream|download|upload|proxy|tunnel",
    re.I,
)


def may_stream(project: Project, path: str, code: Code, node: Node) -> bool:
    """Whether a timeout over the whole exchange could cut a body that is streamed.

    A client in a variable of one function is judged by that function, one that lives on by its package, and one
    that is handed to other code cannot be judged.
    """
    for outer in node.ancestors() if node.kind() != "call_expression" else ():
        if outer.kind() == "argument_list":
            return True
        if outer.kind() in ("keyed_element", "return_statement", "source_file"):
            return any(_STREAMS.search(project.text(p)) for p in gocode.siblings(project, path))
        if outer.kind() in ("short_var_declaration", "var_declaration", "block"):
            break
    return _STREAMS.search(gocode.outermost(code, node)) is not None


def chosen_by_others(code: Code) -> list[tuple[Node, str]]:
    """Requests to an address that a record or a request names, with the expression; settings are the operator's."""
    http = code.name_of("net/http")
    if not http:
        return []
    found = []
    for call in code.calls(rf"{re.escape(http)}\.NewRequest(?:WithContext)?"):
        given = gocode.arguments(call)
        position = 2 if gocode.called(call).endswith("Context") else 1
        around = code.around(call)
        if len(given) <= position or not around:
            continue
        target = _origin(around[-1].node.text(), given[position].text())
        receiver = next((n for f in around for n in [_receiver(f.node)] if n), "")
        match = _STORED.fullmatch(target)
        if match is None and _SINK.search(code.symbol(call)):
            match = _FIELD.fullmatch(target)
        if (match and match[1] != receiver and not _SETTING.match(match[1])) or _ASKED.search(target):
            found.append((call, target))
    return found


def _origin(function: str, expression: str) -> str:
    """The expression, or what its name was given in the same function."""
    if re.fullmatch(r"\w+", expression) and (given := re.findall(rf"\b{expression}\s*:?=\s*([^\n]+)", function)):
        return str(given[-1]).strip()
    return expression


def _receiver(node: Node) -> str:
    receiver = node.field("receiver") if node.kind() == "method_declaration" else None
    return receiver.text().strip("() ").split()[0] if receiver is not None and receiver.text().strip("() ") else ""


def guarded(project: Project) -> tuple[str, ...]:
    """Files of the tree with a client that refuses private addresses after resolution."""
    return project.fact(_guarded)


def _guarded(project: Project) -> tuple[str, ...]:
    return tuple(
        p
        for p in gocode.shipped(project)
        if b"net/http" in project.read(p) and _DIALS.search(project.read(p)) and _GUARD.search(project.read(p))
    )


_DEADLINE: Final = re.compile(r"\bcontext\.With(?:Timeout|Deadline)\(|\.Timeout\s*=[^=]")


def endless(project: Project, path: str, code: Code) -> Iterator[Node]:
    """Client literals, and calls of the package's functions, that nothing ends: no timeout, no deadline."""
    yield from _literals(project, path, code)
    yield from _calls(code)


def _literals(project: Project, path: str, code: Code) -> Iterator[Node]:
    for literal in code.literals_of("net/http", "Client"):
        given = gocode.elements(literal)
        if gocode.is_positional(literal) or (given.get("Timeout") is not None and given["Timeout"].text() != "0"):
            continue
        if "Transport" in given and re.search(r"(?i)unix|roundtrip|mock|fake", given["Transport"].text()):
            continue
        name = re.escape(gocode.assigned_to(literal).rpartition(".")[2]) or r"\w*[cC]lient"
        bounded = _DEADLINE.search(gocode.outermost(code, literal))
        if not bounded and not gocode.package_has(project, path, rf"\b{name}\s*\.\s*Timeout\s*="):
            yield literal


def _calls(code: Code) -> Iterator[Node]:
    http = re.escape(code.name_of("net/http"))
    for call in code.calls(rf"{http}\.(?:Get|Post|PostForm|Head)|{http}\.DefaultClient\.(?:Do|Get|Post|PostForm|Head)"):
        around = gocode.outermost(code, call)
        if gocode.called(call).endswith(".Do") and re.search(r"WithContext\(", around):
            continue
        if not _DEADLINE.search(around):
            yield call
