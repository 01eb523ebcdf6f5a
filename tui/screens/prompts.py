"""Small questions: a reason, a yes or no, one of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from fixers.text import plural
from tui.shown import content, line


@dataclass(frozen=True, slots=True)
class SkipReason:
    """Why a finding is set aside, and whether the configuration shall say so too."""

    reason: str
    suppress: bool = False


class Tick(Static, can_focus=True):
    """A box to tick, in letters, so that it is read without colour."""

    BINDINGS = [Binding("space,enter", "flip", "tick", id="tick.flip")]
    value = reactive(False)

    def __init__(self, words: str, *, disabled: bool = False) -> None:
        super().__init__(markup=False, disabled=disabled)
        self.words = words

    def render(self) -> Content:
        """The box and what it means."""
        return Content(f"[{'x' if self.value else ' '}] {self.words}")

    def action_flip(self) -> None:
        """Tick it, or not."""
        self.value = not self.value

    def on_click(self) -> None:
        """The same with the mouse."""
        self.action_flip()


class SkipScreen(ModalScreen[SkipReason | None]):
    """Asks for a reason."""

    BINDINGS = [Binding("escape", "dismiss(None)", "cancel", id="skip.cancel")]

    def __init__(self, count: int, *, can_suppress: bool) -> None:
        super().__init__()
        self.count = count
        self.can_suppress = can_suppress

    def compose(self) -> ComposeResult:
        """A line to type in and a box to tick."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content(f"Skip {plural(self.count, 'finding')}")
            yield Input(placeholder="why it is set aside", id="reason")
            yield Tick("and commit an ignore with this reason to the configuration", disabled=not self.can_suppress)
            yield Static("enter skips   tab, space ticks the box   esc cancels", classes="hint", markup=False)

    @on(Input.Submitted)
    def _done(self, message: Input.Submitted) -> None:
        reason = " ".join(message.value.split())
        suppress = self.query_one(Tick).value
        if suppress and not reason:
            message.input.placeholder = "an ignore needs a reason"
            return
        self.dismiss(SkipReason(reason, suppress))


class ConfirmScreen(ModalScreen[bool]):
    """Asks yes or no; no has the focus."""

    BINDINGS = [
        Binding("y", "dismiss(True)", "yes", id="confirm.yes"),
        Binding("n,escape", "dismiss(False)", "no", id="confirm.no"),
        Binding("left,right,h,l", "app.focus_next", "the other", show=False),
    ]
    AUTO_FOCUS = "#no"

    def __init__(self, title: str, words: Sequence[str], yes: str) -> None:
        super().__init__()
        self.words = words
        self.heading = title
        self.yes = yes

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content(line(self.heading))
            yield Static(content("\n".join(line(w) for w in self.words)), markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("No (n)"), id="no")
                yield Button(Content(f"{self.yes} (y)"), id="yes")

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        self.dismiss(message.button.id == "yes")


class PickScreen(ModalScreen[int | None]):
    """Asks for one of several."""

    BINDINGS = [
        Binding("escape", "dismiss(None)", "cancel", id="pick.cancel"),
        Binding("j", "down", "down", show=False),
        Binding("k", "up", "up", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str]) -> None:
        super().__init__()
        self.heading = title
        self.names = names

    def compose(self) -> ComposeResult:
        """The names."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content(line(self.heading))
            yield OptionList(*(Option(Content(line(n))) for n in self.names))

    def action_down(self) -> None:
        """Down a line."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Up a line."""
        self.query_one(OptionList).action_cursor_up()

    @on(OptionList.OptionSelected)
    def _picked(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(message.option_index)
