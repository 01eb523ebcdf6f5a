"""go/open-bind: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean, passes

RULE = "open-bind"


def server(*lines: str, imports: str = "fmt net net/http os") -> str:
    listed = "".join(f'\t"{i}"\n' for i in imports.split())
    return (
        f"package main\n\nimport (\n{listed})\n\nfunc run(port int) {{\n" + "".join(f"\t{x}\n" for x in lines) + "}\n"
    )


QUIET = {
    "loopback": server('http.ListenAndServe("127.0.0.1:8080", nil)'),
    "from the settings": server("http.ListenAndServe(cfg.Addr, nil)"),
    "any free port": server('l, err := net.Listen("tcp", ":0")'),
    "a port that the platform hands over": server('http.ListenAndServe(":"+os.Getenv("PORT"), nil)'),
    "a client": server('c, err := net.Dial("tcp", ":8080")'),
    "a probe for a free port": server('l, err := net.Listen("tcp", ":8080")').replace("func run", "func isPortFree"),
    "a name that has two values": server(
        'addr := ":80"', "if x {", '\taddr = "127.0.0.1:80"', "}", "http.ListenAndServe(addr, nil)"
    ),
}
FOUND = {
    "a port alone": server('http.ListenAndServe(":8080", nil)'),
    "zeroes": server('http.ListenAndServe("0.0.0.0:8080", nil)'),
    "put together": server('s := &http.Server{Addr: fmt.Sprintf(":%d", port)}'),
    "a sum": server('http.ListenAndServe(":"+cfg.Port, nil)'),
    "a listener": server('l, err := net.Listen("tcp", ":9000")'),
    "a local": server('addr := fmt.Sprintf("0.0.0.0:%d", port)', "http.ListenAndServe(addr, nil)"),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_mended_as_gofmt_likes_it(case: str) -> None:
    tree = {"main.go": FOUND[case].replace("run(port int) {\n", "run(port int) {\n\tfmt.Println(os.Args)\n")}
    assert len(findings(RULE, tree)) == 1
    after = cured(RULE, tree)["main.go"]
    assert 'net.JoinHostPort(cmp.Or(os.Getenv("BIND_ADDRESS"), "127.0.0.1"), ' in after
    assert findings(RULE, after) == [] and is_gofmt_clean(after), after


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", "FROM scratch\nEXPOSE 8080\n"),
        ("compose.yaml", "services:\n  app:\n    ports: ['8080:8080']\n"),
        ("deploy/app.yaml", "kind: Deployment\nspec:\n  ports:\n  - containerPort: 8080\n"),
        ("Procfile", "web: app\n"),
    ],
)
def test_in_a_container_every_interface_is_right(path: str, text: str) -> None:
    tree = {"main.go": FOUND["a port alone"], path: text}
    assert findings(RULE, tree) == []
    assert path in passes(RULE, tree)[0].evidence


def test_fmt_goes_where_its_neighbours_come() -> None:
    text = server('s := &http.Server{Addr: fmt.Sprintf(":%d", port)}', imports="fmt net/http")
    after = cured(RULE, text)["main.go"]
    assert 'import (\n\t"cmp"\n\t"net"\n\t"net/http"\n\t"os"\n\t"strconv"\n)' in after


ASKED = """
type server struct {
	cfg  config
	auth *authHandler
}

type config struct {
	AuthEnabled bool
	NoAuth      bool
}

func (s *server) routes() {
	if %s {
		return
	}
}
"""


def guarded(condition: str, *lines: str, signature: str = "(s *server) run(port int) error") -> str:
    return server(*lines).replace("func run(port int)", f"func {signature}") + ASKED % condition


@pytest.mark.parametrize(
    ("condition", "switch"),
    [
        ("s.cfg.AuthEnabled", "s.cfg.AuthEnabled"),
        ("!s.cfg.AuthEnabled", "s.cfg.AuthEnabled"),
        ("s.cfg.NoAuth", "!s.cfg.NoAuth"),
        ("s.auth == nil", "s.auth != nil"),
    ],
)
def test_off_loopback_the_server_asks_for_an_authentication(condition: str, switch: str) -> None:
    after = cured(RULE, guarded(condition, "fmt.Println(os.Args)", 'return http.ListenAndServe(":8080", nil)'))
    lines = f"\thost, err := bindHost({switch})\n\tif err != nil {{\n\t\treturn err\n\t}}\n"
    assert lines + '\treturn http.ListenAndServe(net.JoinHostPort(host, "8080"), nil)' in after["main.go"]
    assert sorted(after) == ["bindhost.go", "bindhost_test.go", "main.go"] and is_gofmt_clean(after["main.go"])


@pytest.mark.parametrize(
    "text",
    [
        guarded("s.cfg.AuthEnabled", 'http.ListenAndServe(":8080", nil)', signature="(s *server) run(port int)"),
        guarded("s.cfg.AuthEnabled", 'return http.ListenAndServe(":8080", nil)', signature="(o other) run() error"),
        guarded("s.cfg.AuthorName", 'return http.ListenAndServe(":8080", nil)'),
        guarded("s.cfg.AuthOn", 'return http.ListenAndServe(":8080", nil)'),  # no bool of that name
    ],
)
def test_without_a_switch_or_an_error_the_environment_alone_decides(text: str) -> None:
    after = cured(RULE, text)
    assert sorted(after) == ["main.go"] and 'cmp.Or(os.Getenv("BIND_ADDRESS"), "127.0.0.1")' in after["main.go"]


def test_an_error_that_is_declared_below_keeps_its_name() -> None:
    text = guarded("s.cfg.AuthEnabled", 'addr := ":8080"', "err := s.open()", "return http.ListenAndServe(addr, nil)")
    after = cured(RULE, text)["main.go"]
    assert "host, bindErr := bindHost(s.cfg.AuthEnabled)" in after and "return bindErr" in after
