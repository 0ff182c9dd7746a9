"""Intervals for means and medians of independent draws, and slopes fitted draw by draw.

All simulated claims are judged on Student intervals of one level, ``LEVEL``; those on trained nets
on medians.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom
from scipy.stats import t as student

# The probability that one interval misses the true mean, both sides together, where the mean of the
# draws is normal; for means of squares it is an approximation, and misses more often. The report of
# the default scale reads about 630 intervals, so that the probability that any of them misses, at
# most the sum, would be below 1 in 1500. Larger scales read more.
LEVEL = 1e-6


@dataclass(frozen=True)
class Interval:
    """The interval from mean - half to mean + half, from ``draws`` independent values."""

    mean: float
    half: float
    draws: int


def interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """Student's interval for the mean of independent values.

    Args:
        values: n >= 2 of them, in one row.
        level: the probability, for normal values, that the interval does not cover their mean,
            half of it on either side: 0.1 gives what is commonly called a 90 % interval.

    Returns:
        The values' mean, and as half width the quantile 1 - level/2 of Student's t with n - 1
        degrees of freedom, times the standard error of the mean.

    Raises:
        ValueError: fewer than 2 values, or more than one row.

    Example:
        ``interval([1.0, 2.0, 3.0], level=0.1)`` has mean 2 and half width 2.92 / sqrt(3).
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"values of shape {values.shape}; allowed are 2 or more in one row")
    error = values.std(ddof=1) / np.sqrt(values.size)
    quantile = student.ppf(1 - level / 2, values.size - 1)
    return Interval(float(values.mean()), float(quantile * error), values.size)


def median_bounds(values: ArrayLike, level: float) -> tuple[float, float]:
    """The interval for the median of a law from independent draws of it, by order statistics.

    Args:
        values: the draws.
        level: the most that the probability may be that the median lies below the interval, and
            the same for above it: 0.05 gives what is commonly called a 90 % interval.

    Returns:
        The k-th least and the k-th largest value, k the largest with P(Bin(n, 1/2) < k) <= level;
        without ends, minus and plus infinity, where there are too few values for any k. It holds
        for every law, with atoms too.

    Example:
        ``median_bounds([3.0, 1.0, 2.0, 5.0, 4.0], 0.05)`` is (1.0, 5.0): 2^-5 is below 0.05.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    count = len(ordered)
    k = int(np.searchsorted(binom.cdf(np.arange(count + 1), count, 0.5), level, side="right"))
    if k == 0:
        return -math.inf, math.inf
    return float(ordered[k - 1]), float(ordered[count - k])


def log_slopes(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Least-squares slope of log y against log x for each row of y: the exponent of a power law.

    Args:
        x: (points,), positive.
        y: (draws, points), not negative. A zero, to which 1 - c can round, counts as the smallest
            normal float.

    Returns:
        (draws,), as :func:`slopes`.
    """
    y = np.maximum(y, np.finfo(float).tiny)
    return slopes(np.log(np.asarray(x, dtype=float)), np.log(y))


def slopes(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Least-squares slope of y against x for each row of y.

    Args:
        x: (points,).
        y: (draws, points).

    Returns:
        (draws,); NaN where there are fewer than 3 points, through which a line says nothing.
    """
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(across) < 3:
        return np.full(len(up), np.nan)
    across = across - np.mean(across)
    return up @ across / (across @ across)
