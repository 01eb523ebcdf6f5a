"""The file at the place of a finding."""

from __future__ import annotations

from typing import Final

from textual.message import Message

from fixers.model import Finding
from fixers.text import plural, quoted
from tui.shown import LONGEST
from tui.shown import line as shown
from tui.widgets.diff_lines import stacked
from tui.widgets.lines import Line, LinePane
from tui.widgets.syntax import spans_of

_AROUND: Final = 1500
"""Lines kept before and after the place."""
_COLOURED: Final = 120


class CodePane(LinePane):
    """Shows tracked bytes with the finding's lines marked `>`."""

    class Coloured(Message):
        """Colour for the lines shown as `number` has arrived."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._number = 0
        self._asked: tuple[object, ...] = ()

    def show(self, finding: Finding, data: bytes | None, *, hidden: bool = False) -> None:
        """Show the file of a finding around its first place; the same again stays where it was scrolled."""
        asked = (finding.id, finding.line, data, hidden)
        if asked == self._asked:
            return
        self._asked = asked
        self._number += 1
        if hidden:
            self._say("contents are not shown: this file holds secrets")
        elif data is None:
            self._say(f"{quoted(finding.path)}: no such file yet" if finding.path else "this finding has no file")
        elif b"\0" in data:
            self._say(f"{quoted(finding.path)}: binary, {plural(len(data), 'byte')}")
        else:
            self._file(finding, data)

    def _say(self, words: str) -> None:
        self.set_pairs(stacked([Line("n", shown(words))]))

    def _file(self, finding: Finding, data: bytes) -> None:
        places = [(finding.line, finding.end_line or finding.line)] if finding.line else []
        places += [(p.line, p.end_line or p.line) for p in finding.locations if p.path == finding.path and p.line]
        marked = {n for first, last in places for n in range(first, min(last, first + 500) + 1)}
        texts = data.split(b"\n")
        if texts and not texts[-1]:
            texts.pop()
        here = min(marked, default=1)
        first = max(0, here - 1 - _AROUND)
        lines = [
            Line(
                ">" if n in marked else " ",
                shown(raw.removesuffix(b"\r")[: LONGEST * 4], LONGEST),
                new=n,
            )
            for n, raw in enumerate(texts[first : here + _AROUND], first + 1)
        ]
        head = Line("f", shown(quoted(finding.path)) + f"  {plural(len(texts), 'line')}")
        self.set_pairs(stacked([head, *lines]))
        rows = self.rows_of(">")
        if rows:
            self.scroll_to(y=max(0, rows[0] - max(2, self.size.height // 3)), animate=False, immediate=True)
        near = lines[max(0, here - first - _COLOURED) : here - first + _COLOURED]
        number, path = self._number, finding.path

        def work() -> None:
            for line, spans in zip(near, spans_of([line.text for line in near], path), strict=True):
                line.spans = spans
            if self.is_mounted:
                self.post_message(self.Coloured(number))

        self.run_worker(work, thread=True, exclusive=True, group=f"colour-{self.id}", exit_on_error=False)

    def on_code_pane_coloured(self, message: Coloured) -> None:
        """Draw with the colour that has arrived."""
        message.stop()
        if message.number == self._number:
            self.recolour()
