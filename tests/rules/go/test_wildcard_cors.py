"""go/wildcard-cors: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from fixers.model import Severity
from tests.rules.go.tool import cured, findings, is_gofmt_clean

RULE = "wildcard-cors"
ALLOW, CREDENTIALS = '"Access-Control-Allow-Origin"', 'w.Header().Set("Access-Control-Allow-Credentials", "true")'


def handler(*lines: str) -> str:
    body = "".join(f"\t{x}\n" for x in lines)
    return f'package main\n\nimport "net/http"\n\nfunc cors(w http.ResponseWriter, r *http.Request) {{\n{body}}}\n'


ORIGIN = 'origin := r.Header.Get("Origin")'
REPEAT = f"w.Header().Set({ALLOW}, origin)"
QUIET = {
    "a public answer": handler(f'w.Header().Set({ALLOW}, "*")'),
    "one origin of its own": handler(f'w.Header().Set({ALLOW}, "https://a.example")', CREDENTIALS),
    "checked in a list": handler(ORIGIN, "if allowed[origin] {", "\t" + REPEAT, "\t" + CREDENTIALS, "}"),
    "checked by a function": handler(ORIGIN, "if isAllowed(origin) {", "\t" + REPEAT, "\t" + CREDENTIALS, "}"),
    "checked in the head of an if": handler(
        f'if {ORIGIN.replace("origin :", "o :")}; o != "" && s.allows(o) {{',
        "\t" + REPEAT.replace("origin)", "o)"),
        "\t" + CREDENTIALS,
        "}",
    ),
    "the request is checked": handler(
        ORIGIN, 'if origin != "" && checkOrigin(r) {', "\t" + REPEAT, "\t" + CREDENTIALS, "}"
    ),
    "the header itself is repeated after a check": handler(
        "if c.originCheck(r) {",
        f'\tw.Header().Set({ALLOW}, r.Header.Get("Origin"))',
        "\t" + CREDENTIALS,
        "}",
    ),
    "one setting or the other": handler(
        "if c.all {", f'\tw.Header().Set({ALLOW}, "*")', "}", "if c.withCredentials {", "\t" + CREDENTIALS, "}"
    ),
    "compared in a loop": handler(
        ORIGIN, "for _, a := range list {", "\tif a == origin {", "\t\t" + REPEAT, "\t}", "}", CREDENTIALS
    ),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize(
    "text",
    [
        handler(ORIGIN, 'if origin != "" {', "\t" + REPEAT, "}", CREDENTIALS),
        handler(f'w.Header().Set({ALLOW}, r.Header.Get("Origin"))', CREDENTIALS),
    ],
)
def test_an_origin_that_is_repeated_unchecked_is_found_and_left_to_a_person(text: str) -> None:
    found = findings(RULE, text)
    assert len(found) == 1 and found[0].fix is None and found[0].steps


def test_credentials_that_browsers_refuse_go() -> None:
    text = handler(f'w.Header().Set({ALLOW}, "*")', CREDENTIALS)
    assert [f.severity for f in findings(RULE, text)] == [Severity.MEDIUM]
    after = cured(RULE, text)["main.go"]
    assert "Credentials" not in after and findings(RULE, after) == [] and is_gofmt_clean(after)


def test_options_of_a_library_are_read() -> None:
    text = 'package main\n\nimport "github.com/rs/cors"\n\nvar c = cors.New(cors.Options{\n'
    text += '\tAllowedOrigins:   []string{"*"},\n\tAllowCredentials: true,\n})\n'
    after = cured(RULE, text)["main.go"]
    assert 'AllowedOrigins: []string{"*"},' in after and is_gofmt_clean(after)
    assert findings(RULE, text.replace('"*"', '"https://a.example"')) == []
