"""go/unguarded-http-client: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from fixers.model import Applicability
from tests.rules.go.tool import cured, findings, is_gofmt_clean

RULE = "unguarded-http-client"
HEAD = 'package main\n\nimport (\n\t"context"\n\t"io"\n\t"net/http"\n\t"time"\n)\n\n'


def body(*lines: str, signature: str = "fetch(u string)") -> str:
    return HEAD + f"func {signature} {{\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"


QUIET = {
    "it has a timeout": body("c := &http.Client{Timeout: time.Second}"),
    "it gets one on the next line": body("c := &http.Client{}", "c.Timeout = time.Second"),
    "the context ends it": body(
        "ctx, cancel := context.WithTimeout(context.Background(), time.Second)", "http.DefaultClient.Do(req)"
    ),
    "the caller's context may end it": body(
        "req, _ := http.NewRequestWithContext(ctx, m, u, nil)", "http.DefaultClient.Do(req)"
    ),
    "a unix socket of this machine": body("c := &http.Client{Transport: unixTransport(path)}"),
    "an address of the settings": body(
        "req, _ := http.NewRequestWithContext(ctx, m, cfg.WebhookURL, nil)", "s.client.Do(req)"
    ),
}
FOUND = {
    "an empty client": body("c := &http.Client{}"),
    "one with other fields": body("c := &http.Client{", "\tTransport: t,", "}"),
    "in a struct": body("return &api{", "\tbase:   u,", "\tclient: &http.Client{},", "}"),
    "a zero": body("c := http.Client{Timeout: 0}"),
    "the functions of the package": body("http.Get(u)", "http.PostForm(u, nil)"),
    "the default client": body("http.DefaultClient.Do(req)"),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_mended_as_gofmt_likes_it(case: str) -> None:
    found = findings(RULE, FOUND[case])
    assert len(found) == 1 and found[0].fixes[0].applicability is None
    after = cured(RULE, FOUND[case])["main.go"]
    assert "Timeout: 30 * time.Second" in after
    assert findings(RULE, after) == []
    assert is_gofmt_clean(after), after


@pytest.mark.parametrize(
    "text",
    [
        body("resp, _ := http.Get(u)", "io.Copy(file, resp.Body)"),
        body("http.Post(u, t, r)", signature="send(u string, r io.Reader)"),
        body("return dav.New(&http.Client{})", signature="connect() *dav.Client"),
        body("return &api{client: &http.Client{}}") + "\nfunc (a *api) save() {\n\tio.Copy(f, resp.Body)\n}\n",
    ],
)
def test_a_timeout_over_a_stream_wants_a_review(text: str) -> None:
    assert [f.fixes[0].applicability for f in findings(RULE, text)] == [Applicability.UNSAFE]


def test_the_packages_own_client_is_used() -> None:
    own = 'package main\n\nimport (\n\t"net/http"\n\t"time"\n)\n\nvar apiClient = &http.Client{Timeout: time.Minute}\n'
    assert "apiClient.Get(u)" in cured(RULE, {"main.go": body("http.Get(u)"), "own.go": own})["main.go"]


def test_tests_that_swap_the_default_client_stop_the_fix() -> None:
    swap = "package main\n\nfunc TestX(t *testing.T) {\n\thttp.DefaultClient = fake\n}\n"
    found = findings(RULE, {"main.go": body("http.Get(u)"), "main_test.go": swap})
    assert found[0].fix is None and "tests" in found[0].fixes[0].reason


SINK = (
    body(
        "req, err := http.NewRequestWithContext(ctx, m, hook.WebhookURL, nil)",
        "resp, err := s.client.Do(req)",
        signature="(s *Sender) deliver(ctx context.Context, hook Hook)",
    )
    + "\ntype Sender struct {\n\tclient *http.Client\n}\n"
)
LOCAL = """package main

func TestDeliver(t *testing.T) {
	s := httptest.NewServer(h)
	deliver(Hook{WebhookURL: s.URL})
}
"""
MAIN = "\nfunc TestMain(m *testing.M) {\n}\n"
MIDDLE = 'package mid\n\nimport "example.com/app/web"\n'
OWN = """package safe

