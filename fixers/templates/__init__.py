"""Whole files that we write into a repository, as data beside this module."""

from __future__ import annotations

from importlib.resources import files


def text(name: str) -> str:
    """The template of that name (`ci/rust.yml`), also from a wheel; raises FileNotFoundError."""
    return files(__name__).joinpath(*name.split("/")).read_text(encoding="utf-8")
