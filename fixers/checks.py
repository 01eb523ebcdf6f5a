"""What must hold of every fix before it becomes a commit: it parses, the rule is quiet, nothing new is found."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from typing import Final

from fixers.model import Change, Finding, Refused
from fixers.scan import Scan, hidden

CHECKS: Final = ("parse", "quiet", "nothing-new")
_DOCKERFILE: Final = re.compile(r"(?:dockerfile|containerfile)(?:\..+)?|.+\.dockerfile")
_INSTRUCTIONS: Final = re.compile(
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    "|WORKDIR"
)
"""What moby's parser knows."""


def refusal(before: Scan, after: Scan, finding: Finding, changes: tuple[Change, ...]) -> str:
    """Why the changes must not be committed; empty when they may.

    A new finding whose rule says that it comes after this one is the next step, not a new fault: a
    deny.toml that no CI runs yet.
    """
    if not changes:
        return "the fix changes nothing"
    for change in changes:
        broken = unparsable(change)
        if broken:
            return f"{change.path} would no longer parse: {broken}"
    still = after.find(finding.id)
    if still is not None:
        return "the rule still finds the fault after the edit"
    failed = sorted(i for i, r in after.ran.items() if r.failed and not before.ran[i].failed)
    if failed:
        return f"{failed[0]} fails on the result: {after.ran[failed[0]].failed}"
    new = sorted(after.ids - before.ids)
    for found in (after.find(i) for i in new):
        if found is not None and finding.rule not in found.after and hidden(found, after.config) is None:
            return f"the edit would bring a new finding: {found.rule} in {found.path}: {found.message}"
    return ""


def unparsable(change: Change) -> str:
    """How the new text fails to parse when the old one parsed; empty when all is well."""
    if change.after is None:
        return ""
    if change.path.endswith((".rs", ".go")):
        return _new_source_error(change.path, change.before or b"", change.after)
    wrong = _error(change.path, change.after)
    if wrong and change.before is not None and _error(change.path, change.before):
        return ""
    return wrong


def _error(path: str, data: bytes) -> str:
    name = path.rpartition("/")[2].lower()
    suffix = "." + name.rpartition(".")[2]
    try:
        if suffix == ".toml":
            tomllib.loads(data.decode("utf-8-sig"))
        elif suffix == ".json":
            json.loads(data.decode("utf-8-sig"))
        elif suffix == ".py":
            with warnings.catch_warnings(action="ignore"):
                compile(data, "file", "exec", dont_inherit=True)
        elif suffix in (".yml", ".yaml"):
            from fixers.editors import yaml

            yaml.documents(data)
        elif _DOCKERFILE.fullmatch(name):
            return _no_dockerfile(data)
    except (ValueError, SyntaxError, RecursionError, MemoryError, Refused) as error:
        return str(error).partition("\n")[0] or type(error).__name__
    return ""


def _no_dockerfile(data: bytes) -> str:
    """Why a build would not begin with this text; empty when it would."""
    from fixers.editors import dockerfile

    read = dockerfile.parse(data).instructions
    for found in read:
        if _INSTRUCTIONS.fullmatch(found.name) is None:
            return f"line {found.line}: there is no instruction {found.name}"
        if not found.value:
            return f"line {found.line}: {found.name} says nothing"
    first = next((i for i in read if i.name != "ARG"), None)
    return "" if first is not None and first.name == "FROM" else "no FROM stands at its top"


def _new_source_error(path: str, before: bytes, after: bytes) -> str:
    """Grammars lag behind languages, so an error that was there before is no obstacle; one more is."""
    from fixers.editors import source

    read = source.rust if path.endswith(".rs") else source.go
    errors = read(after).broken()
    if len(errors) <= len(read(before).broken()):
        return ""
    return f"a syntax error in line {read(after).line(errors[0])}"
