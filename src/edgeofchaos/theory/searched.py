"""The variances at which fixed points and edge points of an activation are looked for."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

import numpy as np

from edgeofchaos.activations import Activation
from edgeofchaos.panels import TooFine
from edgeofchaos.theory.arrays import FloatArray
from edgeofchaos.theory.tabulation import doubt, level, tabulation

# log q from 1e-16 to 1e10, 16 a decade.
_LOG_GRID = np.linspace(math.log(1e-16), math.log(1e10), 16 * 26 + 1)
_DECADE = 16  # of its steps
GRID_STEP = float(_LOG_GRID[1] - _LOG_GRID[0])


@dataclass(frozen=True)
class Searched:
    """A range of variances without a gap at which expectations of phi are known.

    Attributes:
        log_q: log q there, 16 a decade; at most from 1e-16 to 1e10.
        below, beyond: why it begins and ends where it does; empty where that is at 1e-16 and 1e10.
    """

    log_q: FloatArray
    below: str
    beyond: str


def searched(phi: Activation) -> Searched:
    """The uppermost such range of a decade or more for phi, or else the longest.

    Raises:
        ValueError: there is none.
    """
    if "searched" not in phi.cache:
        phi.cache["searched"] = _find(phi)
    return phi.cache["searched"]


def log_grid(phi: Activation) -> FloatArray:
    """log q from 1e-16 to 1e10, 16 a decade, as far as expectations of phi are known."""
    return searched(phi).log_q


def _find(phi: Activation) -> Searched:
    for j in range(level(math.exp(_LOG_GRID[0])), level(math.exp(_LOG_GRID[-1])) + 1):
        with contextlib.suppress(TooFine):
            tabulation(phi, j)  # kinks that are found at one level are known at all of them then
    why = [_unknown(phi, q) for q in np.exp(_LOG_GRID).tolist()]
    known = [not reason for reason in why]
    if all(known):
        return Searched(_LOG_GRID, "", "")
    # Runs of known variances begin and end where this changes.
    edges = np.flatnonzero(np.diff([False, *known, False]))
    if not edges.size:
        raise ValueError(
            f"activation {phi.name!r}: expectations are known at no variance, as "
            f"{why[len(why) // 2]}; allowed is a phi that is smooth between its kinks, in float64"
        )
    begins, ends = edges[::2], edges[1::2]
    lengths = ends - begins
    long = np.flatnonzero(lengths >= _DECADE)
    # Far below, phi may be its value at 0 to all digits, which is known and says nothing.
    i = int(long[-1]) if long.size else int(np.argmax(lengths))
    first, last = int(begins[i]), int(ends[i])
    return Searched(
        _LOG_GRID[first:last],
        why[first - 1] if first else "",
        why[last] if last < len(why) else "",
    )


def _unknown(phi: Activation, q: float) -> str:
    """Why expectations at q are not known; empty where they are."""
    try:
        return doubt(phi, tabulation(phi, level(q)), q)
    except TooFine as error:
        return str(error)


def largest_variance(phi: Activation) -> float:
    """The variance up to which expectations of phi are known; infinite where all are to 1e10."""
    found = searched(phi)
    return math.exp(found.log_q[-1]) if found.beyond else math.inf
