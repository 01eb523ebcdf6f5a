"""A secret is told by its content; fixtures, certificates and names alone are none."""

import sqlite3
from pathlib import Path

import pytest

from fixers.model import Applicability, Finding, Pass, Severity
from fixers.project import MemoryReader, Project
from fixers.rules.git.tracked_secrets import check

BODY = "\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n"
KEY = "-----BEGIN " + "PRIVATE KEY-----" + BODY
RSA = "-----BEGIN RSA " + "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n" + BODY
DER = b"\x30\x82\x00\x40\x02\x01\x00" + b"\x11" * 61
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def database(tmp_path: Path, table: str, rows: int = 1) -> bytes:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as db:
        db.execute(f"CREATE TABLE {table} (a TEXT)")
        db.executemany(f"INSERT INTO {table} VALUES (?)", [("x",)] * rows)
    db.close()
    return path.read_bytes()


def found(tree: dict[str, str | bytes]) -> list[Finding]:
    return [r for r in check.check(Project(MemoryReader(tree))) if isinstance(r, Finding)]


SECRETS: dict[str, dict[str, str | bytes]] = {
    "a PEM key": {"deploy/server.pem": KEY},
    "an encrypted RSA key": {"id_rsa": RSA},
    "a key of Fernet": {"conf/.key": "cHJldGVuZCB0aGF0IHRoaXMgaXMgYSBrZXkgb2YgMzI=\n"},
    "a DER key": {"data/server-key.der": DER},
    "a token that is known by its form": {".env": f"GITHUB={TOKEN}\n"},
    "a long value of a secret name": {"api/.env": 'export SESSION_SECRET="k3Jd82-hsTq0ZpLm41_Wx"\n'},
}


@pytest.mark.parametrize("tree", SECRETS.values(), ids=list(SECRETS))
def test_it_finds(tree: dict[str, str | bytes]) -> None:
    (finding,) = found(tree)
    assert finding.masked and finding.fixes[0].individually and finding.fixes[0].reason


HARMLESS: dict[str, dict[str, str | bytes]] = {
    "a certificate": {"ca.pem": KEY.replace("PRIVATE KEY", "CERTIFICATE")},
    "a public key": {"jwt.pem": KEY.replace("PRIVATE KEY", "PUBLIC KEY")},
    "a key in tests": {"tests/data/server.pem": KEY},
    "a key that only tests name": {"certs/a.pem": KEY, "tls_test.go": 'load("certs/a.pem")'},
    "a key of the server that tests run against": {"nix/pkgs/complement/private_key.key": KEY},
    "a key of a folder that only tests name": {
        "server/configs/certs/tls/rsa-key.pem": KEY,
        "server/a_test.go": 'load(fmt.Sprintf("configs/certs/tls/%s-key.pem", kind))',
        "main.go": 'flag("key.pem")',
    },
    "a key called a test key": {"conf/test-key.pem": KEY},
    "a name alone": {"migrations/credentials.sql": "x", "server.key": "not a key", "id_rsa.pub": "ssh-rsa AAAA"},
    "an example": {".env.example": f"TOKEN={TOKEN}\n"},
    "placeholders": {".env": "API_KEY=your-api-key-here\nSECRET_KEY=changeme-please-1\nTOKEN=\nPASSWORD=${PASS}\n"},
    "settings": {".env": "PORT=8080\nRUST_LOG=info,tower_http=debug\nTOKEN_TTL=3600000000000\n"},
    "a key that the browser gets anyway": {".env": "NEXT_PUBLIC_API_KEY=k3Jd82hsTq0ZpLm41Wx9aB\n"},
}


@pytest.mark.parametrize("tree", HARMLESS.values(), ids=list(HARMLESS))
def test_it_leaves_alone(tree: dict[str, str | bytes]) -> None:
    assert found(tree) == []


def test_the_evidence_says_what_was_looked_at_and_what_was_left_out() -> None:
    tree = {"ca.pem": "x", "tests/data/a.pem": KEY, "tests/data/b.pem": KEY, "certs/c.pem": KEY, "a_test.go": '"c.pem"'}
    (passed,) = check.check(Project(MemoryReader(tree)))
    assert isinstance(passed, Pass) and "1 files of such names looked at; 3 more are fixtures" in passed.evidence
    assert [where.path for where in passed.locations] == ["tests/data/a.pem", "tests/data/b.pem", "certs/c.pem"]


def test_a_database_counts_when_it_holds_accounts(tmp_path: Path) -> None:
    (finding,) = found({"app.db": database(tmp_path, "users")})
    assert finding.severity is Severity.HIGH


def test_a_database_of_anything_else_does_not(tmp_path: Path) -> None:
    assert found({"geo.db": database(tmp_path, "countries")}) == []


def test_a_database_without_an_account_in_it_does_not_either(tmp_path: Path) -> None:
    assert found({"app.db": database(tmp_path, "auth_user", rows=0)}) == []


@pytest.mark.parametrize(("rows", "count"), [(0, 0), (1, 1)])
def test_a_schema_of_many_tables_is_read_too(rows: int, count: int, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as db:
        for number in range(90):
            db.execute(
                f"CREATE TABLE other{number} (a TEXT, b TEXT, {', '.join(f'column{n} TEXT' for n in range(20))})"
            )
        db.execute("CREATE TABLE auth_user (a TEXT)")
        db.executemany("INSERT INTO auth_user VALUES (?)", [("x",)] * rows)
    db.close()
    assert len(found({"app.db": path.read_bytes()})) == count


def test_a_damaged_database_ends_nothing(tmp_path: Path) -> None:
    data = database(tmp_path, "users")
    for at in range(100, 200):
        found({"app.db": data[:at] + b"\xff\x05" + data[at + 2 :], "b.db": data[:at]})


def test_the_fix_ignores_and_untracks_in_one_commit() -> None:
    (finding,) = found({"deploy/server.pem": KEY, ".gitignore": "x\n"})
    assert finding.fix is not None
    assert {c.path: c.after is None for c in finding.fix.changes} == {".gitignore": False, "deploy/server.pem": True}


def test_the_value_of_a_secret_is_in_no_message() -> None:
    (finding,) = found({".env": f"GITHUB={TOKEN}\n"})
    assert TOKEN not in finding.message + "".join(finding.steps) and "GITHUB" in finding.message


def test_a_key_that_the_build_includes_is_left_to_a_person() -> None:
    (finding,) = found({"src/k.pem": KEY, "src/main.rs": 'const K: &[u8] = include_bytes!("k.pem");\n'})
    assert finding.fix is None and finding.fixes[0].applicability is Applicability.MANUAL
