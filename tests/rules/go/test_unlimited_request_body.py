"""go/unlimited-request-body: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean, passes

RULE = "unlimited-request-body"
HEAD = 'package main\n\nimport (\n\t"encoding/json"\n\t"io"\n\t"net/http"\n)\n\n'


def handler(*lines: str, name: str = "create", extra: str = "") -> str:
    body = "".join(f"\t{line}\n" for line in lines)
    return f"{HEAD}func {name}(w http.ResponseWriter, r *http.Request{extra}) {{\n{body}}}\n"


HELPER = """
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	return json.NewDecoder(r.Body).Decode(v)
}
"""
QUIET = {
    "bounded before it is read": handler("r.Body = http.MaxBytesReader(w, r.Body, 1<<20)", "io.ReadAll(r.Body)"),
    "bounded where it is read": handler("json.NewDecoder(http.MaxBytesReader(w, r.Body, 9)).Decode(&v)"),
    "a truncating limit is a finding of its own": handler("io.ReadAll(io.LimitReader(r.Body, 9))"),
    "wrapped by something that we do not know": handler("r.Body = limited(r.Body)", "io.ReadAll(r.Body)"),
    "the answer of a client": HEAD + "func get() {\n\tresp, _ := http.Get(u)\n\tio.ReadAll(resp.Body)\n}\n",
    "a request on its way out": HEAD + "func sign(r *http.Request) {\n\tio.ReadAll(r.Body)\n}\n",
    "all that call the helper bound it": handler("r.Body = http.MaxBytesReader(w, r.Body, 9)", "readJSON(w, r, &v)")
    + HELPER,
    "a form has a limit of its own in the standard library": handler("r.ParseForm()"),
}
FOUND = {
    "decoded": handler("json.NewDecoder(r.Body).Decode(&v)"),
    "in an if": handler("if err := json.NewDecoder(r.Body).Decode(&v); err != nil {", "\treturn", "}"),
    "in a literal": HEAD
    + "var h = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {\n\tio.ReadAll(req.Body)\n})\n",
    "a writer nobody names": HEAD + "func h(_ http.ResponseWriter, r *http.Request) {\n\tio.ReadAll(r.Body)\n}\n",
    "a helper of two handlers": handler("readJSON(w, r, &v)") + HELPER,
    "a multipart form": handler("r.ParseMultipartForm(10 << 20)"),
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_mended_as_gofmt_likes_it(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1
    after = cured(RULE, FOUND[case])["main.go"]
    assert "http.MaxBytesReader(" in after
    assert findings(RULE, after) == []
    assert is_gofmt_clean(after), after


def test_where_some_callers_bound_it_the_others_get_a_limit_and_the_helper_none() -> None:
    one = handler("r.Body = http.MaxBytesReader(w, r.Body, 10<<20)", "readJSON(w, r, &v)", name="upload")
    tree = {"a.go": one, "b.go": handler("readJSON(w, r, &v)"), "c.go": HEAD + HELPER}
    assert [f.path for f in findings(RULE, tree)] == ["b.go"]
    after = cured(RULE, tree)
    assert "MaxBytesReader(w, r.Body, maxRequestBody)\n\treadJSON(w, r, &v)" in after["b.go"]
    assert (after["a.go"], after["c.go"]) == (one, HEAD + HELPER) and findings(RULE, after) == []


def test_a_helper_of_a_helper_is_bounded_by_what_calls_them_both() -> None:
    middle = "\nfunc decode(w http.ResponseWriter, r *http.Request) {\n\treadJSON(w, r, &v)\n}\n"
    assert findings(RULE, handler("r.Body = http.MaxBytesReader(w, r.Body, 9)", "decode(w, r)") + middle + HELPER) == []
    assert len(findings(RULE, handler("decode(w, r)") + middle + HELPER)) == 1


def test_what_is_left_to_a_person_keeps_nothing_else_from_being_mended() -> None:
    two = handler("io.Copy(file, r.Body)", name="store") + handler("io.ReadAll(r.Body)").removeprefix(HEAD)
    assert [bool(f.fix) for f in findings(RULE, two)] == [True, False]
    after = cured(RULE, two)
    assert [f.message for f in findings(RULE, after)] == ["no limit on the request body in store"]


def test_a_stream_is_left_to_a_person() -> None:
    found = findings(RULE, handler("io.Copy(file, r.Body)"))
    assert found and found[0].fix is None


def test_memory_for_a_form_is_not_taken_for_the_size_of_uploads() -> None:
    found = findings(RULE, handler("r.ParseMultipartForm(24 << 10)"))
    assert found and found[0].fix is None


def test_the_packages_own_constant_is_used() -> None:
    text = handler("json.NewDecoder(r.Body).Decode(&v)")
    after = cured(RULE, {"main.go": text, "limits.go": "package main\n\nconst maxBodySize = 1 << 16\n"})["main.go"]
    assert "http.MaxBytesReader(w, r.Body, maxBodySize)" in after


def test_uploads_get_more_room() -> None:
    after = cured(RULE, handler("io.ReadAll(r.Body)", name="uploadImage"))["main.go"]
    assert "http.MaxBytesReader(w, r.Body, 32<<20)" in after


def test_one_limit_serves_two_reads_of_a_function() -> None:
    after = cured(RULE, handler("io.ReadAll(r.Body)", "json.NewDecoder(r.Body).Decode(&v)"))["main.go"]
    assert after.count("MaxBytesReader") == 1


def test_a_wrapper_around_the_routes_is_a_pass() -> None:
    wrap = HEAD + "var root = http.MaxBytesHandler(mux, 1<<20)\n"
    files = {"main.go": handler("io.ReadAll(r.Body)"), "wrap.go": wrap}
    assert findings(RULE, files) == [] and passes(RULE, files)


def test_a_handler_that_is_made_by_a_function_wraps_no_other_routes() -> None:
    made = HEAD + "func upload(s store) http.HandlerFunc {\n\treturn func(w http.ResponseWriter, r *http.Request) {\n"
    made += "\t\tr.Body = http.MaxBytesReader(w, r.Body, 9)\n\t\ts.put(r.Body)\n\t}\n}\n"
    files = {"main.go": handler("io.ReadAll(r.Body)"), "upload.go": made}
    assert [f.path for f in findings(RULE, files)] == ["main.go"]
    passing = made.replace("s.put(r.Body)", "next.ServeHTTP(w, r)")
    assert findings(RULE, files | {"upload.go": passing}) == []


GIN = """package main

import (
	"github.com/gin-gonic/gin"
)

func main() {
	router := gin.Default()
	router.POST("/notes", create)
}

func create(c *gin.Context) {
	var note struct{ Text string }
	_ = c.ShouldBindJSON(&note)
}
"""


def test_gin_bodies_are_bounded_once_for_all_routes() -> None:
    after = cured(RULE, GIN)["main.go"]
    assert "\t\tc.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 1<<20)" in after
    assert findings(RULE, after) == [] and is_gofmt_clean(after), after


def test_gin_handlers_that_read_no_body_are_left_alone() -> None:
    assert findings(RULE, GIN.replace("c.ShouldBindJSON(&note)", "c.ShouldBindQuery(&note)")) == []


def test_a_render_helper_reads_the_body_too() -> None:
    text = handler("render.Bind(r, &v)")
    assert "MaxBytesReader" in cured(RULE, text)["main.go"]
