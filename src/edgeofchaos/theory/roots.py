"""Roots and extrema of functions of one variable."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import gt, lt

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from edgeofchaos.theory.arrays import FloatArray, ScalarFunction

ROOT_TOLERANCE = 1e-14  # on log x
_SECANTS = 8  # steps that are tried
_FORESEEN = 1e-15  # the step that would follow, which need not be made
_STEADY = 0.1  # parts of the step before, below which steps go on shrinking
_ROUNDING = 1e-12  # of a function's size there, which is no lower value


def bracketed_root(function: ScalarFunction, low: float, high: float) -> float:
    """A root of ``function`` in [low, high] by Brent's method, to 1e-14 absolute.

    Where rounding has given both ends the same sign, the end nearer to 0 is the root.
    """
    at_low, at_high = function(low), function(high)
    if at_low == 0 or at_high == 0 or (at_low > 0) == (at_high > 0):
        return low if abs(at_low) <= abs(at_high) else high
    return brentq(function, low, high, xtol=ROOT_TOLERANCE, rtol=1e-15)


class InverseFunction:
    """The inverse of a function between points of a grid, as a polynomial in its value.

    By Newton's divided differences. It is a place to start from, and has no bound on its error.

    Args:
        t: points that increase.
        values: of the function there.

    Example:
        >>> InverseFunction([1.0, 2.0], [-1.0, 3.0])(0.0)
        (1.25, 0.25)
    """

    def __init__(self, t: Sequence[float], values: Sequence[float]) -> None:
        self._last = math.nan
        self._terms: list[tuple[float, float]] = []
        if not (all(map(lt, values, values[1:])) or all(map(gt, values, values[1:]))):
            return
        differences = list(t)
        for k in range(1, len(t)):
            self._terms.insert(0, (differences[0], values[k - 1]))
            differences = [
                (b - a) / (values[i + k] - values[i])
                for i, (a, b) in enumerate(pairwise(differences))
            ]
        (self._last,) = differences

    def __call__(self, value: float) -> tuple[float, float]:
        """Where the function has this value, and by how much that moves with the value.

        The place is NaN where the function neither rises nor falls throughout.
        """
        place, slope = self._last, 0.0
        for c, at in self._terms:
            place, slope = c + (value - at) * place, place + (value - at) * slope
        return place, slope


def secant_root(
    function: ScalarFunction,
    ends: tuple[float, float],
    values: tuple[float, float],
    guess: tuple[float, float],
) -> float:
    """A root of a smooth function between two points, to 1e-14 absolute.

    By secants, which need fewer values than Brent's method where the function is nearly straight. A
    step that shrinks by a factor, after one that did, is followed by one that shrinks by more, so
    the next is foreseen. Where they leave the bracket or take long, Brent's method takes over.

    Args:
        function: of a point.
        ends: the two points, the lower first.
        values: of the function there, of which one is <= 0 and the other >= 0. They may differ
            from what the function returns there by rounding.
        guess: where the root may be and 1 over the slope there, as :class:`InverseFunction` gives
            them at 0; it is not used unless it lies between the two points.

    Example:
        >>> ends, values = (1.0, 2.0), (-1.0, 2.0)
        >>> guess = InverseFunction(ends, values)(0.0)
        >>> round(secant_root(lambda t: t * t - 2.0, ends, values, guess), 12)
        1.414213562373
    """
    (low, high), (at_low, at_high) = ends, values
    if at_low == 0.0 or at_high == 0.0:
        return low if at_low == 0.0 else high
    before, at_before, now, at_now, shrunk = low, at_low, high, at_high, 1.0
    start, slope = guess
    if low < start < high:
        at_start = function(start)
        corrected = start - at_start * slope
        if low < corrected < high and corrected != start:
            shrunk = abs(corrected - start) / (high - low)
            before, at_before, now, at_now = start, at_start, corrected, function(corrected)
    for _ in range(_SECANTS):
        if at_now == at_before:
            break
        step = at_now * (now - before) / (at_before - at_now)
        shrunk_before, shrunk = shrunk, abs(step / (now - before))
        before, at_before, now = now, at_now, now + step
        if not low <= now <= high or now == before:
            break
        if abs(step) * shrunk <= _FORESEEN and max(shrunk, shrunk_before) < _STEADY:
            return now
        at_now = function(now)
        if at_now == 0.0:
            return now
        if (at_now > 0) == (at_low > 0):
            low = now
        else:
            high = now
    return bracketed_root(function, low, high)


def extremum(
    function: ScalarFunction, low: float, high: float, sign: float = 1.0
) -> tuple[float, float]:
    """Where sign * function is largest in [low, high], to 1e-10 absolute, and the function there.

    For a function with one such extremum; ``sign`` is -1 for a minimum. By bounded minimisation
    (Brent), so that the place is found to about the square root of the function's rounding.

    Example:
        >>> at, value = extremum(lambda t: 1.0 - (t - 0.5) ** 2, 0.0, 2.0)
        >>> round(at, 6), value
        (0.5, 1.0)
    """
    best = minimize_scalar(
        lambda t: -sign * function(t), bounds=(low, high), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    return float(best.x), -sign * float(best.fun)


def least_value(
    function: Callable[[float], FloatArray], t: FloatArray, values: FloatArray
) -> tuple[float, float]:
    """The least value of a function, given ``values`` on the grid t, and where: (place, value).

    Beside points that are lower than their neighbours the function is followed between the grid's
    points, where twice the parabola through the three would take it lower than all others.

    Example:
        >>> t = np.arange(4.0)
        >>> at, value = least_value(lambda x: np.cos(x), t, np.cos(t))
        >>> round(at, 6), value
        (3.0, -0.9899924966004454)
        >>> at, value = least_value(lambda x: (x - 1.4) ** 2, t, (t - 1.4) ** 2)
        >>> round(at, 6), round(value, 12)
        (1.4, 0.0)
    """
    i = int(np.argmin(values))
    place, least = float(t[i]), float(values[i])
    left, middle, right = values[:-2], values[1:-1], values[2:]
    lowest = middle - 2 * (left + right - 2 * middle)
    for j in np.flatnonzero((middle <= left) & (middle <= right)) + 1:
        if lowest[j - 1] < least:
            at, value = extremum(lambda x: float(function(x)), t[j - 1], t[j + 1], -1.0)
            if value < least - _ROUNDING * float(np.abs(values[j - 1 : j + 2]).max()):
                place, least = at, value
    return place, least


def with_points(
    t: FloatArray, values: FloatArray, points: list[tuple[float, float]]
) -> tuple[FloatArray, FloatArray]:
    """A grid and the values on it with more points (place, value) put in, in the order of t."""
    places, added = np.array(points, dtype=np.float64).reshape(-1, 2).T
    every = np.concatenate([t, places])
    order = np.argsort(every)
    return every[order], np.concatenate([values, added])[order]
