"""Rules of one shape each: hardcoded-relying-party, rebinding-dialer, tls-verification-off, weak-random."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean

PARTY, DIALER, TLS, RANDOM = "hardcoded-relying-party", "rebinding-dialer", "tls-verification-off", "weak-random"


def go(imports: str, *lines: str, signature: str = "run()") -> str:
    listed = "".join(f'\t"{i}"\n' for i in imports.split())
    return f"package main\n\nimport (\n{listed})\n\nfunc {signature} {{\n" + "".join(f"\t{x}\n" for x in lines) + "}\n"


AUTHN = "github.com/go-webauthn/webauthn/webauthn"
QUIET = {
    "a setting": (PARTY, go(AUTHN, "c := &webauthn.Config{RPID: cfg.Domain}")),
    "a public name": (PARTY, go(AUTHN, 'c := &webauthn.Config{RPID: "notes.example"}')),
    "a default of an environment read": (PARTY, go(AUTHN, 'c := &webauthn.Config{RPID: env("RP", "localhost")}')),
    "a type of one's own": (PARTY, go("fmt", 'c := settings{Issuer: "localhost"}')),
    "a bounded handshake": (
        DIALER,
        go("github.com/gorilla/websocket", "d := websocket.Dialer{HandshakeTimeout: t}"),
    ),
    "the library's own dialer has one": (
        DIALER,
        go("github.com/gorilla/websocket", "c, _, err := websocket.DefaultDialer.Dial(u, nil)"),
    ),
    "another package's dialer": (DIALER, go("example.com/websocket", "d := websocket.Dialer{}")),
    "a setting decides": (TLS, go("crypto/tls", "c := &tls.Config{InsecureSkipVerify: cfg.Insecure}")),
    "behind a setting": (TLS, go("crypto/tls", "if cfg.SkipVerify {", "\tc.InsecureSkipVerify = true", "}")),
    "a challenge signs itself": (
        TLS,
        go("crypto/tls", "// We expect a self-signed certificate.", "c := &tls.Config{InsecureSkipVerify: true}"),
    ),
    "behind another setting": (
        TLS,
        go("crypto/tls", "if o.noTLSCheck {", "\tc = &tls.Config{InsecureSkipVerify: true}", "}"),
    ),
    "without the setting it is over before": (
        TLS,
        go("crypto/tls", "if !c.SkipVerify {", "\treturn", "}", "x := &tls.Config{InsecureSkipVerify: true}"),
    ),
    "a linter was told": (TLS, go("crypto/tls", "c := &tls.Config{InsecureSkipVerify: true} // #nosec G402 pinned")),
    "a check of its own": (
        TLS,
        go("crypto/tls", "c := &tls.Config{InsecureSkipVerify: true, VerifyConnection: pinned}"),
    ),
    "a server asks for certificates": (
        TLS,
        go("crypto/tls", "c := &tls.Config{ClientAuth: tls.RequestClientCert, InsecureSkipVerify: true}"),
    ),
    "the name says it": (
        TLS,
        go("crypto/tls", "return &tls.Config{InsecureSkipVerify: true}", signature="insecureConfig() *tls.Config"),
    ),
    "jitter": (RANDOM, go("math/rand", "d := rand.Intn(100)", signature="backoff() int")),
    "the real thing": (RANDOM, go("crypto/rand", "rand.Read(b)", signature="newToken() string")),
    "a tokenizer": (RANDOM, go("math/rand", "i := rand.Intn(9)", signature="tokenize() int")),
    "a token that is not drawn": (RANDOM, go("math/rand", 'token := "x"', "wait(rand.Intn(5))", signature="f()")),
}
FOUND = {
    "an origin": (PARTY, go(AUTHN, 'c := &webauthn.Config{RPOrigins: []string{"http://localhost:8080"}}')),
    "a redirect": (PARTY, go("golang.org/x/oauth2", 'c := oauth2.Config{RedirectURL: "http://localhost:3000/cb"}')),
    "a cookie's domain": (PARTY, go("net/http", 'c := http.Cookie{Domain: "localhost"}')),
    "a zero dialer": (DIALER, go("github.com/gorilla/websocket", "d := websocket.Dialer{}")),
    "a dialer with other fields": (
        DIALER,
        go("github.com/gorilla/websocket", "d := &websocket.Dialer{", "\tReadBufferSize: 1,", "}"),
    ),
    "alone in its literal": (TLS, go("crypto/tls", "c := &tls.Config{InsecureSkipVerify: true}")),
    "beside others": (
        TLS,
        go("crypto/tls", "c := &tls.Config{", "\tRootCAs:            p,", "\tInsecureSkipVerify: true,", "}"),
    ),
    "a code": (RANDOM, go("math/rand", "return rand.Intn(1000000)", signature="newResetCode() int")),
    "bytes of a key": (RANDOM, go("math/rand", "rand.Read(b)", signature="generateAPIKey() string")),
    "a local that says it": (RANDOM, go("math/rand", "token := rand.Intn(1 << 30)")),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    rule, text = QUIET[case]
    assert findings(rule, text) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_mended_as_gofmt_likes_it(case: str) -> None:
    rule, text = FOUND[case]
    assert len(findings(rule, text)) == 1
    after = cured(rule, text)["main.go"]
    assert after != text and findings(rule, after) == []
    assert is_gofmt_clean(after), after


def test_an_old_module_gets_a_function_instead_of_cmp_or() -> None:
    tree = {"go.mod": "module example.com/app\n\ngo 1.20\n", "main.go": FOUND["a redirect"][1]}
    after = cured(PARTY, tree)["main.go"]
    assert 'envOr("REDIRECT_URL", "http://localhost:3000/cb")' in after and "func envOr(" in after
    assert '"os"' in after and is_gofmt_clean(after)


def test_the_names_of_the_environment_begin_as_the_trees_own() -> None:
    own = go("os", 'os.Getenv("NOTES_PORT")', 'os.Getenv("NOTES_DB")', 'os.Getenv("NOTES_KEY")', signature="other()")
    assert 'os.Getenv("NOTES_RP_ORIGINS")' in cured(PARTY, {"main.go": FOUND["an origin"][1], "env.go": own})["main.go"]


def test_a_shared_generator_stops_the_edit() -> None:
    text = go("math/rand", "return rand.Intn(1000000) + wait(rand.Int63())", signature="newResetCode() int")
    text += "\nfunc wait(n int64) int {\n\treturn rand.Intn(5)\n}\n"
    found = findings(RANDOM, text)
    assert len(found) == 1 and found[0].fix is None


PARTY_TEXT = go(AUTHN, 'c := &webauthn.Config{RPID: "localhost"}')
NAMED = "# The address that the users of the deployed server see."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A=1\n", f"A=1\n{NAMED}\nRP_ID=localhost\n"),
        ("RP_ID=notes.example\n", "RP_ID=notes.example\n"),
        ("A=1\r\n", f"A=1\r\n{NAMED}\r\nRP_ID=localhost\r\n"),
        ("no assignment\n= 1\n", "no assignment\n= 1\n"),
    ],
)
def test_the_example_of_the_environment_names_what_is_new(before: str, after: str) -> None:
    mod = {"go.mod": "module example.com/app\n\ngo 1.22\n"}
    tree = cured(PARTY, {**mod, "main.go": PARTY_TEXT, ".env.example": before})
    assert tree[".env.example"] == after and "cmp.Or(os.Getenv(" in tree["main.go"]


def test_no_example_is_made_where_there_is_none() -> None:
    assert set(cured(PARTY, {"main.go": PARTY_TEXT})) == {"main.go"}


JUDGE = (
    "\nfunc validate(host string) error {\n\tips, err := net.LookupIP(host)\n\tif err != nil || ips[0].IsPrivate() {\n"
)
JUDGE += '\t\treturn errors.New("internal")\n\t}\n\treturn nil\n}\n'
EARLY = go("errors net net/http time", "if err := validate(u); err != nil {", "\treturn", "}", "client.Get(u)")
CLIENT = "\nvar client = &http.Client{Timeout: time.Second, Transport: &http.Transport{\n\t%s\n}}\n"


@pytest.mark.parametrize(
    ("transport", "count"),
    [
        ("MaxIdleConns: 1,", 1),
        ("DialContext: (&net.Dialer{Timeout: time.Second}).DialContext,", 1),
        ("DialContext: (&net.Dialer{Control: publicOnly}).DialContext,", 0),
        ("DialContext: publicDial,", 0),
    ],
)
def test_an_address_is_judged_where_it_is_dialed(transport: str, count: int) -> None:
    assert len(findings(DIALER, EARLY + JUDGE + CLIENT % transport)) == count


def test_a_check_far_from_any_client_is_left_alone() -> None:
    assert findings(DIALER, go("net errors", "validate(u)") + JUDGE) == []


def test_the_check_moves_to_where_the_address_is_dialed() -> None:
    after = cured(DIALER, EARLY + JUDGE + "\nvar client = &http.Client{Timeout: time.Second}\n")
    assert "guardedClient(client).Get(u)" in after["main.go"] and "guardedclient_test.go" in after


@pytest.mark.parametrize("text", [FOUND["a zero dialer"][1], FOUND["a dialer with other fields"][1]])
def test_a_dialer_may_be_guarded_as_well(text: str) -> None:
    guard = findings(DIALER, text)[0].fixes[1]
    after = {c.path: (c.after or b"").decode() for c in guard.changes}
    assert guard.name == "guard" and sorted(after) == ["guardeddial.go", "guardeddial_test.go", "main.go"]
    assert "NetDialContext: guardedDial" in after["main.go"] and is_gofmt_clean(after["main.go"]), after["main.go"]


def test_a_dialer_that_connects_in_its_own_way_gets_its_timeout_alone() -> None:
    text = go("github.com/gorilla/websocket", "d := websocket.Dialer{NetDialContext: dial}")
    assert [bool(f.changes) for f in findings(DIALER, text)[0].fixes] == [True, False]


MADE_JUDGE = "func %s(h string) %s {\n\tips, _ := net.LookupIP(h)\n\tif isPrivate(ips) {\n\t}\n\t%s\n}\n"
MADE_ASKS = "func fetch(u string) {\n\t%s\n\thttp.Get(u)\n}\n"


@pytest.mark.parametrize(
    ("judge", "use", "count"),
    [
        (MADE_JUDGE % ("validateURL", "error", "return nil"), "validateURL(u)", 1),
        (MADE_JUDGE % ("safeTransport", "*http.Transport", "t.DialContext = x"), "t := safeTransport(u)", 0),
        (MADE_JUDGE % ("safeDial", "net.Conn", "return d.Dial(h)"), "c := safeDial(u)", 0),
    ],
)
def test_what_judges_while_it_dials_is_not_too_early(judge: str, use: str, count: int) -> None:
    text = 'package main\n\nimport (\n\t"net"\n\t"net/http"\n)\n\n'
    files = {"safe/a.go": text.replace("main", "safe") + judge, "main.go": text + MADE_ASKS % use}
    assert len([f for f in findings(DIALER, files) if f.anchor.endswith(":early")]) == count
