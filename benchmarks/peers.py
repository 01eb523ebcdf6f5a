"""The peers on their own examples: what they mend, what we mend, row by row. Nothing of theirs is kept."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import corpus
from benchmarks.common import tool
from benchmarks.corpus import Real
from benchmarks.preservation import cured, looked_at
from fixers import registry
from fixers.editors import yaml
from fixers.model import Finding, Refused

WORKFLOW = ".github/workflows/ci.yml"
BOT = ".github/dependabot.yml"
THEIRS = ("artipacked", "excessive-permissions", "unpinned-uses")
"""zizmor's audits that have a counterpart here, by the names of their example files."""
SETS = ("toplevelperms", "joblevelperms", "joblevelpermskb", "secureworkflow", "pinactions")
"""secure-repo's folders of workflows before and after."""
DOCKER = {
    "docker/root-user": ("DL3002", "CKV_DOCKER_3"),
    "docker/no-healthcheck": ("DL3057", "CKV_DOCKER_2"),
    "docker/unpinned-base-image": ("DL3006, DL3007", "CKV_DOCKER_7"),
}
"""Our rule, hadolint's and checkov's for the same fault."""


def peers(folder: Path) -> None:
    """zizmor's and secure-repo's workflows, then Dockerfiles with hadolint and checkov."""
    where = [Path(p) for p in os.environ.get(corpus.FIXTURES, "").split(os.pathsep) if p]
    where = [p / ".git" if (p / ".git").is_dir() else p for p in where]
    if not where:
        print(f"\nPeers: no fixtures. {corpus.FIXTURES} names clones of zizmor and secure-repo.")
        return
    real = {r.path: r.data for p in where for r in corpus.files((p,), "*.yml", "*.yaml", "Dockerfile*", twice=True)}
    _secure_repo(real)
    _zizmor(real, folder)
    _bots(real)
    images = [Real("secure-repo", p, d) for p, d in real.items() if "dockerfiles/input/" in p]
    images += corpus.files(corpus.git_dirs(), "Dockerfile", "*.Dockerfile", each=min(corpus.each(), 2))
    _dockerfiles(images, folder)


def _ours(data: bytes) -> bytes:
    _, left = cured(looked_at({WORKFLOW: data}, registry.rules()))
    return left.project.read(WORKFLOW)


def _said(data: bytes) -> dict[str, Any]:
    """What a workflow grants and pins, counted."""
    try:
        flow = yaml.load(data)
    except Refused:
        return {}
    jobs = flow.get("jobs") if isinstance(flow, dict) else None
    if not isinstance(jobs, dict):
        return {}
    rows = [j for j in jobs.values() if isinstance(j, dict)]
    steps = [s for j in rows for s in (j.get("steps") or []) if isinstance(s, dict)]
    uses = [str(s["uses"]) for s in steps if "@" in str(s.get("uses", ""))]
    top = flow.get("permissions")
    checkouts = [s for s in steps if str(s.get("uses", "")).startswith("actions/checkout@")]
    inputs = [s["with"] for s in checkouts if isinstance(s.get("with"), dict)]
    closed = [i for i in inputs if str(i.get("persist-credentials")).lower() == "false"]
    granted = "none" if top is None else "{}" if top == {} else top if isinstance(top, str) else "listed"
    return {
        "top": granted,
        "jobs": f"{sum('permissions' in j for j in rows)}/{len(rows)}",
        "pinned": f"{sum(bool(re.search(r'@[0-9a-f]{40}$', u)) for u in uses)}/{len(uses)}",
        "closed": f"{len(closed)}/{len(checkouts)}",
    }


def _shown(data: bytes) -> str:
    said = _said(data)
    return " ".join(f"{name} {value}" for name, value in said.items()) if said else "not read"


