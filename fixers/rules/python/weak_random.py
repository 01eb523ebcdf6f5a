"""python/weak-random."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_project import sources
from fixers.facts.python_random import for_secret
from fixers.facts.python_scopes import Call
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_DRAWS: Final = re.compile(
    r"random\.(choice|choices|sample|randint|randrange|getrandbits|random|randbytes|shuffle|uniform)"
)
_LEARNING: Final = {"torch", "numpy", "transformers", "sklearn", "tensorflow", "faker"}
_SAME: Final = {"choice": "choice", "getrandbits": "randbits", "randbytes": "token_bytes"}


@rule(
    severity=Severity.HIGH,
    fix=Applicability.SAFE,
    applies=("*.py",),
    bad={
        "shop/reset.py": "import random\nimport string\n\n\ndef reset_token():\n"
        '    return "".join(random.choice(string.ascii_letters) for _ in range(32))\n'
    },
    good={
        "shop/reset.py": "import secrets\nimport string\n\n\ndef reset_token():\n"
        '    return "".join(secrets.choice(string.ascii_letters) for _ in range(32))\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """Secrets are drawn from a predictable random generator.

    `random` is a Mersenne Twister: after 624 outputs its whole future is known, and a few tokens sent to
    an attacker are enough. `secrets` has the same calls on the operating system's generator.
    """
    for path, module in sources(project, (b"random",), packages=(b"random",)):
        if module.imported & _LEARNING or any(c.target == "random.seed" for c in module.calls):
            continue
        draws = [
            c
            for c in module.calls
            if _DRAWS.fullmatch(c.target) and for_secret(module, c) and project.keep(path, c.line)
        ]
        if not draws:
            if any(c.target.startswith("secrets.") for c in module.calls):
                yield Pass("secrets are drawn from the operating system's generator", (Location(path),))
            continue
        draft = project.draft()
        try:
            edits = [e for c in draws for e in _edits(module, c)]
            draft.edit(path, python.apply, *dict.fromkeys(edits), python.DropImport("random"))
        except Refused as refused:
            draft.refuse(str(refused))
        yield Finding(
            path,
            f"{plural(len(draws), 'secret')} drawn from the random module",
            line=draws[0].line,
            fixes=draft.fixes("Draw secrets from the secrets module"),
            locations=tuple(Location(path, c.line, note=c.where) for c in draws),
        )


def _edits(module: Module, call: Call) -> tuple[python.PythonEdit, ...]:
    name = call.target.removeprefix("random.")
    func = python.span(call.node.func)
    plain = _SAME.get(name)
    if name == "randrange" and len(call.node.args) == 1 and not call.node.keywords:
        plain = "randbelow"
    try:
        text, imports = module.reference("secrets", plain or "SystemRandom")
    except Refused:
        text, imports = module.reference("random", "SystemRandom")
        plain = None
    return (python.Replace(func, text if plain else f"{text}().{name}"), *imports)
