"""Every configuration rule in every format: edited in its own hand, told without an edit, or none, with the reason.

The table is whole: a rule or a format without a cell is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from fixers import registry

Find = Callable[[str, str | Mapping[str, str]], tuple[Any, ...]]
CHART = "deploy/chart/Chart.yaml"
PATHS: Final = {
    "TOML": "config/app.toml",
    "YAML": "config/app.yml",
    "JSON": "config/app.config.json",
    "JSONC": "config/app.config.jsonc",
    ".env": ".env",
    "INI": "config/app.ini",
    "compose": "compose.yml",
    "Kubernetes": "k8s/web.yaml",
    "Helm values": "deploy/chart/values.yaml",
    "Helm template": "deploy/chart/templates/web.yaml",
}
COMPOSE = "services:\n  web:\n    image: shop:1.4\n    environment:\n      KEPT:   as it is  # untouched\n      {}\n"
MANIFEST = (
    "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop}}\n---\napiVersion: apps/v1\nkind: Deployment\n"
    "metadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          env:\n"
    "            - name: {}\n              value: {}\n---\nkind: Service\napiVersion: v1\n"
)
TEMPLATE = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{{{ .Release.Name }}}}\nspec:\n  template:\n    spec:\n"
    "      containers:\n        - name: web\n          env:\n            - name: {}\n              value: {}\n"
)
BOXED = "in a container the address is right, so authentication must be turned on"
BY_HAND = "a Helm template is not edited: set it where its values are, or take it out by hand"
ENV_SAYS = "# a secret of your own, e.g. `openssl rand -hex 32`; never a value in this file\n"
CHART_SAYS = f"# set it when the chart is installed: {ENV_SAYS.removeprefix('# ')}"
OTHER_RULE = "compose/secret-in-environment tells it, with the reference that compose understands"
ONLY_COMPOSE = "the fault is a word of compose files; none of these formats has it"
ADVICE = ""  # which origins are right only the project knows: told, never edited

Cell = tuple[str, str]
EDITED: Final[dict[tuple[str, str], Cell]] = {
    ("config/debug-enabled", "TOML"): ("a = 1 # kept\ndebug = true\n", "a = 1 # kept\ndebug = false\n"),
    ("config/debug-enabled", "YAML"): (
        "a:   1\nserver:\n  debug: true # on\n",
        "a:   1\nserver:\n  debug: false # on\n",
    ),
    ("config/debug-enabled", "JSON"): ('{"a":1, "debug": true}\n', '{"a":1, "debug": false}\n'),
    ("config/debug-enabled", "JSONC"): ('{\n  // on\n  "debug": true,\n}\n', '{\n  // on\n  "debug": false,\n}\n'),
    ("config/debug-enabled", ".env"): ("A='1'\nAPP_DEBUG=1 # on\n", "A='1'\nAPP_DEBUG=0 # on\n"),
    ("config/debug-enabled", "INI"): ("[a]\nb: c\ndebug = yes\n", "[a]\nb: c\ndebug = no\n"),
    ("config/debug-enabled", "compose"): (COMPOSE.format("DEBUG: 1"), COMPOSE.format("DEBUG: 0")),
    ("config/debug-enabled", "Kubernetes"): (MANIFEST.format("DEBUG", '"1"'), MANIFEST.format("DEBUG", '"0"')),
    ("config/debug-enabled", "Helm values"): ("a:  1\napp:\n  debug: true\n", "a:  1\napp:\n  debug: false\n"),
    ("config/dev-token", "TOML"): (
        'a = 1 # kept\ntoken = "changeme"\n',
        f'a = 1 # kept\n{ENV_SAYS}token = "${{TOKEN}}"\n',
    ),
    ("config/dev-token", "YAML"): ("a:   1\ntoken: changeme\n", f"a:   1\n{ENV_SAYS}token: ${{TOKEN}}\n"),
    ("config/dev-token", "JSON"): ('{"a":1, "token": "changeme"}\n', '{"a":1, "token": "${TOKEN}"}\n'),
    ("config/dev-token", "JSONC"): ('{\n  // a\n  "token": "changeme",\n}\n', '{\n  // a\n  "token": "${TOKEN}",\n}\n'),
    ("config/dev-token", ".env"): ("A='1'\nTOKEN=changeme\n", f"A='1'\n{ENV_SAYS}TOKEN=\n"),
    ("config/dev-token", "INI"): ("[a]\nb: c\ntoken = changeme\n", f"[a]\nb: c\n{ENV_SAYS}token = ${{TOKEN}}\n"),
    ("config/dev-token", "Kubernetes"): (
        MANIFEST.format("TOKEN", "changeme"),
        MANIFEST.format("TOKEN", "changeme").replace(
            "value: changeme\n",
            "valueFrom:\n                secretKeyRef:\n                  name: shop\n                  key: TOKEN\n",
        ),
    ),
    ("config/dev-token", "Helm values"): ("a:  1\ntoken: changeme\n", f'a:  1\n{CHART_SAYS}token: ""\n'),
    ("config/open-bind-without-auth", "TOML"): (
        'host = "0.0.0.0" # all\n[auth]\nenabled = false\n',
        'host = "127.0.0.1" # all\n[auth]\nenabled = false\n',
    ),
    ("config/open-bind-without-auth", "YAML"): (
        "listen: '0.0.0.0:80'\nauth: {enabled: false}\n",
        "listen: '127.0.0.1:80'\nauth: {enabled: false}\n",
    ),
    ("config/open-bind-without-auth", "JSON"): (
        '{"bind": "0.0.0.0", "auth": {"enabled": false}}\n',
        '{"bind": "127.0.0.1", "auth": {"enabled": false}}\n',
    ),
    ("config/open-bind-without-auth", "JSONC"): (
        '{\n  "bind": "0.0.0.0", // all\n  "requireAuth": false\n}\n',
        '{\n  "bind": "127.0.0.1", // all\n  "requireAuth": false\n}\n',
    ),
    ("config/open-bind-without-auth", ".env"): (
        "HOST=0.0.0.0\nAUTH_ENABLED=false\n",
        "HOST=127.0.0.1\nAUTH_ENABLED=false\n",
    ),
    ("config/open-bind-without-auth", "INI"): (
        "[server]\nhost: 0.0.0.0\n[auth]\nenabled = no\n",
        "[server]\nhost: 127.0.0.1\n[auth]\nenabled = no\n",
    ),
    ("config/tls-verification-off", "TOML"): ("[a]\nverify_ssl = false\n", "[a]\nverify_ssl = true\n"),
    ("config/tls-verification-off", "YAML"): ("insecureSkipVerify:  yes\n", "insecureSkipVerify:  no\n"),
    ("config/tls-verification-off", "JSON"): ('{"strictSSL":false}\n', '{"strictSSL":true}\n'),
    ("config/tls-verification-off", "JSONC"): ('{"strictSSL":false /* a */}\n', '{"strictSSL":true /* a */}\n'),
    ("config/tls-verification-off", ".env"): ('PYTHONHTTPSVERIFY="0"\n', 'PYTHONHTTPSVERIFY="1"\n'),
    ("config/tls-verification-off", "INI"): ("[a]\nverify-ssl=off\n", "[a]\nverify-ssl=on\n"),
    ("config/tls-verification-off", "compose"): (COMPOSE.format("VERIFY_TLS: 0"), COMPOSE.format("VERIFY_TLS: 1")),
    ("config/tls-verification-off", "Kubernetes"): (
        MANIFEST.format("VERIFY_TLS", '"false"'),
        MANIFEST.format("VERIFY_TLS", '"true"'),
    ),
    ("config/tls-verification-off", "Helm values"): ("a:\n  tlsVerify: false\n", "a:\n  tlsVerify: true\n"),
}
TOLD: Final[dict[tuple[str, str], Cell]] = {
    ("config/debug-enabled", "Helm template"): (TEMPLATE.format("DEBUG", '"1"'), BY_HAND),
    ("config/dev-token", "Helm template"): (TEMPLATE.format("TOKEN", "changeme"), BY_HAND),
    ("config/tls-verification-off", "Helm template"): (TEMPLATE.format("VERIFY_TLS", '"0"'), BY_HAND),
    ("config/open-bind-without-auth", "compose"): (COMPOSE.format("HOST: 0.0.0.0\n      AUTH: off"), BOXED),
    ("config/open-bind-without-auth", "Kubernetes"): (
        MANIFEST.format("HOST", '0.0.0.0\n            - {name: AUTH, value: "off"}'),
        BOXED,
    ),
    ("config/open-bind-without-auth", "Helm values"): ("host: 0.0.0.0\nauth:\n  enabled: false\n", BOXED),
    ("config/open-bind-without-auth", "Helm template"): (
        TEMPLATE.format("HOST", '0.0.0.0\n            - name: AUTH\n              value: "off"'),
        BOXED,
    ),
    ("config/wildcard-cors", "TOML"): ('allowed_origins = ["*"]\n', ADVICE),
    ("config/wildcard-cors", "YAML"): ('cors_origins: "*"\n', ADVICE),
    ("config/wildcard-cors", "JSON"): ('{"corsOrigins": ["*"]}\n', ADVICE),
    ("config/wildcard-cors", "JSONC"): ('{"corsOrigins": "*" /* all */}\n', ADVICE),
    ("config/wildcard-cors", ".env"): ("CORS_ORIGINS=*\n", ADVICE),
    ("config/wildcard-cors", "INI"): ("[a]\ncors_origins = *\n", ADVICE),
    ("config/wildcard-cors", "compose"): (COMPOSE.format('CORS_ORIGINS: "*"'), ADVICE),
    ("config/wildcard-cors", "Kubernetes"): (MANIFEST.format("CORS_ORIGINS", '"*"'), ADVICE),
    ("config/wildcard-cors", "Helm values"): ('corsOrigins: "*"\n', ADVICE),
    ("config/wildcard-cors", "Helm template"): (TEMPLATE.format("CORS_ORIGINS", '"*"'), ADVICE),
}
NONE: Final[dict[tuple[str, str], str]] = {("config/dev-token", "compose"): OTHER_RULE} | {
    (rule, name): ONLY_COMPOSE
    for rule in (r.id for r in registry.rules() if r.id.startswith("compose/"))
    for name in PATHS
    if name != "compose"
}
COMPOSE_RULES: Final = {
    "compose/no-healthcheck": ("  db:\n    image: redis:7\n", "      test: redis-cli ping\n"),
    "compose/no-restart-policy": (
        "  web:\n    image: shop:1.4\n    ports:\n      - 8000:8000\n",
        "    restart: unless-stopped\n",
    ),
    "compose/privileged": ("  a:\n    image: b\n    privileged: true\n", "  a:\n    image: b\n"),
    "compose/published-database": (
        "  db:\n    image: redis:7\n    ports:\n      - 6379:6379\n",
        '      - "127.0.0.1:6379:6379"\n',
    ),
    "compose/secret-in-environment": (
        "  a:\n    environment:\n      API_TOKEN: 5f2d9a7c\n",
        "      API_TOKEN: ${API_TOKEN:?set it in .env}\n",
    ),
}
FORMS: Final[dict[str, Callable[[str], str]]] = {
    "LF": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "BOM": lambda text: "\ufeff" + text,
    "no final newline": lambda text: text.removesuffix("\n"),
}


def tree(name: str, text: str) -> dict[str, str]:
    return {PATHS[name]: text} | ({CHART: "apiVersion: v2\nname: shop\n"} if name.startswith("Helm") else {})


def test_the_table_is_whole() -> None:
    rules = {r.id for r in registry.rules() if r.id.startswith(("config/", "compose/"))} - {"config/plaintext-database"}
    cells = EDITED.keys() | TOLD.keys() | NONE.keys() | {(rule, "compose") for rule in COMPOSE_RULES}
    assert {(rule, name) for rule in rules for name in PATHS} == cells


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("rule", "name"), EDITED, ids=[f"{r} {n}" for r, n in EDITED])
def test_it_is_found_and_edited_in_the_files_own_hand(find: Find, rule: str, name: str, form: str) -> None:
    before, after = EDITED[rule, name]
    (finding,) = find(rule, tree(name, FORMS[form](before)))
    assert finding.fix is not None, finding.fixes
    (change,) = finding.fix.changes
    assert change.after.decode() == FORMS[form](after)


@pytest.mark.parametrize(("rule", "name"), TOLD, ids=[f"{r} {n}" for r, n in TOLD])
def test_it_is_told_with_the_reason_why_it_is_not_edited(find: Find, rule: str, name: str) -> None:
    text, reason = TOLD[rule, name]
    (finding,) = find(rule, tree(name, text))
    assert finding.fix is None
    assert finding.line > 0
    assert (finding.fixes[0].reason if finding.fixes else "") == reason
    assert finding.steps or reason


@pytest.mark.parametrize("rule", COMPOSE_RULES)
def test_compose_rules_edit_compose_files(find: Find, rule: str) -> None:
    before, line = COMPOSE_RULES[rule]
    (finding,) = find(rule, {"compose.yml": f"services:\n{before}"})
    assert line in finding.fix.changes[0].after.decode()


def test_a_condition_in_a_template_makes_it_somebodys_choice(find: Find) -> None:
    text = TEMPLATE.format("DEBUG", '"1"').replace(
        "            - name: DEBUG", "            {{- if .Values.debug }}\n            - name: DEBUG"
    )
    assert find("config/debug-enabled", tree("Helm template", text + "            {{- end }}\n")) == ()


@pytest.mark.parametrize("value", ["{{ .Values.debug }}", '"{{ .Values.debug }}"', "{{ quote .Values.debug }}"])
def test_a_value_that_a_template_is_given_is_left_alone(find: Find, value: str) -> None:
    assert find("config/debug-enabled", tree("Helm template", TEMPLATE.format("DEBUG", value))) == ()


def test_a_secret_of_a_manifest_is_told_by_its_key(find: Find) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\nstringData:\n  token: changeme\n"
    (finding,) = find("config/dev-token", {"k8s/secret.yaml": text})
    assert finding.fix is None
    assert "kubectl create secret" in finding.fixes[0].reason