def _rows(title: str, who: str, pairs: Iterator[tuple[str, bytes, bytes]]) -> None:
    """Three columns a file: before, theirs, ours; then in how many files each changed what.

    A folder of secure-repo shows one of its fixes; all of ours run everywhere. zizmor pins only when it may ask the
    network.
    """
    print(f"\n{title}\n\n| file | before | {who} | readiness-fix |\n| --- | --- | --- | --- |")
    count: dict[str, Counter[tuple[str, str]]] = {}
    for name, before, theirs in pairs:
        ours = _ours(before)
        cells = [_shown(before), *("=" if after == before else _shown(after) for after in (theirs, ours))]
        print(f"| {name} | {' | '.join(cells)} |")
        group = count.setdefault(re.split(r"[/.]", name)[0], Counter())
        group["", "files"] += 1
        for side, after in ((who, theirs), ("readiness-fix", ours)):
            old, new = _said(before), _said(after)
            group.update((side, fact) for fact in old if new.get(fact, old[fact]) != old[fact])
    print(f"\nFiles in which each changed what: {who} / readiness-fix\n")
    print("| examples | files | permissions of the workflow | of its jobs | pins | credentials |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, group in count.items():
        figures = [f"{group[who, k]} / {group['readiness-fix', k]}" for k in ("top", "jobs", "pinned", "closed")]
        print(f"| {name} | {group['', 'files']} | {' | '.join(figures)} |")


def _secure_repo(real: dict[str, bytes]) -> None:
    def pairs() -> Iterator[tuple[str, bytes, bytes]]:
        for path in sorted(real):
            folder, _, name = path.rpartition("/input/")
            after = real.get(f"{folder}/output/{name}")
            if folder.rpartition("/")[2] in SETS and after is not None:
                yield f"{folder.rpartition('/')[2]}/{name}", real[path], after

    _rows("secure-repo: its own workflows before and after", "secure-repo", pairs())


def _zizmor(real: dict[str, bytes], folder: Path) -> None:
    program = tool("zizmor")
    if not program:
        print("\nzizmor is not installed")
        return

    def pairs() -> Iterator[tuple[str, bytes, bytes]]:
        for number, path in enumerate(sorted(real)):
            _, _, name = path.partition("/test-data/")
            if not name.startswith(THEIRS) or "/configs/" in name or name.endswith("action.yml"):
                continue
            place = folder / f"z{number}" / WORKFLOW
            place.parent.mkdir(parents=True)
            place.write_bytes(real[path])
            argv = [program, "--offline", "--no-config", "--fix=all", "--quiet", "--no-exit-codes", str(place)]
            subprocess.run(argv, capture_output=True, check=False)
            yield name, real[path], place.read_bytes()

    _rows("zizmor: its own workflows, `--offline --fix=all`", "zizmor", pairs())


def _bots(real: dict[str, bytes]) -> None:
    """secure-repo adds entries to a Dependabot file that is there; we write one where there is none."""
    quiet = total = 0
    for path in sorted(p for p in real if "dependabotfiles/input/" in p and real[p].strip()):
        total += 1
        tree = {BOT: real[path], "Cargo.toml": b'[package]\nname = "a"\n', "Cargo.lock": b"version = 4\n"}
        found = looked_at(tree, (registry.named("deps/no-update-bot"),)).result().findings
        quiet += not found
    tree = {"Cargo.toml": b'[package]\nname = "a"\n', "Cargo.lock": b"version = 4\n"}
    steps, left = cured(looked_at(tree, (registry.named("deps/no-update-bot"),)))
    made = left.project.read(BOT).count(b"package-ecosystem") if steps else 0
    print("\nDependabot: secure-repo adds the ecosystems that its caller names to a file that is there")
    print(f"readiness-fix: leaves alone {quiet} of the {total} files that are there; without one, {made} written")


def _dockerfiles(images: list[Real], folder: Path) -> None:
    """Findings of the same fault by each tool, and what became of ours."""
    rules = tuple(registry.named(name) for name in DOCKER)
    wanted, tree = [], folder / "docker"
    for number, real in enumerate(images):
        place = tree / str(number) / "Dockerfile"
        place.parent.mkdir(parents=True)
        place.write_bytes(real.data)
        wanted.append(place)
    lint, check = _hadolint(wanted), _checkov(tree)
    print(f"\nDockerfiles: {len(images)}; a cell names who finds the fault, and what we do about it\n")
    print("| Dockerfile | user | health check | base image |\n| --- | --- | --- | --- |")
    count: Counter[tuple[str, str]] = Counter()
    for number, real in enumerate(images):
        found = {f.rule: f for f in looked_at({"Dockerfile": real.data}, rules).result().findings}
        cells = []
        for rule, (theirs, other) in DOCKER.items():
            cell = _who(number, lint, theirs), _who(number, check, other), rule in found
            names = [n for n, hit in zip(("hadolint", "checkov", "ours"), cell, strict=True) if hit]
            count.update((rule, n) for n in names)
            mend = f" ({_mend(found[rule])})" if rule in found else ""
            count[(rule, mend.strip(" ()"))] += rule in found
            cells.append((", ".join(names) or "-") + mend)
        print(f"| {real.repository} {real.path} | {' | '.join(cells)} |")
    for rule, (theirs, other) in DOCKER.items():
        first = f"hadolint {theirs} {count[rule, 'hadolint'] if lint is not None else 'not run'}"
        second = f"checkov {other} {count[rule, 'checkov'] if check is not None else 'not run'}"
        mends = f"of which mended {count[rule, 'mended']}, advice {count[rule, 'advice']}"
        print(f"{rule}: {first}; {second}; ours {count[rule, 'ours']}, {mends} (the others mend none)")


def _mend(finding: Finding) -> str:
    return "mended" if finding.fix is not None else "advice"


def _who(number: int, found: dict[str, set[str]] | None, codes: str) -> bool:
    return found is not None and bool(found.get(str(number), set()) & set(codes.split(", ")))


def _hadolint(paths: list[Path]) -> dict[str, set[str]] | None:
    program = tool("hadolint")
    if not program:
        return None
    found: dict[str, set[str]] = {}
    for path in paths:  # one by one: a file that it cannot parse costs its own findings only
        argv = [program, "--no-fail", "--format", "json", "--info", "DL3057", str(path)]
        done = subprocess.run(argv, capture_output=True, check=False)
        try:
            found[path.parent.name] = {f["code"] for f in json.loads(done.stdout)}
        except ValueError:
            found[path.parent.name] = set()
    return found


def _checkov(tree: Path) -> dict[str, set[str]] | None:
    program = tool("checkov")
    if not program:
        return None
    argv = [program, "-d", str(tree), "--framework", "dockerfile", "-o", "json", "--quiet", "--compact", "-s"]
    done = subprocess.run(argv, capture_output=True, check=False)
    report = json.loads(done.stdout or b"{}")
    found: dict[str, set[str]] = {}
    for failed in report.get("results", {}).get("failed_checks", []):
        number = failed["file_path"].strip("/").partition("/")[0]
        found.setdefault(number, set()).add(failed["check_id"])
    return found
