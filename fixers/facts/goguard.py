"""A client that judges each address when it dials: put around one request, and whom that would cut off."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fixers.draft import Draft
from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import goclient, gocode, gomodules, goscaffold
from fixers.facts.gocode import Code
from fixers.model import Refused
from fixers.project import Project

NAME: Final = "guardedClient"
SETTINGS: Final = {"ALLOW_INTERNAL": "0"}
COMMENT: Final = "1 lets addresses that others choose lead to this machine and to the local network."
_LOCAL_SERVER: Final = re.compile(r"httptest\.New\w*Server\(|https?://(?:localhost|127\.0\.0\.1)")
_TRANSPORT: Final = re.compile(r"http\.Client\{[^}]*\bTransport\b|\.Transport\s*=[^=]|\) RoundTrip\(|NewTLSServer\(")
_TEST_MAIN: Final = """
// The servers of the other tests are on this machine.
func TestMain(m *testing.M) {
	os.Setenv("PREFIXALLOW_INTERNAL", "1")
	os.Exit(m.Run())
}
"""


def is_guarded(code: Code, node: Node) -> bool:
    """Whether the function that a node stands in asks through the guarded client already."""
    return re.search(rf"\b{NAME}\b", gocode.outermost(code, node)) is not None


def has(project: Project, path: str) -> bool:
    """Whether the package of a file has the guarded client that a fix adds."""
    return goscaffold.has(project, path, "guardedclient")


def theirs(project: Project) -> tuple[str, ...]:
    """Files with a guarded client that the tree's authors wrote."""
    return tuple(g for g in goclient.guarded(project) if f"func {NAME}(" not in project.text(g))


def around(project: Project, path: str, code: Code, requests: list[Node]) -> list[Edit]:
    """The edits that send requests over the guarded client. Raises Refused where that cannot be told."""
    calls = {code.source.bounds(c): c for r in requests for c in sends(code, r)}
    return wrapped(project, path, code, calls.values())


def around_near(project: Project, path: str, code: Code, judge: Node) -> list[Edit]:
    """The edits that send what a function asks for over the guarded client, where it judges the address too early."""
    around = code.around(judge)
    asked = code.calls(r"(?:http|[\w.]*[cC]lient)\.(?:Do|Get|Post|Head|PostForm)", around[-1].node if around else None)
    if not asked:
        raise Refused("where the request is sent is not to be seen")
    return wrapped(project, path, code, asked)


def sends(code: Code, request: Node) -> list[Node]:
    """The calls that send a request: `client.Do(req)`, or the one that makes it, too. Raises Refused without any."""
    if not gocode.called(request).rpartition(".")[2].startswith("NewRequest"):
        return [request]
    name = gocode.assigned_to(request).partition(",")[0].strip()
    around = code.around(request)
    found = [
        c
        for c in code.calls(r"[\w.]+\.Do", around[-1].node if around else None)
        if name.isidentifier() and re.match(rf"{name}\b", "".join(a.text() for a in gocode.arguments(c)))
    ]
    if not found:
        raise Refused("where the request is sent is not to be seen")
    return found


def wrapped(project: Project, path: str, code: Code, calls: Iterable[Node]) -> list[Edit]:
    """The edits that put the guard around the client of each call. Raises Refused for what is no plain http.Client."""
    edits, own = [], _own(project, path) if theirs(project) and not has(project, path) else None
    for call in calls:
        function = call.field("function")
        client, _, method = gocode.called(call).rpartition(".")
        if function is None or code.source.has_error_near(call):
            raise Refused("the code near the place could not be read")
        pointer = _pointer(project, path, code, call, client)
        edits.append(code.source.replace(function, f"{NAME}.{method}" if own else f"{NAME}({pointer}).{method}"))
    if own is None or gocode.package_has(project, path, rf"(?m)^var {NAME} ="):
        return edits
    package, made = own
    declared = f"// {NAME} is for addresses that somebody else chose.\nvar {NAME} = {made}"
    needed = [package, "time"] if "time." in made else [package]
    return [*edits, golang.after_imports(code.source, declared), *golang.add_imports(code.source, *needed)]


def _own(project: Project, path: str) -> tuple[str, str]:
    """The package of the tree's own guarded client, and the call that makes one. Raises Refused when it takes more."""
    for file in theirs(project):
        code, module, folder = gocode.code(project, file), gomodules.module_of(project, file), gocode.folder(file)
        inner = folder.removeprefix(module.folder).strip("/")
        above = inner.partition("internal")[0].rstrip("/") if re.search(r"(?:^|/)internal(?:/|$)", inner) else ""
        here = path.removeprefix(module.folder).lstrip("/")
        package = f"{module.path}/{inner}"
        if code is None or code.package == "main" or module != gomodules.module_of(project, path) or not inner:
            continue
        if not here.startswith(above) or gocode.folder(path) in _reached(project, file):
            continue
        for function in code.functions:
            result = gocode.text_of(function.node.field("result"))
            kinds = [kind for _, kind in function.parameters]
            does = re.search(r"\) Do\(\w+ \*http\.Request\)", code.text) and f"*{result[1:]}) Do(" in code.text
            if not function.name[:1].isupper() or function.receiver or kinds not in ([], ["time.Duration"]):
                continue
            if result == "*http.Client" or does:
                return package, f"{code.package}.{function.name}({'30 * time.Second' if kinds else ''})"
    raise Refused(f"the tree has a guarded client of its own: {', '.join(theirs(project)[:3])}")


