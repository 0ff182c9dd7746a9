"""Numbers as a reader wants them: a few digits on the page, all of them in the title."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_POWER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)(?!\w)")
_MINUS = re.compile(r"(?<![\w.)\]])-(?=\d)")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Shown:
    """What a cell shows, its value in full (empty if the text says it all), its key for sorting."""

    text: str
    full: str = ""
    key: str = ""


def shown(value, full=None, error=None, digits: int = 6) -> Shown:
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
        return Shown(prettier(f"{number:.{digits}g}"), repr(value) if isinstance(value, int)
                     else repr(number), repr(number))  # fmt: skip
    behind = _number(full)
    if str(value) in ("yes", "no") or behind is None or not math.isfinite(behind):
        return _shown_words(str(value))
    spread = _number(error)
    title = repr(behind) + (f" ± {spread!r}" if spread else "")
    return Shown(prettier(str(value)), title, repr(behind))


def _shown_words(text: str) -> Shown:
    return Shown(prettier(text), "", text)


def _number(value) -> float | None:
    """``value`` as a float, or None if it is not one."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def prettier(text: str) -> str:
    """Text with 1e-05 as 1 × 10⁻⁵, +- as ± and a minus sign before digits."""
    text = _POWER.sub(lambda m: f"{m[1]} × 10{_superscript(m[2])}", text.replace("+-", "±"))
    return _MINUS.sub("−", text)


def _superscript(exponent: str) -> str:
    return str(int(exponent)).translate(_SUPERSCRIPTS)
