"""Python beside its peers: codemodder's and semgrep's examples row by row, ruff and bandit, and the time it takes."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import corpus
from benchmarks.common import OURS, table, timed, tool
from benchmarks.preservation import cured, looked_at
from benchmarks.python_examples import MARKED, Example, codemodder, marked, semgrep
from fixers import registry
from fixers.model import Finding

MANAGE: Final = b'import os\nimport django\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")\n'
CHANGED, ALONE = True, False
REASONS: Final = (
    ("weak-random", r"", ALONE, "nothing says that a secret is drawn: dice and samples stay as they are"),
    ("tls-verification-off", r"", CHANGED, "the argument goes: True is the default, and nothing is left to flip back"),
    ("debug-enabled", r"", CHANGED, "read from the environment and off without it: development keeps its switch"),
    ("unsafe-yaml-load", r"import_alias_add|default_loader", CHANGED, "the same loader by its shorter name, safe_load"),
    (
        "unsafe-yaml-load",
        r"import_alias|from_import|different_yaml",
        CHANGED,
        "the same loader; the import that nothing uses goes",
    ),
    ("insecure-cookie", r"None", ALONE, "None is written there, and the flags are set: a cookie for other sites"),
    ("insecure-cookie", r"None", CHANGED, "the flag is set; SameSite=None is written there and stays"),
    (
        "insecure-cookie",
        r"httponly=True\)",
        ALONE,
        "Secure and HttpOnly are there; browsers take SameSite=Lax by themselves",
    ),
    ("insecure-cookie", r"gibberish", ALONE, "the value is decided elsewhere, and not overwritten"),
    ("insecure-cookie", r"secure_missing|secure_off \(int", ALONE, "these settings start no sessions: no such cookie"),
    ("insecure-cookie", r'"] = False\n.*"] = True', ALONE, "the next line sets it: nothing is wrong"),
    (
        "insecure-cookie",
        r"no_flask_app|other_assignment_type",
        CHANGED,
        "found where this rule of codemodder's looks away",
    ),
    ("insecure-cookie", r"unsafe-default|unsafe-value", CHANGED, "Secure and HttpOnly at once"),
)
"""Why ours is better where it differs: our rule, the example's name or text, whether ours changed it, the reason.

