"""Which CI of the tree builds or tests the code, and which workflows only audit, label, publish or release."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fixers.editors import yaml
from fixers.facts.forge import ci_systems
from fixers.model import Refused
from fixers.project import Project

_AUDIT: Final = re.compile(
    r"(?i)cargo[- ](?:audit|deny)|rustsec|govulncheck|pip-audit|\bsafety (?:check|scan)\b|osv-scanner|trivy|\bsnyk\b"
    r"|\b(?:npm|pnpm|yarn|bun)\b[^\n]* audit\b|\b(?:npm|pnpm|yarn|bun) audit\b|audit-ci|dependency-review|\bgrype\b"
    r"|anchore/scan|fossa|\bpip freeze\b|\buv export\b|pipenv requirements"
)
_IDLE_ACTION: Final = re.compile(
    r"(?i)^(?:actions/(?:stale|labeler|first-interaction|add-to-project|deploy-pages|configure-pages|upload-pages-artifact"
    r"|create-release|upload-release-asset|github-script|dependency-review-action)|dessant/[\w-]+|peaceiris/actions-gh-pages"
    r"|jamesives/github-pages-deploy-action|softprops/action-gh-release|release-drafter/release-drafter|ossf/scorecard-action"
    r"|google(?:apis|-github-actions)/release-please-action|googleapis/release-please-action|dependabot/fetch-metadata"
    r"|ncipollo/release-action|amannn/action-semantic-pull-request|contributor-assistant/github-action|crazy-max/ghaction-github-labeler"
    r"|github/codeql-action/upload-sarif|eps1lon/actions-label-merge-conflict|peter-evans/[\w-]+)(?:/|@|$)"
)
"""Actions that neither build nor test, by their own documentation."""
_SETUP_ACTION: Final = re.compile(
    r"(?i)^(?:actions/(?:checkout|cache|setup-[\w-]+|upload-artifact|download-artifact)"
    r"|dtolnay/rust-toolchain|swatinem/rust-cache|astral-sh/setup-uv|oven-sh/setup-bun|pnpm/action-setup"
    r"|taiki-e/install-action|step-security/harden-runner)(?:/|@|$)"
)
_IDLE_LINE: Final = re.compile(r"\bgh (?:issue|pr|label|release)\b|\b(?:mkdocs|mdbook|mike|zola|hugo|sphinx-build)\b")
_SETUP_LINE: Final = re.compile(
    r"(?:sudo )?(?:apt-get|apt|apk|brew|git|cd|echo|set|export|mkdir|rustup|corepack|curl|wget|chmod)\b"
    r"|(?:python3? -m )?pip3? install|pipx install|poetry install|pipenv (?:sync|install)"
    r"|pdm (?:sync|install)|uv (?:sync|pip install)"
    r"|(?:npm|pnpm|yarn|bun) (?:ci|install|i)\b|go (?:install|mod download)\b|cargo b?install\b|[#}]"
    r"|(?:fi|done|else)$"
)


def builders(project: Project) -> dict[str, tuple[str, ...]]:
    """Every CI that builds, tests, lints or checks code, by name; whatever is not known to be idle does."""
    found = {}
    for name, paths in ci_systems(project).items():
        kept = tuple(p for p in paths if not name.endswith("Actions") or not is_idle(project, p))
        if kept:
            found[name] = kept
    return found


def is_idle(project: Project, path: str) -> bool:
    """Whether all that a workflow does is to audit dependencies, to look after issues, to publish or to release."""
    try:
        data: Any = project.parsed(path, yaml.load)
    except Refused:
        return False
    jobs = data.get("jobs") if isinstance(data, dict) else None
    if not isinstance(jobs, dict):
        return False
    kinds = {kind for job in jobs.values() for kind in _kinds(job)}
    return kinds in ({"idle"}, {"idle", "setup"})


def _kinds(job: object) -> Iterator[str]:
    """`idle`, `setup` or `work` for each thing that a job does."""
    if not isinstance(job, dict) or not isinstance(job.get("steps"), list):
        called = job.get("uses") if isinstance(job, dict) else None
        yield "idle" if isinstance(called, str) and (_AUDIT.search(called) or _IDLE_ACTION.search(called)) else "work"
        return
    for step in job["steps"]:
        uses, run = (step.get("uses"), step.get("run")) if isinstance(step, dict) else (None, None)
        if isinstance(uses, str):
            idle = _AUDIT.search(uses) or _IDLE_ACTION.search(uses)
            yield "idle" if idle else "setup" if _SETUP_ACTION.search(uses) else "work"
        elif isinstance(run, str):
            for line in re.sub(r"\\\r?\n", " ", run).splitlines():
                yield from (_kind(c.strip()) for c in re.split(r"&&|\|\||;", line) if c.strip())
        else:
            yield "work"


def _kind(command: str) -> str:
    if _SETUP_LINE.match(command):
        return "setup"
    return "idle" if _AUDIT.search(command) or _IDLE_LINE.search(command) else "work"
