"""go/unverified-plugin: see the docstring of `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixers.editors import golang
from fixers.editors.source import Node
from fixers.editors.splice import Edit
from fixers.facts import gocode, gomodules, gorefuse, goscaffold
from fixers.facts.gocode import Code
from fixers.model import Applicability, Effort, Finding, Location, Refused, Result, Severity, rule
from fixers.project import Project

PLUGIN = re.compile(r"plugin|extension|add-?on|driver", re.I)
FOUND = re.compile(r"filepath\.Join\(|LookPath\(|ReadDir\(|Glob\(|WalkDir\(|\.(?:Binary|Path|Executable|Command|Cmd)\b")
FINDS = re.compile(r"(?:[\w.]+\.)?_?(?:find|locate|discover|look_?up|search|resolve)\w*\(", re.I)
LOOKS = re.compile(r"os\.(?:Stat|ReadDir|Open)\(|LookPath\(|Glob\(|WalkDir\(")
CHECKED = r"(?i)sha256|sha512|[cC]hecksum|[sS]ignature|ed25519|minisign|cosign|SecureConfig"
BAD = """package plugins

import (
	"os/exec"
	"path/filepath"
)

func launchPlugin(dir, name string) (*exec.Cmd, error) {
	binary := filepath.Join(dir, name)
	cmd := exec.Command(binary, "--serve")
	return cmd, cmd.Start()
}
"""
GOOD = BAD.replace("\tcmd :=", "\tif err := verifyPlugin(binary); err != nil {\n\t\treturn nil, err\n\t}\n\tcmd :=")


@rule(
    severity=Severity.MEDIUM,
    fix=Applicability.UNSAFE,
    effort=Effort.MEDIUM,
    audit=("Q14",),
    applies=("**/*.go",),
    bad={"plugins/launch.go": BAD},
    good={
        "plugins/launch.go": GOOD,
        "plugins/pluginsums.go": goscaffold.written("pluginsums.go", "plugins", ""),
        "plugins/pluginsums_test.go": goscaffold.written("pluginsums_test.go", "plugins", ""),
    },
)
def check(project: Project) -> Iterator[Result]:
    """A plug-in's program is started without a look at what it is.

    Whoever can write to a folder that is searched for plug-ins runs code with the server's rights, and an update
    that was tampered with does, too. A SHA-256 from the configuration, compared before the start, ends that. Without a
    list of sums the program starts as before, with a warning.
    """
    for path, code in gocode.sources(project, b"exec.Command", b"plugin.Open("):
        places = [c for c in _starts(path, code) if project.keep(path, code.source.line(c))]
        if not places or gocode.package_has(project, path, CHECKED):
            continue
        draft = gocode.drafted(project, path, _mends, project, path, code, places)
        if not goscaffold.has(project, path, "pluginsums"):
            comment = "A file with the SHA-256 of every plug-in, as sha256sum prints them."
            goscaffold.add(project, draft, path, code, "pluginsums", {"PLUGIN_SUMS": ""}, comment)
        names = ", ".join(dict.fromkeys(code.symbol(c) or "the package" for c in places))
        yield Finding(
            path,
            f"{names} starts a plug-in without checking its program",
            line=code.source.line(places[0]),
            anchor=names,
            locations=(
                *(Location(path, code.source.line(c), note=c.text()[:80]) for c in places),
                *_searches(project, path),
            ),
            fixes=draft.fixes(
                "Compare a plug-in with its SHA-256 before it is started",
                reason=f"nothing is refused until {gomodules.env_prefix(project)}PLUGIN_SUMS names a list",
            ),
            steps=(
                "Take the SHA-256 of each plug-in from the configuration and compare the file before it is started.",
                "Warn when there is none; refuse, in production, a file whose sum differs.",
                "Keep the folders that are searched writable by the operator alone.",
            ),
        )


def _searches(project: Project, path: str) -> Iterator[Location]:
    """Where the package looks for the programs that it starts."""
    for other, code in ((p, gocode.code(project, p)) for p in gocode.siblings(project, path)):
        for function in code.functions if code is not None and FINDS.search(code.text) else ():
            if code is not None and FINDS.match(f"{function.name}(") and LOOKS.search(function.node.text()):
                yield Location(other, code.source.line(function.node), note=function.symbol)


def _starts(path: str, code: Code) -> Iterator[Node]:
    """Starts of a program whose path was found or configured, in code about plug-ins; constants are no plug-ins."""
    for call in [*code.calls_of("os/exec", "Command|CommandContext"), *code.calls_of("plugin", "Open")]:
        given = gocode.arguments(call)
        opened = gocode.called(call).endswith("Open")
        position = 1 if gocode.called(call).endswith("Context") else 0
        if len(given) <= position or given[position].kind() in ("interpreted_string_literal", "raw_string_literal"):
            continue
        named = PLUGIN.search(code.symbol(call)) or PLUGIN.search(code.package) or PLUGIN.search(path)
        target = given[position].text()
        text = gocode.outermost(code, call)
        came = (
            re.findall(rf"(?m)\b{re.escape(target)}\b[^\n=]*:?=(?!=)\s*([^\n]+)", text)
            if target.isidentifier()
            else [target]
        )
        if opened or (named and any(FOUND.search(c) or FINDS.match(c) for c in came)):
            yield call


def _mends(project: Project, path: str, code: Code, places: list[Node]) -> list[Edit]:
    edits, needed = [], set[str]()
    for call in places:
        program = gocode.arguments(call)[1 if gocode.called(call).endswith("Context") else 0]
        place, around = gocode.statement(call), code.around(call)
        if place is None or not around or code.source.has_error_near(call):
            raise Refused("the code near the place could not be read")
        if program.kind() not in ("identifier", "selector_expression"):
            raise Refused("the program is worked out in the call itself")
        refuses, package = gorefuse.refusal(project, path, code, around[0])
        check = f"if err := verifyPlugin({program.text()}); err != nil {{\n    {refuses}\n}}"
        edits.append(code.source.insert_before(place, check))
        needed |= {package} - {""}
    return [*edits, *golang.add_imports(code.source, *needed)]
