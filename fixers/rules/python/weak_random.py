"""python/weak-random."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_project import sources
from fixers.facts.python_scopes import Call, last_name
from fixers.model import Applicability, Finding, Location, Pass, Refused, Result, Severity, rule
from fixers.project import Project
from fixers.text import plural

_DRAWS: Final = re.compile(
    r"random\.(choice|choices|sample|randint|randrange|getrandbits|random|randbytes|shuffle|uniform)"
)
_SECRET: Final = re.compile(
    r"(?:^|_)(?:tokens?|passwords?|passwd|secrets?|otp|salt|csrf|api_?keys?|access_keys?|session_(?:id|key)|signing_key"
    r"|(?:auth|reset|verif\w*|confirm\w*|invite|invitation|recovery|activation|login|one_time)_(?:code|pin|key))(?:$|_)",
    re.I,
)
_NOT_SECRET: Final = re.compile(
    r"(?:^|_)(?:num|n|count|len|length|index|idx|size|fake|dummy|mock|ids|prob)(?:$|_)", re.I
)
_JOINED: Final = re.compile(r"(?:^|_)(?:session|sid|code_?verifier)$|(?:^|_)nonce(?:$|_)", re.I)
"""Names that a string of random characters makes a secret; `session = choice(...)` alone is none."""
_DIGITS: Final = re.compile(r"\{:?0\d+d?\}")
_CODE: Final = re.compile(r"(?:^|_)(?:code|pin)$", re.I)
"""Names that a number of fixed width makes a secret: `code = f"{randint(0, 999999):06d}"`."""
_MADE: Final = re.compile(r"^(?:create|make|generate|new|gen)_(?:api_)?(?:key|token|secret|session)$", re.I)
"""Functions in which the hash of a random number is what they are named for."""
_ALPHABET: Final = re.compile(
    r"(?:token|password|passwd|secret|api_?key)_?(?:len|length|size|alphabet|chars|charset|characters)$", re.I
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
            if _DRAWS.fullmatch(c.target) and _for_secret(module, c) and project.keep(path, c.line)
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


def _for_secret(module: Module, call: Call) -> bool:
    """Whether the names around say that a secret is made, and not that one of several is chosen."""
    names: list[str] = []
    node: ast.AST = call.node
    joined = digits = hashed = False
    for above in module.ancestors(call.node):
        match above:
            case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join")):
                joined = True
                used = [ast.unparse(n) for n in ast.walk(above) if isinstance(n, ast.Name | ast.Attribute)]
                names += ["token" for n in used if _ALPHABET.search(n)]
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
                digits = _DIGITS.search(text) is not None
            case ast.FormattedValue(format_spec=ast.JoinedStr() as spec):
                digits = _DIGITS.search("{:" + ast.unparse(spec).strip("f'\"") + "}") is not None
            case ast.Call(func=func) if module.resolve(func, call.scope).startswith(("hmac.", "hashlib.")):
                hashed = True
            case ast.Assign():
                names += [last_name(t) for t in above.targets]
            case ast.AnnAssign() | ast.NamedExpr():
                names.append(ast.unparse(above.target).rpartition(".")[2])
            case ast.keyword(arg=str(name)):
                names.append(name)
            case ast.Dict():
                names += [
                    ast.unparse(k).strip("'\"")
                    for k, v in zip(above.keys, above.values, strict=True)
                    if k and v is node
                ]
            case ast.Return() if call.scope.path:
                names.append(call.scope.path[-1])
        if isinstance(above, ast.stmt):
            break
        node = above
    if not joined and call.node.args and _SECRET.search(ast.unparse(call.node.args[0])):
        return False
    if hashed and call.scope.path and _MADE.search(call.scope.path[-1]):
        return True
    shaped = ((joined, _JOINED), (digits, _CODE))
    return any(
        (_SECRET.search(n) or any(is_so and words.search(n) for is_so, words in shaped)) and not _NOT_SECRET.search(n)
        for n in names
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
