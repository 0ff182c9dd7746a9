"""Numbers as a reader wants them: a few digits on the page, all of them in the title."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

_POWER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)(?!\w)")
_MINUS = re.compile(r"(?<![\w.)\]])-(?=\d)")
_FIXED = "\N{NO-BREAK SPACE}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Shown:
    """What a cell shows, its value in full (empty if the text says it all), its key for sorting."""

    text: str
    full: str = ""
    key: str = ""


def shown(value: Any, full: Any = None, error: Any = None, digits: int = 6) -> Shown:
    """A number to ``digits`` significant digits, anything else as text.

    ``full`` and ``error`` are the number behind a ``value`` that is text already.
    """
    if value is None or value == "":
        return Shown("–")
    if isinstance(value, bool) or value in ("True", "False"):
        return _shown_words("yes" if str(value) == "True" else "no")
    number = _number(value)
    if number is not None and not math.isfinite(number):
        return Shown({math.inf: "∞", -math.inf: "−∞"}.get(number, "not a number"), "", str(number))
    if number is not None:
        exact = str(value) if isinstance(value, int) else repr(number)
        return Shown(prettier(f"{number:.{digits}g}"), exact, repr(number))
    behind = _number(full)
    if str(value) in ("yes", "no") or behind is None or not math.isfinite(behind):
        return _shown_words(str(value))
    spread = _number(error)
    title = repr(behind) + (f" ± {spread!r}" if spread else "")
    return Shown(prettier(str(value)), title, repr(behind))


def _shown_words(text: str) -> Shown:
    return Shown(prettier(text), "", text)


def _number(value: Any) -> float | None:
    """``value`` as a float, or None if it is not one."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def prettier(text: str) -> str:
    """Text with 2e-05 as 2 × 10⁻⁵, +- as ± and a minus sign before digits."""
    return _MINUS.sub("−", _POWER.sub(_power, text.replace(" +- ", f" ±{_FIXED}")))


def _power(match: re.Match) -> str:
    power = "10" + str(int(match[2])).translate(_SUPERSCRIPTS)
    return power if match[1] == "1" else f"{match[1]}{_FIXED}×{_FIXED}{power}"