A row that differs and has no reason here is WORSE.
"""
CODES: Final = {
    "python/request-without-timeout": ("S113", "B113"),
    "python/tls-verification-off": ("S501 S323", "B501 B323"),
    "python/unsafe-yaml-load": ("S506", "B506"),
    "python/debug-enabled": ("S201", "B201"),
    "python/open-bind": ("S104", "B104"),
    "python/hardcoded-secret-key": ("S105 S106", "B105 B106"),
    "python/weak-random": ("S311", "B311"),
}
"""ruff's and bandit's codes of the same faults; for the others they have none."""
INCLUDED: Final = (
    "add-requests-timeouts,requests-verify,harden-pyyaml,django-debug-flag-on,django-session-cookie-secure-off,"
    "secure-flask-cookie,secure-flask-session-configuration,secure-random"
)


def python_peers(folder: Path) -> None:
    """codemodder's and semgrep's examples, then findings with ruff and bandit, then speed."""
    where = [Path(p) for p in os.environ.get(corpus.FIXTURES, "").split(os.pathsep) if p]
    where = [p / ".git" if (p / ".git").is_dir() else p for p in where]
    files = {r.path: r.data for r in corpus.files(tuple(where), "*.py", "*.yaml", twice=True)}
    examples, unread = codemodder(files)
    pairs, fixed = semgrep(files)
    if not examples and not pairs:
        print(f"\nPython peers: no fixtures. {corpus.FIXTURES} names clones of codemodder-python and semgrep-rules.")
        return
    _rows(f"codemodder: its own examples ({unread} tests not read)", examples)
    _rows(f"semgrep: its own `.fixed.py` pairs of rules that both have ({fixed} pairs in all)", pairs)
    _marked(files)
    _linters([*examples, *pairs], files, folder)
    _speed(files, folder)


def _rows(title: str, examples: Sequence[Example]) -> None:
    print(f"\n{title}\n\n| example | verdict |\n| --- | --- |")
    count: dict[str, Counter[str]] = {}
    for example in examples:
        verdict, reason = _verdict(example)
        count.setdefault(example.rule, Counter())[verdict] += 1
        print(f"| {example.name.replace('|', ' ')} | {verdict}{f': {reason}' if reason else ''} |")
    print("\n| rule | examples | equal | better | worse |\n| --- | ---: | ---: | ---: | ---: |")
    for rule, group in count.items():
        print(f"| {rule} | {group.total()} | {group['equal']} | {group['better']} | {group['WORSE']} |")


def _ours(example: Example) -> str:
    tree = {example.path: example.before.encode()} | ({"manage.py": MANAGE} if example.manage else {})
    _, left = cured(looked_at(tree, (registry.named(example.rule),)))
    return left.project.read(example.path).decode()


def _verdict(example: Example) -> tuple[str, str]:
    """equal: the same bytes, or the same but for quotes; better: with its reason; WORSE: anything else."""
    ours = _ours(example)
    if ours == example.after:
        return "equal", ""
    if _meaning(ours) == _meaning(example.after):
        return "equal", "but for quotes"
    words = f"{example.name}\n{example.before}"
    for rule, pattern, changed, reason in REASONS:
        if example.rule.endswith(rule) and re.search(pattern, words) and changed == (ours != example.before):
            return "better", reason
    return "WORSE", f"ours: {_changed(example.before, ours)}; theirs: {_changed(example.before, example.after)}"


def _meaning(text: str) -> str:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return text


def _changed(before: str, after: str) -> str:
    new = [line.strip() for line in after.split("\n") if line not in before.split("\n")]
    return " / ".join(new)[:200] or "left alone"


def _lines(rule: str, text: str) -> set[int]:
    """The lines that our rule names in a file."""
    found: tuple[Finding, ...] = looked_at({"app/code.py": text.encode()}, (registry.named(rule),)).result().findings
    return {place.line for f in found for place in f.locations} | {f.line for f in found if not f.locations}


def _marked(files: dict[str, bytes]) -> None:
    """Lines that semgrep's tests say are a fault or none, and what we say of them."""
    print("\nsemgrep: lines marked `ruleid` and `ok` in the files of its other rules\n")
    print(
        "| file | rule | marked faults | found | marked ok | found there |\n| --- | --- | ---: | ---: | ---: | ---: |"
    )
    for name, rule, text, bad, fine in marked(files):
        tree = ast.parse(text)
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.expr | ast.stmt)]
        reach = {line: _reach(calls, line) for line in bad | fine}
        ours = _lines(rule, text)
        hit = sum(bool(ours & reach[line]) for line in bad)
        false = sorted(line for line in fine if line in ours)
        missed = sorted(line for line in bad if not ours & reach[line])
        print(f"| {name} | {rule} | {len(bad)} | {hit} | {len(fine)} | {len(false)} | {missed or ''} {false or ''}")


def _reach(nodes: Sequence[ast.expr | ast.stmt], line: int) -> set[int]:
    """The lines of the statement on a line, and of the assignments whose names it uses: a fault is found there, too."""
    here = [n for n in nodes if line in _body(n)]
    used = {n.id for n in here if isinstance(n, ast.Name)}
    given = [n for n in nodes if isinstance(n, ast.Assign) and used & {ast.unparse(t) for t in n.targets}]
    return {line} | {n for node in (*here, *given) for n in _body(node)}


