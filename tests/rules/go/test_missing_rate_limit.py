"""go/missing-rate-limit: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from fixers.model import Severity
from tests.rules.go.tool import MODULE, cured, findings, is_gofmt_clean, passes, silences

RULE = "missing-rate-limit"
HEAD = 'package main\n\nimport (\n\t"net/http"\n\t"time"\n)\n\n'
SERVE = """
func main() {
	server := &http.Server{
		Addr:              addr,
		Handler:           routes(),
		ReadHeaderTimeout: time.Second,
	}
	server.ListenAndServe()
}
"""


def routes(*paths: str) -> str:
    lines = "".join(f'\tmux.HandleFunc("{p}", answer)\n' for p in paths)
    return f"{HEAD}func routes() *http.ServeMux {{\n\tmux := http.NewServeMux()\n{lines}\treturn mux\n}}\n"


LIMITER = "\nfunc limit(next http.Handler) http.Handler {\n\tif !limiter.Allow() {\n\t}\n\treturn next\n}\n"
ELSEWHERE = """
func fetch(c *http.Client) {
	limiter.Wait(ctx)
	if resp.StatusCode == http.StatusTooManyRequests {
	}
}
"""


def test_a_server_with_a_login_is_urgent_and_one_without_is_not() -> None:
    assert [f.severity for f in findings(RULE, routes("/login") + SERVE)] == [Severity.HIGH]
    assert [f.severity for f in findings(RULE, routes("/a", "/b", "/c") + SERVE)] == [Severity.LOW]


@pytest.mark.parametrize(
    "text",
    [
        routes("/metrics") + SERVE,  # nothing to protect
        routes("/login"),  # a library: no server
        routes("/login") + LIMITER + SERVE,
    ],
)
def test_it_is_left_alone(text: str) -> None:
    assert findings(RULE, text) == []


def test_a_limiter_of_calls_to_others_is_no_evidence() -> None:
    assert len(findings(RULE, routes("/login") + ELSEWHERE + SERVE)) == 1


def test_a_limiter_of_requests_is_a_pass_with_its_place() -> None:
    assert [p.locations[0].path for p in passes(RULE, routes("/login") + LIMITER + SERVE)] == ["main.go"]


def test_a_framework_that_is_not_read_is_said() -> None:
    mod = MODULE["go.mod"] + "\nrequire github.com/labstack/echo/v4 v4.1.0\n"
    assert "echo" in silences(RULE, {"go.mod": mod, "main.go": routes("/login") + SERVE})[0].reason


def test_behind_a_proxy_the_server_sees_one_address() -> None:
    found = findings(
        RULE, {"main.go": routes("/login") + SERVE, "Caddyfile": "a.example {\n\treverse_proxy :8080\n}\n"}
    )
    assert found[0].fix is None and "Caddyfile" in found[0].fixes[0].reason


def test_a_name_that_is_taken_stops_it() -> None:
    found = findings(RULE, routes("/login") + SERVE + "\nfunc limitRate() {}\n")
    assert found[0].fix is None and "limitRate" in found[0].fixes[0].reason


def test_the_scaffold_is_in_the_package_with_its_build_tags() -> None:
    text = "//go:build linux\n\n" + (routes("/login") + SERVE).replace("package main", "package web")
    after = cured(RULE, {"web/server.go": text})
    assert "Handler:           limitRate(routes())," in after["web/server.go"]
    for name in ("web/ratelimit.go", "web/ratelimit_test.go"):
        assert after[name].startswith("//go:build linux\n\npackage web\n") and is_gofmt_clean(after[name])


def test_the_example_of_the_environment_names_the_rate() -> None:
    after = cured(RULE, {"main.go": routes("/login") + SERVE, ".env.example": "A=1\n"})
    assert after[".env.example"].endswith("how many at once.\nRATE_LIMIT=20\nRATE_BURST=100\n")


def test_a_proxy_of_an_example_says_nothing_about_the_server() -> None:
    tree = {"main.go": routes("/login") + SERVE, "examples/Caddyfile": "a.example {\n}\n"}
    assert findings(RULE, tree)[0].fix is not None


def test_the_server_that_imports_the_routes_is_the_one() -> None:
    web = (routes("/login") + SERVE.partition("func main")[0]).replace("package main", "package web")
    plain = HEAD + SERVE.replace("routes()", "nil")
    server = plain.replace('"time"', '"time"\n\n\t"example.com/app/web"')
    tree = {"web/routes.go": web, "cmd/agent/main.go": plain, "cmd/server/main.go": server}
    assert [f.path for f in findings(RULE, tree)] == ["cmd/server/main.go"]
