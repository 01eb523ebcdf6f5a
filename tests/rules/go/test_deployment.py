"""Rules about the shape of a server: routes, sessions, plug-ins, TLS, the database's folder."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean, passes, silences

ROUTE, SESSIONS, PLUGIN = "unauthenticated-route", "in-memory-sessions", "unverified-plugin"
TLS, DATABASE = "cleartext-listener", "plaintext-database"
HEAD = 'package main\n\nimport (\n\t"net/http"\n\t"os"\n\t"os/exec"\n\t"path/filepath"\n)\n\n'


def routes(*pairs: tuple[str, str]) -> str:
    return HEAD + "func routes() {\n" + "".join(f'\thttp.HandleFunc("{p}", {h})\n' for p, h in pairs) + "}\n"


GUARDED = (("/a", "requireAuth(a)"), ("/b", "requireAuth(b)"), ("/c", "requireAuth(c)"))


@pytest.mark.parametrize(
    "pairs",
    [
        (*GUARDED, ("/login", "login"), ("/healthz", "health"), ("/static/", "files"), ("/webhooks/pay", "pay")),
        (("/a", "requireAuth(a)"), ("/b", "b"), ("/c", "c")),  # no habit of this table
        (("/a", "logged(a)"), ("/b", "wrap(b)"), ("/c", "wrap(c)"), ("/d", "d")),  # wrap may be anything
        (*GUARDED, ("/d", "adminAccess(d)")),  # another authentication
        (*GUARDED, ("/d", "unknown(d)")),  # a wrapper that the others do not have
    ],
)
def test_routes_that_are_open_on_purpose_are_left_alone(pairs: tuple[tuple[str, str], ...]) -> None:
    assert findings(ROUTE, routes(*pairs)) == []


def test_the_one_that_was_forgotten_is_wrapped_like_its_neighbours() -> None:
    after = cured(ROUTE, routes(*GUARDED, ("/export", "export")))["main.go"]
    assert 'http.HandleFunc("/export", requireAuth(export))' in after and is_gofmt_clean(after)


@pytest.mark.parametrize(
    "made", ['repo := api.Group("/repo", session.MustPull)', "repo.Use(session.SetRepo())\n\trepo.Use(requireLogin())"]
)
def test_a_router_that_asks_itself_leaves_its_routes_to_ask_for_more(made: str) -> None:
    text = routes(*GUARDED, ("/export", "export")).replace("http.Handle", "repo.Handle")
    assert len(findings(ROUTE, text)) == 1
    assert findings(ROUTE, text.replace("func routes() {", f"func routes() {{\n\t{made}")) == []


CONDITIONAL = "func routes() {\n\twrap := %s\n\tif !cfg.Auth {\n\t\twrap = %s\n\t}\n"
WRAPPED = (("/a", "wrap(a)"), ("/b", "wrap(b)"), ("/c", "wrap(c)"), ("/health", "health"), ("/feed", "feed"))


@pytest.mark.parametrize(
    ("given", "otherwise", "count"),
    [
        ("s.requireAuth", "same", 1),
        ("same", "func(h http.HandlerFunc) http.HandlerFunc { return s.requireAuth(cors(h)) }", 1),
        ("cors", "same", 0),
        ("accessLog", "same", 0),
    ],
)
def test_a_wrapper_that_a_condition_chooses_is_followed(given: str, otherwise: str, count: int) -> None:
    text = routes(*WRAPPED, ("/sync", "sync")).replace("func routes() {\n", CONDITIONAL % (given, otherwise))
    assert len(findings(ROUTE, text)) == count
    if count:
        assert 'http.HandleFunc("/sync", wrap(sync))' in cured(ROUTE, text)["main.go"]


def test_programs_of_the_tree_that_dial_an_open_websocket_stop_the_edit() -> None:
    server = routes(*GUARDED, ("/sync", "syncPeers")) + "\nfunc syncPeers() {\n\tup.Upgrade(w, r, nil)\n}\n"
    dial = "func f() {\n\twebsocket.DefaultDialer.Dial(u, nil)\n}\n"
    peer = 'package peer\n\nimport "github.com/gorilla/websocket"\n\n' + dial
    found = findings(ROUTE, {"main.go": server, "peer/peer.go": peer})
    assert len(found) == 1 and found[0].fix is None and "peer/peer.go:6" in found[0].fixes[0].reason
    assert findings(ROUTE, server)[0].fix is not None


PEER = """package main

