"""Values of a config: how many there are, where they stand, and how they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Keys = tuple[str | int, ...]
_SHOWN = 60  # characters of a bad value worth showing
_MOST = 100_000  # values in a config


class ConfigError(Exception):
    """The config is not usable; the message is one line."""


def bounded(config: Any) -> None:
    """A few lines of YAML can stand for more than any memory holds: not even to be shown.

    Raises:
        ConfigError: a key stands for too many values.
    """
    for name, value in config.items() if isinstance(config, dict) else ():
        key = dotted([str(name)])
        try:
            count = _count(value, {})
        except RecursionError:
            raise ConfigError(
                f"config: {key} is nested hundreds of levels deep; allowed are five"
            ) from None
        if count > _MOST:
            raise ConfigError(
                f"config: {key} stands for {count:.1e} values, with its aliases written out; "
                f"allowed is at most {_MOST}"
            )


def _count(value: Any, known: dict[int, int]) -> int:
    """How many values there are, aliases written out; an alias within itself counts once."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 1
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count(each, known) for each in inner)
    return known[id(value)]


def numbers(value: Any, path: Keys = ()) -> Iterator[tuple[Keys, float]]:
    """Each number with its keys."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from numbers(item, (*path, i))
    elif isinstance(value, float):
        yield path, value


def dotted(path: Iterable[str | int]) -> str:
    """Keys as they are told: ``theory.edge.sigma_b[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return short(text.lstrip("."), quote=False) or "(top)"


def short(value: Any, quote: bool = True) -> str:
    """A value as it is told: on one line, and cut off where it is long."""
    text = " ".join((repr(value) if quote else str(value)).split())
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
