"""go/talkative-health: what it finds, what it leaves alone, what it writes."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import cured, findings, is_gofmt_clean

RULE = "talkative-health"
HEAD = 'package main\n\nimport (\n\t"net/http"\n\t"os"\n)\n\n'


def handler(*lines: str, name: str = "handleHealth") -> str:
    body = "".join(f"\t{x}\n" for x in lines)
    return f"{HEAD}func {name}(w http.ResponseWriter, r *http.Request) {{\n{body}}}\n"


def answer(*pairs: str) -> tuple[str, ...]:
    return ("writeJSON(w, map[string]any{", *(f"\t{p}," for p in pairs), "})")


ROUTE = '\nfunc routes() {\n\thttp.HandleFunc("/healthz", %s)\n}\n'


@pytest.mark.parametrize(
    "text",
    [
        handler(*answer('"status": "ok"')),
        handler(*answer('"status": "ok"', '"db": "up"', '"uptime": up')),
        handler(*answer('"version": v'), name="handleVersion"),
        handler(*answer('"version": v'), name="wealthReport"),
    ],
)
def test_an_answer_that_tells_nothing_is_left_alone(text: str) -> None:
    assert findings(RULE, text) == []


def test_a_handler_is_known_by_its_route_too() -> None:
    found = findings(RULE, handler(*answer('"hostname": h'), name="probe") + ROUTE % "wrap(probe)")
    assert len(found) == 1 and "hostname" in found[0].message


def test_locals_locks_and_imports_that_nobody_reads_go_too() -> None:
    text = handler(
        "host, x := 1, 2",
        "_ = host + x",
        "name, _ := 1, 2",
        "_ = name",
        "s.mu.RLock()",
        "count := len(s.clients)",
        "s.mu.RUnlock()",
        *answer('"status":  "ok"', '"clients": count', '"pid":     os.Getpid()'),
    )
    after = cured(RULE, text)["main.go"]
    assert "count" not in after and "RLock" not in after and '"os"' not in after
    assert "host, x := 1, 2" in after and is_gofmt_clean(after), after


def test_the_rest_of_an_aligned_block_is_aligned_anew() -> None:
    after = cured(RULE, handler(*answer('"status":     "ok"', '"db":         up', '"build_time": t')))["main.go"]
    assert '"status": "ok"' in after and '"db":     up' in after


def test_a_local_that_is_declared_with_others_stops_the_edit() -> None:
    found = findings(RULE, handler("host, err := os.Hostname()", "_ = err", *answer('"host": host')))
    assert len(found) == 1 and found[0].fix is None


def test_a_page_that_reads_a_field_stops_the_edit_and_is_named() -> None:
    page = 'const health = await fetch("/health").then(r => r.json())\nshow(health.version)\n'
    found = findings(RULE, {"main.go": handler(*answer('"version": v')), "web/about.ts": page})
    assert found[0].fix is None and "web/about.ts" in found[0].fixes[0].reason


def test_a_page_that_reads_the_status_alone_does_not() -> None:
    page = 'const ok = (await fetch("/health")).ok\n'
    assert findings(RULE, {"main.go": handler(*answer('"version": v')), "web/about.ts": page})[0].fix is not None


def test_an_answer_of_a_type_of_its_own_is_left_to_a_person() -> None:
    found = findings(RULE, handler('writeJSON(w, healthReport{Status: "ok", Version: v})'))
    assert len(found) == 1 and found[0].fix is None


def test_another_handler_of_the_same_name_answers_another_route() -> None:
    health = handler(*answer('"status": "ok"'), name="(h *health) Get") + ROUTE % "h.Get"
    badge = handler(*answer('"user": u'), name="(b *badge) Get")
    assert findings(RULE, {"health.go": health, "badge.go": badge}) == []
    assert len(findings(RULE, {"routes.go": HEAD + ROUTE % "h.Probe", "a.go": badge.replace("Get", "Probe")})) == 1


READS = "\tbody := decode(answer)\n\tif body[%s] != want {\n\t}\n}\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("main_test.go", "package main\n\nfunc TestX(t *testing.T) {\n\thandleHealth(w, r)\n"),
        ("cmd/status/main.go", 'package main\n\nfunc main() {\n\tanswer := http.Get(base + "/healthz")\n'),
        ("client/client.go", 'package client\n\nfunc ask() {\n\tu := fmt.Sprintf("%s/healthz", base)\n'),
        ("tools/wait.py", 'answer = requests.get(f"{base}/healthz").json()\n'),
    ],
)
def test_programs_and_tests_that_read_a_field_stop_the_edit(path: str, text: str) -> None:
    tree = {"main.go": handler(*answer('"status": "ok"', '"version": v')) + ROUTE % "handleHealth"}
    found = findings(RULE, {**tree, path: text + READS % '"version"'})
    assert found[0].fix is None and path in found[0].fixes[0].reason
    assert findings(RULE, {**tree, path: text + READS % '"status"'})[0].fix is not None


def test_another_route_of_the_server_reads_nothing() -> None:
    other = 'package main\n\nfunc more() {\n\tmux.Handle("/healthz", h)\n\tmux.Handle("/v", info{"version": v})\n}\n'
    tree = {"main.go": handler(*answer('"status": "ok"', '"version": v')) + ROUTE % "handleHealth", "more.go": other}
    assert findings(RULE, tree)[0].fix is not None
