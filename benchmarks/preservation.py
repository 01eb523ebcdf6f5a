"""What the fixes change that they were not asked to change, on real files in every form; beside zizmor."""

from __future__ import annotations

import configparser
import functools
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks import asked, corpus, forms
from benchmarks.corpus import Real
from fixers import checks, registry
from fixers.config import Config
from fixers.model import Applicability, Change, Refused, Rule
from fixers.project import MemoryReader, Project
from fixers.scan import Scan, scan

Tree = dict[str, bytes]
FAULTS = ("collateral lines", "moved lines", "mixed line ends", "final newlines", "BOMs", "unparsable", "dropped",
          "second run", "other fixes")  # fmt: skip
STEPS = 60


@dataclass(frozen=True, slots=True)
class Kind:
    """Files of one sort: their globs, how many of a repository, what stands beside each so that rules apply."""

    name: str
    globs: tuple[str, ...]
    each: int = 100_000
    beside: Callable[[str], Tree] = field(default=lambda path: {})


def _rule(name: str) -> Rule:
    return registry.named(name)


def _route(path: str) -> Tree:
    """A health route in the code, for the Dockerfile's health check to ask."""
    return {"main.go": b'package main\n\nfunc main() { http.HandleFunc("/healthz", ok) }\n'}


def _locked(path: str) -> Tree:
    """A Rust project whose dependencies nothing audits, for the pipeline to gain a job."""
    return {
        "Cargo.toml": b'[package]\nname = "chat"\nversion = "0.1.0"\nedition = "2021"\n',
        "Cargo.lock": b"version = 4\n",
        "src/main.rs": b"fn main() {}\n",
    }


def _crate(path: str) -> Tree:
    """Code whose fixes need another dependency or feature of the manifest: the rules' own examples."""
    folder = path.rpartition("/")[0]
    tree: Tree = {}
    for name in ("rust/timing-unsafe-compare", "rust/no-crypto-provider", "rust/tls-verification-off"):
        for inner, text in _rule(name).bad_tree().items():
            if inner.endswith(".rs"):
                place = f"src/{name.partition('/')[2].replace('-', '_')}.rs" if inner in tree else inner
                tree[f"{folder}/{place}".lstrip("/")] = text.encode() if isinstance(text, str) else text
    return tree


def _secrets(path: str) -> Tree:
    """Code that keeps keys and a database: the rule's own example."""
    tree = _rule("git/unignored-secrets").bad_tree().items()
    return {p: t.encode() if isinstance(t, str) else t for p, t in tree if p != ".gitignore"}


KINDS = (
    Kind(
        "workflows",
        (".github/workflows/*.yml", ".github/workflows/*.yaml", ".forgejo/workflows/*.yml", ".gitea/workflows/*.yml"),
        60,
    ),
    Kind("Dockerfiles", ("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"), 40, _route),
    Kind("compose", ("compose*.yml", "compose*.yaml", "docker-compose*.yml", "docker-compose*.yaml"), 40),
    Kind("pipelines", (".gitlab-ci.yml",), 40, _locked),
    Kind("other YAML", ("*.yml", "*.yaml"), 40),
    Kind("Cargo.toml", ("Cargo.toml",), 30, _crate),
    Kind("other TOML", ("*.toml",), 40),
    Kind(".env", (".env", ".env.*", "*.env"), 40),
    Kind("INI", ("*.ini", "*.cfg", "*.conf"), 40),
    Kind("JSON", ("*.json", "*.jsonc"), 40),
    Kind(".gitignore", (".gitignore",), 6, _secrets),
    Kind("Rust", ("*.rs",), 20),
    Kind("Go", ("*.go",), 20),
    Kind("Python", ("*.py",), 20),
)

_DATA = ("workflows", "compose", "other YAML", "Cargo.toml", "other TOML", ".env", "INI", "JSON")
ASKED = tuple(Kind(k.name, k.globs, k.each) for k in KINDS if k.name in _DATA)
"""Files that rules seldom touch: each editor is asked for edits of its own in them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One fix on the way: its finding, what it changed, and why a session would have dropped it."""

    finding: str
    rule: str
    changes: tuple[Change, ...]
    refused: str = ""


