"""An audit document: its items are read, matched to the rules, and what became of each is written back."""

from __future__ import annotations

from fixers.audits.document import Item, read
from fixers.audits.match import Answer, Done, State, answers, label
from fixers.audits.status import words, written

__all__ = ["Answer", "Done", "Item", "State", "answers", "label", "read", "words", "written"]
