"""Which settings hold a secret that everybody knows, and what becomes of them in each format."""

import pytest

from fixers.model import Finding
from fixers.project import MemoryReader, Project
from fixers.rules.config.dev_token import check

Tree = dict[str, str]


def findings(tree: Tree) -> list[Finding]:
    return [r for r in check.check(Project(MemoryReader(tree))) if isinstance(r, Finding)]


QUIET: dict[str, Tree] = {
    "a secret of its own": {"c.toml": 'auth_token = "k3Jd82-hsTq0"\n'},
    "a variable": {"c.yaml": "password: ${PASSWORD}\n"},
    "an empty one alone": {"c.toml": 'auth_token = ""\n'},
    "a count of tokens": {"c.toml": 'token_count = "1234"\nmax_tokens = "test"\n'},
    "a public key and a key package": {"c.toml": 'public_key = "test"\nkey_package = "test"\n'},
    "the name of a kind of token": {"c.toml": 'token_type = "secret"\n'},
    "tests and fixtures": {"tests/c.toml": 'token = "test"\n', "fixtures/a.yaml": "password: admin\n"},
    "a file that only a test reads": {"aws/example.ini": "[a]\ntoken = test\n", "aws/a_test.go": 'load("example.ini")'},
    "documents of an old version": {"website/versioned_docs/v1/ctrl.yml": "password: admin\n"},
    "a demonstration that everybody may enter": {"config/demo.yml": "password: password1\n"},
    "CI": {".github/workflows/ci.yml": "env:\n  DB_PASSWORD: password\n"},
    "compose has a rule of its own": {"docker-compose.yml": "services:\n  a:\n    environment:\n      PASSWORD: x\n"},
    "a schema": {
        "openapi.yaml": "openapi: 3.0.0\npassword: secret\n",
        "s.config.json": '{"properties": {"token": "x"}}',
    },
    "a manifest": {"package.json": '{"token": "secret"}'},
    "a translation": {"locales/en.yml": "password: Password\n"},
    "a collection of factory passwords": {f"payloads/cirt/{n}.yml": "password: admin\n" for n in range(12)},
    "prose in the README": {"README.md": "The password is secret, the auth token is devtoken.\n"},
    "what a person sends to sign in": {"README.md": '```json\n{"email": "a@b.c", "password": "secret"}\n```\n'},
    "a password of another program": {"README.md": "```sh\nexport POSTGRES_PASSWORD=changeme\n```\n"},
    "a header in an example": {"README.md": "```sh\ncurl -H 'X-Password: secret'\n```\n"},
}


@pytest.mark.parametrize("tree", QUIET.values(), ids=list(QUIET))
def test_it_stays_quiet_about(tree: Tree) -> None:
    assert findings(tree) == []


SAYS = "# a secret of your own, e.g. `openssl rand -hex 32`; never a value in this file\n"
FORMATS = {
    "TOML": ("c.toml", "[a]\nauthToken = 'dev-token'\n", f"[a]\n{SAYS}authToken = '${{AUTH_TOKEN}}'\n"),
    "YAML": ("c.yaml", "a:\n  api_key: changeme # x\n", f"a:\n  {SAYS}  api_key: ${{API_KEY}} # x\n"),
    ".env": (".env.example", "PORT=1\nJWT_SECRET=secret\n", f"PORT=1\n{SAYS}JWT_SECRET=\n"),
    "JSON": ("config.json", '{"db": {"password": "root"}}\n', '{"db": {"password": "${PASSWORD}"}}\n'),
    "INI": ("c.ini", "[a]\nsecret_key = admin\n", f"[a]\n{SAYS}secret_key = ${{SECRET_KEY}}\n"),
}


@pytest.mark.parametrize(("path", "before", "after"), FORMATS.values(), ids=list(FORMATS))
def test_it_refers_to_the_environment_in(path: str, before: str, after: str) -> None:
    (found,) = findings({path: before})
    assert found.fix is not None and found.fix.changes[0].after is not None, found.fixes
    assert found.fix.changes[0].after.decode() == after
    assert findings({path: after}) == []


SET = "# set APP_API_KEY, e.g. to `openssl rand -hex 32`; never a value in this file\n"
READ = {
    "TOML": ("c.toml", "api_key = 'changeme'\n", f"{SET}api_key = ''\n"),
    "YAML": ("c.yaml", "api_key: changeme\n", f'{SET}api_key: ""\n'),
    "JSON": ("config.json", '{"api_key": "changeme"}\n', '{"api_key": ""}\n'),
    "TOML that a library expands": ("c.toml", "api_key = 'changeme'\n", "api_key = '${APP_API_KEY}'\n"),
    "TOML that is expanded elsewhere": (
        "c.toml",
        "home = '${HOME}'\napi_key = 'changeme'\n",
        "api_key = '${APP_API_KEY}'\n",
    ),
}


@pytest.mark.parametrize(("case", "path", "before", "after"), [(n, *r) for n, r in READ.items()], ids=list(READ))
def test_a_variable_that_the_program_reads_itself_needs_no_placeholder(
    case: str, path: str, before: str, after: str
) -> None:
    """Nothing puts a value for `${NAME}`: the program would take these very letters for its secret."""
    code = 'std::env::var("APP_API_KEY");\n' + ("shellexpand::env(text);\n" if "library" in case else "")
    (found,) = findings({path: before, "src/main.rs": code})
    assert found.fix is not None and found.fix.changes[0].after is not None, found.fixes
    assert found.fix.changes[0].after.decode().endswith(after)


def test_ten_of_one_kind_in_one_file_are_one_finding() -> None:
    (found,) = findings({"c.toml": "".join(f'[s{n}]\ntoken = "test"\n' for n in range(10))})
    assert len(found.locations) == 10
