"""The user that an image runs as, the folders it writes to, and the lines that give it both."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Final

from fixers.editors import dockerfile
from fixers.editors.dockerfile import Dockerfile, Instruction, Stage
from fixers.facts import compose
from fixers.facts.docker import Image
from fixers.facts.secret_paths import DATA_FOLDERS, secret_paths
from fixers.model import Refused
from fixers.project import Project

UID: Final = 10001
"""Above the users that distributions and people have (hadolint and kube advice: over 10000)."""
_DEBIAN: Final = re.compile(
    r"(?:^|/)(?:debian|ubuntu|python|node|rust|golang|openjdk|eclipse-temurin|ruby|php|buildpack-deps|perl|amazonlinux"
    r"|fedora|rockylinux|almalinux|redhat/ubi\d*|ubi\d*(?:-minimal)?|centos|gcc|julia|elixir|erlang|swift)(?:[:@]|$)"
)
_ALPINE: Final = re.compile(r"(?:^|/)(?:alpine|busybox)(?:[:@]|$)|[:-]alpine|-alpine\d*")
_DISTROLESS: Final = re.compile(r"distroless/")
_NONROOT: Final = re.compile(
    r"nonroot|cgr\.dev/|chainguard|bitnami/|unprivileged|rootless|jenkins/|grafana/|(?:^|/)node-chrome|selenium/|keycloak"
)
_DROPS: Final = re.compile(
    r"\b(?:gosu|su-exec|setpriv|runuser|chpst|s6-setuidgid|setuidgid|su\s+-|sudo\s+-u|PUID)\b|/init\b|s6-overlay|supervisord"
)
_PERSISTENT: Final = re.compile(
    r"^/(?:data|db|config|storage|store|srv/data|var/lib|var/data|var/opt|app/data|etc/ssl/private)\b"
)
_PLACE: Final = re.compile(
    r"(?i)(?:DATA|DB|DATABASE|STORAGE|STORE|STATE|CERTS?|TLS)_?(?:DIR|PATH|HOME|FOLDER|FILE|ROOT)?$|_(?:DIR|HOME)$"
)
_TOOL_HOME: Final = re.compile(
    r"(?i)^(?:pnpm|java|jre|jdk|cargo|rustup|nvm|poetry|uv|bun|deno|go|gradle|maven|m2|node|npm|yarn|pyenv|python|virtual|venv"
    r"|android|playwright|puppeteer|pip|gem|bundle|composer|dotnet|swift|ghcup|stack|conda|spark|catalina|tomcat)_?"
)
"""Variables that say where a tool lies, not where the program keeps its data."""
_SYSTEM: Final = ("/usr", "/bin", "/opt/", "/etc", "/proc", "/sys", "/dev", "/root", "/tmp", "/run")  # noqa: S108
_INTERPRETERS: Final = frozenset(
    (
        "sh",
        "bash",
        "ash",
        "python",
        "python3",
        "node",
        "java",
        "tini",
        "dumb-init",
        "env",
        "npm",
        "uv",
        "gunicorn",
        "poetry",
    )
)
_NODE: Final = re.compile(r"(?:^|/)node[:@]")
_SERVER: Final = re.compile(
    r"(?:^|/)(?:nginx|openresty|httpd|haproxy|traefik|caddy|postgres|mysql|mariadb|redis|mongo|rabbitmq)(?:[:@]|$)"
    r"|(?:^|/)php:\S*apache"
)
_DEVELOPS: Final = re.compile(
    r"\b(?:ng|vue-cli-service|react-scripts|vite|next|nuxt|webpack)\W+(?:serve|dev|start)\b|webpack-dev-server"
    r"|\b(?:npm|yarn|pnpm|bun)\W+(?:run\W+)?(?:serve|dev|start:dev)\b|--reload\b"
)
_NEEDS_ROOT: Final = re.compile(
    r"\biptables\b|\bnftables\b|\bwireguard-tools\b|/dev/net/tun|\bsetcap\b|/var/run/docker\.sock"
)
_TOOL: Final = re.compile(
    r"(?i)(?:^|/)(?:[\w-]*builder[\w-]*|ci|cross[\w-]*|sandbox|tools?|hack|scripts|debian|rpm|playwright|complement|dev|\.gitpod)/"
    r"|(?:^|[/.])(?:ci|dev|development|test|tests|build|builder|toolkit|profiling|gitpod)(?:\.|$)"
)


@dataclass(frozen=True, slots=True)
class Data:
    """What the image writes: absolute folders, and the path in the code that is relative to the work folder."""

    folders: tuple[str, ...] = ()
    relative: str = ""
    variable: str = ""


def user(file: Dockerfile) -> Instruction | None:
    """The USER in force at the end, through the stages that the last one is built on."""
    found = [i for stage in file.lineage(file.stages[-1]) for i in stage.named("USER")]
    return found[-1] if found else None


def starts(stage: Stage) -> tuple[Instruction, ...]:
    """ENTRYPOINT and CMD of a stage: the image is a program, not a base for others."""
    return stage.named("ENTRYPOINT", "CMD")


def flavour(file: Dockerfile) -> str:
    """What the last stage's image is made of: `debian`, `alpine`, `distroless`, `scratch`; `nonroot`; "" unknown."""
    base = file.image(file.lineage(file.stages[-1])[0]).lower()
    if _NONROOT.search(base):
        return "nonroot"
    if base == "scratch":
        return "scratch"
    if _DISTROLESS.search(base):
        return "distroless"
    if _ALPINE.search(base):
        return "alpine"
    return "debian" if _DEBIAN.search(base) else ""


