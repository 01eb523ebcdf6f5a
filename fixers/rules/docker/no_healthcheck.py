"""Images of services that cannot say whether they work."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from fixers.editors import dockerfile
from fixers.editors.dockerfile import Stage
from fixers.facts import compose, container
from fixers.facts.docker import Image, images
from fixers.facts.forge import forge
from fixers.facts.subprojects import aside
from fixers.model import Applicability, Finding, Fix, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_ROUTE = re.compile(
    rb"""["'`](?:GET )?(/(?:healthz?|livez|readyz|health/live|api/health|_health|ping|status/health))["'`]"""
)
_CODE = ("*.rs", "*.go", "*.py", "*.js", "*.ts")
_CHECK = "HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \\\n    CMD "
_BASE = "FROM alpine:3.20\nCOPY chat /usr/local/bin/chat\nEXPOSE 8080\n"
_GO = {"main.go": 'package main\n\nfunc main() { http.HandleFunc("/healthz", ok) }\n'}
_WGET = "wget -q --spider http://127.0.0.1:8080/healthz || exit 1"


@rule(
    severity=Severity.LOW,
    fix=Applicability.UNSAFE,
    applies=("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    bad={**_GO, "Dockerfile": f'{_BASE}CMD ["chat"]\n'},
    good={**_GO, "Dockerfile": f'{_BASE}{_CHECK}{_WGET}\nCMD ["chat"]\n'},
)
def check(project: Project) -> Iterator[Result]:
    """The image of a service has no health check.

    A container that hangs is still running for its engine: nothing restarts it and traffic still goes there.
    Only images that expose a port are meant, and only where nothing else (Kubernetes, a compose file) checks
    the service; the command is written when the code has a health route and the image something to ask it with.
    """
    checked = []
    probed = bool(project.grep([b"livenessProbe", b"readinessProbe"], "*.yml", "*.yaml", "*.tpl"))
    for image in project.fact(images):
        stage = image.file.stages[-1]
        lineage = image.file.lineage(stage)
        exposed = [i for s in lineage for i in s.named("EXPOSE")]
        if not exposed or not container.starts(stage) or container.is_tool(image.path):
            continue
        if any(s.named("HEALTHCHECK") for s in lineage):
            checked.append(Location(image.path))
        elif not probed and not _asked(project, image) and project.keep(image.path, stage.source.line):
            yield Finding(
                image.path,
                f"port {exposed[-1].value} and no HEALTHCHECK",
                line=exposed[-1].line,
                anchor="healthcheck",
                fixes=_fixes(project, image, " ".join(i.value for i in exposed)),
                steps=("Let the check ask what the service needs to work, and nothing that costs much",),
            )
    if checked:
        yield Pass("the image says whether it works", tuple(checked))


def _asked(project: Project, image: Image) -> bool:
    """Whether a compose file checks a service that may be this image: built here, or named like it."""
    slug = forge(project).slug.lower()
    names = {container.program(image.file.stages[-1]), posixpath.basename(posixpath.dirname(image.path)), slug}
    for service in compose.services(project):
        given = str(service.data.get("image", "")).lower()
        named = service.image in {n.rpartition("/")[2] for n in names if n} or (
            slug and slug.partition("/")[0] in given
        )
        if "healthcheck" in service.data and ("build" in service.data or named):
            return True
    return False


def _fixes(project: Project, image: Image, exposed: str) -> tuple[Fix, ...]:
    draft = project.draft()
    stage = image.file.stages[-1]
    port = re.fullmatch(r"(\d+)(?:/tcp)?", exposed)
    routes = tuple(sorted({route for path, route in project.fact(_routes) if _is_of(path, stage)}))
    lines = "".join(i.raw for s in image.file.lineage(stage) for i in s.named("RUN"))
    ask = ""
    if container.flavour(image.file) == "alpine" or re.search(r"\bwget\b", lines):
        ask = "wget -q --spider"
    elif re.search(r"\bcurl\b", lines):
        ask = "curl -fsS -o /dev/null"
    if port is None or len(routes) != 1 or not ask:
        why = (
            ("which of its ports answers is not known" if " " in exposed else "its port is a variable")
            if port is None
            else "the image has neither wget nor curl"
            if not ask
            else ("several health routes are there" if routes else "no health route was found in the code")
        )
        draft.refuse(why)
    else:
        url = f"http://127.0.0.1:{port[1]}{routes[0]}"
        first = min(container.starts(stage), key=lambda i: i.start)
        try:
            after = dockerfile.insert_before(project.read(image.path), first, f"{_CHECK}{ask} {url} || exit 1\n")
            draft.edit(image.path, lambda data: after)
        except Refused as refused:
            draft.refuse(str(refused))
    return draft.fixes("Ask the service whether it works", reason="the service must answer on that port without TLS")


def _routes(project: Project) -> tuple[tuple[str, str], ...]:
    """The health routes that the code has, with the files that name them."""
    found = []
    for path in project.grep([b"/health", b"/livez", b"/ping", b"/readyz"], *_CODE):
        if not aside(path):
            found += [(path, match[1].decode()) for match in _ROUTE.finditer(project.read(path))]
    return tuple(found)


def _is_of(path: str, stage: Stage) -> bool:
    """Whether a file may belong to the program that the image starts: below `cmd/`, one with its name."""
    folders = path.split("/")[:-1]
    return "cmd" not in folders or container.program(stage) in (*folders, "app")
