"""Outgoing requests of Go code: where the address comes from, and which client of the tree guards against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocalls, gocode
from fixers.facts.gocode import Code
from fixers.model import Location
from fixers.project import Project

_STORED: Final = re.compile(r"(\w+)(?:\.\w+)*\.\w*(?:[wW]ebhook|[cC]allback|[hH]ook|[fF]eed|[pP]eer|[aA]vatar)\w*")
_FIELD: Final = re.compile(r"(\w+)(?:\.\w+)+")
_APPENDED: Final = re.compile(
    r'(?!"\w*:?/?/?"\s*\+)(?:(?!\.(?:FormValue|PostFormValue|PathValue)\(|\.Query\(\)).)+?\+', re.S
)
"""Something else stands first, so that it chooses the host: `upstream + "/users/" + r.PathValue("id")`."""
_ASKED: Final = re.compile(r"\.(?:FormValue|PostFormValue|PathValue)\(|\.Query\(\)\.Get\(")
_SINK: Final = re.compile(r"webhook|callback|deliver|notify", re.I)
_VERBS: Final = "Get|Post|Head|PostForm"
_DECODES: Final = r"(?:Decode|Bind\w*|ShouldBind\w*|BodyParser|Unmarshal|[rR]eadJSON|[dD]ecodeJSON)\([^;\n]*"
_PARSED: Final = re.compile(r"\w+\.(?:Val|Attr\(.*\))")
"""An attribute of a document that was parsed: whoever wrote the document chose it."""
_VETTED: Final = re.compile(
    r"(?i)(?:allow|valid|safe|verif|trusted|permit|forbid|whitelist|check|private|internal|blocked)\w*"
    r"(?:url|host|addr|ip|endpoint|origin|target|domain)\w*\("
)
"""Somebody looks at the address first; whether that is early enough is another question (`judged_too_early`)."""
_SETTING: Final = re.compile(r"(?i)^(?:cfg|conf|config|opts?|options|settings|params|args|flags?|env|cmd|c|client)$")
_DIALS: Final = re.compile(rb"DialContext\s*[:=]|DialTLSContext\s*[:=]|net\.Dialer\{")
_GUARD: Final = re.compile(
    rb"(?<![-\w\"])Control(?:Context)?:\s|\.IsPrivate\(\)|\.IsLinkLocalUnicast\(\)"
    rb"|(?i:\b(?:is|check|validate|deny|refuse)_?(?:private|reserved|blocked|internal|non_?public|forbidden|local|ip|addr)\w*\()"
)


_RESOLVES: Final = re.compile(
    r"net\.(?:LookupIP|LookupHost|LookupNetIP|ResolveIPAddr|ResolveTCPAddr)\(|Resolver\S*\.Lookup(?:IP|Host|NetIP)"
)
_JUDGES: Final = re.compile(r"[pP]rivate|[lL]oopback|[iI]nternal|NonPublic|[rR]eserved|[bB]locked|LinkLocal")
_DIALED: Final = re.compile(r"DialContext|\.Dial\(|net\.Conn\b")
"""A judge that dials the address itself, or makes what does."""
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
        if f.name
        and _RESOLVES.search(f.node.text())
        and _JUDGES.search(f.node.text())
        and not _DIALED.search(f.node.text())
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


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to an address that somebody else chooses: the call, whose address it is, where the client is made."""

    call: Node
    target: str
    client: tuple[Location, ...]


def chosen_by_others(project: Project, path: str, code: Code) -> list[Ask]:
    """Requests to an address that a record or a request names; settings are the operator's."""
    found = []
    for call, address in _sinks(project, path, code):
        around = code.around(call)
        if not around or _VETTED.search(around[-1].node.text()):
            continue
        target = _chosen(code, call, address) or _handed_in(project, path, code, call, address)
        if target:
            found.append(Ask(call, target, _made(project, path, around[-1].node.text())))
    return found


