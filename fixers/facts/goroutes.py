"""The routes of Go servers with what wraps their handlers: net/http, chi, gorilla/mux, gin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fixers.editors.source import Node
from fixers.facts import gocode
from fixers.facts.gocode import Code, Function
from fixers.project import Project

UNREAD: Final = {
    "github.com/labstack/echo": "echo",
    "github.com/gofiber/fiber": "fiber",
    "github.com/valyala/fasthttp": "fasthttp",
    "github.com/beego/beego": "beego",
    "github.com/gobuffalo/buffalo": "buffalo",
}
"""Frameworks whose routes are not read here, by import path: rules about routes say so instead of guessing."""
_GENERAL: Final = r"Handle|HandleFunc|HandlerFunc|Handler|Method|MethodFunc"
_METHODS: Final = r"Get|Post|Put|Patch|Delete|Options|Head|GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD|Any"
_REGISTER: Final = re.compile(rf"(?:[\w.()\[\]\"/]+\.)?({_GENERAL}|{_METHODS})")
_REGISTERS: Final = re.compile(rf'(?:{_GENERAL}|{_METHODS})\(\s*(?:[\w."]+,\s*)?"(?:[A-Z]+ )?/'.encode())
_ADAPTERS: Final = re.compile(r"(?:\w+\.)?(?:HandlerFunc|WrapF|WrapH|StripPrefix|AllowContentType|TimeoutHandler)")


@dataclass(frozen=True, slots=True)
class Route:
    """One registration: where, on what (`mux`, `r`), for which method ("" any) and path, and who answers.

    `wrappers` are the functions that the handler goes through in the registration itself, outermost first.
    `chosen`: a condition decides whether the route is there at all.
    """

    file: str
    line: int
    router: str
    method: str
    path: str
    handler: str
    wrappers: tuple[str, ...]
    chosen: bool = False


def routes(project: Project) -> tuple[Route, ...]:
    """Every route whose path is a string literal."""
    return project.fact(_routes)


def _routes(project: Project) -> tuple[Route, ...]:
    found = []
    for path, code in gocode.sources(project, b"net/http", b"gin-gonic/gin", b"go-chi/chi", having=_REGISTERS):
        known = {"net/http", "github.com/go-chi/chi", "github.com/gorilla/mux", "github.com/gin-gonic/gin"}
        if not any(re.sub(r"/v\d+$", "", p) in known for p in code.imports.values()):
            continue
        for call in code.source.kind("call_expression"):
            route = _route(path, code, call)
            if route is not None:
                found.append(route)
    return tuple(found)


def registers(call: Node) -> bool:
    """Whether a call gives a handler to a path that is a string literal."""
    given = gocode.arguments(call)
    method = gocode.called(call).rpartition(".")[2]
    path = gocode.unquoted(given[0]) if given else ""
    return len(given) > 1 and _REGISTER.fullmatch(method) is not None and path.rpartition(" ")[2].startswith("/")


def _route(path: str, code: Code, call: Node) -> Route | None:
    name, given = gocode.called(call), gocode.arguments(call)
    register = _REGISTER.fullmatch(name)
    if register is None or len(given) < 2:
        return None
    method = "" if re.fullmatch(_GENERAL + "|Any", register[1]) else register[1].upper()
    if register[1] in ("Method", "MethodFunc"):
        method, given = gocode.unquoted(given[0]), given[1:]
    pattern = gocode.unquoted(given[0])
    verb, _, rest = pattern.partition(" ")
    if rest.startswith("/") and verb.isupper():
        method, pattern = verb, rest
    if not pattern.startswith("/") or len(given) < 2:
        return None
    handler, wrappers = _peeled(given[-1])
    wrappers = (*(g.text() for g in given[1:-1]), *wrappers)
    router = name.rpartition(".")[0]
    chosen = any(n.kind() == "if_statement" for n in call.ancestors())
    return Route(path, code.source.line(call), router, method, pattern, handler, wrappers, chosen)


def _peeled(node: Node) -> tuple[str, tuple[str, ...]]:
    """The handler itself and what is around it: `auth(log(s.list))` is `s.list` in auth and log."""
    wrappers: list[str] = []
    while node.kind() == "call_expression":
        name, given = gocode.called(node), gocode.arguments(node)
        inner = next((g for g in given if g.kind() in ("selector_expression", "identifier", "call_expression")), None)
        literal = next((g for g in given if g.kind() == "func_literal"), None)
        if literal is not None:
            return "func", (*wrappers, *(() if _ADAPTERS.fullmatch(name) else (name,)))
        if inner is None:
            break
        if not _ADAPTERS.fullmatch(name):
            wrappers.append(name)
        node = given[-1] if name.endswith("StripPrefix") and given else inner
    return ("func" if node.kind() == "func_literal" else node.text()), tuple(wrappers)


def unread(project: Project) -> str:
    """The name of a framework in use whose routes are not read, "" when there is none."""
    return project.fact(_unread)


def _unread(project: Project) -> str:
    for package, name in UNREAD.items():
        if any(package.encode() in project.read(p) for p in project.files("**/go.mod")):
            return name
    return ""


def handlers(code: Code) -> tuple[Function, ...]:
    """Functions that answer requests: (w, r) in whatever order and company, or a gin context."""
    gin = code.name_of("github.com/gin-gonic/gin")
    found = []
    for function in code.functions:
        types = [t for _, t in function.parameters]
        if (code.requests and code.requests in types and code.writers in types) or (gin and f"*{gin}.Context" in types):
            found.append(function)
    return tuple(found)


def published(project: Project) -> str:
    """The file that says the server runs behind a container's or a platform's port, "" when there is none."""
    return project.fact(_published)


def _published(project: Project) -> str:
    for path in project.files("**/{Dockerfile,Containerfile,Dockerfile.*,*.Dockerfile}", "**/Procfile", "**/fly.toml"):
        if gocode.NOT_SHIPPED.search("/" + path):
            continue
        data = project.read(path)
        if path.endswith(("Procfile", "fly.toml")) or b"EXPOSE" in data or b"ENTRYPOINT" in data or b"CMD" in data:
            return path
    for path in project.files("**/*compose*.{yml,yaml}", "**/*.{yml,yaml}"):
        if gocode.NOT_SHIPPED.search("/" + path):
            continue
        data = project.read(path)
        if (b"containerPort:" in data and b"kind:" in data) or ("compose" in path and b"ports:" in data):
            return path
    return ""


def proxy(project: Project) -> str:
    """A reverse proxy's configuration in the tree (Caddy, nginx, Traefik, HAProxy, an ingress), "" without one."""
    return project.fact(_proxy)


def _proxy(project: Project) -> str:
    named = project.files(
        "**/Caddyfile", "**/*.Caddyfile", "**/nginx*.conf", "**/*.nginx", "**/traefik*.{yml,yaml,toml}"
    )
    named = (*named, *project.files("**/haproxy.cfg", "**/nginx/**/*.conf"))
    for path in named:
        if not gocode.NOT_SHIPPED.search("/" + path):
            return path
    words = (
        b"kind: Ingress",
        b"kind: HTTPRoute",
        b"kind: IngressRoute",
        b"traefik.http.routers",
        b"image: caddy",
        b"image: nginx",
    )
    for path in project.grep(words, "**/*.{yml,yaml}"):
        if not gocode.NOT_SHIPPED.search("/" + path):
            return path
    return ""
