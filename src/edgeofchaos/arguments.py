"""What is said of a wrong argument: its name, its value and what is allowed, in one line.

A number is anything that Python or NumPy counts as a real one, an array or tensor without
dimensions among them; a bool, a text or an array with dimensions is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from numbers import Real
from operator import index
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

# What code of the user's own may raise: anything but an interrupt.
OWN_ERRORS = (Exception, SystemExit)
MOST_LAYERS = 10_000_000  # a recursion of more would take minutes, and its table gigabytes
LARGEST_SIGMA = 1e100  # its square times a variance still is a float
_SHOWN = 60
_ERROR_SHOWN = 1000


def one_line(error: BaseException | str) -> str:
    """What an error says, on one line; its type where it says nothing."""
    said = repr(error) if isinstance(error, SystemExit) else str(error)
    text = " ".join(said.split()) or type(error).__name__
    return text if len(text) <= _ERROR_SHOWN else f"{text[: _ERROR_SHOWN - 3]}..."


def shown(value: Any) -> str:
    """A value as it is shown in a message: on one line, and not a long one.

    Example:
        >>> shown(list(range(100)))
        '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16...'
    """
    try:
        text = " ".join(repr(_plain(value)).split())
    except Exception:  # the value's own code, or a whole number too long to be written
        text = f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def wrong(name: str, value: Any, allowed: str) -> ValueError:
    """The error for the argument ``name``.

    Example:
        >>> wrong("depth", 2.5, "a whole number >= 1")
        ValueError('depth = 2.5; allowed is a whole number >= 1')
    """
    return ValueError(f"{name} = {shown(value)}; allowed is {allowed}")


def number(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    above: bool = False,
    what: str = "number",
) -> float:
    """``value`` as a float, if it is a finite number from ``low`` to ``high``.

    Args:
        name: the argument's.
        value: what was given.
        low, high: the range that is allowed.
        above: ``low`` itself is not.
        what: kind of number, for the message.

    Raises:
        ValueError: it is none.

    Example:
        >>> number("gamma", np.float32(0.5), 0.0, 2.0)
        0.5
        >>> number("gamma", "0.5", 0.0, 2.0)
        Traceback (most recent call last):
        ValueError: gamma = '0.5'; allowed is a number from 0 to 2
    """
    if type(value) is float and low < value <= high and abs(value) < math.inf:
        return value  # what most are, in less time
    found = _real(value)
    if found is None or not _inside(found, low, high, above):
        raise wrong(name, value, _range(low, high, above, what))
    return found


def whole(name: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """``value`` as an int, if it is a whole number from ``least`` to ``most``.

    Raises:
        ValueError: it is none; a float is none, nor is a bool.

    Example:
        >>> whole("depth", np.int64(3))
        3
    """
    try:
        plain = _plain(value)
        found = None if isinstance(plain, bool | np.bool_) else index(plain)
    except Exception:  # no whole number, or the value's own code
        found = None
    if found is None or found < least or (most is not None and found > most):
        up = f">= {least}" if most is None else f"from {least} to {most}"
        raise wrong(name, value, f"a whole number {up}")
    return found


def numbers(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    above: bool = False,
    what: str = "number",
    finite: bool = True,
) -> NDArray[np.float64]:
    """An array-like of any shape as an array of floats, each as :func:`number` has it.

    ``finite`` is False where infinities and NaN are allowed.

    Raises:
        ValueError: one of them is none.

    Example:
        >>> numbers("c", [0, 0.5], -1.0, 1.0)
        array([0. , 0.5])
    """
    allowed = _range(low, high, above, what) if finite else f"a {what}"
    array = _array(name, value, allowed)
    if finite:
        inside = _inside(array, low, high, above)
        if not np.all(inside):
            raise wrong(name, float(array[~np.asarray(inside)][0]), allowed)
    return array


def each(name: str, values: Any, check: Callable[[str, Any], T]) -> list[T]:
    """Every one of ``values``, as ``check(name, value)`` returns it.

    Raises:
        ValueError: ``values`` cannot be gone through one after another, or ``check`` raises it.

    Example:
        >>> each("record", (1, 2.5), whole)
        Traceback (most recent call last):
        ValueError: record[1] = 2.5; allowed is a whole number >= 1
    """
    try:
        if isinstance(values, str | bytes | Mapping):
            raise TypeError
        listed: Iterable[Any] = iter(values)
    except TypeError:
        raise wrong(name, values, "numbers one after another, as in a list") from None
    return [check(f"{name}[{i}]", value) for i, value in enumerate(listed)]


def one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    """``value``, if it is one of these words.

    Raises:
        ValueError: it is not.

    Example:
        >>> one_of("device", "gpu", ("cpu", "cuda"))
        Traceback (most recent call last):
        ValueError: device = 'gpu'; allowed are cpu, cuda
    """
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} = {shown(value)}; allowed are {', '.join(allowed)}")
    return value


def check_sigma(name: str, value: Any, *, positive: bool = False) -> float:
    """A standard deviation as a float: a finite number >= 0, or > 0, whose square is one too.

    Raises:
        ValueError: it is none.
    """
    found = number(name, value, 0.0, above=positive)
    if found > LARGEST_SIGMA:
        raise wrong(name, value, f"a finite number >= 0, and up to {LARGEST_SIGMA:g}")
    if positive and found**2 == 0.0:
        raise wrong(name, value, "a number whose square is > 0")
    return found


def _plain(value: Any) -> Any:
    """An array or tensor without dimensions as the number in it."""
    return value.item() if getattr(value, "shape", None) == () else value


def _real(value: Any) -> float | None:
    """The float that a real number is; None for anything else."""
    try:
        plain = _plain(value)
        if isinstance(plain, Real | Decimal) and not isinstance(plain, bool | np.bool_):
            return float(plain)
    except Exception:  # too large for a float, a tensor without memory, or the value's own code
        pass
    return None


def _inside(value: Any, low: float, high: float, above: bool) -> Any:
    """Whether it is in the range and finite: a bool, or an array of them."""
    return (value > low if above else value >= low) & (value <= high) & (abs(value) < math.inf)


def _range(low: float, high: float, above: bool, what: str) -> str:
    if low == -math.inf and high == math.inf:
        return f"a finite {what}"
    if high == math.inf:
        return f"a finite {what} {'>' if above else '>='} {low:g}"
    return f"a {what} {'above' if above else 'from'} {low:g} to {high:g}"


def _array(name: str, value: Any, allowed: str) -> NDArray[np.float64]:
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        return np.asarray(value, dtype=np.float64)
    try:
        # One by one: NumPy would take None for NaN, and a bool among numbers for 1.
        objects = np.asarray(_listed(value), dtype=object)
    except Exception as error:  # a tensor without memory, or the value's own code
        raise wrong(name, value, allowed) from error
    found = [_real(v) for v in objects.flat]
    if None in found:
        raise wrong(name, objects.flat[found.index(None)], allowed)
    return np.array(found, dtype=np.float64).reshape(objects.shape)


def _listed(value: Any) -> Any:
    """A tensor as lists of numbers."""
    return value.detach().tolist() if hasattr(value, "detach") else value
