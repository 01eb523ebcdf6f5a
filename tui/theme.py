"""Our two themes, and the colours of ours that every other theme gets too.

Added and removed lines are blue and vermilion (Okabe and Ito, 2008), at 30 % on dark and 22 % on light:
under deuteranopia they are 63 and 46 apart, against 9 for green and red at 10 % (design/tui.md). Text on
them keeps a contrast of 9.4 or more. No meaning hangs on colour alone.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

ADDED: Final = "#0072b2"
REMOVED: Final = "#d55e00"

DARK: Final = Theme(
    name="readiness-dark",
    primary="#6cb6ff",
    secondary="#8ddb8c",
    accent="#f0b866",
    warning="#f0b866",
    error="#ff8b7b",
    success="#7ee0a0",
    foreground="#d8dee6",
    background="#12161c",
    surface="#171c24",
    panel="#222a35",
    dark=True,
    variables={
        "border": "#6cb6ff",
        "border-blurred": "#39434f",
        "footer-key-foreground": "#6cb6ff",
        "block-cursor-text-style": "none",
        "input-selection-background": "#6cb6ff 35%",
    },
)

LIGHT: Final = Theme(
    name="readiness-light",
    primary="#0a5fb4",
    secondary="#1a7f37",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#b3261e",
    success="#1a7f37",
    foreground="#1d2530",
    background="#f7f8fa",
    surface="#ffffff",
    panel="#e6eaf0",
    dark=False,
    variables={
        "border": "#0a5fb4",
        "border-blurred": "#b9c2cd",
        "footer-key-foreground": "#0a5fb4",
        "block-cursor-text-style": "none",
        "input-selection-background": "#0a5fb4 25%",
    },
)

_DEFAULT: Final = "ansi_default"
_DIFF: Final = ("add", "delete", "add-mark", "delete-mark", "add-gutter", "delete-gutter")
_GREY: Final = """
    ansi-background ansi-foreground border border-blurred block-cursor-foreground block-cursor-background
    block-hover-background input-cursor-background input-cursor-foreground input-selection-background
    input-selection-foreground screen-selection-background screen-selection-foreground scrollbar scrollbar-hover
    scrollbar-active scrollbar-background scrollbar-background-hover scrollbar-background-active scrollbar-corner-color
"""

MONO: Final = Theme(
    name="readiness-mono",
    ansi=True,
    primary=_DEFAULT,
    secondary=_DEFAULT,
    warning=_DEFAULT,
    error=_DEFAULT,
    success=_DEFAULT,
    accent=_DEFAULT,
    foreground=_DEFAULT,
    background=_DEFAULT,
    surface=_DEFAULT,
    panel=_DEFAULT,
    boost=_DEFAULT,
    variables=dict.fromkeys(_GREY.split(), _DEFAULT) | {"input-cursor-text-style": "reverse", "muted": _DEFAULT},
)
"""For NO_COLOR: the terminal's own two colours, with bold, dim and reverse."""


def extra_variables(*, dark: bool, ansi: bool) -> dict[str, str]:
    """The variables that only our style sheet knows, for a theme that does not set them."""
    if ansi:
        return {f"diff-{name}": _DEFAULT for name in _DIFF} | {"muted": "ansi_bright_black"}
    share, mark = (30, 62) if dark else (22, 46)
    return {
        "diff-add": f"{ADDED} {share}%",
        "diff-delete": f"{REMOVED} {share}%",
        "diff-add-mark": f"{ADDED} {mark}%",
        "diff-delete-mark": f"{REMOVED} {mark}%",
        "diff-add-gutter": f"{ADDED} {share + 14}%",
        "diff-delete-gutter": f"{REMOVED} {share + 14}%",
        "muted": "#8d98a7" if dark else "#566170",
    }
