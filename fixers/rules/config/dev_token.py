"""Configuration and documents that hand out a secret that everybody knows."""

from __future__ import annotations

from collections.abc import Iterator

from fixers.editors import env, ini, json, markdown, toml, yaml
from fixers.facts import charts
from fixers.facts.dev_secrets import DevSecret, dev_secrets, expands, in_documents, variable_of
from fixers.model import Applicability, Finding, Fix, Location, Pass, Result, Severity, rule
from fixers.project import Draft, Project

_SECTION = "Secrets in production"
_SAYS = "a secret of your own, e.g. `openssl rand -hex 32`; never a value in this file"


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.UNSAFE,
    audit=("M1",),
    bad={
        "config.example.toml": 'listen = "127.0.0.1:7000"\nauth_token = "devtoken"\n',
        "src/main.rs": 'fn token() { std::env::var("CHAT_AUTH_TOKEN"); }\n',
        "README.md": "# Chat\n\n```toml\nauth_token = 'devtoken'\n```\n",
    },
    good={
        "config.example.toml": 'listen = "127.0.0.1:7000"\n# set CHAT_AUTH_TOKEN, e.g. to `openssl rand -hex 32`; '
        'never a value in this file\nauth_token = ""\n',
        "src/main.rs": 'fn token() { std::env::var("CHAT_AUTH_TOKEN"); }\n',
        "README.md": "# Chat\n\n```toml\nauth_token = 'devtoken'\n```\n\n## Secrets in production\n\n"
        "The secrets in the examples above are for development only: everybody knows them. Before the service is\n"
        "reachable by others, set `auth_token` to a value of its own (`openssl rand -hex 32`) from the\n"
        "environment or a secret store, and keep it out of this repository.\n",
    },
)
def check(project: Project) -> Iterator[Result]:
    """A well-known development secret stands in the configuration.

    Whoever deploys the example as it is runs with a token that everybody tries first. The value becomes a
    reference to the environment, so that a deployment without a secret of its own is seen at once; the
    README says that the ones in its examples are not for production.
    """
    quiet = True
    for path, hits in project.fact(dev_secrets).items():
        kept = tuple(h for h in hits if project.keep(path, h.line))
        if kept:
            quiet = False
            yield _found(path, kept, _config_fix(project, path, kept), "")
    for path, hits in project.fact(in_documents).items():
        kept = tuple(h for h in hits if project.keep(path, h.line))
        if kept and not any(h.text == _SECTION for h in project.parsed(path, markdown.headings)):
            quiet = False
            yield _found(path, kept, _document_fix(project, path, kept), "the examples of ")
    if quiet:
        yield Pass("no setting has a well-known secret")


def _found(path: str, hits: tuple[DevSecret, ...], fixes: tuple[Fix, ...], where: str) -> Finding:
    names = ", ".join(dict.fromkeys(f'{h.name} = "{h.value}"' for h in hits[:4]))
    return Finding(
        path,
        f"{where}{path}: {names}" if where else names,
        line=hits[0].line,
        anchor="secrets",
        severity=Severity.MEDIUM if where else Severity.HIGH if len(hits[0].value) > 40 else None,
        locations=tuple(Location(path, h.line, note=h.name) for h in hits),
        fixes=fixes,
        steps=("Refuse empty and well-known secrets at start-up when the service runs in production",),
    )


def _config_fix(project: Project, path: str, hits: tuple[DevSecret, ...]) -> tuple[Fix, ...]:
    draft = project.draft()
    reason = "the program has to read the variable, and a set-up that relied on the known secret needs one now"
    if charts.is_template(project, path):
        draft.refuse(charts.TEMPLATE)
    elif charts.is_manifest(project.read(path)):
        return _manifest_fix(project, path, hits)
    for hit in hits:
        _set(project, draft, path, hit)
    return draft.fixes("Take the secret from the environment", reason=reason)


def _manifest_fix(project: Project, path: str, hits: tuple[DevSecret, ...]) -> tuple[Fix, ...]:
    """Kubernetes puts no variables into a manifest: a container's entry refers to a Secret, the rest is by hand."""
    draft = project.draft()
    found = yaml.documents(project.read(path))
    said = []
    for hit in hits:
        document = found[hit.keys[0]] if len(found) > 1 else found[0]
        name = str((document.get("metadata") or {}).get("name") or "")
        if hit.keys[-1] != "value" or not name:
            draft.refuse("a secret in a manifest is none: `kubectl create secret`, or a sealed or external secret")
        draft.edit(path, yaml.delete, hit.keys)
        draft.edit(path, yaml.insert_key, hit.keys[:-1], "valueFrom", {"secretKeyRef": {"name": name, "key": hit.name}})
        said.append(f"{hit.name} in the Secret {name}")
    reason = f"the pods do not start before there is {', '.join(said)}"
    return draft.fixes("Take the secret from a Secret of the cluster", reason=reason)


def _set(project: Project, draft: Draft, path: str, hit: DevSecret) -> None:
    """The value becomes `${NAME}`, or nothing where the program reads the variable itself and expands no file: it
    would take `${NAME}` for the secret. The comment above says so where the format has comments.
    """
    name = path.rpartition("/")[2]
    variable, is_read = variable_of(project, hit.name)
    says, value = _SAYS, f"${{{variable}}}"
    if charts.is_values(project, path):
        says, value = f"set it when the chart is installed: {_SAYS}", ""
    elif is_read and not project.fact(expands) and b"${" not in project.read(path):
        says, value = f"set {variable}, e.g. to `openssl rand -hex 32`; never a value in this file", ""
    if name.startswith(".env") or name.endswith(".env"):
        draft.edit(path, env.set_value, hit.name, "", _SAYS)
    elif name.endswith(".toml"):
        draft.edit(path, toml.set_value, hit.keys, value, comment=says)
    elif name.endswith((".yml", ".yaml")):
        draft.edit(path, yaml.set_value, hit.keys, value)
        draft.edit(path, yaml.comment_above, hit.keys, says)
    elif name.endswith((".json", ".jsonc")):
        draft.edit(path, json.set_value, hit.keys, value)
    else:
        draft.edit(path, ini.set_value, *hit.keys, value, says)


def _document_fix(project: Project, path: str, hits: tuple[DevSecret, ...]) -> tuple[Fix, ...]:
    names = ", ".join(dict.fromkeys(f"`{h.name}`" for h in hits))
    body = (
        "The secrets in the examples above are for development only: everybody knows them. Before the service is\n"
        f"reachable by others, set {names} to a value of its own (`openssl rand -hex 32`) from the\n"
        "environment or a secret store, and keep it out of this repository."
    )
    draft = project.draft()
    draft.edit(path, markdown.append_section, _SECTION, body)
    return draft.fixes("Say that the secrets of the examples are not for production", reason="it is your document")
