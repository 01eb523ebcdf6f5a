"""go/cookie-without-secure: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean

RULE = "cookie-without-secure"
HEAD = 'package main\n\nimport "net/http"\n\n'


def body(*lines: str, parameters: str = "w http.ResponseWriter, r *http.Request") -> str:
    return HEAD + f"func login({parameters}) {{\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"


QUIET = {
    "it is secure": body('http.SetCookie(w, &http.Cookie{Name: "a", Secure: true})'),
    "the settings decide": body('http.SetCookie(w, &http.Cookie{Name: "a", Secure: cfg.Secure})'),
    "set on a later line": body(
        'c := &http.Cookie{Name: "a"}', "if secure {", "\tc.Secure = true", "}", "http.SetCookie(w, c)"
    ),
    "a cookie of a request": body('req.AddCookie(&http.Cookie{Name: "a", Value: "b"})'),
    "a cookie that is read": HEAD
    + 'func getCookie() *http.Cookie {\n\treturn &http.Cookie{Name: "a"}\n}\n\nfunc f() {\n\thttp.SetCookie(w, x)\n}\n',
    "clearing alone leaks nothing": body('http.SetCookie(w, &http.Cookie{Name: "a", MaxAge: -1})'),
}
FOUND = {
    "at once": body('http.SetCookie(w, &http.Cookie{Name: "a", Value: v})'),
    "by its name": body('c := http.Cookie{Name: "a", Value: v}', "http.SetCookie(w, &c)"),
    "false is said": body('http.SetCookie(w, &http.Cookie{Name: "a", Secure: false, HttpOnly: true})'),
    "made by a helper": HEAD
    + 'func newCookie() *http.Cookie {\n\treturn &http.Cookie{Name: "a"}\n}\n\n'
    + "func f(w http.ResponseWriter) {\n\thttp.SetCookie(w, newCookie())\n}\n",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_mended_as_gofmt_likes_it(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1
    after = cured(RULE, FOUND[case])["main.go"]
    assert "Secure: " in after and "Secure: false" not in after
    assert findings(RULE, after) == []
    assert is_gofmt_clean(after), after


def test_setting_and_clearing_in_two_files_are_one_finding_and_one_fix() -> None:
    tree = {
        "in.go": body('http.SetCookie(w, &http.Cookie{Name: "sid", Value: v})'),
        "out.go": body('http.SetCookie(w, &http.Cookie{Name: "sid", MaxAge: -1})').replace("login", "logout"),
    }
    found = findings(RULE, tree)
    assert len(found) == 1 and found[0].fix is not None
    assert found[0].fix.paths == ("in.go", "out.go")


def test_the_address_that_is_bound_never_decides() -> None:
    after = cured(RULE, FOUND["at once"])["main.go"]
    assert 'Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"' in after


def test_without_the_request_it_is_always_secure_in_all_places() -> None:
    tree = {
        "in.go": body('http.SetCookie(w, &http.Cookie{Name: "sid", Value: v})', parameters="w http.ResponseWriter"),
        "out.go": body('http.SetCookie(w, &http.Cookie{Name: "sid", MaxAge: -1})').replace("login", "logout"),
    }
    assert all("Secure: true" in text for text in cured(RULE, tree).values())


def test_gin_names_its_flag_by_place() -> None:
    text = (
        'package main\n\nimport "github.com/gin-gonic/gin"\n\nfunc login(c *gin.Context) {\n'
        '\tc.SetCookie("token", v, 60, "/", "", false, true)\n}\n'
    )
    after = cured(RULE, text)["main.go"]
    assert 'c.Request.TLS != nil || c.Request.Header.Get("X-Forwarded-Proto") == "https", true)' in after
    assert is_gofmt_clean(after)


def test_a_session_store_without_secure_is_found() -> None:
    text = (
        'package main\n\nimport "github.com/gorilla/sessions"\n\nfunc f(s *sessions.CookieStore) {\n'
        '\ts.Options = &sessions.Options{Path: "/", HttpOnly: true}\n}\n'
    )
    assert len(findings(RULE, text)) == 1
    assert "Secure: true" in cured(RULE, text)["main.go"]


JAR = "package main\n\nfunc TestX(t *testing.T) {\n\tjar, _ := cookiejar.New(nil)\n}\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('func f(w http.ResponseWriter) {\n\thttp.SetCookie(w, &http.Cookie{Name: "a", Value: v})\n}\n', True),
        (body('http.SetCookie(w, &http.Cookie{Name: "a", Value: v})').removeprefix(HEAD), False),
    ],
)
def test_the_cookie_jars_that_would_drop_it_are_named(text: str, named: bool) -> None:
    found = findings(RULE, {"main.go": HEAD + text, "main_test.go": JAR})
    assert ("main_test.go" in found[0].fixes[0].reason) is named
