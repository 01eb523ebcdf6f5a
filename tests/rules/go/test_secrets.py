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
    "a constant of another package": (LOG, go("log example.com/app/mail", "log.Printf(mail.TplPassword)")),
    "whether one is used": (LOG, go("log", "log.Println(cfg.FallbackToPassword)")),
    "what the operator asked for": (LOG, go("log", "if cfg.logSensitive {", "\tlog.Println(password)", "}")),
    "where a key lies": (LOG, go("log", 'log.Printf("PKCS12 file: %v", cfg.privateKey)')),
    "how to get in the first time": (LOG, go("log", 'log.Printf("please login as admin with %s", password)')),
    "the names of variables": (DEV, go("os", 'resetEnv("SECRET", "ADMIN_PASSWD")')),
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


ENV = 'import (\n\t"log"\n\t"os"\n)\n\n'
CHECK = '\tif err := %s("JWT_SECRET", %s, "changeme"); err != nil {\n\t\t%s\n\t}\n'
READ = 'envOr("JWT_SECRET", "changeme")'
GUARDED = {
    "a local of main": (f"func main() {{\n\tx := {READ}\n\trun(x)\n}}\n", "x", "log.Fatal(err)"),
    "bytes": (f"func main() {{\n\tx := []byte({READ})\n\trun(x)\n}}\n", "string(x)", "log.Fatal(err)"),
    "a field": (f"func main() {{\n\tcfg.JWT = {READ}\n\trun()\n}}\n", "cfg.JWT", "log.Fatal(err)"),
    "a function with an error": (
        f"func open() (*db, error) {{\n\tx := {READ}\n\treturn dial(x)\n}}\n",
        "x",
        "return nil, err",
    ),
    "a variable of the program": (f"var key = {READ}\n\nfunc main() {{\n\trun()\n}}\n", "key", "log.Fatal(err)"),
    "a flag": (
        'func main() {\n\tt := flag.String("JWT_SECRET", "changeme", "the token")\n\tflag.Parse()\n\trun()\n}\n',
        "*t",
        "log.Fatal(err)",
    ),
    "a flag of a field": (
        'func main() {\n\tflag.StringVar(&o.JWT, "JWT_SECRET", "changeme", "")\n\tflag.Parse()\n\trun()\n}\n',
        "o.JWT",
        "log.Fatal(err)",
    ),
}


@pytest.mark.parametrize("case", GUARDED)
def test_a_default_is_refused_in_production_right_after_it_is_read(case: str) -> None:
    text, value, refusal = GUARDED[case]
    after = cured(DEV, "package main\n\n" + ENV + text)
    assert CHECK % ("checkSecret", value, refusal) in after["main.go"] and is_gofmt_clean(after["main.go"])
    assert "func checkSecret(" in after["production.go"] and "production_test.go" in after
    assert findings(DEV, after) == []


LOAD = "package config\n\n%sfunc Load() %s {\n\treturn %sConfig{\n\t\tToken: %s,\n\t}%s\n}\n"
USE = 'package main\n\nimport (\n\t"log"\n\n\t"example.com/app/config"\n)\n\nfunc main() {\n\t%s\n\tlog.Print(cfg)\n}\n'


@pytest.mark.parametrize(
    ("result", "literal", "more", "use"),
    [
        ("Config", "", "", "cfg := config.Load()"),
        ("*Config", "&", "", "cfg := config.Load()"),
        (
            "(*Config, error)",
            "&",
            ", nil",
            "cfg, err := config.Load()\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}",
        ),
    ],
)
def test_the_caller_of_the_settings_refuses_where_they_cannot(result: str, literal: str, more: str, use: str) -> None:
    tree = {"config/config.go": LOAD % (ENV, result, literal, READ, more), "main.go": USE % use}
    after = cured(DEV, tree)
    check = CHECK % ("config.CheckSecret", "cfg.Token", "log.Fatal(err)")
    assert f"\t{use}\n{check}\tlog.Print(cfg)" in after["main.go"] and is_gofmt_clean(after["main.go"])
    assert after["config/production.go"].startswith("package config\n") and findings(DEV, after) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('func main() {\n\tjwtSecret := "changeme"\n}\n', "in the code itself"),
        (f"func secret() string {{\n\treturn {READ}\n}}\n", "called at 0 places"),
        (f"func open() {{\n\tx := {READ}\n}}\n", "returns no error"),
        ('func main() {\n\tviper.SetDefault("auth.secret", "changeme")\n}\n', "is read"),
        (f"func main() {{\n\trun({READ})\n}}\n", "what becomes"),
        (f'func main() {{\n\tif x := {READ}; x != "" {{\n\t}}\n}}\n', "what becomes"),
        (f"func main() {{\n\tx, y := {READ}, 1\n\trun(x, y)\n}}\n", "what becomes"),
        (f"func main() {{\n\trun(config{{secret: {READ}}})\n}}\n", "what becomes"),
        (f"func checkSecret() {{\n}}\n\nfunc main() {{\n\tx := {READ}\n}}\n", "checkSecret is taken"),
    ],
)
def test_a_secret_that_is_read_in_another_way_is_left_to_a_person(text: str, named: str) -> None:
    found = findings(DEV, "package main\n\n" + ENV + text)
    assert len(found) == 1 and found[0].fix is None and named in found[0].fixes[0].reason
