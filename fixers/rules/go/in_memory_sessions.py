"""go/in-memory-sessions: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors.source import Node
from fixers.facts import gocode, goscaffold, gosessions
from fixers.facts.gocode import Code
from fixers.model import Applicability, Effort, Finding, Location, Result, Severity, rule
from fixers.project import Project

NAME = re.compile(r"(?:\w*sessions?(?:Store|Map|Cache)?|(?:access|auth|login|refresh|active)?tokens?)", re.I)
KEPT = re.compile(
    r"sync\.Map|map\[string\](?:\*?\w*(?:[sS]ession|[uU]ser|[tT]oken|[lL]ogin)\w*|time\.Time|string|int64)"
)
HELD = re.compile(rb"(?i)(?:session|token)\w*\s*:?=?\s*(?:make\()?(?:sync\.Map|map\[string\])")
LOGIN = r"\.Cookie\(|SetCookie\(|http\.Cookie\{|\"Authorization\"|[vV]alidate(?:Session|Token)|Bearer"
ENDS = r"[eE]xpir|TTL|ttl|MaxAge"
BAD = """package auth

import (
	"database/sql"
	"net/http"
	"sync"
	"time"
)

type sessionStore struct {
	sessions sync.Map
}

func New(db *sql.DB) (*Handler, error) {
	return &Handler{sessions: newStore()}, nil
}

func newStore() *sessionStore { return &sessionStore{} }

func (s *sessionStore) create(token string) { s.sessions.Store(token, time.Now().Add(ttl)) }

func (s *sessionStore) known(r *http.Request) bool {
	cookie, err := r.Cookie("session")
	if err != nil {
		return false
	}
	expires, ok := s.sessions.Load(cookie.Value)
	return ok && time.Now().Before(expires.(time.Time))
}
"""
USE = """	sessions := newStore()
	if err := sessions.sessions.use(db); err != nil {
		return nil, err
	}
	return &Handler{sessions: sessions}, nil
"""
WORDS = {"VALUE": "time.Time", "PACKED": "s", "UNPACKED": "&s", "FRESH": "time.Time{}", "ARG1": "?", "ARG2": "?"}


def good() -> dict[str, str]:
    """The example with its sessions in a table."""
    code = BAD.replace("sync.Map", "sessionTable").replace('\t"sync"\n', "")
    code = code.replace("\treturn &Handler{sessions: newStore()}, nil\n", USE)
    files = ("sessiontable.go", "sessiontable_test.go")
    made = {f"auth/{f}": goscaffold.worded(goscaffold.written(f, "auth", ""), WORDS) for f in files}
    return {"auth/sessions.go": code, **made}


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    effort=Effort.HIGH,
    audit=("Q7",),
    applies=("**/*.go",),
    bad={"auth/sessions.go": BAD},
    good=good,
)
def check(project: Project) -> Iterator[Result]:
    """Sessions live in memory only.

    Every restart and every deployment logs all users out, a second instance does not know the first one's users,
    and whoever can crash the server can log everyone out. A table with hashed tokens and an expiry outlives both. A
    sync.Map is exchanged for a table where a database is at hand when its owner is made; a plain map is indexed all
    over the code, and what it takes to replace it is advice.
    """
    for path, code in gocode.sources(project, b"memstore", b"alexedwards/scs"):
        if (made := _library(project, path, code)) and project.keep(path, code.source.line(made)):
            yield Finding(
                path,
                f"{gocode.called(made)} keeps logins in memory",
                line=code.source.line(made),
                anchor=gocode.called(made),
                locations=(Location(path, code.source.line(made), note=code.symbol(made)),),
                steps=("Give the sessions a store of the library that outlives the process: SQL, Redis, a file.",),
            )
    for path, code in gocode.sources(project, b"sync.Map", b"map[string]", having=HELD):
        places = [n for n in _places(code) if project.keep(path, code.source.line(n))]
        if not places or not gocode.package_has(project, path, LOGIN) or not re.search(ENDS, code.text):
            continue
        if re.search(r"websocket|pty|ssh|\bstream", code.text, re.I) and not re.search(
            r"(?m)^[^/\n]*[cC]ookie", code.text
        ):
            continue
        names = ", ".join(dict.fromkeys(_named(n) for n in places))
        yield Finding(
            path,
            f"{names} keeps logins in memory",
            line=code.source.line(places[0]),
            anchor=names,
            locations=tuple(Location(path, code.source.line(n), note=n.text()) for n in places),
            fixes=gosessions.kept(project, path, code, places[0]).fixes(
                "Keep sessions in the database, under a hash of their tokens",
                reason="whoever is logged in when it is deployed has to log in once more",
            ),
            steps=(
                "Put an interface of create, find, delete and sweep where the map is used today.",
                "Store the SHA-256 of each token, its user and its expiry in a table; migrate with the other tables.",
                "Delete what has expired on a timer, and all of a user's sessions when the password changes.",
            ),
        )


def _library(project: Project, path: str, code: Code) -> Node | None:
    """Where sessions of a library are given to memory, and no other store is to be seen in the package."""
    gin = code.calls_of("github.com/gin-contrib/sessions/memstore", "NewStore")
    scs = code.calls_of("github.com/alexedwards/scs", "New|NewSession")
    other = (
        r"(?:redis|cookie|postgres|gormsessions|memcached|mongo)\.NewStore|NewRedisStore|NewStoreWith|\.Store\s*=[^=]"
    )
    return next(iter(gin + scs), None) if not gocode.package_has(project, path, other) else None


def _named(node: Node) -> str:
    return re.split(r"[\s,]", node.text(), maxsplit=1)[0]


def _places(code: Code) -> list[Node]:
    """Fields and package variables that are called sessions or tokens and are a map of them."""
    found = []
    for node in code.source.kind("field_declaration", "var_spec"):
        kind = gocode.text_of(node.field("type")) or gocode.text_of(node.field("value")).partition("{")[0]
        made = re.match(r"make\((map\[string\][^,)]+)", kind)
        kind = made[1] if made else kind
        outside = node.kind() == "field_declaration" or not code.around(node)
        if outside and NAME.fullmatch(_named(node)) and KEPT.fullmatch(kind.strip()):
            found.append(node)
    return found
