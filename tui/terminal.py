"""The terminal may send anything and go away at any moment: neither is an error of ours."""

from __future__ import annotations

import codecs
import os
import termios
from functools import partial

from textual.drivers import linux_driver


def forgive_bytes() -> None:
    """Read what is no UTF-8 as U+FFFD: Textual's decoder raises, and one wrong byte would end the session."""
    vars(linux_driver)["getincrementaldecoder"] = lambda name: partial(codecs.getincrementaldecoder(name), "replace")


def let_go() -> None:
    """When the terminal is gone, what is still written to it on the way out goes nowhere."""
    try:
        termios.tcgetattr(1)
    except (OSError, ValueError, termios.error):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (1, 2):
            os.dup2(nowhere, number)
        os.close(nowhere)
