from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fixers.editors import dockerfile
from fixers.model import Refused

moby = pytest.importorskip("dockerfile", reason="BuildKit's parser has no wheel here")

FILE = """\
# syntax=docker/dockerfile:1
# a comment
ARG VERSION=1.80
FROM --platform=$BUILDPLATFORM rust:${VERSION}-slim AS build
WORKDIR /src
COPY --link --chown=1000:1000 . .
RUN --mount=type=cache,target=/x \\
    # inside
    cargo build \\

    --release
RUN <<EOF bash
FROM nothing
EOF
onbuild run echo hi

FROM build AS test
FROM debian:12
COPY --from=build /src/app /app
ENV A=1 B="two words" C=three\\ words
ENV OLD its value
LABEL "a.b"="c"
# start it
ENTRYPOINT ["/app", "serve"]
CMD /app
"""

PIECES = [
    "FROM a", "RUN x", "run --mount=a b", "COPY <<A <<-B /d", "A", "\tB", "# c", "  # c", "\\", "x \\", "x \\\\",
    "x \\  ",
    "", " ", "RUN <<'A' sh", "ONBUILD RUN <<A", "`", "x `", "# escape=`", "# syntax=y", "#escape = `", "RUN [\"<<A\"]",
    "CMD [\"a\"]", "ENV a=b", "LABEL \"a b\"=c \\", "RUN echo '<<A'", "RUN a<<A", "RUN 3<<A x", "\tRUN y", "RUN\tz",
]  # fmt: skip


def spans(data: bytes) -> list[tuple[Any, ...]] | None:
    try:
        return [(i.name, i.line, i.end_line, i.flags) for i in dockerfile.parse(data).instructions]
    except Refused:
        return None


def buildkit(data: bytes) -> list[tuple[Any, ...]] | None:
    try:
        said = moby.parse_string(data.decode())
    except moby.GoParseError:
        return None
    return [(c.cmd.upper(), c.start_line, c.end_line, tuple(c.flags)) for c in said if c.cmd]


@settings(max_examples=400, deadline=None)
@given(rows=st.lists(st.sampled_from(PIECES), max_size=12), eol=st.sampled_from(["\n", "\r\n"]))
@example(["# escape=`", "RUN x `", "# c", "y", "CMD z"], "\r\n")
def test_spans_are_those_of_buildkit(rows: list[str], eol: str) -> None:
    data = eol.join(rows).encode()
    said = buildkit(data)
    if said is not None:
        assert spans(data) == said


def test_a_whole_file_is_read() -> None:
    read = dockerfile.parse(FILE.encode())
    assert spans(FILE.encode()) == buildkit(FILE.encode())
    assert [(s.index, s.name, s.base) for s in read.stages] == [
        (0, "build", "rust:${VERSION}-slim"),
        (1, "test", "build"),
        (2, "", "debian:12"),
    ]
    build, test, final = read.stages
    assert read.final is final
    assert read.image(build) == "rust:1.80-slim"
    assert read.parent(test) is build and read.parent(final) is None
    assert read.lineage(test) == (build, test)
    assert build.source.flag("platform") == "$BUILDPLATFORM"
    copy, run, heredoc, onbuild = build.instructions[1:]
    assert copy.flags == ("--link", "--chown=1000:1000") and copy.flag("link") == "" and copy.flag("from") is None
    assert run.value == "cargo build     --release" and (run.line, run.end_line) == (7, 11)
    assert heredoc.bodies == (("EOF", "FROM nothing\n"),)
    assert onbuild.inner is not None and (onbuild.inner.name, onbuild.inner.value) == ("RUN", "echo hi")
    assert dict(p for i in final.named("ENV", "LABEL") for p in i.pairs) == {
        "A": "1",
        "B": "two words",
        "C": "three words",
        "OLD": "its value",
        "a.b": "c",
    }
    assert final.named("ENTRYPOINT")[0].exec_form == ("/app", "serve")
    assert final.named("CMD")[0].exec_form is None
    for instruction in read.instructions:
        assert FILE.encode()[instruction.start : instruction.end].decode() == instruction.raw


