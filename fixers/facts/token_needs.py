"""What a job writes with its token: told by its actions' own documentation and by the commands that it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from fixers.facts.github import Step, Workflow, only_known, only_reads, said

Needs: TypeAlias = dict[str, str]
"""Scope -> `read` or `write`, as below `permissions`."""

_ACTIONS: Final = (
    ("actions/attest-build-provenance", "id-token attestations", ""),
    ("actions/create-release", "contents", ""),
    ("actions/deploy-pages", "pages id-token", ""),
    ("actions/first-interaction", "issues pull-requests", ""),
    ("actions/labeler", "issues pull-requests", ""),
    ("actions/stale", "actions issues pull-requests", ""),
    ("actions/upload-release-asset", "contents", ""),
    ("actions-rs/audit-check", "checks issues", ""),
    ("actions-rs/clippy-check", "checks", ""),
    ("aws-actions/configure-aws-credentials", "id-token", "role-to-assume"),
    ("azure/login", "id-token", "client-id"),
    ("dessant/lock-threads", "issues pull-requests discussions", ""),
    ("dorny/test-reporter", "checks", ""),
    ("endbug/add-and-commit", "contents", ""),
    ("github/codeql-action/analyze", "security-events", ""),
    ("github/codeql-action/upload-sarif", "security-events", ""),
    ("google-github-actions/auth", "id-token", "workload_identity_provider"),
    ("googleapis/release-please-action", "contents issues pull-requests", ""),
    ("goreleaser/goreleaser-action", "contents", ""),
    ("jamesives/github-pages-deploy-action", "contents", ""),
    ("marocchino/sticky-pull-request-comment", "pull-requests", ""),
    ("ncipollo/release-action", "contents", ""),
    ("ossf/scorecard-action", "id-token security-events", ""),
    ("peaceiris/actions-gh-pages", "contents", ""),
    ("peter-evans/create-or-update-comment", "issues pull-requests", ""),
    ("peter-evans/create-pull-request", "contents pull-requests", ""),
    ("release-drafter/release-drafter", "contents pull-requests", ""),
    ("rustsec/audit-check", "checks issues", ""),
    ("softprops/action-gh-release", "contents", ""),
    ("stefanzweifel/git-auto-commit-action", "contents", ""),
    ("svenstaro/upload-release-action", "contents", ""),
    ("taiki-e/create-gh-release-action", "contents", ""),
    ("taiki-e/upload-rust-binary-action", "contents", ""),
)
"""An action, the scopes that its README has it write, and the input without which it does not ask for them."""
_READS: Final = {"dorny/paths-filter": "pull-requests", "amannn/action-semantic-pull-request": "pull-requests"}
_OWN_TOKEN: Final = re.compile(r"secrets\.GITHUB_TOKEN|github\.token")
_SECRET: Final = re.compile(r"secrets(?:\.\w+|\[)|github\.token")
_REGISTRY: Final = re.compile(r"ghcr\.io|(?:npm|nuget|maven|rubygems)\.pkg\.github\.com")
_PULLS: Final = re.compile(
    r"\bdocker(?: image)? pull\b|\bdocker(?: |-)compose\b|\bdocker run\b|\bdocker manifest inspect\b"
)
_PUSHES: Final = re.compile(
    r"push|build|bake|imagetools|manifest (?!inspect)|goreleaser|buildah|kaniko|\bko\b|skopeo|crane|oras|cosign|helm"
    r"|publish"
)
_COMMANDS: Final = (
    (re.compile(r"\bgit push\b|\bmkdocs gh-deploy\b|\bmike deploy\b.*--push"), "contents"),
    (re.compile(r"docker (?:image )?push \S*ghcr\.io"), "packages"),
    (re.compile(r"\bgh release (?:create|upload|edit|delete)"), "contents"),
    (re.compile(r"\bgh pr merge"), "contents pull-requests"),
    (re.compile(r"\bgh pr (?:comment|edit|review|close|ready|reopen|create)"), "pull-requests"),
    (re.compile(r"\bgh issue (?:create|comment|close|edit|reopen)"), "issues"),
    (re.compile(r"\bgh (?:workflow\b[^\n]*\brun\b|run (?:rerun|cancel|delete)|cache delete)"), "actions"),
)
"""Commands, and the scopes that they write, by the manuals of git and gh."""
_LOOKS: Final = re.compile(r"\bgh (?:pr|issue|run|release) (?:list|view|diff|checks|status|download|watch)")
_LOOKED: Final = {"pr": "pull-requests", "issue": "issues", "run": "actions", "release": "contents"}
_UPLOADS: Final = re.compile(r"\b(?:cargo publish|twine upload|npm publish|poetry publish|uv publish)\b")
_HARMLESS: Final = re.compile(
    r"\s*(?:(?:sudo|then|do|else|if|while|!|\{|env)\s+)*(?:gh (?:pr|issue|run|release|workflow|cache)\b"
    r"|git (?:add|branch|checkout|commit|config|describe|diff|fetch|log|ls-files|push|rev-list|rev-parse|show|status"
    r"|switch|tag)\b|(?:apt-get|awk|basename|cat|cd|chmod|cp|cut|date|dirname|echo|exit|export|fi|find|for|grep|gzip"
    r"|head|jq|ls|mkdir|mv|printf|read|rm|sed|set|sha256sum|shasum|sleep|sort|tail|tar|tee|test|touch|tr|unzip|wc|xz"
    r"|zip|\[|\[\[|done|else|esac|\}|true)(?:\s|$)|cargo (?:build|check|clippy|fmt|test|publish|install)\b"
    r"|go (?:build|test|vet)\b|(?:npm|pnpm|yarn) (?:ci|install|publish)\b|rustup\b|\w+=|$"
    r"|(?:python3? -m )?(?:pip3? install|twine upload|build)\b|poetry publish|uv (?:build|publish|sync)"
    r"|docker (?:login|push|build|tag|pull)\b|mkdocs gh-deploy)"
)
"""Commands that do nothing with a token but what the table above says."""
_SCRIPT: Final = re.compile(r"(?m)(?:^|[\s(])(?:\./|\S+\.sh\b|(?:ba)?sh\s|python3?\s(?!-m)|node\s|npx\s|make\b)")


def token_needs(flow: Workflow, job: str) -> Needs | None:
    """What a job's token has to be granted, `contents: read` with it; None where that cannot be told."""
    if only_reads(flow, job):
        return {"contents": "read"}
    data = flow.jobs[job]
    if "uses" in data or not isinstance(data.get("steps"), list):
        return None
    around = said({k: v for k, v in data.items() if k not in ("steps", "permissions")}, flow.data.get("env", ""))
    text = "\n".join(step.text for step in flow.steps(job))
    elsewhere = any(_of_other(step) for step in flow.steps(job))
    needs: Needs = {"contents": "read"}
    for step in flow.steps(job):
        found = _of_action(step, text) if step.uses else _of_run(step, around)
        if found is None:
            return None
        if elsewhere and "run" in step.data:
            found.pop("contents", None)
        needs.update((scope, level) for scope, level in found.items() if needs.get(scope) != "write")
    return dict(sorted(needs.items()))