import (
	"net/http"

	"github.com/gorilla/websocket"
)

func routes() {
	http.HandleFunc("/ws/sync", wrap(syncPeers))
}

func syncPeers(w http.ResponseWriter, r *http.Request) {
	conn, _ := upgrader.Upgrade(w, r, nil)
	reconcile(conn)
}

func dial(peer string) {
	address := peer + "/ws/sync"
	websocket.DefaultDialer.Dial(address, nil)
}
"""
PEERS = {
    "both sides know no credential": (PEER, 1),
    "the dialer sends a header": (PEER.replace("Dial(address, nil)", "Dial(address, header)"), 0),
    "the address carries a token": (PEER.replace('peer + "/ws/sync"', 'peer + "/ws/sync?token=" + t'), 0),
    "the handler asks for a signature": (PEER.replace("\treconcile", "\tverifySignature(conn)\n\treconcile"), 0),
    "the route has a login": (PEER.replace("wrap(", "requireAuth("), 0),
    "a condition decides about the route": (
        PEER.replace("\thttp.Handle", "\tif local {\n\t\thttp.Handle").replace("Peers))\n", "Peers))\n\t}\n"),
        0,
    ),
    "nobody dials it": (PEER.replace('+ "/ws/sync"', '+ "/elsewhere"'), 0),
}


@pytest.mark.parametrize("case", PEERS)
def test_a_websocket_of_peers_asks_for_credentials(case: str) -> None:
    text, count = PEERS[case]
    found = [f for f in findings(ROUTE, text) if f.anchor.startswith("peers:")]
    assert len(found) == count and all([x.line for x in f.locations] == [10, 13, 20] for f in found)


def test_a_wrapper_that_keeps_the_profiler_out_makes_no_profiler_of_the_server() -> None:
    text = routes(("/a", "a"), ("/b", "b"), ("/c", "c"))
    serve = "\nfunc serve() {\n\thttp.ListenAndServe(%s)\n}\n"
    assert len(findings(TLS, text + serve % '":80", metrics.Middleware(withoutPprof(mux))')) == 1
    assert findings(TLS, text + serve % '":80", promhttp.Handler()') == []


def test_an_engine_that_serves_itself_speaks_plain_http_too() -> None:
    gin = 'package main\n\nimport "github.com/gin-gonic/gin"\n\nfunc main() {\n\tr := gin.Default()\n'
    gin += "".join(f'\tr.GET("/{p}", {p})\n' for p in "abc") + '\tr.Run(":8080")\n}\n'
    assert [f.line for f in findings(TLS, gin)] == [10]


def test_production_code_that_helps_one_test_is_production_code() -> None:
    serve = "\nfunc serve() {\n\thttp.ListenAndServe(a, mux)\n}\n\nfunc stopForTest(t testing.TB) {\n}\n"
    text = routes(("/a", "a"), ("/b", "b"), ("/c", "c")).replace('"os"', '"os"\n\t"testing"')
    assert len(findings(TLS, text + serve)) == 1
    assert findings(TLS, text.replace("func routes()", "func routes(t *testing.T)") + serve) == []


def test_probes_and_profilers_alone_make_no_server() -> None:
    text = routes(("/metrics", "a"), ("/healthz", "b"), ("/debug/pprof/", "c"))
    assert findings(TLS, text + "\nfunc serve() {\n\thttp.ListenAndServe(a, mux)\n}\n") == []


@pytest.mark.parametrize("rule", [ROUTE, TLS])
def test_a_framework_that_is_not_read_is_said(rule: str) -> None:
    mod = "module a\n\ngo 1.22\n\nrequire github.com/gofiber/fiber/v2 v2.0.0\n"
    assert "fiber" in silences(rule, {"go.mod": mod, "main.go": routes(*GUARDED)})[0].reason


STORE = "type store struct {\n\tsessions %s\n}\n\nvar ttl = time.Hour // until it expires\n"
LOGIN = '\nfunc who(r *http.Request) {\n\tr.Cookie("s")\n}\n'


@pytest.mark.parametrize(
    ("kind", "count"), [("sync.Map", 1), ("map[string]*session", 1), ("*sql.DB", 0), ("[]session", 0)]
)
def test_sessions_in_a_map_are_found(kind: str, count: int) -> None:
    assert len(findings(SESSIONS, HEAD + STORE % kind + LOGIN)) == count


def test_sessions_that_are_no_logins_are_left_alone() -> None:
    assert findings(SESSIONS, HEAD + STORE % "map[string]*session") == []


START = "func startPlugin(dir, name string) {\n\t%s\n}\n"


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("bin := filepath.Join(dir, name)\n\texec.Command(bin).Start()", 1),
        ("exec.CommandContext(ctx, cfg.Binary).Start()", 1),
        ("bin, err := find(dir, name)\n\tcheck(err)\n\texec.Command(bin).Start()", 1),
        ('exec.Command("git", "status").Run()', 0),
        ("bin := filepath.Join(dir, name)\n\tcheckSha256(bin)\n\texec.Command(bin).Start()", 0),
    ],
)
def test_a_plugin_that_was_found_is_checked_before_it_is_started(lines: str, count: int) -> None:
    assert len(findings(PLUGIN, HEAD + START % lines)) == count


DATABASE_OPEN = 'func Open() {\n\t%s\n\tsql.Open("sqlite3", p)\n}\n'
MAKES = "os.MkdirAll(d, 0o755)"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (DATABASE_OPEN % MAKES, 1),
        (DATABASE_OPEN % "check()" + f"\nfunc initDatabase() {{\n\t{MAKES}\n}}\n", 1),
        (DATABASE_OPEN % "check()" + f"\nfunc writeModels() {{\n\t{MAKES}\n}}\n", 0),
    ],
)
def test_a_folder_of_something_else_is_no_folder_of_the_database(text: str, count: int) -> None:
    assert len(findings(DATABASE, HEAD + text)) == count


def test_where_programs_are_looked_for_is_a_place_of_the_finding() -> None:
    finds = "func findPlugin(name string) string {\n\tos.Stat(name)\n\treturn name\n}\n"
    (found,) = findings(PLUGIN, {"a.go": HEAD + START % "exec.Command(cfg.Binary).Start()", "b.go": HEAD + finds})
    assert [(x.path, x.note) for x in found.locations][1:] == [("b.go", "findPlugin")]


def test_a_program_that_is_no_plugin_is_left_alone() -> None:
    text = HEAD + "func run(dir string) {\n\tbin := filepath.Join(dir, name)\n\texec.Command(bin).Start()\n}\n"
    assert findings(PLUGIN, text) == []


SERVE = '\nfunc main() {\n\thttp.ListenAndServe("127.0.0.1:9000", nil)\n}\n'


def test_a_server_without_tls_is_offered_a_proxy_for_its_port() -> None:
    found = findings(TLS, routes(*GUARDED) + SERVE)
    assert [f.name for f in found[0].fixes] == ["default", "nginx", "tls"]
    assert "127.0.0.1:9000" in cured(TLS, {"main.go": routes(*GUARDED) + SERVE})["deploy/Caddyfile"]


def test_the_port_may_be_a_default_of_the_settings() -> None:
    serve = SERVE.replace('"127.0.0.1:9000"', "addr").replace("{\n", '{\n\tport := env("APP_PORT", "9100")\n', 1)
    assert "127.0.0.1:9100" in cured(TLS, {"main.go": routes(*GUARDED) + serve})["deploy/Caddyfile"]


@pytest.mark.parametrize(
    "files",
    [
        {"tls.go": 'package main\n\nfunc f() {\n\thttp.ListenAndServeTLS(":443", c, k, nil)\n}\n'},
        {"deploy/nginx.conf": "server {}\n"},
        {"k8s/web.yaml": "kind: Ingress\n"},
    ],
)
def test_tls_here_or_before_it_is_a_pass(files: dict[str, str]) -> None:
    tree = {"main.go": routes(*GUARDED) + SERVE, **files}
    assert findings(TLS, tree) == [] and passes(TLS, tree)


OWN_TLS = "\nfunc serve() error {\n\t%s &http.Server{Addr: addr}\n\treturn %s.ListenAndServe()\n}\n"


@pytest.mark.parametrize(
    ("given", "name", "pointer"),
    [("server :=", "server", "server"), ("s.http =", "s.http", "s.http"), ("s :=", "s", "&s")],
)
def test_the_server_may_speak_tls_itself(given: str, name: str, pointer: str) -> None:
    text = routes(*GUARDED) + OWN_TLS % (given, name)
    text = text.replace("&http.Server", "http.Server") if pointer.startswith("&") else text
    fix = findings(TLS, text)[0].fixes[2]
    after = {c.path: (c.after or b"").decode() for c in fix.changes}
    assert f"return listenAndServe({pointer})" in after["main.go"] and is_gofmt_clean(after["main.go"])
    assert sorted(after) == ["main.go", "optionaltls.go", "optionaltls_test.go"] and findings(TLS, after) == []


def test_a_server_that_begins_elsewhere_is_left_to_a_person() -> None:
    fix = findings(TLS, routes(*GUARDED) + SERVE)[0].fixes[2]
    assert not fix.changes and "begins to listen" in fix.reason


OPEN = "func open(path string) {\n\tos.MkdirAll(filepath.Dir(path), %s)\n\tsql.Open(%s)\n}\n"


@pytest.mark.parametrize(("mode", "after"), [("0755", "0700"), ("0o755", "0o700"), ("0o777", "0o700")])
def test_the_folder_of_a_database_is_made_for_its_owner(mode: str, after: str) -> None:
    text = HEAD + OPEN % (mode, '"sqlite3", path')
    assert f"filepath.Dir(path), {after})" in cured(DATABASE, text)["main.go"]


@pytest.mark.parametrize(
    ("mode", "dsn"),
    [
        ("0700", '"sqlite3", path'),
        ("0755", '"sqlite3", ":memory:"'),
        ("0755", '"sqlite3", path+"?_pragma_key="+key'),
        ("0755", '"postgres", dsn'),
    ],
)
def test_a_database_that_is_guarded_or_elsewhere_is_left_alone(mode: str, dsn: str) -> None:
    assert findings(DATABASE, HEAD + OPEN % (mode, dsn)) == []


STARTED = START.replace("{\n\t%s", "%s{\n\tbin := filepath.Join(dir, name)\n\tcmd := exec.Command(%s)\n\treturn %s")


@pytest.mark.parametrize(
    ("result", "returned", "refusal"),
    [
        ("error ", "cmd.Start()", "return err"),
        ("(*exec.Cmd, error) ", "cmd, cmd.Start()", "return nil, err"),
        ("(_ int, _ string, err error) ", '0, "", nil', 'return 0, "", err'),
        ("(handle, error) ", "handle{}, nil", "return handle{}, err"),
    ],
)
def test_a_plugin_is_compared_with_its_sum_before_it_starts(result: str, returned: str, refusal: str) -> None:
    after = cured(PLUGIN, HEAD + STARTED % (result, "bin", returned))
    check = f"\tif err := verifyPlugin(bin); err != nil {{\n\t\t{refusal}\n\t}}\n\tcmd := exec.Command(bin)"
    assert check in after["main.go"] and is_gofmt_clean(after["main.go"])
    assert "pluginsums_test.go" in after and findings(PLUGIN, after) == []


def test_a_name_of_the_package_is_no_import_of_the_scaffold() -> None:
    logger = 'package main\n\nvar log = logging.Logger("plugins")\n'
    after = cured(PLUGIN, {"main.go": HEAD + STARTED % ("error ", "bin", "cmd.Start()"), "log.go": logger})
    assert '\tstdlog "log"\n' in after["pluginsums.go"] and "\tstdlog.Printf(" in after["pluginsums.go"]
    assert is_gofmt_clean(after["pluginsums.go"])


@pytest.mark.parametrize(
    "own", ["var time = clock{}", "func time() {\n}", "var (\n\ttime = clock{}\n)", "type time struct{}"]
)
def test_a_name_of_the_package_stops_an_import_of_the_fix(own: str) -> None:
    text = routes(*GUARDED) + OWN_TLS % ("server :=", "server")
    found = findings("server-without-timeouts", {"main.go": text, "own.go": f"package main\n\n{own}\n"})
    assert len(found) == 1 and found[0].fix is None and "time" in found[0].fixes[0].reason


@pytest.mark.parametrize(
    ("result", "program", "named"),
    [
        ("", "bin", "returns no error"),
        ("error ", "filepath.Join(bin, name)", "in the call"),
        ("(h.T, error) ", "bin", "h.T"),
    ],
)
def test_a_start_that_cannot_be_refused_is_left_to_a_person(result: str, program: str, named: str) -> None:
    found = findings(PLUGIN, HEAD + STARTED % (result, program, "x"))
    assert len(found) == 1 and found[0].fix is None and named in found[0].fixes[0].reason
