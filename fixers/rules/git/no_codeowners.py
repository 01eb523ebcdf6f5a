"""A repository where no change has a reviewer of its own."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.facts.forge import FORGEJO, GITLAB, ci_systems, forge
from fixers.facts.owners import handle, parts, people, sensitive
from fixers.model import Applicability, Context, Finding, Location, NotApplicable, Pass, Result, Severity, rule
from fixers.project import Project

_NAMES = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".forgejo/CODEOWNERS",
          ".gitea/CODEOWNERS", "OWNERS", "MAINTAINERS")  # fmt: skip
_ADA = ("Ada", "1+ada@users.noreply.github.com", 40)
_BO = ("Bo", "2+bo@users.noreply.github.com", 20)
_TREE = {"api/auth/login.go": "package auth\n", "web/index.js": "\n"}


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    audit=("M11",),
    options={"owner": ""},
    context=Context(
        remotes=("https://github.com/example/chat.git",),
        authors={"": (_ADA, _BO, ("Cy", "cy@example.org", 9)), "web": (_BO,), "api": (_ADA,), "api/auth": (_ADA,)},
    ),
    bad=_TREE,
    good={
        **_TREE,
        ".github/CODEOWNERS": "# Who is asked to review: https://docs.github.com/articles/about-code-owners\n\n"
        "* @ada\n\n/api/ @ada\n/web/ @bo\n\n# Changes here can open the door to others.\n"
        "/.github/ @ada\n/api/auth/ @ada\n",
    },
)
def check(project: Project) -> Iterator[Result]:
    """No CODEOWNERS says who reviews what.

    Changes to authentication, cryptography or the build can be merged without the people who know them.
    Owners come from the history (who has most commits there, when an address proves a handle) or from the
    `owner` option; where nothing proves one, the lines are written as comments.
    """
    known = [p for p in _NAMES if project.exists(p)]
    if known:
        yield Pass("owners are named", (Location(known[0]),))
        return
    where = forge(project)
    if where.host and not where.kind and not project.fact(ci_systems):
        yield NotApplicable(f"what {where.host} makes of CODEOWNERS is not known")
        return
    path = {GITLAB: ".gitlab/CODEOWNERS", FORGEJO: ".forgejo/CODEOWNERS"}.get(where.kind, ".github/CODEOWNERS")
    default = _option(project) or handle(project)
    draft = project.draft()
    draft.create(path, _text(project, default, path))
    few = len(people(project)) < 3
    proof = (
        "the owners are taken from the history: confirm them" if default else "nobody's handle is proven: fill them in"
    )
    yield Finding(
        path,
        "no CODEOWNERS: no change asks anybody for a review",
        anchor="codeowners",
        severity=Severity.LOW if few else None,
        fixes=draft.fixes("Name the owners of each part", reason=proof),
        steps=("Turn on `Require review from Code Owners` for the main branch once the lines are right",),
    )


def _option(project: Project) -> str:
    owner = str(project.option("owner") or "").strip()
    return owner if not owner or owner.startswith("@") or "@" in owner else f"@{owner}"


def _text(project: Project, default: str, path: str) -> str:
    fixed = _option(project)

    def line(folder: str) -> str:
        owner = fixed or (handle(project, folder) if people(project, folder) else default)
        return f"/{folder}/ {owner}\n" if owner else f"# /{folder}/ @owner\n"

    own = path.partition("/")[0]
    about = "# Who is asked to review: https://docs.github.com/articles/about-code-owners\n\n"
    if not path.startswith(".github"):
        about = "# Who is asked to review a change; the last line that matches wins.\n\n"
    everything = f"* {default}\n" if default else "# * @owner\n"
    guarded = list(dict.fromkeys((own, *sensitive(project))))
    listed = "".join(line(p) for p in parts(project) if p not in guarded)
    return (
        about
        + everything
        + ("\n" + listed if listed else "")
        + ("\n# Changes here can open the door to others.\n" + "".join(line(p) for p in guarded))
    )