def at(data: bytes, name: str) -> dockerfile.Instruction:
    return next(i for i in dockerfile.parse(data).instructions if i.name == name)


EDITS = [
    ("insert_after", "WORKDIR", "FROM a\nWORKDIR /x\nCMD y\n", "USER 1000\n", "FROM a\nWORKDIR /x\nUSER 1000\nCMD y\n"),
    ("insert_after", "CMD", "FROM a\nCMD y", "USER 1000\n", "FROM a\nCMD y\nUSER 1000"),
    ("insert_after", "RUN", "FROM a\nRUN x \\\n  y\n", "USER u", "FROM a\nRUN x \\\n  y\nUSER u\n"),
    ("insert_after", "RUN", "FROM a\nRUN <<E\nCMD\nE\nCMD z\n", "USER u", "FROM a\nRUN <<E\nCMD\nE\nUSER u\nCMD z\n"),
    ("insert_before", "CMD", "FROM a\n\n# why\nCMD y\n", "USER u\n", "FROM a\n\nUSER u\n# why\nCMD y\n"),
    ("insert_before", "FROM", "# syntax=x\nFROM a\n", "ARG V=1\n", "# syntax=x\nARG V=1\nFROM a\n"),
    ("insert_before", "FROM", "# licence\nFROM a\n", "ARG V=1\n", "ARG V=1\n# licence\nFROM a\n"),
    ("replace", "FROM", "FROM a:latest\nCMD x\n", "FROM a:1", "FROM a:1\nCMD x\n"),
    ("replace", "RUN", "FROM a\nRUN x \\\n  y\nCMD x", "RUN z", "FROM a\nRUN z\nCMD x"),
    ("replace", "RUN", "FROM a\nRUN x\nCMD x\n", "", "FROM a\nCMD x\n"),
    ("replace", "CMD", "FROM a\nCMD x", "", "FROM a"),
    ("replace", "CMD", "FROM a\nCMD x\n", "CMD x", "FROM a\nCMD x\n"),
]


@pytest.mark.parametrize("form", ["plain", "crlf", "bom"])
@pytest.mark.parametrize(("verb", "name", "before", "text", "after"), EDITS)
def test_edits(verb: str, name: str, before: str, text: str, after: str, form: str) -> None:
    shape = {"plain": lambda s: s, "crlf": lambda s: s.replace("\n", "\r\n"), "bom": lambda s: "\ufeff" + s}[form]
    data = shape(before).encode()
    assert getattr(dockerfile, verb)(data, at(data, name), text).decode() == shape(after)


@pytest.mark.parametrize(
    ("before", "verb", "text", "why"),
    [
        (b"FROM a\nCMD x \\", "insert_after", "USER u", "the last line goes on"),
        (b"FROM a\nCMD x\n", "insert_before", "RUN x \\", "the new line would swallow the next"),
        (b"FROM a\nCMD x\n", "replace", "RUN <<E", "a heredoc without an end"),
    ],
)
def test_an_edit_that_would_change_another_instruction_is_refused(
    before: bytes, verb: str, text: str, why: str
) -> None:
    with pytest.raises(Refused):
        getattr(dockerfile, verb)(before, at(before, "CMD"), text)


def test_an_instruction_of_another_file_is_refused() -> None:
    with pytest.raises(Refused, match="not in this file"):
        dockerfile.replace(b"FROM b\n", at(b"FROM a\n", "FROM"), "FROM c")


@pytest.mark.parametrize("data", [b"FROM a\0", "FROM a".encode("utf-16"), b"\xffROM a", b"RUN <<E\n", b"# escape=x\n"])
def test_unreadable_files_are_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        dockerfile.parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read = dockerfile.parse(data)
    except Refused:
        return
    for instruction in read.instructions:
        assert instruction.words is not None and instruction.pairs is not None
        assert dockerfile.replace(data, instruction, instruction.raw) == data