def _reached(project: Project, file: str) -> set[str]:
    """The folders of the packages that the package of a file imports, directly or not."""
    module, found, open_ = gomodules.module_of(project, file), set[str](), [gocode.folder(file)]
    while open_:
        for path in gocode.packages(project).get(open_.pop(), ()):
            for wanted in re.findall(rf'"{re.escape(module.path)}/([^"\s]+)"', project.text(path)):
                inside = f"{module.folder}/{wanted}".strip("/")
                if inside not in found:
                    found.add(inside)
                    open_.append(inside)
    return found


def _pointer(project: Project, path: str, code: Code, call: Node, client: str) -> str:
    """The expression of a client as a `*http.Client`."""
    http = code.name_of("net/http")
    if client in (http, f"{http}.DefaultClient"):
        return f"{http}.DefaultClient"
    name = re.escape(client.rpartition(".")[2])
    near = [gocode.outermost(code, call)] if client.isidentifier() else []
    for text in [*near, "\n".join(project.text(p) for p in gocode.siblings(project, path))]:
        pointer = re.search(rf"\b{name}(?:\s+|\s*:?=\s*|:\s*)(?:\*http\.Client\b|&http\.Client\{{)", text)
        value = re.search(rf"\b{name}(?:\s+|\s*:?=\s*|:\s*)http\.Client\b", text)
        if bool(pointer) != bool(value):
            return client if pointer else f"&{client}"
        if pointer:
            break
    raise Refused(f"{client} may be something else than a plain http.Client")


def add(project: Project, draft: Draft, path: str, code: Code, chosen: list[str]) -> None:
    """Add the guard to the package of a file unless it is there; what relies on less is named in the refusal.

    `chosen` are the expressions of the addresses.
    """
    tests = [p for p in project.files("**/*_test.go") if gocode.folder(p) == gocode.folder(path)]
    files = [p for p in (*gocode.siblings(project, path), *tests) if not p.endswith("guardedclient.go")]
    if own := [p for p in files if _TRANSPORT.search(project.text(p))]:
        draft.refuse(f"these give a client a transport of its own, which the guard would replace: {', '.join(own[:8])}")
    if has(project, path):
        return
    local = [p for p in tests if _LOCAL_SERVER.search(project.text(p))]
    main = [p for p in tests if "func TestMain(" in project.text(p)]
    stopped = _reaching(project, local, chosen) if main or theirs(project) else []
    if stopped:
        draft.refuse(f"these tests reach the code over servers of this machine: {', '.join(stopped[:8])}")
    if not theirs(project):
        test = _TEST_MAIN if local else ""
        goscaffold.add(project, draft, path, code, "guardedclient", SETTINGS, COMMENT, test=test)


def reason(project: Project, path: str, chosen: list[str]) -> str:
    """What a reviewer has to know: who loses what, and the tests of other packages that may be among them."""
    others = _reaching(project, _far_tests(project, path), chosen)
    named = f"; these tests may reach it over servers of this machine: {', '.join(others[:8])}" if others else ""
    unless = "" if theirs(project) else f", unless {gomodules.env_prefix(project)}{next(iter(SETTINGS))} is 1"
    return f"internal addresses are refused from now on{unless}{named}"


def _reaching(project: Project, paths: list[str], chosen: list[str]) -> list[str]:
    """Those of the tests that name a field of the addresses; the others do not reach them."""
    if not chosen:
        return paths
    fields = "|".join(sorted({re.findall(r"\w+", c)[-1] for c in chosen}))
    return [p for p in paths if re.search(rf"\b(?:{fields})\b|[wW]ebhook", project.text(p))]


def _far_tests(project: Project, path: str) -> list[str]:
    """Tests of other packages that import this one and start servers on this machine."""
    module, folder = gomodules.module_of(project, path), gocode.folder(path)
    inside = folder.removeprefix(module.folder).strip("/")
    wanted = f'"{module.path}/{inside}"' if inside else f'"{module.path}"'
    found = project.grep([wanted], "**/*_test.go") if module.path else ()
    return [p for p in found if gocode.folder(p) != folder and _LOCAL_SERVER.search(project.text(p))]
