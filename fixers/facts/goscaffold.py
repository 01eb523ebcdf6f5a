"""Small Go files of our own that a fix adds to a package: the code, and beside it a test that fails on the fault."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fixers import templates
from fixers.draft import Draft
from fixers.facts import gocode, gomodules
from fixers.facts.gocode import Code
from fixers.project import Project


def written(name: str, package: str, prefix: str, tags: str = "") -> str:
    """The template `go/NAME` for a package, with the start of the tree's environment names and the build tags."""
    return tags + templates.text(f"go/{name}").replace("PACKAGE", package).replace("PREFIX", prefix)


def has(project: Project, path: str, name: str) -> bool:
    """Whether the package of a file has the file NAME.go with what the template declares first."""
    first = _declared(name)[0]
    text = project.text(gocode.beside(path, f"{name}.go")) if project.exists(gocode.beside(path, f"{name}.go")) else ""
    return re.search(rf"(?m)^(?:func|var) (?i:{first})\b", text) is not None


def add(
    project: Project,
    draft: Draft,
    path: str,
    code: Code,
    name: str,
    variables: Mapping[str, str],
    comment: str,
    *,
    test: str = "",
    words: Mapping[str, str] | None = None,
) -> None:
    """Add NAME.go and NAME_test.go to the package of a file, and the variables they read to the environment's example.

    `test` goes to the end of the test file; `words` are names of the template that are others here. The draft is
    refused when the package uses one of the names that the template declares.
    """
    prefix, tags = gomodules.env_prefix(project), gocode.build_tags(code)
    names = [(words or {}).get(n, n) for n in _declared(name)]
    if taken := sorted(gocode.in_package(project, path, names)):
        draft.refuse(f"{', '.join(taken)} is taken in this package")
    for file, more in ((f"{name}.go", ""), (f"{name}_test.go", test)):
        text = written(file, code.package, prefix, tags) + more.replace("PREFIX", prefix)
        text = worded(text, words or {})
        for local in gocode.shadowed(project, gocode.beside(path, file), text.encode()):
            text = re.sub(rf"\b{local}\.", f"std{local}.", text)
            text = re.sub(rf'(?m)^\t("(?:\w+/)*{local}")$', rf"\tstd{local} \1", text)
        draft.create(gocode.beside(path, file), text)
    gomodules.document(project, draft, path, {prefix + k: v for k, v in variables.items()}, comment)


def worded(text: str, words: Mapping[str, str]) -> str:
    """A template with other words in the place of its own, and the imports that it takes then."""
    for word, here in words.items():
        text = re.sub(rf"\b{word}\b", here, text)
    for needed in ("os", "time"):
        text = _imported(text, needed) if re.search(rf"\b{needed}\.", text) else text
    return text


def _declared(name: str) -> list[str]:
    """What the two files of a template declare for the whole package."""
    text = templates.text(f"go/{name}.go") + templates.text(f"go/{name}_test.go")
    blocks = re.findall(r"(?ms)^(?:var|const) \(\n(.*?)^\)", text)
    return [*re.findall(r"(?m)^(?:func|var|type|const) (\w+)", text), *re.findall(r"(?m)^\t(\w+) ", "".join(blocks))]


def _imported(text: str, package: str) -> str:
    """One of our own test files with one more import of the standard library."""
    head, listed, rest = re.split(r"(?s)(?<=import \(\n)(.*?)(?=\n\))", text, maxsplit=1)
    lines = sorted({*listed.split("\n"), f'\t"{package}"'})
    return head + "\n".join(lines) + rest
