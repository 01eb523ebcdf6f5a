"""What can be missing when the program runs: the evidence for calling an unwrap a fault.

Most unwraps of good code hold by what stands around them, and a reviewer keeps them: an Option that the type's own
methods fill, a length that was just written, the first part of a split. What comes from outside is another matter:
files and sockets, texts that are parsed, what an awaited call brings, a function of the tree that says by its Result
that it can fail, and whatever the message itself calls a failure.
"""

from __future__ import annotations

import re
from typing import Final

from fixers.editors.source import Node, enclosing
from fixers.facts import cargo, rust_errors
from fixers.facts.rust import Function, RustFile
from fixers.facts.rust_unwraps import OWED, Unwrap
from fixers.project import Project

_FILES: Final = re.compile(
    r"open|create(?:_new|_dir(?:_all)?)?|read_(?:to_(?:string|end)|exact|line|dir)|write_all|flush|sync_(?:all|data)|"
    r"remove_(?:file|dir(?:_all)?)|rename|hard_link|canonicalize|metadata|current_(?:dir|exe)|var|bind|connect|accept|"
    r"(?:local|peer)_addr|output|status|wait_with_output|set_(?:nonblocking|permissions|len|nodelay)|seek"
)
_ON_DISK: Final = re.compile(
    r"^(?:\w+::)*(?:fs|File|OpenOptions|TcpListener|TcpStream|UdpSocket|UnixListener|UnixStream|env)::\w+"
)
_CONSOLE: Final = re.compile(r"\bstd(?:in|out|err)\b|\bcursor\b|Vec::new|encoder")
"""A program that cannot write to its own console ends anyway; writers to memory do not fail."""
_TEXTS: Final = re.compile(
    r"parse|from_(?:str|slice|reader|value|utf8|hex|base64|pem|der)|decode(?:_\w+)?|to_str|into_string|"
    r"try_(?:from|into)|deserialize(?:_from)?"
)
_JSON: Final = re.compile(r"as_(?:object|array|str|u64|i64|bool|f64)(?:_mut)?")
_VARIANT: Final = re.compile(r"as_(?!bytes|slice|path)\w+")
"""What a value that was handed in may be or not: `note.object().as_one()`."""
_PARTS: Final = re.compile(r"r?split_once|host_str|domain|path_segments")
_PIECES: Final = re.compile(r"\.(?:r?split\w*|lines)\(|\bargs\(\)")
_FIRST_OF: Final = re.compile(r"\.r?split(?:n|_terminator|_inclusive)?\([^()]*\)\s*\.(?:next|last)\(\)$")
_HANDED: Final = re.compile(r"try_send|send|spawn")
_BUILDS: Final = re.compile(
    r"\b(?:Client(?:Builder)?::(?:builder|new)|Builder::new_(?:multi|current)_thread|Request::)"
)
_JOINS: Final = re.compile(
    r"spawn\w*|join\w*|next|recv\w*|acquire\w*|changed|ctrl_c|lock|read|write|extract\w*|closed|ready|notified|tick|pop|"
    r"timeout|signal|wait"
)
"""Awaited calls that hand on a panic, or fail only when the process is on its way out."""
_TASK: Final = re.compile(r"\bspawn(?:_blocking|_local)?\([\s\S]*\.await$|\.acquire\w*\([^()]*\)")
_FITTING: Final = re.compile(
    r"(?:bytes_)?encode\w*|serialize\w*|(?:get_metric_)?with_label_values|register\w*|write_\w+|new|default|from|into|set|"
    r"strip_(?:prefix|suffix)|take|replace|as_(?:ref|mut|deref)|clone|(?:try_)?insert|remove|map|cloned|copied|filter|unwrap|zip"
)
"""Functions whose Result is there for others (what is encoded was made by the program), and names that std has too."""
_PROVEN_TEXT: Final = re.compile(
    r"\bcap(?:s|tures?|ture_group)?\b\s*(?:\[|\.(?:get|name)\()|\bas_u?(?:size|\d+)\b|(?:STANDARD|URL_SAFE\w*|hex)\s*(?:\.|::)encode|"
    r"(?:from_str|from_slice)(?:::<[^()]*>)?\(\s*\w+(?:\.\w+)*\.get\(\)\s*\)|^env!|\bjson!|\.to_rfc\d+|\.len\w*\(\)"
)
_SIZED: Final = re.compile(
    r"^(?:[iu](?:8|16|32|64|128|size)|f(?:32|64)|usize)::try_from\b|\.try_into(?:::<[^()]*>)?\(\)$"
)
_FAILURE: Final = re.compile(
    r"\bfail(?:ed|s|ure)?\b|\berror\b|\bunable\b|could ?n[o']t|\bcan(?:no|'|no)t\b|"
    r"\binvalid\b|\bnot found\b|\bbad\b",
    re.I,
)
_OWN_BYTES: Final = re.compile(
    r"from_utf8\(&?(?:mut )?self\b|^<[^>]* as |\b(?:gen|generate|make|new)(?:_\w+)?\([^()]*\)\s*\.parse|"
    r"^(?:Self|\w+)::[A-Z][A-Z0-9_]+\s*\.try_into"
)
"""A buffer of its own type, a block of a cipher, an id that was just made, a constant."""
_OF_ERRORS: Final = re.compile(r"unwrap|expect|panic|\berr\w*\b|handl|propagat|\bResult\b", re.I)
_OWN: Final = frozenset({"take", "as_ref", "as_mut", "as_deref", "as_deref_mut", "clone", "get_mut"})
"""Asking what a type holds itself: what is missing then is a mistake of the program's own."""
_WRITTEN: Final = re.compile(
    r"^(?:Vec|String|BytesMut)::new\(\)$|\b(?:to_string(?:_pretty)?|to_vec|serialize)\(&|\.to_string\(\)$"
)
"""Text that the program made of a value of its own."""
_STATES: Final = re.compile(r"\b(?:must|should|will|is|are|has|have)\b", re.I)
_FOR_TESTS: Final = re.compile(r"(?:^|_)(?:tests?|mock|memory)(?:_|$)")
_LITERAL_CALL: Final = re.compile(r"\((?:\s*\"[^\"]*\"\s*,?)+\)\s*(?:\.await)?$")
_STARTS: Final = re.compile(
    r"(?:new|connect|init|set_?up|start|run|build|main|open|load|create|spawn|serve|migrate)(?:_\w+)?"
)
"""Functions that run once, before anything is served: a process that cannot start may as well say so and end."""
_SETTINGS: Final = re.compile(r"\b(?:cfg|conf|config|settings|options|opts|args|env)\b")
_DECLARED: Final = re.compile(
    r"fn\s+(\w+)\s*(?:<[^(){};]*>)?\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)(?:\s*->\s*([\w:]+))?"
)


