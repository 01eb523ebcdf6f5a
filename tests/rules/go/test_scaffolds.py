"""The Go files that fixes add: each is small, formatted, vetted; its own test passes, and fails on the fault."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fixers import templates
from fixers.facts import goscaffold
from fixers.rules.go.in_memory_sessions import WORDS
from tests.rules.go.tool import is_gofmt_clean

FAULTS = {
    "ratelimit": ("wait > 0", "wait > time.Hour*9999"),
    "guardedclient": (", Control: refuseInternal", ""),
    "guardeddial": (", Control: refuseMetadata", ""),
    "bindhost": ("!authenticated && ", "false && "),
    "production": ("; production {", "; production && false {"),
    "pluginsums": ("strings.EqualFold(word, sum)", 'word != ""'),
    "optionaltls": ('cert == "" && key == ""', 'cert != "" || key == ""'),
    "sessiontable": ("t.db = db", "_ = db"),
}
"""A scaffold, and what of its code to replace with what to have the fault back."""
SCREEN = 60
"""Lines that a reviewer takes in at once; the limiter with its sweep and the table of sessions are longer."""
LONG = ("ratelimit", "sessiontable")


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("kind", ["", "_test"])
def test_it_is_formatted_and_fits_on_a_screen(name: str, kind: str) -> None:
    text = goscaffold.written(f"{name}{kind}.go", "web", "APP_", "//go:build linux\n\n")
    assert text.startswith("//go:build linux\n\npackage web\n") and is_gofmt_clean(text)
    assert text.count("\n") <= (2 * SCREEN if name in LONG else SCREEN)


def test_every_scaffold_is_in_the_table() -> None:
    kept = Path(str(templates.__file__)).parent / "go"
    assert {p.stem for p in kept.glob("*.go")} == {f"{n}{kind}" for n in FAULTS for kind in ("", "_test")}


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `go test` says of the scaffolds, each in a package of its own, and of each with its fault (`NAME-fault`)."""
    root = tmp_path_factory.mktemp("scaffolds")
    (root / "go.mod").write_text("module example.com/app\n\ngo 1.22\n")
    for name, (right, wrong) in FAULTS.items():
        for folder in (name, f"{name}-fault"):
            (root / folder).mkdir()
            for kind in ("", "_test"):
                text = goscaffold.worded(goscaffold.written(f"{name}{kind}.go", "web", "APP_"), WORDS)
                if folder.endswith("-fault") and not kind:
                    assert right in text
                    text = text.replace(right, wrong)
                (root / folder / f"{name}{kind}.go").write_text(text)
    go = shutil.which("go")
    assert go is not None
    environment = {
        "PATH": f"{Path(go).parent}:{os.environ['PATH']}",
        "HOME": str(root),
        "GOCACHE": "/tmp/readiness-gocache",
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",
    }
    command = [go, "test", "-vet=all", "./..."]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    said = re.findall(r"(?m)^(ok|FAIL)\s+example\.com/app/(\S+)(.*)", done.stdout)
    return {name: f"{word}{rest if 'failed' in rest else ''}" for word, name, rest in said}


@pytest.mark.go
@pytest.mark.parametrize("name", FAULTS)
def test_its_own_test_passes_with_it_and_fails_on_the_fault(name: str, tested: dict[str, str]) -> None:
    assert tested[name] == "ok"
    assert tested[f"{name}-fault"] == "FAIL", "the test has to fail, not the build"
