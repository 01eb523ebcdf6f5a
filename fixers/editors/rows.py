"""Where the lines of a text begin and end, for trees that know their places by characters."""

from __future__ import annotations


class Rows:
    """What every Source can tell of its `text` (BOM dropped) and of the bytes before it (`shift`)."""

    __slots__ = ()
    text: str
    shift: int

    def byte(self, offset: int) -> int:
        """The byte offset of a character."""
        return self.shift + (offset if self.text.isascii() else len(self.text[:offset].encode()))

    def begin(self, offset: int) -> int:
        """Where the line of a character begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def after(self, offset: int) -> int:
        """Where the next line begins; the text's length when there is none."""
        return self.text.find("\n", offset) + 1 or len(self.text)

    def row(self, offset: int) -> str:
        """The whole line of a character, without its line end."""
        return self.text[self.begin(offset) : self.after(offset)].rstrip("\r\n")