def drops_root(project: Project, image: Image) -> bool:
    """Whether the start script gives root up itself, as images do that fix the owner of a volume first."""
    words = [w for i in starts(image.file.stages[-1]) for w in (i.exec_form or i.words)]
    hints = (".", "entry", "init", "start", "run")
    names = {posixpath.basename(w) for w in words if any(h in w for h in hints)}
    scripts = project.files(*names) if names else ()
    lines = [i.raw for s in image.file.lineage(image.file.stages[-1]) for i in s.instructions]
    return any(_DROPS.search(text) for text in [*(project.text(p) for p in scripts), *lines])


def data(project: Project, image: Image) -> Data:
    """The folders that the last stage and compose's volumes name, and what the code writes beside itself."""
    folders: list[str] = []
    for stage in image.file.lineage(image.file.stages[-1]):
        for i in stage.instructions:
            words = i.exec_form or i.words
            if i.name == "VOLUME":
                folders += [w for w in words if w.startswith("/")]
            elif i.name == "ENV":
                values = [(k, v) for k, v in i.pairs if v and v.startswith("/") and _PLACE.search(k)]
                values = [(k, v) for k, v in values if not _TOOL_HOME.match(k)]
                folders += [_folder(v) for k, v in values if not re.search(r"(?i)PATH$", k) or _PERSISTENT.search(v)]
            elif i.name in ("CMD", "ENTRYPOINT"):
                named = (w.partition("=")[2] or w for w in words)
                folders += [_folder(w) for w in named if _PERSISTENT.search(w)]
    folders += compose.volumes(project, image.path)
    kept = tuple(f for f in dict.fromkeys(folders) if f.count("/") and not f.startswith(_SYSTEM) and "$" not in f)
    inside = (s.path for s in project.fact(secret_paths) if DATA_FOLDERS.fullmatch(s.folder) and _is_run(s.where.path))
    relative = next(inside, "")
    return Data(kept, relative, _variable(project) if relative else "")


