"""The inputs that a recommendation is for: how they start a net."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgeofchaos.arguments import numbers, wrong
from edgeofchaos.practice.kernel_inputs import first_layer
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.edge import EdgePoint

_MOST_ROWS = 400  # whose pairs are looked at
_STARTS = 16  # variances that stand for all


@dataclass(frozen=True)
class Given:
    """Inputs, scaled as a whole so that a row of their mean square starts at q.

    Attributes:
        rows: up to 400 of the rows, at mean square 1; None for two orthogonal inputs.
        squares: the mean square over coordinates of rows at evenly spaced quantiles, of mean 1.
    """

    rows: FloatArray | None
    squares: FloatArray

    def starts(self, point: EdgePoint) -> FloatArray:
        """Variances at layer 1."""
        q = point.start_variance
        return point.sigma_b**2 + (q - point.sigma_b**2) * self.squares

    def gammas(self, point: EdgePoint) -> FloatArray:
        """1 - c^1 of pairs of different rows, in order."""
        if self.rows is None:
            return np.ones(1)
        sigma = math.sqrt(max(point.start_variance - point.sigma_b**2, 0.0))
        gamma = first_layer(self.rows, self.rows, point.sigma_b, sigma).gamma
        return np.sort(gamma[np.triu_indices(len(self.rows), 1)])


def mean_square(name: str, inputs: Any) -> tuple[FloatArray, float]:
    """Inputs as rows of floats, (n, d), and the mean over rows of ||a||^2/d.

    Raises:
        ValueError: they are no finite numbers, one row an input, or all 0.
    """
    if getattr(inputs, "is_floating_point", bool)() and not inputs.is_meta:
        inputs = inputs.detach().cpu().double().numpy()  # at once, where it is a tensor
    rows = numbers(name, inputs)
    if rows.ndim < 2 or not rows.size:
        raise ValueError(
            f"{name} of shape {rows.shape}; allowed are numbers with one row an input, (n, d)"
        )
    rows = rows.reshape(rows.shape[0], -1)
    largest = float(np.abs(rows).max())
    with np.errstate(over="ignore", under="ignore"):
        size = float(((rows / largest) ** 2).mean() * largest * largest) if largest > 0 else 0.0
    if not 0.0 < size < math.inf:
        raise ValueError(f"{name}: their mean square is {size:g}; allowed is one above 0, finite")
    return rows, size


def given(inputs: Any) -> Given:
    """The :class:`Given` of the argument ``inputs``.

    Raises:
        ValueError: as :func:`mean_square`, or there are fewer than two rows, or they are alike.
    """
    if inputs is None:
        return Given(None, np.ones(1))
    rows, size = mean_square("inputs", inputs)
    if len(rows) < 2:
        raise wrong("inputs", inputs, "two or more rows, whose correlations can be taken")
    rows = rows / math.sqrt(size)
    squares = (rows**2).mean(1)
    if len(rows) > _MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_ROWS).round().astype(int)]
    same = np.ptp(squares) <= 1e-9
    quantiles = (np.arange(_STARTS) + 0.5) / _STARTS
    found = Given(rows, np.ones(1) if same else np.quantile(squares, quantiles))
    gammas = first_layer(rows, rows, 0.0, 1.0).gamma[np.triu_indices(len(rows), 1)]
    if not np.median(gammas) > 0:
        raise ValueError("inputs: more than half of the pairs of rows are alike, 1 - c = 0")
    return found