def reads_for_sure(flow: Workflow, job: str) -> bool:
    """Whether every command of a job is one that is known to write nothing, not only none that is known to write."""
    runs = [str(step.data.get("run", "")) for step in flow.steps(job)]
    plain = not any(_SCRIPT.search(run) or not all(_HARMLESS.match(c) for c in _commands(run)) for run in runs)
    return bool(flow.steps(job)) and plain and only_reads(flow, job)


def _of_other(step: Step) -> bool:
    """Whether a checkout leaves somebody else's token for later pushes."""
    inputs = step.data.get("with")
    token = inputs.get("token", "") if isinstance(inputs, dict) and step.uses.startswith("actions/checkout@") else ""
    return _SECRET.search(str(token)) is not None and not _own(token)


def _of_action(step: Step, text: str) -> Needs | None:
    name = step.uses.partition("@")[0].lower()
    inputs = step.data.get("with")
    given: Mapping[str, object] = inputs if isinstance(inputs, dict) else {}
    for action, scopes, wanted in _ACTIONS:
        if name == action or name.startswith(action + "/"):
            asks = not wanted or wanted in given
            other = any(
                k in given and not _own(given[k]) for k in ("token", "github_token", "repo-token", "repo_token")
            )
            return (
                {}
                if not asks or other or {"deploy_key", "ssh-key"} & given.keys()
                else dict.fromkeys(scopes.split(), "write")
            )
    if name in _READS:
        return {_READS[name]: "read"}
    if name == "pypa/gh-action-pypi-publish":
        return {} if "password" in given else {"id-token": "write"}
    if name == "docker/login-action" and "password" in given:
        return {"packages": _packages(text)} if _own(given["password"]) else {}
    return {} if only_known(step) else None


def _packages(text: str) -> str:
    """What a job does with a registry that it logs in to: it writes, unless all that is seen are pulls."""
    return "read" if _PULLS.search(text) and not _PUSHES.search(text) else "write"


def _own(value: object) -> bool:
    return _OWN_TOKEN.search(str(value)) is not None


def _of_run(step: Step, around: str) -> Needs | None:
    """What the commands of a step write; None when a script that is no known command holds a secret."""
    run = re.sub(r"(?m)^\s*#.*$|\\\n", "", str(step.data.get("run", "")))
    needs = dict(_written(run))
    if re.search(r"\bgh (?:api|auth)\b", run):
        return None
    if _SECRET.search(step.text) or _SECRET.search(around):
        if _SCRIPT.search(run) or any(not _HARMLESS.match(c) for c in _commands(run)):
            return None
        if _REGISTRY.search(step.text) and (_own(step.text) or _own(around)):
            needs["packages"] = _packages(run)
    elif not needs and re.search(r"(?i)publish|(?<!--)(?<!/)\brelease\b(?!/)|deploy", _UPLOADS.sub("", run)):
        return None
    if re.search(r"--provenance\b|\bcosign (?:sign|attest)", run):
        needs["id-token"] = "write"
    return needs


def _commands(run: str) -> list[str]:
    return [c for line in run.splitlines() for c in re.split(r"&&|\|\||;|(?<!\|)\|(?!\|)", line)]


def _written(run: str) -> Iterator[tuple[str, str]]:
    for match in _LOOKS.finditer(run):
        yield _LOOKED[match[0].split()[1]], "read"
    for command, scopes in _COMMANDS:
        if command.search(run):
            yield from ((scope, "write") for scope in scopes.split())
