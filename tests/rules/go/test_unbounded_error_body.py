"""go/unbounded-error-body: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean

RULE = "unbounded-error-body"


def client(condition: str, *lines: str, imports: str = "io") -> str:
    body = "".join(f"\t\t{x}\n" for x in lines)
    head = f'package main\n\nimport (\n\t"{imports}"\n\t"net/http"\n)\n\n'
    return f"{head}func ask(resp *http.Response) {{\n\tif {condition} {{\n{body}\t}}\n}}\n"


READ = "said, _ := io.ReadAll(resp.Body)"
QUIET = {
    "the answer itself": client("resp.StatusCode == http.StatusOK", READ),
    "a range of success": client("resp.StatusCode >= 200 && resp.StatusCode < 300", READ),
    "a limit": client("resp.StatusCode != 200", "said, _ := io.ReadAll(io.LimitReader(resp.Body, 9))"),
    "what follows success": client("resp.StatusCode != 200", "return", "}", "{", READ),
    "another answer": client("other.StatusCode != 200", READ),
    "not a status": client("err != nil", READ),
    "the other branch": client("resp.StatusCode != 200", "return", "} else {", READ),
}
FOUND = (
    "resp.StatusCode != http.StatusOK",
    "resp.StatusCode >= 400",
    "resp.StatusCode/100 != 2",
    "a || resp.StatusCode > 299",
)


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("condition", FOUND)
def test_it_is_found_and_mended_as_gofmt_likes_it(condition: str) -> None:
    after = cured(RULE, client(condition, READ))["main.go"]
    assert "io.ReadAll(io.LimitReader(resp.Body, 64<<10))" in after
    assert findings(RULE, after) == [] and is_gofmt_clean(after), after


def test_the_old_package_needs_the_new_one_beside_it() -> None:
    text = client("resp.StatusCode != 200", "said, _ := ioutil.ReadAll(resp.Body)", imports="io/ioutil")
    after = cured(RULE, text)["main.go"]
    assert '\t"io"\n\t"io/ioutil"\n' in after and "ioutil.ReadAll(io.LimitReader(" in after


def test_one_habit_of_many_files_is_one_finding() -> None:
    text = client("resp.StatusCode != 200", READ)
    files = {"a/a.go": text, "b/b.go": text, "c/c.go": client("err != nil", READ)}
    assert [[x.path for x in f.locations] for f in findings(RULE, files)] == [["a/a.go", "b/b.go"]]
    after = cured(RULE, files)
    assert all("LimitReader" in after[p] for p in ("a/a.go", "b/b.go")) and after["c/c.go"] == files["c/c.go"]