import "net/http"

var d = net.Dialer{Control: refuse}

func NewClient(timeout time.Duration) *http.Client {
	return nil
}
"""


def test_an_address_that_a_record_names_is_asked_through_a_guard() -> None:
    after = cured(RULE, {"main.go": SINK})
    assert "resp, err := guardedClient(s.client).Do(req)" in after["main.go"]
    assert after["guardedclient.go"].startswith("package main\n") and "TestMain" not in after["guardedclient_test.go"]
    assert findings(RULE, after) == []


def test_another_request_of_the_package_gets_the_same_guard() -> None:
    more = SINK.replace("Sender", "Second").replace("deliver", "tell")
    after = cured(RULE, {"main.go": SINK, "more.go": more})
    assert "guardedClient(s.client)" in after["main.go"] and "guardedClient(s.client)" in after["more.go"]


def test_servers_of_the_packages_tests_are_admitted() -> None:
    after = cured(RULE, {"main.go": SINK, "main_test.go": LOCAL})
    test = after["guardedclient_test.go"]
    assert 'os.Setenv("ALLOW_INTERNAL", "1")' in test and '\t"os"\n' in test and is_gofmt_clean(test)


def test_the_trees_own_guard_is_used() -> None:
    after = cured(RULE, {"main.go": SINK, "safe/client.go": OWN})
    assert "guardedClient.Do(req)" in after["main.go"] and '"example.com/app/safe"' in after["main.go"]
    assert "var guardedClient = safe.NewClient(30 * time.Second)" in after["main.go"]
    assert is_gofmt_clean(after["main.go"]) and "guardedclient.go" not in after


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"main_test.go": LOCAL + MAIN}, "main_test.go"),
        ({"main_test.go": LOCAL, "safe/client.go": OWN}, "main_test.go"),
        ({"main_test.go": "package main\n\nfunc (f fake) RoundTrip() {\n}\n"}, "main_test.go"),
        ({"main.go": SINK.replace("client *http.Client", "client Doer")}, "s.client"),
        ({"main.go": SINK.replace("s.client.Do(req)", "s.send(req)")}, "is sent"),
        ({"safe/client.go": OWN.replace("timeout time.Duration", "o Options")}, "safe/client.go"),
        (
            {"safe/client.go": OWN.replace("var d", 'import "example.com/app/mid"\n\nvar d'), "mid/m.go": MIDDLE},
            "safe/client.go",
        ),
    ],
)
def test_what_the_guard_would_break_stops_it(files: dict[str, str], named: str) -> None:
    tree = {"web/" + p if p.startswith("main") else p: t for p, t in {"main.go": SINK, **files}.items()}
    found = [f for f in findings(RULE, tree) if f.anchor == "address"]
    assert len(found) == 1 and found[0].fix is None and named in found[0].fixes[0].reason


def test_tests_of_other_packages_are_named() -> None:
    far = LOCAL.replace("package main\n", 'package far\n\nimport "example.com/app/web"\n')
    found = findings(RULE, {"web/main.go": SINK, "far/far_test.go": far})
    assert "far/far_test.go" in found[0].fixes[0].reason and found[0].fix is not None


def test_an_address_that_a_record_names_is_advice_that_names_the_guard() -> None:
    text = body(
        "req, _ := http.NewRequestWithContext(ctx, m, hook.WebhookURL, nil)",
        "s.client.Do(req)",
        signature="(s *Sender) deliver(ctx context.Context, hook Hook)",
    )
    guard = 'package safe\n\nimport "net/http"\n\nvar d = net.Dialer{Control: refuse}\n\nvar c http.Client\n'
    found = findings(RULE, {"main.go": text, "safe/client.go": guard})
    address = [f for f in found if f.anchor == "address"]
    assert len(address) == 1 and "hook.WebhookURL" in address[0].message
    assert "safe/client.go" in address[0].steps[0]


CHOSEN = {
    "a webhook of its own": ("(w *Webhook) send()", 'http.NewRequest("POST", w.URL, nil)'),
    "what the request brought": (
        "send(w http.ResponseWriter, r *http.Request)",
        "json.Unmarshal(body, &in)",
        "client.Get(in.Link)",
    ),
    "a whole query parameter": ("send(r *http.Request)", 'client.Get(r.URL.Query().Get("from"))'),
    "a stylesheet that a document names": ("send(u string)", "client.Get(u)", "}", "func g() {", "send(attr.Val)"),
}
THE_OPERATORS = {
    "the settings": ("(s *Server) call()", "client.Get(s.cfg.APIURL)"),
    "an API client's own base": ("(a *API) call()", 'http.NewRequest("GET", a.base, nil)'),
    "a fixed host with what was asked": (
        "send(r *http.Request)",
        'client.Get("https://example.com/?q=" + r.FormValue("q"))',
    ),
    "an address that was looked at": (
        "send(r *http.Request)",
        "json.Unmarshal(body, &in)",
        "checkURL(in.Link)",
        "client.Get(in.Link)",
    ),
    "a cache": ("send(r *http.Request)", "redisClient.Get(r.FormValue(key))"),
}


def _asks(signature: str, *lines: str) -> str:
    return body(*lines, signature=signature) + "\nvar client = &http.Client{Timeout: time.Second}\n"


@pytest.mark.parametrize("case", CHOSEN)
def test_an_address_that_somebody_else_chooses_is_found(case: str) -> None:
    assert [f.anchor for f in findings(RULE, _asks(*CHOSEN[case]))] == ["address"]


@pytest.mark.parametrize("case", THE_OPERATORS)
def test_an_address_of_the_operator_is_left_alone(case: str) -> None:
    assert findings(RULE, _asks(*THE_OPERATORS[case])) == []


def test_where_the_client_is_made_is_a_place_of_the_finding() -> None:
    send = body(
        "s.client.Do(s.request(w.URL))", 'http.NewRequest("POST", w.URL, nil)', signature="(s *S) notify(w Hook)"
    )
    made = 'package main\n\nimport "net/http"\n\nvar s = S{\n\tclient: &http.Client{Timeout: time.Second},\n}\n'
    (found,) = findings(RULE, {"main.go": send, "engine.go": made})
    assert [(x.path, x.line) for x in found.locations][1:] == [("engine.go", 6)]


def test_a_guarded_client_of_another_package_that_is_imported_is_enough() -> None:
    send = body("guard.Client().Do(req)", 'http.NewRequest("POST", w.URL, nil)', signature="(w *Webhook) send()")
    send = send.replace('"net/http"', '"net/http"\n\t"example.com/app/guard"')
    dial = 'package guard\n\nimport "net/http"\n\nvar t = http.Transport{DialContext: dial}\n'
    dial += "\nfunc f() { isReservedIP(ip) }\n"
    assert findings(RULE, {"main.go": send, "guard/guard.go": dial}) == []


ADDRESSES = {
    'os.Getenv("BACKEND_URL") + "/x?id=" + r.FormValue("id")': False,
    'c.upstream + "/users/" + r.PathValue("id")': False,
    '"https://" + r.FormValue("host") + "/x"': True,
    'r.FormValue("url") + "/x"': True,
    'r.URL.Query().Get("url")': True,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_writes_the_beginning_of_an_address_chooses_the_host(address: str) -> None:
    text = (
        'package main\n\nimport (\n\t"net/http"\n\t"os"\n\t"time"\n)\n\nvar base = os.Getenv("BASE")\n\n'
        "var client = &http.Client{Timeout: time.Second}\n\n"
        f"func answer(w http.ResponseWriter, r *http.Request) {{\n\tu := {address}\n\tclient.Get(u)\n}}\n"
    )
    said = [f.message for f in findings(RULE, text) if "somebody else chooses" in f.message]
    assert bool(said) == ADDRESSES[address], said
