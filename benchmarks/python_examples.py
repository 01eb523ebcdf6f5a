"""The Python peers' own examples, read out of their tests: what goes in, and what they say comes out.

Nothing of theirs is run to get at them: codemodder's tests are read as a tree, and only literals, f-strings of
literals and `@pytest.mark.parametrize` are followed. What is built in another way is counted as not read.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Any, Final

CODEMODS: Final = {
    "add_requests_timeout": "python/request-without-timeout",
    "request_verify": "python/tls-verification-off",
    "harden_pyyaml": "python/unsafe-yaml-load",
    "django_debug_flag_on": "python/debug-enabled",
    "django_session_cookie_secure_off": "python/insecure-cookie",
    "secure_flask_cookie": "python/insecure-cookie",
    "secure_flask_session_config": "python/insecure-cookie",
    "secure_random": "python/weak-random",
}
"""codemodder's tests of the rules that both have (its names, without `test_` and a plural s), and ours."""
FIXED: Final = {
    "pyramid/audit/authtkt-cookie-httponly-unsafe-default": "python/insecure-cookie",
    "pyramid/audit/authtkt-cookie-httponly-unsafe-value": "python/insecure-cookie",
    "pyramid/audit/authtkt-cookie-secure-unsafe-value": "python/insecure-cookie",
    "pyramid/audit/authtkt-cookie-samesite": "python/insecure-cookie",
    "pyramid/audit/set-cookie-httponly-unsafe-value": "python/insecure-cookie",
    "pyramid/audit/set-cookie-secure-unsafe-value": "python/insecure-cookie",
    "pyramid/audit/set-cookie-samesite-unsafe-value": "python/insecure-cookie",
}
"""semgrep's `.fixed.py` pairs of such rules; the others (ciphers, XML, shell, CSRF ...) are not in the catalogue."""
MARKED: Final = {
    "requests/best-practice/use-timeout": "python/request-without-timeout",
    "requests/security/disabled-cert-validation": "python/tls-verification-off",
    "lang/security/unverified-ssl-context": "python/tls-verification-off",
    "lang/security/deserialization/avoid-pyyaml-load": "python/unsafe-yaml-load",
    "flask/security/audit/debug-enabled": "python/debug-enabled",
    "flask/security/audit/secure-set-cookie": "python/insecure-cookie",
    "django/security/audit/secure-cookies": "python/insecure-cookie",
    "pyramid/audit/set-cookie-httponly-unsafe-default": "python/insecure-cookie",
    "pyramid/audit/set-cookie-secure-unsafe-default": "python/insecure-cookie",
    "fastapi/security/wildcard-cors": "python/wildcard-cors",
    "flask/security/audit/app-run-param-config": "python/open-bind",
    "jwt/security/jwt-hardcode": "python/hardcoded-secret-key",
    "lang/security/audit/logging/logger-credential-leak": "python/secret-in-log",
}
"""semgrep's files without a fix, in which `# ruleid:` and `# ok:` stand above the lines that are meant."""
_GIVEN: Final[dict[str, Any]] = {"TIMEOUT": "60", "UNSAFE_LOADERS": ["Loader", "UnsafeLoader", "FullLoader"]}
"""What their tests take from a library when they run: codemodder's timeout, PyYAML's loaders."""
_BEFORE: Final = ("input_code", "original", "original_code")
_AFTER: Final = ("expected", "expected_output", "expected_code", "expexted_output")


@dataclass(frozen=True, slots=True)
class Example:
    """One file before and after the peer's fix; they are equal where it leaves the file alone."""

    rule: str
    name: str
    path: str
    before: str
    after: str
    manage: bool = False
    """Whether a manage.py stands above it: codemodder's sign of a Django project."""


def codemodder(files: dict[str, bytes]) -> tuple[list[Example], int]:
    """The examples of its integration tests and unit tests, and how many tests could not be read."""
    found: list[Example] = []
    unread = 0
    for path, data in sorted(files.items()):
        match = re.fullmatch(r"(integration_tests|tests/codemods)/test_(\w+?)s?\.py", path)
        names = [n for n in CODEMODS if match and match[2] in (n, n.removesuffix("s"))]
        if not match or not names:
            continue
        tree = ast.parse(data)
        known = dict(_GIVEN)
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                known.setdefault(node.targets[0].id, _value(node.value, known) or node.value)
        label = f"{match[2]}{' (integration)' if match[1].startswith('i') else ''}"
        for group in (n for n in tree.body if isinstance(n, ast.ClassDef)):
            whole = _integration(group, CODEMODS[names[0]], label)
            found += [whole] if whole else []
            for test in (n for n in group.body if isinstance(n, ast.FunctionDef)):
                if "run_and_assert" not in ast.unparse(test) or "mark.skip" in ast.unparse(test):
                    continue
                read = list(_unit(test, CODEMODS[names[0]], f"{label} {test.name.removeprefix('test_')}", known))
                found += read
                unread += not read
    return found, unread