def _sinks(project: Project, path: str, code: Code) -> Iterator[tuple[Node, str]]:
    """Calls that ask an address, with its expression."""
    http = re.escape(code.name_of("net/http"))
    if not http:
        return
    for call in code.calls(rf"{http}\.(?:NewRequest(?:WithContext)?|{_VERBS})|[\w.]*[cC]lient\.(?:{_VERBS})"):
        name, given = gocode.called(call), gocode.arguments(call)
        position = 2 if name.endswith("WithContext") else 1 if name.endswith("NewRequest") else 0
        owner = name.rpartition(".")[0].rpartition(".")[2]
        plain = owner == http or gocode.package_has(project, path, rf"\b{owner}\b(?:\s*:?=|:)?\s*[*&]*{http}\.Client\b")
        if len(given) > position and plain:
            yield call, given[position].text()


def _chosen(code: Code, call: Node, expression: str) -> str:
    """What an address comes from, when somebody else chooses it; "" when nobody is seen to."""
    around = code.around(call)
    text = around[-1].node.text()
    target = _origin(text, expression)
    receiver, kind = next((r for f in around for r in [_receiver(f.node)] if r[0]), ("", ""))
    field = _FIELD.fullmatch(target)
    match = _STORED.fullmatch(target)
    if match is None and (_SINK.search(code.symbol(call)) or _SINK.search(code.package)):
        match = field
    if match and match[1] == receiver:
        match = match if re.search(r"[wW]eb_?[hH]ook", kind) and target.rpartition(".")[2][:1].isupper() else None
    if match and not _SETTING.match(match[1]):
        return target
    if _ASKED.search(target) and not re.search(r'"\w+://[^"%]', target) and not _APPENDED.match(target):
        return target
    decoded = field and code.request_at(call) and re.search(_DECODES + rf"&?{re.escape(field[1])}\b", text)
    return target if decoded or _PARSED.fullmatch(target) else ""


def _handed_in(project: Project, path: str, code: Code, call: Node, expression: str) -> str:
    """The same for an address that is a parameter, by the calls of the function."""
    function = next((f for f in code.around(call) if f.name), None)
    if function is None or expression not in [n for n, _ in function.parameters]:
        return ""
    position = [n for n, _ in function.parameters].index(expression)
    for _, caller, made in gocalls.of(project, path, function):
        given, around = gocode.arguments(made), caller.around(made)
        if len(given) <= position or not around or _VETTED.search(around[-1].node.text()):
            continue
        if target := _chosen(caller, made, given[position].text()):
            return target
    return ""


def _made(project: Project, path: str, function: str) -> tuple[Location, ...]:
    """Where the package makes the client that a function asks with."""
    for name in dict.fromkeys(re.findall(r"\b(\w+)\.(?:Do|Get|Post|Head|PostForm)\(", function)):
        for other in gocode.siblings(project, path):
            text = project.text(other)
            if match := re.search(rf"\b{name}\s*(?::?=|:)\s*&?http\.Client\{{", text):
                return (Location(other, text.count("\n", 0, match.start()) + 1, note=name),)
    return ()


def _origin(function: str, expression: str) -> str:
    """The expression, or what its name was given in the same function."""
    if re.fullmatch(r"\w+", expression) and (given := re.findall(rf"\b{expression}\s*:?=\s*([^\n]+)", function)):
        return str(given[-1]).strip()
    return expression


def _receiver(node: Node) -> tuple[str, str]:
    """The name and the type of a method's receiver."""
    receiver = node.field("receiver") if node.kind() == "method_declaration" else None
    words = receiver.text().strip("() ").split() if receiver is not None else []
    return (words[0], words[-1]) if words else ("", "")


def guarded(project: Project) -> tuple[str, ...]:
    """Files of the tree with a client that refuses private addresses after resolution."""
    return project.fact(_guarded)


def has_guard(project: Project, path: str, guards: tuple[str, ...]) -> bool:
    """Whether a package has one of the guarded clients itself, or imports the package that has one."""
    folders = {gocode.folder(g) for g in guards}
    near = [c for p in gocode.siblings(project, path) for c in [gocode.code(project, p)] if guards and c is not None]
    imported = {i for c in near for i in c.imports.values()}
    return gocode.folder(path) in folders or any(i.endswith(f"/{f}") for i in imported for f in folders - {""})


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
