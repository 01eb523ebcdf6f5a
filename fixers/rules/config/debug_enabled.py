"""Debug mode that a configuration file turns on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.facts.config_values import GLOBS, Value, values
from fixers.model import Applicability, Finding, Result, Severity, rule
from fixers.project import Project

_DEBUG: Final = re.compile(r"(?:app_|server_)?(?:debug(?:_?mode|_enabled)?|enable_debug)")
_VARIABLE: Final = re.compile(r"(?:[A-Z]+_){0,2}DEBUG")
_CONFIGURES: Final = re.compile(r"config|settings|application|(?:^|/)app\b|server|service|prod|values|default", re.I)
"""Files whose `debug` is the service's; a generator's or a linter's own file has another name."""
_ASIDE: Final = re.compile(r"log|trac|profil|metric|pprof|build|ci|lint|steps|jobs|xdebug|sql", re.I)


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    applies=GLOBS,
    bad={"config/server.toml": 'name = "shop"\n\n[server]\nport = 8000\ndebug = true\n'},
    good={"config/server.toml": 'name = "shop"\n\n[server]\nport = 8000\ndebug = false\n'},
)
def check(project: Project) -> Iterator[Result]:
    """A configuration file turns debug mode on.

    Debug mode shows stack traces, settings and often a console to whoever causes an error, and switches
    off caches and checks. What is committed is what the next deployment copies.
    """
    for value in values(project, (b"debug", b"DEBUG", b"Debug", b"FLASK_ENV")):
        if not _is_debug(value) or not project.keep(value.path, value.line):
            continue
        draft = project.draft()
        value.edit(draft, "production" if value.name == "FLASK_ENV" else value.flipped())
        yield Finding(
            value.path,
            f"{value.name} is {value.value if isinstance(value.value, str) else str(value.value).lower()}",
            line=value.line,
            anchor=value.anchor,
            fixes=draft.fixes(
                f"Turn {value.name} off", Applicability.UNSAFE, "whoever develops with this file must turn it on again"
            ),
        )


def _is_debug(value: Value) -> bool:
    if value.name == "FLASK_ENV":
        return bool(value.value == "development")
    above = [str(k) for k in value.keys[:-1]]
    named = _VARIABLE.fullmatch(value.name) or (_DEBUG.fullmatch(value.plain_name) and _CONFIGURES.search(value.path))
    return bool(named) and value.is_on and not any(_ASIDE.search(k) for k in (*above, value.plain_name))
