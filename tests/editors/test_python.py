"""Edits of Python source keep every byte that they were not asked to change."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from fixers.editors import python
from fixers.editors.python import (
    AddImport,
    DropImport,
    DropKeyword,
    InsertAfter,
    PythonEdit,
    Replace,
    SetKeyword,
    Span,
    span,
)
from fixers.model import Refused

Make = Callable[[Span], PythonEdit]


def first_call(data: bytes) -> Span:
    return span(next(n for n in ast.walk(ast.parse(data)) if isinstance(n, ast.Call)))


def edited(source: str | bytes, *makes: Make) -> bytes:
    data = source.encode() if isinstance(source, str) else source
    return python.apply(data, *(make(first_call(data)) for make in makes))


def timeout(at: Span) -> PythonEdit:
    return SetKeyword(at, "timeout", "30")


ADDED = [
    ("f()", "f(timeout=30)"),
    ("f(a)", "f(a, timeout=30)"),
    ("f(a, b,)", "f(a, b, timeout=30,)"),
    ("f(a, timeout = None)", "f(a, timeout = 30)"),
    ("f(a, **more)", "f(a, **more, timeout=30)"),
    ("x = (q\n    .f(a)\n    .b)", "x = (q\n    .f(a, timeout=30)\n    .b)"),
    ("f(\n    a,\n    b,\n)", "f(\n    a,\n    b,\n    timeout=30,\n)"),
    ("f(\n    a,\n    b\n)", "f(\n    a,\n    b,\n    timeout=30\n)"),
    ("f(a,\n  b)", "f(a,\n  b,\n  timeout=30)"),
    ("f(\n    a,  # one\n    b,  # two\n)", "f(\n    a,  # one\n    b,  # two\n    timeout=30,\n)"),
    ("f(\n    a,\n    b  # two\n)", "f(\n    a,\n    b,  # two\n    timeout=30\n)"),
]


@pytest.mark.parametrize(("before", "after"), ADDED)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_keyword_is_added_in_the_layout_of_the_call(before: str, after: str, eol: str) -> None:
    around = "é = 'ü'{0}{1}{0}z = 1"
    source, wanted = (around.format("\n", s).replace("\n", eol).encode() for s in (before, after))
    assert edited(source, timeout) == wanted


LONG = "    return requests.post('https://example.org/a/long/path', json=payload, headers=the_headers)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"def f():\n{LONG}\n",
            "def f():\n    return requests.post(\n"
            "        'https://example.org/a/long/path', json=payload, headers=the_headers, timeout=30\n    )\n",
        ),
        (
            f"def f():\n{LONG.replace('json=payload', 'json=a_long_payload')}[0]\n".replace("requests.", ""),
            "def f():\n    return post(\n        'https://example.org/a/long/path', json=a_long_payload, "
            "headers=the_headers, timeout=30\n    )[0]\n",
        ),
        (
            "post(\n    'https://example.org/a/long/path', json=payload, headers=the_headers, stream=True\n)\n",
            "post(\n    'https://example.org/a/long/path',\n    json=payload,\n    headers=the_headers,\n"
            "    stream=True,\n    timeout=30,\n)\n",
        ),
        (f"# {'-' * 120}\n{LONG[4:]}\n", f"# {'-' * 120}\n{LONG[4:-1]}, timeout=30)\n"),
    ],
    ids=["to one line", "what follows stays", "from one line to many", "the file has longer lines"],
)
def test_a_line_that_would_become_too_long_is_broken(before: str, after: str) -> None:
    assert edited(before, timeout) == after.encode()


DROPPED = [
    ("f(a, verify=False)", "f(a)"),
    ("f(verify=False)", "f()"),
    ("f(a, verify=False, b=1)", "f(a, b=1)"),
    ("f(\n    a,\n    verify=False,\n)", "f(\n    a,\n)"),
    ("f(\n    verify=False,\n    b=1,\n)", "f(\n    b=1,\n)"),
    ("f(a)", "f(a)"),
]


@pytest.mark.parametrize(("before", "after"), DROPPED)
def test_a_keyword_is_dropped(before: str, after: str) -> None:
    assert edited(before + "\n", lambda at: DropKeyword(at, "verify")) == (after + "\n").encode()


IMPORTS = [
    ("f()\n", "import os\n\nf()\n", "before the first statement"),
    ("#!/bin/x\n# c\nf()\n", "#!/bin/x\n# c\nimport os\n\nf()\n", "after the shebang"),
    ('"""Doc."""\nf()\n', '"""Doc."""\n\nimport os\nf()\n', "after the docstring"),
    ("import re\nf()\n", "import os\nimport re\nf()\n", "in alphabetical order"),
    ("import json\nimport re\nf()\n", "import json\nimport os\nimport re\nf()\n", "between"),
    ("import flask\nf()\n", "import os\n\nimport flask\nf()\n", "standard library first"),
    ("import os\nf()\n", "import os\nf()\n", "not twice"),
    (
        "from __future__ import annotations\n\nimport re\nf()\n",
        "from __future__ import annotations\n\nimport os\nimport re\nf()\n",
        "never before __future__",
    ),
    (
        "import re\n__all__ = []\nimport sys\nf()\n",
        "import os\nimport re\n__all__ = []\nimport sys\nf()\n",
        "past __all__",
    ),
    ("from re import (\n    sub,\n)\nf()\n", "import os\nfrom re import (\n    sub,\n)\nf()\n", "before from-imports"),
]


@pytest.mark.parametrize(("before", "after", "claim"), IMPORTS, ids=[c for *_, c in IMPORTS])
def test_an_import_goes_to_its_place(before: str, after: str, claim: str) -> None:
    assert python.apply(before.encode(), AddImport("os")) == after.encode()


UNUSED = [
    ("import random\nimport os\nf()\n", "import os\nf()\n", "its line goes"),
    ("import os, random\nf()\n", "import os\nf()\n", "last of a line"),
    ("import random, os\nf()\n", "import os\nf()\n", "first of a line"),
    ("import random\nrandom.seed()\n", "import random\nrandom.seed()\n", "used"),
    ("import random\n__all__ = ['random']\n", "import random\n__all__ = ['random']\n", "exported"),
]


@pytest.mark.parametrize(("before", "after", "claim"), UNUSED, ids=[c for *_, c in UNUSED])
def test_an_import_is_dropped_only_when_nothing_uses_it(before: str, after: str, claim: str) -> None:
    assert python.apply(before.encode(), DropImport("random")) == after.encode()


def test_a_statement_is_inserted_at_the_indentation_of_its_neighbour() -> None:
    before = b"def make():\r\n    app = Flask()  # the app\r\n    return app\r\n"
    edit = InsertAfter(Span(2, 4, 2, 17), 'app.config["A"] = 1')
    after = b'def make():\r\n    app = Flask()  # the app\r\n    app.config["A"] = 1\r\n    return app\r\n'
    assert python.apply(before, edit) == after


def test_edits_of_one_file_are_made_at_once() -> None:
    source = b"import re\nx = f(g(1), 2)\n"
    edits = (SetKeyword(Span(2, 4, 2, 14), "b", "1"), SetKeyword(Span(2, 6, 2, 10), "a", "os.x"), AddImport("os"))
    assert python.apply(source, *edits) == b"import os\nimport re\nx = f(g(1, a=os.x), 2, b=1)\n"


def test_a_form_feed_a_bom_and_a_missing_final_newline_stay() -> None:
    source = b"\xef\xbb\xbf\x0c# -*- coding: utf-8 -*-\n\x0cf(a)"
    assert edited(source, timeout) == source[:-1] + b", timeout=30)"


REFUSED = [
    ("f(x for x in y)", timeout, "generator"),
    ("x = f(a)", lambda at: SetKeyword(Span(1, 0, 1, 1), "b", "1"), "not a call"),
    ("f(a)", lambda at: SetKeyword(Span(9, 0, 9, 1), "b", "1"), "not in the file"),
    ("f(a)", lambda at: Replace(at, "g("), "parse|valid"),
    ("f(a)", lambda at: Replace(Span(1, 2, 1, 3), "b, c"), "more than was meant"),
    ("f(\n  a,\n  verify=False,  # why\n)", lambda at: DropKeyword(at, "verify"), "comment"),
    ("a = f(); b = 1", lambda at: InsertAfter(Span(1, 0, 1, 7), "c = 1"), "shares its line"),
]


@pytest.mark.parametrize(("source", "make", "reason"), REFUSED, ids=[r for *_, r in REFUSED])
def test_in_doubt_the_edit_is_refused(source: str, make: Make, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        edited(source + "\n", make)


def test_an_edit_that_changes_more_than_was_meant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python.python_calls, "set_keyword", lambda source, name, value: "f(b, timeout=30)")
    with pytest.raises(Refused, match="more than was meant"):
        edited("f(a)\n", timeout)


def test_a_call_that_libcst_does_not_give_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python.python_calls, "_text", lambda node: "(f( a))")
    with pytest.raises(Refused, match="unchanged"):
        edited("f(a)\n", timeout)
