"""Start, scan, memory and commits, beside ast-grep, semgrep and a bare Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.common import OURS, commit_all, peak, python_tree, table, timed

PATTERNS = (
    "requests.get($$$)", "yaml.load($$$)", "eval($A)", "exec($A)", "hashlib.md5($$$)", "random.random()",
    "subprocess.run($$$)", "open($A)", "print($$$)", "assert $A", "$A == None", "pickle.loads($A)",
    "os.system($A)", "ssl.wrap_socket($$$)", "tempfile.mktemp($$$)", "urllib.request.urlopen($$$)",
)  # fmt: skip


def startup(folder: Path) -> None:
    """`readiness-fix --version` beside `python -c pass`."""
    bare = timed([sys.executable, "-c", "pass"], folder, 9)
    ours = timed([*OURS, "--version"], folder, 9)
    table("Start", [("readiness-fix --version / python -c pass", f"{ours / bare:.1f}x  (target: at most 5x)")])


def scanning(folder: Path) -> None:
    """A scan of 1,200 files with all rules, beside ast-grep with as many code patterns and semgrep."""
    root = python_tree(folder / "tree", 1200)
    rules = folder / "rules"
    rules.mkdir()
    names = _rule_count(root)
    for number in range(names):
        pattern = PATTERNS[number % len(PATTERNS)]
        rule = {"id": f"p{number}", "language": "python", "rule": {"pattern": pattern}, "message": "m"}
        (rules / f"p{number}.yml").write_text(json.dumps(rule))
    (folder / "sgconfig.yml").write_text(json.dumps({"ruleDirs": ["rules"]}))
    ours = timed([*OURS, "scan", str(root), "--quiet"], folder)
    rows = [(f"files, rules of ours ({names} patterns for the peers)", f"1,200, {names}")]
    if (tool := shutil.which("ast-grep")) is not None:
        peer = timed([tool, "scan", "--threads", "1", "-c", str(folder / "sgconfig.yml"), str(root)], folder)
        rows.append(("readiness-fix scan / ast-grep scan", f"{ours / peer:.2f}x  (target: at most 2x)"))
    if (tool := shutil.which("semgrep")) is not None:
        config = folder / "semgrep.json"
        found = [
            {"id": f"p{n}", "languages": ["python"], "severity": "INFO", "message": "m", "pattern": _semgrep(n)}
            for n in range(names)
        ]
        config.write_text(json.dumps({"rules": found}))
        words = [
            tool,
            "scan",
            "--metrics=off",
            "--disable-version-check",
            "-j",
            "1",
            "--config",
            str(config),
            str(root),
        ]
        peer = timed(words, folder, 1)
        rows.append(("readiness-fix scan / semgrep scan", f"{ours / peer:.3f}x  (target: at most 0.1x)"))
    table("Scan", rows)


def _semgrep(number: int) -> str:
    pattern = PATTERNS[number % len(PATTERNS)]
    return pattern.replace("$$$", "...")


def _rule_count(root: Path) -> int:
    done = subprocess.run([*OURS, "scan", str(root), "--format", "json"], capture_output=True, check=False)
    report = json.loads(done.stdout)
    return sum(1 for r in ("findings", "passes") for _ in {x["rule"] for x in report[r]})


def large(folder: Path) -> None:
    """20,000 files: seconds and memory of a scan."""
    root = python_tree(folder / "tree", 20_000)
    seconds = timed([*OURS, "scan", str(root), "--quiet"], folder, 1)
    memory = peak([*OURS, "scan", str(root), "--quiet"], folder)
    bare = timed([sys.executable, "-c", "pass"], folder, 5)
    table(
        "20,000 files",
        [
            ("seconds of a scan (target on two quiet cores: 3)", f"{seconds:.1f} s = {seconds / bare:.0f} bare starts"),
            ("peak memory (target: 300 MB)", f"{memory:.0f} MB"),
        ],
    )


def committing(folder: Path) -> None:
    """50 SAFE fixes as 50 commits, without a build."""
    root = folder / "tree"
    for number in range(50):
        package = root / f"p{number}"
        package.mkdir(parents=True)
        (package / "client.py").write_text("import requests\n\n\ndef get(url):\n    return requests.get(url)\n")
    commit_all(root)
    args = [*OURS, str(root), "--apply-all", "--select", "python/request-without-timeout", "--quiet"]
    scan = timed([*OURS, "scan", str(root), "--select", "python/request-without-timeout", "--quiet"], folder)
    once = _once(args, folder)
    table(
        "50 fixes, 50 commits",
        [("seconds (target: 3), and beside the scan alone", f"{once:.2f} s, {once / scan:.1f}x")],
    )


def _once(argv: list[str], folder: Path) -> float:
    import time

    began = time.perf_counter()
    subprocess.run(argv, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began
