"""Every editor of a format stands behind the gates: when its splice goes wrong, in whatever way, it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from fixers.editors import dockerfile, env, gates, gitignore, ini, json, markdown, toml, yaml
from fixers.editors.splice import Edit, splice
from fixers.model import Refused

Editor = Callable[[bytes], bytes]


def user(data: bytes) -> bytes:
    last = dockerfile.parse(data).instructions[-1]
    return dockerfile.replace(data, last, "USER app")


EDITORS: dict[str, tuple[Editor, bytes]] = {
    "toml": (lambda d: toml.set_value(d, ("a", "b"), 2), b"# top\n[a]\nb = 1\nc = 3\n"),
    "yaml": (lambda d: yaml.set_value(d, ("a", "b"), 2), b"# top\na:\n  b: 1\n  c: 3\n"),
    "json": (lambda d: json.set_value(d, ("a", "b"), 2), b'{\n  "a": {\n    "b": 1,\n    "c": 3\n  }\n}\n'),
    "ini": (lambda d: ini.set_value(d, "a", "b", "2"), b"# top\n[a]\nb = 1\nc = 3\n"),
    "env": (lambda d: env.set_value(d, "B", "2"), b"# top\nA=1\nB=1\nC=3\n"),
    "gitignore": (lambda d: gitignore.add(d, "*.key"), b"# top\ntarget/\n!keep\n"),
    "dockerfile": (user, b"# top\nFROM scratch\nRUN true\nUSER nobody\n"),
    "markdown": (lambda d: markdown.append_section(d, "Safety", "Be safe."), b"# top\n\n- one\n- two\n"),
}
Wrong = Callable[[bytes, bytes], bytes]
WRONG: dict[str, Wrong] = {
    "it changes a line beside": lambda before, after: after.replace(b"top", b"tip", 1).replace(
        b'"c": 3', b'"c":  3', 1
    ),
    "it drops a line beside": lambda before, after: after.split(b"\n", 1)[1] if b"top" in after else after[2:],
    "it leaves a line at the end": lambda before, after: after + b"\n",
    "it leaves a line on top": lambda before, after: b"\n" + after,
    "it does nothing": lambda before, after: before,
    "it loses what it should write": lambda before, after: b"",
    "it mixes line ends": lambda before, after: after.replace(b"\n", b"\r\n", 1),
    "it adds a byte order mark": lambda before, after: b"\xef\xbb\xbf" + after,
    "it drops the final newline": lambda before, after: after.rstrip(b"\n"),
    "it writes it twice": lambda before, after: after + after,
}


@pytest.mark.parametrize("name", EDITORS)
@pytest.mark.parametrize("fault", WRONG)
def test_an_editor_whose_splice_goes_wrong_is_refused(name: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    editor, data = EDITORS[name]
    right = editor(data)
    assert right != data and editor(right) == right

    def wrong(before: bytes, edits: Iterable[Edit]) -> bytes:
        return WRONG[fault](before, splice(before, edits))

    monkeypatch.setattr(gates, "splice", wrong)
    with pytest.raises(Refused):
        editor(data)
