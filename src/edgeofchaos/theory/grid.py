"""Expectations at each variance of the grid that phi is searched on, and where they rise or fall.

All are kept with phi, and computed as far as they are asked for.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from edgeofchaos.activations import Activation
from edgeofchaos.theory import gaussian
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.log_moments import Jets, least_rise, square_over_x
from edgeofchaos.theory.searched import GRID_STEP, log_grid


def grid_moments(phi: Activation, row: int) -> FloatArray:
    """The moment ``row`` (MEAN, SECOND, ... of gaussian) at each q of the grid, kept with phi."""
    if "grid_moments" not in phi.cache:
        # All of them at once: the density of N(0, q) at the nodes is what takes the time.
        q = np.exp(log_grid(phi))
        phi.cache["grid_moments"] = gaussian.moments(phi, q, range(gaussian.ROWS))
    return phi.cache["grid_moments"][row]


def square_jets(phi: Activation, begin: int = 0, up_to: float = math.inf) -> Jets:
    """E[phi^2]/x on the grid past ``up_to``, derivatives and bounds on them, kept with phi.

    From the point ``begin`` of the grid on.
    """
    jets = _square_jets(phi)
    past = int(jets.t.searchsorted(math.log(up_to))) + 1 if up_to < math.inf else jets.t.size
    past = min(past, jets.t.size)
    return jets.part(begin, past) if begin else jets.up_to(past)


def _square_jets(phi: Activation) -> Jets:
    """Those on the whole grid, of which some may have been computed."""
    if "square_jets" not in phi.cache:
        phi.cache["square_jets"] = Jets(square_over_x(phi), log_grid(phi))
    return phi.cache["square_jets"]


def variance_may_fall(phi: Activation) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The grid of log x, and in which of its cells F may fall other than by rounding."""
    if "falls" not in phi.cache:
        jets = square_jets(phi)
        phi.cache["falls"] = jets.t, -least_rise(jets) > 1e-12 * jets.at[0, 1:]
    return phi.cache["falls"]


def ratio_falls(phi: Activation, low: float, high: float) -> bool:
    """Whether E[phi^2]/x is known to fall on all of [low, high], for 0 < low <= high.

    Asked of the cells of the grid, each once: the derivative by log x there lies between its values
    at the ends, give or take step^2/8 times the bound on the third (:mod:`.log_moments`).
    """
    kept = phi.cache.get("ratio_falls")
    if kept is None:
        grid = log_grid(phi).tolist()
        nothing: list[bool | None] = [None] * (len(grid) - 1)
        kept = phi.cache["ratio_falls"] = grid, nothing
    grid, falls = kept
    first, last = bisect_right(grid, math.log(low)) - 1, bisect_left(grid, math.log(high))
    if first < 0 or last >= len(grid):
        return False
    for cell in range(last - 1, first - 1, -1):
        if falls[cell] is None:
            falls[cell] = _falls_in(phi, cell)
        if not falls[cell]:
            return False
    return True


def _falls_in(phi: Activation, cell: int) -> bool:
    jets = _square_jets(phi).part(cell, cell + 2)
    slack = GRID_STEP**2 / 8 * jets.bounds[3, 0]
    return bool(jets.at[1].max() + slack < -1e-12 * jets.at[0].max())