def looked_at(tree: Tree, wanted: tuple[Rule, ...]) -> Scan:
    """A scan of files in memory, as those of a repository on GitHub."""
    reader = MemoryReader(tree, remotes=("https://github.com/example/corpus.git",))
    return scan(Project(reader), wanted, Config())


def cured(now: Scan) -> tuple[list[Step], Scan]:
    """Every fix that is offered, one behind the other, and what is left."""
    steps: list[Step] = []
    tried: set[str] = set()
    while len(steps) < STEPS:
        found = next((f for f in now.result().findings if f.fix is not None and f.id not in tried), None)
        if found is None or found.fix is None:
            break
        tried.add(found.id)
        after = now.after(found.fix.changes)
        refused = checks.refusal(now, after, found, found.fix.changes)
        steps.append(Step(found.id, found.rule, found.fix.changes, refused))
        now = now if refused else after
    return steps, now


class Tally:
    """The figures of one kind, and each thing that should not be, in words."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.notes: list[str] = []
        self.results: dict[str, list[tuple[bytes, bytes]]] = {}

    def add(self, other: Tally) -> None:
        self.count.update(other.count)
        self.notes += other.notes
        for form, pairs in other.results.items():
            self.results.setdefault(form, []).extend(pairs)

    def fault(self, name: str, where: str, by: int = 1) -> None:
        if by:
            self.count[name] += by
            self.notes.append(f"{name}: {where}")


def measure(real: Real, kind: Kind, wanted: tuple[Rule, ...], tally: Tally) -> None:
    """All fixes on one file in every form; the LF form is what the others are held against."""
    tally.count["files"] += 1
    meant: list[Step] | None = None
    for name, form in forms.FORMS.items():
        data = form(real.data)
        known = next((pairs for pairs in tally.results.values() if pairs[0][0] == data), None)
        if known is not None:
            tally.results[name] = known
            continue
        tree = {**kind.beside(real.path), real.path: data}
        steps, left = cured(looked_at(tree, wanted))
        if meant is None:
            meant = steps
            touched = [s for s in steps if any(c.path == real.path for c in s.changes)]
            if not touched:
                tally.results = {n: [(f(real.data),) * 2] for n, f in forms.FORMS.items()}
                return
            tally.count["changed"] += 1
        tally.results[name] = [(data, left.project.read(real.path))]
        tally.count["edits"] += sum(1 for s in steps for c in s.changes if c.path == real.path)
        where = f"{real.repository} {real.path} as {name}"
        if [(s.finding, bool(s.refused)) for s in steps] != [(s.finding, bool(s.refused)) for s in meant]:
            tally.fault("other fixes", where + _difference(steps, meant))
        _compare(steps, meant, real.path, where, tally)
        _again(steps, left, real.path, wanted, where, tally)


def ask(real: Real, tally: Tally) -> None:
    """Edits asked of the editor in every form; asked again, each leaves its result as it is."""
    tally.count["files"] += 1
    verbs = asked.edits(real.path, forms.FORMS["LF"](real.data))
    meant: list[Step] | None = None
    for data in dict.fromkeys(form(real.data) for form in forms.FORMS.values()):
        steps = [s for name, edit in verbs.items() for s in _step(name, real.path, data, edit)]
        meant = steps if meant is None else meant
        where = f"{real.repository} {real.path} ({_form(real.data, data)})"
        tally.count["edits"] += len(steps)
        tally.count["changed"] += bool(steps and meant is steps)
        tally.fault("other fixes", where, {s.finding for s in steps} != {s.finding for s in meant})
        _compare(steps, meant, real.path, where, tally)
        for step in steps:
            again = _step(step.finding, real.path, step.changes[0].after or b"", verbs[step.finding])
            tally.fault("second run", f"{where}: {step.finding}", bool(again))


def _step(name: str, path: str, data: bytes, edit: Callable[[bytes], bytes]) -> list[Step]:
    try:
        after = edit(data)
    except Refused:
        return []
    return [Step(name, name, (Change(path, data, after),))] if after != data else []


def _form(real: bytes, data: bytes) -> str:
    return next(name for name, form in forms.FORMS.items() if form(real) == data)


def _difference(steps: list[Step], meant: list[Step]) -> str:
    one, other = {s.rule for s in steps if not s.refused}, {s.rule for s in meant if not s.refused}
    return f" ({', '.join(sorted(one ^ other)) or 'in another order'})"


def _compare(steps: list[Step], meant: list[Step], path: str, where: str, tally: Tally) -> None:
    intended = {(s.finding, c.path): c for s in meant for c in s.changes}
    for step in steps:
        if step.refused:
            tally.fault("dropped", f"{where}: {step.rule}: {step.refused}")
            continue
        for change in step.changes:
            same = intended.get((step.finding, change.path))
            before, after = change.before or b"", change.after or b""
            if change.path != path or same is None or change.after is None:
                continue
            place = f"{where}: {step.rule}"
            pair = (same.before or b"", same.after or b"")
            tally.fault("collateral lines", place, forms.collateral(before, after, pair))
            if path.endswith((".rs", ".go", ".py")):
                tally.count["moved in code"] += forms.moved(before, after)
            else:
                tally.fault("moved lines", place, forms.moved(before, after))
            tally.fault("mixed line ends", place, forms.mixed(before, after))
            tally.fault("final newlines", place, forms.final_newline(before, after))
            tally.fault("BOMs", place, before.startswith(forms.BOM) != after.startswith(forms.BOM))
            tally.fault("unparsable", place, parses(path, before) and not parses(path, after))


def _again(steps: list[Step], left: Scan, path: str, wanted: tuple[Rule, ...], where: str, tally: Tally) -> None:
    """A new scan of the result: what was mended offers no fix again, and nothing else does."""
    tree = {p: left.project.read(p) for p in left.project.files()}
    refused = {s.finding for s in steps if s.refused}
    for finding in looked_at(tree, wanted).result().findings:
        if finding.fix is not None and finding.id not in refused and path in finding.fix.paths:
            tally.fault("second run", f"{where}: {finding.rule}: {finding.message}")


def parses(path: str, data: bytes) -> bool:
    """Whether a parser that is not ours, or not that of the editor, reads the file."""
    import yaml

    name, suffix = path.rpartition("/")[2].lower(), path.rpartition(".")[2].lower()
    try:
        text = data.decode("utf-8-sig")
        if suffix == "toml":
            tomllib.loads(text)
        elif suffix in ("yml", "yaml"):
            list(yaml.parse(text, yaml.CSafeLoader))
        elif suffix in ("json", "jsonc"):
            json.loads(text)
        elif suffix in ("ini", "cfg", "conf"):
            configparser.RawConfigParser(allow_no_value=True, strict=False).read_string(text)
        elif "dockerfile" in name or "containerfile" in name:
            return _docker(text)
        else:
            return not checks.unparsable(Change(path, b"", data))
    except (ValueError, yaml.YAMLError, configparser.Error, RecursionError):
        return False
    return True


def _docker(text: str) -> bool:
    try:
        import dockerfile  # the parser of moby, where it can be installed
    except ImportError:
        return True
    try:
        dockerfile.parse_string(text)
    except (dockerfile.GoParseError, dockerfile.GoIOError):
        return False
    return True


def preservation(folder: Path) -> None:
    """All fixes on the corpus; `--corpus FILE` or READINESS_CORPUS lists its git dirs."""
    where = corpus.git_dirs()
    if not where:
        print(f"\nPreservation: no corpus. {corpus.LIST} names a file with one git dir a line.")
        return
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        mended = list(_run(pool, where, KINDS, 0))
    print(f"\nPreservation: {len(rules())} rules, {len(where)} repositories; each file as {', '.join(forms.FORMS)}")
    total = _show("All fixes of the rules, one behind the other", mended)
    print(f"\nLines of code that an edit indented anew (Rust, Go, Python): {total.count['moved in code']}")
    for note in total.notes:
        print(f"  {note}")
    _zizmor(mended[0][1].results, folder)


def edits(folder: Path) -> None:
    """Edits asked of the editors themselves, on the files of the corpus that rules seldom touch."""
    where = corpus.git_dirs()
    if not where:
        print(f"\nEdits: no corpus. {corpus.LIST} names a file with one git dir a line.")
        return
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        rows = list(_run(pool, where, ASKED, len(KINDS)))
    for note in _show("Edits asked of the editors themselves", rows).notes:
        print(f"  {note}")


def _run(
    pool: ProcessPoolExecutor, where: tuple[Path, ...], kinds: tuple[Kind, ...], first: int
) -> Iterator[tuple[str, Tally]]:
    taken: set[bytes] = set()
    for number, kind in enumerate(kinds, first):
        found = [r for r in corpus.files(where, *kind.globs, each=min(kind.each, corpus.each())) if r.data not in taken]
        taken.update(r.data for r in found)
        tally = Tally()
        for part in pool.map(partial(measured, number), found, chunksize=4):
            tally.add(part)
        print(_row(kind.name, tally.count), file=sys.stderr, flush=True)
        yield kind.name, tally


def _show(title: str, rows: list[tuple[str, Tally]]) -> Tally:
    total = Tally()
    print(f"\n{title}\n\n| files | looked at | changed | edits | {' | '.join(FAULTS)} |")
    print("| --- |" + " ---: |" * (3 + len(FAULTS)))
    for name, tally in rows:
        total.add(tally)
        print(_row(name, tally.count))
    print(_row("**all**", total.count))
    return total


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules that edit."""
    return tuple(r for r in registry.rules() if r.fix is not Applicability.MANUAL and not r.evidence_only)


