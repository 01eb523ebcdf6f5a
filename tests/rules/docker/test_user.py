"""Who runs the image and where it may write; hadolint has no new warning about what we add."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fixers.model import Finding, Severity
from fixers.project import MemoryReader, Project
from fixers.rules.docker import homeless_user, missing_workspace_member, root_user

Tree = dict[str, str]
CODE = {"src/main.rs": 'const KEY: &str = "data/server-key.der";\n'}


def findings(check: object, tree: Tree) -> list[Finding]:
    return [r for r in check.check.check(Project(MemoryReader(tree))) if isinstance(r, Finding)]  # type: ignore[attr-defined]


def after(check: object, tree: Tree) -> str:
    (found,) = findings(check, tree)
    assert found.fix is not None and found.fix.changes[0].after is not None, found.fixes
    return found.fix.changes[0].after.decode()


NOT_ROOT = {
    "a user": "FROM debian:12\nUSER app\nCMD a\n",
    "a user of the stage it is built on": "FROM debian:12 AS base\nUSER app\nFROM base\nCMD a\n",
    "distroless nonroot": "FROM gcr.io/distroless/static:nonroot\nCMD ['a']\n",
    "a base image that we do not know": "FROM registry.example.org/base:1\nCMD a\n",
    "a start script that drops root": "FROM debian:12\nENTRYPOINT ['gosu', 'app', 'a']\n",
    "an image that starts nothing": "FROM debian:12\nRUN make\n",
    "a builder stage as root": "FROM rust:1 AS b\nUSER root\nFROM debian:12\nUSER 1000\nCMD a\n",
}


@pytest.mark.parametrize("text", NOT_ROOT.values(), ids=list(NOT_ROOT))
def test_it_is_not_root(text: str) -> None:
    assert findings(root_user, {"Dockerfile": text}) == []


def test_images_for_building_and_testing_are_left_alone() -> None:
    tree = dict.fromkeys(("ci/Dockerfile", ".devcontainer/Dockerfile", "Dockerfile.test"), "FROM debian:12\nCMD a\n")
    assert findings(root_user, tree) == []


def test_root_on_purpose_is_left_to_a_person() -> None:
    (found,) = findings(root_user, {"Dockerfile": "FROM debian:12\nUSER root\nCMD a\n"})
    assert found.fix is None and "root" in found.fixes[0].reason


def test_distroless_has_a_user_of_its_own() -> None:
    text = after(root_user, {"Dockerfile": 'FROM gcr.io/distroless/cc-debian12\nENTRYPOINT ["/a"]\n'})
    assert text.endswith('USER 65532:65532\nENTRYPOINT ["/a"]\n')


def test_alpine_has_other_commands_and_a_run_above_is_continued() -> None:
    text = after(root_user, {"Dockerfile": 'FROM alpine:3.20\nRUN apk add --no-cache tini\nCMD ["chat"]\n'})
    assert "RUN apk add --no-cache tini \\\n    && addgroup -S -g 10001 chat \\\n    && adduser -S" in text


WRITES = {
    "a folder for logs": {"app/__init__.py": "import os\n\nos.mkdir('logs')\n"},
    "a log": {"app.py": "h = RotatingFileHandler('logs/app.log', maxBytes=9)\n"},
    "a file": {"app.py": "with open('out.json', 'w') as f:\n    pass\n"},
    "a database beside the settings": {
        "config.py": "URI = x or \\\n    'sqlite:///' + os.path.join(basedir, 'app.db')\n"
    },
    "a database": {"config.py": 'URI = "sqlite:///app.db"\n'},
}


@pytest.mark.parametrize("code", WRITES.values(), ids=list(WRITES))
def test_a_python_program_that_writes_below_its_work_folder_keeps_root(code: Tree) -> None:
    (found,) = findings(root_user, {**code, "Dockerfile": "FROM python:slim\nWORKDIR /app\nCMD ['gunicorn']\n"})
    assert found.fix is None and f"{next(iter(code))}:" in found.fixes[0].reason


READS = {
    "a file that is read": {"app.py": "open('a.json')\nopen('b.json', 'r')\n"},
    "an absolute folder": {"app.py": "os.makedirs('/var/lib/app')\nU = 'sqlite:////data/a.db'\n"},
    "a database in memory": {"app.py": "U = 'sqlite:///:memory:'\nV = 'sqlite://'\n"},
    "a test": {"tests/test_a.py": "os.mkdir('logs')\n"},
    "a comment": {"app.py": "# os.mkdir('logs')\n"},
}


@pytest.mark.parametrize("code", READS.values(), ids=list(READS))
def test_a_python_program_that_does_not_gets_a_user(code: Tree) -> None:
    assert "USER 10001:10001" in after(root_user, {**code, "Dockerfile": "FROM python:slim\nCMD ['gunicorn']\n"})


def test_a_node_program_that_writes_below_its_work_folder_keeps_root() -> None:
    (found,) = findings(
        root_user, {"a.js": "fs.mkdirSync('./uploads')\n", "Dockerfile": "FROM node:22\nCMD ['node', 'a.js']\n"}
    )
    assert found.fix is None and "a.js:1" in found.fixes[0].reason


OWNED = {
    "chown": "RUN mkdir /data && chown nobody /data\n",
    "chown of a variable": 'ENV D=/data/db\nRUN mkdir -p $D && chown nobody "${D}"\n',
    "install -d -o": "RUN install -d -o nobody /data\n",
    "chown of the folder above": "RUN chown -R nobody /data\n",
    "COPY from a stage that owns it": "COPY --from=b /data /data\n",
    "a home of adduser": "RUN adduser app --home /data --system --uid 1000\n",
    "a home of useradd": "RUN useradd --create-home \\\n    -d /data app\n",
    "made by the user": "USER nobody\nRUN mkdir -p /data/db\n",
    "a work folder of the user": "USER nobody\nWORKDIR /data\n",
    "COPY --chown": "COPY --chown=nobody data /data\n",
}


@pytest.mark.parametrize("line", OWNED.values(), ids=list(OWNED))
def test_a_folder_is_owned_by(line: str) -> None:
    text = f"FROM debian:12\n{line}ENV DATA_DIR=/data/db\nUSER nobody\nCMD a\n"
    assert findings(homeless_user, {"Dockerfile": text}) == []


def test_a_volume_that_nobody_was_given_is_found() -> None:
    tree = {"Dockerfile": "FROM debian:12\nRUN make\nUSER nobody\nVOLUME /config\nCMD a\n"}
    (found,) = findings(homeless_user, tree)
    assert "/config" in found.message and found.fix is not None


GIVEN = {
    "a user that the file makes": (
        "RUN adduser -D app\n",
        "app",
        "RUN adduser -D app \\\n    && install -d -o app /data\nVOLUME /data\n",
    ),
    "a user and group by number": (
        "COPY a /a\n",
        "1001:1001",
        "COPY a /a\nRUN install -d -o 1001 -g 1001 /data\nVOLUME",
    ),
}


@pytest.mark.parametrize(("head", "user", "wanted"), GIVEN.values(), ids=list(GIVEN))
def test_a_user_of_its_own_is_given_the_folder(head: str, user: str, wanted: str) -> None:
    text = after(homeless_user, {"Dockerfile": f"FROM alpine:3\n{head}VOLUME /data\nUSER {user}\nCMD a\n"})
    assert wanted in text and f"\nUSER {user}\n" in text


def test_a_user_that_is_made_behind_the_volume_is_left_to_a_person() -> None:
    text = "FROM debian:12\nVOLUME /data\nRUN useradd --no-create-home -d /data app\nUSER app\nCMD a\n"
    (found,) = findings(homeless_user, {"Dockerfile": text})
    assert found.fix is None and "app" in found.fixes[0].reason


def test_a_home_that_is_not_made_is_no_folder() -> None:
    text = "FROM debian:12\nRUN useradd -r -d /data app\nVOLUME /data\nUSER app\nCMD a\n"
    assert len(findings(homeless_user, {"Dockerfile": text})) == 1


def test_a_user_that_is_a_variable_may_be_root() -> None:
    text = "FROM debian:12\nENV U=root\nVOLUME /data\nUSER ${U}\nCMD a\n"
    assert findings(homeless_user, {"Dockerfile": text}) == []


def test_what_follows_the_user_goes_on_as_before() -> None:
    text = "FROM debian:12\nRUN useradd app\nVOLUME /data\nUSER app\nRUN app version\nCMD a\n"
    assert "RUN useradd app \\\n    && install -d -o app /data\nVOLUME" in after(homeless_user, {"Dockerfile": text})


def test_a_base_that_may_bring_the_folder_is_trusted() -> None:
    text = "FROM registry.example.org/base:1\nVOLUME /data\nUSER app\nCMD a\n"
    assert findings(homeless_user, {"Dockerfile": text}) == []


def test_nobody_with_nothing_to_write_is_fine() -> None:
    assert findings(homeless_user, {"Dockerfile": "FROM debian:12\nUSER nobody\nCMD a\n"}) == []


def test_a_relative_path_of_the_code_gets_a_work_folder() -> None:
    text = after(homeless_user, {**CODE, "Dockerfile": 'FROM debian:12\nUSER nobody\nCMD ["chat"]\n'})
    assert "WORKDIR /var/lib/chat\nUSER 10001:10001\n" in text


def test_a_variable_that_moves_the_folder_is_set_too() -> None:
    code = {"src/main.rs": CODE["src/main.rs"] + 'let d = std::env::var("CHAT_DATA_DIR");\n'}
    text = after(homeless_user, {**code, "Dockerfile": 'FROM debian:12\nUSER nobody\nCMD ["chat"]\n'})
    assert "ENV CHAT_DATA_DIR=/var/lib/chat\nWORKDIR /var/lib/chat\nUSER 10001:10001\n" in text


def test_a_variable_moves_the_folder_out_of_another_work_folder() -> None:
    code = {"src/main.rs": CODE["src/main.rs"] + 'let d = std::env::var("CHAT_DATA_DIR");\n'}
    text = after(homeless_user, {**code, "Dockerfile": 'FROM debian:12\nWORKDIR /app\nUSER nobody\nCMD ["chat"]\n'})
    assert "ENV CHAT_DATA_DIR=/var/lib/chat\nUSER 10001:10001\n" in text


def test_the_user_of_a_node_image_is_there_already() -> None:
    text = after(root_user, {"Dockerfile": 'FROM node:22-alpine\nVOLUME /data\nCMD ["node", "a.js"]\n'})
    assert "RUN install -d -o node -g node -m 0700 /data\nVOLUME /data\nUSER node\nCMD" in text
    assert findings(root_user, {"Dockerfile": text}) == findings(homeless_user, {"Dockerfile": text}) == []


KEPT = {
    "a server that gives root up itself": "FROM nginx:1.27-alpine\nCMD nginx\n",
    "a development server": 'FROM node:22\nCMD ["ng", "serve", "--host", "0.0.0.0"]\n',
    "rules of the network": "FROM alpine:3\nRUN apk add --no-cache iptables\nCMD vpn\n",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=list(KEPT))
def test_root_is_left_to_a_person_for(text: str) -> None:
    (found,) = findings(root_user, {"Dockerfile": text})
    assert found.fix is None and found.fixes[0].reason


def test_a_cluster_that_refuses_root_makes_it_a_small_matter() -> None:
    tree = {"Dockerfile": "FROM debian:12\nCMD a\n", "k8s/a.yaml": "securityContext:\n  runAsNonRoot: true\n"}
    (found,) = findings(root_user, tree)
    assert found.severity is Severity.LOW and found.locations[0].path == "k8s/a.yaml"


def test_a_comment_enforces_nothing() -> None:
    tree = {"Dockerfile": "FROM debian:12\nCMD a\n", "k8s/a.yaml": "# runAsNonRoot: true\n"}
    assert findings(root_user, tree)[0].severity is None


def test_the_home_of_a_tool_holds_no_data() -> None:
    text = after(root_user, {"Dockerfile": 'FROM node:22\nENV PNPM_HOME=/pnpm\nCMD ["node", "a.js"]\n'})
    assert "/pnpm\nUSER node\n" in text and "install" not in text


def test_who_talks_to_the_engine_keeps_root() -> None:
    tree = {"Dockerfile": "FROM debian:12\nCMD a\n", "install.sh": "docker run -v /var/run/docker.sock:/x a\n"}
    (found,) = findings(root_user, tree)
    assert found.fix is None and "socket" in found.fixes[0].reason


MOUNTED = {
    "a named volume": '      - "store:/var/lib/chat"\n',
    "a volume in the long form": "      - type: volume\n        source: store\n        target: /var/lib/chat\n",
}
LENT = {
    "a folder of the host": "      - ./store:/var/lib/chat\n",
    "a folder of the host by a variable": "      - ${STORE}:/var/lib/chat\n",
    "one that is only read": "      - store:/var/lib/chat:ro\n",
}
COMPOSE = "services:\n  chat:\n    build: .\n    volumes:\n"


@pytest.mark.parametrize("volume", MOUNTED.values(), ids=list(MOUNTED))
def test_a_folder_that_only_compose_names_is_given_to_the_user(volume: str) -> None:
    text = after(
        homeless_user, {"Dockerfile": "FROM debian:12\nUSER nobody\nCMD chat\n", "compose.yml": COMPOSE + volume}
    )
    assert "install -d -o 10001 -g 10001 -m 0700 /var/lib/chat" in text


@pytest.mark.parametrize("volume", LENT.values(), ids=list(LENT))
def test_a_folder_that_compose_lends_has_an_owner(volume: str) -> None:
    tree = {"Dockerfile": "FROM debian:12\nUSER nobody\nCMD chat\n", "compose.yml": COMPOSE + volume}
    assert findings(homeless_user, tree) == []


def hadolint(text: str) -> Counter[str]:
    tool = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if tool is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([tool, "--no-fail", "-f", "json", "-"], input=text.encode(), capture_output=True, check=True)
    return Counter(w["code"] for w in json.loads(done.stdout))


MEMBERS: Tree = dict(missing_workspace_member.check.bad_tree())  # type: ignore[arg-type]
LINTED = {
    "a root image with a volume": (root_user, {"Dockerfile": 'FROM debian:12\nVOLUME /data\nCMD ["a"]\n'}),
    "a root image behind a RUN": (root_user, {"Dockerfile": 'FROM debian:12\nRUN make\nCMD ["a"]\n'}),
    "alpine": (root_user, {"Dockerfile": 'FROM alpine:3.20\nRUN apk add --no-cache a=1\nCMD ["a"]\n'}),
    "nobody": (homeless_user, {**CODE, "Dockerfile": 'FROM debian:12\nUSER nobody\nCMD ["a"]\n'}),
    "a member": (missing_workspace_member, MEMBERS),
}


@pytest.mark.parametrize(("check", "tree"), LINTED.values(), ids=list(LINTED))
def test_hadolint_has_no_new_warning(check: object, tree: Tree) -> None:
    assert not hadolint(after(check, tree)) - hadolint(tree["Dockerfile"])
