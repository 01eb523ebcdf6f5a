"""Placeholders of our own templates: `$name`, and nothing more."""

from __future__ import annotations

from string import Template

from fixers.model import Refused


def fill(text: str, **values: str) -> str:
    """The template with every `$name` replaced; `$$` is a dollar. Raises Refused when one has no value."""
    try:
        return Template(text).substitute(values)
    except (KeyError, ValueError) as error:
        raise Refused(f"the template has no value for {error}") from error
