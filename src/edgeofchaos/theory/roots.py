"""Roots and extrema of functions of one variable."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from edgeofchaos.theory.arrays import FloatArray, ScalarFunction

ROOT_TOLERANCE = 1e-14  # on log x


def bracketed_root(function: ScalarFunction, low: float, high: float) -> float:
    """A root of ``function`` in [low, high] by Brent's method, to 1e-14 absolute.

    Where rounding has given both ends the same sign, the end nearer to 0 is the root.
    """
    at_low, at_high = function(low), function(high)
    if at_low * at_high >= 0:
        return low if abs(at_low) <= abs(at_high) else high
    return brentq(function, low, high, xtol=ROOT_TOLERANCE, rtol=1e-15)


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


def with_points(
    t: FloatArray, values: FloatArray, points: list[tuple[float, float]]
) -> tuple[FloatArray, FloatArray]:
    """A grid and the values on it with more points (place, value) put in, in the order of t."""
    places, added = np.array(points, dtype=np.float64).reshape(-1, 2).T
    every = np.concatenate([t, places])
    order = np.argsort(every)
    return every[order], np.concatenate([values, added])[order]
