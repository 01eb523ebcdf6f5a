"""One table of keys: the screens' bindings, the help and the letters of plain mode come from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Key:
    """An action with its keys. `where` is the widget or screen that has the binding."""

    id: str
    keys: str
    action: str
    what: str
    where: str
    footer: str = ""


KEYS: Final = (
    Key("down", "j,down", "move(1)", "down a line", "list pane"),
    Key("up", "k,up", "move(-1)", "up a line", "list pane"),
    Key("half-down", "ctrl+d", "page(0.5)", "half a page down", "list pane"),
    Key("half-up", "ctrl+u", "page(-0.5)", "half a page up", "list pane"),
    Key("page-down", "pagedown", "page(1)", "a page down", "list pane"),
    Key("page-up", "pageup", "page(-1)", "a page up", "list pane"),
    Key("top", "g,home", "edge(-1)", "to the top", "list pane"),
    Key("bottom", "G,end", "edge(1)", "to the end", "list pane"),
    Key("toggle", "space", "decide", "select or not, and move on", "main", "select"),
    Key("select", "y", "accept", "select and move on", "main"),
    Key("skip", "n", "decline", "skip and move on", "main", "skip"),
    Key("skip-reason", "s", "decline_because", "skip with a reason", "main"),
    Key("range", "v", "range", "mark a range; space, y or n decide it", "main"),
    Key("all", "*", "all", "select all that is shown and safe", "main"),
    Key("open", "enter", "open", "open or expand", "main", "open"),
    Key("back", "escape", "back", "back out; it never quits", "main"),
    Key("apply-selected", "A", "apply_selected", "apply the selected: the plan first", "main", "apply selected"),
    Key("apply", "a", "apply_one", "apply this one: the plan first", "main", "apply this"),
    Key("alternative", "x", "alternative", "next alternative fix", "main"),
    Key("edit", "e", "edit", "edit the proposed result in $EDITOR", "main", "edit"),
    Key("open-source", "o", "open_source", "open the source in $EDITOR, as a copy", "main"),
    Key("undo", "u", "undo", "undo a decision; on a fix, its commit", "main", "undo"),
    Key("redo", "ctrl+r", "redo", "redo the decision", "main"),
    Key("filter", "/", "filter", "filter the list", "main", "filter"),
    Key("next-finding", "J", "next(1)", "next finding; in the list: scroll", "main"),
    Key("previous-finding", "K", "next(-1)", "previous finding; in the list: scroll", "main"),
    Key("focus-other", "tab", "focus_other", "to the other pane", "main"),
    Key("focus-list", "h,left", "focus_list", "to the list", "main"),
    Key("focus-detail", "l,right", "focus_detail", "to the detail", "main"),
    Key("next-hunk", "]", "hunk(1)", "next hunk", "main"),
    Key("previous-hunk", "[", "hunk(-1)", "previous hunk", "main"),
    Key("more-context", "}", "context(3)", "more context", "main"),
    Key("less-context", "{", "context(-3)", "less context", "main"),
    Key("split", "t", "split", "unified, side by side, automatic", "main"),
    Key("wrap", "w", "wrap", "wrap long lines or not", "main"),
    Key("zoom", "z", "zoom", "one pane only, or both", "main"),
    Key("copy-patch", "c", "copy_patch", "copy the patch, for git apply", "main"),
    Key("copy-place", "C", "copy_place", "copy path:line", "main"),
    Key("markdown", "m", "copy_markdown", "copy the summary as Markdown", "main"),
    Key("tab-1", "1", "tab('diff')", "the diff", "main"),
    Key("tab-2", "2", "tab('code')", "the code at the place", "main"),
    Key("tab-3", "3", "tab('why')", "the rule's whole explanation", "main"),
    Key("tab-4", "4", "tab('log')", "what the checks said", "main"),
    Key("overview", "i", "overview", "readiness by area", "main"),
    Key("summary", "S", "summary", "what was done in this session", "main"),
    Key("rescan", "r", "rescan", "scan again", "main"),
    Key("help", "?,f1", "app.help", "this page", "app", "help"),
    Key("palette", "ctrl+p", "app.command_palette", "every command by name", "app"),
    Key("quit", "q", "app.leave", "quit; decisions are kept", "app", "quit"),
)
PLAIN: Final[Mapping[str, str]] = {
    "y": "select; y 3-9 a range",
    "n": "skip; n 3-9 a range",
    "s": "skip with a reason, which may become an ignore",
    "x": "next alternative fix",
    "e": "edit the proposed result in $EDITOR",
    "o": "open a copy of the source in $EDITOR",
    "a": "apply what is selected, after the plan; a 3 that one",
    "u": "undo the last decision; u 3 the commit of an applied fix",
    "r": "redo it",
    "d": "the diff again; d 10 with ten lines around",
    "1 2 3 4": "diff, code, why, log",
    "c": "write the patch to a file, for git apply",
    "C": "the place as path:line",
    "/": "filter: words and sev: area: rule: path: state: fix:",
    "*": "select everything that the filter shows",
    "j k": "next, previous; this one stays as it is",
    "g 12": "go to a finding by its number",
    "l": "list all findings with their numbers",
    "i": "readiness by area, passes and their evidence",
    "m": "the summary as Markdown",
    "S": "what was done in this session",
    "b NAME": "commit to another branch",
    "R": "scan again",
    "q": "quit; decisions are kept",
    "?": "this list",
}
"""The letters of plain mode: the screen's own where a letter makes sense."""


def bindings(where: str) -> list[Binding]:
    """The bindings of one widget or screen; every one has an id, so that `[keys]` can move it."""
    from textual.binding import Binding

    return [
        Binding(key.keys, key.action, key.footer or key.what, show=bool(key.footer), id=key.id)
        for key in KEYS
        if where in key.where.split()
    ]


def named(key: str) -> str:
    """A key as people write it: ``space``, ``ctrl+r``, ``?``."""
    names = {
        "question_mark": "?", "slash": "/", "asterisk": "*", "left_square_bracket": "[", "escape": "esc",
        "right_square_bracket": "]", "left_curly_bracket": "{", "right_curly_bracket": "}", "down": "↓", "up": "↑",
        "left": "←", "right": "→", "pagedown": "pgdn", "pageup": "pgup", "f1": "F1",
    }  # fmt: skip
    return names.get(key, key)


def spelled(key: Key, moved: Mapping[str, str]) -> str:
    """The keys of an action as the help shows them, after rebinding."""
    return " ".join(named(k) for k in moved.get(key.id, key.keys).split(","))


def unknown(moved: Mapping[str, str]) -> list[str]:
    """Names in `[keys]` that are no action of ours."""
    known = {key.id for key in KEYS}
    return sorted(set(moved) - known)
