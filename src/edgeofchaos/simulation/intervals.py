"""Intervals for means over independent draws.

All simulated claims are judged on Student intervals at one level, so small that the union bound
over every interval of a report stays below 1 in 1000: see LEVEL.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

# Chance that one interval misses its mean. A report reads fewer than 500 of them, so that the
# chance that any misses, and so that a true claim is refuted by chance, is below 1 in 2000.
LEVEL = 1e-6


@dataclass(frozen=True)
class Interval:
    """mean +- half at LEVEL, from ``draws`` independent values."""

    mean: float
    half: float
    draws: int


def interval(values, level: float = LEVEL) -> Interval:
    """Student's interval for the mean of independent values.

    Raises:
        ValueError: fewer than 2 values.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"values of shape {values.shape}; allowed are 2 or more in one row")
    spread = values.std(ddof=1) / np.sqrt(values.size)
    quantile = student.ppf(1 - level / 2, values.size - 1)
    return Interval(float(values.mean()), float(quantile * spread), values.size)


def log_slopes(x, y) -> np.ndarray:
    """Least-squares slope of log y against log x for each row of y (draws, points).

    y = 0, which 1 - c can round to, counts as the smallest positive number.
    """
    y = np.maximum(y, np.finfo(float).tiny)
    return slopes(np.log(np.asarray(x, dtype=float)), np.log(y))


def slopes(x, y) -> np.ndarray:
    """Least-squares slope of y against x for each row of y (draws, points); NaN for under 3."""
    if len(x) < 3:
        return np.full(len(y), np.nan)
    x = np.asarray(x, dtype=float) - np.mean(x)
    return np.asarray(y, dtype=float) @ x / (x @ x)
