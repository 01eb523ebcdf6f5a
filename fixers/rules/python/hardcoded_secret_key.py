"""python/hardcoded-secret-key."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from fixers.editors import python
from fixers.facts.python import Module
from fixers.facts.python_project import fallback, is_development, known_helper, sources
from fixers.facts.python_scopes import Scope
from fixers.facts.python_settings import settings
from fixers.facts.python_starts import broken_without
from fixers.model import Applicability, Finding, Pass, Refused, Result, Severity, rule
from fixers.project import Project

_NAMES: Final = (
    r"(?i:(?:\w+_)?secret_key(?:_\w+)?|(?:jwt|session|cookie|auth|token|signing|csrf)_secret|(?:jwt|hmac|signing|fernet)_key"
    r"|security_password_salt)"
)
_NOT_SIGNING: Final = re.compile(
    r"aws|s3|client|oauth|stripe|recaptcha|captcha|storage|access|_(?:file|path|length|name)$", re.I
)
_SIGNERS: Final = {
    **dict.fromkeys(("jwt.encode", "jwt.decode", "jose.jwt.encode", "jose.jwt.decode"), (1, "key")),
    **dict.fromkeys(
        tuple(
            f"itsdangerous.{n}" for n in ("URLSafeTimedSerializer", "URLSafeSerializer", "Signer", "TimestampSigner")
        ),
        (0, "secret_key"),
    ),
    "starlette.middleware.sessions.SessionMiddleware": (1, "secret_key"),
}
_MIDDLEWARE: Final = "SessionMiddleware"
_KEYS: Final = tuple(
    b"secret_key SECRET _secret jwt_key JWT_KEY HMAC hmac_key SIGNING_KEY signing_key FERNET_KEY password_salt".split()
)
_WORDS: Final = (b"jwt", b"itsdangerous", b"SessionMiddleware")
_TEMPLATED: Final = re.compile(r"\{\{|\$\{|^<.*>$|^$")
_REASON: Final = "every deployment must set {}; sessions and tokens signed with the old key end"


@rule(
    severity=Severity.CRITICAL,
    fix=Applicability.UNSAFE,
    applies=("*.py",),
    bad={
        "shop/app.py": "import os\n\nfrom flask import Flask\n\napp = Flask(__name__)\n"
        'app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "dev")\n'
    },
    good={
        "shop/app.py": "import os\n\nfrom flask import Flask\n\napp = Flask(__name__)\n"
        'app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]\n'
    },
)
def check(project: Project) -> Iterator[Result]:
    """A signing key is written in the code.

    Whoever has read the repository signs sessions, password resets and tokens of any user. A fallback is
    no better: the deployment that forgets the variable runs with a key that everybody knows, and nothing
    says so. Without it the service does not start until it has a key of its own.
    """
    seen: list[tuple[str, str, Module, ast.expr, Scope, str]] = []
    for s in settings(project, _NAMES, _KEYS):
        if not _NOT_SIGNING.search(s.name):
            seen.append((s.path, s.name, s.module, s.value, s.scope, s.anchor))
    for path, module in sources(project, _WORDS):
        if not is_development(path):
            seen += [(path, *found) for found in _signers(module)]
    done: set[tuple[str, int]] = set()
    for path, name, module, value, scope, anchor in seen:
        secret = _secret(value, module, scope)
        if secret is None or (path, value.lineno) in done or not project.keep(path, value.lineno):
            continue
        done.add((path, value.lineno))
        yield _finding(project, path, name, module, value, scope, anchor)
    if seen and not done:
        yield Pass("signing keys come from outside the code")


def _signers(module: Module) -> Iterator[tuple[str, Module, ast.expr, Scope, str]]:
    """Keys given to what signs: a literal there, or a constant of the module."""
    for call in module.calls:
        index, name = _SIGNERS.get(call.target, (-1, ""))
        if call.method == "add_middleware" and any(_MIDDLEWARE in ast.unparse(a) for a in call.node.args):
            index, name = 9, "secret_key"
        value = call.argument(index, name) if name else None
        if isinstance(value, ast.Constant):
            yield "SECRET_KEY", module, value, call.scope, f"{call.where}.{call.method}"
        elif isinstance(value, ast.Name):
            given = [a for a in module.assignments if a.target == value.id and a.scope in (call.scope, module.top)]
            given = [a for a in given if a.scope is call.scope] or given
            if len(given) == 1:
                yield value.id, module, given[0].value, given[0].scope, given[0].where


def _secret(value: ast.expr, module: Module, scope: Scope) -> ast.expr | None:
    """The literal that is, or may become, the key."""
    read = fallback(value, module, scope)
    literal = read[1] if read else value
    if not isinstance(literal, ast.Constant) or not isinstance(literal.value, str | bytes):
        return None
    text = literal.value if isinstance(literal.value, str) else literal.value.decode("latin-1")
    return None if _TEMPLATED.search(text) else literal


def _finding(
    project: Project, path: str, name: str, module: Module, value: ast.expr, scope: Scope, anchor: str
) -> Finding:
    read = fallback(value, module, scope)
    variable = read[0].name if read else name.upper()
    draft = project.draft()
    statement = module.statement(value)
    try:
        if isinstance(statement, ast.AnnAssign) and scope.is_class and not read:
            edit: python.PythonEdit = python.DropValue(python.span(statement), python.span(statement.annotation))
            draft.edit(path, python.apply, edit)
        elif read and not known_helper(read[0], module, scope):
            draft.refuse(f"whether {read[0].helper}() works without a fallback cannot be seen")
        else:
            text, imports = _required(module, variable, read[0].helper if read else "", value)
            draft.edit(path, python.apply, python.Replace(python.span(value), text), *imports)
    except Refused as refused:
        draft.refuse(str(refused))
    broken = broken_without(project, path, variable)
    reason = _REASON.format(variable) + (f"; without it {', '.join(broken)}" if broken else "")
    what = f"falls back to a literal when {variable} is not set" if read else "is a literal"
    return Finding(
        path,
        f"{name} {what}",
        line=value.lineno,
        anchor=anchor,
        fixes=draft.fixes(f"Read {name} from the environment", Applicability.UNSAFE, reason),
        steps=(f"Set {variable} to a fresh random key wherever this runs; the old one is public.",),
    )


def _required(module: Module, variable: str, helper: str, value: ast.expr) -> tuple[str, tuple[python.PythonEdit, ...]]:
    """An expression that fails without the variable, in the way the file reads its environment."""
    if helper:
        return f"{helper}({module.quote}{variable}{module.quote})", ()
    text, imports = module.environment(variable)
    is_bytes = isinstance(value, ast.Constant) and isinstance(value.value, bytes)
    return f"{text}.encode()" if is_bytes else text, imports
