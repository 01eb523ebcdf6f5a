"""go/timing-unsafe-compare, go/secret-in-log, go/dev-token: what they find, leave alone and write."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean

TIMING, LOG, DEV = "timing-unsafe-compare", "secret-in-log", "dev-token"


def go(imports: str, *lines: str, signature: str = "check(r *http.Request, token string) bool") -> str:
    listed = "".join(f'\t"{i}"\n' for i in imports.split())
    return f"package main\n\nimport (\n{listed})\n\nfunc {signature} {{\n" + "".join(f"\t{x}\n" for x in lines) + "}\n"


BASIC = ("user, pass, ok := r.BasicAuth()",)
QUIET = {
    "an empty token": (TIMING, go("net/http", 'return r.Header.Get("X") == ""')),
    "a literal": (TIMING, go("net/http", 'return r.FormValue("type") == "token"')),
    "a kind of token": (TIMING, go("net/http", 'return r.FormValue("t") == s.tokenType')),
    "two fields of one form": (TIMING, go("net/http", 'return r.FormValue("password") == r.FormValue("repeat")')),
    "no request": (TIMING, go("net/http", "return tok == expectedToken")),
    "a name": (TIMING, go("net/http", 'return r.FormValue("user") == s.owner')),
    "constant time": (TIMING, go("crypto/hmac", 'return hmac.Equal([]byte(r.Header.Get("S")), secretSum)')),
    "bytes without a sum": (TIMING, go("bytes", "return bytes.Equal(a, b)")),
    "how many tokens": (LOG, go("log", 'log.Printf("%d", tokenCount)')),
    "a part of it": (LOG, go("log", 'log.Printf("%s", mask(token))')),
    "a length": (LOG, go("log", 'log.Println("n", len(password))')),
    "a parser's token": (LOG, go("log", "log.Println(token)").replace("package main", "package parser")),
    "the working directory": (LOG, go("log", 'log.Println("in", pwd)')),
    "a token of something else": (LOG, go("log", "log.Println(best.token)", signature="match()")),
    "the name of a key": (LOG, go("log", "log.Println(secretName)")),
    "a constant that names it": (
        LOG,
        go("log", 'log.Printf("deleting %s", extraCASecret)') + '\nconst extraCASecret = "extra-ca"\n',
    ),
    "made for the operator": (LOG, go("log", 'log.Printf("generated admin password: %s", password)')),
    "the usage of a flag": (DEV, go("flag", 'flag.StringVar(&t, "token", "", "token")')),
    "a table of keywords": (DEV, go("os", 'x := [...]string{TOKEN: "TOKEN", PASSWORD: "PASSWORD"}')),
    "no secret": (DEV, go("os", 'x := envOr("REGION", "default")')),
    "an empty default": (DEV, go("os", 'x := envOr("TOKEN", "")')),
    "a header's name": (DEV, go("net/http", 'const tokenHeader = "token"')),
    "a form's field": (DEV, go("net/http", 'return r.FormValue("token") == "secret"')),
    "a public key": (DEV, go("os", 'x := envOr("PUBLIC_KEY_ID", "default-key")')),
}
FOUND = {
    "a header": (TIMING, go("net/http", 'return r.Header.Get("Authorization") == token')),
    "the other way round": (TIMING, go("net/http", 'if s.apiKey != r.Header.Get("X-Key") {', "\treturn false", "}")),
    "through a local": (TIMING, go("net/http", 'given := r.FormValue("key")', "return given == s.secret")),
    "without its prefix": (
        TIMING,
        go(
            "net/http strings",
            'h := r.Header.Get("A")',
            'given := strings.TrimPrefix(h, "B ")',
            "return given == s.token",
        ),
    ),
    "basic": (TIMING, go("net/http", *BASIC, "return ok && user == s.user && pass == s.password")),
    "a sum": (
        TIMING,
        go("bytes crypto/hmac", "m := hmac.New(sha256.New, key)", "return bytes.Equal(m.Sum(nil), given)"),
    ),
    "printed": (LOG, go("log", 'log.Printf("bad token %s", token)')),
    "a field": (LOG, go("log", 's.logger.Infow("login", "password", req.Password)')),
    "zap": (LOG, go("go.uber.org/zap", 'logger.Info("x", zap.String("key", cfg.APIKey))')),
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
    assert after != text and findings(rule, after) == [] and is_gofmt_clean(after), after


def test_only_the_secret_side_of_a_login_is_changed() -> None:
    after = cured(TIMING, FOUND["basic"][1])["main.go"]
    assert "user == s.user && subtle.ConstantTimeCompare([]byte(pass), []byte(s.password)) == 1" in after


def test_an_import_that_nobody_names_any_more_goes() -> None:
    assert '"bytes"' not in cured(TIMING, FOUND["a sum"][1])["main.go"]


def test_a_local_that_only_the_log_reads_stops_the_edit() -> None:
    found = findings(LOG, go("log", "secret := load()", "log.Println(secret)"))
    assert len(found) == 1 and found[0].fix is None


@pytest.mark.parametrize(
    "line",
    [
        'x := envOr("JWT_SECRET", "changeme")',
        'viper.SetDefault("auth.secret", "secret")',
        'flag.StringVar(&t, "token", "devtoken", "the token")',
        'jwtSecret := []byte("my-secret-key")',
        'c := Config{AdminToken: "admin"}',
        'var sessionKey = "super-secret-key"',
    ],
)
def test_a_well_known_secret_is_found_where_it_is_a_default(line: str) -> None:
    found = findings(DEV, go("os", line))
    assert len(found) == 1 and found[0].steps


def test_secrets_of_tests_are_nobodys_business() -> None:
    assert findings(DEV, {"main_test.go": go("os", 'jwtSecret := []byte("secret")')}) == []
