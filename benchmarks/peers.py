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
from fixers.editors import dockerfile, yaml
from fixers.facts import container
from fixers.facts.docker import Image
from fixers.model import Finding, Refused
from fixers.project import MemoryReader, Project

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
    """secure-repo adds the ecosystems that its caller names; we add those of the tree: here a crate beside the file."""
    count: Counter[str] = Counter()
    crate = {"Cargo.toml": b'[package]\nname = "a"\n', "Cargo.lock": b"version = 4\n"}
    rules = (registry.named("deps/no-update-bot"),)
    for path in sorted(p for p in real if "dependabotfiles/input/" in p and real[p].strip()):
        steps, left = cured(looked_at({BOT: real[path], **crate}, rules))
        after = left.project.read(BOT)
        there = re.search(rb"package-ecosystem:\W*cargo", real[path]) is not None
        kind = "there already" if there else "added" if steps else "left alone"
        count[kind] += 1
        count["twice"] += len(re.findall(rb"package-ecosystem:\W*cargo", after)) > max(1, real[path].count(b"cargo"))
    steps, left = cured(looked_at(crate, rules))
    made = left.project.read(BOT).count(b"package-ecosystem") if steps else 0
    print("\nDependabot: secure-repo adds the ecosystems that its caller names to a file that is there")
    print(
        "readiness-fix, a crate beside each of those files: " + ", ".join(f"{k} {n}" for k, n in sorted(count.items()))
    )
    print(f"without a file, one is written with {made} entry")


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
            if names and rule not in found:
                why = _why(rule, real.data)
                count[(rule, "silent" if why else "open")] += 1
                mend = f" (ours silent: {why or 'no reason'})"
            count[(rule, _mend(found[rule]) if rule in found else "")] += rule in found
            cells.append((", ".join(names) or "-") + mend)
        print(f"| {real.repository} {real.path} | {' | '.join(cells)} |")
    for rule, (theirs, other) in DOCKER.items():
        first = f"hadolint {theirs} {count[rule, 'hadolint'] if lint is not None else 'not run'}"
        second = f"checkov {other} {count[rule, 'checkov'] if check is not None else 'not run'}"
        mends = f"of which mended {count[rule, 'mended']}, advice {count[rule, 'advice']}"
        silent = f"silent with a reason {count[rule, 'silent']}, without {count[rule, 'open']}"
        print(f"{rule}: {first}; {second}; ours {count[rule, 'ours']}, {mends} (the others mend none); {silent}")


def _why(rule: str, data: bytes) -> str:
    """Why our rule says nothing of a Dockerfile in which another tool finds its fault; "" when nothing explains it."""
    try:
        file = dockerfile.parse(data)
    except Refused as refused:
        return str(refused)
    if not file.stages:
        return "no stage"
    stage, project = file.stages[-1], Project(MemoryReader({"Dockerfile": data}))
    user, kind = container.user(file), container.flavour(file)
    ports = [i for s in file.lineage(stage) for i in s.named("EXPOSE")]
    reasons = {
        "docker/root-user": (
            (user is not None and user.value.partition(":")[0] not in ("root", "0"), f"USER {user and user.value}"),
            (not container.starts(stage), "starts nothing: a base for others, or a builder"),
            (not kind, "a base image that may bring a user"),
            (kind == "nonroot", "a base image with a user"),
            (container.drops_root(project, Image("Dockerfile", file)), "its start gives root up"),
        ),
        "docker/no-healthcheck": (
            (any(s.named("HEALTHCHECK") for s in file.lineage(stage)), "a check is there"),
            (not container.starts(stage), "starts nothing: a base for others, or a builder"),
            (not ports, "no port: nothing to ask"),
        ),
        "docker/unpinned-base-image": (
            (any("$" in file.image(s) or not file.image(s) for s in file.stages), "an argument decides"),
            (any("@" in file.image(s) for s in file.stages), "a digest"),
            (any("$" in s.source.value for s in file.stages), "the arguments of FROM name versions"),
            (any(s.source.words[0] == "scratch" for s in file.stages), "scratch has no versions"),
        ),
    }
    return next((why for told, why in reasons[rule] if told), "")


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
