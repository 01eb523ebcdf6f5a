"""Edits that are asked of the editors themselves, in files that rules seldom touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from fixers.editors import env, ini, json, toml, yaml
from fixers.model import Refused

Edit = Callable[[bytes], bytes]
Keys = tuple[str | int, ...]


def edits(path: str, data: bytes) -> dict[str, Edit]:
    """A word changed and a key added at the first, the middle and the last text of a file; none when it is not read."""
    try:
        words = [
            (keys, value)
            for keys, value in _values(path, data)
            if isinstance(value, str) and value.strip() and "\n" not in value
        ]
    except Refused:
        return {}
    chosen = {0, len(words) // 2, len(words) - 1} if words else set()
    found: dict[str, Edit] = {}
    for number in sorted(chosen):
        keys, value = words[number]
        found[f"{keys} changed"] = partial(_set, path, keys=keys, value=value.strip() + "x")
        if isinstance(keys[-1], str):
            found[f"{keys[:-1]} gains a key"] = partial(_set, path, keys=(*keys[:-1], "readiness_key"), value="on1")
    return found


def _values(path: str, data: bytes) -> Iterator[tuple[Keys, object]]:
    suffix = path.rpartition(".")[2].lower()
    if suffix in ("yml", "yaml"):
        yield from ((keys, value) for keys, value, _, _ in yaml.nodes(data))
    elif suffix in ("toml", "json", "jsonc"):
        yield from ((keys, value) for keys, value, _ in (toml if suffix == "toml" else json).items(data))
    elif suffix in ("ini", "cfg", "conf"):
        yield from (((section, key), value) for section, key, value, _ in ini.items(data))
    else:
        yield from (((key,), value) for key, value, _ in env.items(data))


def _set(path: str, data: bytes, *, keys: Keys, value: str) -> bytes:
    suffix = path.rpartition(".")[2].lower()
    if suffix in ("yml", "yaml"):
        return yaml.set_value(data, keys, value)
    if suffix in ("toml", "json", "jsonc"):
        return (toml if suffix == "toml" else json).set_value(data, keys, value)
    if suffix in ("ini", "cfg", "conf"):
        return ini.set_value(data, str(keys[0]), str(keys[1]), value)
    return env.set_value(data, str(keys[0]), value)