def owned(file: Dockerfile, folder: str) -> bool:
    """Whether the last stage gives a folder, or one above it, an owner: chown, install -o, COPY --chown, chmod.

    BuildKit keeps the owner of what comes `--from` another stage.
    """
    outer = [folder, *_outer(folder)]
    running = False
    verbs = r"\b(?:chown|install|chmod)\b[^&;|]*(?<![\w/])"
    values = dict(file.arguments)
    for stage in file.lineage(file.stages[-1]):
        for i in stage.instructions:
            if i.name in ("ENV", "ARG"):
                values.update((k, dockerfile.expanded(v, values)) for k, v in i.pairs if v is not None)
            raw = dockerfile.expanded(i.raw, values)
            running = i.value.partition(":")[0] not in ("root", "0") if i.name == "USER" else running
            if i.name == "RUN" and any(_made_by(dockerfile.expanded(i.value, values), f, running) for f in outer):
                return True
            if i.name == "WORKDIR" and running and i.value.rstrip("/") in outer:
                return True
            kept = i.flag("chown") is not None or i.flag("from") is not None
            if i.name in ("COPY", "ADD") and kept and i.words[-1].rstrip("/") in outer:
                return True
            if i.name == "RUN" and any(re.search(rf"{verbs}{re.escape(f)}(?![\w-])", raw) for f in outer):
                return True
    return False


def _made_by(run: str, folder: str, running: bool) -> bool:
    """Whether a RUN makes the folder as the user's home, or as the user who is running by then."""
    place = rf"[\s=]{re.escape(folder)}/?(?![\w/-])"
    home = [m[0] for m in re.finditer(r"\b(?:useradd|adduser)\b[^&;|]*", run)]
    for made in home:
        bare = re.search(r"(?<=\s)-[a-zA-Z]*[HM][a-zA-Z]*\b|--no-create-home", made)
        creates = made.startswith("adduser") or re.search(r"(?<=\s)-[a-zA-Z]*m[a-zA-Z]*\b|--create-home", made)
        if creates and not bare and (re.search(place, made) or _home(made) == folder):
            return True
    return running and re.search(rf"\bmkdir\b[^&;|]*{place}", run) is not None


def _home(made: str) -> str:
    """The home that a command makes when it names none: `/home/NAME`, NAME being its last word or the one before."""
    words = [w for w in made.split() if not w.startswith(("-", "$"))]
    return f"/home/{words[-1]}" if len(words) > 1 else ""


def is_tool(path: str) -> bool:
    """Whether a Dockerfile's path says that it builds, tests or packages: nobody runs it in production."""
    return _TOOL.search(path) is not None


def home_for(image: Image, written: Data) -> tuple[str, str]:
    """A data folder, and the ENV and WORKDIR that lead there a program which writes below its work folder.

    Paths that the variable does not move lie below the work folder. Raises Refused when another WORKDIR is set and
    no variable moves the folder: what else lies there is not known.
    """
    folder = f"/var/lib/{program(image.file.stages[-1])}"
    work = [i for s in image.file.lineage(image.file.stages[-1]) for i in s.named("WORKDIR")]
    moved = f"ENV {written.variable}={folder}\n" if written.variable else ""
    if work and not moved:
        raise Refused(f"the code writes {written.relative} below its work folder {work[-1].value}")
    return folder, moved if work else f"{moved}WORKDIR {folder}\n"


