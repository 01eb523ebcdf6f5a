"""go/in-memory-sessions: where its table fits, what it keeps, and where a person has to do it."""

from __future__ import annotations

import pytest

from tests.rules.go.tool import MODULE, cured, findings, is_gofmt_clean, rule_of

RULE = "in-memory-sessions"
AUTH = "auth/sessions.go"
BASE = next(text for text in rule_of(RULE).bad_tree().values() if isinstance(text, str))
STRUCT = "type session struct {\n\ttoken, user string\n\texpires     time.Time\n}\n"
STORED = BASE.replace("time.Now().Add(ttl)", "&session{token: token, user: who, expires: time.Now().Add(ttl)}") + STRUCT


def test_a_struct_is_kept_by_its_fields_and_without_its_token() -> None:
    after = cured(RULE, {AUTH: STORED})
    table = after["auth/sessiontable.go"]
    assert "s := value.(*session)" in table and "[]any{s.user, s.expires}" in table
    assert "&[]any{&s.user, &s.expires}" in table and "s := &session{token: sessionToken(token)}" in table
    assert is_gofmt_clean(table) and is_gofmt_clean(after["auth/sessiontable_test.go"])


def test_the_placeholders_are_those_of_the_driver() -> None:
    mod = MODULE["go.mod"] + "\nrequire github.com/lib/pq v1.10.9\n"
    table = cured(RULE, {"go.mod": mod, AUTH: BASE})["auth/sessiontable.go"]
    assert "VALUES ($1, $2)" in table and "hash = $1" in table and "?" not in table


def test_what_else_is_kept_in_a_sync_map_keeps_its_import() -> None:
    after = cured(RULE, {AUTH: BASE + "\nvar others sync.Map\n"})
    assert '\t"sync"\n' in after[AUTH] and "sessions sessionTable" in after[AUTH]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("sync.Map", "map[string]session", "only a sync.Map"),
        ("db *sql.DB", "path string", "no database is at hand"),
        ("(*Handler, error)", "*Handler", "returns no error"),
        ("s.sessions.Load(", "s.sessions.LoadOrStore(", "does more with sessions"),
        ("time.Now().Add(ttl)) }", "expiry) }", "no struct of this package"),
        (BASE[-2:], "}\n\nfunc (s *sessionStore) more() { s.sessions.Store(1, 2) }\n", "at one place"),
        (BASE[-2:], "}\n\nvar second = func() { newStore() }\n", "no database is at hand"),
        (BASE[-2:], "}\n\ntype sessionTable struct{}\n", "is taken"),
    ],
)
def test_another_shape_is_left_to_a_person(old: str, new: str, named: str) -> None:
    found = findings(RULE, {AUTH: new.join(BASE.rsplit(old, 1))})
    assert len(found) == 1 and found[0].fix is None and named in found[0].fixes[0].reason and found[0].steps


def test_a_field_that_a_row_cannot_hold_is_left_to_a_person() -> None:
    found = findings(RULE, {AUTH: STORED.replace("token, user string", "token, user string\n\tconn        *net.Conn")})
    assert found[0].fix is None and "conn *net.Conn" in found[0].fixes[0].reason