def is_fault(project: Project, path: str, code: RustFile, place: Unwrap, function: Function) -> bool:
    """Whether something says that the value can be missing, where somebody could be told of it instead."""
    if place.demands or _is_owed(code, place):
        return not function.trait
    if _FOR_TESTS.search(function.name):
        return False
    if returns_result(project, path, code, function):
        return _may_fail(project, code, place, function)
    if function.trait or function.boundary or _STATES.search(place.message) or _STARTS.fullmatch(function.name):
        return False
    package = cargo.package_of(project, path)
    public = function.is_public and package is not None and bool(package.library)
    return (function.is_async or public) and _meets_others(code, place, function)


def returns_result(project: Project, path: str, code: RustFile, function: Function) -> bool:
    """Whether the place is the function's own, and what it returns is a Result and no type that is only called so."""
    if function.result is None or function.boundary:
        return False
    return rust_errors.is_result(project, function.result[0])


def fallible(project: Project) -> frozenset[str]:
    """Names of functions of the tree that return a Result wherever they are declared."""
    found: dict[str, set[bool]] = {}
    for path in project.files("*.rs"):
        for match in _DECLARED.finditer(project.text(path)):
            found.setdefault(match[1], set()).add((match[2] or "").rpartition("::")[2].endswith("Result"))
    return frozenset(name for name, results in found.items() if results == {True})


def _may_fail(project: Project, code: RustFile, place: Unwrap, function: Function) -> bool:
    """In a function that returns a Result: whatever may fail could be returned."""
    receiver, text = place.receiver, place.receiver.text()
    name = place.callee.rpartition("::")[2]
    said = bool(_FAILURE.search(place.message)) and not _LITERAL_CALL.search(text)
    if receiver.kind() not in ("call_expression", "await_expression", "macro_invocation", "try_expression"):
        return False
    if _PROVEN_TEXT.search(text) or _JOINS.fullmatch(name) or _TASK.search(text) or name.startswith("strip_"):
        return False
    if _FILES.fullmatch(name):
        return not _CONSOLE.search(text)
    if _TEXTS.fullmatch(name):
        if _is_made_here(code, place) or _OWN_BYTES.search(text):
            return False
        return said or not _SIZED.search(text) or _is_given(place, function)
    if _VARIANT.fullmatch(name) and name not in _OWN and _root(text) in _parameters(function):
        return True
    if _JSON.fullmatch(name) or _PARTS.fullmatch(name) or _HANDED.fullmatch(name):
        return True
    if name in ("next", "nth", "get") and _PIECES.search(text):
        return not _FIRST_OF.search(text)
    if name == "build" and _BUILDS.search(text):
        return True
    if receiver.kind() == "await_expression" and name:
        return True
    if receiver.kind() == "try_expression":
        return said
    if name in project.fact(fallible) and not _FITTING.fullmatch(name) and place.unwraps != "option":
        return True
    return (said and name not in _OWN and place.unwraps != "option") or _is_given(place, function)