def _body(node: ast.expr | ast.stmt) -> range:
    """The lines of a simple statement; a whole function's or class's do not count as its line."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If | ast.With | ast.For | ast.Try):
        return range(0)
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _linters(examples: Sequence[Example], files: dict[str, bytes], folder: Path) -> None:
    """Per fault, in how many files each finds it."""
    tree = folder / "lint"
    texts: list[tuple[str, str]] = []
    for number, (rule, text) in enumerate(
        [(e.rule, e.before) for e in examples] + [(MARKED[n], t) for n, _, t, _, _ in marked(files)]
    ):
        place = tree / f"e{number}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        texts.append((rule, text))
    ruff, bandit = _ruff(tree), _bandit(tree)
    print("\nFiles of all these examples in which each finds the fault (ruff and bandit mend none of them)\n")
    print(
        "| rule | files | ours | ruff | bandit | only ours | only theirs |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    for rule, (first, second) in CODES.items():
        chosen = [n for n, (name, _) in enumerate(texts) if name == rule]
        ours = {n for n in chosen if _lines(rule, texts[n][1])}
        theirs = [
            {n for n in chosen if found.get(n, set()) & set(c.split())}
            for found, c in ((ruff, first), (bandit, second))
        ]
        both = theirs[0] | theirs[1]
        cells = len(chosen), len(ours), len(theirs[0]), len(theirs[1]), len(ours - both), len(both - ours)
        print(f"| {rule} ({first}; {second}) | {' | '.join(map(str, cells))} |")


def _ruff(tree: Path) -> dict[int, set[str]]:
    argv = [
        tool("ruff"),
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "S",
        "--output-format",
        "json",
        "-e",
        str(tree),
    ]
    rows = _json(argv)
    return _by_number((r["filename"], r["code"]) for r in rows) if isinstance(rows, list) else {}


def _bandit(tree: Path) -> dict[int, set[str]]:
    rows = _json([tool("bandit"), "-r", "-q", "-f", "json", "--exit-zero", str(tree)])
    return _by_number((r["filename"], r["test_id"]) for r in rows["results"]) if isinstance(rows, dict) else {}


def _json(argv: list[str]) -> object:
    if not argv[0]:
        return None
    done = subprocess.run(argv, capture_output=True, check=False)
    return json.loads(done.stdout or b"null")


def _by_number(rows: Iterator[tuple[str, str]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for name, code in rows:
        found.setdefault(int(Path(name).stem.removeprefix("e")), set()).add(code)
    return found


def _speed(files: dict[str, bytes], folder: Path) -> None:
    """One repository of the corpus: a scan with all our Python rules, the peers with those that both have."""
    chosen = next((d for d in corpus.git_dirs() if _python_files(d) > 30), None)
    if chosen is None:
        print(f"\nSpeed: no corpus with a Python repository ({corpus.LIST})")
        return
    root = folder / "repository"
    root.mkdir()
    archive = subprocess.run(["git", "--git-dir", str(chosen), "archive", "HEAD"], capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(root)], input=archive.stdout, check=True)
    names = chosen.parent.name if chosen.name in ("repo", ".git") else chosen.name
    rows = [("repository, Python files", f"{names}, {_python_files(chosen):,}")]
    ours = timed([*OURS, "scan", str(root), "--select", "python/", "--quiet"], folder)
    rows.append(("readiness-fix scan --select python/", f"{ours:.2f} s"))
    if tool("codemodder"):
        out = str(folder / "out.codetf")
        words = [tool("codemodder"), str(root), "--dry-run", "--max-workers", "1", "--output", out]
        peer = timed(
            [*words, "--codemod-include", ",".join(f"pixee:python/{n}" for n in INCLUDED.split(","))], folder, 1
        )
        rows.append(("codemodder --dry-run, the eight codemods of both", f"{peer:.1f} s = {peer / ours:.0f}x"))
    if tool("semgrep"):
        rules = folder / "rules"
        rules.mkdir()
        for number, name in enumerate(MARKED):
            data = files.get(f"python/{name}.yaml")
            if data is not None:
                (rules / f"r{number}.yaml").write_bytes(data)
        words = [tool("semgrep"), "scan", "--metrics=off", "--disable-version-check", "-j", "1"]
        peer = timed([*words, "--config", str(rules), str(root)], folder, 1)
        rows.append((f"semgrep scan, the {len(MARKED)} rule files of both", f"{peer:.1f} s = {peer / ours:.0f}x"))
    table("Python, one repository", rows)


def _python_files(git_dir: Path) -> int:
    return sum(1 for _ in corpus.files((git_dir,), "*.py", twice=True))