def measured(number: int, real: Real) -> Tally:
    """What the rules did to one file of the kind of that number."""
    tally = Tally()
    if number < len(KINDS):
        measure(real, KINDS[number], rules(), tally)
    else:
        ask(real, tally)
    return tally


def _row(name: str, count: Counter[str]) -> str:
    figures = [count[n] for n in ("files", "changed", "edits", *FAULTS)]
    return f"| {name} | " + " | ".join(f"{n:,}" for n in figures) + " |"


def _zizmor(ours: dict[str, list[tuple[bytes, bytes]]], folder: Path) -> None:
    tool = shutil.which("zizmor") or str(Path(sys.executable).with_name("zizmor"))
    if not Path(tool).exists():
        print("\nzizmor is not installed: no figures beside ours")
        return
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"\n{version} --offline --fix=all and ours on the same workflows\n")
    print("| | form | workflows | changed | final newlines | mixed line ends | BOMs | unparsable |")
    print("| --- | --- |" + " ---: |" * 6)
    for form in ("LF", "CRLF", "no final newline"):
        before = [b for b, _ in ours[form]]
        print(_peer(version, form, before, _fixed(tool, before, folder / form.replace(" ", "-"))))
        print(_peer("readiness-fix", form, before, [a for _, a in ours[form]]))


def _fixed(tool: str, before: list[bytes], folder: Path) -> list[bytes]:
    """What zizmor makes of each, in a folder of workflows."""
    place = folder / ".github" / "workflows"
    place.mkdir(parents=True)
    paths = [place / f"w{number}.yml" for number in range(len(before))]
    for path, data in zip(paths, before, strict=True):
        path.write_bytes(data)
    argv = [tool, "--offline", "--fix=all", "--no-exit-codes", "--quiet", "--no-config", str(folder)]
    subprocess.run(argv, capture_output=True, check=False)
    return [path.read_bytes() for path in paths]


def _peer(who: str, form: str, before: list[bytes], after: list[bytes]) -> str:
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if a != b]
    figures = (
        len(before),
        len(pairs),
        sum(forms.final_newline(b, a) for b, a in pairs),
        sum(forms.mixed(b, a) for b, a in pairs),
        sum(b.startswith(forms.BOM) != a.startswith(forms.BOM) for b, a in pairs),
        sum(parses("w.yml", b) and not parses("w.yml", a) for b, a in pairs),
    )
    return f"| {who} | {form} | " + " | ".join(map(str, figures)) + " |"
