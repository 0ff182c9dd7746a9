"""Intervals for means and medians, slopes fitted draw by draw, effects of finite width.

Simulated numbers are compared with their limit on a logarithmic scale. There a net is a sum over
its layers of many small parts, so that draws are close to normal and Student's interval holds.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binom, chi2
from scipy.stats import t as student

# 1 - c below this is not compared with the recursion's: its digits are lost.
RESOLVED = 1e-14
# The largest variance over draws of the log of a quantity at which nets stand for the limit of
# infinite width: beyond it what is of second order in their scatter is not small. An estimate.
MOST_SCATTER = 0.25


def mean_and_error(values: ArrayLike) -> tuple[float, float]:
    """The mean of independent values and its standard error.

    Raises:
        ValueError: fewer than 2 values, or more than one row.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"values of shape {values.shape}; allowed are 2 or more in one row")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))


def half_width(error: ArrayLike, draws: ArrayLike, level: float) -> NDArray[np.float64]:
    """Half of Student's interval, from the standard error of a mean and its number of draws."""
    quantile = student.isf(level / 2, np.asarray(draws) - 1)
    return np.asarray(quantile * np.asarray(error, dtype=float))


def log_square_half(draws: ArrayLike, level: float) -> NDArray[np.float64]:
    """The longer half of the interval for the log of a mean of squares of normal values.

    With n draws the mean of squares over its expectation is chi^2_n/n where their mean is 0, and
    scatters less where it is not. One degree of freedom is left out, for a mean taken off.
    """
    free = np.asarray(draws, dtype=float) - 1
    return np.maximum(
        np.log(chi2.isf(level / 2, free) / free), -np.log(chi2.ppf(level / 2, free) / free)
    )


def log_gaps(simulated: ArrayLike, expected: ArrayLike) -> NDArray[np.float64]:
    """log of simulated over expected; NaN where the one is not positive or the other too small."""
    simulated, expected = np.broadcast_arrays(np.asarray(simulated), np.asarray(expected))
    known = (simulated > 0) & (expected > RESOLVED)
    out = np.full(known.shape, np.nan)
    np.log(np.divide(simulated, expected, out=out, where=known), out=out, where=known)
    return out


def finite_width(logs: NDArray[Any]) -> NDArray[np.float64]:
    """An estimate of how far finite width takes the mean of log gaps from 0, layer by layer.

    A gap is unbiased to first order in the noise of the units, so that its mean is of second:
    about half of the variance over draws, which is what a mean of 1 gives a log-normal gap. The
    estimate is twice that, the largest variance so far, and infinite above ``MOST_SCATTER``.

    Args:
        logs: (draws, layers), as from :func:`log_gaps`.

    Returns:
        (layers,)
    """
    scatter = np.maximum.accumulate(logs.var(0, ddof=1))
    return np.where(scatter <= MOST_SCATTER, scatter, np.inf)


def clopper_pearson(successes: int, count: int, level: float) -> tuple[float, float]:
    """The exact interval for a probability, of which each tail has half of ``level``.

    Example:
        >>> [round(end, 4) for end in clopper_pearson(9, 10, level=0.05)]
        [0.555, 0.9975]
    """
    low = beta.ppf(level / 2, successes, count - successes + 1) if successes > 0 else 0.0
    high = beta.isf(level / 2, successes + 1, count - successes) if successes < count else 1.0
    return float(low), float(high)


def quantile_bounds(
    values: ArrayLike, level: float, probability: float = 0.5
) -> tuple[float, float]:
    """The interval for a quantile of a law from independent draws of it, by order statistics.

    Args:
        values: the draws.
        level: the most that the probability may be that the quantile lies below the interval, and
            the same for above it: 0.05 gives what is commonly called a 90 % interval.
        probability: of a draw that does not exceed the quantile; 0.5 is the median.

    Returns:
        The j-th and the k-th least value, j the largest with P(Bin(n, p) < j) <= level and k the
        least with P(Bin(n, p) >= k) <= level; without ends, minus and plus infinity, where there
        are too few values for them. It holds for every law, with atoms too.

    Example:
        ``quantile_bounds([3.0, 1.0, 2.0, 5.0, 4.0], 0.05)`` is (1.0, 5.0): 2^-5 is below 0.05.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    count = len(ordered)
    known = np.concatenate([[-math.inf], ordered, [math.inf]])
    fewer = binom.cdf(np.arange(-1, count + 1), count, probability)  # P(Bin < 0), ..., P(Bin < n+1)
    more = binom.sf(np.arange(-1, count + 1), count, probability)  # P(Bin >= 0), ...
    low = int(np.searchsorted(fewer, level, side="right")) - 1
    high = int(np.argmax(more <= level))
    return float(known[low]), float(known[high])


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
