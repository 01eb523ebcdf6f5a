"""The error style of a function: what `?` may return there, and how an error is made from a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fixers.editors import rust_format
from fixers.editors.splice import Edit
from fixers.facts import rust
from fixers.facts.rust import Function, RustFile
from fixers.facts.rust_locks import crate_of
from fixers.facts.rust_unwraps import Unwrap, is_evident
from fixers.project import Project

_ALIAS: Final = re.compile(r"type\s+(\w*Result)\s*<[^=;]*>\s*=\s*([^;]+);")
_ENUM: Final = re.compile(r"enum\s+(\w*(?:Error|Failure|Fault)\w*)\s*\{")
_VARIANT: Final = re.compile(r"^\s*(\w+)\(\s*String\s*\)\s*(?:,|$)", re.M)
_GENERAL: Final = ("Internal", "Other", "Unknown", "Generic", "Custom", "Message", "Msg", "Unexpected", "Invariant")


@dataclass(frozen=True, slots=True)
class Style:
    """`name`: anyhow, eyre, box, string, io or enum; `wraps`: whether any error turns into it by `?` with context."""

    name: str
    variant: str = ""

    def error(self, message: str, cause: str = "") -> str:
        """An expression of the error type from a message, with a variable that displays the cause."""
        text = f'"{message}: {{{cause}}}"' if cause else f'"{message}"'
        plain = f"format!({text})" if cause else f"{text}.to_owned()"
        match self.name:
            case "anyhow":
                return f"anyhow::anyhow!({text})"
            case "eyre":
                return f"eyre::eyre!({text})"
            case "box":
                return f"format!({text})" if cause else text
            case "string":
                return plain
            case "io":
                return f"std::io::Error::other({plain if cause else text})"
            case _:
                return f"{self.variant}({plain})"


def style_of(
    project: Project, path: str, code: RustFile, function: Function, topics: tuple[str, ...] = ()
) -> Style | None:
    """The style of the function's error type; None when it returns no Result, or one that cannot be made of a text.

    `topics` begin the names of variants that fit this error as well as one for whatever goes wrong.
    """
    if function.result is None or function.boundary or not is_result(project, function.result[0]):
        return None
    name, error = function.result
    for full in sorted(named(project, path, code, name)) or [name]:
        head = full.partition("::")[0]
        if head == "anyhow" and not error:
            return Style("anyhow")
        if head in ("eyre", "color_eyre") and not error:
            return Style("eyre") if head == "eyre" else None
        if full in ("std::io::Result", "io::Result"):
            return Style("io")
    if not error:
        error = project.fact(result_aliases).get(crate_of(project, path), {}).get(name.rpartition("::")[2], "")
    return _style(project, path, code, error, topics)


def _style(project: Project, path: str, code: RustFile, error: str, topics: tuple[str, ...]) -> Style | None:
    plain = re.sub(r"\s+", " ", error).strip()
    if re.match(r"^Box<\s*dyn (?:\w+::)*(?:Error|StdError)\b", plain):
        return Style("box")
    if plain in ("String", "std::string::String"):
        return Style("string")
    for full in sorted(code.resolve(plain)) or [plain]:
        if full == "anyhow::Error":
            return Style("anyhow")
        if full in ("eyre::Report", "eyre::Error"):
            return Style("eyre")
        if full in ("std::io::Error", "io::Error"):
            return Style("io")
    variants = project.fact(error_enums).get(crate_of(project, path), {}).get(plain.rpartition("::")[2], ())
    known = next((v for t in (*topics, *_GENERAL) for v in variants if v.startswith(t)), "")
    if known and not plain.startswith("Self::") and re.fullmatch(r"(?:\w+::)*\w+", plain):
        return Style("enum", f"{plain}::{known}")
    return None


def question_mark(style: Style, place: Unwrap, *, context: bool = True) -> str:
    """What takes the place of `.unwrap()`: `.context("..")?`; "" when it is not clear what is unwrapped.

    `context`: whether the trait that gives `.context` can be brought into scope.
    """
    if not is_evident(place):
        return ""
    said = place.message[1:-1] if re.fullmatch(r'"[^"\\{}\n]*"', place.message) else ""
    if place.message and not said:
        return ""
    name = place.callee.rpartition("::")[2]
    option = place.unwraps == "option"
    what = said or (f"{name} found nothing" if option else f"{place.callee or 'this'} failed")
    if style.name == "anyhow" and context:
        return f'.context("{what}")?'
    if place.unwraps == "option":
        made = style.error(what)
        return f".ok_or({made})?" if style.name == "box" else f".ok_or_else(|| {made})?"
    if place.unwraps == "result":
        return f".map_err(|e| {style.error(what, 'e')})?"
    return ""


def question_marks(
    project: Project, path: str, code: RustFile, places: Sequence[tuple[Unwrap, Style | None]]
) -> list[Edit]:
    """The edits that put `?` in the style of each function in the place of its panics; none when one is not clear."""
    edits: list[Edit] = []
    context = True
    wanted = any(s is not None and s.name == "anyhow" for _, s in places)
    if wanted and "anyhow::Context" not in named(project, path, code, "Context"):
        how, edits = code.bring("anyhow", "Context", [p.node for p, _ in places])
        context = how == "Context"
    tails = [
        question_mark(style, place, context=context).removeprefix(".") if style is not None else ""
        for place, style in places
    ]
    if not all(tails):
        return []
    return [*edits, *rust_format.swap_calls(code, [(p.node, t) for (p, _), t in zip(places, tails, strict=True)])]


def named(project: Project, path: str, code: RustFile, name: str) -> frozenset[str]:
    """What a name means, through what a module of the crate exports again: `use crate::errors::*;`."""
    known = code.resolve(name)
    again = project.fact(exported_again).get(crate_of(project, path), {}).get(name)
    if again is None:
        return known
    if any(k.startswith(("crate::", "super::", "self::")) for k in known):
        return frozenset({again})
    globs = any(g.startswith(("crate::", "super::")) for g in code.imports.get("*", ()))
    return frozenset({again}) if not known and globs else known


def exported_again(project: Project) -> dict[str, dict[str, str]]:
    """For each crate, the names of anyhow and eyre that a `pub use` of it exports."""
    found: dict[str, dict[str, str]] = {}
    for path in project.grep([b"pub use anyhow::", b"pub use eyre::", b"pub use color_eyre::"], "*.rs"):
        for match in re.finditer(r"^pub use ((?:anyhow|eyre|color_eyre)::[^;]+);", project.text(path), re.M):
            for name, full in rust.use_tree(match[1]):
                for leaf in _ANYHOW if name == "*" else (name,):
                    into = found.setdefault(crate_of(project, path), {})
                    into[leaf] = f"{full}::{leaf}" if name == "*" else full
    return found


_ANYHOW: Final = ("Result", "Context", "Error")


def result_aliases(project: Project) -> dict[str, dict[str, str]]:
    """For each crate, its `type Result<T> = ...` aliases to the error type they hide; ambiguous names are left out."""
    found: dict[str, dict[str, str]] = {}
    for path in project.grep([b"Result<"], "*.rs"):
        if b"type " not in project.read(path):
            continue
        for match in _ALIAS.finditer(project.text(path)):
            split = rust.split_result(match[2])
            names = found.setdefault(crate_of(project, path), {})
            error = split[1] if split else ""
            if error == "E":
                default = re.search(r"E\s*=\s*([\w:]+)", match[0])
                error = default[1] if default else ""
            names[match[1]] = error if names.get(match[1], error) == error else ""
    return found


def is_result(project: Project, name: str) -> bool:
    """Whether a return type of that name is a Result: by its own name, or as an alias that the tree declares."""
    short = name.rpartition("::")[2]
    if short == "Result":
        return True
    return any(short in names for names in project.fact(result_aliases).values())


def error_enums(project: Project) -> dict[str, dict[str, tuple[str, ...]]]:
    """For each crate, its error enums and their variants that take one String; none when two enums share the name."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in project.grep([b"enum "], "*.rs"):
        text = project.text(path)
        for match in _ENUM.finditer(text):
            end = _closing(text, match.end())
            variants = tuple(_VARIANT.findall(text[match.end() : end]))
            names = found.setdefault(crate_of(project, path), {})
            names[match[1]] = () if match[1] in names else variants
    return found


def _closing(text: str, at: int) -> int:
    depth = 1
    for match in re.compile(r"[{}]").finditer(text, at):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(text)