def _integration(group: ast.ClassDef, rule: str, label: str) -> Example | None:
    """`original_code` with `replacement_lines`, or with the lines of `expected_diff_per_change`."""
    said = {
        n.targets[0].id: _value(n.value, {})
        for n in group.body
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
    }
    if not isinstance(said.get("original_code"), str):
        return None
    before = dedent(said["original_code"]).strip("\n")
    lines = before.split("\n")
    for number, text in said.get("replacement_lines") or ():
        lines[number - 1 : number] = [text.rstrip("\n")]
    after = "\n".join(lines)
    for diff in said.get("expected_diff_per_change") or ():
        old, new = ([r[1:] for r in diff.split("\n")[2:] if r.startswith(sign)] for sign in "-+")
        after = after.replace("\n".join(old), "\n".join(new), 1)
    path = f"app/{said.get('code_filename', 'code.py')}"
    return Example(rule, label, path, before + "\n", after.rstrip("\n") + "\n", path.endswith("settings.py"))


def _unit(test: ast.FunctionDef, rule: str, label: str, known: dict[str, Any]) -> Iterator[Example]:
    """The texts that a test gives to `run_and_assert`, once for each set of its parameters."""
    body = ast.unparse(test)
    path = "app/settings.py" if "'settings.py'" in body else "app/code.py"
    for given in _parameters(test, known):
        here = known | given
        for node in test.body:
            if isinstance(node, ast.Assign):
                for target in (t for t in node.targets if isinstance(t, ast.Name)):
                    here[target.id] = _value(node.value, here)
        before = next((here[n] for n in _BEFORE if isinstance(here.get(n), str)), None)
        after = next((here[n] for n in _AFTER if isinstance(here.get(n), str)), before)
        if before is None or after is None:
            continue
        said = ", ".join(str(v).strip() for v in given.values() if len(str(v)) < 60)
        yield Example(rule, f"{label} {said}".strip(), path, dedent(before), dedent(after), "manage.py" in body)


def _parameters(test: ast.FunctionDef, known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sets: list[list[dict[str, Any]]] = []
    for decorator in test.decorator_list:
        node = known.get(decorator.id) if isinstance(decorator, ast.Name) else decorator
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("parametrize"):
            names, rows = (_value(a, known) for a in node.args[:2])
            keys = [k.strip() for k in str(names).split(",")]
            sets.append([dict(zip(keys, r if len(keys) > 1 else (r,), strict=True)) for r in rows or ()])
    for chosen in itertools.product(*sets):
        yield {k: v for one in chosen for k, v in one.items()}


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    """What a literal, an f-string of known names or such a name is; None for anything else."""
    match node:
        case ast.Name(id=name):
            return known.get(name) if not isinstance(known.get(name), ast.expr) else None
        case ast.JoinedStr(values=parts):
            texts = [p.value if isinstance(p, ast.Constant) else _value(p, known) for p in parts]
            return None if None in texts else "".join(map(str, texts))
        case ast.FormattedValue(value=inner):
            return _value(inner, known)
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def semgrep(files: dict[str, bytes]) -> tuple[list[Example], int]:
    """The `.fixed.py` pairs of rules that both have, and how many pairs there are in all."""
    fixed = [p for p in files if p.startswith("python/") and p.endswith(".fixed.py")]
    found = []
    for name, rule in FIXED.items():
        before, after = (files.get(f"python/{name}{end}") for end in (".py", ".fixed.py"))
        if before is not None and after is not None:
            found.append(Example(rule, name, "app/code.py", before.decode(), after.decode()))
    return found, len(fixed)


def marked(files: dict[str, bytes]) -> Iterator[tuple[str, str, str, set[int], set[int]]]:
    """Name, our rule, text, and the lines that semgrep says are a fault (`ruleid`) or none (`ok`)."""
    for name, rule in MARKED.items():
        data = files.get(f"python/{name}.py")
        if data is None:
            continue
        lines = data.decode().split("\n")
        said: dict[str, set[int]] = {"ruleid": set(), "ok": set()}
        for number, line in enumerate(lines, 1):
            match = re.match(r"\s*#\s*(ruleid|ok)\s*:", line)
            if match:
                said[match[1]].add(number + 1)
        yield name, rule, data.decode(), said["ruleid"], said["ok"]