def make_user(flavour: str, name: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Shell commands that make a user with a fixed id, and folders that are its own."""
    home = folders[0] if folders else "/nonexistent"
    if flavour == "alpine":
        made = [f"addgroup -S -g {UID} {name}", f"adduser -S -D -H -u {UID} -h {home} -G {name} {name}"]
    else:
        made = [
            f"groupadd --system --gid {UID} {name}",
            f"useradd --system --uid {UID} --gid {UID} --home-dir {home} --no-create-home"
            f" --shell /usr/sbin/nologin {name}",
        ]
    return (*made, *(f"install -d -o {UID} -g {UID} -m 0700 {folder}" for folder in folders))


def present_user(file: Dockerfile) -> str:
    """The user without root's rights that the last stage's base image brings for programs; "" when it brings none."""
    return "node" if _NODE.search(file.image(file.lineage(file.stages[-1])[0]).lower()) else ""


def keeps_root(file: Dockerfile) -> str:
    """Why a program of the image cannot simply be started by another user; "" when nothing speaks against it."""
    lineage = file.lineage(file.stages[-1])
    base = file.image(lineage[0]).lower()
    started = " ".join(i.value for i in starts(lineage[-1]))
    if _SERVER.search(base):
        return f"{base.partition('@')[0]} starts as root by its own design: take its unprivileged variant"
    if _DEVELOPS.search(started):
        return "a development server writes below its work folder: build the image for production first"
    found = next((m[0] for s in lineage for i in s.instructions if (m := _NEEDS_ROOT.search(i.raw))), "")
    return f"{found} asks for more than a plain user has" if found else ""


def give_folders(user: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Shell commands that make folders which belong to a user who is there already."""
    return tuple(f"install -d -o {user} -g {user} -m 0700 {folder}" for folder in folders)


def program(stage: Stage) -> str:
    """What the image starts, as a user name: `chat-server`; `app` when it cannot be told."""
    for i in reversed(starts(stage)):
        words = i.exec_form or i.words
        name = posixpath.basename(words[0]) if words else ""
        known = re.fullmatch(r"[a-z][a-z0-9_-]{1,24}", name)
        if known and name not in _INTERPRETERS:
            return name
    return "app"


def with_user(text: bytes, start: Instruction, commands: tuple[str, ...], tail: str) -> bytes:
    """A RUN with the commands above the stage's first VOLUME (else above `start`), and `tail` above `start`.

    What a RUN does to a folder behind its VOLUME may be lost. A RUN that stands at that place is continued.
    """
    if commands:
        found = dockerfile.parse(text)
        index = found.instructions.index(start)
        first = max((n for n in range(index) if found.instructions[n].name == "FROM"), default=0)
        volumes = [n for n in range(first, index) if found.instructions[n].name == "VOLUME"]
        text = _commands(text, found.instructions[min([*volumes, index])], commands)
        start = [i for i in dockerfile.parse(text).instructions if i.raw == start.raw][-1]
    return dockerfile.insert_before(text, start, tail) if tail else text


def _commands(text: bytes, before: Instruction, commands: tuple[str, ...]) -> bytes:
    found = dockerfile.parse(text)
    above = found.instructions[found.instructions.index(before) - 1]
    if above.name != "RUN":
        return dockerfile.insert_before(text, before, "RUN " + " \\\n    && ".join(commands) + "\n")
    if above.bodies or above.exec_form or re.search(r"(?m)^\s*#", above.raw) or above.value.rstrip().endswith("&"):
        raise Refused("the RUN above has a form that cannot be continued")
    indent = re.search(r"\n([ \t]*)&&", above.raw)
    space = indent[1] if indent else "    "
    return dockerfile.replace(text, above, above.raw.rstrip() + "".join(f" \\\n{space}&& {c}" for c in commands))


def _folder(path: str) -> str:
    path = path.rstrip("/")
    return posixpath.dirname(path) if posixpath.splitext(path)[1] else path


def _outer(folder: str) -> list[str]:
    found = []
    while folder.count("/") > 1:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found


def _is_run(path: str) -> bool:
    return not re.search(r"(?:^|/)(?:scripts?|tools?|xtask|cli)/|\.(?:js|ts|sh)$", path)


def _variable(project: Project) -> str:
    """The environment variable that moves the data folder, as the code spells it; "" when there is none."""
    for path in project.grep([b"DATA_DIR"], "*.rs", "*.go", "*.py"):
        match = re.search(rb"""["']([A-Z][A-Z0-9_]*DATA_DIR)["']""", project.read(path))
        if match:
            return match[1].decode()
    return ""
