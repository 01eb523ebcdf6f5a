"""Traps of compose files: what looks like the fault and is none, and what the edits leave alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]


def service(name: str, *lines: str) -> str:
    return f"services:\n  {name}:\n" + "".join(f"    {line}\n" for line in lines)


QUIET = [
    ("no-healthcheck", "db:\n  image: postgres\n", "the first format knows none"),
    ("published-database", "name: x\ndb:\n  image: postgres\n  ports: [5432:5432]\n", "no compose file"),
    ("privileged", service("docker", "image: docker:27-dind", "privileged: true"), "needs it"),
    ("privileged", service("kube", "image: rancher/k3s", "privileged: true"), "a cluster in a container"),
    ("privileged", service("web", "image: a", "privileged: false"), "said not to be"),
    ("published-database", service("db", "image: postgres", 'ports: ["127.0.0.1:5432:5432"]'), "on loopback"),
    ("published-database", service("db", "image: postgres", "expose: [5432]"), "only exposed"),
    ("published-database", service("web", "image: a", 'ports: ["80:80"]'), "no database"),
    ("published-database", service("e", "image: prom/mysqld-exporter", 'ports: ["9:9"]'), "an exporter"),
    ("no-restart-policy", service("migrate", "image: a", "ports: [1]"), "a job"),
    ("no-restart-policy", service("web", "image: a"), "nothing says that it stays up"),
    ("no-restart-policy", service("web", "image: a", "ports: [1]", 'restart: "no"'), "decided"),
    ("no-restart-policy", service("web", "image: a", "ports: [1]", "deploy: {restart_policy: {}}"), "swarm"),
    ("no-restart-policy", "# for development\n" + service("web", "image: a", "ports: [1]"), "for development"),
    ("no-restart-policy", service("db", "image: redis", "ports: [1]"), "a database alone, for developers"),
    ("no-restart-policy", service("web", "build: {context: ., target: development}", "ports: [1]"), "its stage"),
    ("no-restart-policy", service("web", "build: .", "env_file: .env.dev", "ports: [1]"), "its variables' file"),
    ("no-restart-policy", service("web", "build: .", "command: npm run dev", "ports: [1]"), "starts when edited"),
    ("no-restart-policy", service("web", "build: .", "environment: [NODE_ENV=development]", "ports: [1]"), "says so"),
    ("no-restart-policy", service("web", "build: ./a", "volumes: ['./a/:/app']", "ports: [1]"), "its source is lent"),
    ("no-restart-policy", service("f", "image: selenium/standalone", "ports: [1]"), "a browser for tests"),
    ("no-healthcheck", service("db", "image: postgres", "healthcheck: {disable: true}"), "decided"),
    ("no-healthcheck", service("db", "image: example/postgres"), "an image of somebody's"),
    ("no-healthcheck", service("db", "image: mariadb:5.5"), "older than the script"),
    ("no-healthcheck", service("w", "image: postgres", "entrypoint: ./wait.sh"), "only its client"),
    ("secret-in-environment", service("db", "environment:", "  PASSWORD: ${PASSWORD}"), "from outside"),
    ("secret-in-environment", service("db", "environment:", "  PASSWORD:"), "passed through"),
    ("secret-in-environment", service("db", "environment: [PASSWORD]"), "passed through, list"),
    ("secret-in-environment", service("db", "environment:", "  PASSWORD_FILE: /run/secrets/p"), "a file"),
    ("secret-in-environment", service("db", "environment:", "  MYSQL_ALLOW_EMPTY_PASSWORD: yes"), "a switch"),
    ("secret-in-environment", service("db", "environment:", "  TOKEN_TTL: 3600"), "a number"),
]


@pytest.mark.parametrize(("rule", "text", "claim"), QUIET, ids=[f"{r}: {c}" for r, _, c in QUIET])
def test_it_is_left_alone(find: Find, rule: str, text: str, claim: str) -> None:
    assert find(f"compose/{rule}", {"compose.yml": text}) == ()


@pytest.mark.parametrize(
    "path", ["compose.dev.yml", "tests/compose.yml", "compose.override.yml", ".devcontainer/compose.yml"]
)
def test_files_for_other_purposes_are_left_alone(find: Find, path: str) -> None:
    assert find("compose/privileged", {path: service("web", "image: a", "privileged: true")}) == ()


def test_what_an_override_adds_is_not_missing(find: Find) -> None:
    files = {
        "compose.yml": service("db", "image: postgres:16"),
        "compose.override.yml": service("db", "restart: always", "healthcheck: {test: x}"),
    }
    assert find("compose/no-restart-policy", files) == find("compose/no-healthcheck", files) == ()


def test_a_service_that_others_wait_for_to_end_is_a_job(find: Find) -> None:
    text = service("schema", "image: a", "ports: [1]") + (
        "  web:\n    image: a\n    depends_on:\n      schema:\n        condition: service_completed_successfully\n"
    )
    assert find("compose/no-restart-policy", {"compose.yml": text}) == ()


@pytest.mark.parametrize("line", ["volumes: ['./data:/data']", "volumes: [data:/data]", "command: ./serve --air=1"])
def test_data_beside_the_source_is_no_sign_of_a_developer(find: Find, line: str) -> None:
    assert find("compose/no-restart-policy", {"compose.yml": service("web", "build: .", line, "ports: [1]")})


REDIS = service("db", "image: redis", 'ports: ["6379:6379"]')


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (REDIS, "medium"),
        (REDIS + "  mail:\n    image: axllent/mailpit:v1\n", "medium"),
        (REDIS + "  web:\n    build: .\n", "high"),
        (REDIS + "  web:\n    image: example/shop\n", "high"),
        (REDIS + "    restart: always\n", "high"),
    ],
)
def test_a_database_of_a_developer_is_less_of_a_fault(find: Find, text: str, severity: str) -> None:
    (finding,) = find("compose/published-database", {"compose.yml": text})
    assert finding.severity.name.lower() == severity


CURED = [
    (
        "published-database",
        service("db", "image: redis", "ports:", "  - target: 6379", "    published: 6379"),
        service("db", "image: redis", "ports:", "  - target: 6379", "    published: 6379", '    host_ip: "127.0.0.1"'),
        "the long notation",
    ),
    (
        "secret-in-environment",
        service("db", "image: mysql", "environment:", "  - MYSQL_ROOT_PASSWORD=abcd", "  - MYSQL_PASSWORD=abcd")
        + "  web:\n    environment:\n      DB_PASSWORD: abcd # the same\n      URL: mysql://u:abcd@db/x\n",
        service(
            "db",
            "image: mysql",
            "environment:",
            "  - MYSQL_ROOT_PASSWORD=${MYSQL_ROOT_PASSWORD:?set it in .env}",
            "  - MYSQL_PASSWORD=${MYSQL_PASSWORD:?set it in .env}",
        )
        + "  web:\n    environment:\n      DB_PASSWORD: ${MYSQL_PASSWORD:?set it in .env} # the same\n"
        "      URL: mysql://u:${MYSQL_PASSWORD:?set it in .env}@db/x\n",
        "one variable for one password",
    ),
]


@pytest.mark.parametrize(("rule", "before", "after", "claim"), CURED, ids=[f"{c[0]}: {c[-1]}" for c in CURED])
def test_it_is_mended(find: Find, rule: str, before: str, after: str, claim: str) -> None:
    (finding,) = find(f"compose/{rule}", {"compose.yml": before})
    assert finding.fix is not None, finding.fixes
    assert finding.fix.changes[0].after.decode() == after


@pytest.mark.parametrize(
    ("rule", "line"), [("published-database", 'ports: ["5432:5432"]'), ("privileged", "privileged: true")]
)
def test_the_first_format_of_compose_files_is_read(find: Find, rule: str, line: str) -> None:
    (finding,) = find(f"compose/{rule}", {"docker-compose.yml": f"db:\n  image: postgres\n  {line}\n"})
    assert finding.line in (1, 3)