def _meets_others(code: RustFile, place: Unwrap, function: Function) -> bool:
    """In a function that returns something else: what a caller gives or a peer sends, not what the start needs."""
    receiver, text = place.receiver, place.receiver.text()
    name = place.callee.rpartition("::")[2]
    if _PROVEN_TEXT.search(text):
        return False
    if receiver.kind() == "await_expression":
        if _JOINS.fullmatch(name) or _HANDED.fullmatch(name) or _LITERAL_CALL.search(text):
            return False
        return bool(name)
    if _FILES.fullmatch(name):
        return bool(_ON_DISK.search(text)) and not _CONSOLE.search(text)
    if _TEXTS.fullmatch(name) and name not in ("from_utf8", "try_from", "try_into"):
        known = bool(_SETTINGS.search(text)) or bool(_words(text) & _parameters(function))
        return known and not _is_made_here(code, place)
    return False


def _is_made_here(code: RustFile, place: Unwrap) -> bool:
    """Whether the function wrote the text itself: `format!`, `json!`, a choice of literals, a file of the source."""
    function, given = place.receiver.field("function"), place.receiver.field("arguments")
    if function is not None and function.kind() == "generic_function":
        function = function.field("function")
    text = function.field("value") if function is not None else None
    if text is None and given is not None:
        text = next(iter(given.named_children()), None)
        while text is not None and text.kind() == "reference_expression":
            text = text.named_children()[-1]
    if text is None:
        return False
    if text.kind() in ("macro_invocation", "match_expression", "if_expression"):
        return _chooses_a_literal(text)
    if text.text().endswith(".to_string()") or _was_parsed(code, place, text):
        return True
    item = enclosing(place.node, {"function_item"})
    if text.kind() != "identifier" or item is None:
        return False
    named = re.escape(text.text())
    bound = [
        value
        for let in item.find_all(kind="let_declaration")
        if (value := let.field("value")) is not None and re.match(rf"let (?:mut )?{named}\b", let.text())
    ]
    return len(bound) == 1 and (bool(_WRITTEN.search(bound[0].text())) or _chooses_a_literal(bound[0]))


def _was_parsed(code: RustFile, place: Unwrap, text: Node) -> bool:
    """Whether the function has parsed the same text before and returned what was wrong with it."""
    item = enclosing(place.node, {"function_item"})
    if item is None or "." not in text.text():
        return False
    before = code.text[code.bounds(item)[0] : code.bounds(place.node)[0]]
    same = re.escape(text.text())
    return bool(re.search(rf"(?:from_str|parse\w*|try_from)\(&?{same}\)[^;]*\?|{same}\.parse\b[^;]*\?", before))


def _chooses_a_literal(value: Node) -> bool:
    """`if a { "x" } else { "y" }` and `match a { .. => "x", _ => "y" }`."""
    kind, inside = value.kind(), value.named_children()
    match kind:
        case "string_literal":
            return True
        case "macro_invocation":
            return bool(re.match(r"(?:\w+::)*(?:json|include_str|include_bytes|concat|format)!", value.text()))
        case "if_expression":
            ends = [value.field("consequence"), value.field("alternative")]
            return all(e is not None and _chooses_a_literal(e) for e in ends)
        case "match_expression":
            arms = value.find_all(kind="match_arm")
            return bool(arms) and all((v := a.field("value")) is not None and _chooses_a_literal(v) for a in arms)
        case "block" | "else_clause" | "expression_statement" | "parenthesized_expression":
            return bool(inside) and _chooses_a_literal(inside[-1])
    return False


def _is_owed(code: RustFile, place: Unwrap) -> bool:
    """Whether a comment on the line or above it says that the unwrap, or the error, is still to be dealt with."""
    lines, line = code.lines, code.line(place.node) - 1
    near = [*lines[line : code.end_line(place.node)], *lines[max(line - 1, 0) : line]]
    comments = [text.partition("//")[2] for text in near if "//" in text]
    return any(OWED.search(text) and _OF_ERRORS.search(text) for text in comments)


def _root(text: str) -> str:
    match = re.match(r"[&*(]*(\w+)", text)
    return match[1] if match else ""


def _is_given(place: Unwrap, function: Function) -> bool:
    """Whether a parameter itself is what is asked or converted: `list.get(0)`, `i64::try_from(minutes)`."""
    text = place.receiver.text()
    direct = re.fullmatch(r"(\w+)\.get\(\d+\)|[\w:]+::try_from\(&?(\w+)\)", text)
    return direct is not None and (direct[1] or direct[2]) in _parameters(function)


def _parameters(function: Function) -> frozenset[str]:
    held = function.node.field("parameters") if function.node is not None else None
    patterns = [_pattern(p) for p in held.named_children()] if held is not None else []
    return frozenset().union(*map(_words, patterns)) - {"self", "mut", "ref", "_"}


def _pattern(parameter: Node) -> str:
    pattern = parameter.field("pattern")
    return pattern.text() if pattern is not None else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b[a-z_]\w*\b(?!\s*[(!:])", text))
